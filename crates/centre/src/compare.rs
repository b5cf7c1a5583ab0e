//! A hospital's rows beside the centre's: of each that differs, why, and what is safe to do.
//!
//! Pure: rows in, differences out.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use model::{EncounterId, SettlementId};
use money::Money;
use store::{Named, SettledRow};
use wire::Both;
use wire::transactions::{DifferenceTold, TheirRow};

/// Why a row differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// The hospital has it; no such message has ever come.
    NeverArrived,
    /// The hospital's visit is none of ours.
    UnknownVisit,
    /// It was settled and answered; the hospital has not written it.
    NotWritten,
    /// It was refunded and answered; the hospital has not written that.
    RefundNotWritten,
    /// The hospital has refunded it, the centre was not told.
    RefundNotSent,
    /// It was taken back as if it had never been sent; the hospital still has it.
    TakenBack,
    /// The amounts differ.
    Amounts,
    /// The centre counts it on another day.
    OtherDay(Date),
    /// It is counted by another convention.
    OtherWay(Both),
    /// The hospital has it twice.
    Twice,
    /// The number is of another person or visit.
    Unexplained,
}

/// A row that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Why.
    pub cause: Cause,
    ours: Option<SettledRow>,
    theirs: Option<TheirRow>,
}

/// The hospital's rows of some days and kinds of clearing.
pub struct Asked<'a> {
    /// First and last day.
    pub days: (Date, Date),
    /// National kinds of clearing.
    pub clearing_kinds: &'a [String],
    /// Whether refunds are counted.
    pub with_refunds: bool,
    /// Whether the hospital reckons what accounts paid to the funds.
    pub account_in_funds: bool,
    /// What the hospital has.
    pub theirs: &'a [TheirRow],
}

impl Asked<'_> {
    /// What the hospital names that is not among the centre's rows of these days; it may be of other days, or count no more.
    /// `infnos` are the transactions that make settlements.
    pub fn elsewhere(&self, ours: &[SettledRow], infnos: &[&str]) -> Named {
        let known: HashSet<SettlementId> = ours.iter().map(|row| row.settlement).collect();
        let missing = |row: &&TheirRow| row.refund || row.settlement.is_none_or(|id| !known.contains(&id));
        let missing: Vec<&TheirRow> = self.theirs.iter().filter(missing).collect();
        let visits: HashSet<EncounterId> = missing.iter().filter_map(|row| row.encounter).collect();
        let messages = missing.iter().filter(|row| !row.msgid.is_empty());
        let messages =
            messages.flat_map(|row| infnos.iter().map(|infno| ((*infno).to_owned(), row.msgid.clone())));
        Named {
            settlements: missing.iter().filter_map(|row| row.settlement).collect(),
            messages: messages.collect(),
            visits: visits.into_iter().collect(),
        }
    }

    /// Compares the rows of the days with the hospital's. `named` are the rows, `visits` the visits that there are of what
    /// the hospital names beside.
    pub fn compare(
        &self,
        ours: &[SettledRow],
        named: &[SettledRow],
        visits: &[EncounterId],
    ) -> Vec<Difference> {
        let books = Books::of(ours, named, visits);
        let mut met: HashSet<SettlementId> = HashSet::with_capacity(ours.len());
        let mut differences = Vec::new();
        for row in self.theirs {
            let found = books.find(row);
            let cause = match found {
                Some(own) if self.is_met(row, own) && !met.insert(own.settlement) => Some(Cause::Twice),
                Some(own) => self.apart(row, own),
                None => Some(books.without(row)),
            };
            differences.extend(cause.map(|cause| Difference {
                cause,
                ours: found.cloned(),
                theirs: Some(row.clone()),
            }));
        }
        let unmet = ours.iter().filter(|own| self.is_counted(own) && !met.contains(&own.settlement));
        differences.extend(unmet.map(|own| Difference {
            cause: if own.undoes.is_some() { Cause::RefundNotWritten } else { Cause::NotWritten },
            ours: Some(own.clone()),
            theirs: None,
        }));
        differences
    }

    /// Whether a row of the hospital's stands for one that is compared: a refund does not stand for what it refunds.
    fn is_met(&self, row: &TheirRow, own: &SettledRow) -> bool {
        self.is_counted(own) && (own.undoes.is_some() || !row.refund)
    }

    /// Whether a row is one of those that are compared.
    fn is_counted(&self, own: &SettledRow) -> bool {
        own.counted
            && (self.with_refunds || own.undoes.is_none())
            && (self.days.0..=self.days.1).contains(&own.decided.date())
            && self.clearing_kinds.contains(&own.clearing_kind)
    }

    /// Why a row of the hospital's is not the same as the centre's row it stands for.
    fn apart(&self, row: &TheirRow, own: &SettledRow) -> Option<Cause> {
        if own.person != row.person || Some(own.encounter) != row.encounter {
            return Some(Cause::Unexplained);
        }
        if !own.counted {
            return Some(Cause::TakenBack);
        }
        match (row.refund, own.undoes) {
            (true, None) => return Some(Cause::RefundNotSent),
            (false, Some(_)) => {
                let flag = Both::of("退费行未标退费结算标志", "a refund without the flag of refunds");
                return Some(Cause::OtherWay(flag));
            }
            _ => {}
        }
        if !self.is_counted(own) {
            return Some(self.counted_elsewhere(own));
        }
        let numbered = row.settlement.is_some_and(|id| id == own.settlement || Some(id) == own.undoes);
        if !numbered {
            return Some(Cause::NotWritten);
        }
        self.amounts_apart(row, own)
    }

    /// Where a row that counts, but not among these, is counted.
    fn counted_elsewhere(&self, own: &SettledRow) -> Cause {
        let (day, kind) = (own.decided.date(), &own.clearing_kind);
        if !(self.days.0..=self.days.1).contains(&day) {
            Cause::OtherDay(day)
        } else if self.clearing_kinds.contains(kind) {
            Cause::OtherWay(Both::of("本次对账口径不含退费", "refunds are not counted this time"))
        } else {
            let zh = format!("中心按清算类别 {kind} 统计");
            Cause::OtherWay(Both::new(zh, format!("the centre counts it as kind of clearing {kind}")))
        }
    }

    fn amounts_apart(&self, row: &TheirRow, own: &SettledRow) -> Option<Cause> {
        let (alone, with_account) = (own.funds, own.funds + own.account);
        let (wanted, other) =
            if self.account_in_funds { (with_account, alone) } else { (alone, with_account) };
        let equal = |funds| (row.total, row.funds, row.account) == (own.total, funds, own.account);
        if equal(wanted) {
            None
        } else if !equal(other) {
            Some(Cause::Amounts)
        } else if self.account_in_funds {
            let way = Both::of("按贵方约定,基金支付应含个人账户", "the account is not among the funds");
            Some(Cause::OtherWay(way))
        } else {
            let way = Both::of("贵方把个人账户计入了基金支付", "the account was counted among the funds");
            Some(Cause::OtherWay(way))
        }
    }
}

/// The centre's rows, by what the hospital's name them by.
struct Books<'a> {
    by_id: HashMap<SettlementId, &'a SettledRow>,
    by_refunded: HashMap<SettlementId, &'a SettledRow>,
    /// By message, refunds apart.
    by_message: HashMap<(bool, &'a str), &'a SettledRow>,
    visits: HashSet<EncounterId>,
}

impl<'a> Books<'a> {
    fn of(ours: &'a [SettledRow], named: &'a [SettledRow], visits: &[EncounterId]) -> Self {
        // What counts stands before what does not.
        let mut all: Vec<&SettledRow> = named.iter().chain(ours).collect();
        all.sort_by_key(|row| row.counted);
        Self {
            by_id: all.iter().map(|row| (row.settlement, *row)).collect(),
            by_refunded: all.iter().filter_map(|row| Some((row.undoes?, *row))).collect(),
            by_message: all.iter().map(|row| ((row.undoes.is_some(), row.msgid.as_str()), *row)).collect(),
            visits: visits.iter().copied().chain(ours.iter().map(|row| row.encounter)).collect(),
        }
    }

    /// The row that a row of the hospital's stands for. A refund goes by its own number or by that of what it refunds; what
    /// has no number of ours goes by its message, if that was about this visit; and last by a number that is there,
    /// whatever it is of.
    fn find(&self, row: &TheirRow) -> Option<&'a SettledRow> {
        let by_id = row.settlement.and_then(|id| self.by_id.get(&id));
        let refund = row.settlement.filter(|_| row.refund).and_then(|id| self.by_refunded.get(&id));
        let of_visit = |own: &&&SettledRow| !row.msgid.is_empty() && Some(own.encounter) == row.encounter;
        let by_message = self.by_message.get(&(row.refund, row.msgid.as_str())).filter(of_visit);
        let same = by_id.filter(|own| own.undoes.is_some() == row.refund);
        refund.or(same).or(by_message.filter(|_| by_id.is_none())).or(by_id).copied()
    }

    /// Why a row of the hospital's stands for none of the centre's.
    fn without(&self, row: &TheirRow) -> Cause {
        match row.encounter {
            Some(visit) if self.visits.contains(&visit) => {
                if row.refund {
                    Cause::RefundNotSent
                } else {
                    Cause::NeverArrived
                }
            }
            _ => Cause::UnknownVisit,
        }
    }
}

impl Cause {
    /// A code that never changes its meaning.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NeverArrived => "NEVER_ARRIVED",
            Self::UnknownVisit => "UNKNOWN_VISIT",
            Self::NotWritten => "NOT_WRITTEN",
            Self::RefundNotWritten => "REFUND_NOT_WRITTEN",
            Self::RefundNotSent => "REFUND_NOT_SENT",
            Self::TakenBack => "TAKEN_BACK",
            Self::Amounts => "AMOUNTS_DIFFER",
            Self::OtherDay(_) => "OTHER_DAY",
            Self::OtherWay(_) => "OTHER_WAY",
            Self::Twice => "TWICE",
            Self::Unexplained => "UNEXPLAINED",
        }
    }
}

impl Difference {
    /// As the hospital is told.
    pub fn told(&self) -> DifferenceTold {
        let (ours, theirs) = (self.ours.as_ref(), self.theirs.as_ref());
        let numbers =
            |own: &SettledRow| [own.person.clone(), own.encounter.to_string(), own.settlement.to_string()];
        let amounts = |own: &SettledRow| [own.total, own.funds, own.account];
        // What the hospital has written stays as it is: it must find its row by it.
        let written = theirs.map(|row| row.written.clone()).or_else(|| ours.map(numbers));
        DifferenceTold {
            written: written.unwrap_or_default(),
            msgid: ours
                .map(|own| own.msgid.clone())
                .or_else(|| theirs.map(|row| row.msgid.clone()))
                .unwrap_or_default(),
            refund: theirs.map_or_else(|| ours.is_some_and(|own| own.undoes.is_some()), |row| row.refund),
            amounts: ours
                .map(amounts)
                .or_else(|| theirs.map(|row| [row.total, row.funds, row.account]))
                .unwrap_or([Money::ZERO; 3]),
            code: self.cause.code(),
            words: self.words(),
        }
    }

    /// What happened, and the one thing that is safe to do.
    fn words(&self) -> Both {
        let number = self.ours.as_ref().map(|own| own.settlement.to_string()).unwrap_or_default();
        match &self.cause {
            Cause::NeverArrived => Both::of(
                "中心没有收到这笔结算。处理:用原报文号重发结算",
                "the centre has never had this settlement: send the same message again under its id",
            ),
            Cause::UnknownVisit => Both::of(
                "就诊号不是本机构在中心的就诊。处理:核对就诊号;未在中心登记的按自费处理",
                "the visit is none of this institution's at the centre: check its number; without one it is the patient's own",
            ),
            Cause::NotWritten => Both::new(
                format!(
                    "中心已结算(结算号 {number}),本院未记账。处理:用 5203 取回后补记;未收费的用撤销交易退掉"
                ),
                format!(
                    "settled at the centre as {number}, not in your books: fetch it with 5203 and write it, or void it if nothing was taken"
                ),
            ),
            Cause::RefundNotWritten => Both::new(
                format!("中心已退费(结算号 {number}),本院未记账。处理:补记本院退费"),
                format!("refunded at the centre as {number}, not in your books: write the refund"),
            ),
            Cause::RefundNotSent => Both::of(
                "本院已退费,中心没有收到。处理:用撤销交易按原结算号退费",
                "refunded in your books alone: void the settlement at the centre by its number",
            ),
            Cause::TakenBack => Both::of(
                "此报文已用 2601 冲正,中心不再统计。处理:从本院账中剔除;患者仍在的重新结算",
                "its message was taken back with 2601 and counts no more: take it out of your books, or settle anew",
            ),
            Cause::Amounts => Both::of(
                "金额与中心不同,右列为中心金额。处理:按中心金额更正本院账,不得改动中心结算",
                "amounts differ, those beside are the centre's: correct your books by them",
            ),
            Cause::OtherDay(day) => Both::new(
                format!("中心计入 {day}。处理:按中心日期归入该日"),
                format!("the centre counts it on {day}: put it there"),
            ),
            Cause::OtherWay(way) => {
                Both::of("统计口径不同,处理:按中心口径统计", "counted otherwise: count as the centre does")
                    .and(way)
            }
            Cause::Twice => Both::of(
                "同一笔结算在文件中出现多次。处理:删去重复行",
                "the same settlement stands in the file more than once: take the others out",
            ),
            Cause::Unexplained => Both::of(
                "结算号属于另一人或另一就诊。处理:核对本院记录;当日不能平账",
                "the number is of another person or visit: check your records; the day cannot be closed before",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

    use super::*;
    use jiff::civil::{date, datetime};
    use model::{Fund, InsuranceKind};

    fn own(id: i64, undoes: Option<i64>, yuan: i64) -> SettledRow {
        SettledRow {
            settlement: SettlementId(id),
            encounter: EncounterId(1_000 + undoes.unwrap_or(id)),
            person: "P1".into(),
            msgid: format!("M{id}"),
            undoes: undoes.map(SettlementId),
            counted: true,
            clearing_kind: "11".into(),
            decided: datetime(2026, 11, 23, 9, 0, 0, 0),
            total: Money::from_yuan(yuan),
            funds: Money::from_yuan(yuan / 2),
            account: Money::from_yuan(yuan / 4),
            insurance_kind: InsuranceKind::EMPLOYEE,
            scope: "1".into(),
            by_fund: [Money::ZERO; Fund::ALL.len()],
        }
    }

    fn their(own: &SettledRow) -> TheirRow {
        TheirRow {
            person: own.person.clone(),
            encounter: Some(own.encounter),
            settlement: Some(own.settlement),
            msgid: own.msgid.clone(),
            refund: own.undoes.is_some(),
            total: own.total,
            funds: own.funds,
            account: own.account,
            written: [own.person.clone(), own.encounter.to_string(), own.settlement.to_string()],
        }
    }

    fn causes(ours: &[SettledRow], named: &[SettledRow], theirs: &[TheirRow]) -> Vec<&'static str> {
        causes_of(ours, named, theirs, true)
    }

    fn causes_of(
        ours: &[SettledRow],
        named: &[SettledRow],
        theirs: &[TheirRow],
        with_refunds: bool,
    ) -> Vec<&'static str> {
        let (day, kinds) = (date(2026, 11, 23), ["11".to_owned()]);
        let asked =
            Asked { days: (day, day), clearing_kinds: &kinds, with_refunds, account_in_funds: false, theirs };
        let visits: Vec<EncounterId> = [1_050].map(EncounterId).to_vec();
        asked.compare(ours, named, &visits).iter().map(|d| d.cause.code()).collect()
    }

    /// Refunds are named by their own number, by what they refund, or by their message alone.
    #[test]
    fn a_refund_is_found_however_it_is_named_and_whenever_it_was_made() {
        let (one, refund) = (own(1, None, 100), own(3, Some(1), -100));
        let by_original =
            TheirRow { settlement: Some(SettlementId(1)), msgid: "M1".into(), ..their(&refund) };
        let ours = [one.clone(), refund.clone()];
        assert_eq!(causes_of(&ours, &[], &[their(&one), by_original.clone()], false), ["OTHER_WAY"]);
        let tomorrow = SettledRow { decided: datetime(2026, 11, 24, 0, 1, 0, 0), ..refund.clone() };
        assert_eq!(causes(from_ref(&one), &[tomorrow], &[their(&one), by_original.clone()]), ["OTHER_DAY"]);
        let back = SettledRow { counted: false, ..one.clone() };
        assert_eq!(causes(&[back], &[], &[their(&one), by_original]), ["TAKEN_BACK", "TAKEN_BACK"]);
        let unnumbered = TheirRow { settlement: None, msgid: "M1".into(), ..their(&refund) };
        assert_eq!(causes(from_ref(&one), &[], &[their(&one), unnumbered]), ["REFUND_NOT_SENT"]);
        let unflagged = TheirRow { refund: false, ..their(&refund) };
        assert_eq!(causes(&ours, &[], &[their(&one), unflagged]), ["OTHER_WAY"]);
    }

    /// What has no number of ours is found by its message, of whatever day it is.
    #[test]
    fn a_row_without_a_number_goes_by_its_message() {
        let one = own(1, None, 100);
        let unnumbered = TheirRow { settlement: None, ..their(&one) };
        let yesterday = SettledRow { decided: datetime(2026, 11, 22, 9, 0, 0, 0), ..one.clone() };
        assert_eq!(causes(&[], &[yesterday], from_ref(&unnumbered)), ["OTHER_DAY"]);
        let back = SettledRow { counted: false, ..one.clone() };
        assert_eq!(causes(&[], &[back], from_ref(&unnumbered)), ["TAKEN_BACK"]);
        let of_their_own = TheirRow { settlement: Some(SettlementId(99)), ..their(&one) };
        assert_eq!(causes(from_ref(&one), &[], &[of_their_own]), ["NOT_WRITTEN"]);
    }

    #[test]
    fn equal_rows_differ_in_nothing_whatever_names_a_refund() {
        let ours = [own(1, None, 100), own(2, None, 60), own(3, Some(2), -60)];
        let theirs: Vec<TheirRow> = ours.iter().map(their).collect();
        assert_eq!(causes(&ours, &[], &theirs), [""; 0]);
        let by_refunded = TheirRow { settlement: Some(SettlementId(2)), ..theirs[2].clone() };
        assert_eq!(causes(&ours, &[], &[theirs[0].clone(), theirs[1].clone(), by_refunded]), [""; 0]);
    }

    #[test]
    fn each_difference_has_its_cause() {
        let (one, refund) = (own(1, None, 100), own(3, Some(1), -100));
        let same = their(&one);
        let check = |ours: &[SettledRow], named: &[SettledRow], theirs: &[TheirRow], cause: &str| {
            assert_eq!(causes(ours, named, theirs), [cause]);
        };
        let ours = [one.clone()];
        check(&ours, &[], &[], "NOT_WRITTEN");
        check(&[one.clone(), refund.clone()], &[], from_ref(&same), "REFUND_NOT_WRITTEN");
        check(&ours, &[], &[same.clone(), their(&refund)], "REFUND_NOT_SENT");
        let sent_by_original = TheirRow { settlement: Some(SettlementId(1)), ..their(&refund) };
        check(&ours, &[], &[same.clone(), sent_by_original], "REFUND_NOT_SENT");
        let other = TheirRow { total: Money::from_yuan(101), ..same.clone() };
        check(&ours, &[], &[other], "AMOUNTS_DIFFER");
        let convention = TheirRow { funds: one.funds + one.account, ..same.clone() };
        check(&ours, &[], &[convention], "OTHER_WAY");
        check(&ours, &[], &[same.clone(), same.clone()], "TWICE");
        let unnumbered = TheirRow { settlement: None, ..same.clone() };
        check(&ours, &[], &[unnumbered], "NOT_WRITTEN");
        let stranger = TheirRow { person: "P2".into(), ..same.clone() };
        check(&ours, &[], &[stranger], "UNEXPLAINED");
        let yesterday = SettledRow { decided: datetime(2026, 11, 22, 23, 59, 0, 0), ..one.clone() };
        check(&[], &[yesterday], from_ref(&same), "OTHER_DAY");
        let stay = SettledRow { clearing_kind: "21".into(), ..one.clone() };
        check(&[], &[stay], from_ref(&same), "OTHER_WAY");
        let back = SettledRow { counted: false, ..one.clone() };
        check(&[back], &[], from_ref(&same), "TAKEN_BACK");
        let lost = TheirRow { settlement: None, encounter: Some(EncounterId(1_050)), ..same.clone() };
        check(&[], &[], &[lost], "NEVER_ARRIVED");
        check(&[], &[], &[same], "UNKNOWN_VISIT");
    }

    #[test]
    fn every_cause_says_what_to_do_in_both_languages() {
        let one = own(1, None, 100);
        let causes = [
            Cause::NeverArrived,
            Cause::UnknownVisit,
            Cause::NotWritten,
            Cause::RefundNotWritten,
            Cause::RefundNotSent,
            Cause::TakenBack,
            Cause::Amounts,
            Cause::OtherDay(date(2026, 11, 22)),
            Cause::Twice,
            Cause::Unexplained,
        ];
        for cause in causes {
            let told = Difference { cause, ours: Some(one.clone()), theirs: None }.told();
            let line = told.line(wire::Language::Zh);
            assert_eq!(line.matches('\t').count(), 9, "{line}");
            assert!(line.contains("处理:"), "{line}");
            assert!(told.line(wire::Language::En).is_ascii(), "{}", told.line(wire::Language::En));
        }
    }
}
