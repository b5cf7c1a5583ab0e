//! Setting a hospital up: a price list from the centre's catalogue where it has none, doctors, diagnoses, operators and
//! number segments.

use jiff::civil::Date;
use model::{ItemClass, ItemKind};
use store::{Act, Change};
use web::Busy;

use crate::bed::{Bed, BedState, Ward};
use crate::desk::Desk;
use crate::house::{Diagnosis, Doctor, Hospital, Item, Lists, Named, Use};
use crate::people::{Module, Operator, OperatorState, Post, Role};
use crate::segment::{Segment, SegmentState};
use crate::sheet::{PaperError, Papers, Sheet};

/// Papers are written in so many at once.
const AT_ONCE: usize = 500;

/// What a hospital begins with.
pub struct Founding<'f> {
    /// Its code in the list of institutions.
    pub code: String,
    /// Itself.
    pub hospital: Hospital,
    /// The centre's catalogue, of which it charges everything that holds on the day: under numbers of its own.
    pub catalogue: &'f [model::Item],
    /// Its doctors.
    pub doctors: Vec<(String, Doctor)>,
    /// What it diagnoses: code and name.
    pub diagnoses: Vec<(String, String)>,
    /// Its number segments.
    pub segments: Vec<Segment>,
}

/// An operator as he is set up.
pub struct NewOperator<'o> {
    /// Staff number.
    pub login: &'o str,
    /// Name.
    pub name: &'o str,
    /// What he is.
    pub roles: &'o [Role],
    /// What he has passed, until when.
    pub posts: &'o [(Module, Date)],
    /// His first password.
    pub password: &'o str,
    /// The secret of his second factor; empty: none.
    pub totp: &'o [u8],
}

/// A ward as it is set up.
pub struct NewWard<'w> {
    /// Code.
    pub code: &'w str,
    /// Name.
    pub name: &'w str,
    /// What its beds are called: number and kind.
    pub beds: &'w [(&'w str, &'w str)],
}

impl Desk {
    /// Sets a hospital's wards up, with the number segments of its inpatients.
    pub fn open_wards(
        &self,
        papers: &Papers,
        wards: &[NewWard<'_>],
        segments: Vec<Segment>,
        act: &Act,
    ) -> Result<(), PaperError> {
        let mut changes: Vec<Change> = wards
            .iter()
            .map(|ward| new(ward.code.into(), Ward { name: ward.name.into(), branch: String::new() }))
            .collect();
        for ward in wards {
            changes.extend(ward.beds.iter().map(|(number, kind)| {
                let bed = Bed {
                    ward: ward.code.into(),
                    number: (*number).into(),
                    kind: (*kind).into(),
                    stay: String::new(),
                    note: String::new(),
                };
                Sheet::new(Bed::key(ward.code, number), BedState::Free, None, bed).happened("found")
            }));
        }
        changes.extend(segments.into_iter().map(|segment| {
            Sheet::new(segment.key(), SegmentState::Issued, Some(act.at.date()), segment).happened("issue")
        }));
        papers.put(&changes, act)
    }

    /// Sets a hospital up. What is there already is refused as stale.
    pub fn found(&self, founding: Founding<'_>, act: &Act) -> Result<(), PaperError> {
        let papers = self.papers(&founding.code);
        let day = act.at.date();
        let mut changes = Vec::new();
        let listed = founding.catalogue.iter().filter(|item| item.valid.holds_on(day));
        changes.extend((1..).zip(listed).map(|(n, item)| new(format!("{n:04}"), own_item(item))));
        let items = changes.len();
        let diagnoses = founding.diagnoses.len();
        changes.extend(founding.diagnoses.into_iter().map(|(code, name)| new(code, Diagnosis { name })));
        let doctors = founding.doctors.len();
        changes.extend(founding.doctors.into_iter().map(|(number, doctor)| new(number, doctor)));
        changes.extend(founding.segments.into_iter().map(|segment| {
            Sheet::new(segment.key(), SegmentState::Issued, Some(day), segment).happened("issue")
        }));
        changes.push(new(Hospital::KEY.into(), founding.hospital));
        changes.push(new(Lists::KEY.into(), Lists { items, diagnoses, doctors, packages: 0 }));
        changes.chunks(AT_ONCE).try_for_each(|some| papers.put(some, act))
    }

    /// Sets an operator up.
    pub fn hire(
        &self,
        papers: &Papers,
        new: &NewOperator<'_>,
        act: &Act,
    ) -> Result<Result<(), Busy>, PaperError> {
        let password = match self.passwords().hash(new.password) {
            Ok(password) => password,
            Err(busy) => return Ok(Err(busy)),
        };
        let passed = act.at.date();
        let facts = Operator {
            name: new.name.into(),
            roles: new.roles.to_vec(),
            posts: new
                .posts
                .iter()
                .map(|(module, until)| Post { module: *module, passed, until: *until })
                .collect(),
            password,
            wrong: Vec::new(),
            code_used: 0,
        };
        let mut operator = Sheet::new(new.login, OperatorState::Active, None, facts);
        operator.private.totp = new.totp.to_vec();
        papers.put(&[operator.happened("hire")], act).map(Ok)
    }
}

fn new<F: crate::sheet::Form<State = Use>>(key: String, facts: F) -> Change {
    Sheet::new(key, Use::Active, None, facts).happened("found")
}

/// A row of the catalogue as a hospital charges it: mapped to itself, at its usual price.
fn own_item(item: &model::Item) -> Item {
    let drug = matches!(item.kind, ItemKind::Drug | ItemKind::Patent | ItemKind::Herb);
    let first = item.first_self_pay.map(money::Rate::percent).unwrap_or_default();
    Item {
        name: item.name.clone(),
        aliases: Vec::new(),
        specification: item.specification.clone(),
        unit: item.unit.clone(),
        price: item.price,
        category: item.charge_kind.clone(),
        executing: executing(item.kind),
        mapped: Some(item.code.clone()),
        proposed: String::new(),
        class: match item.class {
            ItemClass::A => "A",
            ItemClass::B => "B",
            ItemClass::C => "C",
        }
        .into(),
        first_self_pay: first.trim_end_matches('%').into(),
        drug,
        whole: !matches!(item.kind, ItemKind::Herb),
        traced: item.traced,
        prices: Vec::new(),
        stopped: None,
    }
}

fn executing(kind: ItemKind) -> Named {
    let (code, name) = match kind {
        ItemKind::Drug | ItemKind::Patent => ("9001", "西药房"),
        ItemKind::Herb => ("9002", "中药房"),
        ItemKind::Test => ("9003", "检验科"),
        ItemKind::Examination => ("9004", "功能科"),
        ItemKind::Material | ItemKind::ImportedMaterial => ("9005", "材料库"),
        _ => ("9006", "门诊"),
    };
    Named::of(code, name)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An item of a price list, for tests.
    pub(crate) fn item(name: &str, price: &str) -> Item {
        Item {
            name: name.into(),
            aliases: Vec::new(),
            specification: "1g".into(),
            unit: "支".into(),
            price: price.parse().expect("a price"),
            category: "09".into(),
            executing: Named::default(),
            mapped: None,
            proposed: String::new(),
            class: "A".into(),
            first_self_pay: String::new(),
            drug: true,
            whole: true,
            traced: false,
            prices: Vec::new(),
            stopped: None,
        }
    }

    #[test]
    fn drugs_are_given_by_the_pharmacy() {
        assert_eq!(executing(ItemKind::Drug).name, "西药房");
        assert_eq!(executing(ItemKind::Herb).name, "中药房");
    }
}
