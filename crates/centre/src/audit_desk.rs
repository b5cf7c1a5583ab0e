//! The officers' side of audit: what met a rule, what the hospital says to it, and what becomes of it. Two of them judge.

use std::fmt;

use jiff::civil::{Date, DateTime};
use model::{Clock, EncounterId, HospitalId, RegisterKind};
use money::Money;
use store::{
    AuditRow, Changes, KEY_MARK, Loaded, Needs, Reader, RegisterRow, Registers, Sealer, StoreError, Writer,
};
use wire::{Both, Facts, Language};

use crate::audit::{self, facts};
use crate::kept;

/// How far a case has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseState {
    /// A rule was met.
    Raised,
    /// The hospital was asked to explain.
    Asked,
    /// It has.
    Appealed,
    /// One officer has judged; another must confirm.
    Proposed,
    /// So much is deducted from what the hospital is paid.
    Deducted,
    /// Nothing is deducted.
    Dropped,
}

const STATES: [(CaseState, &str, &str); 6] = [
    (CaseState::Raised, audit::RAISED, "命中"),
    (CaseState::Asked, "asked", "待说明"),
    (CaseState::Appealed, "appealed", "已申诉"),
    (CaseState::Proposed, "proposed", "待复审"),
    (CaseState::Deducted, "deducted", "已扣款"),
    (CaseState::Dropped, "dropped", "不扣"),
];

impl CaseState {
    /// Its word in the books.
    pub fn word(self) -> &'static str {
        STATES.iter().find(|(state, ..)| *state == self).map_or("", |(_, word, _)| word)
    }

    /// For people.
    pub fn words(self) -> Both {
        let found = STATES.iter().find(|(state, ..)| *state == self);
        found.map_or_else(|| Both::same(""), |(_, en, zh)| Both::of(zh, en))
    }

    fn read(word: &str) -> Option<Self> {
        STATES.iter().find(|(_, known, _)| *known == word).map(|(state, ..)| *state)
    }
}

/// Something that met a rule, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditCase {
    /// Its number, as the hospital was told it.
    pub number: String,
    /// Where.
    pub hospital: HospitalId,
    /// The visit's number, as it was written.
    pub visit: String,
    /// Whose, by number.
    pub person: String,
    /// The rule and its version.
    pub rule: (String, String),
    /// `before`, `during` or `charged`.
    pub phase: String,
    /// When it was last met or judged.
    pub day: Date,
    /// What it comes to.
    pub amount: Money,
    /// The lines or orders.
    pub lines: Vec<String>,
    /// What was found.
    pub found: Both,
    /// How far it has come.
    pub state: CaseState,
    /// What is or is to be deducted.
    pub deduction: Money,
    /// What was done about it, in order: when, what, by whom, why.
    pub steps: Vec<String>,
}

/// What an officer does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// Asks the hospital to explain.
    Ask,
    /// Writes down what the hospital says.
    Appeal,
    /// Proposes a deduction; nothing: to drop it.
    Propose(Money),
    /// Another officer confirms.
    Confirm,
    /// Another officer does not.
    Reject,
}

impl Judgement {
    fn words(&self) -> Both {
        match self {
            Self::Ask => Both::of("要求说明", "asked"),
            Self::Appeal => Both::of("申诉", "appealed"),
            Self::Propose(amount) if amount.is_zero() => Both::of("拟不扣", "to be dropped"),
            Self::Propose(amount) => Both::new(format!("拟扣 {amount}"), format!("to be deducted {amount}")),
            Self::Confirm => Both::of("复审同意", "confirmed"),
            Self::Reject => Both::of("复审退回", "sent back"),
        }
    }
}

/// Why something cannot be done.
#[derive(Debug)]
pub enum JudgeError {
    /// There is no such case.
    Unknown(String),
    /// Not from this state.
    State(CaseState),
    /// Whoever proposed cannot confirm.
    SamePerson(String),
    /// Nobody's name, or no reason.
    Unsaid,
    /// The visit is not settled, or less of it is left that a fund paid.
    Left(Money),
    /// Less than nothing cannot be deducted.
    BelowNothing,
    /// A line is deducted by another case.
    Line(String),
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for JudgeError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl JudgeError {
    fn words(&self) -> Both {
        match self {
            Self::Unknown(number) => {
                Both::new(format!("没有案件 {number}"), format!("there is no case {number}"))
            }
            Self::State(state) => Both::new(
                format!("案件现为「{}」,不能这样处理", state.words().told(Language::Zh)),
                format!("the case is {}: that cannot be done now", state.word()),
            ),
            Self::SamePerson(by) => Both::new(
                format!("{by} 已作初审,须由另一人复审"),
                format!("{by} has proposed: another person must confirm"),
            ),
            Self::Unsaid => Both::of("须写明经办人和理由", "say who, and why"),
            Self::Left(left) => Both::new(
                format!("本次就诊基金已付、尚可扣的只有 {left}"),
                format!("of what funds paid for the visit {left} is left to deduct"),
            ),
            Self::BelowNothing => Both::of("扣款不能为负", "less than nothing cannot be deducted"),
            Self::Line(number) => Both::new(
                format!("同一明细已由案件 {number} 扣款"),
                format!("a line of it is deducted by case {number}"),
            ),
            Self::Store(error) => Both::same(error.to_string()),
        }
    }
}

impl fmt::Display for JudgeError {
    /// In both languages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words().in_both())
    }
}

impl std::error::Error for JudgeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => std::error::Error::source(error),
            _ => None,
        }
    }
}

/// What is said of a case besides what was said of the hit.
const DEDUCTION: &str = "deduction";
const PROPOSED_BY: &str = "proposed by";
/// Steps are numbered behind this.
const STEP: &str = "step ";

/// All cases of some hospitals, the latest first.
pub fn cases(
    reader: &mut dyn Reader,
    hospitals: &[HospitalId],
    sealer: &Sealer,
) -> Result<Vec<AuditCase>, StoreError> {
    let needs =
        |id: &HospitalId| Needs { registers: vec![Registers::All(RegisterKind::AuditHit)], ..Needs::of(*id) };
    let loaded = reader.load(&hospitals.iter().map(needs).collect::<Vec<_>>())?;
    let mut cases = read_all(&loaded.registers, sealer);
    cases.sort_by(|a, b| (b.day, &b.number).cmp(&(a.day, &a.number)));
    Ok(cases)
}

/// The cases among registrations.
pub(crate) fn read_all(rows: &[RegisterRow], sealer: &Sealer) -> Vec<AuditCase> {
    let hits = rows.iter().filter(|row| row.kind == RegisterKind::AuditHit);
    hits.filter_map(|row| read(row, sealer)).collect()
}

/// A case as it is kept.
fn read(row: &RegisterRow, sealer: &Sealer) -> Option<AuditCase> {
    let said = kept::told(row, sealer);
    let mut parts = row.key.split(KEY_MARK);
    let text = |name: &str| said.text(name).to_owned();
    let money = |name: &str| said.text(name).parse().unwrap_or(Money::ZERO);
    let steps = (1..).map(|n| text(&format!("{STEP}{n}"))).take_while(|step| !step.is_empty());
    Some(AuditCase {
        number: text(audit::NUMBER),
        hospital: row.hospital,
        visit: parts.next()?.to_owned(),
        person: text(audit::PERSON),
        rule: (text(audit::RULE), text(audit::VERSION)),
        phase: text(audit::PHASE),
        day: row.from,
        amount: money(audit::AMOUNT),
        lines: said
            .text(audit::LINES)
            .split(',')
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect(),
        found: Both::new(text(audit::FOUND_ZH), text(audit::FOUND_EN)),
        state: CaseState::read(&row.state)?,
        deduction: money(DEDUCTION),
        steps: steps.collect(),
    })
}

/// Judges cases, on a writer of its own.
pub struct AuditDesk<'a> {
    writer: &'a mut dyn Writer,
    sealer: &'a Sealer,
    clock: &'a dyn Clock,
}

impl<'a> AuditDesk<'a> {
    /// On a writer that nobody else has.
    pub fn new(writer: &'a mut dyn Writer, sealer: &'a Sealer, clock: &'a dyn Clock) -> Self {
        Self { writer, sealer, clock }
    }

    /// Does something about a case of a hospital: by whom, and why. Answers the case as it is now.
    pub fn judge(
        &mut self,
        hospital: HospitalId,
        number: &str,
        judgement: &Judgement,
        by: &str,
        why: &str,
    ) -> Result<AuditCase, JudgeError> {
        let by = by.trim();
        if by.is_empty() || (why.trim().is_empty() && *judgement != Judgement::Confirm) {
            return Err(JudgeError::Unsaid);
        }
        let all = Needs { registers: vec![Registers::All(RegisterKind::AuditHit)], ..Needs::of(hospital) };
        let loaded = self.writer.load(&[all]);
        self.writer.abandon();
        let visit = visit_of(&loaded?, number, self.sealer);
        let needs = Needs {
            encounter: visit,
            registers: vec![Registers::All(RegisterKind::AuditHit)],
            ..Needs::of(hospital)
        };
        let loaded = self.writer.load(&[needs])?;
        let changed = self.changed(&loaded, number, judgement, by, why);
        let Ok(row) = changed else {
            self.writer.abandon();
            return Err(changed.expect_err("just seen"));
        };
        let case = read(&row, self.sealer).ok_or_else(|| JudgeError::Unknown(number.into()))?;
        let audit = AuditRow {
            hospital: Some(hospital),
            operator: by.into(),
            ..AuditRow::new(
                self.clock.now(),
                "audit case",
                format!("{number} {} {}", case.state.word(), case.deduction),
            )
        };
        let changes = Changes {
            registers: vec![row],
            audits: vec![audit.behind(&self.writer.head(), self.sealer.day_keys())],
            ..Changes::default()
        };
        self.writer.record(&changes).map_err(StoreError::from)?;
        Ok(case)
    }

    /// The case as it will be, or why it cannot.
    fn changed(
        &self,
        loaded: &Loaded,
        number: &str,
        judgement: &Judgement,
        by: &str,
        why: &str,
    ) -> Result<RegisterRow, JudgeError> {
        let unknown = || JudgeError::Unknown(number.into());
        let found = loaded.registers.iter().find_map(|row| {
            read(row, self.sealer).filter(|case| case.number == number).map(|case| (row, case))
        });
        let (row, case) = found.ok_or_else(unknown)?;
        let mut said = Facts::from_text(&row.data);
        let state = next(&case, judgement, said.text(PROPOSED_BY), by)?;
        let deduction = match judgement {
            Judgement::Propose(amount) if amount.is_negative() => return Err(JudgeError::BelowNothing),
            Judgement::Propose(amount) => *amount,
            // The bill may have been voided since it was proposed.
            Judgement::Confirm => case.deduction,
            _ => Money::ZERO,
        };
        if deduction > Money::ZERO {
            self.check_deduction(loaded, &case, deduction)?;
        }
        if let Judgement::Propose(amount) = judgement {
            said = said.and(facts([(DEDUCTION, &amount.to_string()), (PROPOSED_BY, by)]));
        }
        if *judgement == Judgement::Reject {
            said = said.and(facts([(DEDUCTION, "0"), (PROPOSED_BY, "")]));
        }
        let step = format!("{STEP}{}", case.steps.len() + 1);
        let told = step_told(self.clock.now(), judgement, by, why);
        let hospital = row.hospital;
        let sealed =
            kept::open(&row.facts, kept::REGISTERED, hospital.0, self.sealer).and(facts([(&step, &told)]));
        Ok(RegisterRow {
            state: state.word().into(),
            from: self.clock.now().date(),
            data: said.to_text(),
            facts: kept::seal(&sealed, kept::REGISTERED, hospital.0, self.sealer),
            ..row.clone()
        })
    }

    /// No more than funds paid for the visit, and each line once.
    fn check_deduction(&self, loaded: &Loaded, case: &AuditCase, amount: Money) -> Result<(), JudgeError> {
        let standing = loaded.settlements.iter().filter(|row| {
            row.effective && row.hospital == case.hospital && row.encounter.to_string() == case.visit
        });
        let paid: Money = standing.map(|row| row.amounts.funds_total()).sum();
        let others = loaded.registers.iter().filter_map(|row| read(row, self.sealer)).filter(|other| {
            other.visit == case.visit
                && other.number != case.number
                && matches!(other.state, CaseState::Proposed | CaseState::Deducted)
        });
        let mut left = paid;
        for other in others {
            if other.lines.iter().any(|line| case.lines.contains(line)) && !other.deduction.is_zero() {
                return Err(JudgeError::Line(other.number));
            }
            left -= other.deduction;
        }
        let bound = if case.amount.is_zero() { left } else { left.min(case.amount) };
        if amount > bound { Err(JudgeError::Left(bound.at_least_zero())) } else { Ok(()) }
    }
}

/// The visit of a case, if its number is one of ours.
fn visit_of(loaded: &Loaded, number: &str, sealer: &Sealer) -> Option<EncounterId> {
    let cases = loaded.registers.iter().filter_map(|row| read(row, sealer));
    cases.into_iter().find(|case| case.number == number)?.visit.parse().ok()
}

/// Where a judgement leads from a state.
fn next(
    case: &AuditCase,
    judgement: &Judgement,
    proposed_by: &str,
    by: &str,
) -> Result<CaseState, JudgeError> {
    use CaseState::{Appealed, Asked, Deducted, Dropped, Proposed, Raised};
    Ok(match (case.state, judgement) {
        (Raised, Judgement::Ask) => Asked,
        (Raised | Asked, Judgement::Appeal) => Appealed,
        (Raised | Asked | Appealed, Judgement::Propose(_)) => Proposed,
        (Proposed, Judgement::Confirm | Judgement::Reject) if proposed_by == by => {
            return Err(JudgeError::SamePerson(by.into()));
        }
        (Proposed, Judgement::Reject) => Raised,
        (Proposed, Judgement::Confirm) if case.deduction.is_zero() => Dropped,
        (Proposed, Judgement::Confirm) => Deducted,
        (state, _) => return Err(JudgeError::State(state)),
    })
}

fn step_told(now: DateTime, judgement: &Judgement, by: &str, why: &str) -> String {
    let words = judgement.words();
    let (zh, en) = (words.told(Language::Zh), words.told(Language::En));
    format!("{} {zh} {en} {by} {why}", wire::print_time(now)).trim_end().to_owned()
}
