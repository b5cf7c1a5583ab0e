//! 2001 and 5206: what is paid for a person, and what their benefit year has come to.

use jiff::civil::{Date, DateTime};
use model::InsuranceKind;
use money::Money;

use super::hearing::{Told, heard};
use super::speaker::{Asking, Insured, Speaker};
use super::writing::Row;
use crate::dictionary;
use crate::output::Answer;

/// 2001: which funds may this person use, for this care, on this day?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckBenefit {
    /// Who.
    pub person: Insured,
    /// Under which insurance.
    pub insurance: InsuranceKind,
    /// National kind of care.
    pub care_kind: String,
    /// When the care begins.
    pub begins: DateTime,
    /// National code of the listed disease it is for; empty for none.
    pub disease: String,
}

impl Asking for CheckBenefit {
    fn infno(&self) -> &'static str {
        "2001"
    }

    fn home(&self) -> Option<&str> {
        Some(&self.person.home)
    }

    fn input(&self, speaker: &Speaker) -> String {
        let row = Row::new().text("psn_no", self.person.number.as_str());
        let row = row.text("insutype", &self.insurance.to_string()).text("fixmedins_code", &speaker.hospital);
        let row = row.text("med_type", &self.care_kind).time("begntime", self.begins);
        row.text("dise_codg", &self.disease).within("data")
    }
}

/// The answer to [`CheckBenefit`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BenefitHeard {
    /// One row a fund.
    pub funds: Vec<FundAllowed>,
}

/// Whether one fund may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FundAllowed {
    /// National code of the fund.
    pub fund: String,
    /// Its name, where the code is known.
    pub name: String,
    /// It may be used.
    pub allowed: bool,
    /// From when.
    pub from: Option<Date>,
    /// Until when.
    pub to: Option<Date>,
    /// Why not, or what else the centre says of it.
    pub reason: String,
}

impl BenefitHeard {
    /// Reads an answer; none where it is not readable as that.
    pub fn hear(answer: &Answer) -> Option<Self> {
        let row = |row: Told<'_>| {
            let fund = row.text("fund_pay_type");
            FundAllowed {
                name: fund_name(&fund).to_owned(),
                fund,
                allowed: row.flag("trt_enjymnt_flag"),
                from: row.date("begndate"),
                to: row.date("enddate"),
                reason: row.text("trt_chk_rslt"),
            }
        };
        heard(answer, |output| Some(Self { funds: output.rows("trtinfo").map(row).collect() }))
    }
}

/// The name of a fund by its national code; empty for a code nobody lists.
pub(super) fn fund_name(code: &str) -> &'static str {
    let codes = dictionary("fund_pay_type").map_or(&[][..], |funds| &funds.codes);
    codes.iter().find(|(listed, ..)| *listed == code).map_or("", |(_, name, _)| name)
}

/// 5206: what a person's benefit year has come to. There is no number for a whole year: the table asks for a month, and
/// our centre answers the figures of its year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskAccumulators {
    /// Whose.
    pub person: Insured,
    /// Of which benefit year; none: of all.
    pub year: Option<i16>,
}

impl Asking for AskAccumulators {
    fn infno(&self) -> &'static str {
        "5206"
    }

    fn home(&self) -> Option<&str> {
        Some(&self.person.home)
    }

    fn input(&self, _: &Speaker) -> String {
        let month = self.year.map(|year| format!("{year:04}12")).unwrap_or_default();
        Row::new().text("psn_no", self.person.number.as_str()).text("cum_ym", &month).within("data")
    }
}

/// The answer to [`AskAccumulators`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccumulatorsHeard {
    /// One row a figure.
    pub figures: Vec<Counted>,
}

/// One figure of a benefit year. Which there are is the centre's to say: a code names each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Under which insurance; none where the code is none.
    pub insurance: Option<InsuranceKind>,
    /// Benefit year.
    pub year: i16,
    /// The month it stands at: `202611`.
    pub month: String,
    /// What is counted, by the centre's code: `OP_DEDC`.
    pub code: String,
    /// How much.
    pub amount: Money,
}

impl AccumulatorsHeard {
    /// Reads an answer; none where it is not readable as that.
    pub fn hear(answer: &Answer) -> Option<Self> {
        let figure = |row: Told<'_>| {
            let month = row.text("cum_ym");
            let year = row.some("year").or_else(|| month.get(..4).map(str::to_owned))?;
            Some(Counted {
                insurance: row.word("insutype").flatten().map(InsuranceKind),
                year: year.parse().ok()?,
                month,
                code: row.text("cum_type_code"),
                amount: row.amount("cum")?,
            })
        };
        heard(answer, |output| {
            Some(Self { figures: output.rows("cuminfo").map(figure).collect::<Option<_>>()? })
        })
    }

    /// What the deductibles of outpatient care, or of stays, have used up in a year; none where the centre tells no such
    /// figure.
    pub fn deductible(&self, year: i16, stay: bool) -> Option<Money> {
        self.figure(year, if stay { "IP_DEDC" } else { "OP_DEDC" })
    }

    /// What the pooled fund has paid of outpatient care, or of stays, in a year; none where the centre tells no such figure.
    pub fn paid(&self, year: i16, stay: bool) -> Option<Money> {
        self.figure(year, if stay { "IP_PAID" } else { "OP_PAID" })
    }

    fn figure(&self, year: i16, code: &str) -> Option<Money> {
        self.figures
            .iter()
            .find(|figure| figure.year == year && figure.code == code)
            .map(|figure| figure.amount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asking::checked::{AT, ODD, answered, answered_in_texts, said};
    use crate::transactions::{self, AccumulatorsFound, BenefitChecked, QueryAccumulators};
    use jiff::civil::date;
    use model::VisitKind;

    #[test]
    fn what_is_paid_for_is_asked_and_heard() {
        let request = CheckBenefit {
            person: Insured::of("990100", "990101"),
            insurance: InsuranceKind::EMPLOYEE,
            care_kind: "14".into(),
            begins: AT,
            disease: "M03900".into(),
        };
        let message = said(&request);
        assert_eq!(message.input.first("data").unwrap().text("fixmedins_code"), "H99010300002");
        let read = transactions::CheckBenefit::read(&message.input).unwrap();
        let expected = transactions::CheckBenefit {
            person: "990100".into(),
            insurance_kind: InsuranceKind::EMPLOYEE,
            visit: VisitKind::Chronic,
            disease: "M03900".into(),
            date: AT.date(),
        };
        assert_eq!(read, expected);

        let funds = vec![(true, false, ODD.to_owned()), (false, true, String::new())];
        let told = BenefitChecked { person: "990100".into(), date: AT.date(), funds };
        let heard = BenefitHeard::hear(&answered("2001", &told)).unwrap();
        let fund = |fund: &str, name: &str, allowed, reason: &str| FundAllowed {
            fund: fund.into(),
            name: name.into(),
            allowed,
            from: Some(date(2026, 11, 23)),
            to: None,
            reason: reason.into(),
        };
        let expected = [
            fund("310100", "城镇职工基本医疗保险统筹基金", false, ODD),
            fund("310200", "城镇职工基本医疗保险个人账户基金", true, ""),
        ];
        assert_eq!(heard.funds, expected);
    }

    #[test]
    fn what_a_year_has_come_to_is_asked_and_heard() {
        for year in [None, Some(2026)] {
            let request = AskAccumulators { person: "990100".into(), year };
            let read = QueryAccumulators::read(&said(&request).input).unwrap();
            assert_eq!(read, QueryAccumulators { person: "990100".into(), year });
        }
        let rows = vec![
            (2025, "OP_DEDC".to_owned(), Money::from_fen(1)),
            (2026, "OP_DEDC".to_owned(), Money::from_fen(80_000)),
            (2026, "IP_PAID".to_owned(), Money::from_fen(1_234_567)),
        ];
        let told = AccumulatorsFound { insurance_kind: 310, month: "202611".into(), rows };
        for answer in [answered("5206", &told), answered_in_texts("5206", &told)] {
            let heard = AccumulatorsHeard::hear(&answer).unwrap();
            assert_eq!(heard.figures.len(), 3);
            assert_eq!((heard.figures[0].year, heard.figures[0].month.as_str()), (2025, "202512"));
            assert_eq!(heard.figures[1].insurance, Some(InsuranceKind::EMPLOYEE));
            assert_eq!(heard.deductible(2026, false), Some(Money::from_fen(80_000)));
            assert_eq!(heard.paid(2026, true), Some(Money::from_fen(1_234_567)));
            assert_eq!((heard.paid(2026, false), heard.deductible(2024, false)), (None, None));
        }
        let none = AccumulatorsHeard::hear(&answered("5206", &AccumulatorsFound::default())).unwrap();
        assert_eq!(none.figures, []);
    }
}
