//! Layers that pay once a year: what a year's bills left to a person comes to a layer as one sum, behind the year.

use jiff::civil::date;
use model::{Fund, HospitalLevel, VisitKind};
use money::{Exact, Money};

use crate::constructs::{layers, rounding};
use crate::counters::{Accumulators, Counter, LayerName};
use crate::steps::{Figure, Trail};
use crate::{Edition, Person, Visit};

/// What one layer owes a person for a year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YearlyBenefit {
    /// Which layer.
    pub layer: LayerName,
    /// The fund that pays.
    pub fund: Fund,
    /// What came to the layer, in fen.
    pub base: Money,
    /// What it owes for that in all, in fen.
    pub due: Money,
    /// Why; its steps add up to what is due.
    pub trail: Trail,
}

impl Edition {
    /// The fund a layer's payments come from.
    pub fn layer_fund(&self, name: LayerName) -> Option<Fund> {
        self.layers.iter().find(|layer| layer.name == name).map(|layer| layer.pays)
    }

    /// What the layers that pay once a year owe a person for what the bills of `year` left, by the person's standing then;
    /// one for each such layer, though nothing came to it. The overall limit is one of bills: it is not looked at here.
    pub fn yearly_benefits(&self, person: &Person, year: i16, counters: &Accumulators) -> Vec<YearlyBenefit> {
        // No row of such a layer looks at a bill: any will do.
        let level = HospitalLevel::new(3).expect("there is one");
        let visit = Visit::new(VisitKind::Inpatient, level, date(year, 12, 31));
        let situation = self.situation(person, &visit);
        let (mut benefits, mut owed) = (Vec::new(), Exact::ZERO);
        for layer in self.layers.iter().filter(|layer| layer.once_a_year) {
            // Each sees what those before it owe; what was paid with bills, while the layer was one of the window, is paid.
            let base = (counters.get(Counter::LayerEntered(layer.name)) - owed).at_least_zero();
            let at_window = counters.get(Counter::LayerPaid(layer.name));
            let mut trail = Trail::default();
            let paid = layer.pay_year(&situation, self.rounding, base, |piece| {
                layer.segments().explain(&mut trail, layer.pays, piece);
            });
            layer.explain(&paid, &mut trail);
            let open = (paid.paid - at_window).at_least_zero();
            let due = open.round(self.rounding.mode);
            owed += due.exact();
            let figure = Figure::Fund(layer.pays);
            if at_window > Exact::ZERO {
                trail.push(&layers::CONSTRUCT, 3, layer.law, figure, (at_window,), open - paid.paid);
            }
            let difference = due.exact() - open;
            if difference != Exact::ZERO {
                trail.push(&rounding::CONSTRUCT, 0, 0, figure, (), difference);
            }
            debug_assert_eq!(trail.sum(figure), due.exact());
            let base = base.round(self.rounding.mode);
            benefits.push(YearlyBenefit { layer: layer.name, fund: layer.pays, base, due, trail });
        }
        benefits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;
    use model::PersonStatus;

    /// The sample city's edition with another layer behind the one that pays once a year.
    fn edition() -> Edition {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/demo-city/editions/2026-01-01.toml");
        let text = std::fs::read_to_string(path).unwrap();
        let second = "[[layer]]\nname = \"local fund\"\nof = \"in-scope self-pay of the year\"\n\
                      rate = [{ is = \"33.33%\" }]\nceiling = [{ is = \"9000\" }]\ntime = \"once a year\"\npays = \"other\"\n\n\
                      [overall]";
        Edition::parse("2026-01-01", &text.replacen("[overall]", second, 1)).unwrap()
    }

    fn year(counters: &[(Counter, &str)]) -> Accumulators {
        let mut year = Accumulators::default();
        counters.iter().for_each(|(counter, amount)| year.add(*counter, amount.parse().unwrap()));
        year
    }

    #[test]
    fn each_layer_sees_what_those_before_it_owe_and_what_was_paid_with_bills_is_paid() {
        let (edition, person) = (edition(), Person::new(PersonStatus::Employed, 45));
        let entered = |layer| Counter::LayerEntered(layer);
        let [aid, local] = [LayerName::YearlyAid, LayerName::LocalFund];
        let figures = |counters: &[(Counter, &str)]| {
            let benefits = edition.yearly_benefits(&person, 2026, &year(counters));
            let told: Vec<_> =
                benefits.iter().map(|b| (b.layer, b.base.to_string(), b.due.to_string())).collect();
            told.into_iter()
                .map(|(layer, base, due)| format!("{}: {due} of {base}", layer.word()))
                .collect::<Vec<_>>()
        };
        let left = [(entered(aid), "45000"), (entered(local), "45000.01")];
        // Half of what is above 30,000; of the other 37,500.01 a third, up to 9,000.
        assert_eq!(figures(&left), ["yearly aid: 7500.00 of 45000.00", "local fund: 9000.00 of 37500.01"]);
        let before =
            [left[0], left[1], (Counter::LayerPaid(aid), "7000"), (Counter::LayerPaid(local), "9001")];
        assert_eq!(figures(&before), ["yearly aid: 500.00 of 45000.00", "local fund: 0.00 of 44500.01"]);
        let little = [(entered(local), "1000.01")];
        assert_eq!(figures(&little), ["yearly aid: 0.00 of 0.00", "local fund: 333.30 of 1000.01"]);
    }

    #[test]
    fn the_steps_say_why() {
        let (edition, person) = (edition(), Person::new(PersonStatus::Employed, 45));
        let counters = year(&[
            (Counter::LayerEntered(LayerName::YearlyAid), "45000"),
            (Counter::LayerPaid(LayerName::YearlyAid), "7000"),
        ]);
        let benefit = edition.yearly_benefits(&person, 2026, &counters).remove(0);
        let told = benefit.trail.render(&edition, Language::Zh).join("\n");
        for said in ["本层起付 30000.00,累计 45000.00", "结算时已付 7000.00,扣减 -7000.00"] {
            assert!(told.contains(said), "{told}");
        }
        assert_eq!(benefit.trail.sum(Figure::Fund(Fund::Aid)), benefit.due.exact());
    }
}
