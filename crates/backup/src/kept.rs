//! The backups of a folder, and what is wrong with them: one that is missing, old, shrunken or never tried is none.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use jiff::civil::DateTime;

use crate::{BackupError, BackupKey, Drill, MANIFEST, Manifest, What, file};

/// A backup of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its folder.
    pub path: PathBuf,
    /// What it is.
    pub manifest: Manifest,
    /// The last drill with it.
    pub drill: Option<Drill>,
}

/// One a day, and an hour to make it in.
const OLD: SignedDuration = SignedDuration::from_hours(25);
/// Each week one is restored and checked.
const UNTRIED: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The whole backups of something in a folder, the oldest first, read without a key unless there is one. What is no backup, and what
/// another key made, is passed by.
pub fn kept(folder: &Path, what: What, key: Option<&BackupKey>) -> Result<Vec<Kept>, BackupError> {
    let mut all = Vec::new();
    if !folder.exists() {
        return Ok(all);
    }
    for entry in fs::read_dir(folder).map_err(file(folder))? {
        let path = entry.map_err(file(folder))?.path();
        let hidden = path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
        if hidden || !path.join(MANIFEST).exists() {
            continue;
        }
        match one(&path, key) {
            Err(BackupError::OtherKey(_)) => {}
            Err(error) => return Err(BackupError::Place(format!("{}: {error}", path.display()))),
            Ok(kept) if kept.manifest.what == what => all.push(kept),
            Ok(_) => {}
        }
    }
    all.sort_by_key(|kept| kept.manifest.made);
    Ok(all)
}

fn one(path: &Path, key: Option<&BackupKey>) -> Result<Kept, BackupError> {
    let manifest = key.map_or_else(|| Manifest::read(path), |key| Manifest::read_signed(path, key))?;
    Ok(Kept { path: path.into(), manifest, drill: Drill::read(path, key)? })
}

/// How the backups of a folder stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// When the newest was made.
    pub made: DateTime,
    /// That is too long ago.
    pub old: bool,
    /// Whether the last drill went well; none: there was none lately.
    pub tried: Option<bool>,
}

/// How they stand; none: there are none.
pub fn standing(all: &[Kept], now: DateTime) -> Option<Standing> {
    let made = all.last()?.manifest.made;
    let tried = last_drill(all)
        .map(|(_, drill)| drill)
        .filter(|drill| drill.failed.is_some() || !is_past(drill, now));
    let tried = tried.map(|drill| drill.failed.is_none());
    Some(Standing { made, old: now.duration_since(made) > OLD, tried })
}

fn last_drill(all: &[Kept]) -> Option<(&Kept, &Drill)> {
    all.iter().filter_map(|kept| Some((kept, kept.drill.as_ref()?))).max_by_key(|(_, drill)| drill.at)
}

fn is_past(drill: &Drill, now: DateTime) -> bool {
    now.duration_since(drill.at) > UNTRIED
}

/// What is wrong with the backups of a folder, each with what to do.
pub fn problems(all: &[Kept], now: DateTime) -> Vec<String> {
    let Some(newest) = all.last() else {
        return vec!["还没有备份,请运行 no backup yet: run `tongqu backup`".into()];
    };
    let mut wrong = doubts(all);
    if now.duration_since(newest.manifest.made) > OLD {
        wrong.push(format!(
            "最近的备份 {} 已超过一天,请检查定时任务 the newest is older than a day: see whether `tongqu backup` still \
             runs each night",
            newest.path.display()
        ));
    }
    wrong.extend(untried(all, now));
    wrong
}

/// What is wrong with the newest backup by itself, told as soon as it is made.
pub fn doubts(all: &[Kept]) -> Vec<String> {
    let mut wrong = Vec::new();
    let Some(newest) = all.last() else { return wrong };
    let name = newest.path.display();
    if newest.manifest.rows_of(newest.manifest.what.heart()) == 0 {
        wrong.push(format!("{name} 是空的,请核对备份的是哪个库 is empty: see which database is backed up"));
    }
    if fs::metadata(newest.path.join(newest.manifest.what.file())).map_or(0, |meta| meta.len())
        != newest.manifest.bytes
    {
        wrong
            .push(format!("{name} 的文件不完整,请重新备份 its file is not whole: run `tongqu backup` again"));
    }
    if let [.., before, _] = all {
        wrong.extend(shrunken(before, newest));
    }
    wrong
}

/// Nothing is ever deleted from the books: fewer rows are other books, or lost ones.
fn shrunken(before: &Kept, newest: &Kept) -> Option<String> {
    let what = newest.manifest.what;
    let shrank = |sum: &&crate::Sum| what.grows(&sum.table) && newest.manifest.rows_of(&sum.table) < sum.rows;
    let fewer = before.manifest.tables.iter().find(shrank)?;
    let (table, then) = (&fewer.table, fewer.rows);
    Some(format!(
        "{} 比上一份少了 {table} 的行({then} → {}),此表只增不减,请立即核对 has fewer rows of {table} than the one before, \
         and that only grows: find out why, and keep both",
        newest.path.display(),
        newest.manifest.rows_of(table),
    ))
}

fn untried(all: &[Kept], now: DateTime) -> Option<String> {
    let last = last_drill(all);
    let newest = all.last().map(|kept| kept.path.display().to_string()).unwrap_or_default();
    match last {
        Some((kept, Drill { failed: Some(why), at, .. })) => Some(format!(
            "{at} 对 {0} 的恢复演练未通过({why}) the drill of {at} with {0} failed: make another backup and drill it",
            kept.path.display()
        )),
        Some((_, drill)) if !is_past(drill, now) => None,
        _ => Some(format!(
            "七天内没有做过恢复演练 none was restored and checked within seven days: 请运行 run \
             `tongqu drill --from {newest}`"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sum;
    use jiff::civil::datetime;

    const MADE: DateTime = datetime(2026, 11, 24, 2, 0, 0, 0);

    fn backup(made: DateTime, persons: u64, settlements: u64, drill: Option<Drill>) -> Kept {
        let tables = [("person", persons), ("settlement", settlements)];
        let sum = |(table, rows): (&str, u64)| Sum { table: table.to_owned(), rows, sha256: [0; 32] };
        let manifest = Manifest {
            id: [1; 32],
            what: What::Books,
            made,
            from: "sqlite".into(),
            product: "0.1.0".into(),
            schema: 1,
            bytes: 0,
            sha256: [0; 32],
            tables: tables.map(sum).into(),
        };
        Kept { path: "backups/20261124-020000".into(), manifest, drill }
    }

    fn drilled(at: DateTime, failed: Option<&str>) -> Option<Drill> {
        Some(Drill { id: [1; 32], at, into: "sqlite".into(), rows: 9, failed: failed.map(str::to_owned) })
    }

    #[track_caller]
    fn check(all: &[Kept], now: DateTime, words: &[&str]) {
        let wrong = problems(all, now);
        assert_eq!(wrong.len(), words.len(), "{wrong:?}");
        for (wrong, word) in wrong.iter().zip(words) {
            assert!(wrong.contains(word), "{word}: {wrong}");
        }
    }

    #[test]
    fn a_backup_that_is_missing_empty_shrunken_old_or_untried_is_a_problem() {
        let today = datetime(2026, 11, 24, 9, 0, 0, 0);
        let fine = backup(MADE, 60, 5, drilled(MADE, None));
        check(&[], today, &["no backup yet"]);
        check(std::slice::from_ref(&fine), today, &[]);
        check(&[backup(MADE, 0, 0, drilled(MADE, None))], today, &["is empty"]);
        check(&[fine.clone(), backup(MADE, 60, 6, None)], today, &[]);
        check(&[fine.clone(), backup(MADE, 60, 4, None)], today, &["has fewer rows of settlement"]);
        check(std::slice::from_ref(&fine), datetime(2026, 11, 25, 3, 0, 0, 0), &[]);
        check(std::slice::from_ref(&fine), datetime(2026, 11, 25, 3, 0, 0, 1), &["older than a day"]);
        check(&[backup(MADE, 60, 5, None)], today, &["none was restored and checked"]);
        let later = |drill| backup(datetime(2026, 12, 1, 2, 0, 0, 0), 60, 5, drill);
        let (just, over) = (datetime(2026, 12, 1, 2, 0, 0, 0), datetime(2026, 12, 1, 2, 0, 0, 1));
        check(&[fine.clone(), later(None)], just, &[]);
        check(&[fine.clone(), later(None)], over, &["none was restored and checked"]);
        check(&[fine, later(drilled(over, Some("chunk 7")))], over, &["chunk 7"]);
        let mut cut_off = backup(MADE, 60, 5, drilled(MADE, None));
        cut_off.manifest.bytes = 1;
        check(&[cut_off], today, &["its file is not whole"]);
        let stands = |drill, now| standing(&[backup(MADE, 60, 5, drill)], now).map(|s| (s.old, s.tried));
        assert_eq!(standing(&[], today), None);
        assert_eq!(stands(None, today), Some((false, None)));
        assert_eq!(
            stands(drilled(MADE, None), datetime(2026, 11, 25, 3, 0, 0, 0)),
            Some((false, Some(true)))
        );
        assert_eq!(stands(drilled(MADE, None), datetime(2026, 11, 25, 3, 0, 0, 1)), Some((true, Some(true))));
        assert_eq!(stands(drilled(MADE, None), just), Some((true, Some(true))));
        assert_eq!(stands(drilled(MADE, None), over), Some((true, None)));
        assert_eq!(
            stands(drilled(MADE, Some("chunk 7")), over),
            Some((true, Some(false))),
            "until one goes well"
        );
    }

    #[test]
    fn a_drill_reads_back_and_one_that_was_altered_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let key = BackupKey::generate();
        assert_eq!(Drill::read(folder.path(), Some(&key)).unwrap(), None);
        for failed in [None, Some("\"chunk\" 7\n第 7 块")] {
            let drill = drilled(MADE, failed).unwrap();
            drill.write(folder.path(), &key).unwrap();
            assert_eq!(Drill::read(folder.path(), Some(&key)).unwrap(), Some(drill));
        }
        let path = folder.path().join(crate::DRILL);
        let text = fs::read_to_string(&path).unwrap().replace("passed = false", "passed = true");
        fs::write(&path, text).unwrap();
        assert!(Drill::read(folder.path(), Some(&key)).is_err());
    }
}
