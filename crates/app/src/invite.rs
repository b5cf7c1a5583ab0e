//! Invitations to set a hospital's desk up: a file each, which a running centre finds, beside its keys. The file does not hold
//! the code, so that who reads it cannot use it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use desk::{Hospital, Invitation, Invitations, Parameters};
use jiff::SignedDuration;
use jiff::civil::DateTime;
use model::{Clock, SystemClock};
use serde::{Deserialize, Serialize};

use crate::config::{Config, ConfigArguments};
use crate::workstation::WorkstationArguments;

/// Desks of hospitals: one at this workstation, or an invitation to one that the centre serves.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DeskArguments {
    #[command(subcommand)]
    command: Option<DeskCommand>,
    #[command(flatten)]
    workstation: WorkstationArguments,
}

#[derive(Subcommand)]
pub enum DeskCommand {
    /// Invite a hospital to set its desk up: prints a code that holds for 30 minutes, once 发开通码
    Invite {
        /// The hospital's code in the list of institutions
        #[arg(long)]
        hospital: String,
        #[command(flatten)]
        config: ConfigArguments,
    },
}

/// Does it.
pub fn carry_out(arguments: &DeskArguments) -> anyhow::Result<ExitCode> {
    match &arguments.command {
        Some(DeskCommand::Invite { hospital, config }) => invite(hospital, &Config::read(config)?),
        None => crate::workstation::serve(&arguments.workstation),
    }
}

/// How long an invitation holds.
const HOLDS: SignedDuration = SignedDuration::from_mins(30);

/// An invitation as its file has it.
#[derive(Serialize, Deserialize)]
struct Written {
    hospital: String,
    name: String,
    division: String,
    until: DateTime,
}

/// The invitations in a folder.
pub(crate) struct Files {
    folder: PathBuf,
}

impl Files {
    /// Those of a centre: in a folder beside its keys.
    pub(crate) fn beside(keys: &Path) -> Self {
        Self { folder: keys.with_extension("invitations") }
    }

    fn file(&self, code: &str) -> PathBuf {
        self.folder.join(format!("{}.json", &web::token_hash(code)[..32]))
    }

    fn write(&self, code: &str, written: &Written) -> anyhow::Result<()> {
        fs::create_dir_all(&self.folder).with_context(|| format!("making {}", self.folder.display()))?;
        let file = self.file(code);
        fs::write(&file, serde_json::to_vec_pretty(written)?)
            .with_context(|| format!("writing {}", file.display()))
    }
}

impl Invitations for Files {
    fn find(&self, code: &str, now: DateTime) -> Option<Invitation> {
        let text = fs::read(self.file(code)).ok()?;
        let written: Written = serde_json::from_slice(&text).ok()?;
        (now < written.until).then(|| Invitation {
            code: written.hospital,
            hospital: Hospital {
                name: written.name,
                division: written.division,
                parameters: Parameters::default(),
            },
        })
    }

    fn used(&self, code: &str) {
        if let Err(error) = fs::remove_file(self.file(code)) {
            tracing::error!(%error, "an invitation that was used is still there");
        }
    }
}

fn invite(hospital: &str, config: &Config) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(
        config.desk.is_some(),
        "no desk is served: set desk = \"sqlite://desk.db\" in the configuration 未配置前台:请在配置中设 desk"
    );
    let store = crate::stores::open_read_only(&config.database, std::sync::Arc::new(SystemClock))?;
    let row = store.hospitals()?.into_iter().find(|row| row.code == hospital && row.active);
    let row =
        row.with_context(|| format!("no institution has the code {hospital} 没有在用的机构 {hospital}"))?;
    let code = web::random_token()[..24].to_owned();
    let until = SystemClock.now().saturating_add(HOLDS);
    let written =
        Written { hospital: row.code, name: row.name.clone(), division: row.division.clone(), until };
    Files::beside(&config.keys).write(&code, &written)?;
    println!("{}  开通码 invitation code: {code}", row.name);
    println!("30 分钟内打开 within 30 minutes open: http://{}/set-up", config.listen);
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    #[test]
    fn a_code_opens_once_while_it_holds_and_its_file_does_not_tell_it() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::beside(&folder.path().join("centre.keys"));
        let until = datetime(2026, 11, 23, 8, 30, 0, 0);
        let written = Written { hospital: "H1".into(), name: "甲".into(), division: "990101".into(), until };
        files.write("c0de", &written).unwrap();
        let at = |minute| datetime(2026, 11, 23, 8, minute, 0, 0);
        assert_eq!(files.find("c0de", at(29)).unwrap().code, "H1");
        assert!(files.find("c0de", at(30)).is_none() && files.find("other", at(1)).is_none());
        let text = fs::read_to_string(files.file("c0de")).unwrap();
        assert!(!text.contains("c0de"));
        files.used("c0de");
        assert!(files.find("c0de", at(29)).is_none());
    }
}
