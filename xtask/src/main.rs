//! Chores of the workspace: `cargo xtask <chore>`. The build server runs `cargo xtask ci` and nothing else.
//!
//! A chore says what it runs before it runs it, so that each step can be repeated by hand.

mod bench;
mod bills;
mod ci;
mod crash;
mod fuzz;
mod generated;
mod new;
mod pages;
mod setup;
mod shell;
mod test;

use std::ffi::OsString;

use anyhow::{Context, Result};
use clap::Parser;

/// Chores of the workspace.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
enum Chore {
    /// Everything the build server asks for, up to the first failure.
    Ci,
    /// Set-up, all tests, all documentation examples; with further words the test runner alone, given those words.
    Test {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Writes the skeleton of a recipe and says what remains to be written by hand.
    New {
        #[arg(value_enum)]
        recipe: new::Recipe,
        /// What everything is named after: `verb_noun` for a transaction, a noun for a construct.
        name: String,
    },
    /// Measures, in release mode; what is measured and its options go to the `bench` crate.
    Bench {
        name: OsString,
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Every way hospital programs write what moves money, said to a running centre; prints how many are understood.
    ConformanceSamples,
    /// Random messages of forty hospitals, then the books verified.
    Life {
        /// How many
        #[arg(long, default_value_t = 200_000)]
        messages: usize,
        /// Seed of everything that is drawn
        #[arg(long, default_value_t = 1)]
        seed: usize,
    },
    /// Random bills at a window, each sum exact and each void without a trace; then receipts of two windows on one segment.
    Bills {
        /// How many bills
        #[arg(long, default_value_t = 10_000)]
        count: usize,
        /// How many receipts
        #[arg(long, default_value_t = 1_000)]
        receipts: usize,
        /// Seed of the first run; each further run has the next
        #[arg(long, default_value_t = 1)]
        seed: usize,
    },
    /// What people do at the pages, in a real browser; `--shots FOLDER` keeps a picture of each in both languages.
    Pages {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Stops a centre at every moment and compares its books; options go to the `bench` crate.
    Crash {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
}

fn main() -> Result<()> {
    let root = shell::root();
    std::env::set_current_dir(&root).with_context(|| format!("cannot enter {}", root.display()))?;
    match Chore::parse() {
        Chore::Ci => ci::run(),
        Chore::Test { args } => test::run(&args),
        Chore::New { recipe, name } => new::run(recipe, &name),
        Chore::Bench { name, args } => bench::run(&name, &args),
        Chore::ConformanceSamples => test::samples(),
        Chore::Life { messages, seed } => test::life(messages, seed),
        Chore::Bills { count, receipts, seed } => bills::run(count, receipts, seed),
        Chore::Pages { args } => pages::run(&args),
        Chore::Crash { args } => crash::run(&args),
    }
}
