//! Text in UTF-16 or UTF-32, as PowerShell's `>`, Notepad and SQL Server write it.

use zeroize::Zeroizing;

/// The length of a unit in bytes, and whether its lowest byte comes first.
struct Encoding {
    unit: usize,
    is_little: bool,
}

impl Encoding {
    /// Tells it by the byte order mark, or by two characters of ASCII; returns it with what follows the mark. No DER, and
    /// no UTF-8 without NUL, begins so.
    fn of(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let encoding = |unit, is_little, rest| Some((Self { unit, is_little }, rest));
        match bytes {
            [0xff, 0xfe, 0, 0, rest @ ..] => encoding(4, true, rest),
            [0, 0, 0xfe, 0xff, rest @ ..] => encoding(4, false, rest),
            [0xff, 0xfe, rest @ ..] => encoding(2, true, rest),
            [0xfe, 0xff, rest @ ..] => encoding(2, false, rest),
            [9..=0x7e, 0, 0, 0, 9..=0x7e, 0, 0, 0, ..] => encoding(4, true, bytes),
            [0, 0, 0, 9..=0x7e, 0, 0, 0, 9..=0x7e, ..] => encoding(4, false, bytes),
            [9..=0x7e, 0, 9..=0x7e, 0, ..] => encoding(2, true, bytes),
            [0, 9..=0x7e, 0, 9..=0x7e, ..] => encoding(2, false, bytes),
            _ => None,
        }
    }

    fn units<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = u32> + 'a {
        let number = |all: u32, byte: &u8| all << 8 | u32::from(*byte);
        bytes.chunks_exact(self.unit).map(move |unit| match self.is_little {
            true => unit.iter().rev().fold(0, number),
            false => unit.iter().fold(0, number),
        })
    }

    /// Returns the characters; `None` for one that is damaged.
    fn characters<'a>(&'a self, bytes: &'a [u8]) -> Box<dyn Iterator<Item = Option<char>> + 'a> {
        let units = self.units(bytes);
        match self.unit {
            4 => Box::new(units.map(char::from_u32)),
            _ => {
                let units = units.map(|unit| u16::try_from(unit).unwrap_or_default());
                Box::new(char::decode_utf16(units).map(Result::ok))
            }
        }
    }
}

/// Returns the text in UTF-8; `None` for bytes in another encoding. The error continues a sentence.
pub(super) fn decoded(bytes: &[u8]) -> Option<Result<Zeroizing<Vec<u8>>, &'static str>> {
    let (encoding, bytes) = Encoding::of(bytes)?;
    let len = encoding.characters(bytes).flatten().map(char::len_utf8).sum();
    // Long enough, so that it does not grow and leaves no copy behind.
    let mut text = Zeroizing::new(Vec::with_capacity(len));
    let mut utf8 = Zeroizing::new([0; 4]);
    for character in encoding.characters(bytes) {
        let Some(character) = character.filter(|_| bytes.len().is_multiple_of(encoding.unit))
        else {
            return Some(Err(match encoding.unit {
                4 => "is UTF-32 text with a damaged character",
                _ => "is UTF-16 text with a damaged character",
            }));
        };
        text.extend_from_slice(character.encode_utf8(&mut *utf8).as_bytes());
    }
    Some(Ok(text))
}
