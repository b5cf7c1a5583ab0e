//! What a bill came to, from any centre's answer: the shares, who pays them, and one settlement asked after.

use jiff::civil::{Date, DateTime};
use model::{Amounts, Fund, InsuranceKind};
use money::{Money, Rate};

use super::benefit::fund_name;
use super::hearing::{Told, heard};
use crate::output::Answer;
use crate::transactions::{FUNDS, HOSPITAL_FUND};

/// The answer to a trial, a settlement or a void.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillHeard {
    /// The centre's id of the settlement; a trial has none.
    pub settlement: Option<String>,
    /// The centre's id of the visit or stay.
    pub visit: String,
    /// The shares; all below nothing of a void. What an answer does not tell is nothing, so that another centre's need not
    /// balance: [`Amounts::check_balance`] says whether they do.
    pub amounts: Amounts,
    /// What all funds pay together, as the centre says it; none where it does not.
    pub funds_told: Option<Money>,
    /// What the account holds after.
    pub balance: Money,
    /// When it was settled; a trial has none.
    pub time: Option<DateTime>,
    /// What the pool pays of what lies above the deductible.
    pub fund_rate: Rate,
    /// National kind of clearing.
    pub clearing_kind: String,
    /// Under which insurance; none where it is not told.
    pub insurance: Option<InsuranceKind>,
    /// Who pays, where the centre tells it apart.
    pub payers: Vec<PayerHeard>,
}

/// Who pays how much of a bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayerHeard {
    /// National code of the fund.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it pays.
    pub paid: Money,
}

impl PayerHeard {
    fn read(row: Told<'_>) -> Option<Self> {
        let code = row.text("fund_pay_type");
        let name = row.some("fund_pay_type_name").unwrap_or_else(|| fund_name(&code).to_owned());
        Some(Self { name, code, paid: row.amount("fund_payamt")? })
    }
}

impl BillHeard {
    /// Reads an answer; none where it is not readable as that.
    pub fn hear(answer: &Answer) -> Option<Self> {
        heard(answer, Self::read)
    }

    fn read(output: Told<'_>) -> Option<Self> {
        let row = output.node("setlinfo")?;
        let payers = output.rows("setldetail").map(PayerHeard::read).collect::<Option<Vec<_>>>()?;
        // A bill says at least what it comes to.
        row.some("medfee_sumamt")?;
        Some(Self {
            settlement: row.some("setl_id"),
            visit: row.text("mdtrt_id"),
            amounts: amounts(row, &payers)?,
            funds_told: row.number("fund_pay_sumamt", 2)?,
            balance: row.amount("balc")?,
            time: row.time("setl_time"),
            fund_rate: row.rate("pool_prop_selfpay")?,
            clearing_kind: row.text("clr_type"),
            insurance: row.word("insutype")?.map(InsuranceKind),
            payers,
        })
    }
}

/// The shares. Not every transaction has a member for each: what none tells may stand among the payers.
fn amounts(row: Told<'_>, payers: &[PayerHeard]) -> Option<Amounts> {
    let paid = |code: &str| payers.iter().filter(|payer| payer.code == code).map(|payer| payer.paid).sum();
    let share = |name: &str, code: &str| Some(row.number(name, 2)?.unwrap_or_else(|| paid(code)));
    let mut funds = [Money::ZERO; Fund::ALL.len()];
    for (fund, name) in FUND_MEMBERS {
        funds[fund as usize] = share(name, FUNDS[fund as usize].0)?;
    }
    Some(Amounts {
        total: row.amount("medfee_sumamt")?,
        out_of_scope: row.amount("fulamt_ownpay_amt")?,
        over_price_limit: row.amount("overlmt_selfpay")?,
        prior_self_pay: row.amount("preselfpay_amt")?,
        eligible: row.amount("inscp_scp_amt")?,
        deductible_paid: row.amount("act_pay_dedc")?,
        funds,
        personal_account: row.amount("acct_pay")?,
        mutual_aid: row.amount("acct_mulaid_pay")?,
        cash: cash(row)?,
        hospital_share: share("hosp_part_amt", HOSPITAL_FUND)?,
    })
}

/// Each fund's member.
const FUND_MEMBERS: [(Fund, &str); Fund::ALL.len()] = [
    (Fund::Pooled, "hifp_pay"),
    (Fund::MajorMedical, "hifob_pay"),
    (Fund::CivilServant, "cvlserv_pay"),
    (Fund::CriticalIllness, "hifmi_pay"),
    (Fund::Employer, "hifes_pay"),
    (Fund::Disabled, "hifdm_pay"),
    (Fund::Aid, "maf_pay"),
    (Fund::Other, "oth_pay"),
];

/// Cash has another name in every answer.
fn cash(row: Told<'_>) -> Option<Money> {
    let mut told = ["psn_cash_pay", "cash_payamt", "pdn_cash_pay"].into_iter();
    let name = told.find(|name| row.some(name).is_some());
    name.map_or(Some(Money::ZERO), |name| row.amount(name))
}

/// The answer to [`AskSettlement`](super::AskSettlement).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettlementHeard {
    /// The bill.
    pub bill: BillHeard,
    /// It is a void.
    pub refund: bool,
    /// First and last day of the visit or stay.
    pub days: Option<(Date, Date)>,
    /// Benefit year, where it is told.
    pub year: Option<i16>,
    /// The hospital's invoice number.
    pub invoice: String,
}

impl SettlementHeard {
    /// Reads an answer; none where it is not readable as that.
    pub fn hear(answer: &Answer) -> Option<Self> {
        heard(answer, |output| {
            let row = output.node("setlinfo")?;
            Some(Self {
                bill: BillHeard::read(output)?,
                refund: row.flag("refd_setl_flag"),
                days: row.date("begndate").zip(row.date("enddate")),
                year: row.word("year").flatten(),
                invoice: row.text("invono"),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asking::checked::{AT, ODD, answered, answered_in_texts, refused};
    use crate::codes::Refusal;
    use crate::transactions::{HospitalFacts, PersonFacts, Settled};
    use model::{EncounterId, SettlementId};
    use proptest::prelude::*;

    fn settled(amounts: Amounts, settlement: Option<SettlementId>) -> Settled {
        Settled {
            person: PersonFacts { number: "990100".into(), name: ODD.into(), ..PersonFacts::default() },
            encounter: EncounterId(7),
            settlement,
            time: settlement.map(|_| AT),
            insurance_kind: 310,
            proof: "03".into(),
            care_kind: "11".into(),
            clearing_kind: "11".into(),
            amounts,
            fund_rate: Rate::from_ten_thousandths(8_500),
            balance: Money::from_fen(4_567),
            message: "M1".into(),
            division: "990100".into(),
            refund: amounts.total.is_negative(),
            hospital: HospitalFacts {
                code: "H99010300002".into(),
                begins: Some(AT.date()),
                ends: Some(AT.date()),
                year: 2026,
                invoice: "FP1".into(),
                ..HospitalFacts::default()
            },
        }
    }

    fn bill() -> Amounts {
        let mut funds = [Money::ZERO; Fund::ALL.len()];
        funds[Fund::Pooled as usize] = Money::from_fen(2_480);
        Amounts {
            total: Money::from_fen(23_170),
            prior_self_pay: Money::from_fen(2_625),
            eligible: Money::from_fen(20_545),
            deductible_paid: Money::from_fen(17_445),
            funds,
            personal_account: Money::from_fen(20_690),
            ..Amounts::default()
        }
    }

    #[test]
    fn a_settlement_is_heard_as_it_was_told() {
        let told = settled(bill(), Some(SettlementId(8)));
        let expected = BillHeard {
            settlement: Some("8".into()),
            visit: "7".into(),
            amounts: bill(),
            funds_told: Some(Money::from_fen(2_480)),
            balance: Money::from_fen(4_567),
            time: Some(AT),
            fund_rate: Rate::from_ten_thousandths(8_500),
            clearing_kind: "11".into(),
            insurance: Some(InsuranceKind::EMPLOYEE),
            payers: vec![
                PayerHeard {
                    code: "310100".into(),
                    name: "城镇职工基本医疗保险统筹基金".into(),
                    paid: Money::from_fen(2_480),
                },
                PayerHeard {
                    code: "310200".into(),
                    name: "城镇职工基本医疗保险个人账户基金".into(),
                    paid: Money::from_fen(20_690),
                },
            ],
        };
        for infno in ["2207", "2208", "2304"] {
            assert_eq!(BillHeard::hear(&answered(infno, &told)).as_ref(), Some(&expected), "{infno}");
            assert_eq!(
                BillHeard::hear(&answered_in_texts(infno, &told)).as_ref(),
                Some(&expected),
                "{infno}"
            );
        }
        let tried = BillHeard::hear(&answered("2206", &settled(bill(), None))).unwrap();
        assert_eq!(tried, BillHeard { settlement: None, time: None, ..expected.clone() });
        let asked = SettlementHeard::hear(&answered("5203", &told)).unwrap();
        let days = Some((AT.date(), AT.date()));
        let expected =
            SettlementHeard { bill: expected, refund: false, days, year: Some(2026), invoice: "FP1".into() };
        assert_eq!(asked, expected);
        let voided =
            SettlementHeard::hear(&answered("5203", &settled(-bill(), Some(SettlementId(9))))).unwrap();
        assert_eq!((voided.refund, voided.bill.amounts), (true, -bill()));
    }

    #[test]
    fn another_centre_tells_national_members_only() {
        let text = r#"{"infcode":"0","output":{"setlinfo":{"setl_id":"ZY-8","mdtrt_id":"V甲","medfee_sumamt":100,
            "inscp_scp_amt":"90","hifp_pay":70.1,"fund_pay_sumamt":"75.10","maf_pay":5.0,"psn_cash_pay":24.90,"balc":null,
            "setl_time":"20261123080000","insutype":"390"},"setldetail":[{"fund_pay_type":"310100","fund_payamt":70.10},
            {"fund_pay_type":"X1","fund_pay_type_name":"某基金","fund_payamt":5}]}}"#;
        let heard = BillHeard::hear(&Answer { text: text.as_bytes().into() }).unwrap();
        let mut funds = [Money::ZERO; Fund::ALL.len()];
        funds[Fund::Pooled as usize] = Money::from_fen(7_010);
        funds[Fund::Aid as usize] = Money::from_yuan(5);
        let amounts = Amounts {
            total: Money::from_yuan(100),
            eligible: Money::from_yuan(90),
            funds,
            cash: Money::from_fen(2_490),
            ..Amounts::default()
        };
        assert_eq!(heard.amounts, amounts);
        assert_eq!((heard.settlement.as_deref(), heard.visit.as_str()), (Some("ZY-8"), "V甲"));
        assert_eq!(
            (heard.funds_told, heard.insurance),
            (Some(Money::from_fen(7_510)), Some(InsuranceKind(390)))
        );
        assert_eq!((heard.time, heard.balance, heard.fund_rate), (Some(AT), Money::ZERO, Rate::ZERO));
        let names: Vec<&str> = heard.payers.iter().map(|payer| payer.name.as_str()).collect();
        assert_eq!(names, ["城镇职工基本医疗保险统筹基金", "某基金"]);
    }

    #[test]
    fn what_says_no_total_is_no_bill() {
        assert_eq!(BillHeard::hear(&answered("2202", &())), None);
        assert_eq!(BillHeard::hear(&refused("2207", &Refusal::NoLines)), None);
        let text = |member: &str| format!(r#"{{"infcode":0,"output":{{"setlinfo":{{{member}}}}}}}"#);
        for odd in [r#""setl_id":"8""#, r#""medfee_sumamt":"dear""#, r#""medfee_sumamt":1,"acct_pay":"x""#] {
            assert_eq!(BillHeard::hear(&Answer { text: text(odd).into_bytes().into() }), None, "{odd}");
        }
    }

    fn amounts() -> impl Strategy<Value = Amounts> {
        let fen = || (-9_999_999_999_i64..=9_999_999_999).prop_map(Money::from_fen);
        let parts = (fen(), fen(), fen(), fen(), fen(), fen());
        let funds = proptest::array::uniform8(prop_oneof![Just(Money::ZERO), fen()]);
        (parts, funds, fen(), fen(), fen(), fen()).prop_map(
            |(parts, funds, account, relatives, cash, hospital)| Amounts {
                total: parts.0,
                out_of_scope: parts.1,
                over_price_limit: parts.2,
                prior_self_pay: parts.3,
                eligible: parts.4,
                deductible_paid: parts.5,
                funds,
                personal_account: account,
                mutual_aid: relatives,
                cash,
                hospital_share: hospital,
            },
        )
    }

    proptest! {
        #[test]
        fn every_share_is_heard_from_every_answer(amounts in amounts()) {
            let told = settled(amounts, Some(SettlementId(8)));
            for infno in ["2206", "2207", "2208", "2303", "2304", "2305", "5203"] {
                for answer in [answered(infno, &told), answered_in_texts(infno, &told)] {
                    let heard = BillHeard::hear(&answer).expect("it is a bill");
                    prop_assert_eq!(heard.amounts, amounts, "{}", infno);
                    prop_assert_eq!(heard.funds_told, Some(amounts.funds_total()));
                }
            }
        }
    }
}
