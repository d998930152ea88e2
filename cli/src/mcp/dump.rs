//! Columns of hexadecimal dumps, as `xxd`, `hexdump` and `od` write them: an address, bytes or words, and the text.

use super::view::View;
use std::ops::Range;

/// An address has at least so many digits.
const MIN_ADDRESS: usize = 4;
/// The digits of the bytes in a line of `hexdump -C`, in whose middle is a wider gap.
const LINE_DIGITS: usize = 32;

/// A line's columns.
struct Line {
    words: Vec<Range<usize>>,
    /// Where the text begins.
    rest: usize,
}

/// The digits of all lines in several readings, and the text of all lines.
pub(super) struct Columns {
    /// In lower case: to a wider gap, to 16 bytes, and with the bytes of each word in the reverse order.
    pub(super) digits: [View; 3],
    pub(super) text: View,
}

impl Columns {
    pub(super) fn of(output: &[u8]) -> Self {
        let empty = || View::empty(output.len());
        let (mut to_gap, mut counted, mut reversed, mut text) =
            (empty(), empty(), empty(), empty());
        let mut at = 0;
        for line in output.split_inclusive(|byte| *byte == b'\n') {
            let end = at + line.len();
            let (short, long) = (read(output, at..end, true), read(output, at..end, false));
            if let (Some(short), Some(long)) = (short, long) {
                for word in &short.words {
                    for place in word.clone() {
                        to_gap.push(output[place].to_ascii_lowercase(), place, place + 1);
                    }
                    let bytes: Vec<&[u8]> = output[word.clone()].chunks(2).rev().collect();
                    for digit in bytes.concat() {
                        reversed.push(digit.to_ascii_lowercase(), word.start, word.end);
                    }
                }
                for place in long.words.iter().cloned().flatten() {
                    counted.push(output[place].to_ascii_lowercase(), place, place + 1);
                }
                let column = text_column(output, short.rest.max(long.rest), end);
                for place in column {
                    text.push(output[place], place, place + 1);
                }
            }
            at = end;
        }
        Self { digits: [to_gap, counted, reversed], text }
    }
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// So many bytes from here on.
fn count(output: &[u8], range: Range<usize>, is_inside: impl Fn(u8) -> bool) -> usize {
    output[range].iter().take_while(|byte| is_inside(**byte)).count()
}

/// A line with an address and words; its words end at a wider gap, or after 16 bytes.
fn read(output: &[u8], line: Range<usize>, to_gap: bool) -> Option<Line> {
    let end = line.end;
    let mut at = line.start + count(output, line, is_blank);
    let address = count(output, at..end, is_digit);
    if address < MIN_ADDRESS {
        return None;
    }
    at += address;
    at += usize::from(output[at..end].first() == Some(&b':'));
    let (mut words, mut digits) = (Vec::new(), 0);
    loop {
        let gap = count(output, at..end, is_blank);
        let is_wide = to_gap && gap > 1 && !words.is_empty();
        let begin = at + gap;
        let long = count(output, begin..end, is_digit);
        let next = output[begin + long..end].first();
        let is_word =
            gap > 0 && matches!(long, 2 | 4 | 8 | 16) && next.is_none_or(u8::is_ascii_whitespace);
        if is_wide || !is_word || (!to_gap && digits + long > LINE_DIGITS) {
            break;
        }
        words.push(begin..begin + long);
        digits += long;
        at = begin + long;
    }
    (!words.is_empty()).then_some(Line { words, rest: at })
}

/// Without the bars or angle brackets around it.
fn text_column(output: &[u8], begin: usize, end: usize) -> Range<usize> {
    let mut from = begin + count(output, begin..end, is_blank);
    let mut to = end;
    while to > from && matches!(output[to - 1], b'\n' | b'\r') {
        to -= 1;
    }
    for (open, close) in [(b'|', b'|'), (b'>', b'<')] {
        if to >= from + 2 && output[from] == open && output[to - 1] == close {
            from += 1;
            to -= 1;
            break;
        }
    }
    from..to
}

#[cfg(test)]
mod tests {
    use super::Columns;

    #[test]
    fn the_columns_of_each_program_are_read() {
        let whole = "CANARY-123456789Z";
        for (dump, at, text) in [
            (
                "00000000: 4341 4e41 5259 2d31 3233 3435 3637 3839  CANARY-123456789\n00000010: 5a    Z\n",
                0,
                whole,
            ),
            (
                "00000000  43 41 4e 41 52 59 2d 31  32 33 34 35 36 37 38 39  |CANARY-123456789|\n00000010  5a  |Z|\n",
                1,
                whole,
            ),
            ("0000000 43 41 4e 41 52 59 2d 31 32 33 34 35 36 37 38 39\n0000020 5a\n", 0, ""),
            ("0000000 4143 414e 5952 312d 3332 3534 3736 3938\n0000010 5a\n", 2, ""),
        ] {
            let columns = Columns::of(dump.as_bytes());
            let digits = String::from_utf8(columns.digits[at].bytes.to_vec()).unwrap();
            assert_eq!(digits, "43414e4152592d3132333435363738395a", "{dump}");
            let column = String::from_utf8(columns.text.bytes.to_vec()).unwrap();
            assert_eq!(column, text, "{dump}");
        }
        let columns = Columns::of(b"no dump\n12 34 56\nface it\n");
        assert!(columns.text.bytes.is_empty());
    }
}
