//! Benchmarks and the crash test. Not shipped.

mod crash;
mod hospital;
mod site;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Measures and breaks.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Kill a centre under load, again and again, and look at the books
    Crash(crash::CrashArguments),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().what {
        What::Crash(arguments) => crash::crash(&arguments),
    };
    result.unwrap_or_else(|error| {
        eprintln!("bench: {error:#}");
        ExitCode::from(2)
    })
}
