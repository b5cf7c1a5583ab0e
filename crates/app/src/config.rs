//! The configuration: one TOML file, then `TONGQU_*` of the environment.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use figment::Figment;
use figment::providers::{Env, Format, Toml};
use serde::Deserialize;

/// How a centre is set up.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `sqlite://centre.db`.
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
    /// A proxy in front ends TLS.
    #[serde(default)]
    pub behind_proxy: bool,
}

fn yes() -> bool {
    true
}

impl Config {
    /// Reads a configuration. Relative paths count from the file's folder.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        anyhow::ensure!(
            path.exists(),
            "there is no {}; `tongqu init` writes one 没有配置文件,请先运行 tongqu init",
            path.display()
        );
        let figment = Figment::new().merge(Toml::file(path)).merge(Env::prefixed("TONGQU_").ignore(&["log"]));
        let mut config: Self = figment.extract().with_context(|| format!("reading {}", path.display()))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        config.keys = folder.join(&config.keys);
        config.policies = folder.join(&config.policies);
        if let Some(file) = config.database.strip_prefix("sqlite://") {
            config.database = format!("sqlite://{}", folder.join(file).display());
        }
        Ok(config)
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
