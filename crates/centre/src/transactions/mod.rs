//! The handlers, one file a transaction: what it needs, what it decides. A new one is one line here.

mod apply_clearing;
mod audit_details;
mod cancel_department;
mod cancel_discharge;
mod cancel_fees;
mod cancel_mapping;
mod cancel_registration;
mod change_admission;
mod check_benefit;
mod discharge_inpatient;
mod confirm_offsite;
mod download_catalogue;
mod download_file;
mod explain;
mod fetch_offsite;
mod get_institution;
mod get_person;
mod keep_upload;
mod outcome;
mod preview_bill;
mod preview_pharmacy;
mod preview_rest;
mod put_on_file;
mod query_accumulators;
mod query_catalogue;
mod query_departments;
mod query_diagnoses;
mod query_dictionaries;
mod query_disease_medication;
mod query_fees;
mod query_filings;
mod query_inpatients;
mod query_mapping;
mod query_settlement;
mod query_staff;
mod query_visits;
mod reconcile_details;
mod reconcile_totals;
mod register_department;
mod register_inpatient;
mod register_outpatient;
mod reverse_message;
mod settle_bill;
mod settle_pharmacy;
mod sign_in;
mod sign_out;
mod take_off_file;
mod upload_fees;
mod upload_file;
mod upload_mapping;
mod upload_settlement_list;
mod upload_visit;
mod void_bill;
mod withdraw_clearing;
mod withdraw_offsite;

pub(crate) use reconcile_details::{Compared, compare};
pub(crate) use reconcile_totals::{AgreedDay, agreed_day};

use store::{Needs, Sealer, Who};
use wire::transactions as typed;
use wire::{Message, Refusal};

use crate::decide::{Context, Decision, Moment};
use crate::enrol::document_hash;
use crate::state::State;

pub(crate) use put_on_file::FACTS as FILING_FACTS;

macro_rules! requests {
    ($($infno:pat => $variant:ident in $module:ident;)*) => {
        /// A typed input of any transaction this centre offers.
        #[derive(Debug, Clone)]
        pub(crate) enum Request {
            $($variant(Box<typed::$variant>)),*
        }

        impl Request {
            /// Reads the input of a message.
            pub(crate) fn read(message: &Message) -> Result<Self, Refusal> {
                match message.transaction.infno {
                    $($infno => typed::$variant::read(&message.input).map(|r| Self::$variant(Box::new(r))),)*
                    other => Err(Refusal::InfnoNotOffered { infno: other.into() }),
                }
            }

            /// The rows it must see.
            pub(crate) fn needs(&self, needs: &mut Needs, sealer: &Sealer) {
                match self { $(Self::$variant(request) => $module::needs(request, needs, sealer)),* }
            }

            /// Decides it on the loaded rows.
            pub(crate) fn decide(&self, context: &Context<'_>, state: &mut State, at: &mut Moment<'_>) -> Result<Decision, Refusal> {
                match self { $(Self::$variant(request) => $module::decide(request, context, state, at)),* }
            }
        }
    };
}

requests! {
    "9001" => SignIn in sign_in;
    "9002" => SignOut in sign_out;
    "1101" => GetPerson in get_person;
    "2001" => CheckBenefit in check_benefit;
    "2101" => PreviewPharmacy in preview_pharmacy;
    "2102" => SettlePharmacy in settle_pharmacy;
    "2201" => RegisterOutpatient in register_outpatient;
    "2202" | "2404" => CancelRegistration in cancel_registration;
    "2203" | "2203A" => UploadVisit in upload_visit;
    "2204" | "2301" => UploadFees in upload_fees;
    "2205" | "2302" => CancelFees in cancel_fees;
    "2206" | "2303" => PreviewBill in preview_bill;
    "2207" | "2304" => SettleBill in settle_bill;
    "2103" | "2208" | "2305" => VoidBill in void_bill;
    "2401" => RegisterInpatient in register_inpatient;
    "2402" => DischargeInpatient in discharge_inpatient;
    "2403" => ChangeAdmission in change_admission;
    "2405" => CancelDischarge in cancel_discharge;
    "2601" => ReverseMessage in reverse_message;
    "2501" | "2503" | "2505" => PutOnFile in put_on_file;
    "2502" | "2504" | "2506" => TakeOffFile in take_off_file;
    "5301" | "5302" | "5304" => QueryFilings in query_filings;
    "3101" | "3102" => AuditDetails in audit_details;
    "3201" => ReconcileTotals in reconcile_totals;
    "3202" => ReconcileDetails in reconcile_details;
    "3203" => ApplyClearing in apply_clearing;
    "3204" => WithdrawClearing in withdraw_clearing;
    "3260" => FetchOffsite in fetch_offsite;
    "3261" => ConfirmOffsite in confirm_offsite;
    "3262" => WithdrawOffsite in withdraw_offsite;
    "3401" | "3402" => RegisterDepartment in register_department;
    "3403" => CancelDepartment in cancel_department;
    "3501" | "3502" | "3503" | "3504" | "3505" | "3506" | "3507" | "4102" | "4201" | "4202" | "4203" | "4204" | "4205"
    | "4401" | "4402" => KeepUpload in keep_upload;
    "4101" | "4101A" => UploadSettlementList in upload_settlement_list;
    "1201" => GetInstitution in get_institution;
    "1301" | "1302" | "1303" | "1305" | "1306" | "1307" | "1308" | "1309" | "1310" | "1311" | "1313" | "1314" | "1315"
    | "1320" => DownloadCatalogue in download_catalogue;
    "1304" | "1312" | "1316" | "1318" | "1319" => QueryCatalogue in query_catalogue;
    "1317" => QueryMapping in query_mapping;
    "3301" => UploadMapping in upload_mapping;
    "3302" => CancelMapping in cancel_mapping;
    "1901" => QueryDictionaries in query_dictionaries;
    "9101" => UploadFile in upload_file;
    "9102" => DownloadFile in download_file;
    "5101" => QueryDepartments in query_departments;
    "5102" => QueryStaff in query_staff;
    "5201" => QueryVisits in query_visits;
    "5202" => QueryDiagnoses in query_diagnoses;
    "5203" => QuerySettlement in query_settlement;
    "5204" => QueryFees in query_fees;
    "5205" => QueryDiseaseMedication in query_disease_medication;
    "5206" => QueryAccumulators in query_accumulators;
    "5303" => QueryInpatients in query_inpatients;
    "outcome" => Outcome in outcome;
    "explain" => Explain in explain;
    "rest" => PreviewRest in preview_rest;
}

impl Request {
    /// Whether it undoes or ends something.
    pub(crate) fn frees(&self) -> bool {
        matches!(self, Self::VoidBill(_) | Self::ReverseMessage(_) | Self::SignOut(_))
    }

    /// How the items it charges are mapped, where that is asked.
    pub(crate) fn needs_mapping(&self, needs: &mut Needs) {
        let lines = match self {
            Self::UploadFees(request) => &request.lines,
            Self::SettlePharmacy(request) => &request.lines,
            Self::PreviewPharmacy(request) => &request.0.lines,
            _ => return,
        };
        let mut own: Vec<String> = lines.iter().map(|line| line.hospital_item.clone()).collect();
        own.sort_unstable();
        own.dedup();
        needs.registers.push(store::Registers::Under(model::RegisterKind::Mapping, own));
    }

    /// Whether the audit log must say who asked: it gives a person's data to whichever institution asks.
    pub(crate) fn is_audited_query(&self) -> bool {
        matches!(
            self,
            Self::GetPerson(_)
                | Self::CheckBenefit(_)
                | Self::QueryFilings(_)
                | Self::QueryDiseaseMedication(_)
                | Self::QueryAccumulators(_)
        )
    }

    /// Whether this is what gives an operator a sign-in.
    pub(crate) fn is_sign_in(&self) -> bool {
        matches!(self, Self::SignIn(_))
    }
}

/// A person by a document or a card.
fn by_key(key: &typed::PersonKey, sealer: &Sealer) -> Who {
    match key {
        typed::PersonKey::Document(kind, number) => Who::Document(document_hash(kind, number, sealer)),
        typed::PersonKey::Card(number) => Who::Card(sealer.search("person.card", number)),
    }
}

/// A person by number.
fn who(number: &model::PersonNumber) -> Who {
    Who::Number(number.clone())
}
