//! Makes backups, and says what is wrong with those that are kept.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use backup::{BackupKey, Source, Sum, What};
use clap::Args;
use model::{Clock, SystemClock};

use crate::config::{Config, ConfigArguments};
use crate::stores::Place;
use crate::verify::progress;

#[derive(Args)]
pub struct BackupArguments {
    #[command(flatten)]
    config: ConfigArguments,
    /// Folder of backups instead of the configured one; each gets a folder in it, named by the moment
    #[arg(long)]
    to: Option<PathBuf>,
    /// Key file of backups instead of the configured one
    #[arg(long)]
    backup_key: Option<PathBuf>,
    /// Only the papers of this desk, such as `sqlite://desk.db`: at a workstation that has no configuration
    #[arg(long, requires = "to", requires = "backup_key")]
    papers: Option<String>,
    /// Only write a new key file of backups, and end
    #[arg(long, value_name = "FILE")]
    make_key: Option<PathBuf>,
}

/// Saves the books of an installation and the papers of its desks; exits 1 where a backup is made and yet gives rise to doubts.
pub fn save(arguments: &BackupArguments) -> anyhow::Result<ExitCode> {
    if let Some(file) = &arguments.make_key {
        return make_key(file);
    }
    if let (Some(papers), Some(to), Some(key)) = (&arguments.papers, &arguments.to, &arguments.backup_key) {
        return papers_into(papers, to, &read_key(key)?);
    }
    let config = Config::read(&arguments.config)?;
    let key = key(arguments.backup_key.as_ref().or(config.backup_key.as_ref()), &arguments.config.config)?;
    let to = arguments.to.as_ref().or(config.backups.as_ref()).ok_or_else(|| {
        anyhow!("请用 --to 指定备份文件夹,或在配置中设置 backups name the folder with --to, or set `backups` in the configuration")
    })?;
    let store = crate::stores::open_read_only(&config.database, Arc::new(SystemClock))?;
    let mut reader = store.reader()?;
    let kind = Place::of(&config.database)?.kind();
    let books = one(Source::Books(reader.as_mut()), kind, to, &key)?;
    match config.desk.as_ref().filter(|desk| are_there(desk)) {
        Some(desk) => {
            Ok(if papers_into(desk, to, &key)? == ExitCode::SUCCESS { books } else { ExitCode::FAILURE })
        }
        None => Ok(books),
    }
}

/// Whether there are papers: the first desk that opens makes their file.
fn are_there(desk: &str) -> bool {
    match Place::of(desk) {
        Ok(Place::File(file)) => file.exists(),
        _ => true,
    }
}

fn papers_into(address: &str, to: &Path, key: &BackupKey) -> anyhow::Result<ExitCode> {
    let place = Place::of(address)?;
    let mut papers = place.papers().context("opening the papers of desks 打开前台单据")?;
    one(Source::Papers(papers.as_mut()), place.kind(), to, key)
}

/// Makes one backup, and looks whether it may be believed.
fn one(rows: Source<'_, '_>, kind: &str, to: &Path, key: &BackupKey) -> anyhow::Result<ExitCode> {
    let (what, bar) = (rows.what(), progress("备份 saving, rows"));
    let now = SystemClock.now();
    let (folder, manifest) = backup::save(rows, to, key, kind, now, &mut |rows| bar.set_position(rows))?;
    bar.finish_and_clear();
    print_tables(&manifest.tables, "");
    println!(
        "backup: {} {} ({} 行 rows, {} KiB)",
        folder.display(),
        what.name(),
        manifest.rows(),
        manifest.bytes.div_ceil(1_024)
    );
    let doubts = backup::doubts(&backup::kept(to, what, Some(key))?);
    doubts.iter().for_each(|doubt| println!("✗ {doubt}"));
    Ok(if doubts.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn make_key(file: &Path) -> anyhow::Result<ExitCode> {
    BackupKey::generate().write(file).with_context(|| format!("writing 写入 {}", file.display()))?;
    println!(
        "{}  备份密钥,请另存一份,并在配置中设置 backup_key keep a copy elsewhere, and set `backup_key` in the configuration",
        file.display()
    );
    Ok(ExitCode::SUCCESS)
}

/// The key of backups; of an installation made before there was one, what to do.
fn key(file: Option<&PathBuf>, config: &Path) -> anyhow::Result<BackupKey> {
    let file = file.ok_or_else(|| {
        anyhow!(
            "{0} 中没有 backup_key:请先运行 tongqu backup --make-key backup.key,再在其中写入 backup_key = \"backup.key\" \
             there is no `backup_key` in {0}: run `tongqu backup --make-key backup.key`, then set it there",
            config.display()
        )
    })?;
    read_key(file)
}

/// A key file of backups.
pub fn read_key(file: &Path) -> anyhow::Result<BackupKey> {
    BackupKey::read(file)
        .with_context(|| format!("reading the key of backups 读取备份密钥 {}", file.display()))
}

/// One line a table.
pub fn print_tables(tables: &[Sum], word: &str) {
    for Sum { table, rows, sha256 } in tables {
        println!("{table:14} {rows:>12}  {}  {word}", store::hex(&sha256[..8]));
    }
}

/// What is wrong with the backups of an installation.
pub fn look(config: &Config) -> Result<String, String> {
    let Some(folder) = &config.backups else {
        return Ok("未配置,不检查 not configured, so not looked at: set `backups` and `backup_key`".into());
    };
    let told = |error: anyhow::Error| format!("{error:#}");
    config.backup_key.as_deref().map(crate::doctor::private).transpose()?;
    let key = config.backup_key.as_deref().map(read_key).transpose().map_err(told)?;
    let (mut wrong, mut fine) = (Vec::new(), Vec::new());
    let papers = config.desk.as_ref().filter(|desk| are_there(desk)).map(|_| What::Papers);
    for what in [What::Books].into_iter().chain(papers) {
        let kept = backup::kept(folder, what, key.as_ref()).map_err(|error| told(error.into()))?;
        let problems = backup::problems(&kept, SystemClock.now());
        let of = if what == What::Books { String::new() } else { format!("{}: ", what.name()) };
        wrong.extend(problems.iter().map(|problem| format!("{of}{problem}")));
        if let (Some(newest), true) = (kept.last(), problems.is_empty()) {
            let (name, path) = (what.name(), newest.path.display());
            fine.push(format!("{} 份 {name},最近 kept, the newest {path}", kept.len()));
        }
    }
    if wrong.is_empty() { Ok(fine.join("; ")) } else { Err(wrong.join("\n    ")) }
}
