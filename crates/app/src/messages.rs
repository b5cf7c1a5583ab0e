//! The last messages of a key at a centre that keeps them: what was sent, how it was understood, what was answered.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use model::SystemClock;
use road::{Capabilities, Family, HttpRoad, HttpSettings};
use serde_json::Value;

use crate::Lang;

#[derive(Args)]
pub struct MessagesArguments {
    /// The manifest a demo wrote: address, institutions and keys
    #[arg(long, requires = "hospital", conflicts_with_all = ["address", "key", "secret_file"])]
    manifest: Option<PathBuf>,
    /// Name or code of the institution in the manifest
    #[arg(long)]
    hospital: Option<String>,
    /// The centre, such as `http://127.0.0.1:8520`
    #[arg(long, required_unless_present = "manifest")]
    address: Option<String>,
    /// Public name of the key
    #[arg(long, required_unless_present = "manifest")]
    key: Option<String>,
    /// A file with its secret alone
    #[arg(long, required_unless_present = "manifest")]
    secret_file: Option<PathBuf>,
    /// Writes them as a page, what was sent beside what was understood
    #[arg(long)]
    html: Option<PathBuf>,
    /// Language
    #[arg(long, value_enum, default_value_t = Lang::Zh)]
    lang: Lang,
}

/// Prints them, the latest first; or writes a page.
pub fn messages(arguments: &MessagesArguments) -> anyhow::Result<ExitCode> {
    let (address, key, secret) = match &arguments.manifest {
        Some(file) => of_manifest(file, arguments.hospital.as_deref().unwrap_or_default())?,
        None => {
            let file = arguments.secret_file.as_ref().context("--secret-file")?;
            let secret =
                std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
            let given = |text: &Option<String>| text.clone().unwrap_or_default();
            (given(&arguments.address), given(&arguments.key), secret.trim().to_owned())
        }
    };
    let settings = HttpSettings {
        address: address.trim_end_matches('/').to_owned(),
        key,
        secret,
        family: Family::Tif,
        timeout: Duration::from_secs(30),
        capabilities: Capabilities::default(),
    };
    let road = HttpRoad::new(settings, Arc::new(SystemClock));
    let lang = if arguments.lang == Lang::Zh { "zh" } else { "en" };
    let get = |kind: &str| -> anyhow::Result<String> {
        let (status, text) = road
            .get(&format!("/dev/messages?lang={lang}"), kind)
            .map_err(|why| anyhow::anyhow!("{address}: {}", why.in_both()))?;
        match status {
            200 => Ok(text),
            _ => {
                bail!("this centre keeps no messages: set keep_exchanges = true 该中心未保留报文 ({status})")
            }
        }
    };
    let told: Value = serde_json::from_str(&get("application/json")?).context("the centre's answer")?;
    let Some(all) = told["exchanges"].as_array() else {
        bail!("{}", told["err_msg"].as_str().unwrap_or("no messages were told 没有得到报文"));
    };
    if let Some(file) = &arguments.html {
        std::fs::write(file, get("text/html")?).with_context(|| format!("writing {}", file.display()))?;
        println!("{}", file.display());
        return Ok(ExitCode::SUCCESS);
    }
    all.iter().for_each(|one| show(one, lang));
    println!("{}: {}", if lang == "zh" { "报文" } else { "messages" }, all.len());
    Ok(ExitCode::SUCCESS)
}

fn show(exchange: &Value, lang: &str) {
    let text = |name: &str| exchange[name].as_str().unwrap_or_default();
    println!("{}  {}  {}", text("at"), text("infno"), text("outcome"));
    let answered: Value = serde_json::from_str(text("answered")).unwrap_or_default();
    if let Some(error) = answered["err_msg"].as_str().filter(|error| !error.is_empty()) {
        println!("    {error}");
    }
    for difference in exchange["differences"].as_array().into_iter().flatten() {
        println!("  · {}", difference[lang].as_str().unwrap_or_default());
    }
}

/// Address, key and secret of an institution of a manifest.
fn of_manifest(file: &PathBuf, hospital: &str) -> anyhow::Result<(String, String, String)> {
    let text = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let manifest: Value = serde_json::from_str(&text)?;
    let mut all = manifest["hospitals"].as_array().into_iter().flatten();
    let found = all.find(|row| row["name"] == hospital || row["code"] == hospital);
    let row = found.with_context(|| format!("the manifest has no {hospital} 清单中没有该机构"))?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok((text(&manifest["address"]), text(&row["paasid"]), text(&row["secret"])))
}
