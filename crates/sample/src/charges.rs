//! What is charged at a visit: lines of the catalogue that fit the disease, the department and the place.

use std::collections::HashMap;

use jiff::ToSpan;
use jiff::civil::DateTime;
use model::{Catalogue, Institution, Item, ItemKind, VisitKind};
use money::{Exact, Quantity, Rounding, UnitPrice};

use crate::Random;
use crate::diagnoses::{Diagnosis, Listed};
use crate::visits::SampleLine;

/// What a bill is for.
pub(crate) struct Occasion<'a> {
    pub(crate) diagnosis: &'static Diagnosis,
    pub(crate) hospital: &'a Institution,
    pub(crate) kind: VisitKind,
    pub(crate) begins: DateTime,
    /// Discharge, or when the doors close.
    pub(crate) until: DateTime,
}

/// The catalogue, arranged as it is prescribed. Each shelf holds positions in the catalogue.
pub(crate) struct Shelves<'c> {
    items: &'c [Item],
    by_name: HashMap<&'c str, usize>,
    /// Drugs to take home, by the first letter of their therapeutic group.
    drugs: HashMap<char, Vec<usize>>,
    patents: Vec<usize>,
    herbs: Vec<usize>,
    injections: Vec<usize>,
    materials: Vec<usize>,
    /// What a pharmacy sells.
    counter: Vec<usize>,
}

/// Most lines of an outpatient bill, and of one day of a stay.
const OUTPATIENT_LINES_MAX: usize = 12;
const DAY_LINES_MAX: usize = 25;

/// How many of something are on a bill.
const CARE: [(usize, usize); 5] = [(0, 40), (1, 28), (2, 18), (3, 9), (4, 5)];
const DRUGS: [(usize, usize); 6] = [(0, 10), (1, 24), (2, 28), (3, 20), (4, 12), (5, 6)];
const PURCHASES: [(usize, usize); 4] = [(1, 50), (2, 30), (3, 15), (4, 5)];

/// Beds and care of a stay.
const BEDS: [(&str, usize); 3] = [("三人间床位费", 60), ("四人间床位费", 25), ("双人间床位费", 15)];
const NURSING: [(&str, usize); 3] = [("一级护理", 25), ("二级护理", 60), ("三级护理", 15)];
/// What everybody is tested for on admission.
const ADMISSION: [&str; 5] =
    ["血常规(五分类)", "尿常规分析", "肝功能常规(八项)", "肾功能常规(四项)", "常规心电图检查(十二导联)"];

impl<'c> Shelves<'c> {
    pub(crate) fn new(catalogue: &'c Catalogue) -> Self {
        let items = catalogue.items();
        let shelf = |keep: &dyn Fn(&Item) -> bool| -> Vec<usize> {
            items.iter().enumerate().filter(|(_, item)| keep(item)).map(|(at, _)| at).collect()
        };
        let injected = |item: &Item| item.name.contains("注射");
        let home = |item: &Item| item.kind == ItemKind::Drug && !injected(item) && costs(item, 200);
        let patent = |item: &Item| item.kind == ItemKind::Patent && !injected(item) && costs(item, 80);
        let mut drugs: HashMap<char, Vec<usize>> = HashMap::new();
        for at in shelf(&home) {
            // A drug's code goes on with its therapeutic group.
            drugs.entry(items[at].code.chars().nth(1).unwrap_or('A')).or_default().push(at);
        }
        Self {
            items,
            by_name: items.iter().enumerate().rev().map(|(at, item)| (item.name.as_str(), at)).collect(),
            drugs,
            patents: shelf(&patent),
            herbs: shelf(&|item| item.kind == ItemKind::Herb && item.price < yuan(2)),
            injections: shelf(&|item| item.kind == ItemKind::Drug && injected(item) && costs(item, 150)),
            materials: shelf(&|item| item.kind == ItemKind::Material && costs(item, 30)),
            counter: shelf(&|item| (home(item) || patent(item)) && costs(item, 120) && !item.restricted),
        }
    }

    /// An outpatient bill: the consultation, what was looked at and done, what was prescribed.
    pub(crate) fn outpatient(&self, at: &Occasion<'_>, random: &mut Random) -> Vec<SampleLine> {
        let mut bill = Bill::new(self, at.begins, at.until.min(at.begins.saturating_add(90.minutes())));
        bill.add(self.named(consultation(at, random)), Quantity::ONE, random);
        for _ in 0..*random.weighted(&CARE) {
            let name = random.pick(&at.diagnosis.department().care);
            bill.add(self.named(name), Quantity::ONE, random);
        }
        if at.hospital.name.contains("中医") && random.percent(45) {
            self.prescribe_herbs(&mut bill, random);
        } else {
            self.prescribe_drugs(&mut bill, at.diagnosis, random);
        }
        if random.percent(10) {
            self.infuse(&mut bill, 1, random);
        }
        bill.lines.truncate(OUTPATIENT_LINES_MAX);
        bill.in_order()
    }

    /// A purchase at a pharmacy: drugs only.
    pub(crate) fn purchase(&self, at: &Occasion<'_>, random: &mut Random) -> Vec<SampleLine> {
        let mut bill = Bill::new(self, at.begins, at.until);
        for _ in 0..*random.weighted(&PURCHASES) {
            let quantity = whole(random.between(1, 2));
            bill.add(usual(&self.counter, random), quantity, random);
        }
        bill.in_order()
    }

    /// A stay, day by day; the day of discharge is not charged.
    pub(crate) fn stay(&self, at: &Occasion<'_>, random: &mut Random) -> Vec<SampleLine> {
        let (bed, nursing) = (*random.weighted(&BEDS), *random.weighted(&NURSING));
        let operates = !at.diagnosis.operation.is_empty() && random.percent(65);
        let mut lines = Vec::new();
        let mut day = at.begins.date();
        while day < at.until.date() {
            let first = day == at.begins.date();
            let opens = if first { at.begins } else { day.at(7, 0, 0, 0) };
            let mut bill = Bill::new(self, opens, day.at(21, 0, 0, 0));
            for fee in [bed, nursing, "住院诊察费(每日)"] {
                bill.add(self.named(fee), Quantity::ONE, random);
            }
            if operates && day == at.begins.date().saturating_add(1.day()) {
                self.operate(&mut bill, at.diagnosis, random);
            }
            self.treat(&mut bill, at.diagnosis, first, random);
            bill.lines.truncate(DAY_LINES_MAX);
            lines.append(&mut bill.in_order());
            day = day.saturating_add(1.day());
        }
        lines
    }

    /// An ordinary day in bed; on the first, tests.
    fn treat(&self, bill: &mut Bill<'_, '_>, diagnosis: &Diagnosis, first: bool, random: &mut Random) {
        let (tests, care): (&[&str], _) = if first { (&ADMISSION, 1..=3) } else { (&[], 0..=1) };
        tests.iter().for_each(|name| bill.add(self.named(name), Quantity::ONE, random));
        for _ in 0..random.between(*care.start(), *care.end()) {
            let name = random.pick(&diagnosis.department().care);
            bill.add(self.named(name), Quantity::ONE, random);
        }
        self.infuse(bill, random.between(1, 3), random);
        for _ in 0..random.between(1, 3) {
            let drug = self.drug(diagnosis, random);
            bill.add(drug, Quantity::ONE, random);
        }
        for _ in 0..random.between(0, 2) {
            let quantity = whole(random.between(1, 3));
            bill.add(usual(&self.materials, random), quantity, random);
        }
    }

    fn operate(&self, bill: &mut Bill<'_, '_>, diagnosis: &Diagnosis, random: &mut Random) {
        let names = diagnosis.operation.iter().map(String::as_str);
        for name in names.chain(["全身麻醉(2小时内)", "麻醉中监护(每小时)"]) {
            bill.add(self.named(name), Quantity::ONE, random);
        }
    }

    /// Infusions: what drips, the work, the set.
    fn infuse(&self, bill: &mut Bill<'_, '_>, count: i64, random: &mut Random) {
        for _ in 0..count {
            let quantity = whole(random.between(1, 3));
            bill.add(usual(&self.injections, random), quantity, random);
        }
        bill.add(self.named("静脉输液(首组)"), Quantity::ONE, random);
        if count > 1 {
            bill.add(self.named("静脉输液(第二组起)"), whole(count - 1), random);
        }
        bill.add(self.named("一次性使用输液器"), Quantity::ONE, random);
        bill.add(self.named("一次性使用无菌注射器"), whole(count), random);
    }

    /// Boxes to take home; more of them for a disease that stays.
    fn prescribe_drugs(&self, bill: &mut Bill<'_, '_>, diagnosis: &Diagnosis, random: &mut Random) {
        let most = if diagnosis.listed == Some(Listed::Chronic) { 4 } else { 2 };
        for _ in 0..*random.weighted(&DRUGS) {
            let (drug, boxes) = (self.drug(diagnosis, random), random.between(1, most));
            bill.add(drug, whole(boxes), random);
        }
        if random.percent(25) {
            bill.add(usual(&self.patents, random), whole(random.between(1, 2)), random);
        }
    }

    /// A decoction: so many grams of each herb a dose, five or seven doses.
    fn prescribe_herbs(&self, bill: &mut Bill<'_, '_>, random: &mut Random) {
        let doses = *random.pick(&[5, 7]);
        for _ in 0..random.between(5, 9) {
            let grams = *random.pick(&[6, 9, 10, 12, 15]);
            bill.add(usual(&self.herbs, random), whole(grams * doses), random);
        }
    }

    /// Mostly a drug of the department, else any.
    fn drug(&self, diagnosis: &Diagnosis, random: &mut Random) -> usize {
        let letters = &diagnosis.department().drugs;
        let letter =
            if random.percent(75) { *random.pick(letters) } else { *random.pick(&['A', 'C', 'J', 'N', 'R']) };
        usual(&self.drugs[&letter], random)
    }

    fn named(&self, name: &str) -> usize {
        self.by_name[name]
    }
}

/// The lines of one bill or one day.
struct Bill<'s, 'c> {
    shelves: &'s Shelves<'c>,
    opens: DateTime,
    closes: DateTime,
    lines: Vec<SampleLine>,
}

impl<'s, 'c> Bill<'s, 'c> {
    fn new(shelves: &'s Shelves<'c>, opens: DateTime, closes: DateTime) -> Self {
        Self { shelves, opens, closes, lines: Vec::new() }
    }

    /// Charges an item at some moment; one that is charged already is not charged again.
    fn add(&mut self, item: usize, quantity: Quantity, random: &mut Random) {
        if self.lines.iter().any(|line| line.item == item) {
            return;
        }
        let seconds = self.closes.duration_since(self.opens).as_secs();
        let served = self.opens.saturating_add(random.between(0, seconds).seconds());
        let price = self.shelves.items[item].price;
        let amount = Exact::line(price, quantity).round(Rounding::HalfUp);
        self.lines.push(SampleLine { item, served, price, quantity, amount });
    }

    fn in_order(mut self) -> Vec<SampleLine> {
        self.lines.sort_by_key(|line| (line.served, line.item));
        self.lines
    }
}

/// The consultation as the level and the hour charge it.
fn consultation(at: &Occasion<'_>, random: &mut Random) -> &'static str {
    match (at.kind, at.hospital.level) {
        (VisitKind::Emergency, _) => "急诊诊察费",
        (_, 1) => "一般诊疗费(一级医疗机构)",
        (_, 3) if random.percent(30) => "主任医师门诊诊察费",
        (_, 3) if random.percent(40) => "副主任医师门诊诊察费",
        (_, 2) if random.percent(25) => "副主任医师门诊诊察费",
        _ => "普通门诊诊察费",
    }
}

/// One of a shelf; some things are prescribed far more often than others.
fn usual(shelf: &[usize], random: &mut Random) -> usize {
    shelf[random.below(shelf.len()).min(random.below(shelf.len()))]
}

fn costs(item: &Item, at_most_yuan: i64) -> bool {
    item.price <= yuan(at_most_yuan)
}

fn yuan(yuan: i64) -> UnitPrice {
    UnitPrice::from_millionths(yuan * 1_000_000)
}

fn whole(count: i64) -> Quantity {
    Quantity::from_ten_thousandths(count * 10_000)
}
