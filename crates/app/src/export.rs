//! A hospital's papers as files any program reads, with a description: what is its own it can take along.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use desk::{Meaning, PlainTable};
use store_postgres::PostgresDesk;
use store_sqlite::SqliteDesk;

use crate::stores::Place;

#[derive(clap::Args)]
pub struct ExportArguments {
    /// Where the papers are, such as `sqlite://desk.db`
    #[arg(long)]
    papers: String,
    /// The key file that seals what is personal in them
    #[arg(long)]
    keys: PathBuf,
    /// Code of the hospital
    #[arg(long)]
    hospital: String,
    /// All of them
    #[arg(long, required_unless_present = "table")]
    all: bool,
    /// Only these: kinds of papers such as `bill`
    #[arg(long, conflicts_with = "all")]
    table: Vec<String>,
    /// A folder without files to write into
    #[arg(long)]
    to: PathBuf,
    /// Leaves out names, documents and whatever else is personal
    #[arg(long)]
    without_personal: bool,
}

/// Writes them. A file of papers is read while no desk runs on it.
pub fn export(arguments: &ExportArguments) -> anyhow::Result<ExitCode> {
    let to = &arguments.to;
    // Nobody else on the machine reads what is personal.
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(to);
    made.with_context(|| format!("making 建立 {}", to.display()))?;
    ensure!(
        fs::read_dir(to)?.next().is_none(),
        "{} 不是空文件夹,不覆盖 there is something in it already, which is not overwritten",
        to.display()
    );
    let keys = store::Keys::read(&arguments.keys)
        .with_context(|| format!("reading the keys 读取密钥 {}", arguments.keys.display()))?;
    let sealer = std::sync::Arc::new(store::Sealer::new(&keys, wire::TEXTS));
    let store: Box<dyn store::DeskStore> = match Place::of(&arguments.papers)? {
        Place::File(file) => {
            ensure!(file.exists(), "there is no {} 没有单据库", file.display());
            Box::new(SqliteDesk::open(&file, sealer).context("opening the papers 打开单据库")?)
        }
        // With whichever login, the hospital's own too: no schema is changed.
        Place::Server(url) => {
            Box::new(PostgresDesk::join(url, sealer).context("opening the papers 打开单据库")?)
        }
    };
    let mut tables = desk::plain_tables(store.as_ref(), &arguments.hospital, !arguments.without_personal)
        .context("reading the papers 读取单据")?;
    ensure!(
        !tables.is_empty(),
        "{} 在这里没有单据 has no papers here: see the code and the address",
        arguments.hospital
    );
    tables.retain(|table| arguments.all || is_wanted(table, &arguments.table));
    ensure!(!tables.is_empty(), "没有这些表 there are no such tables: {}", arguments.table.join(", "));
    for table in &tables {
        write(to, &table.name, &table.csv())?;
        println!("{:32} {:>9} 行 rows", format!("{}.csv", table.name), table.rows.len());
    }
    write(to, "description", &description(&tables).csv())?;
    println!("export: {} 张表 tables, {}", tables.len(), to.display());
    Ok(ExitCode::SUCCESS)
}

/// A table of a kind that is asked for, or a list within one.
fn is_wanted(table: &PlainTable, asked: &[String]) -> bool {
    let kind = table.name.split('.').next().unwrap_or_default();
    asked.iter().any(|asked| asked == kind || *asked == table.name)
}

fn write(to: &Path, name: &str, text: &[u8]) -> anyhow::Result<()> {
    let file = to.join(format!("{name}.csv"));
    let written = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file);
    let written = written.and_then(|mut out| out.write_all(text));
    written.with_context(|| format!("writing 写入 {}", file.display()))
}

/// A row a column: in which table it stands, how many rows that has, what it means.
fn description(tables: &[PlainTable]) -> PlainTable {
    let rows: BTreeMap<&str, usize> =
        tables.iter().map(|table| (table.name.as_str(), table.rows.len())).collect();
    let row = |Meaning { table, column, zh, en }: Meaning| {
        let count = rows.get(table.as_str()).copied().unwrap_or_default().to_string();
        vec![format!("{table}.csv"), count, column, zh.to_owned(), en.to_owned()]
    };
    PlainTable {
        name: "description".into(),
        columns: ["文件 file", "行数 rows", "列 column", "中文", "English"].map(Into::into).into(),
        rows: desk::meanings(tables).into_iter().map(row).collect(),
    }
}
