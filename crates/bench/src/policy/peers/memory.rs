//! Peak memory of a stretch of work, as Linux tells it.

use std::fs;

/// A process whose peak is watched.
pub struct Watched {
    process: u32,
    before: u64,
}

impl Watched {
    /// Sets the peak back to what the process holds now; none where the system does not offer it.
    pub fn begin(process: u32) -> Option<Self> {
        fs::write(format!("/proc/{process}/clear_refs"), "5").ok()?;
        Some(Self { process, before: kib(&status(process)?, "VmRSS:")? })
    }

    /// What it held at most since then, beyond what it held before, in MiB.
    pub fn peak(&self) -> Option<f64> {
        let most = kib(&status(self.process)?, "VmHWM:")?;
        Some(most.saturating_sub(self.before) as f64 / 1024.0)
    }
}

fn status(process: u32) -> Option<String> {
    fs::read_to_string(format!("/proc/{process}/status")).ok()
}

fn kib(status: &str, name: &str) -> Option<u64> {
    let rest = status.lines().find_map(|line| line.strip_prefix(name))?;
    rest.trim().strip_suffix(" kB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_status_is_read() {
        let status = "Name:\tbench\nVmHWM:\t   81920 kB\nVmRSS:\t   40960 kB\n";
        assert_eq!(kib(status, "VmHWM:"), Some(81_920));
        assert_eq!(kib(status, "VmPeak:"), None);
    }
}
