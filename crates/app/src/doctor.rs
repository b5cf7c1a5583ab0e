//! What is wrong with this installation, in words, each with what to do.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use model::SystemClock;

use crate::config::{Config, ConfigArguments};
use crate::stores::Place;

const NO_INSTITUTIONS: &str = "没有定点机构,中心将拒绝全部报文;请用 tongqu hospital import 录入机构并发密钥 \
     no institutions: a centre without them refuses every message; `tongqu hospital import` takes them in and gives keys";

/// One thing looked at.
type Found = Result<String, String>;

/// Looks at everything a centre needs; exits 1 where something is wrong.
pub fn doctor(arguments: &ConfigArguments) -> anyhow::Result<ExitCode> {
    let config = match Config::read(arguments) {
        Ok(config) => config,
        Err(error) => {
            println!("✗ 配置 configuration: {error:#}");
            return Ok(ExitCode::FAILURE);
        }
    };
    let looks: [(&str, Found); 7] = [
        ("配置 configuration", Ok(arguments.config.display().to_string())),
        ("监听 listener", listener(&config)),
        ("密钥 keys", keys(&config)),
        ("政策 policies", policies(&config)),
        ("数据库 database", database(&config)),
        ("磁盘 disk", disk(&config)),
        ("备份 backups", crate::backups::look(&config)),
    ];
    if config.keep_exchanges {
        println!("! 保留报文 keep_exchanges: {KEEPS}");
    }
    for (what, found) in &looks {
        match found {
            Ok(fine) => println!("✓ {what}: {fine}"),
            Err(wrong) => println!("✗ {what}: {wrong}"),
        }
    }
    let wrong = looks.iter().filter(|(_, found)| found.is_err()).count();
    println!("doctor: {wrong} 处有问题 problems");
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

const KEEPS: &str = "最近的报文(含个人信息)留在内存,只用于调试 the last messages, with personal data, are kept in memory: for trials only";

fn listener(config: &Config) -> Found {
    config.check_listener().map_err(|e| e.to_string())?;
    match std::net::TcpListener::bind(config.listen) {
        Ok(_) => Ok(format!("{} 空闲 free", config.listen)),
        Err(error) => Err(format!("{}: {error}; 已有程序占用? is a centre running already?", config.listen)),
    }
}

fn keys(config: &Config) -> Found {
    crate::stores::sealer(&config.keys).map_err(|e| format!("{e:#}; tongqu init 生成 writes them"))?;
    private(&config.keys)
}

/// A key file that its owner alone may read.
pub fn private(file: &Path) -> Found {
    let mode = std::fs::metadata(file).map_err(|e| format!("{}: {e}", file.display()))?.mode() & 0o777;
    // Six low bits: nothing for group and others.
    if mode.trailing_zeros() >= 6 {
        Ok(file.display().to_string())
    } else {
        Err(format!("{} 他人可读 is readable by others ({mode:o}): chmod 600", file.display()))
    }
}

fn policies(config: &Config) -> Found {
    let editions = crate::city::editions(Some(&config.policies))
        .map_err(|e| format!("{:#}", crate::city::in_both(e)))?;
    let catalogue = crate::city::catalogue(Some(&config.policies)).map_err(|e| format!("{e:#}"))?;
    Ok(format!("{} 个版本 editions, {} 个项目 items", editions.iter().count(), catalogue.items().len()))
}

fn database(config: &Config) -> Found {
    let stands = Place::of(&config.database).and_then(|place| Ok(place.check_stands()?));
    stands.map_err(|e| format!("{e:#}"))?;
    let store = crate::stores::open_read_only(&config.database, Arc::new(SystemClock))
        .map_err(|e| format!("{e:#}"))?;
    let hospitals = store.hospitals().map_err(|e| e.to_string())?;
    if hospitals.is_empty() {
        return Err(NO_INSTITUTIONS.into());
    }
    Ok(format!("{} 家机构 institutions", hospitals.len()))
}

/// Free space of the disk the database lies on.
fn disk(config: &Config) -> Found {
    let Place::File(file) = Place::of(&config.database).map_err(|e| e.to_string())? else {
        return Ok("在数据库服务器上 on the database server".into());
    };
    let room = store_sqlite::Room::beside(&file).map_err(|e| e.to_string())?;
    let shown = format!("{} MiB 可用 free", room.free >> 20);
    if room.is_low() {
        Err(format!("{shown}, 至少应有 at least {} MiB", room.least >> 20))
    } else {
        Ok(shown)
    }
}
