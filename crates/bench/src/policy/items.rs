//! The catalogue of the benchmark city: 20,000 invented items under codes of 27 characters.

use model::{Catalogue, Item, ItemClass, ItemKind, Validity};
use money::{Rate, UnitPrice};
use sample::Random;

const ITEMS: usize = 20_000;

/// Per cent of the usual price an item's limit is at, by hospital level.
const LIMITS: [i64; 4] = [85, 85, 95, 105];

/// The catalogue of a seed.
pub fn catalogue(random: &mut Random) -> Catalogue {
    Catalogue::new("bench", (0..ITEMS).map(|nth| item(nth, random)).collect())
}

fn item(nth: usize, random: &mut Random) -> Item {
    let class = *random.weighted(&[(ItemClass::A, 40), (ItemClass::B, 45), (ItemClass::C, 15)]);
    let own = class == ItemClass::B && random.percent(8);
    let own_rate = *random.pick(&[500, 1_500, 2_000]);
    let limited = random.percent(30);
    // From half a yuan to 128 yuan; dear things are rarer than cheap ones in any catalogue.
    let fen = (50 << random.below(8)) * random.between(100, 200) / 100;
    let at = |percent: i64| UnitPrice::from_millionths(fen * percent * 100);
    Item {
        code: format!("C99{nth:014}{:010}", random.below(10_000_000_000)),
        name: format!("项目{nth}"),
        class,
        kind: *random.pick(ItemKind::ALL),
        list_kind: "101".to_owned(),
        charge_kind: "09".to_owned(),
        unit: "盒".to_owned(),
        specification: String::new(),
        price: at(100),
        limits: LIMITS.map(|percent| limited.then(|| at(percent))),
        first_self_pay: own.then(|| Rate::from_ten_thousandths(own_rate)),
        restricted: false,
        traced: false,
        initials: String::new(),
        valid: Validity::default(),
    }
}
