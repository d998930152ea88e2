//! Ways to read the same bytes: with escapes resolved, or without white space. Each byte of a view knows which bytes it was
//! read from.

use zeroize::Zeroizing;

/// Decoded bytes; its memory is cleared when it is dropped.
pub(super) struct View {
    pub(super) bytes: Zeroizing<Vec<u8>>,
    /// For each byte, the first byte and the one after the last byte of its origin.
    origin: Vec<(u32, u32)>,
}

/// One step of a decoding.
#[derive(Clone, Copy)]
struct Step {
    bytes: [u8; 4],
    /// So many of them are decoded.
    count: usize,
    /// From so many bytes.
    read: usize,
}

impl Step {
    fn byte(byte: u8, read: usize) -> Self {
        Self { bytes: [byte, 0, 0, 0], count: 1, read }
    }

    fn char(c: char, read: usize) -> Self {
        let mut bytes = [0; 4];
        let count = c.encode_utf8(&mut bytes).len();
        Self { bytes, count, read }
    }

    /// A byte that is left out.
    fn skip() -> Self {
        Self { bytes: [0; 4], count: 0, read: 1 }
    }
}

impl View {
    pub(super) fn new(bytes: &[u8]) -> Self {
        let index = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let origin = (0..bytes.len()).map(|at| (index(at), index(at + 1))).collect();
        Self { bytes: Zeroizing::new(bytes.to_vec()), origin }
    }

    /// With room for so many bytes.
    pub(super) fn empty(capacity: usize) -> Self {
        Self { bytes: Zeroizing::new(Vec::with_capacity(capacity)), origin: Vec::new() }
    }

    /// A byte that was read from these.
    pub(super) fn push(&mut self, byte: u8, from: usize, to: usize) {
        let index = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.bytes.push(byte);
        self.origin.push((index(from), index(to)));
    }

    /// The origin of these bytes, which are not empty.
    pub(super) fn origin(&self, from: usize, to: usize) -> (usize, usize) {
        let (first, last) = (self.origin[from], self.origin[to - 1]);
        (first.0.min(last.0) as usize, last.1.max(first.1) as usize)
    }

    fn decoded(&self, step: impl Fn(&[u8]) -> Step) -> Self {
        let capacity = self.bytes.len();
        let mut bytes = Zeroizing::new(Vec::with_capacity(capacity));
        let mut origin = Vec::with_capacity(capacity);
        let mut at = 0;
        while at < self.bytes.len() {
            let step = step(&self.bytes[at..]);
            let from = (self.origin[at].0, self.origin[at + step.read - 1].1);
            origin.extend(std::iter::repeat_n(from, step.count));
            bytes.extend_from_slice(&step.bytes[..step.count]);
            at += step.read;
        }
        Self { bytes, origin }
    }

    /// Without percent-encoding; in forms a plus sign is a space.
    pub(super) fn percent_decoded(&self, is_form: bool) -> Self {
        self.decoded(|rest| match rest {
            [b'%', high, low, ..] => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => Step::byte(high * 16 + low, 3),
                _ => Step::byte(b'%', 1),
            },
            [b'+', ..] if is_form => Step::byte(b' ', 1),
            _ => Step::byte(rest[0], 1),
        })
    }

    /// Without the escapes of JSON, and those that shells and programs print in addition: `\'`, `\xHH`.
    pub(super) fn unescaped(&self) -> Self {
        self.decoded(|rest| {
            let [b'\\', kind, ..] = rest else { return Step::byte(rest[0], 1) };
            match kind {
                b'n' => Step::byte(b'\n', 2),
                b't' => Step::byte(b'\t', 2),
                b'r' => Step::byte(b'\r', 2),
                b'b' => Step::byte(8, 2),
                b'f' => Step::byte(12, 2),
                b'"' | b'\\' | b'/' | b'\'' => Step::byte(*kind, 2),
                b'x' => match number(rest, 2, 2).map(u8::try_from) {
                    Some(Ok(byte)) => Step::byte(byte, 4),
                    _ => Step::byte(b'\\', 1),
                },
                b'u' => code_point(rest),
                _ => Step::byte(b'\\', 1),
            }
        })
    }

    /// Without the references of HTML and XML: `&amp;`, `&#39;`, `&#x27;`.
    pub(super) fn without_references(&self) -> Self {
        self.decoded(|rest| {
            let as_written = Step::byte(rest[0], 1);
            if rest[0] != b'&' {
                return as_written;
            }
            let Some(end) = rest.iter().take(MAX_REFERENCE).position(|byte| *byte == b';') else {
                return as_written;
            };
            let Some(name) = rest[..end].strip_prefix(b"&") else { return as_written };
            let point = match name {
                b"amp" => Some('&'),
                b"lt" => Some('<'),
                b"gt" => Some('>'),
                b"quot" => Some('"'),
                b"apos" => Some('\''),
                [b'#', b'x' | b'X', digits @ ..] => digits_of(digits, 16),
                [b'#', digits @ ..] => digits_of(digits, 10),
                _ => None,
            };
            match point {
                Some(c) => Step::char(c, end + 1),
                None => as_written,
            }
        })
    }

    /// What the base64 in it says, also in its alphabet for URLs, if each run of its characters begins so many characters
    /// later: one of four gives the bytes of a text that begins anywhere in a run.
    pub(super) fn base64_decoded(&self, phase: usize) -> Self {
        let mut decoded = Self::empty(self.bytes.len());
        let (mut held, mut bits, mut skipped) = (0_u32, 0, 0);
        for (at, byte) in self.bytes.iter().enumerate() {
            let Some(value) = sextet(*byte) else {
                (held, bits, skipped) = (0, 0, 0);
                continue;
            };
            if skipped < phase {
                skipped += 1;
                continue;
            }
            held = ((held << 6) | value) & 0xfff;
            bits += 6;
            if bits >= 8 {
                bits -= 8;
                let byte = u8::try_from((held >> bits) & 0xff).unwrap_or_default();
                // Of the character before, too.
                let (from, to) = self.origin(at - 1, at + 1);
                decoded.push(byte, from, to);
            }
        }
        decoded
    }

    /// In lower case and without these bytes.
    pub(super) fn without(&self, left_out: &[u8], in_lower_case: bool) -> Self {
        self.decoded(|rest| match rest[0] {
            byte if left_out.contains(&byte) => Step::skip(),
            byte if in_lower_case => Step::byte(byte.to_ascii_lowercase(), 1),
            byte => Step::byte(byte, 1),
        })
    }
}

/// The longest reference that is read, such as `&#x1F600;`.
const MAX_REFERENCE: usize = 12;

fn digits_of(digits: &[u8], radix: u32) -> Option<char> {
    let digits = std::str::from_utf8(digits).ok()?;
    u32::from_str_radix(digits, radix).ok().and_then(char::from_u32)
}

/// What a character of base64 stands for.
fn sextet(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// So many hexadecimal digits.
fn number(bytes: &[u8], from: usize, digits: usize) -> Option<u32> {
    let digits = bytes.get(from..from + digits)?;
    digits.iter().try_fold(0, |sum, byte| Some(sum * 16 + u32::from(digit(*byte)?)))
}

/// `\uXXXX`, also as a surrogate pair.
fn code_point(rest: &[u8]) -> Step {
    let as_written = Step::byte(b'\\', 1);
    let Some(first) = number(rest, 2, 4) else { return as_written };
    let (point, read) = match (first, rest.get(6..8), number(rest, 8, 4)) {
        (0xd800..=0xdbff, Some(b"\\u"), Some(low @ 0xdc00..=0xdfff)) => {
            (0x1_0000 + ((first - 0xd800) << 10) + (low - 0xdc00), 12)
        }
        _ => (first, 6),
    };
    match char::from_u32(point) {
        Some(c) => Step::char(c, read),
        None => as_written,
    }
}

#[cfg(test)]
mod tests {
    use super::View;

    #[test]
    fn each_byte_knows_its_origin() {
        let view = View::new(br"a%41\u00e9%zz").percent_decoded(false).unescaped();
        assert_eq!(&**view.bytes, "aAé%zz".as_bytes());
        assert_eq!(view.origin(0, 1), (0, 1));
        assert_eq!(view.origin(1, 2), (1, 4));
        assert_eq!(view.origin(2, 4), (4, 10));
        assert_eq!(view.origin(0, 5), (0, 11));
        let pair = View::new(br"\ud83d\ude00\ud83d\x41\q\").unescaped();
        assert_eq!(&**pair.bytes, "\u{1f600}\\ud83dA\\q\\".as_bytes());
        let html = View::new(b"&lt;a&amp;&#39;&#x27;&nope;&").without_references();
        assert_eq!(&**html.bytes, b"<a&''&nope;&");
        assert_eq!(html.origin(0, 2), (0, 5));
        let encoded = View::new(b"!UExBSU4=").base64_decoded(0);
        assert_eq!((&**encoded.bytes, encoded.origin(0, 5)), (&b"PLAIN"[..], (1, 8)));
        let later = View::new(b"xUExBSU4").base64_decoded(1);
        assert_eq!(&**later.bytes, b"PLAIN");
        let form = View::new(b"a+b").percent_decoded(true);
        assert_eq!(&**form.bytes, b"a b");
        let dense = View::new(b"A b:C").without(b" :", true);
        assert_eq!((&**dense.bytes, dense.origin(1, 3)), (&b"abc"[..], (2, 5)));
    }
}
