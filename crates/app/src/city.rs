//! What a city settles with: editions and catalogue, from a folder or the sample city's own.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow, ensure};
use jiff::civil::Date;
use model::{Catalogue, CodeList, CodeLists, Listed, Listing};
use policy::{AuditRules, ClearingEditions, ClearingRules, Edition, Editions, Language, Problems};
use wire::{Dialect, Dialects};

use crate::table::Table;

/// The files of a city's editions, by name.
fn edition_texts(folder: Option<&Path>) -> anyhow::Result<Vec<(String, String)>> {
    match folder {
        None => {
            Ok(sample::EDITIONS.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
        }
        Some(folder) => of_city(folder, "editions", "toml"),
    }
}

/// The editions of a city's folder; of the sample city where none is given.
pub fn editions(folder: Option<&Path>) -> anyhow::Result<Editions> {
    let texts = edition_texts(folder)?;
    let editions =
        texts.iter().map(|(name, text)| Edition::parse(name, text)).collect::<Result<Vec<_>, _>>()?;
    Ok(Editions::new(editions)?)
}

/// The text of an edition by its first day, or by a file.
pub fn edition_text(named: &str, folder: Option<&Path>) -> anyhow::Result<String> {
    let is_named = |(name, text): &(String, String)| {
        Edition::parse(name, text).is_ok_and(|edition| edition.key() == named)
    };
    match edition_texts(folder)?.into_iter().find(is_named) {
        Some((_, text)) => Ok(text),
        None => fs::read_to_string(named).with_context(|| {
            format!("`{named}` is neither the first day of an edition nor a file 既不是版本起始日,也不是文件")
        }),
    }
}

/// The same, read.
pub fn edition(named: &str, folder: Option<&Path>) -> anyhow::Result<Edition> {
    Ok(Edition::parse(named, &edition_text(named, folder)?)?)
}

/// The problems of a file in one language, where an error is about them.
pub fn in_words(error: anyhow::Error, language: Language) -> anyhow::Error {
    match error.downcast_ref::<Problems>() {
        Some(problems) => anyhow!("{}", problems.told(language).trim_end()),
        None => error,
    }
}

/// The same where nobody has said which language.
pub fn in_both(error: anyhow::Error) -> anyhow::Error {
    match error.downcast_ref::<Problems>() {
        Some(problems) => {
            anyhow!("{}{}", problems.told(Language::Zh), problems.told(Language::En).trim_end())
        }
        None => error,
    }
}

/// The audit rules of a city's folder, of the sample city where none is given; a city without any looks for nothing.
pub fn audit_rules(folder: Option<&Path>) -> anyhow::Result<AuditRules> {
    let files = match folder.map(|folder| folder.join("audit")) {
        None => vec![(sample::AUDIT_RULES.0.to_owned(), sample::AUDIT_RULES.1.to_owned())],
        Some(folder) if folder.is_dir() => texts(&folder, "toml")?,
        Some(_) => Vec::new(),
    };
    Ok(AuditRules::parse(&files)?)
}

/// The rules a city clears a month by: of its files, each called by its first day, the last that is in force then; of the
/// sample city where no folder is given.
pub fn clearing_rules(folder: Option<&Path>) -> anyhow::Result<ClearingEditions> {
    let Some(folder) = folder.map(|folder| folder.join("clearing")) else {
        let (name, text, groups) = sample::CLEARING;
        return Ok(ClearingEditions::new(vec![with_groups(name, text, groups)?]));
    };
    let mut found = Vec::new();
    for (name, text) in texts(&folder, "toml")? {
        let groups = folder.join(name.replace(".toml", ".groups.csv"));
        let groups = if groups.exists() { fs::read_to_string(&groups)? } else { "code,name,points\n".into() };
        found.push(with_groups(&name, &text, &groups)?);
    }
    Ok(ClearingEditions::new(found))
}

fn with_groups(name: &str, text: &str, groups: &str) -> anyhow::Result<ClearingRules> {
    let groups = sample::read_groups(groups).map_err(|what| anyhow!("{name}: {what}"))?;
    Ok(ClearingRules::parse(name, text)?.with_groups(groups))
}

/// The bank accounts of institutions, by code: `code,bank,account` in `clearing/accounts.csv`; the sample city's where no
/// folder is given.
pub fn bank_accounts(folder: Option<&Path>) -> anyhow::Result<HashMap<String, (String, String)>> {
    let text = match folder.map(|folder| folder.join("clearing").join("accounts.csv")) {
        None => sample::BANK_ACCOUNTS.to_owned(),
        Some(file) if file.exists() => fs::read_to_string(&file)?,
        Some(_) => return Ok(HashMap::new()),
    };
    let table = Table::parse(&text, &["code", "bank", "account"]).context("accounts.csv")?;
    let account = |row: crate::table::Row<'_>| {
        (row.text("code").to_owned(), (row.text("bank").to_owned(), row.text("account").to_owned()))
    };
    Ok(table.rows().map(account).collect())
}

/// How programs of a place speak otherwise than the table: each file of `dialects` is called by the name that profiles use;
/// the sample city's where no folder is given.
pub fn dialects(folder: Option<&Path>) -> anyhow::Result<Dialects> {
    let files = match folder.map(|folder| folder.join("dialects")) {
        None => vec![(sample::DIALECT.0.to_owned(), sample::DIALECT.1.to_owned())],
        Some(folder) if folder.is_dir() => texts(&folder, "csv")?,
        Some(_) => Vec::new(),
    };
    let read = |(name, text): &(String, String)| {
        let dialect = Dialect::parse(text).map_err(|what| anyhow!("{name}: {what}"))?;
        Ok((name.trim_end_matches(".csv").to_owned(), Arc::new(dialect)))
    };
    files.iter().map(read).collect()
}

/// The catalogue of a city's folder, each file a version, by name, upon those before it; the sample city's where no folder is
/// given.
pub fn catalogue(folder: Option<&Path>) -> anyhow::Result<Catalogue> {
    match folder {
        Some(folder) => versions(of_city(folder, "catalogue", "csv")?, sample::read_items),
        None => Ok(sample::catalogue()),
    }
}

/// The lists of codes of a city's folder, each with its versions; a list without a folder is empty.
pub fn code_lists(folder: &Path) -> anyhow::Result<CodeLists> {
    let read = |kind: &CodeList| {
        let folder = folder.join("lists").join(kind.word());
        let files = if folder.is_dir() { texts(&folder, "csv")? } else { Vec::new() };
        Ok((*kind, versions(files, sample::read_codes)?))
    };
    Ok(CodeLists::new(CodeList::ALL.iter().map(read).collect::<anyhow::Result<_>>()?))
}

fn versions<T: Listed>(
    files: Vec<(String, String)>,
    read: fn(&str) -> Result<Vec<T>, String>,
) -> anyhow::Result<Listing<T>> {
    let mut list = Listing::default();
    for (name, text) in files {
        let version = name.trim_end_matches(".csv");
        // Hospitals send it back to be told what came behind it, and ask for what came since a day.
        ensure!(
            version.len() == 10 && version.parse::<Date>().is_ok(),
            "{name}: a version is called by its day, 2026-12-01.csv 版本文件以日期命名,如 2026-12-01.csv"
        );
        list = list.with(version, read(&text).map_err(|what| anyhow!("{name}: {what}"))?);
    }
    Ok(list)
}

/// The files of one kind a city must have.
fn of_city(city: &Path, kind: &str, ending: &str) -> anyhow::Result<Vec<(String, String)>> {
    let folder = city.join(kind);
    let files = if folder.is_dir() { texts(&folder, ending)? } else { Vec::new() };
    ensure!(
        !files.is_empty(),
        "there is no {}: set `policies` to your city's folder 没有该文件,请把 policies 设为本市政策文件夹",
        folder.join(format!("*.{ending}")).display()
    );
    Ok(files)
}

/// The files of a folder with an ending, by name.
pub fn texts(folder: &Path, ending: &str) -> anyhow::Result<Vec<(String, String)>> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == ending) {
            let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            texts.push((path.file_name().unwrap_or_default().to_string_lossy().into_owned(), text));
        }
    }
    texts.sort();
    Ok(texts)
}
