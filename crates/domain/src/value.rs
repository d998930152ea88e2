//! A value as text: the members of a JSON object exactly as written, and the invisible characters.

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;
use std::fmt;
use zeroize::Zeroizing;

/// The longest value of a secret, in bytes of UTF-8.
pub const SECRET_BYTES: usize = 65_536;
/// The longest value of a Standard parameter.
pub const STANDARD_BYTES: usize = 4_096;
/// The longest value of an Advanced parameter.
pub const ADVANCED_BYTES: usize = 8_192;

/// The byte order mark; editors on Windows write it at the start of a file.
const BOM: char = '\u{feff}';

/// A member of a JSON object, as a slice of its text.
#[derive(Clone, PartialEq, Eq)]
pub struct Member<'a> {
    /// The key, without its escapes.
    pub name: String,
    /// The member's value as written, with digits, escapes and white space.
    pub json: &'a str,
}

impl fmt::Debug for Member<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Member({}, …)", self.name)
    }
}

impl Member<'_> {
    /// The value that a program would use: the content of a string, and anything else as written. A string that
    /// is not valid text without its escapes (half of a surrogate pair) also stays as written.
    pub fn content(&self) -> Zeroizing<String> {
        Zeroizing::new(unescaped(self.json).unwrap_or_else(|| self.json.to_owned()))
    }
}

/// The members of a JSON object, in order, with every repetition; `None` if the text is anything else,
/// or an object without members.
pub fn members(text: &str) -> Option<Vec<Member<'_>>> {
    let text = text.strip_prefix(BOM).unwrap_or(text);
    let Members(members) = serde_json::from_str(text).ok()?;
    (!members.is_empty()).then_some(members)
}

/// The keys that occur more than once, each with its count.
pub fn repeated<'a>(members: &'a [Member<'_>]) -> Vec<(&'a str, usize)> {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for member in members {
        match counts.iter_mut().find(|(name, _)| *name == member.name) {
            Some((_, count)) => *count += 1,
            None => counts.push((&member.name, 1)),
        }
    }
    counts.retain(|(_, count)| *count > 1);
    counts
}

/// The invisible characters of a text, in words.
pub fn invisible(text: &str) -> Vec<&'static str> {
    let (body, last) = (text.trim_matches([' ', '\t', '\r', '\n']), text.chars().last());
    let odd = |c: char| {
        (c.is_control() && !"\t\r\n".contains(c))
            || matches!(c, '\u{a0}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
            || (c == BOM)
    };
    [
        (text.is_empty(), "Empty"),
        (!text.is_empty() && body.is_empty(), "Only white space"),
        (text.starts_with(BOM), "Starts with a byte order mark"),
        (!body.is_empty() && text.starts_with([' ', '\t', '\r', '\n']), "Starts with white space"),
        (!body.is_empty() && matches!(last, Some('\n' | '\r')), "Ends with a line break"),
        (!body.is_empty() && matches!(last, Some(' ' | '\t')), "Ends with white space"),
        (text.contains("\r\n"), "Windows line breaks (CRLF)"),
        (text.contains('\t'), "Contains tabs"),
        (text.strip_prefix(BOM).unwrap_or(text).contains(odd), "Contains invisible characters"),
    ]
    .into_iter()
    .filter_map(|(holds, words)| holds.then_some(words))
    .collect()
}

/// The content of a JSON string.
fn unescaped(json: &str) -> Option<String> {
    json.starts_with('"').then(|| serde_json::from_str(json).ok()).flatten()
}

struct Members<'a>(Vec<Member<'a>>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
                    let key = key.get();
                    let bare = || key.trim_matches('"').to_owned();
                    let name = unescaped(key).unwrap_or_else(bare);
                    members.push(Member { name, json: value.get() });
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::{invisible, members, repeated};
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("12345678901234567890123")]
    #[case("-0")]
    #[case("-0.0")]
    #[case("1.10")]
    #[case("1E400")]
    #[case("1e-7")]
    #[case("0.1000000000000000055511151231257827")]
    #[case("true")]
    #[case("null")]
    #[case("[1.0,  2,\n3 ]")]
    #[case(r#"{"b": 1.50, "a": {"b": 1.50, "b": 2}}"#)]
    #[case(r#""""#)]
    #[case(r#""caf\u00e9 \/ \"x\"""#)]
    fn a_member_is_as_it_is_written(#[case] json: &str) {
        for text in [
            format!(r#"{{"n":{json}}}"#),
            format!("\u{feff}{{\"z\":1,\"n\":{json},\"a\":2}}"),
            format!("\r\n {{ \"z\" : 1 ,\t\"n\"  :  {json}  , \"a\" : 2 }} \n"),
        ] {
            let found = members(&text).unwrap();
            let member = found.iter().find(|member| member.name == "n").unwrap();
            assert_eq!(member.json, json, "{text}");
            if !json.starts_with('"') {
                assert_eq!(member.content().as_str(), json);
            }
        }
    }

    #[rstest]
    #[case(r#""caf\u00e9""#, "café")]
    #[case(r#""a\/b\\c\"d""#, "a/b\\c\"d")]
    #[case(
        r#""-----BEGIN KEY-----\nAA==\n-----END KEY-----\n""#,
        "-----BEGIN KEY-----\nAA==\n-----END KEY-----\n"
    )]
    #[case(r#""\ud83d\udd11""#, "🔑")]
    #[case(r#""\ud83d""#, r#""\ud83d""#)]
    #[case(r#""  two  ""#, "  two  ")]
    fn a_string_is_its_content(#[case] json: &str, #[case] content: &str) {
        let text = format!(r#"{{"s":{json}}}"#);
        assert_eq!(members(&text).unwrap()[0].content().as_str(), content);
    }

    #[test]
    fn order_and_repetitions_stay() {
        let text = r#"{"z":1,"password":"a","k\u0061":0,"password":"b","a":2,"ka":1,"\ud800":3}"#;
        let found = members(text).unwrap();
        let names: Vec<&str> = found.iter().map(|member| member.name.as_str()).collect();
        assert_eq!(names, ["z", "password", "ka", "password", "a", "ka", r"\ud800"]);
        assert_eq!(repeated(&found), [("password", 2), ("ka", 2)]);
        assert_eq!(found[1].content().as_str(), "a");
        assert_eq!(found[3].content().as_str(), "b");
    }

    #[rstest]
    #[case("")]
    #[case("{}")]
    #[case("[1]")]
    #[case("\"text\"")]
    #[case("12345678901234567890123")]
    #[case("user:password")]
    #[case(r#"{"a":1"#)]
    #[case(r#"{"a":1} x"#)]
    #[case(r#"{"a":01}"#)]
    #[case("{'a':1}")]
    fn anything_else_has_no_members(#[case] text: &str) {
        assert!(members(text).is_none());
    }

    #[test]
    fn a_deep_object_is_read() {
        let deep = format!("{}1{}", r#"{"a":"#.repeat(5_000), "}".repeat(5_000));
        let found = members(&deep).unwrap();
        assert_eq!(found[0].json.len(), deep.len() - r#"{"a":}"#.len());
    }

    #[test]
    fn a_value_is_never_in_debug() {
        let found = members(r#"{"a":"CANARY"}"#).unwrap();
        assert!(!format!("{found:?}").contains("CANARY"));
    }

    #[rstest]
    #[case("plain", &[])]
    #[case("", &["Empty"])]
    #[case(" \n", &["Only white space"])]
    #[case("\u{feff}a", &["Starts with a byte order mark"])]
    #[case(" a", &["Starts with white space"])]
    #[case("a\n", &["Ends with a line break"])]
    #[case("a ", &["Ends with white space"])]
    #[case("a\r\nb", &["Windows line breaks (CRLF)"])]
    #[case("a\tb", &["Contains tabs"])]
    #[case("a\u{a0}b", &["Contains invisible characters"])]
    #[case("a\u{200b}b", &["Contains invisible characters"])]
    #[case("a\u{1b}[0m", &["Contains invisible characters"])]
    fn what_cannot_be_seen_is_said(#[case] text: &str, #[case] says: &[&str]) {
        assert_eq!(invisible(text), says);
    }

    proptest! {
        #[test]
        fn any_string_comes_out_as_it_went_in(key in ".*", text in ".*") {
            let object = serde_json::json!({ key.clone(): text.clone() }).to_string();
            let found = members(&object).unwrap();
            prop_assert_eq!(&found[0].name, &key);
            let content = found[0].content();
            prop_assert_eq!(content.as_str(), text);
        }
    }
}
