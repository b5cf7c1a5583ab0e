//! Writes what a new installation needs: configuration, keys, an empty database.

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, ensure};
use backup::BackupKey;
use model::{Clock, SystemClock};
use store::{DayKeys, Keys};
use store_postgres::Strictness;

/// Where a fresh configuration looks for policies.
const POLICIES: &str = "policies/demo-city";

const CONFIG: &str = "\
# Tongqu 通衢: how this centre is set up. TONGQU_LISTEN and the like in the environment go before.
database = \"sqlite://centre.db\"      # or \"postgres://tongqu@server/centre\"
keys = \"centre.keys\"                # its owner's alone; keep a copy elsewhere: without it nothing sealed opens
policies = \"policies/demo-city\"     # editions/*.toml, catalogue/*.csv
division = \"990100\"
home_divisions = [\"9901\"]
listen = \"127.0.0.1:8520\"
desk = \"sqlite://desk.db\"          # papers of hospitals' desks; take the line away to serve no pages
behind_proxy = false                # true: a proxy in front ends TLS
backups = \"backups\"                 # where `tongqu backup` puts them; let each night run it, and copy them elsewhere
backup_key = \"backup.key\"           # opens them; keep a copy elsewhere, too
";

/// Writes an installation into a folder; nothing that is there is overwritten.
pub fn init(folder: &Path) -> anyhow::Result<ExitCode> {
    fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    let path = |name: &str| folder.join(name);
    for name in ["tongqu.toml", "centre.keys", "centre.audit", "auditor.key", "backup.key", "centre.db"] {
        ensure!(!path(name).exists(), "{} is there already 已存在,不覆盖", path(name).display());
    }
    fs::write(path("tongqu.toml"), CONFIG).context("writing tongqu.toml")?;
    let keys = Keys::generate();
    keys.write(&path("centre.keys")).context("writing centre.keys")?;
    let today = SystemClock.now().date();
    DayKeys::create(&path("centre.audit"), &path("auditor.key"), today).context("writing the audit keys")?;
    BackupKey::generate().write(&path("backup.key")).context("writing backup.key")?;
    let database = format!("sqlite://{}", path("centre.db").display());
    let sealer = crate::stores::sealer(&path("centre.keys"))?;
    crate::stores::open(&database, sealer, Arc::new(SystemClock), Strictness::Strict)?;
    println!("{}  配置 configuration", path("tongqu.toml").display());
    println!("{}  密钥,请另存一份 keys; keep a copy elsewhere", path("centre.keys").display());
    println!("{}  审计日密钥 the day's audit key", path("centre.audit").display());
    println!(
        "{}   审计员密钥,请交审计员保管并从本机删除 the auditor's; hand it over and delete it here",
        path("auditor.key").display()
    );
    println!(
        "{}  备份密钥,请另存一份,没有它无法恢复 opens backups; keep a copy elsewhere: nothing is restored without it",
        path("backup.key").display()
    );
    println!("{}    空库 empty database", path("centre.db").display());
    let config = path("tongqu.toml");
    if !path(POLICIES).is_dir() {
        println!(
            "请在 {0} 中把 policies 设为本市政策文件夹 set `policies` in {0} to your city's folder (editions/*.toml, \
             catalogue/*.csv)",
            config.display()
        );
    }
    println!("下一步 next: tongqu doctor --config {0}; tongqu centre --config {0}", config.display());
    Ok(ExitCode::SUCCESS)
}
