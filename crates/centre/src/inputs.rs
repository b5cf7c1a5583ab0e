//! What a settlement was computed from, in compact form: enough to compute it again years later.

use std::borrow::Cow;

use jiff::civil::Date;
use model::{
    Cause, Fund, Hardship, HospitalLevel, ItemClass, ItemKind, PersonStatus, Premium, Prescription, Referral,
    Region, Scheme, Servant, SettlementId, Sex, Standing, VisitKind,
};
use money::{Money, Quantity, Rate, UnitPrice};
use policy::{
    Accumulators, Adjudication, Case, Earlier, Edition, Editions, Line, Person, Renumbering, Visit,
};

/// The inputs of one settlement, besides the edition and the year's counters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    /// The person.
    pub person: Person,
    /// The visit.
    pub visit: Visit,
    /// The lines.
    pub lines: Vec<Line>,
    /// What a fund that may run out had left.
    pub fund_left: Option<(Fund, Money)>,
    /// Of a stay: its interim settlements before, in the same benefit year.
    pub earlier: Vec<SettlementId>,
    /// Places of the lines that those settled.
    pub settled: Vec<u32>,
    /// Places of refund rows, each with that of the line it takes back from.
    pub refunds: Vec<(u32, u32)>,
}

const FORMAT: i64 = 3;

impl Inputs {
    /// Settles them under an edition, with the counters of a year; lines by the item rules of their own days among
    /// `editions`, or all by the bill's. `earlier` is what the interim settlements before came to.
    pub fn adjudicate(
        &self,
        edition: &Edition,
        year: &Accumulators,
        editions: Option<&Editions>,
        earlier: &Earlier,
    ) -> Adjudication {
        let Self { person, visit, fund_left, .. } = self;
        let lines = &*self.netted();
        let case = Case { person: *person, visit: *visit, lines, year, fund_left: *fund_left, editions };
        match self.earlier.as_slice() {
            [] => policy::adjudicate(edition, &case),
            _ => policy::adjudicate_since(edition, &case, earlier),
        }
    }

    /// The lines as the rules see them: what was taken back from one is no part of it. No rule meets a line below nothing.
    pub fn netted(&self) -> Cow<'_, [Line]> {
        if self.refunds.is_empty() {
            return Cow::Borrowed(&self.lines);
        }
        let mut lines = self.lines.clone();
        for (refund, original) in &self.refunds {
            let taken = self.lines.get(*refund as usize);
            if let Some((line, taken)) = lines.get_mut(*original as usize).zip(taken) {
                (line.quantity, line.amount) = (line.quantity + taken.quantity, line.amount + taken.amount);
            }
        }
        // A refund row comes to nothing now, as does a line of which all was taken back.
        for (refund, _) in &self.refunds {
            if let Some(line) = lines.get_mut(*refund as usize) {
                (line.quantity, line.amount) = (Quantity::default(), Money::ZERO);
            }
        }
        lines.retain(|line| line.quantity != Quantity::default() || !line.amount.is_zero());
        Cow::Owned(lines)
    }

    /// The lines that settlements before have settled.
    pub fn settled_lines(&self) -> impl Iterator<Item = &Line> {
        self.settled.iter().filter_map(|place| self.lines.get(*place as usize))
    }

    /// Groups as another edition numbers them, and lists: a line's are those of the edition of its day.
    pub fn renumber<'r>(&mut self, to: &Renumbering, of_day: impl Fn(i32) -> Option<&'r Renumbering>) {
        self.person.unit = to.unit(self.person.unit);
        self.person.entitled = to.diseases(self.person.entitled);
        self.visit.disease = to.disease(self.visit.disease);
        for line in self.lines.iter_mut().filter(|line| line.lists != 0) {
            line.lists = of_day(line.day).map_or(0, |to| to.lists(line.lists));
        }
    }

    /// The lines that no settlement before has settled.
    pub fn own_lines(&self) -> impl Iterator<Item = &Line> {
        let mut settled = self.settled.iter().peekable();
        let own = move |(at, _): &(usize, &Line)| settled.next_if(|place| **place as usize == *at).is_none();
        self.lines.iter().enumerate().filter(own).map(|(_, line)| line)
    }

    /// The compact form: some 15 bytes a line.
    pub fn encode(&self) -> Vec<u8> {
        let mut to = Writer(Vec::with_capacity(64 + self.lines.len() * 20));
        to.put(FORMAT);
        to.person(&self.person);
        to.visit(&self.visit);
        to.put(self.fund_left.map_or(0, |(fund, _)| fund as i64 + 1));
        to.put(self.fund_left.map_or(0, |(_, left)| left.fen()));
        to.list(self.earlier.iter().map(|id| id.0));
        to.list(self.settled.iter().map(|place| i64::from(*place)));
        to.list(self.refunds.iter().map(|(refund, _)| i64::from(*refund)));
        self.refunds.iter().for_each(|(_, original)| to.put(i64::from(*original)));
        self.lines.iter().for_each(|line| to.line(line));
        to.0
    }

    /// Reads the compact form; none where it is damaged.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut from = Reader(bytes);
        if from.number()? != FORMAT {
            return None;
        }
        let (person, visit) = (from.person()?, from.visit()?);
        let (fund, left) = (from.number()?, Money::from_fen(from.number()?));
        let fund_left = match fund.checked_sub(1)? {
            -1 => None,
            at => Some((*Fund::ALL.get(usize::try_from(at).ok()?)?, left)),
        };
        let earlier = from.list()?.into_iter().map(SettlementId).collect();
        let settled: Vec<u32> = from.list()?.into_iter().map(u32::try_from).collect::<Result<_, _>>().ok()?;
        let refunds: Vec<u32> = from.list()?.into_iter().map(u32::try_from).collect::<Result<_, _>>().ok()?;
        let refunds =
            refunds.into_iter().map(|refund| Some((refund, from.small()?))).collect::<Option<_>>()?;
        let mut lines = Vec::new();
        while !from.0.is_empty() {
            lines.push(from.line()?);
        }
        Some(Self { person, visit, lines, fund_left, earlier, settled, refunds })
    }
}

struct Writer(Vec<u8>);

impl Writer {
    fn put(&mut self, value: i64) {
        policy::write_number(&mut self.0, i128::from(value));
    }

    /// One more than the value, nothing for none.
    fn maybe(&mut self, value: Option<i64>) {
        self.put(value.map_or(0, |value| value + 1));
    }

    fn flags<const N: usize>(&mut self, flags: [bool; N]) {
        self.put(flags.iter().rev().fold(0, |all, flag| all * 2 + i64::from(*flag)));
    }

    /// How many, then each as its distance from the one before.
    fn list(&mut self, values: impl ExactSizeIterator<Item = i64>) {
        self.put(i64::try_from(values.len()).unwrap_or(i64::MAX));
        let mut before = 0;
        for value in values {
            self.put(value - before);
            before = value;
        }
    }

    fn person(&mut self, p: &Person) {
        self.put(p.scheme as i64);
        self.put(p.status as i64);
        self.put(p.sex as i64);
        self.put(i64::from(p.age));
        self.maybe(p.born.map(day_number));
        self.maybe(p.worked_from.map(day_number));
        self.put(i64::from(p.service_years));
        self.put(p.premium as i64);
        self.put(p.servant as i64);
        self.put(p.hardship as i64);
        self.put(i64::from(p.unit));
        self.put(i64::from(p.entitled));
        self.put(i64::from(p.blacklist));
        self.put(p.wage.fen());
        self.put(p.account.fen());
        self.put(p.relatives.fen());
        self.flags([p.supplement, p.uses_account]);
    }

    fn visit(&mut self, v: &Visit) {
        self.put(v.kind as i64);
        self.put(i64::from(v.level.get()));
        self.put(v.region as i64);
        self.put(day_number(v.date));
        self.maybe(v.admitted.map(day_number));
        self.put(i64::from(v.admission));
        self.put(i64::from(v.disease));
        self.put(v.cause as i64);
        self.put(v.referral as i64);
        self.maybe(v.days_since_stay.map(i64::from));
        self.put(v.deductible_before.fen());
        self.maybe(v.deductible_at_admission.map(Money::fen));
        self.put(v.prescription as i64);
        self.flags([v.chosen, v.contract, v.own, v.clinic, v.private, v.manual]);
    }

    fn line(&mut self, line: &Line) {
        self.put(line.class as i64);
        self.put(line.kind as i64);
        self.put(line.amount.fen());
        self.put(line.price.millionths());
        self.put(line.quantity.ten_thousandths());
        self.maybe(line.limit.get().map(UnitPrice::millionths));
        self.maybe(line.first_self_pay.get().map(Rate::ten_thousandths));
        self.put(i64::from(line.lists));
        self.put(line.standing as i64);
        self.put(i64::from(line.day));
    }
}

struct Reader<'b>(&'b [u8]);

impl Reader<'_> {
    fn number(&mut self) -> Option<i64> {
        i64::try_from(policy::read_number(&mut self.0)?).ok()
    }

    fn small<T: TryFrom<i64>>(&mut self) -> Option<T> {
        T::try_from(self.number()?).ok()
    }

    fn maybe(&mut self) -> Option<Option<i64>> {
        Some(self.number()?.checked_sub(1).filter(|value| *value >= 0))
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        all.get(usize::try_from(self.number()?).ok()?).copied()
    }

    fn list(&mut self) -> Option<Vec<i64>> {
        let count: usize = self.small()?;
        let mut before = 0_i64;
        let mut values = Vec::new();
        for _ in 0..count {
            before = before.checked_add(self.number()?)?;
            values.push(before);
        }
        Some(values)
    }

    fn money(&mut self) -> Option<Money> {
        self.number().map(Money::from_fen)
    }

    fn day(&mut self) -> Option<Date> {
        day(self.number()?)
    }

    fn maybe_day(&mut self) -> Option<Option<Date>> {
        match self.maybe()? {
            None => Some(None),
            Some(number) => day(number).map(Some),
        }
    }

    fn flags<const N: usize>(&mut self) -> Option<[bool; N]> {
        let all = self.number()?;
        let mut flags = [false; N];
        flags.iter_mut().enumerate().for_each(|(at, flag)| *flag = all >> at & 1 == 1);
        Some(flags)
    }

    fn person(&mut self) -> Option<Person> {
        let scheme = self.pick(Scheme::ALL)?;
        let status = self.pick(PersonStatus::ALL)?;
        let sex = self.pick(Sex::ALL)?;
        let age = self.small()?;
        let mut person = Person { scheme, sex, ..Person::new(status, age) };
        person.born = self.maybe_day()?;
        person.worked_from = self.maybe_day()?;
        person.service_years = self.small()?;
        person.premium = self.pick(Premium::ALL)?;
        person.servant = self.pick(Servant::ALL)?;
        person.hardship = self.pick(Hardship::ALL)?;
        person.unit = self.small()?;
        person.entitled = self.small()?;
        person.blacklist = self.small()?;
        person.wage = self.money()?;
        person.account = self.money()?;
        person.relatives = self.money()?;
        [person.supplement, person.uses_account] = self.flags()?;
        Some(person)
    }

    fn visit(&mut self) -> Option<Visit> {
        let kind = self.pick(VisitKind::ALL)?;
        let level = HospitalLevel::new(self.small()?)?;
        let region = self.pick(Region::ALL)?;
        let mut visit = Visit { region, ..Visit::new(kind, level, self.day()?) };
        visit.admitted = self.maybe_day()?;
        visit.admission = self.small()?;
        visit.disease = self.small()?;
        visit.cause = self.pick(Cause::ALL)?;
        visit.referral = self.pick(Referral::ALL)?;
        visit.days_since_stay = self.maybe()?.map(u16::try_from).transpose().ok()?;
        visit.deductible_before = self.money()?;
        visit.deductible_at_admission = self.maybe()?.map(Money::from_fen);
        visit.prescription = self.pick(Prescription::ALL)?;
        [visit.chosen, visit.contract, visit.own, visit.clinic, visit.private, visit.manual] =
            self.flags()?;
        Some(visit)
    }

    fn line(&mut self) -> Option<Line> {
        let (class, kind) = (self.pick(ItemClass::ALL)?, self.pick(ItemKind::ALL)?);
        let mut line = Line::new(class, kind, self.money()?);
        line.price = UnitPrice::from_millionths(self.number()?);
        line.quantity = Quantity::from_ten_thousandths(self.number()?);
        line.limit = self.maybe()?.map(UnitPrice::from_millionths).into();
        line.first_self_pay = self.maybe()?.map(Rate::from_ten_thousandths).into();
        line.lists = self.small()?;
        line.standing = self.pick(Standing::ALL)?;
        line.day = self.small()?;
        Some(line)
    }
}

fn day_number(day: Date) -> i64 {
    i64::from(day.year()) * 10_000 + i64::from(day.month()) * 100 + i64::from(day.day())
}

fn day(number: i64) -> Option<Date> {
    let part = |n: i64| i8::try_from(n).ok();
    Date::new(i16::try_from(number / 10_000).ok()?, part(number / 100 % 100)?, part(number % 100)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use policy::OwnRate;

    #[test]
    fn inputs_read_back_and_damage_is_noticed() {
        let line = Line {
            first_self_pay: Some(Rate::from_ten_thousandths(2_000)).into(),
            lists: 5,
            standing: Standing::Unconfirmed,
            day: 741_000,
            ..Line::new(ItemClass::B, ItemKind::Examination, Money::from_fen(12_000))
        };
        let person = Person {
            sex: Sex::Male,
            born: Some(date(1955, 2, 3)),
            premium: Premium::Arrears,
            hardship: Hardship::LowIncome,
            entitled: 0b110,
            account: Money::from_fen(51_230),
            uses_account: false,
            ..Person::new(PersonStatus::Retired, 71)
        };
        let visit = Visit {
            region: Region::Referred,
            admitted: Some(date(2026, 1, 3)),
            disease: 3,
            days_since_stay: Some(0),
            contract: true,
            ..Visit::new(VisitKind::Inpatient, HospitalLevel::new(2).unwrap(), date(2026, 1, 31))
        };
        let inputs = Inputs {
            person,
            visit,
            lines: vec![
                line,
                Line {
                    limit: Some(UnitPrice::from_millionths(0)).into(),
                    first_self_pay: OwnRate::NONE,
                    ..line
                },
            ],
            fund_left: Some((Fund::Pooled, Money::from_fen(1))),
            earlier: vec![SettlementId(700), SettlementId(950)],
            settled: vec![1],
            refunds: Vec::new(),
        };
        assert_eq!(inputs.own_lines().collect::<Vec<_>>(), [&line]);
        let bytes = inputs.encode();
        assert_eq!(Inputs::decode(&bytes), Some(inputs.clone()));
        assert_eq!(Inputs::decode(&bytes[..bytes.len() - 1]), None);
        assert_eq!(Inputs::decode(&[]), None);
        let none = Inputs { fund_left: None, earlier: Vec::new(), settled: Vec::new(), ..inputs };
        assert_eq!(Inputs::decode(&none.encode()), Some(none));
    }
}
