//! Numbers in few bytes: what explanations and the inputs of settlements are kept in.

/// Writes a number: zigzag, seven bits a byte, the low ones first.
pub fn write_number(bytes: &mut Vec<u8>, value: i128) {
    let mut rest = ((value << 1) ^ (value >> 127)).cast_unsigned();
    loop {
        let low = u8::try_from(rest & 0x7f).expect("seven bits");
        rest >>= 7;
        if rest == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

/// Reads a number and goes behind it; none where the bytes end or go on for ever.
#[inline]
pub fn read_number(bytes: &mut &[u8]) -> Option<i128> {
    // Most numbers are one byte or fit a machine word.
    let mut value: u64 = 0;
    for (at, byte) in bytes.iter().take(9).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            *bytes = &bytes[at + 1..];
            return Some(i128::from((value >> 1).cast_signed() ^ -((value & 1).cast_signed())));
        }
    }
    read_long(bytes)
}

fn read_long(bytes: &mut &[u8]) -> Option<i128> {
    let mut value: u128 = 0;
    for shift in (0..127).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u128::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some((value >> 1).cast_signed() ^ -((value & 1).cast_signed()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_either_sign_read_back_and_an_endless_one_does_not() {
        for value in [0, 1, -1, 63, 64, -65, 1 << 40, -(1 << 90), i128::from(i64::MAX), i128::from(i64::MIN)]
        {
            let mut bytes = Vec::new();
            write_number(&mut bytes, value);
            let mut rest = bytes.as_slice();
            assert_eq!((read_number(&mut rest), rest.len()), (Some(value), 0));
            assert_eq!(read_number(&mut &bytes[..bytes.len() - 1]), None);
        }
        assert_eq!(read_number(&mut &[0xff; 40][..]), None);
    }
}
