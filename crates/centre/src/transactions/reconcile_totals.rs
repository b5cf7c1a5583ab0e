//! 3201: Compares a hospital's sums with the books. A day that is over and equal is agreed on: what was settled on it is no
//! longer taken back as if it had never been sent.

use model::RegisterKind;
use money::Money;
use store::{
    Needs, OffsiteOf, OffsiteRow, RegisterRow, Registers, Sealer, TotalRow, TotalsOf, details_key,
    reconciled_key,
};
use wire::transactions::{ReconcileTotals, Sums, TotalsReconciled};
use wire::{Both, Node, Profile, Refusal};

use super::reconcile_details::unexplained;
use crate::abroad;
use crate::decide::{Context, Decision, Moment};
use crate::kept::STANDS;
use crate::state::State;
use crate::words;

pub(crate) fn needs(request: &ReconcileTotals, needs: &mut Needs, _: &Sealer) {
    needs.totals = Some(totals_of(request));
    // Whose people they are is known where it is decided.
    let of = totals_of(request);
    needs.offsite = Some(OffsiteOf::Days(of.from, of.to));
    let keys = [false, true]
        .into_iter()
        .flat_map(|elsewhere| details(request, elsewhere).into_iter().chain([key_of(request, elsewhere)]));
    let keys = keys.collect();
    needs.registers.push(Registers::Keys(RegisterKind::ReconciledDay, keys));
}

/// Where it is registered that the sums of the day are agreed on.
fn key_of(request: &ReconcileTotals, elsewhere: bool) -> String {
    let kind = abroad::kind_at(&request.clearing_kind, &request.division, elsewhere);
    reconciled_key(request.days.0, request.insurance_kind, &kind)
}

/// Settlements of another city's people, as rows of sums.
fn totals_elsewhere(request: &ReconcileTotals, context: &Context<'_>, state: &State) -> Vec<TotalRow> {
    let of = totals_of(request);
    let own = |row: &&OffsiteRow| {
        row.counted
            && row.hospital == context.hospital.id()
            && (row.insurance_kind, &row.clearing_kind) == (of.insurance_kind, &of.clearing_kind)
            && (of.from..=of.to).contains(&row.decided)
            && abroad::city_of(&row.division) == abroad::city_of(&request.division)
    };
    let rows: Vec<&OffsiteRow> = state.offsite().iter().map(|(row, _)| row).filter(own).collect();
    let voided = |row: &OffsiteRow| rows.iter().any(|other| other.undoes == Some(row.settlement));
    let total = |row: &&OffsiteRow| TotalRow {
        refund: row.undoes.is_some(),
        stands: row.undoes.is_none() && !voided(row),
        count: 1,
        total: row.total,
        funds: row.funds,
        account: row.account,
    };
    rows.iter().map(total).collect()
}

/// Where it is registered what the rows of the day came to.
fn details(request: &ReconcileTotals, elsewhere: bool) -> [String; 2] {
    let of = |kind| details_key(request.days.0, &abroad::kind_at(kind, &request.division, elsewhere));
    ["", &request.clearing_kind].map(of)
}

pub(crate) fn decide(
    request: &ReconcileTotals,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let elsewhere = at.is_elsewhere(&request.division)?;
    let rows = if elsewhere {
        totals_elsewhere(request, context, state)
    } else {
        state.totals(context.hospital.id(), &totals_of(request))
    };
    let way = Way::of(request, &context.hospital.profile);
    let ours = sums(&rows, way);
    let equal = ours == request.sums;
    if equal {
        check_explained(request, elsewhere, context, state)?;
    }
    let told = if equal { words::SUMS_EQUAL } else { differs(request, ours, way, &rows) };
    if equal && !state.uncounted(context.hospital.id()) {
        agree(request, &key_of(request, elsewhere), way, ours, context, state, at);
    }
    let (from, to) = request.days;
    let output = TotalsReconciled {
        asked: request.clone(),
        equal,
        told: told.told(context.hospital.profile.language).into(),
    };
    let object = format!("days {from} to {to} {} {}", request.insurance_kind, request.clearing_kind);
    Ok(Decision { object, ..Decision::answer(output) })
}

/// Sums may be equal where rows are not: a day with rows that nobody can explain is not closed.
fn check_explained(
    request: &ReconcileTotals,
    elsewhere: bool,
    context: &Context<'_>,
    state: &State,
) -> Result<(), Refusal> {
    let keys = details(request, elsewhere);
    let mut kept = state.registered(context.hospital.id(), RegisterKind::ReconciledDay);
    let open = kept.find_map(|row| unexplained(row).filter(|_| keys.contains(&row.key)).map(str::to_owned));
    let date = request.days.0.to_string();
    open.map_or(Ok(()), |count| Err(Refusal::DayNotExplained { date, count }))
}

fn totals_of(request: &ReconcileTotals) -> TotalsOf {
    let (from, to) = request.days;
    TotalsOf {
        insurance_kind: request.insurance_kind,
        clearing_kind: request.clearing_kind.clone(),
        from: from.at(0, 0, 0, 0),
        to: to.at(23, 59, 59, 999_000_000),
    }
}

/// Which settlements are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counted {
    /// Refunds too, as settlements below nothing.
    All,
    /// Settlements alone, whatever became of them.
    NoRefunds,
    /// Settlements that stand.
    Standing,
}

/// Which settlements are counted, and whether what accounts paid is reckoned to the funds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Way {
    counted: Counted,
    account_in_funds: bool,
}

impl Way {
    /// As the message says, and where it does not, the institution's profile.
    fn of(request: &ReconcileTotals, profile: &Profile) -> Self {
        let refunds = request.with_refunds.unwrap_or(profile.refunds_counted);
        let counted = if refunds { Counted::All } else { Counted::NoRefunds };
        Self { counted, account_in_funds: profile.account_in_funds }
    }
}

fn sums(rows: &[TotalRow], way: Way) -> Sums {
    let counted = |row: &&TotalRow| match way.counted {
        Counted::All => true,
        Counted::NoRefunds => !row.refund,
        Counted::Standing => row.stands,
    };
    rows.iter().filter(counted).fold(Sums::default(), |all, row| Sums {
        count: all.count + row.count,
        total: all.total + row.total,
        funds: all.funds + row.funds + if way.account_in_funds { row.account } else { Money::ZERO },
        account: all.account + row.account,
    })
}

/// What differs, and by which way of counting it would not.
fn differs(request: &ReconcileTotals, ours: Sums, way: Way, rows: &[TotalRow]) -> Both {
    let theirs = request.sums;
    let counted = |counted| Way { counted, ..way };
    let other = [
        (counted(Counted::All), words::COUNTED_WITH_REFUNDS),
        (counted(Counted::NoRefunds), words::COUNTED_WITHOUT_REFUNDS),
        (counted(Counted::Standing), words::COUNTED_STANDING),
        if way.account_in_funds {
            (Way { account_in_funds: false, ..way }, words::COUNTED_FUNDS_ALONE)
        } else {
            (Way { account_in_funds: true, ..way }, words::COUNTED_ACCOUNT_IN_FUNDS)
        },
    ];
    let way = other.into_iter().find(|(way, _)| sums(rows, *way) == theirs).map(|(_, told)| told);
    let figures = [
        ("笔数", "count", theirs.count.to_string(), ours.count.to_string()),
        ("总额", "total", theirs.total.to_string(), ours.total.to_string()),
        ("基金", "funds", theirs.funds.to_string(), ours.funds.to_string()),
        ("账户", "account", theirs.account.to_string(), ours.account.to_string()),
    ];
    let apart = figures.into_iter().filter(|(_, _, theirs, ours)| theirs != ours);
    let told = apart.map(|(zh, en, theirs, ours)| {
        Both::new(format!("{zh} {theirs},中心 {ours}"), format!("{en} {theirs}, the centre has {ours}"))
    });
    let told = told.reduce(|all, one| all.and(&one)).unwrap_or_else(|| Both::same(""));
    told.and(&way.unwrap_or(words::ASK_FOR_DETAILS))
}

/// What was agreed on of a day.
pub(crate) struct AgreedDay {
    /// The sums, of either side.
    pub(crate) sums: Sums,
    /// Refunds were counted too.
    pub(crate) refunds: bool,
}

/// Reads what [`agree`] registered; none where a registration is another, also of the details of a day.
pub(crate) fn agreed_day(row: &RegisterRow) -> Option<AgreedDay> {
    let said = Node::parse(row.data.as_bytes()).ok()?;
    if row.kind != RegisterKind::ReconciledDay || row.state != STANDS {
        return None;
    }
    let text = |name: &str| said.get(name).and_then(Node::scalar).unwrap_or_default();
    let money = |name: &str| text(name).parse().ok();
    let sums = Sums {
        count: text("count").parse().ok()?,
        total: money("total")?,
        funds: money("funds")?,
        account: money("account")?,
    };
    Some(AgreedDay { sums, refunds: text("refunds") == "true" })
}

/// A day that is over is agreed on, once. Of several days together the sums say nothing of each.
fn agree(
    request: &ReconcileTotals,
    key: &str,
    way: Way,
    ours: Sums,
    context: &Context<'_>,
    state: &mut State,
    at: &Moment<'_>,
) {
    let (day, last) = request.days;
    let hospital = context.hospital.id();
    let known = state.registered(hospital, RegisterKind::ReconciledDay).any(|row| row.key == key);
    if day != last || !at.is_over(day) || known {
        return;
    }
    let Sums { count, total, funds, account } = ours;
    let refunds = way.counted == Counted::All;
    state.put_register(RegisterRow {
        hospital,
        kind: RegisterKind::ReconciledDay,
        key: key.to_owned(),
        version: 0,
        from: day,
        to: Some(day),
        state: STANDS.into(),
        message: Some(context.id),
        data: format!(
            r#"{{"count":{count},"total":"{total}","funds":"{funds}","account":"{account}","refunds":{refunds}}}"#
        ),
        facts: Vec::new(),
    });
}
