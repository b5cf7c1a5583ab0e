//! 3202: Compares a hospital's rows with the books, names each that differs with its cause, and keeps the result to be
//! fetched. What was compared is read before the message is queued: of a day that is over nothing of it changes any more.

use jiff::civil::Date;
use model::RegisterKind;
use money::Money;
use store::{
    Named, Needs, OffsiteOf, OffsiteRow, Reader, RegisterRow, Registers, Sealer, SettledOf, SettledRow,
    StoreError, details_key,
};
use wire::transactions::{DetailsReconciled, ReconcileDetails, TheirRow, read_rows};
use wire::{Both, Class, FileError, FileNumber, Refusal};

use crate::abroad;
use crate::compare::{Asked, Cause};
use crate::decide::{Context, Decision, Moment};
use crate::directory::Hospital;
use crate::files;
use crate::kept::STANDS;
use crate::state::State;

/// What a comparison came to.
#[derive(Debug)]
pub(crate) struct Compared {
    /// How many rows differ, and how many of them nobody can explain.
    differ: usize,
    unexplained: usize,
    /// What the hospital's rows come to is not what it says they do.
    sums_apart: bool,
}

/// State of a day with rows that nobody can explain.
const UNEXPLAINED: &str = "unexplained";

pub(crate) fn needs(request: &ReconcileDetails, needs: &mut Needs, _: &Sealer) {
    let keys = [false, true].into_iter().flat_map(|elsewhere| keys(request, elsewhere)).collect();
    needs.registers.push(Registers::Keys(RegisterKind::ReconciledDay, keys));
}

/// Where it is kept what the rows of a day came to: of the kind of clearing, or of all kinds at once and of each.
fn keys(request: &ReconcileDetails, elsewhere: bool) -> Vec<String> {
    let kinds = request.clearing_kinds.iter().map(String::as_str).chain([request.clearing_kind.as_str()]);
    let mut keys: Vec<String> = kinds.map(|kind| key_of(kind, request, elsewhere)).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn key_of(kind: &str, request: &ReconcileDetails, elsewhere: bool) -> String {
    details_key(request.days.0, &abroad::kind_at(kind, &request.division, elsewhere))
}

/// Reads the file and the rows of the days, and compares them; with the lines of the result. `elsewhere`: they are of another
/// city's people.
pub(crate) fn compare(
    request: &ReconcileDetails,
    elsewhere: bool,
    hospital: &Hospital,
    today: Date,
    reader: &mut dyn Reader,
    sealer: &Sealer,
) -> Result<Result<(Compared, String), Refusal>, StoreError> {
    let of = || Needs::of(hospital.id());
    let unknown = || Refusal::FileUnknown { file: request.file.clone() };
    let Some(id) = request.kept_file() else { return Ok(Err(unknown())) };
    let file = Registers::Keys(RegisterKind::File, vec![id.to_string()]);
    let (from, to) = (request.days.0.at(0, 0, 0, 0), request.days.1.at(23, 59, 59, 999_000_000));
    let mut needs = Needs { registers: vec![file], ..of() };
    if elsewhere {
        needs.offsite = Some(OffsiteOf::Days(from, to));
    } else {
        needs.settled = Some(SettledOf::Days(request.clearing_kinds.clone(), from, to));
    }
    let first = reader.load(&[needs])?;
    let file = first.registers.first().filter(|row| files::is_there(row, today));
    let content = file.and_then(|row| files::content(row, sealer));
    let theirs = match content.ok_or_else(unknown).and_then(|content| rows_of(&content)) {
        Ok(theirs) => theirs,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let asked = Asked {
        days: request.days,
        clearing_kinds: &request.clearing_kinds,
        with_refunds: request.with_refunds.unwrap_or(hospital.profile.refunds_counted),
        account_in_funds: hospital.profile.account_in_funds,
        theirs: &theirs,
    };
    let mut ours = first.settled;
    let of_kind = |row: &SettledRow| request.clearing_kinds.contains(&row.clearing_kind);
    ours.extend(settled_abroad(first.offsite, &request.division).filter(of_kind));
    let named = asked.elsewhere(&ours, &makers_of_settlements());
    let (named, visits) = if elsewhere {
        // Visits are another centre's: of none of them it is known here that there is none.
        let second = reader.load(&named_abroad(&named, hospital))?;
        (settled_abroad(second.offsite, &request.division).collect(), named.visits)
    } else {
        let second = reader.load(&[Needs { settled: Some(SettledOf::Named(named)), ..of() }])?;
        (second.settled, second.known_visits)
    };
    let differences = asked.compare(&ours, &named, &visits);
    let language = hospital.profile.language;
    let text = differences.iter().map(|difference| difference.told().line(language)).collect();
    let compared = Compared {
        differ: differences.len(),
        unexplained: differences.iter().filter(|difference| difference.cause == Cause::Unexplained).count(),
        sums_apart: sums_apart(request, &theirs),
    };
    Ok(Ok((compared, text)))
}

/// Settlements of another city's people, as they are compared.
fn settled_abroad(rows: Vec<(OffsiteRow, String)>, division: &str) -> impl Iterator<Item = SettledRow> {
    let city = abroad::city_of(division).to_owned();
    let rows = rows.into_iter().filter(move |(row, _)| abroad::city_of(&row.division) == city);
    rows.map(|(row, msgid)| row.settled(msgid))
}

/// What finds the rows that are named.
fn named_abroad(named: &Named, hospital: &Hospital) -> Vec<Needs> {
    let settlements = named.settlements.iter().map(|id| OffsiteOf::Settlement(*id));
    let messages =
        named.messages.iter().map(|(infno, msgid)| OffsiteOf::Message(infno.clone(), msgid.clone()));
    let needs = |of| Needs { offsite: Some(of), ..Needs::of(hospital.id()) };
    settlements.chain(messages).map(needs).collect()
}

/// The transactions that make settlements and refunds.
fn makers_of_settlements() -> Vec<&'static str> {
    let money = wire::transactions_known().filter(|transaction| transaction.class == Class::Money);
    money.map(|transaction| transaction.infno).collect()
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
    let sum = |of: fn(&TheirRow) -> Money| theirs.iter().map(|row| i128::from(of(row).fen())).sum::<i128>();
    i64::try_from(theirs.len()) != Ok(count)
        || sum(|row| row.total) != i128::from(total.fen())
        || sum(|row| row.funds) != i128::from(funds.fen())
}

pub(crate) fn decide(
    request: &ReconcileDetails,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let elsewhere = at.is_elsewhere(&request.division)?;
    let compared = context.compared.expect("what it compares is read before it is queued").as_ref();
    let compared = compared.map_err(Clone::clone)?;
    let (from, to) = request.days;
    state.put_register(files::kept("result.txt", context, at.now));
    // A day that goes on is not yet what it will be; rows that are not those whose sums were told explain nothing.
    if from == to && at.is_over(from) && !compared.sums_apart {
        note(request, elsewhere, compared, context, state);
    }
    let output = DetailsReconciled {
        number: FileNumber::Kept(context.id.0),
        name: "result.zip".into(),
        until: files::until(at.now),
    };
    let warning = compared.sums_apart.then(|| {
        Both::of(
            "文件的笔数或金额与报文所报合计不符",
            "the rows of the file do not come to the sums that were told",
        )
    });
    let object = format!("days {from} to {to} differences {}", compared.differ);
    Ok(Decision { warning, object, ..Decision::answer(output) })
}

/// Keeps of a day how many of its rows nobody can explain: until none is left its sums are not agreed on. All kinds of
/// clearing together speak for each of them.
fn note(
    request: &ReconcileDetails,
    elsewhere: bool,
    compared: &Compared,
    context: &Context<'_>,
    state: &mut State,
) {
    let (hospital, day) = (context.hospital.id(), request.days.0);
    let own = key_of(&request.clearing_kind, request, elsewhere);
    for key in keys(request, elsewhere) {
        let known = state.registered(hospital, RegisterKind::ReconciledDay).find(|row| row.key == key);
        // Of another key only what stood in the way is lifted.
        if key != own && (compared.unexplained > 0 || known.is_none_or(|row| row.state != UNEXPLAINED)) {
            continue;
        }
        let version = known.map_or(0, |row| row.version);
        state.put_register(RegisterRow {
            hospital,
            kind: RegisterKind::ReconciledDay,
            key,
            version,
            from: day,
            to: Some(day),
            state: if compared.unexplained > 0 { UNEXPLAINED } else { STANDS }.into(),
            message: Some(context.id),
            data: compared.unexplained.to_string(),
            facts: Vec::new(),
        });
    }
}

/// How many rows of a day nobody can explain, by what was kept of it.
pub(crate) fn unexplained(row: &RegisterRow) -> Option<&str> {
    (row.state == UNEXPLAINED).then_some(row.data.as_str())
}
