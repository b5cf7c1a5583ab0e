//! Centres of other cities, as the configuration names them.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use centre::Peer;
use model::Clock;
use road::{Capabilities, Family, HttpRoad, HttpSettings, Road};
use serde::{Deserialize, Serialize};

use crate::table::{Table, all};

/// A centre of another city, whose people are treated here.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerConfig {
    /// First digits of its home divisions.
    pub divisions: Vec<String>,
    /// Where it is: `http://10.1.2.3:8520`.
    pub address: String,
    /// File of the keys it has given to institutions here: `code,key,secret`.
    pub keys: PathBuf,
    /// Seconds to wait for its answers.
    #[serde(default = "patience")]
    pub timeout: u64,
}

fn patience() -> u64 {
    30
}

/// The ways to other cities' centres.
pub fn peers(configs: &[PeerConfig], own: &[String], clock: &Arc<dyn Clock>) -> anyhow::Result<Vec<Peer>> {
    let all: Vec<&String> = own.iter().chain(configs.iter().flat_map(|config| &config.divisions)).collect();
    for (at, one) in all.iter().enumerate() {
        let other = all[at + 1..].iter().find(|other| one.starts_with(**other) || other.starts_with(*one));
        ensure!(
            other.is_none(),
            "home divisions of this centre and its peers overlap: {one} 本中心与 [[peer]] 的参保区划重叠"
        );
    }
    configs.iter().map(|config| peer(config, clock)).collect()
}

fn peer(config: &PeerConfig, clock: &Arc<dyn Clock>) -> anyhow::Result<Peer> {
    let digits = |text: &String| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    ensure!(
        !config.divisions.is_empty() && config.divisions.iter().all(digits),
        "divisions of a peer are first digits such as [\"9901\"] peer 的 divisions 应为区划前几位"
    );
    let table = Table::read(&config.keys, &["code", "key", "secret"])?;
    let rows = all(table.rows().map(|row| {
        let [code, key, secret] = ["code", "key", "secret"].map(|column| row.need(column).map(str::to_owned));
        Ok((code?, key?, secret?))
    }));
    let rows = rows.map_err(|troubles| {
        let told: Vec<String> = troubles.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("{}: {}", config.keys.display(), told.join("; "))
    })?;
    let road = |(code, key, secret)| {
        let settings = HttpSettings {
            address: config.address.trim_end_matches('/').to_owned(),
            key,
            secret,
            family: Family::Tif,
            timeout: Duration::from_secs(config.timeout.max(1)),
            capabilities: Capabilities { outcome: true, ..Capabilities::default() },
        };
        (code, Arc::new(HttpRoad::new(settings, clock.clone())) as Arc<dyn Road>)
    };
    let count = rows.len();
    let roads: HashMap<_, _> = rows.into_iter().map(road).collect();
    ensure!(roads.len() == count, "{}: a code stands twice 编码重复", config.keys.display());
    Ok(Peer { divisions: config.divisions.clone(), roads })
}
