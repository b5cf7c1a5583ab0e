//! `cargo xtask new`: writes the skeleton of a recipe. The texts stand in `xtask/skeletons`; a word between `@` signs
//! in them is filled in.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;

use crate::shell;

/// What can be begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Recipe {
    /// A kind of policy rule.
    Construct,
    /// A transaction of the national table.
    Transaction,
}

/// A skeleton: files with their texts, and what no skeleton can write.
struct Skeleton {
    files: &'static [(&'static str, &'static str)],
    by_hand: &'static [&'static str],
}

const CONSTRUCT: Skeleton = Skeleton {
    files: &[
        ("crates/policy/src/constructs/@name@.rs", include_str!("../skeletons/construct.rs.txt")),
        ("policies/demo-city/cases/good/@kebab@.toml", include_str!("../skeletons/good-case.toml")),
        ("policies/demo-city/cases/bad/@kebab@.toml", include_str!("../skeletons/bad-case.toml")),
    ],
    by_hand: &[
        "crates/policy/src/constructs/mod.rs: `pub(crate) mod @name@;` and `&@name@::CONSTRUCT` in the registry",
        "crates/policy/src/edition.rs: read it; crates/policy/src/settle.rs: apply it and tell its step",
        "policies/demo-city/editions: an edition that uses it",
    ],
};

const TRANSACTION: Skeleton = Skeleton {
    files: &[
        ("crates/wire/src/transactions/@name@.rs", include_str!("../skeletons/wire.rs.txt")),
        ("crates/centre/src/transactions/@name@.rs", include_str!("../skeletons/handler.rs.txt")),
    ],
    by_hand: &[
        "crates/wire/src/transactions/mod.rs: `mod @name@;` and `pub use @name@::@Name@;`",
        "crates/centre/src/transactions/mod.rs: `mod @name@;` and `\"@number@\" => @Name@ in @name@;` in the registry",
    ],
};

/// Writes the skeleton of a recipe under a name.
pub fn run(recipe: Recipe, name: &str) -> Result<()> {
    check_name(name)?;
    let skeleton = recipe.skeleton();
    let number = recipe.number(name)?;
    let fill = |text: &str| filled(text, name, &number);
    skeleton.files.iter().try_for_each(|(path, _)| check_place(&fill(path)))?;
    for (path, text) in skeleton.files {
        write(&fill(path), &fill(text))?;
    }
    skeleton.by_hand.iter().for_each(|step| println!("by hand  {}", fill(step)));
    Ok(())
}

impl Recipe {
    fn skeleton(self) -> &'static Skeleton {
        match self {
            Self::Construct => &CONSTRUCT,
            Self::Transaction => &TRANSACTION,
        }
    }

    /// The number a thing is known by, besides its name.
    fn number(self, name: &str) -> Result<String> {
        match self {
            Self::Construct => construct_number(Path::new("crates/policy/src/constructs")),
            Self::Transaction => transaction_number(Path::new("crates/wire/data/transactions.txt"), name),
        }
    }
}

/// The first number behind those in use.
fn construct_number(folder: &Path) -> Result<String> {
    let mut last = 0;
    for entry in fs::read_dir(folder)? {
        let text = fs::read_to_string(entry?.path())?;
        let number = |line: &str| line.trim().strip_prefix("id: ")?.strip_suffix(',')?.parse().ok();
        last = text.lines().filter_map(number).fold(last, u8::max);
    }
    Ok((last + 1).to_string())
}

/// The national number beside a name in the table of transactions.
fn transaction_number(table: &Path, name: &str) -> Result<String> {
    let text = fs::read_to_string(table)?;
    let number = |line: &str| {
        let mut words = line.strip_prefix("transaction ")?.split_whitespace();
        let number = words.next()?;
        (words.next()? == name).then(|| number.to_owned())
    };
    text.lines().find_map(number).with_context(|| {
        format!("{} has no transaction `{name}`: its fields come first, the code follows", table.display())
    })
}

fn check_name(name: &str) -> Result<()> {
    let fits =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
    ensure!(
        begins && name.split('_').all(fits),
        "`{name}` is no name: small letters and digits, joined by `_`"
    );
    Ok(())
}

/// A file is written where none is, and in a crate only where there is one: a folder without a manifest below
/// `crates/` would stop cargo for the whole workspace.
fn check_place(path: &str) -> Result<()> {
    ensure!(!Path::new(path).exists(), "{path} exists; nothing was written");
    if let Some((name, _)) = path.strip_prefix("crates/").and_then(|rest| rest.split_once('/')) {
        let manifest = format!("crates/{name}/Cargo.toml");
        ensure!(
            Path::new(&manifest).exists(),
            "{name} is no crate yet: begin with {manifest}; nothing was written"
        );
    }
    Ok(())
}

fn write(path: &str, text: &str) -> Result<()> {
    if let Some(folder) = Path::new(path).parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text).with_context(|| format!("cannot write {path}"))?;
    println!("written  {path}");
    if is_rust(path) {
        shell::run(Command::new("rustfmt").args(["--edition", "2024", path]))?;
    }
    Ok(())
}

fn is_rust(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "rs")
}

fn filled(text: &str, name: &str, number: &str) -> String {
    text.replace("@name@", name)
        .replace("@Name@", &camel(name))
        .replace("@kebab@", &name.replace('_', "-"))
        .replace("@words@", &name.replace('_', " "))
        .replace("@number@", number)
}

fn camel(name: &str) -> String {
    let capital = |part: &str| part[..1].to_uppercase() + &part[1..];
    name.split('_').map(capital).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_skeleton_is_filled_in_completely() {
        for recipe in Recipe::value_variants() {
            let Skeleton { files, by_hand } = recipe.skeleton();
            for text in files.iter().flat_map(|(path, text)| [path, text]).chain(*by_hand) {
                assert!(!filled(text, "settle_inpatient", "2304").contains('@'), "{recipe:?}: {text}");
            }
            let code = files.iter().filter(|(path, _)| is_rust(path));
            code.for_each(|(path, text)| assert!(text.starts_with("//!"), "{path} says what it is for"));
        }
    }

    #[test]
    fn every_skeleton_goes_where_its_like_already_stands() {
        for recipe in Recipe::value_variants() {
            for (path, _) in recipe.skeleton().files {
                let place = shell::root().join(path);
                let beside = fs::read_dir(place.parent().unwrap()).map(|entries| {
                    entries
                        .filter_map(|e| Some(e.ok()?.path()))
                        .filter(|p| p.extension() == place.extension())
                        .count()
                });
                assert!(beside.is_ok_and(|count| count > 1), "{path}: nothing there is read");
            }
        }
    }

    #[test]
    fn a_name_is_written_as_each_place_writes_it() {
        assert_eq!(
            filled("@name@ @Name@ @kebab@ @words@ @number@", "settle_inpatient", "2304"),
            "settle_inpatient SettleInpatient settle-inpatient settle inpatient 2304"
        );
        for (name, fits) in [
            ("ceiling", true),
            ("a1_b2", true),
            ("Ceiling", false),
            ("a__b", false),
            ("1a", false),
            ("", false),
        ] {
            assert_eq!(check_name(name).is_ok(), fits, "{name}");
        }
    }

    #[test]
    fn numbers_come_from_the_tables() {
        let root = shell::root();
        let table = root.join("crates/wire/data/transactions.txt");
        assert_eq!(transaction_number(&table, "void_outpatient").unwrap(), "2208");
        assert!(transaction_number(&table, "abolish_everything").is_err());
        let next: u8 = construct_number(&root.join("crates/policy/src/constructs")).unwrap().parse().unwrap();
        assert!(next > 10, "ten constructs have numbers already");
    }
}
