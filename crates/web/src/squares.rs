//! A text as a picture that a telephone reads.

use qrcode::{Color, QrCode};

/// Empty squares around it, without which nothing reads it.
const MARGIN: usize = 4;

/// A picture of squares: how many there are in a row, and the dark ones as a path, each of the size of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Squares {
    /// In a row, with the margin.
    pub size: usize,
    /// The path.
    pub path: String,
}

impl Squares {
    /// Of a text; none where it is too long.
    pub fn of(text: &str) -> Option<Self> {
        let code = QrCode::new(text).ok()?;
        let width = code.width();
        let dark = code.to_colors().into_iter().enumerate().filter(|(_, color)| *color == Color::Dark);
        let square =
            |(n, _): (usize, Color)| format!("M{} {}h1v1h-1z", n % width + MARGIN, n / width + MARGIN);
        Some(Self { size: width + 2 * MARGIN, path: dark.map(square).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_three_eyes_within_its_margin() {
        let squares = Squares::of("otpauth://totp/Tongqu:0001?secret=A").unwrap();
        let last = squares.size - MARGIN - 1;
        for (x, y) in [(MARGIN, MARGIN), (last, MARGIN), (MARGIN, last)] {
            assert!(squares.path.contains(&format!("M{x} {y}h1v1h-1z")), "{x} {y}");
        }
        assert!(!squares.path.contains("M0 ") && !squares.path.contains(&format!("M{} ", squares.size - 1)));
        assert_eq!(Squares::of(&"x".repeat(4_000)), None);
    }
}
