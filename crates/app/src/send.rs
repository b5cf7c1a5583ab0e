//! Sends one message from a file over the centre's database, and prints what is answered.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use road::{NoReply, Reply};

#[derive(clap::Args)]
pub struct SendArguments {
    /// The centre's database, with the login of a hospital, such as `postgres://h_1@SERVER/NAME`
    #[arg(long)]
    database: String,
    /// Seconds to wait for the answer
    #[arg(long, default_value_t = 30)]
    timeout: u64,
    /// The message: a whole envelope, as for POST /api
    file: PathBuf,
}

/// Sends it. Exits 0 where it was done, 1 where it was refused, 3 where it certainly had no effect, 4 where nothing is
/// known: then the same file is sent again.
pub fn send(arguments: &SendArguments) -> anyhow::Result<ExitCode> {
    let body = std::fs::read(&arguments.file)
        .with_context(|| format!("reading the message 读取报文 {}", arguments.file.display()))?;
    if !arguments.database.starts_with("postgres") {
        bail!("name the database as postgres://ROLE@SERVER/NAME 请用 postgres://角色@服务器/库名");
    }
    let road = crate::stores::counter_road(&arguments.database, Duration::from_secs(arguments.timeout));
    let (answer, code) = match road.send_body(&body) {
        Ok(Reply::Done(given)) => (given.answer.text, 0),
        Ok(Reply::Refused(given)) => (given.answer.text, 1),
        Ok(Reply::Held(_)) => bail!("a counter holds nothing"),
        Err(NoReply::NotProcessed(problem)) => {
            eprintln!("未处理 not processed: {problem}");
            return Ok(ExitCode::from(3));
        }
        Err(NoReply::Unknown(doubt)) => {
            eprintln!("结果未知,请原样再发一次 unknown, send the same file again: {doubt}");
            return Ok(ExitCode::from(4));
        }
    };
    std::io::stdout().write_all(&answer)?;
    println!();
    Ok(ExitCode::from(code))
}
