//! 5206: What is remembered of a person within benefit years.

use policy::{Counter, LayerName, Track};
use store::{Needs, Sealer};
use wire::Refusal;
use wire::transactions::{AccumulatorsFound, QueryAccumulators};

use crate::bill;
use crate::decide::{Context, Decision, Moment};
use crate::state::State;

pub(crate) fn needs(request: &QueryAccumulators, needs: &mut Needs, _: &Sealer) {
    needs.who = super::who(&request.person);
}

pub(crate) fn decide(
    request: &QueryAccumulators,
    _: &Context<'_>,
    state: &mut State,
    at: &mut Moment<'_>,
) -> Result<Decision, Refusal> {
    let record = bill::person(state, &request.person)?;
    let years = record.state.years.iter().filter(|(year, _)| request.year.is_none_or(|asked| asked == *year));
    let figures = years.flat_map(|(year, counters)| {
        let used = bill::accumulators(counters).used().collect::<Vec<_>>();
        used.into_iter().filter_map(move |(counter, value)| Some((*year, code(counter)?, value)))
    });
    let rows =
        figures.map(|(year, code, value)| (year, code, value.round(money::Rounding::HalfUp))).collect();
    let cover = record.covers.iter().find(|cover| cover.holds_on(at.now.date()));
    let output = AccumulatorsFound {
        insurance_kind: cover.map_or(model::InsuranceKind::EMPLOYEE.0, |cover| cover.kind.0),
        month: at.now.strftime("%Y%m").to_string(),
        rows,
    };
    Ok(Decision { object: format!("person {}", record.row.id), ..Decision::answer(output) })
}

/// How a figure is called in ten letters at the most; none for those of a part of the year.
fn code(counter: Counter) -> Option<String> {
    Some(match counter {
        Counter::Deductible(of) => format!("{}_DEDC", track(of)),
        Counter::Entered(of) => format!("{}_INSC", track(of)),
        Counter::Paid(of) => format!("{}_PAID", track(of)),
        Counter::LayerEntered(of) => format!("{}_INSC", layer(of)),
        Counter::LayerPaid(of) => format!("{}_PAID", layer(of)),
        Counter::DiseasePaid(of, group) => format!("{}_D{group:02}PAID", track(of)),
        Counter::OwnRatePaid(class) => format!("OR{class}_PAID"),
        Counter::OwnRateEntered(class) => format!("OR{class}_INSC"),
        Counter::SelfPay => "SELF_PAY".into(),
        Counter::Admissions => "ADMISSIONS".into(),
        Counter::Account => "ACCT_PAID".into(),
        Counter::PeriodPaid(..) | Counter::PeriodTimes(..) => return None,
    })
}

fn track(of: Track) -> &'static str {
    match of {
        Track::Outpatient => "OP",
        Track::Inpatient => "IP",
        Track::Chronic => "CH",
        Track::Special => "SP",
        Track::DualChannel => "DC",
        Track::Pharmacy => "PH",
        Track::Maternity => "MA",
    }
}

fn layer(of: LayerName) -> &'static str {
    match of {
        LayerName::LargeAmount => "LA",
        LayerName::SeriousIllness => "SI",
        LayerName::CivilServant => "CS",
        LayerName::CivilServantOutpatient => "CO",
        LayerName::Employer => "EM",
        LayerName::Supplement => "SU",
        LayerName::RetiredSupplement => "RS",
        LayerName::Disabled => "DI",
        LayerName::Aid => "AI",
        LayerName::YearlyAid => "YA",
        LayerName::LocalFund => "LF",
        LayerName::Other => "OT",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_of_a_year_has_a_code_of_its_own_of_ten_letters_at_the_most() {
        let mut codes: Vec<String> = Counter::all().filter_map(code).collect();
        codes.extend(Track::ALL.map(|of| code(Counter::DiseasePaid(of, 15)).unwrap()));
        assert!(codes.iter().all(|code| code.len() <= 10), "{codes:?}");
        let all = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), all);
    }
}
