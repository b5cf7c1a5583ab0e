//! The key each day's audit records are marked with. The next day's key follows from a day's, and nothing leads back:
//! who takes the machine today cannot mark yesterday's records anew. The first key is kept by the auditor, who can
//! derive all.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use jiff::civil::Date;
use ring::hmac;

use crate::seal::{hex, random_key, unhex};
use crate::text::{read_date, write_date};

/// A day's key.
type DayKey = (Date, [u8; 32]);

/// The key of the day, in memory and in its file.
pub struct DayKeys {
    state: Mutex<Option<DayKey>>,
    file: Option<PathBuf>,
    /// Keys of all days may be derived: the auditor's.
    whole: bool,
}

/// What a record is marked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Whose day's key.
    pub day: Date,
    /// The keyed hash.
    pub mac: [u8; 16],
}

const HEAD: &str = "tongqu audit key 1";

impl DayKeys {
    /// Keys of a process that keeps none: of tests, and of tools that only read.
    pub fn in_memory() -> Self {
        Self { state: Mutex::new(None), file: None, whole: false }
    }

    /// Writes the first key twice: for the centre, which forgets it as days go by, and for the auditor.
    pub fn create(file: &Path, auditor: &Path, today: Date) -> std::io::Result<()> {
        let first = (today, random_key());
        for path in [file, auditor] {
            let mut new = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
            new.write_all(text(first).as_bytes())?;
            new.sync_all()?;
        }
        Ok(())
    }

    /// The centre's file.
    pub fn open(file: &Path) -> std::io::Result<Self> {
        Ok(Self { state: Mutex::new(Some(read(file)?)), file: Some(file.into()), whole: false })
    }

    /// The auditor's file: it is only read.
    pub fn open_whole(file: &Path) -> std::io::Result<Self> {
        Ok(Self { state: Mutex::new(Some(read(file)?)), file: None, whole: true })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<DayKey>> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Goes on to a day; the key of the day before is gone with it, from the file too. A day that is over is left alone:
    /// a clock that steps back does not bring its key back.
    pub fn advance(&self, day: Date) -> std::io::Result<()> {
        let mut state = self.lock();
        let Some(now) = *state else {
            *state = Some((day, random_key()));
            return Ok(());
        };
        if day <= now.0 {
            return Ok(());
        }
        let next = derived(now, day);
        if let Some(file) = &self.file {
            replace(file, &text(next))?;
        }
        *state = Some(next);
        Ok(())
    }

    /// Marks a record of the present day by its hash.
    pub fn mark(&self, hash: &[u8; 32]) -> Mark {
        let (day, key) = self.lock().expect("the day's key was advanced to before anything is marked");
        Mark { day, mac: mac(&key, hash) }
    }

    /// Whether a mark is right; none where the key of its day is not to be had here.
    pub fn check(&self, mark: &Mark, hash: &[u8; 32]) -> Option<bool> {
        let state = (*self.lock())?;
        let key = match mark.day.cmp(&state.0) {
            std::cmp::Ordering::Equal => state.1,
            std::cmp::Ordering::Greater if self.whole => derived(state, mark.day).1,
            _ => return None,
        };
        Some(mac(&key, hash) == mark.mac)
    }
}

fn mac(key: &[u8; 32], hash: &[u8; 32]) -> [u8; 16] {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), hash);
    let mut mac = [0; 16];
    mac.copy_from_slice(&tag.as_ref()[..16]);
    mac
}

/// The key of a later day, one day behind the other.
fn derived((mut day, mut key): DayKey, to: Date) -> DayKey {
    while day < to {
        day = day.tomorrow().expect("a day of this age of the world");
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), write_date(day).as_bytes());
        key.copy_from_slice(tag.as_ref());
    }
    (day, key)
}

fn text((day, key): DayKey) -> String {
    format!("{HEAD}\n{} {}\n", write_date(day), hex(&key))
}

fn read(file: &Path) -> std::io::Result<DayKey> {
    let text = fs::read_to_string(file)?;
    let parse = || {
        let (day, key) = text.strip_prefix(HEAD)?.trim().split_once(' ')?;
        Some((read_date(day)?, unhex(key)?))
    };
    let wrong = || format!("{} is not a file of audit keys", file.display());
    parse().ok_or_else(|| std::io::Error::new(std::io::ErrorKind::InvalidData, wrong()))
}

/// A whole new file in the place of the old one, or the old one as it was.
fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    let beside = file.with_extension("new");
    let mut new = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    new.write_all(text.as_bytes())?;
    new.sync_all()?;
    fs::rename(&beside, file)?;
    let folder = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_day_that_is_over_can_be_checked_by_the_auditor_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (file, auditor) = (folder.path().join("centre.audit"), folder.path().join("auditor.key"));
        DayKeys::create(&file, &auditor, date(2026, 11, 23)).unwrap();
        assert!(DayKeys::create(&file, &auditor, date(2026, 11, 23)).is_err(), "never overwritten");
        let keys = DayKeys::open(&file).unwrap();
        keys.advance(date(2026, 11, 23)).unwrap();
        let monday = keys.mark(&[1; 32]);
        assert_eq!(keys.check(&monday, &[1; 32]), Some(true));
        assert_eq!(keys.check(&monday, &[2; 32]), Some(false));
        keys.advance(date(2026, 11, 26)).unwrap();
        let thursday = keys.mark(&[3; 32]);
        assert_eq!(keys.check(&monday, &[1; 32]), None, "Monday's key is gone");
        keys.advance(date(2026, 11, 24)).unwrap();
        assert_eq!(keys.mark(&[3; 32]), thursday, "a clock that steps back brings no key back");

        // After a restart, too: the file holds the present key only.
        let again = DayKeys::open(&file).unwrap();
        assert_eq!((again.check(&monday, &[1; 32]), again.check(&thursday, &[3; 32])), (None, Some(true)));
        let auditor = DayKeys::open_whole(&auditor).unwrap();
        assert_eq!(auditor.check(&monday, &[1; 32]), Some(true));
        assert_eq!(auditor.check(&thursday, &[3; 32]), Some(true));
        assert_eq!(auditor.check(&thursday, &[4; 32]), Some(false));
    }
}
