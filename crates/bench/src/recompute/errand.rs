//! Why somebody comes, as this run has it: a visit of the generator, changed so that also what is rare comes up.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use model::{Item, ItemKind, VisitKind};
use money::{Exact, Money, Quantity, Rounding, UnitPrice};
use sample::{Random, SampleCity, SampleVisit};

/// One visit, purchase or stay to be made.
pub struct Errand {
    /// The person's number.
    pub person: String,
    /// Under which insurance.
    pub insurance: u16,
    /// Position in the city's hospitals.
    pub hospital: usize,
    /// National kind of care.
    pub care: &'static str,
    /// The listed disease it is for, by its national code; empty: none.
    pub disease: String,
    /// What a stay was for is said only at its end.
    pub late: bool,
    /// Why: code and name of the diagnosis.
    pub diagnosis: (String, String),
    /// Registration or admission.
    pub begins: DateTime,
    /// Discharge.
    pub ends: Option<DateTime>,
    /// What is charged, in order of time.
    pub charges: Vec<Charge>,
    /// The person wants the account used.
    pub account: bool,
    /// Draws what becomes of it.
    pub random: Random,
}

/// One line.
#[derive(Clone)]
pub struct Charge {
    /// National code of the item.
    pub item: String,
    /// When it was given.
    pub served: DateTime,
    /// For how much each.
    pub price: UnitPrice,
    /// How many.
    pub quantity: Quantity,
    /// What is charged.
    pub amount: Money,
    /// The hospital confirms the restricted use.
    pub confirmed: bool,
}

/// Anaesthesia: class A at any price.
const ANY_PRICE: &str = "009904000003000";
/// On the list of dual-channel drugs.
const DUAL_CHANNEL: [&str; 2] = ["XL01EBA003A001010199408", "XL01XCB003A002010199047"];
/// The neighbour city.
const NEIGHBOUR: &str = "9902";
/// Takes in paper bills of the first years.
const ARCHIVE: &str = "澜州市第一医院";
/// How far back paper bills are.
const PAPER_YEARS: i64 = 24;

impl Errand {
    /// A visit as it is made; everything else follows from the seed. None where nobody comes: of what is common, half is
    /// enough.
    pub fn of(visit: &SampleVisit, city: &SampleCity, seed: u64) -> Option<Self> {
        let begins = (visit.begins.date() - Date::ZERO).get_days().unsigned_abs();
        let mut random = Random::new(seed ^ (visit.person as u64) << 32 ^ u64::from(begins));
        let rare = visit.ends.is_some() || matches!(visit.kind, VisitKind::Special | VisitKind::Maternity);
        if !rare && random.percent(50) {
            return None;
        }
        let enrolment = &city.persons[visit.person].enrolment;
        let cover = enrolment.covers.iter().find(|cover| cover.holds_on(visit.begins.date()));
        let mut errand = Self {
            person: enrolment.number.clone(),
            insurance: cover.map_or(310, |cover| cover.kind.0),
            hospital: visit.hospital,
            care: care(visit, &mut random),
            disease: disease(&visit.diagnosis.code, &mut random),
            late: random.percent(30),
            diagnosis: (visit.diagnosis.code.clone(), visit.diagnosis.name.clone()),
            begins: visit.begins,
            ends: visit.ends,
            charges: charges(visit, city, &mut random),
            account: !random.percent(15),
            random: Random::new(random.bits()),
        };
        let bears = enrolment.gender == "2"
            && (20..45).contains(&(visit.begins.year() - enrolment.born.year()))
            && random.percent(12);
        if bears {
            errand.be_maternity(&mut random);
        } else if visit.ends.is_some() && random.percent(12) {
            let diseases = [("H25.9", "老年性白内障"), ("K35.8", "急性阑尾炎")];
            errand.be_for(*random.pick(&diseases));
        }
        errand.vary(city, &mut random);
        let of_age = enrolment.covers.first().is_some_and(|cover| cover.from <= errand.long_ago());
        if of_age && random.percent(2) {
            errand.go_back(city);
        } else if random.percent(4) {
            errand.hospital = place(city, |h| h.division.starts_with(NEIGHBOUR));
        }
        Some(errand)
    }

    /// Births and what comes before: fixed sums.
    fn be_maternity(&mut self, random: &mut Random) {
        if self.ends.is_some() {
            self.care = random.pick::<&'static str>(&["52", "5302"]);
            self.be_for(*random.pick(&[("O80.9", "单胎顺产"), ("O82.9", "剖宫产分娩")]));
        } else {
            self.care = random.pick::<&'static str>(&["51", "53", "5301"]);
            self.be_for(("Z34.9", "正常妊娠监督"));
        }
    }

    /// For a disease that is listed by its diagnosis.
    fn be_for(&mut self, (code, name): (&str, &str)) {
        self.diagnosis = (code.to_owned(), name.to_owned());
        code.clone_into(&mut self.disease);
    }

    /// The same without its lines, and with draws of its own.
    pub fn copy(&mut self) -> Self {
        let random = Random::new(self.random.bits());
        Self {
            person: self.person.clone(),
            disease: self.disease.clone(),
            diagnosis: self.diagnosis.clone(),
            charges: Vec::new(),
            random,
            ..*self
        }
    }

    /// Things that are dear, or stand alone.
    fn vary(&mut self, city: &SampleCity, random: &mut Random) {
        let stays = self.ends.is_some();
        match random.below(100) {
            0..=13 if stays => self.add_dear(random.between(20_000, 400_000)),
            14..=18 if stays => self.add_dear(random.between(400_000, 1_200_000)),
            0..=4 => self.add_dear(random.between(800, 9_000)),
            5 | 6 => self.add(random.pick::<&str>(&DUAL_CHANNEL), city, random),
            7 | 8 if !stays => {
                let herbs: Vec<&Item> =
                    city.catalogue.items().iter().filter(|i| i.kind == ItemKind::Herb).collect();
                let herb = random.pick(&herbs).code.clone();
                self.charges.clear();
                self.add(&herb, city, random);
            }
            9 => self.add(random.pick(city.catalogue.items()).code.clone().as_str(), city, random),
            _ => {}
        }
        if self.care == "15" {
            self.charges.clear();
            self.add(random.pick::<&str>(&DUAL_CHANNEL), city, random);
        }
    }

    fn add_dear(&mut self, yuan: i64) {
        let price = UnitPrice::from_millionths(yuan * 1_000_000);
        self.push(ANY_PRICE, price, Quantity::ONE, Money::from_yuan(yuan));
    }

    fn add(&mut self, code: &str, city: &SampleCity, random: &mut Random) {
        let Some(item) = city.catalogue.of(code).next() else { return };
        let quantity = Quantity::from_ten_thousandths(random.between(1, 3) * 10_000);
        self.push(code, item.price, quantity, Exact::line(item.price, quantity).round(Rounding::HalfUp));
    }

    fn push(&mut self, item: &str, price: UnitPrice, quantity: Quantity, amount: Money) {
        let served = self.begins;
        self.charges
            .insert(0, Charge { item: item.to_owned(), served, price, quantity, amount, confirmed: true });
    }

    fn long_ago(&self) -> Date {
        self.begins.date().saturating_sub(PAPER_YEARS.years())
    }

    /// A paper bill of the first years, filed today where it is taken in.
    fn go_back(&mut self, city: &SampleCity) {
        let back = |time: &mut DateTime| *time = time.saturating_sub(PAPER_YEARS.years());
        back(&mut self.begins);
        self.ends.iter_mut().for_each(back);
        self.charges.iter_mut().for_each(|charge| back(&mut charge.served));
        self.hospital = place(city, |h| h.name == ARCHIVE);
    }
}

fn place(city: &SampleCity, which: impl Fn(&model::Institution) -> bool) -> usize {
    city.hospitals.iter().position(which).expect("the sample city has this hospital")
}

/// The kind of care the generator means, sometimes as another code says it.
fn care(visit: &SampleVisit, random: &mut Random) -> &'static str {
    let others: &[&'static str] = match (visit.kind, visit.ends.is_some()) {
        (VisitKind::Outpatient, _) => &["12", "19", "81", "91", "15", "13"],
        (VisitKind::Chronic, _) => &["14"],
        (VisitKind::Special, false) => &["1403"],
        (VisitKind::Maternity, false) => &["53", "5301"],
        (VisitKind::Maternity, true) => &["5302"],
        (_, true) => &["22", "23", "25", "26", "27", "28", "28", "92"],
        _ => &[],
    };
    // At a pharmacy things are bought as at any window: the code of purchases is not taken by the centre yet.
    let meant = if visit.kind == VisitKind::Pharmacy { "11" } else { visit.care_kind };
    if !others.is_empty() && random.percent(15) { random.pick::<&'static str>(others) } else { meant }
}

/// The listed disease of a diagnosis, where the program says it.
fn disease(diagnosis: &str, random: &mut Random) -> String {
    let listed = match diagnosis.as_bytes() {
        [b'I', b'1', b'0', ..] => "M03900",
        [b'E', b'1', b'0' | b'1', ..] => "M01600",
        [b'C', ..] | [b'Z', b'5', b'1', ..] => random.pick::<&str>(&["M00500", "M00501", "M00502"]),
        [b'N', b'1', b'8', ..] => "M07800",
        [b'Z', b'9', b'4', ..] => "M08300",
        [b'D', b'6', b'6', ..] => "M02400",
        [b'H', b'2', b'5', ..] | [b'K', b'3', b'5', ..] | [b'O', ..] | [b'Z', b'3', ..] => diagnosis,
        _ => "",
    };
    if random.percent(90) { listed.to_owned() } else { String::new() }
}

/// The generator's lines, some at other prices, in broken quantities, or a fen apart.
fn charges(visit: &SampleVisit, city: &SampleCity, random: &mut Random) -> Vec<Charge> {
    let items = city.catalogue.items();
    let charge = |line: &sample::SampleLine| {
        let (mut price, mut quantity) = (line.price, line.quantity);
        match random.below(100) {
            // Over the limit, or below it.
            0..=19 => price = times(price, random.between(80, 190), 100),
            20..=26 => price = times(price, random.between(9_000, 11_000), 10_000),
            27..=33 => quantity = Quantity::from_ten_thousandths(random.between(1, 55_555)),
            _ => {}
        }
        let exact = Exact::line(price, quantity).round(Rounding::HalfUp);
        let apart = if random.percent(3) { fen_off(exact, price, quantity, random) } else { Money::ZERO };
        Charge {
            item: items[line.item].code.clone(),
            served: line.served,
            price,
            quantity,
            amount: exact + apart,
            confirmed: !random.percent(30),
        }
    };
    visit.lines.iter().map(charge).collect()
}

fn times(price: UnitPrice, by: i64, of: i64) -> UnitPrice {
    UnitPrice::from_millionths(price.millionths() * by / of)
}

/// A fen that the hospital's own rounding makes, where the centre lets it pass.
fn fen_off(amount: Money, price: UnitPrice, quantity: Quantity, random: &mut Random) -> Money {
    let fen = Money::from_fen(if random.percent(50) { 1 } else { -1 });
    let apart = (amount + fen).exact() - Exact::line(price, quantity);
    let most = Money::from_fen(1).exact();
    if apart <= most && -apart <= most && !(amount + fen).is_negative() { fen } else { Money::ZERO }
}
