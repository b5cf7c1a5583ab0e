//! Where a database lies: on a disk of this machine, because locks and syncs of network file systems cannot be
//! trusted, and with room to grow.

use std::path::Path;

use store::StoreError;

use crate::refuse;

const NETWORK: [&str; 9] = ["nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "ceph", "glusterfs"];

/// Refuses a place on a network file system.
pub(crate) fn check_local(path: &Path) -> Result<(), StoreError> {
    let Ok(mounts) = std::fs::read_to_string("/proc/self/mounts") else { return Ok(()) };
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(folder) = folder.canonicalize() else {
        return Err(refuse("opening", path.display(), "its folder does not exist"));
    };
    match kind_of(&folder, &mounts) {
        Some(kind) if NETWORK.contains(&kind) => {
            Err(refuse("opening", path.display(), &format!("it lies on a network file system ({kind})")))
        }
        _ => Ok(()),
    }
}

/// Refuses a place without a file, and says so where one is being made there.
pub(crate) fn check_there(path: &Path) -> Result<(), StoreError> {
    check_finished(path)?;
    if path.exists() {
        Ok(())
    } else {
        Err(refuse("opening", path.display(), "没有这个文件 there is no such file"))
    }
}

/// Refuses a place that is being filled, or was and is not whole: a centre would begin with empty books there.
pub(crate) fn check_finished(path: &Path) -> Result<(), StoreError> {
    let unfinished = crate::copy::unfinished(path);
    if !unfinished.exists() {
        return Ok(());
    }
    let why = format!(
        "{};请重新运行该命令,或删除 run the command again, or delete {}",
        store::UNFINISHED,
        unfinished.display()
    );
    Err(refuse("opening", path.display(), &why))
}

/// The kind of the file system a folder lies on: the longest mount point above it.
fn kind_of<'m>(folder: &Path, mounts: &'m str) -> Option<&'m str> {
    let rows = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ');
        let (_, point, kind) = (words.next()?, words.next()?, words.next()?);
        folder.starts_with(point).then_some((point.len(), kind))
    });
    rows.max_by_key(|(length, _)| *length).map(|(_, kind)| kind)
}

/// Room on the disk a file lies on, in bytes: free, and the least that must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// What is free.
    pub free: u64,
    /// A twentieth of the disk, from 1 GiB to 4 GiB.
    pub least: u64,
}

impl Room {
    /// Of the folder a file is in.
    pub fn beside(file: &Path) -> std::io::Result<Self> {
        let folder = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let disk = rustix::fs::statvfs(folder)?;
        let (free, all) = (disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize);
        Ok(Self { free, least: least(all) })
    }

    /// Less than there must be.
    pub fn is_low(&self) -> bool {
        self.free < self.least
    }
}

/// The least that must be free of a disk of this size. What is free of a large one is not less for its size.
fn least(all: u64) -> u64 {
    (all / 20).clamp(1 << 30, 4 << 30)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_twentieth_of_the_disk_stays_free_from_one_to_four_gibibytes() {
        let check = |disk_gib: u64, expected_mib: u64| assert_eq!(least(disk_gib << 30) >> 20, expected_mib);
        check(8, 1024);
        check(40, 2048);
        check(80, 4096);
        check(4_000, 4096);
    }

    #[test]
    fn the_longest_mount_point_decides() {
        let mounts = "/dev/sda / ext4 rw 0 0\nserver:/x /data nfs4 rw 0 0\ntmpfs /data/local tmpfs rw 0 0\n";
        assert_eq!(kind_of(Path::new("/home/a"), mounts), Some("ext4"));
        assert_eq!(kind_of(Path::new("/data/b"), mounts), Some("nfs4"));
        assert_eq!(kind_of(Path::new("/data/local/c"), mounts), Some("tmpfs"));
    }
}
