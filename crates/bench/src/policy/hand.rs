//! The same policy written by hand: constants, integers of 64 bits, no allocation. It knows what the generator can make
//! (amounts above zero, paid premiums or arrears), and nothing else of an edition.

use model::{Amounts, Fund, PersonStatus, Premium, Servant, VisitKind};
use money::Money;
use policy::{Accumulators, Counter, LayerName, Line, Person, Track, Visit};

use super::lines::sum;
use super::tables::{
    BAND_ENDS, LARGE_END, LARGE_RATE, OUTPATIENT_CEILING, OUTPATIENT_DEDUCTIBLE, OUTPATIENT_RATE,
    SERVANT_RATE, STAY_CEILING, STAY_DEDUCTIBLE, STAY_RATE,
};
use super::teller::{Payer, Piece, Sums, Teller};
use super::units::{FEN, exact, fen, of, share, whole_of};

/// The counters this policy reads, in units.
#[derive(Debug, Clone, Copy)]
pub struct Year {
    pub outpatient_deductible: i64,
    pub outpatient_paid: i64,
    pub stay_entered: i64,
    pub stay_paid: i64,
    pub large_entered: i64,
}

impl From<&Accumulators> for Year {
    fn from(year: &Accumulators) -> Self {
        let get = |counter| of(year.get(counter));
        Self {
            outpatient_deductible: get(Counter::Deductible(Track::Outpatient)),
            outpatient_paid: get(Counter::Paid(Track::Outpatient)),
            stay_entered: get(Counter::Entered(Track::Inpatient)),
            stay_paid: get(Counter::Paid(Track::Inpatient)),
            large_entered: get(Counter::LayerEntered(LayerName::LargeAmount)),
        }
    }
}

/// What a bill adds to the counters of the year, in units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Change {
    pub stay: bool,
    pub deductible: i64,
    pub entered: i64,
    pub paid: i64,
    pub self_pay: i64,
    pub large: [i64; 2],
    pub servant: [i64; 2],
    pub account: i64,
}

impl Change {
    /// The same as the year keeps it.
    pub fn counters(&self) -> Accumulators {
        let mut change = Accumulators::default();
        let track = if self.stay { Track::Inpatient } else { Track::Outpatient };
        if self.stay {
            change.count_one(Counter::Admissions);
        }
        for (counter, amount) in [
            (Counter::Deductible(track), self.deductible),
            (Counter::Entered(track), self.entered),
            (Counter::Paid(track), self.paid),
            (Counter::SelfPay, self.self_pay),
            (Counter::LayerEntered(LayerName::LargeAmount), self.large[0]),
            (Counter::LayerPaid(LayerName::LargeAmount), self.large[1]),
            (Counter::LayerEntered(LayerName::CivilServant), self.servant[0]),
            (Counter::LayerPaid(LayerName::CivilServant), self.servant[1]),
            (Counter::Account, self.account),
        ] {
            change.add(counter, exact(amount));
        }
        change
    }
}

/// What cost above the deductible comes to.
struct Paid {
    entered: i64,
    paid: i64,
    over: i64,
}

/// Settles one bill, and tells each step.
pub fn settle<T: Teller>(
    person: &Person,
    visit: &Visit,
    lines: &[Line],
    year: &Year,
    teller: &mut T,
) -> (Amounts, Change) {
    let sums = sum::<T>(lines);
    teller.lines(lines.len(), &sums);
    let eligible = sums.total - sums.out_of_scope - sums.over_limit - sums.first_self_pay;
    teller.eligible(&sums, eligible);
    let mut change = Change { stay: visit.kind == VisitKind::Inpatient, ..Change::default() };
    let mut amounts = Amounts {
        total: Money::from_fen(sums.total),
        out_of_scope: Money::from_fen(sums.out_of_scope),
        over_price_limit: Money::from_fen(sums.over_limit),
        prior_self_pay: Money::from_fen(sums.first_self_pay),
        eligible: Money::from_fen(eligible),
        ..Amounts::default()
    };
    let mut left = eligible * FEN;
    let mut cash = sums.total;
    if person.premium == Premium::Arrears {
        teller.arrears();
    } else {
        left = pay_funds(person, visit, year, left, &mut change, teller);
        amounts.deductible_paid = Money::from_fen(change.deductible / FEN);
        for (fund, payer, paid) in [
            (Fund::Pooled, if change.stay { Payer::Stay } else { Payer::Outpatient }, change.paid),
            (Fund::MajorMedical, Payer::Large, change.large[1]),
            (Fund::CivilServant, Payer::Servant, change.servant[1]),
        ] {
            let whole = fen(paid).min(cash);
            if T::LISTENS && whole * FEN != paid {
                teller.rounded(payer, whole * FEN - paid);
            }
            amounts.funds[fund as usize] = Money::from_fen(whole);
            cash -= whole;
        }
    }
    let funds = sums.total - cash;
    let account = pay_account(person, &sums, left, cash, teller);
    teller.cash([sums.total, funds, account], cash - account);
    change.account = account * FEN;
    amounts.personal_account = Money::from_fen(account);
    amounts.cash = Money::from_fen(cash - account);
    (amounts, change)
}

/// Pays from all funds and counts; what is left of in-scope cost.
fn pay_funds<T: Teller>(
    person: &Person,
    visit: &Visit,
    year: &Year,
    eligible: i64,
    change: &mut Change,
    teller: &mut T,
) -> i64 {
    let status = usize::from(person.status == PersonStatus::Retired);
    let level = usize::from(visit.level.get()) - 1;
    let paid = if change.stay {
        let admission = usize::from(visit.admission.min(3)) - 1;
        pay_stay([status, level, admission], year, eligible, change, teller)
    } else {
        pay_outpatient([status, level], year, eligible, change, teller)
    };
    (change.entered, change.paid) = (paid.entered, paid.paid);
    let mut left = eligible - paid.paid;
    change.self_pay = left;
    if change.stay && paid.over > 0 {
        let entered = year.large_entered;
        let ends = [LARGE_END, i64::MAX];
        let rates = [LARGE_RATE[status][level], 0];
        let large = pay_bands(Payer::Large, &ends, &rates, entered, paid.over, i64::MAX, teller);
        change.large = [paid.over, large.paid];
        left -= large.paid;
    }
    if person.servant != Servant::None && left > 0 {
        let paid = left - share(left, 10_000 - SERVANT_RATE);
        teller.piece(Payer::Servant, &Piece { from: 0, to: None, cost: left, rate: SERVANT_RATE, paid });
        change.servant = [left, paid];
        left -= paid;
    }
    left
}

fn pay_stay<T: Teller>(
    [status, level, admission]: [usize; 3],
    year: &Year,
    eligible: i64,
    change: &mut Change,
    teller: &mut T,
) -> Paid {
    let used = year.stay_paid;
    let room = (STAY_CEILING * FEN - used).max(0);
    if room > 0 {
        let line = STAY_DEDUCTIBLE[status][level][admission] * FEN;
        change.deductible = line.min(eligible);
        if change.deductible > 0 {
            teller.stay_deductible(line, change.deductible);
        }
    }
    let entered = year.stay_entered;
    let cost = eligible - change.deductible;
    let ends = [BAND_ENDS[0], BAND_ENDS[1], i64::MAX];
    let paid = pay_bands(Payer::Stay, &ends, &STAY_RATE[status][level], entered, cost, room, teller);
    if paid.over > 0 {
        teller.over_ceiling(Payer::Stay, STAY_CEILING * FEN, used, paid.over);
    }
    paid
}

fn pay_outpatient<T: Teller>(
    [status, level]: [usize; 2],
    year: &Year,
    eligible: i64,
    change: &mut Change,
    teller: &mut T,
) -> Paid {
    let used = year.outpatient_paid;
    let ceiling = OUTPATIENT_CEILING[status] * FEN;
    let room = (ceiling - used).max(0);
    if room > 0 {
        let line = OUTPATIENT_DEDUCTIBLE[level] * FEN;
        let before = year.outpatient_deductible;
        change.deductible = (line - before).max(0).min(eligible);
        if change.deductible > 0 {
            teller.year_deductible(line, before, change.deductible);
        }
    }
    let cost = eligible - change.deductible;
    let paid =
        pay_bands(Payer::Outpatient, &[i64::MAX], &[OUTPATIENT_RATE[status][level]], 0, cost, room, teller);
    if paid.over > 0 {
        teller.over_ceiling(Payer::Outpatient, ceiling, used, paid.over);
    }
    paid
}

/// Bands one after the other, until there is no cost or no room: where the payment is cut, the cost that yields it.
#[inline]
fn pay_bands<T: Teller, const BANDS: usize>(
    payer: Payer,
    ends: &[i64; BANDS],
    rates: &[i64; BANDS],
    entered_before: i64,
    cost: i64,
    mut room: i64,
    teller: &mut T,
) -> Paid {
    let (mut at, mut left, mut paid, mut from) = (entered_before, cost, 0, 0);
    for (end, rate) in ends.iter().zip(rates) {
        let open = *end == i64::MAX;
        let width = if open { left } else { (end * FEN - at).max(0).min(left) };
        if width > 0 {
            let full = width - share(width, 10_000 - rate);
            let (cost, pays) =
                if full > room { (whole_of(room, *rate).min(width), room) } else { (width, full) };
            if cost > 0 {
                let to = (!open).then_some(*end);
                teller.piece(payer, &Piece { from, to, cost, rate: *rate, paid: pays });
            }
            paid += pays;
            at += cost;
            left -= cost;
            room -= pays;
            if cost < width {
                break;
            }
        }
        from = *end;
    }
    Paid { entered: cost - left, paid, over: left }
}

/// What the account pays, in fen, of in-scope cost that is left.
fn pay_account<T: Teller>(person: &Person, sums: &Sums, left: i64, cash: i64, teller: &mut T) -> i64 {
    if !person.uses_account || sums.first_self_pay * FEN + left == 0 {
        return 0;
    }
    let payable = (cash - sums.out_of_scope - sums.over_limit).max(0);
    let held = person.account.fen();
    let paid = payable.min(held.max(0));
    if paid > 0 {
        teller.account(payable, held, paid);
    }
    paid
}
