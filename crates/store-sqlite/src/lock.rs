//! One process writes a file: a lock beside it says which.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::path::Path;

use store::StoreError;

use crate::refuse;

/// Held as long as it lives; the system lets go of it when the process dies, however it dies.
pub(crate) struct LockFile {
    _file: File,
}

impl LockFile {
    pub(crate) fn take(database: &Path) -> Result<Self, StoreError> {
        let mut path = database.as_os_str().to_owned();
        path.push(".lock");
        let subject = Path::new(&path).display().to_string();
        let io = |source: std::io::Error| StoreError {
            operation: "locking",
            subject: subject.clone(),
            source: source.into(),
        };
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(io)?;
        if file.try_lock().is_err() {
            let mut holder = String::new();
            let _ = file.read_to_string(&mut holder);
            return Err(refuse(
                "locking",
                &subject,
                &format!("process {} holds this database", holder.trim()),
            ));
        }
        file.set_len(0).and_then(|()| file.rewind()).map_err(io)?;
        writeln!(file, "{}", std::process::id()).map_err(io)?;
        Ok(Self { _file: file })
    }
}
