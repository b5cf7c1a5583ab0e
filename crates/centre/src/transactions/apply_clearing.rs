//! 3203: An institution applies for a month's clearing of one kind: what it says it comes to is compared with the books, and the
//! application stands until the centre closes the month or the institution withdraws it.

use jiff::civil::Date;
use model::RegisterKind;
use money::Money;
use store::{ClaimRow, Needs, RegisterRow, Registers, Sealer, period_key};
use wire::transactions::{ApplyClearing, ClearingApplied};
use wire::{Both, Facts, Refusal};

use crate::clearing::{APPLIED, CLOSED, application_key, application_sums, is_over, moments};
use crate::decide::{Context, Decision, Moment};
use crate::state::State;

pub(crate) fn needs(request: &ApplyClearing, needs: &mut Needs, _: &Sealer) {
    let (from, to) = moments(request.month);
    needs.claims = Some((vec![request.clearing_kind.clone()], from, to));
    let keys = vec![period_key(request.month), application_key(request.month, &request.clearing_kind)];
    needs.registers.push(Registers::Keys(RegisterKind::Clearing, keys));
    needs.registers.push(Registers::Keys(
        RegisterKind::ReconciledDay,
        details_keys(request.month, &request.clearing_kind),
    ));
}

/// Where it is registered what the rows of a month's days came to.
fn details_keys(month: Date, clearing_kind: &str) -> Vec<String> {
    let days = (1..=month.days_in_month()).filter_map(|day| Date::new(month.year(), month.month(), day).ok());
    days.flat_map(|day| ["", clearing_kind].map(|kind| store::details_key(day, kind))).collect()
}

pub(crate) fn decide(
    request: &ApplyClearing,
    context: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let (hospital, period) = (context.hospital.id(), period_key(request.month));
    let registered =
        |key: &str| state.registered(hospital, RegisterKind::Clearing).find(|row| row.key == key);
    if registered(&period).is_some_and(|row| row.state == CLOSED) {
        return Err(Refusal::PeriodClosed { period });
    }
    if !is_over(request.month, at.now) {
        return Err(Refusal::PeriodNotOver { period });
    }
    check_explained(request, state, context)?;
    let key = application_key(request.month, &request.clearing_kind);
    let known = registered(&key);
    // What this very batch takes back is among them still: the close compares again.
    let claims = || state.claims(hospital, moments(request.month).0);
    check_sums(request, claims())?;
    let sums = application_sums(claims(), &request.clearing_kind);
    let data =
        Facts::from_iter([("way".to_owned(), request.way.clone()), ("sums".to_owned(), sums)]).to_text();
    let standing = known.filter(|row| row.state == APPLIED).and_then(|row| row.message);
    let application = standing.unwrap_or(context.id);
    if standing.is_none() || known.is_some_and(|row| row.data != data) {
        let row = RegisterRow {
            hospital,
            kind: RegisterKind::Clearing,
            key,
            version: known.map_or(0, |row| row.version),
            from: request.month,
            to: Some(request.month.last_of_month()),
            state: APPLIED.into(),
            message: Some(application),
            data,
            facts: Vec::new(),
        };
        state.put_register(row);
    }
    let object = format!("application {application} {period} {}", request.clearing_kind);
    Ok(Decision { object, ..Decision::answer(ClearingApplied { application: application.to_string() }) })
}

/// A month with rows that nobody can explain is not cleared.
fn check_explained(request: &ApplyClearing, state: &State, context: &Context<'_>) -> Result<(), Refusal> {
    let keys = details_keys(request.month, &request.clearing_kind);
    let days = state.registered(context.hospital.id(), RegisterKind::ReconciledDay);
    let mut days = days.filter(|row| keys.contains(&row.key));
    let open = days.find_map(|row| Some((row.from, super::reconcile_details::unexplained(row)?.to_owned())));
    open.map_or(Ok(()), |(date, count)| Err(Refusal::DayNotExplained { date: date.to_string(), count }))
}

/// What is said must be what the books say; what is not said is not looked at.
fn check_sums<'c>(
    request: &ApplyClearing,
    claims: impl Iterator<Item = &'c ClaimRow>,
) -> Result<(), Refusal> {
    let claims: Vec<&ClaimRow> =
        claims.filter(|claim| claim.clearing_kind == request.clearing_kind).collect();
    let sum = |of: fn(&ClaimRow) -> Money| claims.iter().map(|claim| of(claim)).sum::<Money>();
    let ours = [
        sum(|claim| claim.total),
        sum(|claim| claim.by_fund.iter().copied().sum()),
        sum(|claim| claim.account),
        sum(|claim| claim.cash),
    ];
    let names = [("总额", "total"), ("基金", "funds"), ("账户", "account"), ("现金", "cash")];
    let apart = names.into_iter().zip(request.sums.iter().zip(ours));
    let mut told: Vec<Both> = apart
        .filter_map(|((zh, en), (said, ours))| {
            let said = said.filter(|said| *said != ours)?;
            Some(Both::new(format!("{zh} {said},中心 {ours}"), format!("{en} {said}, the books {ours}")))
        })
        .collect();
    // Some count what stands, others every row.
    let (rows, refunds): (i64, i64) =
        claims.iter().fold((0, 0), |(rows, refunds), claim| (rows + claim.count, refunds + claim.refunds));
    if let Some(said) =
        request.count.filter(|said| ![rows, rows - refunds, rows - 2 * refunds].contains(said))
    {
        told.push(Both::new(format!("人次 {said},中心 {rows}"), format!("count {said}, the books {rows}")));
    }
    told.into_iter()
        .reduce(|all, one| all.and(&one))
        .map_or(Ok(()), |what| Err(Refusal::ClearingDiffers { what }))
}
