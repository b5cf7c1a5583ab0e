//! Brings a backup back, of books or of papers, for good or to try it. The place opens only once everything was checked.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use backup::{BackupKey, Drill, Manifest, Sum, Target, What};
use clap::Args;
use model::{Clock, SystemClock};
use policy::Editions;
use store::{DayKeys, NewBooks};

use crate::backups::{print_tables, read_key};
use crate::stores::Place;
use crate::verify::{check, progress};

#[derive(Args)]
pub struct RestoreArguments {
    /// The backup: a folder with a manifest
    #[arg(long)]
    from: PathBuf,
    /// Key file of backups
    #[arg(long)]
    backup_key: PathBuf,
    /// Where to, such as `sqlite://centre.db`; nothing may be there yet
    #[arg(long)]
    into: String,
    /// Folder of the city's policies; the sample city's where left out
    #[arg(long)]
    policies: Option<PathBuf>,
    /// The auditor's key file: checks the marks of all days, not of today alone
    #[arg(long)]
    auditor_key: Option<PathBuf>,
}

#[derive(Args)]
pub struct DrillArguments {
    /// The backup, or a folder of backups: then the newest of the books, and of papers of desks
    #[arg(long)]
    from: PathBuf,
    /// Key file of backups
    #[arg(long)]
    backup_key: PathBuf,
    /// An empty database to try it in instead of a file that goes with the drill; no centre opens it afterwards
    #[arg(long)]
    into: Option<String>,
    /// Folder of the city's policies; the sample city's where left out
    #[arg(long)]
    policies: Option<PathBuf>,
}

/// Restores a backup; exits 1 where the books are not sound, and then the place stays closed.
pub fn restore(arguments: &RestoreArguments) -> anyhow::Result<ExitCode> {
    let key = read_key(&arguments.backup_key)?;
    let manifest = Manifest::read_signed(&arguments.from, &key)?;
    let place = Place::of(&arguments.into)?;
    if manifest.what == What::Papers {
        return papers(arguments, &manifest, &key, &place);
    }
    let (place, editions) = (place, crate::city::editions(arguments.policies.as_deref())?);
    let day_keys = crate::stores::day_keys(&arguments.into, arguments.auditor_key.as_deref())?;
    let mut new = place.begin().context("beginning to restore 开始恢复")?;
    let equal = fill(&arguments.from, &manifest, &key, new.as_mut().into())?;
    let sound = check(new.reader()?.as_mut(), &editions, &day_keys)?;
    if !equal || !sound {
        println!("restore: 未通过核对,{0} 不能启用 not sound, {0} stays closed", place.told());
        return Ok(ExitCode::FAILURE);
    }
    new.release(&manifest.told()).context("opening the place 启用")?;
    println!(
        "restore: {} 行,备份时刻 {};可以在 {} 上运行中心 {0} rows as of {1}, a centre may run on {2}",
        manifest.rows(),
        store::write_time(manifest.made),
        place.told()
    );
    Ok(ExitCode::SUCCESS)
}

/// Fills a place and compares it with the manifest, table by table.
fn fill(from: &Path, manifest: &Manifest, key: &BackupKey, mut new: Target<'_, '_>) -> anyhow::Result<bool> {
    let bar = progress("恢复 restoring, rows");
    backup::fill(from, manifest, key, new.again(), &mut |rows| bar.set_position(rows))?;
    bar.set_message("比对 comparing, rows");
    let found = new.sums(&mut |rows| bar.set_position(rows))?;
    bar.finish_and_clear();
    Ok(equal(&found, manifest))
}

/// Restores papers of desks. What they say of messages on their way the desk finds out by itself.
fn papers(
    arguments: &RestoreArguments,
    manifest: &Manifest,
    key: &BackupKey,
    place: &Place<'_>,
) -> anyhow::Result<ExitCode> {
    let mut new = place.begin_papers().context("beginning to restore 开始恢复")?;
    if !fill(&arguments.from, manifest, key, new.as_mut().into())? {
        println!("restore: 未通过核对,{0} 不能启用 not sound, {0} stays closed", place.told());
        return Ok(ExitCode::FAILURE);
    }
    new.release().context("opening the place 启用")?;
    println!(
        "restore: {} 行,备份时刻 {};前台可以在 {} 上运行 {0} rows as of {1}, a desk may run on {2}; \
         之后请做一次当日对账 then reconcile the days since",
        manifest.rows(),
        store::write_time(manifest.made),
        place.told()
    );
    Ok(ExitCode::SUCCESS)
}

/// Whether every table is what was saved; says so table by table.
fn equal(found: &[Sum], manifest: &Manifest) -> bool {
    for (found, saved) in found.iter().zip(&manifest.tables) {
        let word = if found == saved { "相同 equal" } else { "不同 DIFFERS" };
        print_tables(std::slice::from_ref(found), word);
    }
    found == manifest.tables
}

/// Tries backups, and puts on record beside each how that ended.
pub fn drill(arguments: &DrillArguments) -> anyhow::Result<ExitCode> {
    let key = read_key(&arguments.backup_key)?;
    let mut passed = true;
    for from in newest(&arguments.from, &key)? {
        println!("{}", from.display());
        passed &= drill_one(&from, &key, arguments)?;
    }
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether it passed.
fn drill_one(from: &Path, key: &BackupKey, arguments: &DrillArguments) -> anyhow::Result<bool> {
    let scratch = tempfile::tempdir().context("making a folder for the drill")?;
    let file = format!("sqlite://{}", scratch.path().join("centre.db").display());
    let place = Place::of(arguments.into.as_deref().unwrap_or(&file))?;
    let manifest = Manifest::read_signed(from, key)?;
    // Whatever comes of it, nobody runs on a place of a drill: it is never released.
    let tried = match manifest.what {
        What::Books => {
            let editions = crate::city::editions(arguments.policies.as_deref())?;
            let mut new = place.begin().context("beginning the drill 开始演练")?;
            try_out(from, &manifest, key, new.as_mut(), &editions)
        }
        What::Papers => {
            let mut new = place.begin_papers().context("beginning the drill 开始演练")?;
            let equal = fill(from, &manifest, key, new.as_mut().into());
            equal.map(|equal| (!equal).then_some(DIFFERS))
        }
    };
    let failed = match &tried {
        Ok(wrong) => wrong.map(str::to_owned),
        Err(error) => Some(format!("{error:#}")),
    };
    let (into, rows) = (place.kind().to_owned(), manifest.rows());
    let record = Drill { id: manifest.id, at: SystemClock.now(), into, rows, failed };
    record.write(from, key)?;
    if arguments.into.is_some() {
        println!("{} 只供演练,请删除 was for the drill only, no centre opens it: delete it", place.told());
    }
    let wrong = tried.context("drill: 未通过 failed")?;
    match wrong {
        None => println!("drill: 通过 passed, {rows} 行 rows"),
        Some(wrong) => println!("drill: 未通过 failed: {wrong}"),
    }
    Ok(wrong.is_none())
}

const DIFFERS: &str = "表不同 a table differs";

/// What is wrong with a backup that could be read, if anything.
fn try_out(
    from: &Path,
    manifest: &Manifest,
    key: &BackupKey,
    new: &mut dyn NewBooks,
    editions: &Editions,
) -> anyhow::Result<Option<&'static str>> {
    if !fill(from, manifest, key, (&mut *new).into())? {
        return Ok(Some(DIFFERS));
    }
    let sound = check(new.reader()?.as_mut(), editions, &DayKeys::in_memory())?;
    Ok((!sound).then_some("账目不变量不成立 an invariant does not hold"))
}

/// The backup itself, or the newest of each kind in a folder of them.
fn newest(from: &Path, key: &BackupKey) -> anyhow::Result<Vec<PathBuf>> {
    if from.join(backup::MANIFEST).exists() {
        return Ok(vec![from.into()]);
    }
    let mut all = Vec::new();
    for what in What::ALL {
        all.extend(backup::kept(from, what, Some(key))?.pop().map(|kept| kept.path));
    }
    ensure!(!all.is_empty(), "{} 中没有备份 there is no backup in it", from.display());
    Ok(all)
}
