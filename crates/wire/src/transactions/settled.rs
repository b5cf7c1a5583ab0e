//! The answer of 2206, 2207, 2208 and 5203: one settlement with its payers.

use jiff::civil::{Date, DateTime};
use model::{Amounts, EncounterId, Fund, SettlementId};
use money::{Money, Rate};

use crate::output::{Outgoing, Value};

/// The person as answers name them.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct PersonFacts {
    /// The person's number.
    pub number: String,
    /// Name.
    pub name: String,
    /// National kind of document.
    pub document_kind: String,
    /// Its number.
    pub document: String,
    /// National code.
    pub gender: String,
    /// Day of birth.
    pub born: Option<Date>,
    /// Full years.
    pub age: i64,
    /// National type of person.
    pub person_type: String,
    /// Has the civil servants' supplement.
    pub civil_servant: bool,
}

impl std::fmt::Debug for PersonFacts {
    /// Names and document numbers stay out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PersonFacts").field("number", &self.number).finish_non_exhaustive()
    }
}

impl PersonFacts {
    pub(crate) fn field(&self, name: &str) -> Value<'_> {
        match name {
            "psn_no" => self.number.as_str().into(),
            "psn_name" => self.name.as_str().into(),
            "psn_cert_type" => self.document_kind.as_str().into(),
            "certno" => self.document.as_str().into(),
            "gend" => self.gender.as_str().into(),
            "brdy" => self.born.map_or(Value::Absent, Value::Date),
            "age" => Value::Integer(self.age),
            "psn_type" => self.person_type.as_str().into(),
            "cvlserv_flag" => super::flag(self.civil_servant),
            _ => Value::Absent,
        }
    }
}

/// One settlement, as it is answered.
#[derive(Clone, PartialEq, Eq)]
pub struct Settled {
    /// Whose.
    pub person: PersonFacts,
    /// Which visit.
    pub encounter: EncounterId,
    /// Our id; none for a trial.
    pub settlement: Option<SettlementId>,
    /// When; none for a trial.
    pub time: Option<DateTime>,
    /// Under which insurance.
    pub insurance_kind: u16,
    /// National kind of proof.
    pub proof: String,
    /// National kind of care.
    pub care_kind: String,
    /// National kind of clearing.
    pub clearing_kind: String,
    /// The shares; all negative for a void.
    pub amounts: Amounts,
    /// What the pool pays of what lies above the deductible.
    pub fund_rate: Rate,
    /// What the account holds after.
    pub balance: Money,
    /// The message that made it.
    pub message: String,
    /// The division that clears it.
    pub division: String,
    /// A void.
    pub refund: bool,
    /// The hospital, for 5203.
    pub hospital: HospitalFacts,
}

impl std::fmt::Debug for Settled {
    /// Names and document numbers stay out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settled")
            .field("person", &self.person)
            .field("encounter", &self.encounter)
            .field("settlement", &self.settlement)
            .finish_non_exhaustive()
    }
}

/// What 5203 says beside the settlement.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HospitalFacts {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// National grade.
    pub grade: String,
    /// When the visit began.
    pub begins: Option<Date>,
    /// Last day: of a stay the discharge, else the same.
    pub ends: Option<Date>,
    /// Benefit year.
    pub year: i16,
    /// The hospital's invoice number.
    pub invoice: String,
    /// The employer's name.
    pub employer: String,
}

/// What the hospital bears, beside the funds.
pub(crate) const HOSPITAL_FUND: &str = "999996";

/// A payer's national fund code and name.
pub(crate) const FUNDS: [(&str, &str); Fund::ALL.len()] = [
    (super::POOLED_FUND, "城镇职工基本医疗保险统筹基金"),
    ("330100", "大额医疗费用补助基金"),
    ("320100", "公务员医疗补助基金"),
    ("390200", "大病医疗保险基金"),
    ("370100", "企业补充医疗保险基金"),
    ("350100", "一至六级残疾军人医疗补助基金"),
    ("610100", "医疗救助基金"),
    ("999997", "其他基金"),
];

impl Settled {
    fn payers(&self) -> Vec<(&'static str, &'static str, Money)> {
        let funds = Fund::ALL
            .iter()
            .map(|fund| (FUNDS[*fund as usize].0, FUNDS[*fund as usize].1, self.amounts.fund(*fund)));
        funds
            .chain([
                (super::ACCOUNT_FUND, "城镇职工基本医疗保险个人账户基金", self.amounts.personal_account),
                (HOSPITAL_FUND, "医院垫付", self.amounts.hospital_share),
            ])
            .filter(|(_, _, paid)| !paid.is_zero())
            .collect()
    }

    fn amount(&self, name: &str) -> Option<Money> {
        let a = &self.amounts;
        Some(match name {
            "medfee_sumamt" => a.total,
            "fulamt_ownpay_amt" => a.out_of_scope,
            "overlmt_selfpay" => a.over_price_limit,
            "preselfpay_amt" => a.prior_self_pay,
            "inscp_scp_amt" => a.eligible,
            "act_pay_dedc" => a.deductible_paid,
            "hifp_pay" => a.fund(Fund::Pooled),
            "cvlserv_pay" => a.fund(Fund::CivilServant),
            "hifes_pay" => a.fund(Fund::Employer),
            "hifmi_pay" => a.fund(Fund::CriticalIllness),
            "hifob_pay" => a.fund(Fund::MajorMedical),
            "hifdm_pay" => a.fund(Fund::Disabled),
            "maf_pay" => a.fund(Fund::Aid),
            "oth_pay" => a.fund(Fund::Other),
            "fund_pay_sumamt" => a.funds_total(),
            "psn_part_amt" | "psn_pay" => a.patient_share(),
            "acct_pay" => a.personal_account,
            "psn_cash_pay" | "cash_payamt" | "pdn_cash_pay" => a.cash,
            "hosp_part_amt" => a.hospital_share,
            "acct_mulaid_pay" => a.mutual_aid,
            "balc" => self.balance,
            _ => return None,
        })
    }

    fn info(&self, name: &str) -> Value<'_> {
        if let Some(amount) = self.amount(name) {
            return amount.into();
        }
        match name {
            "mdtrt_id" => self.encounter.to_string().into(),
            "setl_id" => self.settlement.map(|id| id.to_string()).into(),
            "setl_time" => self.time.map_or(Value::Absent, Value::Time),
            "insutype" => self.insurance_kind.to_string().into(),
            "mdtrt_cert_type" if !self.proof.is_empty() => self.proof.as_str().into(),
            "med_type" => self.care_kind.as_str().into(),
            "pool_prop_selfpay" => Value::Rate(self.fund_rate),
            "medins_setl_id" => self.message.as_str().into(),
            "clr_optins" if self.settlement.is_some() => self.division.as_str().into(),
            "clr_way" if self.settlement.is_some() => "1".into(),
            "clr_type" => self.clearing_kind.as_str().into(),
            "refd_setl_flag" => super::flag(self.refund),
            _ => match self.hospital.field(name) {
                Value::Absent => self.person.field(name),
                value => value,
            },
        }
    }

    fn payer(&self, row: usize, name: &str) -> Value<'_> {
        let (code, label, paid) = self.payers()[row];
        match name {
            "fund_pay_type" => code.into(),
            "fund_pay_type_name" => label.into(),
            "inscp_scp_amt" => self.amounts.eligible.into(),
            "crt_payb_lmt_amt" => Money::ZERO.into(),
            "fund_payamt" => paid.into(),
            _ => Value::Absent,
        }
    }
}

impl HospitalFacts {
    fn field(&self, name: &str) -> Value<'_> {
        if self.code.is_empty() {
            return Value::Absent;
        }
        match name {
            "fixmedins_code" => self.code.as_str().into(),
            "fixmedins_name" => self.name.as_str().into(),
            "hosp_lv" => self.grade.as_str().into(),
            "begndate" => self.begins.map_or(Value::Absent, Value::Date),
            "enddate" => self.ends.map_or(Value::Absent, Value::Date),
            "year" => self.year.to_string().into(),
            "invono" if !self.invoice.is_empty() => self.invoice.as_str().into(),
            "emp_name" => self.employer.as_str().into(),
            _ => Value::Absent,
        }
    }
}

impl Outgoing for Settled {
    fn rows(&self, node: &str) -> usize {
        if node == "setldetail" { self.payers().len() } else { 1 }
    }

    fn field(&self, node: &str, row: usize, name: &str) -> Value<'_> {
        if node == "setldetail" { self.payer(row, name) } else { self.info(name) }
    }
}
