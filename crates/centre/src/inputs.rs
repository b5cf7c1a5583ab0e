//! What a settlement was computed from, in compact form: enough to compute it again years later.

use jiff::civil::Date;
use model::{HospitalLevel, ItemClass, ItemKind, PersonStatus, Premium, Region, VisitKind};
use money::{Money, Quantity, Rate, UnitPrice};
use policy::{Line, Person, Visit};

/// The inputs of one settlement, besides the edition and the year's counters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    /// The person.
    pub person: Person,
    /// The visit.
    pub visit: Visit,
    /// The lines.
    pub lines: Vec<Line>,
}

const FORMAT: i64 = 1;

impl Inputs {
    /// The compact form: some 15 bytes a line.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(32 + self.lines.len() * 20);
        let mut put = |value: i64| policy::write_number(&mut out, i128::from(value));
        put(FORMAT);
        let p = &self.person;
        put(p.status as i64);
        put(i64::from(p.age));
        put(p.premium as i64);
        put(p.account.fen());
        put(i64::from(p.uses_account));
        let v = &self.visit;
        put(v.kind as i64);
        put(i64::from(v.level.get()));
        put(v.region as i64);
        put(i64::from(v.date.year()) * 10_000 + i64::from(v.date.month()) * 100 + i64::from(v.date.day()));
        put(i64::from(v.admission));
        for line in &self.lines {
            put(line.class as i64);
            put(line.kind as i64);
            put(line.amount.fen());
            put(line.price.millionths());
            put(line.quantity.ten_thousandths());
            // One more than the value, nothing for none.
            put(line.limit.map_or(0, |l| l.millionths() + 1));
            put(line.first_self_pay.map_or(0, |r| r.ten_thousandths() + 1));
        }
        out
    }

    /// Reads the compact form; none where it is damaged.
    pub fn decode(mut bytes: &[u8]) -> Option<Self> {
        let bytes = &mut bytes;
        if read(bytes)? != FORMAT {
            return None;
        }
        let person = Person {
            status: pick(PersonStatus::ALL, read(bytes)?)?,
            age: u16::try_from(read(bytes)?).ok()?,
            premium: pick(Premium::ALL, read(bytes)?)?,
            account: Money::from_fen(read(bytes)?),
            uses_account: read(bytes)? == 1,
        };
        let visit = Visit {
            kind: pick(VisitKind::ALL, read(bytes)?)?,
            level: u8::try_from(read(bytes)?).ok().and_then(HospitalLevel::new)?,
            region: pick(Region::ALL, read(bytes)?)?,
            date: day(read(bytes)?)?,
            admission: u16::try_from(read(bytes)?).ok()?,
        };
        let mut lines = Vec::new();
        while !bytes.is_empty() {
            lines.push(read_line(bytes)?);
        }
        Some(Self { person, visit, lines })
    }
}

fn read_line(bytes: &mut &[u8]) -> Option<Line> {
    let class = pick(ItemClass::ALL, read(bytes)?)?;
    let kind = pick(ItemKind::ALL, read(bytes)?)?;
    let amount = Money::from_fen(read(bytes)?);
    let price = UnitPrice::from_millionths(read(bytes)?);
    let quantity = Quantity::from_ten_thousandths(read(bytes)?);
    let limit = read(bytes)?.checked_sub(1).filter(|l| *l >= 0).map(UnitPrice::from_millionths);
    let first_self_pay = read(bytes)?.checked_sub(1).filter(|r| *r >= 0).map(Rate::from_ten_thousandths);
    Some(Line { class, kind, amount, price, quantity, limit, first_self_pay })
}

fn pick<T: Copy>(all: &[T], at: i64) -> Option<T> {
    all.get(usize::try_from(at).ok()?).copied()
}

fn day(number: i64) -> Option<Date> {
    let part = |n: i64| i8::try_from(n).ok();
    Date::new(i16::try_from(number / 10_000).ok()?, part(number / 100 % 100)?, part(number % 100)?).ok()
}

fn read(bytes: &mut &[u8]) -> Option<i64> {
    i64::try_from(policy::read_number(bytes)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn inputs_read_back_and_damage_is_noticed() {
        let line = Line {
            class: ItemClass::B,
            kind: ItemKind::Examination,
            amount: Money::from_fen(12_000),
            price: UnitPrice::from_millionths(120_000_000),
            quantity: Quantity::ONE,
            limit: None,
            first_self_pay: Some(Rate::from_ten_thousandths(2_000)),
        };
        let inputs = Inputs {
            person: Person {
                status: PersonStatus::Retired,
                age: 71,
                premium: Premium::Paid,
                account: Money::from_fen(51_230),
                uses_account: true,
            },
            visit: Visit {
                kind: VisitKind::Outpatient,
                level: HospitalLevel::new(2).unwrap(),
                region: Region::Home,
                date: date(2026, 1, 31),
                admission: 0,
            },
            lines: vec![
                line,
                Line { limit: Some(UnitPrice::from_millionths(0)), first_self_pay: None, ..line },
            ],
        };
        let bytes = inputs.encode();
        assert_eq!(Inputs::decode(&bytes), Some(inputs));
        assert_eq!(Inputs::decode(&bytes[..bytes.len() - 1]), None);
        assert_eq!(Inputs::decode(&[]), None);
    }
}
