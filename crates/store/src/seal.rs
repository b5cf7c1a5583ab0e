//! Seals personal fields and message texts, and makes the keyed hashes they are searched by.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::day_keys::DayKeys;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use zstd::zstd_safe::{self, CCtx, CDict, DCtx, DDict};

/// The keys of an installation. Kept in a file of its owner alone, never in the database.
#[derive(Clone)]
pub struct Keys {
    /// Number of the sealing key; stands in front of what it sealed.
    id: u8,
    seal: [u8; 32],
    search: [u8; 32],
}

/// Something sealed cannot be opened: another key, or it was altered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealError;

impl std::fmt::Display for SealError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sealed data cannot be opened: another key file, or altered data")
    }
}

impl std::error::Error for SealError {}

impl Keys {
    /// New keys.
    pub fn generate() -> Self {
        Self { id: 1, seal: random_key(), search: random_key() }
    }

    /// Reads a key file.
    pub fn read(path: &Path) -> std::io::Result<Self> {
        let text = fs::read_to_string(path)?;
        Self::from_text(&text).ok_or_else(|| {
            std::io::Error::new(
                std::io::ErrorKind::InvalidData,
                format!("{} is not a key file", path.display()),
            )
        })
    }

    /// Writes a new key file, readable by its owner alone. An existing file is left as it is: an error.
    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(self.to_text().as_bytes())?;
        file.sync_all()
    }

    fn to_text(&self) -> String {
        format!("tongqu keys 1\nseal {} {}\nsearch {}\n", self.id, hex(&self.seal), hex(&self.search))
    }

    fn from_text(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        if lines.next()? != "tongqu keys 1" {
            return None;
        }
        let (id, seal) = lines.next()?.strip_prefix("seal ")?.split_once(' ')?;
        let search = lines.next()?.strip_prefix("search ")?;
        Some(Self { id: id.parse().ok()?, seal: unhex(seal)?, search: unhex(search)? })
    }
}

/// 32 bytes nobody knows.
pub fn random_key() -> [u8; 32] {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).expect("the system has randomness");
    bytes
}

/// Two digits a byte.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// 32 bytes from what [`hex`] wrote.
pub fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// Seals and opens with the keys of an installation.
pub struct Sealer {
    id: u8,
    seal: LessSafeKey,
    search: hmac::Key,
    random: SystemRandom,
    pack: CDict<'static>,
    unpack: DDict<'static>,
    day_keys: DayKeys,
}

/// Marks of what a sealed text holds. A further collection of texts would be a further mark.
const PLAIN: u8 = 0;
const PACKED: u8 = 1;
/// Shorter texts are not worth packing.
const PACK_FROM: usize = 64;
/// Fast: most of what a message says stands in the texts anyway, so that harder packing gains little.
const LEVEL: i32 = -2;
const NONCES_AT_ONCE: usize = 128;
/// What a packed text may unfold to.
const UNPACKED_MAX: usize = 64 << 20;

thread_local! {
    static PACKER: RefCell<CCtx<'static>> = RefCell::new(CCtx::create());
    static UNPACKER: RefCell<DCtx<'static>> = RefCell::new(DCtx::create());
    /// Random bytes drawn ahead, so that a seal costs no system call.
    static NONCES: RefCell<(Vec<u8>, usize)> = const { RefCell::new((Vec::new(), 0)) };
}

impl Sealer {
    /// A sealer with these keys. What it seals is packed against `texts`, a collection of messages like those to come,
    /// and opens only with the same collection.
    pub fn new(keys: &Keys, texts: &[u8]) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, &keys.seal).expect("32 bytes are a key");
        Self {
            id: keys.id,
            seal: LessSafeKey::new(key),
            search: hmac::Key::new(hmac::HMAC_SHA256, &keys.search),
            random: SystemRandom::new(),
            pack: zstd_safe::create_cdict(texts, LEVEL),
            unpack: zstd_safe::create_ddict(texts),
            day_keys: DayKeys::in_memory(),
        }
    }

    /// The same, marking audit records with keys of an installation.
    #[must_use]
    pub fn with_day_keys(self, day_keys: DayKeys) -> Self {
        Self { day_keys, ..self }
    }

    /// What audit records are marked with.
    pub fn day_keys(&self) -> &DayKeys {
        &self.day_keys
    }

    fn nonce(&self) -> [u8; NONCE_LEN] {
        NONCES.with_borrow_mut(|(bytes, used)| {
            if *used == bytes.len() {
                bytes.resize(NONCE_LEN * NONCES_AT_ONCE, 0);
                self.random.fill(bytes).expect("the system has randomness");
                *used = 0;
            }
            let mut nonce = [0; NONCE_LEN];
            nonce.copy_from_slice(&bytes[*used..*used + NONCE_LEN]);
            *used += NONCE_LEN;
            nonce
        })
    }

    /// Seals `text` for one place: table and column, and the row's id. It opens nowhere else.
    pub fn seal(&self, place: &str, row: i64, text: &[u8]) -> Vec<u8> {
        let nonce = self.nonce();
        let mut sealed = Vec::with_capacity(1 + NONCE_LEN + 1 + text.len() + 16);
        sealed.push(self.id);
        sealed.extend(nonce);
        let body = sealed.len();
        if text.len() >= PACK_FROM {
            sealed.push(PACKED);
            sealed.extend(u32::try_from(text.len()).expect("a text below 4 GiB").to_be_bytes());
            let start = sealed.len();
            sealed.resize(start + zstd_safe::compress_bound(text.len()), 0);
            let packed =
                PACKER.with_borrow_mut(|p| p.compress_using_cdict(&mut sealed[start..], text, &self.pack));
            sealed.truncate(start + packed.expect("the buffer has room"));
        } else {
            sealed.push(PLAIN);
            sealed.extend(text);
        }
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag =
            self.seal.seal_in_place_separate_tag(nonce, Aad::from(bound(place, row)), &mut sealed[body..]);
        sealed.extend(tag.expect("a text of this length can be sealed").as_ref());
        sealed
    }

    /// Opens what was sealed for this place.
    pub fn open(&self, place: &str, row: i64, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let (id, rest) = sealed.split_first().ok_or(SealError)?;
        if *id != self.id || rest.len() < NONCE_LEN {
            return Err(SealError);
        }
        let (nonce, body) = rest.split_at(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError)?;
        let mut body = body.to_vec();
        let opened =
            self.seal.open_in_place(nonce, Aad::from(bound(place, row)), &mut body).map_err(|_| SealError)?;
        match opened.split_first().ok_or(SealError)? {
            (&PLAIN, text) => Ok(text.to_vec()),
            (&PACKED, packed) => {
                let (size, packed) = packed.split_at_checked(4).ok_or(SealError)?;
                let size = u32::from_be_bytes(size.try_into().map_err(|_| SealError)?) as usize;
                let mut text = vec![0; size.min(UNPACKED_MAX)];
                let unpacked = UNPACKER
                    .with_borrow_mut(|u| u.decompress_using_ddict(&mut text[..], packed, &self.unpack));
                text.truncate(unpacked.map_err(|_| SealError)?);
                Ok(text)
            }
            _ => Err(SealError),
        }
    }

    /// The keyed hash a field is searched by.
    pub fn search(&self, place: &str, text: &str) -> [u8; 16] {
        let mut context = hmac::Context::with_key(&self.search);
        context.update(place.as_bytes());
        context.update(&[0]);
        context.update(text.as_bytes());
        let mut hash = [0; 16];
        hash.copy_from_slice(&context.sign().as_ref()[..16]);
        hash
    }
}

fn bound(place: &str, row: i64) -> Vec<u8> {
    let mut bound = Vec::with_capacity(place.len() + 8);
    bound.extend(place.as_bytes());
    bound.extend(row.to_be_bytes());
    bound
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: &[u8] = "{\"infno\":\"2207\",\"长文本\":\"长文本\"}".as_bytes();

    #[test]
    fn a_text_like_the_collection_is_packed_small_and_opens_with_that_collection_only() {
        let keys = Keys::generate();
        let text = TEXTS.repeat(3);
        let sealed = Sealer::new(&keys, TEXTS).seal("message.reply", 1, &text);
        assert!(sealed.len() < text.len() * 3 / 4, "{} of {}", sealed.len(), text.len());
        assert_eq!(Sealer::new(&keys, TEXTS).open("message.reply", 1, &sealed), Ok(text));
        assert_ne!(Sealer::new(&keys, b"").open("message.reply", 1, &sealed), Ok(TEXTS.repeat(3)));
    }

    #[test]
    fn what_is_sealed_opens_only_in_its_place_and_unaltered() {
        let sealer = Sealer::new(&Keys::generate(), TEXTS);
        for text in [&b""[..], b"330203199001011234", "长文本".repeat(500).as_bytes()] {
            let sealed = sealer.seal("person.document", 7, text);
            assert_eq!(sealer.open("person.document", 7, &sealed).as_deref(), Ok(text));
            assert_eq!(sealer.open("person.document", 8, &sealed), Err(SealError));
            assert_eq!(sealer.open("person.phone", 7, &sealed), Err(SealError));
            assert_eq!(
                Sealer::new(&Keys::generate(), TEXTS).open("person.document", 7, &sealed),
                Err(SealError)
            );
            let mut altered = sealed.clone();
            *altered.last_mut().unwrap() ^= 1;
            assert_eq!(sealer.open("person.document", 7, &altered), Err(SealError));
            assert_eq!(sealer.open("person.document", 7, &sealed[..sealed.len().min(9)]), Err(SealError));
        }
        assert_ne!(sealer.seal("a", 1, b"x"), sealer.seal("a", 1, b"x"), "never the same nonce twice");
    }

    #[test]
    fn a_key_file_reads_back_and_is_for_its_owner_alone() {
        let folder = std::env::temp_dir().join(format!("tongqu-keys-{}", std::process::id()));
        let keys = Keys::generate();
        let _ = fs::remove_file(&folder);
        keys.write(&folder).unwrap();
        let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(&folder).unwrap());
        assert_eq!(mode & 0o777, 0o600);
        assert!(keys.write(&folder).is_err(), "keys are never overwritten");
        let sealed = Sealer::new(&keys, TEXTS).seal("a", 1, b"x");
        assert_eq!(
            Sealer::new(&Keys::read(&folder).unwrap(), TEXTS).open("a", 1, &sealed).as_deref(),
            Ok(&b"x"[..])
        );
        fs::write(&folder, "something else").unwrap();
        assert!(Keys::read(&folder).is_err());
        fs::remove_file(&folder).unwrap();
    }

    #[test]
    fn a_search_hash_is_stable_and_keyed() {
        let keys = Keys::generate();
        let hash = Sealer::new(&keys, TEXTS).search("person.document", "01330203");
        assert_eq!(hash, Sealer::new(&keys, TEXTS).search("person.document", "01330203"));
        assert_ne!(hash, Sealer::new(&Keys::generate(), TEXTS).search("person.document", "01330203"));
    }
}
