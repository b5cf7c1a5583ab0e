//! The transactions with typed inputs: national names on one side, domain names on the other. One file each.

mod apply_clearing;
mod audit_details;
mod cancel_discharge;
mod cancel_fees;
mod cancel_registration;
mod change_admission;
mod check_benefit;
mod discharge_inpatient;
mod download_catalogue;
mod explain;
mod files;
mod get_person;
mod keep_upload;
mod mapping;
mod offsite;
mod outcome;
mod preview_bill;
mod preview_rest;
mod put_on_file;
mod query_accumulators;
mod query_catalogue;
mod query_diagnoses;
mod query_dictionaries;
mod query_fees;
mod query_filings;
mod query_register;
mod query_settlement;
mod query_visits;
mod reconcile_details;
mod reconcile_totals;
mod register_department;
mod register_inpatient;
mod register_outpatient;
mod reverse_message;
mod settle_bill;
mod settle_pharmacy;
mod settled;
mod sign_in;
mod sign_out;
mod take_off_file;
mod upload_fees;
mod upload_settlement_list;
mod upload_visit;
mod void_bill;

pub use apply_clearing::{ApplyClearing, ClearingApplied, WithdrawClearing};
pub use audit_details::{AuditDetails, AuditedCare, DetailsAudited, HitTold, ORDERS_MAX, Order};
pub use cancel_discharge::CancelDischarge;
pub use cancel_fees::{CancelFees, WhichFees};
pub use cancel_registration::CancelRegistration;
pub use change_admission::ChangeAdmission;
pub use check_benefit::{BenefitChecked, CheckBenefit};
pub use discharge_inpatient::DischargeInpatient;
pub use download_catalogue::{DownloadCatalogue, Downloaded, FileReady, code_line, item_line};
pub use explain::{Explain, Explained, StepTold};
pub use files::{DownloadFile, FileKept, UploadFile};
pub use get_person::{GetPerson, Insurance, PersonFound, PersonKey};
pub use keep_upload::{KeepUpload, is_only_kept};
pub use mapping::{
    CancelMapping, LIST_TYPE, MAPPED_ITEM, MAPPINGS_MAX, MEMO, Mapped, MappingShown, MappingsFound, OWN_NAME,
    QueryMapping, UploadMapping, mapping_words,
};
pub use offsite::{
    ConfirmOffsite, ConfirmedRow, FetchOffsite, OFFSITE_ROWS_MAX, OffsiteFetched, OffsiteRowTold,
    WithdrawOffsite,
};
pub use outcome::{Outcome, OutcomeFound};
pub use preview_bill::PreviewBill;
pub use preview_rest::{PreviewRest, RestLine};
pub use put_on_file::{OnFile, PutOnFile};
pub use query_accumulators::{AccumulatorsFound, QueryAccumulators};
pub use query_catalogue::{
    BEGINNING, CatalogueFound, ItemShown, PAGE_MAX, Page, Paged, QueryCatalogue, Shown,
};
pub use query_diagnoses::{DiagnosesFound, QueryDiagnoses};
pub use query_dictionaries::{CodesFound, QueryDictionaries};
pub use query_fees::{FeeFound, FeesFound, QueryDiseaseMedication, QueryFees, said_of_lines};
pub use query_filings::{FilingFound, FilingsFound, QueryFilings};
pub use query_register::{
    GetInstitution, InstitutionsFound, QueryDepartments, QueryStaff, Registered as RegisterFound,
};
pub use query_settlement::QuerySettlement;
pub use query_visits::{QueryInpatients, QueryVisits, VisitFound, VisitsFound};
pub use reconcile_details::{DetailsReconciled, DifferenceTold, ReconcileDetails, TheirRow, read_rows};
pub use reconcile_totals::{ReconcileTotals, Sums, TotalsReconciled};
pub use register_department::{CancelDepartment, RegisterDepartment};
pub use register_inpatient::RegisterInpatient;
pub use register_outpatient::{RegisterOutpatient, Registered};
pub use reverse_message::{ReverseMessage, taking_back};
pub use settle_bill::{STAY_SCOPE, SettleBill, Splits};
pub use settle_pharmacy::{PURCHASE_SCOPE, PreviewPharmacy, PurchaseSettled, SettlePharmacy, purchase_kind};
pub use settled::{HospitalFacts, PersonFacts, Settled};
pub use sign_in::{SignIn, SignedIn};
pub use sign_out::{SignOut, SignedOut};
pub use take_off_file::TakeOffFile;
pub use upload_fees::{FeeLine, FeesPriced, LINES_MAX, PricedLine, UploadFees, is_trace_code};
pub use upload_settlement_list::{ListKept, UploadSettlementList};
pub use upload_visit::{Diagnosis, UploadVisit};
pub use void_bill::VoidBill;

pub(crate) use cancel_fees::ALL_FEES;
pub(crate) use download_catalogue::class_code;
pub(crate) use settled::{FUNDS, HOSPITAL_FUND};
pub(crate) use upload_fees::NO_LIMIT;

use model::{EncounterId, FilingKind, InsuranceKind, PersonNumber, SettlementId, VisitKind};

use crate::codes::Refusal;
use crate::dictionary;
use crate::facts::Facts;
use crate::input::Fields;
use crate::output::Value;
use crate::words::{Both, Rule};

/// National code of the pooled fund.
const POOLED_FUND: &str = "310100";
/// National code of the personal account.
const ACCOUNT_FUND: &str = "310200";

fn flag(value: bool) -> Value<'static> {
    if value { "1" } else { "0" }.into()
}

/// The person a row names.
fn person(fields: Fields<'_>) -> Result<PersonNumber, Refusal> {
    Ok(fields.need("psn_no")?.into())
}

/// The visit a row names. What is no number of ours is a visit we do not know.
fn encounter(fields: Fields<'_>) -> Result<EncounterId, Refusal> {
    let text = fields.need("mdtrt_id")?;
    text.parse().map_err(|_| Refusal::VisitUnknown { visit: short(text) })
}

/// All rows of a call belong to one visit of one person.
fn one_visit(
    input: &crate::Input,
    node: &str,
    whose: &PersonNumber,
    visit: EncounterId,
) -> Result<(), Refusal> {
    for row in input.rows(node) {
        if person(row)? != *whose {
            return Err(Refusal::PersonMismatch { person: row.text("psn_no").into() });
        }
        if encounter(row)? != visit {
            return Err(Refusal::FieldInvalid {
                field: "mdtrt_id".into(),
                value: short(row.text("mdtrt_id")),
                rule: Rule::OneVisit,
            });
        }
    }
    Ok(())
}

fn settlement(fields: Fields<'_>) -> Result<SettlementId, Refusal> {
    let text = fields.need("setl_id")?;
    text.parse().map_err(|_| Refusal::SettlementUnknown { settlement: short(text) })
}

fn insurance_kind(fields: Fields<'_>) -> Result<InsuranceKind, Refusal> {
    let text = fields.need("insutype")?;
    text.parse().map(InsuranceKind).map_err(|_| Refusal::CodeUnknown {
        field: "insutype".into(),
        value: short(text),
        dictionary: "insutype".into(),
    })
}

/// What kind of filing a transaction is about.
fn filing_kind(infno: &str) -> FilingKind {
    match infno {
        "2501" | "2502" | "5304" => FilingKind::Referral,
        "2503" | "2504" | "5301" => FilingKind::ListedDisease,
        _ => FilingKind::Institution,
    }
}

/// What is said of a visit or a stay, besides what has a column of its own.
const VISIT_FACTS: [&str; 28] = [
    "mdtrt_cert_type",
    "coner_name",
    "tel",
    "medrcdno",
    "adm_diag_dscr",
    "adm_bed",
    "dscg_maindiag_code",
    "dscg_maindiag_name",
    "dscg_dept_codg",
    "dscg_dept_name",
    "dscg_bed",
    "dscg_way",
    "die_date",
    "main_cond_dscr",
    "dise_name",
    "oprn_oprt_code",
    "oprn_oprt_name",
    "fpsc_no",
    "matn_type",
    "birctrl_type",
    "latechb_flag",
    "geso_val",
    "fetts",
    "fetus_cnt",
    "pret_flag",
    "birctrl_matn_date",
    "cop_flag",
    "caty",
];

fn visit_facts(row: Fields<'_>) -> Facts {
    Facts::of(row, &VISIT_FACTS)
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

/// What benefit rules see in a national kind of care; none for codes that mean no outpatient care.
pub fn outpatient_kind(care_kind: &str) -> Option<VisitKind> {
    Some(match care_kind {
        "11" | "12" | "19" | "81" | "91" => VisitKind::Outpatient,
        "13" => VisitKind::Emergency,
        "14" | "1401" => VisitKind::Chronic,
        "1402" | "1403" => VisitKind::Special,
        "15" => VisitKind::DualChannel,
        "51" | "53" | "5301" => VisitKind::Maternity,
        _ => return None,
    })
}

/// What benefit rules see in a national kind of care; none for codes that mean no stay.
pub fn inpatient_kind(care_kind: &str) -> Option<VisitKind> {
    Some(match care_kind {
        "21" | "22" | "23" | "24" | "25" | "26" | "27" | "92" => VisitKind::Inpatient,
        "28" => VisitKind::DaySurgery,
        "52" | "5302" => VisitKind::Maternity,
        _ => return None,
    })
}

/// Whether a message is about a stay, where visits and stays have twins: those of stays are numbered 23xx and 24xx.
fn of_stay(input: &crate::Input) -> bool {
    let infno = input.transaction().infno;
    infno.starts_with("23") || infno.starts_with("24")
}

/// What kind of care a message may be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// A visit.
    Visit,
    /// A stay.
    Stay,
    /// Either.
    Any,
}

/// The national kind of care of a row, as code and as benefit rules see it.
fn care(fields: Fields<'_>, wanted: Wanted) -> Result<(String, VisitKind), Refusal> {
    let code = fields.need("med_type")?;
    let (visit, stay) = (outpatient_kind(code), inpatient_kind(code));
    let purchase = settle_pharmacy::purchase_kind(code);
    let found = match wanted {
        Wanted::Visit => visit,
        Wanted::Stay => stay,
        Wanted::Any => visit.or(stay).or(purchase),
    };
    match found {
        Some(kind) => Ok((code.to_owned(), kind)),
        None if visit.or(stay).or(purchase).is_some() => {
            Err(misplaced(code, wanted, fields.transaction().infno))
        }
        None => Err(no_care(code)),
    }
}

/// A kind of care that belongs to the other half: which transaction takes it there.
fn misplaced(code: &str, wanted: Wanted, infno: &str) -> Refusal {
    let (wanted, instead) = if wanted == Wanted::Stay {
        (Both::of("住院", "a stay"), Both::of("门诊请用 2201", "for an outpatient visit use 2201"))
    } else {
        let twin = match infno {
            "2206" => "2303",
            "2207" => "2304",
            _ => "2401",
        };
        let stay = Both::new(format!("住院请用 {twin}"), format!("for a stay use {twin}"));
        let purchase = Both::of("药店购药请用 2102", "for a purchase at a pharmacy use 2102");
        let instead = if settle_pharmacy::purchase_kind(code).is_some() { purchase } else { stay };
        (Both::of("门诊", "outpatient care"), instead)
    };
    Refusal::CareKindMisplaced { kind: code.into(), wanted, instead }
}

/// A kind of care that is neither a visit nor a stay to us: listed, or nothing at all.
fn no_care(code: &str) -> Refusal {
    let listed = dictionary("med_type").and_then(|d| d.codes.iter().find(|(listed, ..)| *listed == code));
    match listed {
        Some((_, name, _)) => Refusal::CareKindNotOffered { kind: code.into(), name: (*name).into() },
        None => Refusal::CodeUnknown {
            field: "med_type".into(),
            value: short(code),
            dictionary: "med_type".into(),
        },
    }
}

/// The first row of the main node.
fn main_row<'a>(input: &'a crate::Input, field: &str, name: &str) -> Result<Fields<'a>, Refusal> {
    let node = input.transaction().input.first().map_or("", |node| node.name);
    input.first(node).ok_or_else(|| Refusal::FieldMissing { field: field.into(), name: name.into() })
}

/// The first row of a node; a message without it lacks everything.
fn first<'a>(
    input: &'a crate::Input,
    node: &'static str,
    field: &str,
    name: &str,
) -> Result<Fields<'a>, Refusal> {
    input.first(node).ok_or_else(|| Refusal::FieldMissing { field: field.into(), name: name.into() })
}
