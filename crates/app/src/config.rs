//! The configuration: one TOML file, then `TONGQU_*` of the environment, then flags.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};
use store_postgres::Strictness;

use crate::peers::PeerConfig;

/// How a centre is set up.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `sqlite://centre.db`, or `postgres://tongqu@server/centre`.
    pub database: String,
    /// The key file.
    pub keys: PathBuf,
    /// Folder of the city's policies.
    pub policies: PathBuf,
    /// Division of the centre, six digits.
    pub division: String,
    /// First digits of the home divisions settled for.
    pub home_divisions: Vec<String>,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Bounds on messages a second; off only where load is made on purpose.
    #[serde(default = "yes")]
    pub rate_limit: bool,
    /// The last messages of each key are kept in memory and told to its holder at `/dev/messages`: for centres that vendors
    /// try their programs against.
    #[serde(default)]
    pub keep_exchanges: bool,
    /// Where the papers of hospitals' desks are: `sqlite://desk.db`, or `postgres://…`. None: no desk is served.
    #[serde(default)]
    pub desk: Option<String>,
    /// A file of cards for a simulated reader at any workstation of those desks: for training.
    #[serde(default)]
    pub training_cards: Option<PathBuf>,
    /// Electronic receipts of those desks are issued by a simulated platform: for training and trials.
    #[serde(default)]
    pub simulated_receipts: bool,
    /// A proxy in front ends TLS.
    #[serde(default)]
    pub behind_proxy: bool,
    /// A PostgreSQL server that may lose what was committed is taken all the same.
    #[serde(default)]
    pub accepts_data_loss: bool,
    /// Folder of backups.
    #[serde(default)]
    pub backups: Option<PathBuf>,
    /// The key file of backups.
    #[serde(default)]
    pub backup_key: Option<PathBuf>,
    /// Centres of other cities, whose people are treated here.
    #[serde(default, rename = "peer")]
    pub peers: Vec<PeerConfig>,
}

/// Which configuration, and what of it is otherwise this time.
#[derive(Debug, Args, Serialize)]
pub struct ConfigArguments {
    /// Configuration file
    #[arg(long, default_value = "tongqu.toml")]
    #[serde(skip)]
    pub(crate) config: PathBuf,
    /// Database instead of the configured one, such as `sqlite://centre.db`
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    database: Option<String>,
    /// Key file instead of the configured one
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    keys: Option<PathBuf>,
    /// Folder of policies instead of the configured one
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    policies: Option<PathBuf>,
    /// Take a PostgreSQL server that may lose what was committed; the audit log says so
    #[arg(long = "i-accept-data-loss")]
    #[serde(skip_serializing_if = "is_no")]
    accepts_data_loss: bool,
    /// Where to listen instead, such as `127.0.0.1:8520`
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    listen: Option<SocketAddr>,
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for this form")]
fn is_no(flag: &bool) -> bool {
    !flag
}

impl Config {
    /// Reads a configuration. Relative paths count from the file's folder, those of flags from where one stands.
    pub fn read(arguments: &ConfigArguments) -> anyhow::Result<Self> {
        let path = &arguments.config;
        anyhow::ensure!(
            path.exists(),
            "there is no {}; `tongqu init` writes one 没有配置文件,请先运行 tongqu init",
            path.display()
        );
        let written = Figment::new()
            .merge(Toml::file(path))
            .merge(Env::prefixed("TONGQU_").ignore(&["log", "test_postgres"]));
        let mut config: Self = written.extract().with_context(|| format!("reading {}", path.display()))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        config.keys = folder.join(&config.keys);
        config.policies = folder.join(&config.policies);
        config.backups = config.backups.map(|backups| folder.join(backups));
        config.training_cards = config.training_cards.map(|cards| folder.join(cards));
        config.backup_key = config.backup_key.map(|key| folder.join(key));
        for peer in &mut config.peers {
            peer.keys = folder.join(&peer.keys);
        }
        if let Some(file) = config.database.strip_prefix("sqlite://") {
            config.database = format!("sqlite://{}", folder.join(file).display());
        }
        if let Some(file) = config.desk.as_deref().and_then(|desk| desk.strip_prefix("sqlite://")) {
            config.desk = Some(format!("sqlite://{}", folder.join(file).display()));
        }
        let flagged = Figment::from(Serialized::defaults(&config)).merge(Serialized::defaults(arguments));
        flagged.extract().context("reading the flags")
    }

    /// Whether a server with weak settings is taken.
    pub fn strictness(&self) -> Strictness {
        if self.accepts_data_loss { Strictness::AcceptsLoss } else { Strictness::Strict }
    }

    /// A listener that others can reach needs TLS in front of it.
    pub fn check_listener(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.listen.ip().is_loopback() || self.behind_proxy,
            "{} is not a loopback address: put a TLS proxy in front and set behind_proxy = true \
             监听地址不是本机,请在前面加 TLS 代理并设置 behind_proxy = true",
            self.listen
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_go_before_the_file_and_paths_count_from_where_they_are_written() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tongqu.toml");
        let text = "database = \"sqlite://centre.db\"\nkeys = \"centre.keys\"\npolicies = \"policies\"\n\
                    division = \"990100\"\nhome_divisions = [\"9901\"]\nlisten = \"127.0.0.1:8520\"\n";
        std::fs::write(&file, text).unwrap();
        let plain = ConfigArguments {
            config: file,
            database: None,
            keys: None,
            policies: None,
            accepts_data_loss: false,
            listen: None,
        };
        let read = Config::read(&plain).unwrap();
        assert_eq!((read.keys, read.listen.port()), (folder.path().join("centre.keys"), 8_520));
        let listen = Some("127.0.0.1:9000".parse().unwrap());
        let other = ConfigArguments { keys: Some("other.keys".into()), listen, ..plain };
        let read = Config::read(&other).unwrap();
        assert_eq!((read.keys, read.listen.port()), (PathBuf::from("other.keys"), 9_000));
        assert_eq!(read.database, format!("sqlite://{}", folder.path().join("centre.db").display()));
    }
}
