//! Just enough of HTTP/1.1 to see one request or one response at a time: a head, and a body of the length it announces.

use std::io::ErrorKind::{InvalidData, UnexpectedEof};
use std::io::{BufRead, Read, Result};

/// One request or response, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// First line and headers, with the empty line behind them.
    pub head: Vec<u8>,
    /// The body.
    pub body: Vec<u8>,
}

/// Largest head and largest body read.
const HEAD_MAX: u64 = 64 << 10;
const BODY_MAX: usize = 64 << 20;

impl Packet {
    /// Reads one; none where the other side closed between two.
    pub fn read(from: &mut impl BufRead) -> Result<Option<Self>> {
        let Some(head) = read_head(from)? else { return Ok(None) };
        let packet = Self { head, body: Vec::new() };
        let chunked = packet.header("transfer-encoding").is_some();
        let length = packet.header("content-length").map_or(Some(0), |text| text.parse().ok());
        let length = length.filter(|length| *length <= BODY_MAX && !chunked).ok_or(InvalidData)?;
        let mut body = vec![0; length];
        from.read_exact(&mut body)?;
        Ok(Some(Self { body, ..packet }))
    }

    /// A header's value; names in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let head = std::str::from_utf8(&self.head).ok()?;
        let mut pairs = head.lines().skip(1).filter_map(|line| line.split_once(':'));
        pairs.find(|(key, _)| key.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// The connection ends behind it.
    pub fn closes(&self) -> bool {
        self.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }

    /// All of it, as it came.
    pub fn bytes(&self) -> Vec<u8> {
        [self.head.as_slice(), self.body.as_slice()].concat()
    }
}

/// Reads up to the empty line; none where there is nothing at all.
fn read_head(from: &mut impl BufRead) -> Result<Option<Vec<u8>>> {
    let mut head = Vec::with_capacity(512);
    let mut from = from.take(HEAD_MAX);
    while !head.ends_with(b"\r\n\r\n") {
        if from.read_until(b'\n', &mut head)? == 0 {
            return if head.is_empty() { Ok(None) } else { Err(UnexpectedEof.into()) };
        }
    }
    Ok(Some(head))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &[u8] =
        b"POST /api/2207 HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}GET / HTTP/1.1\r\nconnection: close\r\n\r\n";

    #[test]
    fn packets_are_read_one_at_a_time_and_kept_as_they_came() {
        let mut stream = TWO;
        let first = Packet::read(&mut stream).unwrap().unwrap();
        assert_eq!((first.body.as_slice(), first.closes()), (b"{}".as_slice(), false));
        let second = Packet::read(&mut stream).unwrap().unwrap();
        assert!(second.closes() && second.body.is_empty());
        assert_eq!(Packet::read(&mut stream).unwrap(), None);
        assert_eq!([first.bytes(), second.bytes()].concat(), TWO);
    }

    #[test]
    fn what_ends_in_the_middle_is_an_error() {
        for cut in [3, TWO.len() - 50, 47] {
            assert!(Packet::read(&mut &TWO[..cut]).is_err(), "cut at {cut}");
        }
        assert!(Packet::read(&mut b"POST / HTTP/1.1\r\ncontent-length: x\r\n\r\n".as_slice()).is_err());
    }
}
