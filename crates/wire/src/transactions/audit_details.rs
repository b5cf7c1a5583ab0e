//! 3101, 3102: what is ordered or about to be charged, looked at before it is settled.

use std::ops::Neg;

use jiff::civil::Date;
use model::{EncounterId, PersonNumber, VisitKind};
use money::{Money, Quantity};

use super::upload_fees::{LINES_MAX, NUMBER_MAX, bounded};
use crate::codes::Refusal;
use crate::input::{Fields, Input};
use crate::output::{Outgoing, Value};
use crate::words::Rule;

/// What is ordered for one patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditDetails {
    /// Before anything is given (3101); else on the way (3102).
    pub before: bool,
    /// Whose.
    pub person: PersonNumber,
    /// Rules that are asked for; nothing: all of them.
    pub rules: Vec<String>,
    /// A number of the program's own, given back.
    pub task: String,
    /// The visit the orders are of.
    pub visit: AuditedCare,
}

/// A visit or stay as the hospital tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditedCare {
    /// Its number, as it was written.
    pub number: String,
    /// What kind of care.
    pub kind: VisitKind,
    /// A stay.
    pub stay: bool,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Codes of diagnoses, the main one first.
    pub diagnoses: Vec<String>,
    /// What is ordered.
    pub orders: Vec<Order>,
}

/// One order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The hospital's number of it.
    pub number: String,
    /// National code of the item.
    pub item: String,
    /// Its name, as the hospital writes it.
    pub name: String,
    /// How much of it.
    pub quantity: Quantity,
    /// What it comes to.
    pub amount: Money,
    /// First day.
    pub from: Date,
    /// Last day, where it is said.
    pub to: Option<Date>,
    /// Made now; others were made before.
    pub current: bool,
    /// National kind of list.
    pub list_kind: String,
}

/// Most orders of a call: those of a long stay.
pub const ORDERS_MAX: usize = 30 * LINES_MAX;

impl AuditDetails {
    /// Reads the input of 3101 or 3102. One call is about one patient, and about the visit that goes on.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let data = super::first(input, "data", "patient_dtos", "参保人信息")?;
        let patients: Vec<Fields<'_>> = data.rows("patient_dtos").collect();
        let [patient] = patients.as_slice() else { return Err(one_patient(patients.len())) };
        let current = patient.need("curr_mdtrt_id")?;
        let visit = patient.rows("fsi_encounter_dtos").find(|row| row.text("mdtrt_id") == current);
        let visit = visit.ok_or_else(|| Refusal::FieldInvalid {
            field: "curr_mdtrt_id".into(),
            value: super::short(current),
            rule: Rule::OneVisit,
        })?;
        let rules = data.text("rule_ids").split([',', ';', '|', ' ']).filter(|id| !id.is_empty());
        Ok(Self {
            before: input.transaction().infno == "3101",
            person: patient.need("patn_id")?.into(),
            rules: rules.map(str::to_owned).collect(),
            task: data.text("task_id").into(),
            visit: AuditedCare::read(visit)?,
        })
    }

    /// The visit, if its number is one of ours.
    pub fn encounter(&self) -> Option<EncounterId> {
        self.visit.number.parse().ok()
    }

    /// Under which number what is found of the visit is kept: ours in its one form; of a visit that is not registered yet the
    /// person's with the program's own, which others may have too.
    pub fn kept_under(&self) -> String {
        self.encounter().map_or_else(|| format!("{} {}", self.person, self.visit.number), |id| id.to_string())
    }
}

fn one_patient(count: usize) -> Refusal {
    match count {
        0 => Refusal::FieldMissing { field: "patient_dtos".into(), name: "参保人信息".into() },
        _ => Refusal::FieldInvalid {
            field: "patient_dtos".into(),
            value: count.to_string(),
            rule: Rule::ExactlyOne,
        },
    }
}

impl AuditedCare {
    fn read(row: Fields<'_>) -> Result<Self, Refusal> {
        let (code, kind) = super::care(row, super::Wanted::Any)?;
        let orders: Vec<Order> = row.rows("fsi_order_dtos").map(Order::read).collect::<Result<_, _>>()?;
        if orders.len() > ORDERS_MAX {
            let (count, max) = (orders.len().to_string(), ORDERS_MAX.to_string());
            return Err(Refusal::LinesTooMany { count, max });
        }
        let main = row.need("dscg_main_dise_codg")?;
        let mut diagnoses = vec![main.to_owned()];
        for diagnosis in row.rows("fsi_diagnose_dtos") {
            let code = diagnosis.get("dise_codg").or_else(|| diagnosis.get("dscg_main_dise_codg"));
            diagnoses.extend(code.filter(|code| *code != main).map(str::to_owned));
        }
        let day = |field: &str| {
            row.need(field)?;
            Ok::<_, Refusal>(row.date(field)?.expect("just seen"))
        };
        Ok(Self {
            number: row.need("mdtrt_id")?.into(),
            kind,
            stay: super::inpatient_kind(&code).is_some(),
            from: day("adm_date")?,
            to: day("dscg_date")?,
            diagnoses,
            orders,
        })
    }
}

fn not_below_nothing<T: std::str::FromStr + PartialOrd + Neg<Output = T> + Copy + Default>(
    row: Fields<'_>,
    name: &str,
    max: T,
) -> Result<T, Refusal> {
    let value: T = bounded(row, name, max)?;
    if value >= T::default() {
        return Ok(value);
    }
    Err(Refusal::FieldInvalid { field: name.into(), value: row.text(name).into(), rule: Rule::NotNegative })
}

impl Order {
    fn read(row: Fields<'_>) -> Result<Self, Refusal> {
        row.need("drord_begn_date")?;
        Ok(Self {
            number: row.need("rx_id")?.into(),
            item: row.need("hilist_code")?.into(),
            name: row.text("hilist_name").into(),
            quantity: not_below_nothing(row, "cnt", Quantity::from_ten_thousandths(NUMBER_MAX * 10_000))?,
            amount: not_below_nothing(row, "sumamt", Money::from_yuan(NUMBER_MAX))?,
            from: row.date("drord_begn_date")?.expect("just seen"),
            to: row.date("drord_stop_date")?,
            current: row.text("curr_drord_flag") != "0",
            list_kind: row.text("hilist_type").into(),
        })
    }

    /// For how many days it is, where its last is said.
    pub fn days(&self) -> Option<u16> {
        let days = self.to?.since(self.from).ok()?.get_days();
        u16::try_from(days + 1).ok()
    }
}

/// What met a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HitTold {
    /// Under which number it is kept.
    pub number: String,
    /// The rule's number and name.
    pub rule: (String, String),
    /// What was found.
    pub words: String,
    /// What it comes to.
    pub amount: Money,
    /// 1 against the rules, 2 most likely, 3 to be looked at.
    pub severity: &'static str,
    /// The document the rule comes from.
    pub basis: String,
    /// What the rule looks for, in a code of the centre's: the interface's list of them was never published.
    pub kind: String,
    /// The orders: number, kind of list, amount.
    pub orders: Vec<(String, String, Money)>,
}

/// What met rules of one patient's orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetailsAudited {
    /// Whose.
    pub person: PersonNumber,
    /// The visit, as it was written.
    pub visit: String,
    /// The program's own number.
    pub task: String,
    /// All that was met.
    pub hits: Vec<HitTold>,
}

/// Written for a hit that comes to no amount, and for one that does.
const NO_AMOUNT: &str = "0";
const RECKONED: &str = "1";

impl DetailsAudited {
    /// Where the orders of a hit stand among all of them.
    fn orders_of(&self, hit: usize) -> std::ops::Range<usize> {
        let before = self.hits[..hit].iter().map(|hit| hit.orders.len()).sum();
        before..before + self.hits[hit].orders.len()
    }
}

impl Outgoing for DetailsAudited {
    fn rows(&self, node: &str) -> usize {
        if node == "result" { self.hits.len() } else { 0 }
    }

    fn field(&self, node: &str, row: usize, name: &str) -> Value<'_> {
        match name {
            "patn_id" => return self.person.as_str().into(),
            "mdtrt_id" => return self.visit.as_str().into(),
            _ => {}
        }
        if node == "judge_result_detail_dtos" {
            let mut rest = row;
            let hit = self.hits.iter().find(|hit| {
                let here = rest < hit.orders.len();
                rest -= if here { 0 } else { hit.orders.len() };
                here
            });
            return hit.map_or(Value::Absent, |hit| hit.order_field(rest, name));
        }
        let hit = &self.hits[row];
        match name {
            "task_id" if !self.task.is_empty() => self.task.as_str().into(),
            "judge_result_detail_dtos" => Value::Rows(self.orders_of(row)),
            _ => hit.field(name),
        }
    }
}

impl HitTold {
    fn field(&self, name: &str) -> Value<'_> {
        match name {
            "jr_id" => self.number.as_str().into(),
            "rule_id" => self.rule.0.as_str().into(),
            "rule_name" => self.rule.1.as_str().into(),
            "vola_cont" => self.words.as_str().into(),
            "vola_amt" => self.amount.into(),
            "vola_amt_stas" if self.amount.is_zero() => NO_AMOUNT.into(),
            "vola_amt_stas" => RECKONED.into(),
            "sev_deg" => self.severity.into(),
            "vola_evid" => self.basis.as_str().into(),
            "vola_bhvr_type" => self.kind.as_str().into(),
            _ => Value::Absent,
        }
    }

    fn order_field(&self, at: usize, name: &str) -> Value<'_> {
        let (number, list_kind, amount) = &self.orders[at];
        match name {
            "jrd_id" => format!("{}-{}", self.number, at + 1).into(),
            "rx_id" => number.as_str().into(),
            "vola_item_type" => list_kind.as_str().into(),
            "vola_amt" => (*amount).into(),
            _ => Value::Absent,
        }
    }
}
