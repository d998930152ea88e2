//! Takes values out of a command's output: as they are, and in the encodings in which programs print them.
//!
//! A value is looked for in several views of the output (escapes of JSON and of URLs resolved, white space left out), and in
//! base64 at each of its three alignments, so that it is also found inside of a longer encoded text, such as the header of
//! Basic authentication. A program that transforms a value in another way can still disclose it: the list of allowed programs
//! is what limits that.

use super::view::View;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use claviger_domain::value::members;
use memchr::memmem::Finder;
use std::ops::Range;
use zeroize::Zeroizing;

const REPLACEMENT: &[u8] = b"[redacted]";
/// A line or a member of a value that is shorter is no secret of its own.
const MIN_PART: usize = 4;
/// The longest form of a byte in the output: `\\u0000`, escaped twice.
const MAX_FORM: usize = 8;
const SPACE: &[u8] = b" \t\r\n";
/// What programs write between the bytes of a hexadecimal dump.
const HEX_SEPARATORS: &[u8] = b" \t\r\n:-,";

/// The values of one command.
#[derive(Default)]
pub(super) struct Redactor {
    needles: Vec<Zeroizing<Vec<u8>>>,
}

impl Redactor {
    /// A value, its lines, and the members of its JSON.
    pub(super) fn add(&mut self, value: &str) {
        self.needle(value.as_bytes());
        // Shells leave trailing line breaks out.
        self.needle(value.trim().as_bytes());
        self.parts(value);
    }

    fn parts(&mut self, value: &str) {
        for line in value.lines().map(str::trim).filter(|line| line.len() >= MIN_PART) {
            self.needle(line.as_bytes());
        }
        for member in members(value).unwrap_or_default() {
            let content = member.content();
            let is_word = matches!(content.as_str(), "true" | "false" | "null");
            if content.len() >= MIN_PART && !is_word {
                self.needle(content.as_bytes());
                self.parts(&content);
            }
        }
    }

    fn needle(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() && !self.needles.iter().any(|known| known.as_slice() == bytes) {
            self.needles.push(Zeroizing::new(bytes.to_vec()));
        }
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
        let hex = plain.without(HEX_SEPARATORS, true);
        let texts = [
            escaped.unescaped(),
            escaped.percent_decoded(false),
            plain.percent_decoded(true),
            plain,
            escaped,
            percent,
        ];
        let mut found = Vec::new();
        for needle in &self.needles {
            for view in &texts {
                find(view, needle, |from, to| found.push(view.origin(from, to)));
            }
            if needle.len() >= 3 {
                let digits = Zeroizing::new(in_hex(needle));
                find(&hex, &digits, |from, to| found.push(hex.origin(from, to)));
            }
            for encoded in Base64::of(needle) {
                for view in &dense {
                    find(view, &encoded.inner, |from, to| {
                        let (from, to) = encoded.extended(&view.bytes, from, to);
                        found.push(view.origin(from, to));
                    });
                }
            }
        }
        merged(found)
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

fn in_hex(bytes: &[u8]) -> Vec<u8> {
    let digit = |nibble: u8| b"0123456789abcdef"[usize::from(nibble)];
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
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
        assert_eq!(redacted(key, "  AAAABBBB\n  CCCC;"), "  [redacted]\n  [redacted];");
        assert_eq!(redacted("line\n", "line."), "[redacted].");
        assert_eq!(redacted("7", "a7b Nw== 77"), "a[redacted]b [redacted] [redacted][redacted]");
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
