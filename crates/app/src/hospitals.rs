//! The institutions: designated from a file, listed as the same file, given keys.

use std::collections::{HashMap, HashSet};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use model::{Institution, SystemClock};
use store::{CentreStore, HospitalRow};
use wire::{Both, Dialects, Profile};

use crate::books::Books;
use crate::people::FileOf;
use crate::people::files::{Told, YES_NO, division};
use crate::table::{CellTrouble, Row, Table, all, or_told};

#[derive(Subcommand)]
pub enum HospitalCommand {
    /// Designate the institutions of a file, or change them by their codes, all of them or none 批量登记或变更机构
    ///
    /// Columns: code,name,kind,level,grade,division,scheme; and profile, active.
    Import {
        #[command(flatten)]
        file: FileOf,
        /// Where the keys of new institutions are written; it must not be there
        #[arg(long)]
        keys_out: PathBuf,
        /// Who does it
        #[arg(long)]
        by: String,
    },
    /// Print all of them as such a file 导出机构表
    List {
        #[command(flatten)]
        books: Books,
    },
    /// Give an institution a new secret; the old one opens nothing any more 更换接入密钥
    Key {
        /// Its code
        #[arg(long)]
        code: String,
        /// Where it is written; it must not be there
        #[arg(long)]
        keys_out: PathBuf,
        /// Who does it
        #[arg(long)]
        by: String,
        #[command(flatten)]
        books: Books,
    },
}

/// Does it. Whoever runs a centre starts it anew: it reads its institutions when it starts.
pub fn carry_out(command: HospitalCommand) -> anyhow::Result<ExitCode> {
    match command {
        HospitalCommand::Import { file, keys_out, by } => import(&file, &keys_out, &by),
        HospitalCommand::List { books } => list(&books),
        HospitalCommand::Key { code, keys_out, by, books } => renew(&code, &keys_out, &by, &books),
    }
}

const COLUMNS: [&str; 9] =
    ["code", "name", "kind", "level", "grade", "division", "scheme", "profile", "active"];

fn read(file: &Path, dialects: &Dialects) -> anyhow::Result<Told<Institution>> {
    let table = Table::read(file, &COLUMNS[..7])?;
    let mut seen = HashSet::new();
    let rows = all(table.rows().map(|row| {
        let read = institution(row, dialects)?;
        if seen.insert(read.code.clone()) {
            Ok(read)
        } else {
            Err(row.trouble("code", Both::of("文件中重复", "it stands twice in the file")))
        }
    }));
    Ok(Told { table, rows })
}

fn institution(row: Row<'_>, dialects: &Dialects) -> Result<Institution, CellTrouble> {
    let code = row.need("code")?;
    if code.len() > 12 || !code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        let told = Both::of("应为最多 12 位字母和数字", "it must be letters and digits, at most 12");
        return Err(row.trouble("code", told));
    }
    let within = |column: &str, from: u8, to: u8| {
        let told = Both::new(format!("应为 {from} 至 {to}"), format!("it must be {from} to {to}"));
        let number: u8 = row.value(column, &told)?;
        if (from..=to).contains(&number) { Ok(number) } else { Err(row.trouble(column, told)) }
    };
    let profile = row.text("profile");
    Profile::parse(profile, dialects).map_err(|what| {
        row.trouble("profile", Both::new(format!("看不懂:{what}"), format!("it is not understood: {what}")))
    })?;
    Ok(Institution {
        code: code.into(),
        name: row.need("name")?.into(),
        kind: row.pick("kind", &KINDS)?.into(),
        level: within("level", 0, 3)?,
        grade: row.text("grade").into(),
        division: division(row, "division")?,
        scheme: within("scheme", 1, 5)?,
        profile: profile.into(),
        key: format!("paas-{code}"),
        secret: String::new(),
        active: row.text("active").is_empty() || row.pick("active", &YES_NO)?,
    })
}

const KINDS: [(&str, &str); 4] =
    [("hospital", "hospital"), ("医院", "hospital"), ("pharmacy", "pharmacy"), ("药店", "pharmacy")];

fn import(file: &FileOf, keys_out: &Path, by: &str) -> anyhow::Result<ExitCode> {
    let FileOf { file, dry_run, books } = file;
    let told = read(file, &crate::city::dialects(books.policies.as_deref())?)?;
    let mut rows = match or_told(told.rows) {
        Ok(rows) => rows,
        Err(code) => return Ok(code),
    };
    if *dry_run {
        println!("{} 家机构 institutions(试运行,未写入 dry run, nothing was written)", rows.len());
        return Ok(ExitCode::SUCCESS);
    }
    let sealer = books.books.sealer()?;
    let new = books.books.write(&sealer, |writer, store| {
        let known = keys_of(store)?;
        let before: HashMap<String, HospitalRow> =
            store.hospitals()?.into_iter().map(|row| (row.code.clone(), row)).collect();
        let mut new = Vec::new();
        for row in &mut rows {
            if let Some((key, secret)) = known.get(&row.code) {
                (row.key, row.secret) = (key.clone(), secret.clone());
            } else {
                row.secret = secret();
                new.push((row.code.clone(), row.key.clone(), row.secret.clone()));
            }
            if let Some(before) = before.get(&row.code) {
                // What the file does not speak of stays as it is.
                if !told.table.has("profile") {
                    row.profile.clone_from(&before.profile);
                }
                row.active = if told.table.has("active") { row.active } else { before.active };
            }
        }
        // First the keys: an institution whose key nobody has is of no use.
        write_keys(keys_out, &new)?;
        if let Err(error) = centre::designate(store, &rows) {
            if !new.is_empty() {
                let _ = std::fs::remove_file(keys_out);
            }
            return Err(error.into());
        }
        centre::note_designated(writer, &sealer, &SystemClock, by, rows.len())?;
        Ok(new.len())
    })?;
    println!(
        "{} 家机构,其中新增 {new} 家 institutions, {new} of them new; 重启中心后生效 start the centre anew",
        rows.len()
    );
    Ok(ExitCode::SUCCESS)
}

fn secret() -> String {
    store::hex(&store::random_key()[..16])
}

/// Key and secret of each institution, by its code.
fn keys_of(store: &dyn CentreStore) -> anyhow::Result<HashMap<String, (String, String)>> {
    let codes: HashMap<_, _> = store.hospitals()?.into_iter().map(|row| (row.id, row.code)).collect();
    let keys = store.access_keys()?.into_iter();
    Ok(keys.filter_map(|key| Some((codes.get(&key.hospital)?.clone(), (key.key, key.secret)))).collect())
}

/// Keys as a file for their owner alone; nothing where there is none.
fn write_keys(file: &Path, keys: &[(String, String, String)]) -> anyhow::Result<()> {
    if keys.is_empty() {
        return Ok(());
    }
    let told = || format!("writing keys 写密钥文件 {}", file.display());
    let mut out =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).with_context(told)?;
    let lines = keys.iter().map(|(code, key, secret)| format!("{code},{key},{secret}\n"));
    let text = std::iter::once("code,key,secret\n".to_owned()).chain(lines).collect::<String>();
    out.write_all(text.as_bytes()).and_then(|()| out.sync_all()).with_context(told)?;
    println!(
        "{}  {} 个密钥,请交机构后删除 keys: hand them over, then delete the file",
        file.display(),
        keys.len()
    );
    Ok(())
}

fn list(books: &Books) -> anyhow::Result<ExitCode> {
    let mut out = csv::Writer::from_writer(std::io::stdout().lock());
    out.write_record(COLUMNS)?;
    for row in books.read_only()?.hospitals()? {
        let HospitalRow { code, name, kind, level, grade, division, scheme, profile, active, .. } = row;
        let (level, scheme) = (level.to_string(), scheme.to_string());
        let active = if active { "yes" } else { "no" };
        out.write_record([&code, &name, &kind, &level, &grade, &division, &scheme, &profile, active])?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn renew(code: &str, keys_out: &Path, by: &str, books: &Books) -> anyhow::Result<ExitCode> {
    let sealer = books.sealer()?;
    books.write(&sealer, |writer, store| {
        let row = store.hospitals()?.into_iter().find(|row| row.code == code);
        let row = row.with_context(|| format!("no institution has the code {code} 没有该机构"))?;
        let known = keys_of(store)?.remove(code).map(|(key, _)| key);
        let key = known.unwrap_or_else(|| format!("paas-{code}"));
        let new = (code.to_owned(), key, secret());
        write_keys(keys_out, std::slice::from_ref(&new))?;
        let (_, key, secret) = new;
        store.put_hospitals(&[], &[store::AccessKey { key, hospital: row.id, secret }]).inspect_err(
            |_| {
                let _ = std::fs::remove_file(keys_out);
            },
        )?;
        Ok(centre::note_designated(writer, &sealer, &SystemClock, by, 1)?)
    })?;
    println!("{code}: 重启中心后生效 start the centre anew");
    Ok(ExitCode::SUCCESS)
}
