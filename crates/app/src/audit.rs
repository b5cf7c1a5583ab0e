//! The officers' desk of audit: what met a rule, and what becomes of it.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use centre::{AuditCase, AuditDesk, CaseState, JudgeError, Judgement};
use clap::{Args, Subcommand};
use model::{HospitalId, SystemClock};
use money::Money;
use store::{CentreStore, HospitalRow, Sealer};
use wire::Language;

use crate::Lang;
use crate::books::Books;

#[derive(Subcommand)]
pub enum AuditCommand {
    /// Cases, the latest first; also while a centre runs 列出审核案件
    List {
        /// Code of one hospital; all of them where left out
        #[arg(long)]
        hospital: Option<String>,
        /// Of one state: raised, asked, appealed, proposed, deducted, dropped
        #[arg(long)]
        state: Option<String>,
        /// Writes them to a file as CSV
        #[arg(long)]
        csv: Option<PathBuf>,
        #[command(flatten)]
        printed: Printed,
    },
    /// One case with all that was done about it 查看一个案件
    Show {
        /// Its number
        number: String,
        #[command(flatten)]
        printed: Printed,
    },
    /// Ask the hospital to explain 要求医院说明
    Ask(Step),
    /// Write down what the hospital says 登记医院申诉
    Appeal(Step),
    /// Propose what is deducted; 0 drops the case 初审:拟扣金额,0 为不扣
    Propose {
        /// Yuan
        #[arg(long)]
        amount: Money,
        #[command(flatten)]
        step: Step,
    },
    /// Another officer confirms 复审同意
    Confirm(Step),
    /// Another officer sends it back 复审退回
    Reject(Step),
}

/// The books, and how what stands in them is printed.
#[derive(Args)]
pub struct Printed {
    #[command(flatten)]
    books: Books,
    /// Language of what is printed
    #[arg(long, value_enum, default_value_t = Lang::Zh)]
    lang: Lang,
}

/// Something that is done about a case.
#[derive(Args)]
pub struct Step {
    /// Number of the case
    number: String,
    /// Who does it
    #[arg(long)]
    by: String,
    /// Why
    #[arg(long, default_value = "")]
    why: String,
    #[command(flatten)]
    printed: Printed,
}

pub fn carry_out(command: AuditCommand) -> anyhow::Result<ExitCode> {
    match command {
        AuditCommand::List { hospital, state, csv, printed } => {
            let desk = Desk::open(&printed)?;
            let cases = desk.cases(hospital.as_deref())?;
            let cases: Vec<AuditCase> =
                cases.into_iter().filter(|c| state.as_ref().is_none_or(|s| s == c.state.word())).collect();
            match csv {
                Some(file) => desk.export(&cases, &file)?,
                None => cases.iter().for_each(|case| println!("{}", desk.line(case))),
            }
            println!("{}", desk.summary(&cases));
        }
        AuditCommand::Show { number, printed } => {
            let desk = Desk::open(&printed)?;
            desk.show(&desk.find(&number)?);
        }
        AuditCommand::Ask(step) => judge(&step, &Judgement::Ask)?,
        AuditCommand::Appeal(step) => judge(&step, &Judgement::Appeal)?,
        AuditCommand::Propose { amount, step } => judge(&step, &Judgement::Propose(amount))?,
        AuditCommand::Confirm(step) => judge(&step, &Judgement::Confirm)?,
        AuditCommand::Reject(step) => judge(&step, &Judgement::Reject)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn judge(step: &Step, judgement: &Judgement) -> anyhow::Result<()> {
    let desk = Desk::open(&step.printed)?;
    let case = desk.find(&step.number)?;
    let judged = step.printed.books.write(&desk.sealer, |writer, _| {
        let mut officer = AuditDesk::new(writer, &desk.sealer, &SystemClock);
        Ok(officer.judge(case.hospital, &case.number, judgement, &step.by, &step.why)?)
    })?;
    desk.show(&judged);
    Ok(())
}

/// Open books, with the institutions of them.
struct Desk {
    store: Box<dyn CentreStore>,
    sealer: Arc<Sealer>,
    hospitals: Vec<HospitalRow>,
    language: Language,
}

impl Desk {
    fn open(printed: &Printed) -> anyhow::Result<Self> {
        let (sealer, store) = (printed.books.sealer()?, printed.books.read_only()?);
        let hospitals = store.hospitals()?;
        let language = if printed.lang == Lang::Zh { Language::Zh } else { Language::En };
        Ok(Self { store, sealer, hospitals, language })
    }

    fn cases(&self, code: Option<&str>) -> anyhow::Result<Vec<AuditCase>> {
        let wanted = self.hospitals.iter().filter(|row| code.is_none_or(|code| row.code == code));
        let ids: Vec<HospitalId> = wanted.map(|row| row.id).collect();
        if let Some(code) = code.filter(|_| ids.is_empty()) {
            return Err(anyhow!("there is no institution {code} 没有机构 {code}"));
        }
        Ok(centre::cases(self.store.reader()?.as_mut(), &ids, &self.sealer)?)
    }

    fn find(&self, number: &str) -> anyhow::Result<AuditCase> {
        let found = self.cases(None)?.into_iter().find(|case| case.number == number);
        found.ok_or_else(|| JudgeError::Unknown(number.into()).into())
    }

    fn hospital(&self, id: HospitalId) -> (&str, &str) {
        let found = self.hospitals.iter().find(|row| row.id == id);
        found.map_or(("", ""), |row| (row.code.as_str(), row.name.as_str()))
    }

    fn line(&self, case: &AuditCase) -> String {
        let (_, hospital) = self.hospital(case.hospital);
        let (state, found) = (case.state.words(), case.found.told(self.language));
        let state = state.told(self.language);
        format!(
            "{}  {}  {hospital}  {}  {}  {state}  {found}",
            case.number, case.day, case.rule.0, case.amount
        )
    }

    fn summary(&self, cases: &[AuditCase]) -> String {
        let deducted = cases.iter().filter(|case| case.state == CaseState::Deducted);
        let sum: Money = deducted.map(|case| case.deduction).sum();
        match self.language {
            Language::Zh => format!("共 {} 件,已扣款 {sum}", cases.len()),
            Language::En => format!("cases: {}, deducted: {sum}", cases.len()),
        }
    }

    fn show(&self, case: &AuditCase) {
        println!("{}", self.line(case));
        let (code, _) = self.hospital(case.hospital);
        let lines = case.lines.join(" ");
        match self.language {
            Language::Zh => println!(
                "  机构 {code}  就诊 {}  人员 {}  明细 {lines}  规则版本 {}  扣款 {}",
                case.visit, case.person, case.rule.1, case.deduction
            ),
            Language::En => println!(
                "  institution {code}  visit {}  person {}  lines {lines}  version {}  deduction {}",
                case.visit, case.person, case.rule.1, case.deduction
            ),
        }
        case.steps.iter().for_each(|step| println!("  {step}"));
    }

    fn export(&self, cases: &[AuditCase], file: &std::path::Path) -> anyhow::Result<()> {
        let mut csv = csv::Writer::from_path(file).with_context(|| format!("writing {}", file.display()))?;
        csv.write_record([
            "number",
            "day",
            "institution",
            "visit",
            "person",
            "rule",
            "version",
            "phase",
            "state",
            "amount",
            "deduction",
            "lines",
            "found",
        ])?;
        for case in cases {
            let (code, _) = self.hospital(case.hospital);
            csv.write_record([
                &case.number,
                &case.day.to_string(),
                code,
                &case.visit,
                &case.person,
                &case.rule.0,
                &case.rule.1,
                &case.phase,
                case.state.word(),
                &case.amount.to_string(),
                &case.deduction.to_string(),
                &case.lines.join(" "),
                case.found.told(self.language),
            ])?;
        }
        Ok(csv.flush()?)
    }
}
