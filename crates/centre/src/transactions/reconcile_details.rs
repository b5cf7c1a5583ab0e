//! 3202: Compares a hospital's rows with the books, names each that differs with its cause, and keeps the result to be
//! fetched. What was compared is read before the message is queued: nothing of it changes any more.

use jiff::ToSpan;
use model::RegisterKind;
use store::{Needs, Reader, RegisterRow, Registers, Sealer, SettledOf, StoreError, details_key};
use wire::transactions::{DetailsReconciled, ReconcileDetails, TheirRow, read_rows};
use wire::{Both, FileError, FileNumber, Refusal};

use super::DAYS_KEPT;
use crate::compare::{Asked, Cause, Difference};
use crate::decide::{Context, Decision, Moment};
use crate::files;
use crate::kept::STANDS;
use crate::state::State;

/// What a comparison came to.
#[derive(Debug, Clone)]
pub(crate) struct Compared {
    differences: Vec<Difference>,
    /// What the hospital's rows come to is not what it says they do.
    sums_apart: bool,
}

/// State of a day with rows that nobody can explain.
const UNEXPLAINED: &str = "unexplained";

pub(crate) fn needs(request: &ReconcileDetails, needs: &mut Needs, _: &Sealer) {
    let key = details_key(request.days.0, &request.clearing_kind);
    needs.registers = Some(Registers::Keys(RegisterKind::ReconciledDay, vec![key]));
}

/// Reads the file and the rows of the days, and compares them.
pub(crate) fn compare(
    request: &ReconcileDetails,
    hospital: model::HospitalId,
    reader: &mut dyn Reader,
    sealer: &Sealer,
) -> Result<Result<Compared, Refusal>, StoreError> {
    let unknown = || Refusal::FileUnknown { file: request.file.clone() };
    let Some(id) = request.kept_file() else { return Ok(Err(unknown())) };
    let file = Registers::Keys(RegisterKind::File, vec![id.to_string()]);
    let (from, to) = (request.days.0.at(0, 0, 0, 0), request.days.1.at(23, 59, 59, 999_000_000));
    let days = SettledOf::Days(request.clearing_kinds.clone(), from, to);
    let first =
        reader.load(&[Needs { registers: Some(file), settled: Some(days), ..Needs::of(hospital) }])?;
    let content = first.registers.first().and_then(|row| files::content(row, sealer));
    let theirs = match content.ok_or_else(unknown).and_then(|content| rows_of(&content)) {
        Ok(theirs) => theirs,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let asked = Asked { days: request.days, with_refunds: request.with_refunds, theirs: &theirs };
    let (settlements, visits) = asked.elsewhere(&first.settled);
    let named = SettledOf::Named(settlements, visits);
    let second = reader.load(&[Needs { settled: Some(named), ..Needs::of(hospital) }])?;
    let differences = asked.compare(&first.settled, &second.settled, &second.known_visits);
    Ok(Ok(Compared { differences, sums_apart: sums_apart(request, &theirs) }))
}

fn rows_of(content: &[u8]) -> Result<Vec<TheirRow>, Refusal> {
    let wrong = |line: usize, what| Refusal::FileContent { line: line.to_string(), what };
    let text = wire::text_of(content).map_err(|error| {
        let what = match error {
            FileError::Broken => Both::of("压缩包损坏", "the zip is broken"),
            FileError::TooLarge => Both::of("解压后过大", "it unpacks to too much"),
            FileError::Encoding => Both::of("不是 UTF-8", "it is not UTF-8"),
        };
        wrong(0, what)
    })?;
    read_rows(&text).map_err(|(line, what)| wrong(line, what))
}

fn sums_apart(request: &ReconcileDetails, theirs: &[TheirRow]) -> bool {
    let (count, total, funds) = request.sums;
    let rows = i64::try_from(theirs.len()).unwrap_or(i64::MAX);
    rows != count
        || theirs.iter().map(|row| row.total).sum::<money::Money>() != total
        || theirs.iter().map(|row| row.funds).sum::<money::Money>() != funds
}

pub(crate) fn decide(
    request: &ReconcileDetails,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    if !at.divisions.iter().any(|known| request.division.starts_with(known.as_str())) {
        return Err(Refusal::DivisionUnknown { division: request.division.clone() });
    }
    let compared = context.compared.expect("what it compares is read before it is queued").as_ref();
    let compared = compared.map_err(Clone::clone)?;
    let (hospital, language) = (context.hospital.id(), context.hospital.profile.language);
    let (from, to) = request.days;
    let id = at.ids.next();
    let text: String =
        compared.differences.iter().map(|difference| difference.told().line(language)).collect();
    state.put_register(files::kept(
        hospital,
        id,
        "result.txt",
        text.as_bytes(),
        (context.id, at.now),
        at.sealer,
    ));
    if from == to {
        note(request, compared, context, state);
    }
    let output = DetailsReconciled {
        number: FileNumber::Kept(id),
        name: "result.zip".into(),
        until: at.now.date().saturating_add(DAYS_KEPT.days()),
    };
    let apart = compared.differences.len();
    let warning = compared.sums_apart.then(|| {
        Both::of(
            "文件的笔数或金额与报文所报合计不符",
            "the rows of the file do not come to the sums that were told",
        )
    });
    let object = format!("days {from} to {to} differences {apart}");
    Ok(Decision { warning, object, ..Decision::answer(output) })
}

/// Keeps of a day how many of its rows nobody can explain: until none is left its sums are not agreed on.
fn note(request: &ReconcileDetails, compared: &Compared, context: &Context<'_>, state: &mut State) {
    let (hospital, day) = (context.hospital.id(), request.days.0);
    let key = details_key(day, &request.clearing_kind);
    let known = state.registered(hospital, RegisterKind::ReconciledDay).find(|row| row.key == key);
    let version = known.map_or(0, |row| row.version);
    let unexplained =
        compared.differences.iter().filter(|difference| difference.cause == Cause::Unexplained).count();
    state.put_register(RegisterRow {
        hospital,
        kind: RegisterKind::ReconciledDay,
        key,
        version,
        from: day,
        to: Some(day),
        state: if unexplained > 0 { UNEXPLAINED } else { STANDS }.into(),
        message: Some(context.id),
        data: format!(r#"{{"differences":{},"unexplained":{unexplained}}}"#, compared.differences.len()),
        facts: Vec::new(),
    });
}

/// How many rows of a day nobody can explain, by what was kept of it.
pub(crate) fn unexplained(row: &RegisterRow) -> Option<String> {
    let count = || row.data.rsplit_once(':').map_or("", |(_, count)| count.trim_end_matches('}')).to_owned();
    (row.state == UNEXPLAINED).then(count)
}
