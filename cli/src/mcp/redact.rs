//! Takes values out of a command's output: as they are, and in the encodings in which programs print them.
//!
//! A value is looked for in several views of the output (escapes of JSON and of URLs resolved, white space left out), and in
//! base64 at each of its three alignments, so that it is also found inside of a longer encoded text, such as the header of
//! Basic authentication. A program that transforms a value in another way can still disclose it: the list of allowed programs
//! is what limits that.

use super::{
    dump::Columns,
    needles::{MIN_PART, needles},
    view::View,
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use claviger_domain::audit::hex;
use memchr::memmem::Finder;
use std::ops::Range;
use zeroize::Zeroizing;

const REPLACEMENT: &[u8] = b"[redacted]";
/// The longest form of a byte in the output: `\\u0000`, escaped twice.
const MAX_FORM: usize = 8;
const SPACE: &[u8] = b" \t\r\n";
/// What programs write between the bytes of a hexadecimal dump.
const HEX_SEPARATORS: &[u8] = b" \t\r\n:-,";
/// Of a value that is this long, every part of `WINDOW` bytes is looked for.
const MIN_WHOLE: usize = 16;
const WINDOW: usize = 8;
/// The shortest beginning of a value that is looked for at the end of the output.
const MIN_BEGINNING: usize = 6;

/// The values of one command.
#[derive(Default)]
pub(super) struct Redactor {
    needles: Vec<Zeroizing<Vec<u8>>>,
    /// Each 8 bytes of the long ones as a number, in order.
    windows: Zeroizing<Vec<u64>>,
}

impl Redactor {
    /// A value, its lines, the members of its JSON, and other parts that programs print alone.
    pub(super) fn add(&mut self, value: &str) {
        for needle in needles(value) {
            if !self.needles.contains(&needle) {
                self.needles.push(needle);
            }
        }
        let long = || self.needles.iter().filter(|needle| needle.len() >= MIN_WHOLE);
        let count = long().map(|needle| needle.len()).sum();
        // As large as it becomes: a larger allocation would leave a copy behind.
        let mut windows = Zeroizing::new(Vec::with_capacity(count));
        for needle in long() {
            windows.extend(needle.windows(WINDOW).map(number));
        }
        windows.sort_unstable();
        windows.dedup();
        self.windows = windows;
    }

    /// How many bytes of the output have to be read beyond those that are shown, so that no value is cut at the end.
    pub(super) fn window(&self) -> usize {
        self.needles.iter().map(|needle| needle.len()).max().unwrap_or(0) * MAX_FORM + 64
    }

    /// The first bytes of the output, so many at most, without values.
    pub(super) fn text(&self, output: &[u8], limit: usize) -> String {
        let mut shown = Vec::with_capacity(output.len().min(limit));
        let mut at = 0;
        for found in self.ranges(output) {
            if found.start >= limit {
                break;
            }
            shown.extend_from_slice(&output[at.min(found.start)..found.start]);
            shown.extend_from_slice(REPLACEMENT);
            at = found.end;
        }
        if at < limit {
            shown.extend_from_slice(&output[at..output.len().min(limit)]);
        }
        String::from_utf8_lossy(&shown).into_owned()
    }

    /// Where values are, in order and without overlaps.
    fn ranges(&self, output: &[u8]) -> Vec<Range<usize>> {
        let plain = View::new(output);
        let (escaped, percent) = (plain.unescaped(), plain.percent_decoded(false));
        let dense = [&plain, &escaped, &percent].map(|view| view.without(SPACE, false));
        let columns = Columns::of(output);
        let hex = std::iter::once(plain.without(HEX_SEPARATORS, true)).chain(columns.digits);
        let from_base64 =
            (0..4).flat_map(|phase| dense.iter().map(move |view| view.base64_decoded(phase)));
        let texts = [
            plain.without_references(),
            escaped.without_references(),
            escaped.unescaped(),
            escaped.percent_decoded(false),
            plain.percent_decoded(true),
            columns.text,
            plain,
            escaped,
            percent,
        ];
        let mut found = Vec::new();
        for view in &texts {
            self.in_text(view, &mut found);
        }
        for view in from_base64 {
            self.windows_of(&view, &mut found);
            self.beginning(&view, output, &mut found);
        }
        for view in hex {
            self.in_hex(&view, output, &mut found);
        }
        for view in &dense {
            self.in_dense(view, output, &mut found);
        }
        for view in &texts {
            self.beginning(view, output, &mut found);
        }
        merged(found)
    }

    fn in_text(&self, view: &View, found: &mut Vec<(usize, usize)>) {
        self.windows_of(view, found);
        for needle in &self.needles {
            find(view, needle, |from, to| found.push(view.origin(from, to)));
        }
    }

    /// Without white space, also in base64.
    fn in_dense(&self, view: &View, output: &[u8], found: &mut Vec<(usize, usize)>) {
        self.windows_of(view, found);
        self.beginning(view, output, found);
        for needle in &self.needles {
            let solid: Zeroizing<Vec<u8>> = Zeroizing::new(
                needle.iter().copied().filter(|byte| !SPACE.contains(byte)).collect(),
            );
            if solid.len() >= WINDOW {
                find(view, &solid, |from, to| found.push(view.origin(from, to)));
            }
            for encoded in Base64::of(needle) {
                find(view, &encoded.inner, |from, to| {
                    let (from, to) = encoded.extended(&view.bytes, from, to);
                    found.push(view.origin(from, to));
                });
            }
        }
    }

    /// In a view of hexadecimal digits.
    fn in_hex(&self, view: &View, output: &[u8], found: &mut Vec<(usize, usize)>) {
        let (mut digits, mut value) = (0, 0_u64);
        for (at, byte) in view.bytes.iter().enumerate() {
            let Some(digit) = char::from(*byte).to_digit(16) else {
                digits = 0;
                continue;
            };
            (digits, value) = (digits + 1, (value << 4) | u64::from(digit));
            if digits >= WINDOW * 2 && self.windows.binary_search(&value).is_ok() {
                found.push(view.origin(at + 1 - WINDOW * 2, at + 1));
            }
        }
        for needle in self.needles.iter().filter(|needle| needle.len() >= 3) {
            let digits = Zeroizing::new(hex(needle).into_bytes());
            find(view, &digits, |from, to| found.push(view.origin(from, to)));
            ending(view, &digits, MIN_BEGINNING * 2, output, found);
        }
    }

    /// Each run of bytes that a long value has too.
    fn windows_of(&self, view: &View, found: &mut Vec<(usize, usize)>) {
        if self.windows.is_empty() {
            return;
        }
        for (at, window) in view.bytes.windows(WINDOW).enumerate() {
            if self.windows.binary_search(&number(window)).is_ok() {
                found.push(view.origin(at, at + WINDOW));
            }
        }
    }

    fn beginning(&self, view: &View, output: &[u8], found: &mut Vec<(usize, usize)>) {
        for needle in &self.needles {
            ending(view, needle, MIN_BEGINNING, output, found);
        }
    }
}

/// Eight bytes as a number.
fn number(window: &[u8]) -> u64 {
    window.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
}

/// A view whose end is the beginning of a value: everything from there on.
fn ending(
    view: &View,
    needle: &[u8],
    shortest: usize,
    output: &[u8],
    found: &mut Vec<(usize, usize)>,
) {
    let bytes = view.bytes.trim_ascii_end();
    let longest = needle.len().saturating_sub(1).min(bytes.len());
    if let Some(length) =
        (shortest..=longest).rev().find(|length| bytes.ends_with(&needle[..*length]))
    {
        let (from, _) = view.origin(bytes.len() - length, bytes.len());
        found.push((from, output.trim_ascii_end().len().max(from)));
    }
}

/// All occurrences, also those that overlap.
fn find(view: &View, needle: &[u8], mut each: impl FnMut(usize, usize)) {
    let finder = Finder::new(needle);
    let mut at = 0;
    while let Some(next) = view.bytes.get(at..).and_then(|rest| finder.find(rest)) {
        each(at + next, at + next + needle.len());
        at += next + 1;
    }
}

fn merged(mut found: Vec<(usize, usize)>) -> Vec<Range<usize>> {
    found.sort_unstable();
    let mut all: Vec<Range<usize>> = Vec::new();
    for (from, to) in found {
        match all.last_mut() {
            Some(last) if from < last.end => last.end = last.end.max(to),
            _ => all.push(from..to),
        }
    }
    all
}

/// The characters of base64 that only the value determines, for one alignment and alphabet.
struct Base64 {
    inner: Zeroizing<Vec<u8>>,
    /// Whether a character before or behind also holds bits of the value.
    has_before: bool,
    has_after: bool,
}

impl Base64 {
    fn of(needle: &[u8]) -> Vec<Self> {
        let mut all = Vec::new();
        for shift in 0..3 {
            let padded = Zeroizing::new([&[0; 2][..shift], needle].concat());
            let encoded = Zeroizing::new(STANDARD_NO_PAD.encode(padded.as_slice()).into_bytes());
            let bits = padded.len() * 8;
            let inner = Zeroizing::new(encoded[(shift * 8).div_ceil(6)..bits / 6].to_vec());
            if inner.len() >= MIN_PART {
                let (has_before, has_after) = (shift > 0, !bits.is_multiple_of(6));
                all.push(Self { inner, has_before, has_after });
            }
        }
        if needle.len() < 3 {
            let inner = Zeroizing::new(STANDARD.encode(needle).into_bytes());
            all.push(Self { inner, has_before: false, has_after: false });
        }
        let is_special = |byte: &u8| matches!(byte, b'+' | b'/');
        let for_urls: Vec<Self> = all
            .iter()
            .filter(|one| one.inner.iter().any(is_special))
            .map(|one| {
                let in_urls = one.inner.iter().map(|byte| match byte {
                    b'+' => b'-',
                    b'/' => b'_',
                    other => *other,
                });
                Self { inner: Zeroizing::new(in_urls.collect()), ..*one }
            })
            .collect();
        all.extend(for_urls);
        all
    }

    /// With the neighbors that hold bits of the value, and the padding.
    fn extended(&self, bytes: &[u8], mut from: usize, mut to: usize) -> (usize, usize) {
        let is_digit = |at: usize| {
            bytes.get(at).is_some_and(|b| b.is_ascii_alphanumeric() || b"+/-_".contains(b))
        };
        if self.has_before && from > 0 && is_digit(from - 1) {
            from -= 1;
        }
        if self.has_after && is_digit(to) {
            to += 1;
        }
        while bytes.get(to) == Some(&b'=') {
            to += 1;
        }
        (from, to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};

    fn redacted(value: &str, output: impl AsRef<[u8]>) -> String {
        let mut redactor = Redactor::default();
        redactor.add(value);
        redactor.text(output.as_ref(), 100_000)
    }

    const VALUES: [&str; 6] = [
        "hunter2!",
        "a/b+c=d&e f",
        "p\"q\\r\n\u{e9}\u{1f600}",
        "aaaa",
        "tab\there",
        "????>>>>~~~~",
    ];

    #[test]
    fn every_encoding_of_a_value_is_found() {
        let percent = |text: &str, lower: bool| {
            let byte = |b: &u8| if lower { format!("%{b:02x}") } else { format!("%{b:02X}") };
            text.as_bytes().iter().map(byte).collect::<Vec<_>>().concat()
        };
        let ascii = |text: &str| {
            let units: Vec<_> = text.encode_utf16().map(|it| format!("\\u{it:04x}")).collect();
            units.concat()
        };
        for value in VALUES {
            let json = serde_json::to_string(value).unwrap();
            let escaped = &json[1..json.len() - 1];
            let twice = serde_json::to_string(&json).unwrap();
            let form: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
            let hex: Vec<String> = value.bytes().map(|b| format!("{b:02X}")).collect();
            for encoded in [
                value.to_owned(),
                escaped.to_owned(),
                twice[3..twice.len() - 3].to_owned(),
                ascii(value),
                form,
                percent(value, true),
                percent(value, false),
                hex.concat(),
                hex.join(" "),
                hex.join(":").to_lowercase(),
                STANDARD.encode(value),
                STANDARD_NO_PAD.encode(value),
                URL_SAFE.encode(value),
                URL_SAFE_NO_PAD.encode(value),
                percent(&STANDARD.encode(value), false),
            ] {
                let output = format!("<{encoded}>");
                assert_eq!(redacted(value, &output), "<[redacted]>", "{value:?} as {encoded}");
            }
        }
    }

    #[test]
    fn base64_of_a_longer_text_hides_the_value_at_each_alignment() {
        let value = "hunter2!";
        for before in ["", "a", "ab", "abc", "user:"] {
            for after in ["", "x", "xy", "xyz"] {
                let whole = STANDARD.encode(format!("{before}{value}{after}"));
                let shown = redacted(value, &whole);
                assert!(shown.contains("[redacted]"), "{before:?} {after:?}: {shown}");
                // No three characters of the value's own are left.
                let own = &whole[(before.len() * 4).div_ceil(3)..(before.len() + 8) * 4 / 3];
                for part in own.as_bytes().windows(3) {
                    assert!(!shown.contains(std::str::from_utf8(part).unwrap()), "{shown}");
                }
            }
        }
        let wrapped: Vec<String> = STANDARD
            .encode(value.repeat(20))
            .as_bytes()
            .chunks(7)
            .map(|line| String::from_utf8(line.to_vec()).unwrap())
            .collect();
        let lines = redacted(&value.repeat(20), wrapped.join("\n"));
        assert_eq!(lines, "[redacted]");
    }

    #[test]
    fn parts_of_a_value_are_hidden_too() {
        let json = r#"{"user":"app","password":"s3cr3t","port":5432,"tls":true,"nested":{"key":"d33per"}}"#;
        assert_eq!(
            redacted(json, "app s3cr3t 5432 true d33per {\"key\":\"d33per\"}"),
            "app [redacted] [redacted] true [redacted] [redacted]"
        );
        let key = "-----BEGIN KEY-----\nAAAABBBB\nCCCC\n-----END KEY-----\n";
        assert_eq!(redacted(key, "  AAAABBBB\n  CCCC;"), "  [redacted]  [redacted];");
        assert_eq!(redacted("line\n", "line."), "[redacted].");
        assert_eq!(redacted("7", "a7b Nw== 77"), "a[redacted]b [redacted] [redacted][redacted]");
    }

    const LONG: &str = "CANARY-7f3/a+b=x9Q2zW";

    #[test]
    fn a_part_of_a_long_value_is_hidden_in_every_form() {
        let part = &LONG[5..16];
        let html = part.replace('+', "&#43;").replace('/', "&#x2f;");
        let hex: Vec<String> = part.bytes().map(|byte| format!("{byte:02x}")).collect();
        for printed in [
            part.to_owned(),
            format!("{}\n{}", &LONG[..9], &LONG[9..]),
            STANDARD.encode(part),
            STANDARD.encode(format!("ab{part}")),
            URL_SAFE_NO_PAD.encode(format!("a{part}c")),
            hex.concat(),
            hex.join(" "),
            html,
            part.chars().flat_map(|c| [c, ' ']).collect(),
            "43 41 4e 41 52 59 2d 37".to_owned(),
        ] {
            let shown = redacted(LONG, format!("<{printed}>"));
            assert!(shown.contains("[redacted]") && shown.len() < 20, "{printed}: {shown}");
        }
        // Seven bytes are no part, and a short value has none.
        assert_eq!(redacted(LONG, "<7f3/a+b>"), "<7f3/a+b>");
        assert_eq!(redacted("hunter2!hunter", "<hunter2!>"), "<hunter2!>");
    }

    #[test]
    fn dumps_with_addresses_hide_the_value() {
        for dump in [
            "00000000: 6162 4341 4e41 5259 2d37 6633 2f61 2b62  abCANARY-7f3/a+b\n00000010: 3d78 3951 327a 570a                      =x9Q2zW.\n",
            "00000000  61 62 43 41 4e 41 52 59  2d 37 66 33 2f 61 2b 62  |abCANARY-7f3/a+b|\n00000010  3d 78 39 51 32 7a 57 0a                           |=x9Q2zW.|\n",
            "0000000 61 62 43 41 4e 41 52 59 2d 37 66 33 2f 61 2b 62\n0000020 3d 78 39 51 32 7a 57 0a\n",
            "0000000 6261 4143 414e 5952 372d 3366 612f 622b\n0000020 783d 5139 7a32 0a57\n",
        ] {
            let shown = redacted(LONG, dump);
            for left in ["CANARY", "x9Q2zW", "4e41", "41 4e", "3951", "39 51", "5139", "4143"] {
                assert!(!shown.contains(left), "{left}: {shown}");
            }
        }
    }

    #[test]
    fn the_beginning_of_a_value_at_the_end_is_hidden() {
        assert_eq!(redacted("hunter2!", "a hunter2"), "a [redacted]");
        assert_eq!(redacted("hunter2!", "a hunter\n"), "a [redacted]\n");
        assert_eq!(redacted("hunter2!", "a hunte"), "a hunte");
        assert_eq!(redacted("hunter2!", "hunter two"), "hunter two");
        assert_eq!(redacted("hunter2!", "68756e746572"), "[redacted]");
        assert_eq!(redacted("hunter2!", STANDARD.encode("hunter2")), "[redacted]");
        assert_eq!(redacted("a&b<c>d", "a&amp;b&lt;c&gt;d."), "[redacted].");
    }

    #[test]
    fn the_parts_of_a_url_are_hidden() {
        let url = "postgres://app:p%40ssw0rd@db:5432/app";
        let basic = STANDARD.encode("app:p@ssw0rd");
        let shown = redacted(url, format!("p@ssw0rd p%40ssw0rd {basic}"));
        assert_eq!(shown, "[redacted] [redacted] [redacted]");
        assert_eq!(redacted("A=hunter2!\nB='s3cr3t'", "hunter2! s3cr3t"), "[redacted] [redacted]");
    }

    #[test]
    fn overlaps_and_repetitions_leave_nothing() {
        assert_eq!(redacted("aaaa", "aaaaaa b"), "[redacted] b");
        let mut two = Redactor::default();
        two.add("abcdef");
        two.add("defghi");
        assert_eq!(two.text(b"abcdefghi", 100), "[redacted]");
        assert_eq!(redacted("secret", "nothing here"), "nothing here");
        assert_eq!(redacted("secret", b"\xff\xfesecret\xff"), "\u{fffd}\u{fffd}[redacted]\u{fffd}");
    }

    #[test]
    fn a_value_at_the_end_of_what_is_shown_is_not_cut() {
        let mut redactor = Redactor::default();
        redactor.add("secret");
        for limit in 0..12 {
            let shown = redactor.text(b"12345secret67", limit);
            let expected = match limit {
                0..=5 => "12345"[..limit].to_owned(),
                _ => "12345[redacted]".to_owned(),
            };
            assert_eq!(shown, expected, "{limit}");
        }
        assert!(redactor.window() > 6 * 7);
    }
}
