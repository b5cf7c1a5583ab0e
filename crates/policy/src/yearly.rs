//! Layers that pay once a year: what a year's bills left to a person comes to a layer as one sum, behind the year.

use jiff::civil::date;
use model::{Fund, HospitalLevel, VisitKind};
use money::{Exact, Money};

use crate::constructs::rounding;
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
    /// What the layers that pay once a year owe a person for what the bills of `year` left, by the person's standing at
    /// its end; one for each such layer, though nothing came to it.
    pub fn yearly_benefits(&self, person: &Person, year: i16, counters: &Accumulators) -> Vec<YearlyBenefit> {
        // No row of such a layer looks at a bill: any will do.
        let level = HospitalLevel::new(3).expect("there is one");
        let visit = Visit::new(VisitKind::Inpatient, level, date(year, 12, 31));
        let situation = self.situation(person, &visit);
        let mut benefits = Vec::new();
        for layer in self.layers.iter().filter(|layer| layer.once_a_year) {
            let base = counters.get(Counter::LayerEntered(layer.name));
            let base = base.at_least_zero();
            let mut trail = Trail::default();
            let paid = layer.pay_year(&situation, self.rounding, base, |piece| {
                layer.segments().explain(&mut trail, layer.pays, piece);
            });
            layer.explain(&paid, &mut trail);
            let due = paid.paid.round(self.rounding.mode);
            let difference = due.exact() - paid.paid;
            if difference != Exact::ZERO {
                trail.push(&rounding::CONSTRUCT, 0, 0, Figure::Fund(layer.pays), (), difference);
            }
            let base = base.round(self.rounding.mode);
            benefits.push(YearlyBenefit { layer: layer.name, fund: layer.pays, base, due, trail });
        }
        benefits
    }
}
