//! A stream in sealed chunks. Each is bound to its backup, to its place and to whether it is the last, so that one that
//! was altered, swapped, taken from another backup or cut off is noticed.

use std::io::{Error, ErrorKind, Read, Result, Write};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce};

use crate::key::BackupKey;

/// What a file begins with; the last byte is the version of its form.
const MAGIC: &[u8; 16] = b"TONGQU-BACKUP\0\0\x01";

/// Of a chunk before it is sealed.
const CHUNK: usize = 256 << 10;

/// The number of a backup.
pub(crate) type Id = [u8; 32];

/// Seals chunk by chunk.
struct Chunks {
    key: LessSafeKey,
    id: Id,
    number: u64,
}

impl Chunks {
    fn new(key: &BackupKey, id: Id) -> Self {
        Self { key: key.sealing(&id), id, number: 0 }
    }

    /// What binds the next chunk to its place. Its number is nonce enough: no two backups have one key.
    fn next(&mut self, last: bool) -> (Nonce, Aad<Vec<u8>>) {
        let mut nonce = [0; NONCE_LEN];
        nonce[NONCE_LEN - 8..].copy_from_slice(&self.number.to_be_bytes());
        let bound = [&self.id[..], &self.number.to_be_bytes(), &[u8::from(last)]].concat();
        self.number += 1;
        (Nonce::assume_unique_for_key(nonce), Aad::from(bound))
    }
}

/// Seals what is written to it.
pub(crate) struct SealedWriter<W> {
    out: W,
    chunks: Chunks,
    open: Vec<u8>,
}

impl<W: Write> SealedWriter<W> {
    pub(crate) fn new(mut out: W, key: &BackupKey, id: Id) -> Result<Self> {
        out.write_all(MAGIC)?;
        out.write_all(&id)?;
        Ok(Self { out, chunks: Chunks::new(key, id), open: Vec::with_capacity(CHUNK) })
    }

    fn seal(&mut self, last: bool) -> Result<()> {
        let (nonce, bound) = self.chunks.next(last);
        self.chunks
            .key
            .seal_in_place_append_tag(nonce, bound, &mut self.open)
            .map_err(|_| Error::other("a chunk of this length can be sealed"))?;
        let length = u32::try_from(self.open.len()).map_err(Error::other)?;
        self.out.write_all(&length.to_be_bytes())?;
        self.out.write_all(&[u8::from(last)])?;
        self.out.write_all(&self.open)?;
        self.open.clear();
        Ok(())
    }

    /// Seals what is left as the last chunk.
    pub(crate) fn finish(mut self) -> Result<W> {
        self.seal(true)?;
        Ok(self.out)
    }
}

impl<W: Write> Write for SealedWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        if self.open.len() == CHUNK {
            self.seal(false)?;
        }
        let taken = bytes.len().min(CHUNK - self.open.len());
        self.open.extend(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> Result<()> {
        // A chunk goes out when it is full, or last.
        self.out.flush()
    }
}

/// Opens what a [`SealedWriter`] wrote. What is not as it was written is [`ErrorKind::InvalidData`].
pub(crate) struct SealedReader<R> {
    from: R,
    chunks: Chunks,
    open: Vec<u8>,
    /// Of the open chunk, what has been read.
    at: usize,
    last: bool,
}

fn damaged(what: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::InvalidData, what.to_string())
}

impl<R: Read> SealedReader<R> {
    pub(crate) fn new(mut from: R, key: &BackupKey, id: Id) -> Result<Self> {
        let mut head = [0; MAGIC.len() + size_of::<Id>()];
        from.read_exact(&mut head).map_err(|e| cut_off(e, "its head"))?;
        if head[..MAGIC.len()] != MAGIC[..] {
            return Err(damaged("不是备份文件 it is no backup of this form"));
        }
        if head[MAGIC.len()..] != id[..] {
            return Err(damaged("属于另一个备份 it belongs to another backup"));
        }
        Ok(Self { from, chunks: Chunks::new(key, id), open: Vec::new(), at: 0, last: false })
    }

    fn chunk(&mut self) -> Result<()> {
        let number = self.chunks.number;
        let mut head = [0; 5];
        self.from.read_exact(&mut head).map_err(|e| cut_off(e, &format!("chunk {number}")))?;
        let [a, b, c, d, last] = head;
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        if length > CHUNK + AES_256_GCM.tag_len() || last > 1 {
            return Err(damaged(format!("第 {number} 块 chunk {number}")));
        }
        self.open.resize(length, 0);
        self.from.read_exact(&mut self.open).map_err(|e| cut_off(e, &format!("chunk {number}")))?;
        let (nonce, bound) = self.chunks.next(last == 1);
        let opened = self.chunks.key.open_in_place(nonce, bound, &mut self.open);
        let length = opened.map_err(|_| damaged(format!("第 {number} 块 chunk {number}")))?.len();
        self.open.truncate(length);
        (self.at, self.last) = (0, last == 1);
        Ok(())
    }

    /// Nothing stands behind the last chunk.
    pub(crate) fn finish(mut self) -> Result<()> {
        if !self.last || self.at < self.open.len() || self.from.read(&mut [0])? > 0 {
            return Err(damaged("结尾之后还有内容 there is more behind its end"));
        }
        Ok(())
    }
}

fn cut_off(error: Error, at: &str) -> Error {
    match error.kind() {
        ErrorKind::UnexpectedEof => damaged(format!("文件不完整 it is cut off at {at}")),
        _ => error,
    }
}

impl<R: Read> Read for SealedReader<R> {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize> {
        while self.at == self.open.len() && !self.last {
            self.chunk()?;
        }
        let taken = bytes.len().min(self.open.len() - self.at);
        bytes[..taken].copy_from_slice(&self.open[self.at..self.at + taken]);
        self.at += taken;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ID: Id = [7; 32];

    fn sealed(key: &BackupKey, id: Id, text: &[u8]) -> Vec<u8> {
        let mut writer = SealedWriter::new(Vec::new(), key, id).unwrap();
        writer.write_all(text).unwrap();
        writer.finish().unwrap()
    }

    fn opened(key: &BackupKey, bytes: &[u8]) -> Result<Vec<u8>> {
        let mut reader = SealedReader::new(bytes, key, ID)?;
        let mut text = Vec::new();
        reader.read_to_end(&mut text)?;
        reader.finish()?;
        Ok(text)
    }

    /// Three chunks, the last of them short.
    fn text() -> Vec<u8> {
        (0..2 * CHUNK + 1_000).map(|n| u8::try_from(n % 251).unwrap()).collect()
    }

    #[test]
    fn what_is_sealed_opens_with_its_key_whatever_its_length() {
        let key = BackupKey::generate();
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK] {
            let text = &text()[..length];
            assert!(opened(&key, &sealed(&key, ID, text)).unwrap() == text, "{length} bytes");
        }
        assert!(opened(&BackupKey::generate(), &sealed(&key, ID, b"text")).is_err());
    }

    #[test]
    fn chunks_that_are_swapped_left_out_doubled_or_of_another_backup_are_noticed() {
        let key = BackupKey::generate();
        let bytes = sealed(&key, ID, &text());
        let other = sealed(&key, [8; 32], &text());
        let head = MAGIC.len() + ID.len();
        let whole = 5 + CHUNK + AES_256_GCM.tag_len();
        let part = |of: &[u8], number: usize| {
            let from = head + number * whole;
            of[from..of.len().min(from + whole)].to_vec()
        };
        let of = |parts: &[Vec<u8>]| [bytes[..head].to_vec(), parts.concat()].concat();
        let [first, second, last] = [0, 1, 2].map(|number| part(&bytes, number));
        assert!(opened(&key, &of(&[first.clone(), second.clone(), last.clone()])).is_ok());
        for wrong in [
            vec![second.clone(), first.clone(), last.clone()],
            vec![first.clone(), last.clone()],
            vec![first.clone(), first.clone(), second.clone(), last.clone()],
            vec![first.clone(), part(&other, 1), last.clone()],
            vec![first.clone(), second.clone()],
            vec![first.clone(), second.clone(), last.clone(), last],
            vec![first, second],
            vec![],
        ] {
            assert_eq!(opened(&key, &of(&wrong)).unwrap_err().kind(), ErrorKind::InvalidData);
        }
        let told = opened(&key, &other).unwrap_err().to_string();
        assert!(told.contains("belongs to another backup"), "{told}");
    }

    proptest! {
        #[test]
        fn a_flipped_bit_or_an_early_end_anywhere_is_noticed(at in 0.0_f64..1.0, bit in 0_u32..8) {
            let key = BackupKey::generate();
            let bytes = sealed(&key, ID, &text());
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place")]
            let at = (bytes.len() as f64 * at) as usize;
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            for wrong in [&flipped[..], &bytes[..at]] {
                prop_assert_eq!(opened(&key, wrong).unwrap_err().kind(), ErrorKind::InvalidData);
            }
        }
    }
}
