//! What a city settles with: editions and catalogue, from a folder or the sample city's own.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use model::Catalogue;
use policy::{Edition, Editions};

/// The editions of a city's folder; of the sample city where none is given.
pub fn editions(folder: Option<&Path>) -> anyhow::Result<Editions> {
    let texts = match folder {
        None => {
            sample::EDITIONS.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
        }
        Some(folder) => texts(&folder.join("editions"), "toml")?,
    };
    let editions =
        texts.iter().map(|(name, text)| Edition::parse(name, text)).collect::<Result<Vec<_>, _>>()?;
    Ok(Editions::new(editions)?)
}

/// The catalogue of a city's folder: its last file by name.
pub fn catalogue(folder: &Path) -> anyhow::Result<Catalogue> {
    let files = texts(&folder.join("catalogue"), "csv")?;
    let Some((name, text)) = files.last() else { bail!("{} has no catalogue/*.csv", folder.display()) };
    let version = name.trim_end_matches(".csv");
    sample::read_catalogue(version, text).map_err(|what| anyhow::anyhow!("{name}: {what}"))
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
