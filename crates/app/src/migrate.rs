//! Moves the books of a centre to another database: all rows with their ids, compared and checked before anybody may use
//! them there, and only then closed here.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use model::{Clock, SystemClock};
use store::{Leaving, NewBooks};

use crate::backups::print_tables;
use crate::stores::Place;
use crate::verify::{check, progress};

#[derive(Args)]
pub struct MigrateArguments {
    /// The books, such as `sqlite://centre.db`; no centre may run on them
    #[arg(long)]
    from: String,
    /// Where to, such as `postgres://tongqu@server/centre`; nothing may be there yet
    #[arg(long)]
    to: String,
    /// Folder of the city's policies; the sample city's where left out
    #[arg(long)]
    policies: Option<PathBuf>,
    /// The auditor's key file: checks the marks of all days, not of today alone
    #[arg(long)]
    auditor_key: Option<PathBuf>,
}

/// Moves the books; exits 1 where they are not sound, and then nothing has changed where they are.
pub fn migrate(arguments: &MigrateArguments) -> anyhow::Result<ExitCode> {
    let (from, to) = (Place::of(&arguments.from)?, Place::of(&arguments.to)?);
    let editions = crate::city::editions(arguments.policies.as_deref())?;
    let day_keys = crate::stores::day_keys(&arguments.from, arguments.auditor_key.as_deref())?;
    let mut leaving = from.leave().with_context(|| format!("leaving 迁出 {}", from.told()))?;
    let mut new = to.begin().with_context(|| format!("beginning to fill 开始迁入 {}", to.told()))?;
    carry(leaving.as_mut(), new.as_mut())?;
    if !check(new.reader()?.as_mut(), &editions, &day_keys)? {
        println!(
            "migrate: 未通过核对,没有迁移 not sound, nothing was moved: {0} 仍为原账本 is still the place",
            from.told()
        );
        return Ok(ExitCode::FAILURE);
    }
    // First closed here, then opened there: whatever happens between, no two centres keep the same books.
    leaving.left(&to.told(), SystemClock.now()).context("closing what was left 关闭原库")?;
    new.release(&from.told()).with_context(|| {
        format!("{} 已关闭,但新库未能启用,见 docs/operations/backup.md is closed already, and the new place is not open", from.told())
    })?;
    println!(
        "migrate: {} → {1};请把配置中的 database 改为新库 set `database` in the configuration to {1}",
        from.told(),
        to.told()
    );
    Ok(ExitCode::SUCCESS)
}

/// Carries all rows and compares what came with what went.
fn carry(leaving: &mut dyn Leaving, new: &mut dyn NewBooks) -> anyhow::Result<()> {
    let bar = progress("迁移 moving, rows");
    let carried = backup::carry(leaving.reader()?.as_mut(), new, &mut |rows| bar.set_position(rows))?;
    bar.set_message("比对 comparing, rows");
    backup::compare(new.reader()?.as_mut(), &carried, &mut |rows| bar.set_position(rows))?;
    bar.finish_and_clear();
    print_tables(&carried, "相同 equal");
    Ok(())
}
