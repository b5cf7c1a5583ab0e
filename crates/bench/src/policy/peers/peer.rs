//! A peer: a program that settles the written visits, a round whenever it is asked to.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail};

/// How a peer is started.
pub struct Kind {
    pub name: &'static str,
    pub script: &'static str,
    /// What its script is told besides the folder and the visits.
    pub word: Option<&'static str>,
    /// The packages it needs.
    pub needs: &'static [&'static str],
    /// How many of the visits a round has: slow peers do the first ones.
    pub visits: usize,
}

/// A peer that has compared its amounts and waits.
pub struct Peer {
    child: Child,
    ask: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    pub version: String,
    pub differing: usize,
    pub visits: usize,
}

impl Peer {
    /// Starts one and waits until it has compared all its visits.
    pub fn start(kind: &Kind, python: &Path, data: &Path, visits: usize) -> Result<Self> {
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers");
        let visits = visits.min(kind.visits);
        let mut child = Command::new(python)
            .arg("-B")
            .arg(scripts.join(kind.script))
            .arg(data)
            .arg(visits.to_string())
            .args(kind.word)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot be started")?;
        let ask = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().context("no answers")?);
        let mut peer = Self { child, ask, answers, version: String::new(), differing: 0, visits };
        peer.version = peer.answer("version")?;
        let differ = peer.answer("differ")?;
        (peer.differing, peer.visits) = compared(&differ).with_context(|| format!("`{differ}`"))?;
        Ok(peer)
    }

    /// Nanoseconds of CPU a visit of one round.
    pub fn round(&mut self) -> Result<f64> {
        self.ask.as_mut().context("it was stopped")?.write_all(b"\n").context("it has ended")?;
        let took: u64 = self.answer("took")?.parse().context("a number of nanoseconds")?;
        Ok(took as f64 / self.visits.max(1) as f64)
    }

    /// The process it runs in.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    fn answer(&mut self, word: &str) -> Result<String> {
        let mut line = String::new();
        self.answers.read_line(&mut line).context("cannot be heard")?;
        match line.trim_end().split_once(' ') {
            Some((first, rest)) if first == word => Ok(rest.to_owned()),
            _ if line.is_empty() => bail!("it has ended without `{word}`"),
            _ => bail!("`{word}` expected, not `{}`", line.trim_end()),
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It ends when nothing more can be asked.
        drop(self.ask.take());
        let _ = self.child.wait();
    }
}

/// Reads `3 of 2000`.
fn compared(text: &str) -> Option<(usize, usize)> {
    let (differing, of) = text.split_once(" of ")?;
    Some((differing.parse().ok()?, of.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_peer_says_of_its_comparison_is_read() {
        assert_eq!(compared("3 of 2000"), Some((3, 2_000)));
        assert_eq!(compared("all equal"), None);
    }
}
