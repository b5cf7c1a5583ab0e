//! What a window is shown of a patient: an insurance card, an identity card or an electronic voucher, typed, scanned like
//! keys, or read by a device. Devices are a port: what stands at a window is the installation's business.

use std::collections::HashMap;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::desk::locked;

/// What was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CardKind {
    /// A social security card.
    #[default]
    Insurance,
    /// An identity card.
    Identity,
    /// An electronic voucher on a telephone.
    Voucher,
}

impl CardKind {
    const WORDS: [(Self, &'static str); 3] =
        [(Self::Insurance, "insurance"), (Self::Identity, "identity"), (Self::Voucher, "voucher")];

    /// Of its word.
    pub fn of(word: &str) -> Option<Self> {
        Self::WORDS.into_iter().find(|(_, known)| *known == word).map(|(kind, _)| kind)
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        Self::WORDS.into_iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| word)
    }

    /// The key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Insurance => "card-insurance",
            Self::Identity => "card-identity",
            Self::Voucher => "card-voucher",
        }
    }
}

/// What a card says.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Card {
    /// What it is.
    pub kind: CardKind,
    /// Its number; of a voucher the token that its platform gave for it.
    pub number: String,
    /// What identifies the very card; empty where it says nothing.
    pub serial: String,
    /// The identity card's number it stands for; of a voucher always.
    pub document: String,
    /// Division of the insurance, six digits; empty where it is not known.
    pub home: String,
}

impl std::fmt::Debug for Card {
    /// Numbers stay out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Card").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Card {
    /// What was typed, or scanned like keys: 18 signs are an identity card's number, anything else an insurance card's.
    pub fn typed(text: &str) -> Self {
        let identity = text.len() == 18 && text.is_ascii();
        let kind = if identity { CardKind::Identity } else { CardKind::Insurance };
        let number = if identity { text.to_uppercase() } else { text.to_owned() };
        Self { kind, number, ..Self::default() }
    }
}

/// Why a device gave no card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotRead {
    /// There is none on it.
    Empty,
    /// What the device says.
    Failed(String),
}

/// The devices of windows.
pub trait Readers: Send + Sync {
    /// Whether a workstation has one that is asked; what types like a keyboard needs none.
    fn is_at(&self, workstation: &str) -> bool;

    /// What lies on it.
    fn read(&self, workstation: &str) -> Result<Card, NotRead>;

    /// Whose a voucher is that was scanned like keys; none: what was scanned is none, or nobody here can tell.
    fn scanned(&self, code: &str) -> Option<Result<Card, NotRead>>;

    /// The cards of a simulated one.
    fn drawer(&self) -> Option<&Drawer> {
        None
    }
}

/// No device but the keyboard, and scanners that type.
pub struct Keyboard;

impl Readers for Keyboard {
    fn is_at(&self, _: &str) -> bool {
        false
    }

    fn read(&self, _: &str) -> Result<Card, NotRead> {
        Err(NotRead::Empty)
    }

    fn scanned(&self, _: &str) -> Option<Result<Card, NotRead>> {
        None
    }
}

/// A card of a simulated reader.
#[derive(Clone, PartialEq, Eq)]
pub struct Drawn {
    /// What is written on it.
    pub name: String,
    /// What is scanned of a voucher; of others empty.
    pub code: String,
    /// What a reader reads of it.
    pub card: Card,
}

/// Simulated readers, with a drawer of cards to lay on them: for training, exams and trials. A workstation has one from the
/// first card that is laid on it until it is put away.
#[derive(Default)]
pub struct Drawer {
    cards: Vec<Drawn>,
    /// By workstation that has a reader, which of them lies on it.
    lies: Mutex<HashMap<String, Option<usize>>>,
}

/// The columns of a drawer's file.
const COLUMNS: [&str; 7] = ["name", "kind", "number", "serial", "document", "home", "code"];

impl Drawer {
    /// With these cards.
    pub fn of(cards: Vec<Drawn>) -> Self {
        Self { cards, lies: Mutex::default() }
    }

    /// Of a file: a head, then a card a line, `name,kind,number,serial,document,home,code`, of which those behind the number may
    /// be empty; kinds are `insurance`, `identity` and `voucher`. Else which line says what cannot be.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut lines = text.trim_start_matches('\u{feff}').lines().map(str::trim).zip(1..);
        let head = lines.next().map(|(line, _)| line.to_owned()).unwrap_or_default();
        if head != COLUMNS.join(",") {
            return Err(format!("1: {head:?}, 应为 must be {:?}", COLUMNS.join(",")));
        }
        let cards = lines.filter(|(line, _)| !line.is_empty()).map(|(line, at)| {
            let cells: Vec<&str> = line.split(',').map(str::trim).collect();
            let [name, kind, number, serial, document, home, code] = cells.as_slice() else {
                return Err(format!("{at}: {} 列 columns, 应为 must be {}", cells.len(), COLUMNS.len()));
            };
            let kind = CardKind::of(kind).ok_or_else(|| format!("{at}: kind {kind:?}"))?;
            if number.is_empty() || (kind == CardKind::Voucher && (document.is_empty() || code.is_empty())) {
                return Err(format!("{at}: number, 电子凭证还须有 of a voucher also document, code"));
            }
            let own = |text: &str| text.to_owned();
            let card = Card {
                kind,
                number: own(number),
                serial: own(serial),
                document: own(document),
                home: own(home),
            };
            Ok(Drawn { name: own(name), code: own(code), card })
        });
        Ok(Self::of(cards.collect::<Result<_, _>>()?))
    }

    /// Its cards.
    pub fn cards(&self) -> &[Drawn] {
        &self.cards
    }

    /// Which card lies on a workstation's reader.
    pub fn on(&self, workstation: &str) -> Option<usize> {
        locked(&self.lies).get(workstation).copied().flatten()
    }

    /// Lays a card on a workstation's reader, or takes away what lies there; of a card there is not, nothing.
    pub fn lay(&self, workstation: &str, card: Option<usize>) {
        let card = card.filter(|at| *at < self.cards.len());
        locked(&self.lies).insert(workstation.to_owned(), card);
    }

    /// Puts a workstation's reader away.
    pub fn put_away(&self, workstation: &str) {
        locked(&self.lies).remove(workstation);
    }
}

impl Readers for Drawer {
    fn is_at(&self, workstation: &str) -> bool {
        locked(&self.lies).contains_key(workstation)
    }

    fn read(&self, workstation: &str) -> Result<Card, NotRead> {
        let card = self.on(workstation).and_then(|at| self.cards.get(at));
        card.map(|drawn| drawn.card.clone()).ok_or(NotRead::Empty)
    }

    fn scanned(&self, code: &str) -> Option<Result<Card, NotRead>> {
        let known = self.cards.iter().find(|drawn| !drawn.code.is_empty() && drawn.code == code);
        known.map(|drawn| Ok(drawn.card.clone()))
    }

    fn drawer(&self) -> Option<&Drawer> {
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_a_card_of_its_length() {
        let identity = Card::typed("99010019900101123x");
        assert_eq!((identity.kind, identity.number.as_str()), (CardKind::Identity, "99010019900101123X"));
        assert_eq!(Card::typed("A12345678").kind, CardKind::Insurance);
        assert!(!format!("{identity:?}").contains("9901"));
    }

    const FILE: &str = "name,kind,number,serial,document,home,code\n\
         训练甲,insurance,A00000001,S1,,990101,\n\
         训练甲,voucher,T-1,,99010019900101123X,,2800000000000000000000000001\n";

    #[test]
    fn a_drawer_of_cards_is_laid_on_the_reader_one_by_one() {
        let drawer = Drawer::read(FILE).unwrap();
        assert!(!drawer.is_at("1"));
        drawer.lay("1", Some(0));
        let read = drawer.read("1").unwrap();
        assert_eq!(
            (read.number.as_str(), read.serial.as_str(), read.home.as_str()),
            ("A00000001", "S1", "990101")
        );
        assert_eq!(drawer.read("2"), Err(NotRead::Empty), "another window's reader");
        drawer.lay("1", Some(7));
        assert_eq!(drawer.on("1"), None, "there is no such card");
        assert_eq!((drawer.is_at("1"), drawer.read("1")), (true, Err(NotRead::Empty)));
        drawer.put_away("1");
        assert!(!drawer.is_at("1"));
        let scanned = drawer.scanned("2800000000000000000000000001").unwrap().unwrap();
        assert_eq!((scanned.kind, scanned.number.as_str()), (CardKind::Voucher, "T-1"));
        assert_eq!(drawer.scanned(""), None);
    }

    #[test]
    fn a_file_that_is_no_drawer_says_in_which_line() {
        for (text, why) in [
            ("name,number\n", "1: "),
            ("name,kind,number,serial,document,home,code\n甲,gold,1,,,,\n", "2: kind"),
            ("name,kind,number,serial,document,home,code\n甲,voucher,1,,,,\n", "2: number"),
            ("name,kind,number,serial,document,home,code\n\n甲,identity\n", "3: 2"),
        ] {
            let told = Drawer::read(text).map(|_| ()).unwrap_err();
            assert!(told.starts_with(why), "{told}");
        }
    }
}
