//! The key of backups: its own, so that who keeps the copies cannot open the installation, nor the other way round.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use ring::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use ring::hmac;
use store::{hex, random_key, unhex};

/// Seals backups and signs their manifests. Kept in a file of its owner alone.
#[derive(Clone)]
pub struct BackupKey([u8; 32]);

const HEAD: &str = "tongqu backup key 1";

impl BackupKey {
    /// A new key.
    pub fn generate() -> Self {
        Self(random_key())
    }

    /// Reads a key file.
    pub fn read(path: &Path) -> std::io::Result<Self> {
        Self::from_text(&fs::read_to_string(path)?).ok_or_else(|| {
            let what = format!("{} 不是备份密钥文件 is not a backup key file", path.display());
            std::io::Error::new(std::io::ErrorKind::InvalidData, what)
        })
    }

    /// Writes a new key file, readable by its owner alone. An existing file is left as it is: an error.
    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(format!("{HEAD}\n{}\n", hex(&self.0)).as_bytes())?;
        file.sync_all()
    }

    fn from_text(text: &str) -> Option<Self> {
        let (head, key) = text.split_once('\n')?;
        if head == HEAD { unhex(key.trim_end()).map(Self) } else { None }
    }

    /// By which a key is told from another; it says nothing of the key itself.
    pub fn name(&self) -> String {
        let mut name = [0; 8];
        let extracted = self.extracted(b"");
        let key = extracted.expand(&[b"tongqu backup key name"], Bytes(name.len()));
        key.and_then(|key| key.fill(&mut name)).expect("eight bytes are had");
        hex(&name)
    }

    /// What the chunks of one backup are sealed with: another for each, so that a chunk's number is nonce enough.
    pub(crate) fn sealing(&self, id: &[u8; 32]) -> LessSafeKey {
        let extracted = self.extracted(id);
        let key = extracted.expand(&[b"tongqu backup chunks"], &AES_256_GCM).expect("a key's length is had");
        LessSafeKey::new(UnboundKey::from(key))
    }

    /// What manifests and records of drills are signed with.
    pub(crate) fn signing(&self) -> hmac::Key {
        let extracted = self.extracted(b"");
        let key = extracted.expand(&[b"tongqu backup manifest"], hmac::HMAC_SHA256);
        hmac::Key::from(key.expect("a key's length is had"))
    }

    fn extracted(&self, salt: &[u8]) -> Prk {
        Salt::new(HKDF_SHA256, salt).extract(&self.0)
    }
}

/// So many bytes of a key.
struct Bytes(usize);

impl KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_reads_back_is_for_its_owner_alone_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("backup.key");
        let key = BackupKey::generate();
        key.write(&file).unwrap();
        let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(&file).unwrap());
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(BackupKey::read(&file).unwrap().name(), key.name());
        assert_ne!(BackupKey::generate().name(), key.name());
        assert!(key.write(&file).is_err());
        fs::write(&file, "tongqu keys 1\n").unwrap();
        assert!(BackupKey::read(&file).err().unwrap().to_string().contains("不是备份密钥文件"));
    }
}
