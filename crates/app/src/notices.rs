//! What the centre has to tell its hospitals: a file for each notice, beside the keys, which a running centre finds within
//! half a minute.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow, ensure};
use clap::Subcommand;
use desk::{Bulletin, Notice};
use jiff::civil::Date;
use model::{Clock, SystemClock};
use serde::{Deserialize, Serialize};

use crate::config::{Config, ConfigArguments};

#[derive(Subcommand)]
pub enum NoticeCommand {
    /// Tell hospitals something 发布
    Publish {
        /// Title
        #[arg(long)]
        title: String,
        /// A text file with what it says
        #[arg(long)]
        file: PathBuf,
        /// Code of a hospital; repeat it. All where left out
        #[arg(long)]
        hospital: Vec<String>,
        /// The last day, such as 2026-12-31; until it is withdrawn where left out
        #[arg(long)]
        until: Option<Date>,
        /// It is shown at each sign-in until it was read 必读
        #[arg(long)]
        must_read: bool,
        #[command(flatten)]
        config: ConfigArguments,
    },
    /// All that are there 列出
    List {
        #[command(flatten)]
        config: ConfigArguments,
    },
    /// Take one down 撤下
    Withdraw {
        /// Its key, as the list has it
        key: String,
        #[command(flatten)]
        config: ConfigArguments,
    },
}

/// A notice as its file has it.
#[derive(Serialize, Deserialize)]
struct Written {
    /// Codes of the hospitals it is for; empty: all.
    hospitals: Vec<String>,
    #[serde(flatten)]
    notice: Notice,
}

/// The notices in a folder.
pub(crate) struct Files {
    folder: PathBuf,
}

impl Files {
    /// Those of a centre: in a folder beside its keys.
    pub(crate) fn beside(keys: &Path) -> Self {
        Self { folder: keys.with_extension("notices") }
    }

    /// All of them by key, newest first; a file that cannot be read is told and left out.
    fn all(&self) -> Vec<(String, Written)> {
        let Ok(files) = fs::read_dir(&self.folder) else { return Vec::new() };
        let paths = files.flatten().map(|file| file.path());
        let paths = paths.filter(|path| path.extension().is_some_and(|kind| kind == "json"));
        let mut all: Vec<(String, Written)> = paths.filter_map(|path| read(&path)).collect();
        all.sort_by(|a, b| b.0.cmp(&a.0));
        all
    }

    /// Adds one under a key that begins with a word, and answers the key: whole or not at all, for a centre may look at any
    /// moment, and never in another's place.
    fn add(&self, word: &str, written: &Written) -> anyhow::Result<String> {
        fs::create_dir_all(&self.folder).with_context(|| format!("making {}", self.folder.display()))?;
        // The centre may run as somebody else.
        let readable = fs::Permissions::from_mode(0o644);
        let mut draft = tempfile::Builder::new().permissions(readable).tempfile_in(&self.folder)?;
        serde_json::to_writer_pretty(&mut draft, written)?;
        let mut key = word.to_owned();
        for n in 2.. {
            match draft.persist_noclobber(self.file(&key)) {
                Ok(_) => break,
                Err(taken) if taken.error.kind() == ErrorKind::AlreadyExists => draft = taken.file,
                Err(other) => return Err(other.error).with_context(|| format!("writing the notice {key}")),
            }
            key = format!("{word}-{n}");
        }
        Ok(key)
    }

    fn file(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.json"))
    }
}

fn read(path: &Path) -> Option<(String, Written)> {
    let key = path.file_stem()?.to_str()?.to_owned();
    let text = fs::read(path).ok()?;
    match serde_json::from_slice(&text) {
        Ok(written) => Some((key, written)),
        Err(error) => {
            tracing::error!(%error, file = %path.display(), "a notice cannot be read");
            None
        }
    }
}

impl Bulletin for Files {
    fn notices(&self, hospital: &str) -> Vec<(String, Notice)> {
        let for_it = |written: &Written| {
            written.hospitals.is_empty() || written.hospitals.iter().any(|code| code == hospital)
        };
        let all = self.all().into_iter().filter(|(_, written)| for_it(written));
        // Not to be taken for one of the house's.
        all.map(|(key, written)| (format!("centre-{key}"), Notice { by: String::new(), ..written.notice }))
            .collect()
    }
}

/// Does it.
pub fn carry_out(command: NoticeCommand) -> anyhow::Result<ExitCode> {
    match command {
        NoticeCommand::Publish { title, file, hospital, until, must_read, config } => {
            let config = Config::read(&config)?;
            let body = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
            let now = SystemClock.now();
            let (title, body) = Notice::words(&title, &body).map_err(|(name, most)| {
                anyhow!("{name}: 要填,最多 {most} 个字 must be there, with at most {most} signs")
            })?;
            ensure!(until.is_none_or(|until| until >= now.date()), "有效期已过 its last day is over");
            all_known(&config, &hospital)?;
            let notice = Notice {
                title,
                body,
                roles: Vec::new(),
                from: now.date(),
                until,
                must_read,
                by: String::new(),
            };
            let written = Written { hospitals: hospital, notice };
            let key =
                Files::beside(&config.keys).add(&now.strftime("%Y%m%d-%H%M%S").to_string(), &written)?;
            println!("{key}  {}", written.notice.title);
            println!("半分钟内各院可见 hospitals see it within half a minute");
        }
        NoticeCommand::List { config } => {
            let all = Files::beside(&Config::read(&config)?.keys).all();
            if all.is_empty() {
                println!("没有公告 there are no notices");
            }
            for (key, written) in all {
                let until = written.notice.until.map_or_else(|| "—".to_owned(), |until| until.to_string());
                let hospitals = match written.hospitals.as_slice() {
                    [] => "全部 all".to_owned(),
                    some => some.join(" "),
                };
                let must = if written.notice.must_read { "必读 must be read" } else { "" };
                println!("{key}  {}  {until}  {hospitals}  {must}", written.notice.title);
            }
        }
        NoticeCommand::Withdraw { key, config } => {
            let files = Files::beside(&Config::read(&config)?.keys);
            ensure!(
                files.all().iter().any(|(known, _)| *known == key),
                "没有公告 {key},先看 tongqu notice list there is no notice {key}: see the list"
            );
            fs::remove_file(files.file(&key)).with_context(|| format!("removing the notice {key}"))?;
            println!("已撤下 withdrawn: {key}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn all_known(config: &Config, codes: &[String]) -> anyhow::Result<()> {
    if codes.is_empty() {
        return Ok(());
    }
    let store = crate::stores::open_read_only(&config.database, std::sync::Arc::new(SystemClock))?;
    let known = store.hospitals()?;
    for code in codes {
        ensure!(
            known.iter().any(|row| row.code == *code),
            "没有机构 {code} no institution has the code {code}"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn notice(title: &str) -> Notice {
        Notice {
            title: title.into(),
            body: "下周一生效".into(),
            roles: Vec::new(),
            from: date(2026, 11, 23),
            until: None,
            must_read: true,
            by: "0001".into(),
        }
    }

    #[test]
    fn each_hospital_is_told_what_is_for_it_and_a_broken_file_hides_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::beside(&folder.path().join("centre.keys"));
        assert!(files.notices("H1").is_empty(), "there is no folder yet");
        let add = |hospitals, title| files.add("1", &Written { hospitals, notice: notice(title) }).unwrap();
        assert_eq!(add(Vec::new(), "全部"), "1");
        assert_eq!(add(vec!["H2".into()], "只给二院"), "1-2", "of the same moment, and in nobody's place");
        fs::write(files.file("3"), "{").unwrap();
        let seen = |hospital| {
            files.notices(hospital).into_iter().map(|(key, notice)| (key, notice.title)).collect::<Vec<_>>()
        };
        assert_eq!(seen("H1"), [("centre-1".to_owned(), "全部".to_owned())]);
        assert_eq!(seen("H2").len(), 2);
        assert!(files.notices("H1")[0].1.by.is_empty(), "it is the centre's, whatever the file says");
    }
}
