//! A Python of our own below `target/peers`, with the pinned packages the peers need.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What stands in `target/peers`.
pub struct Installed {
    pub python: PathBuf,
    /// The packages that could be installed.
    pub packages: BTreeSet<String>,
}

const REQUIREMENTS: &str = include_str!("../../../peers/requirements.txt");

/// Installs what is missing, package by package: a peer without its package is left out, and the others run.
pub fn install(folder: &Path) -> Option<Installed> {
    let python = folder.join("bin/python");
    if !python.exists() {
        println!("making a Python environment in {}", folder.display());
        let made = Command::new("python3").args(["-m", "venv"]).arg(folder).status();
        if !made.is_ok_and(|status| status.success()) {
            println!("no peers: `python3 -m venv` failed; install python3 and python3-venv");
            return None;
        }
    }
    let mut packages = BTreeSet::new();
    for requirement in requirements(REQUIREMENTS) {
        println!("installing {requirement}");
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", requirement];
        if Command::new(&python).args(pip).status().is_ok_and(|status| status.success()) {
            packages.extend(requirement.split("==").next().map(str::to_owned));
        } else {
            println!("{requirement} cannot be installed: peers that need it are left out");
        }
    }
    Some(Installed { python, packages })
}

fn requirements(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_requirement_is_pinned() {
        assert!(requirements(REQUIREMENTS).count() > 0);
        assert!(requirements(REQUIREMENTS).all(|line| line.split("==").count() == 2));
        assert_eq!(requirements("# why\n\n a==1 \n").collect::<Vec<_>>(), ["a==1"]);
    }
}
