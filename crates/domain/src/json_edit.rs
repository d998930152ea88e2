//! Changes single members of a JSON object in its text: every other character stays as it was written.

use crate::value::{Member, repeated};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;
use std::{fmt, ops::Range};
use zeroize::Zeroizing;

/// The byte order mark, which stays where it is.
const BOM: char = '\u{feff}';

/// One change of a member at the top level.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyEdit {
    /// The key, without escapes.
    pub key: String,
    pub change: KeyChange,
}

/// What becomes of a member.
#[derive(Clone, PartialEq, Eq)]
pub enum KeyChange {
    /// A new value for a key that is there.
    Replace(NewMember),
    /// A key that is not there yet, behind the last one.
    Add(NewMember),
    Remove,
}

/// The value of a member as JSON text. Its memory is cleared when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct NewMember(Zeroizing<String>);

impl NewMember {
    /// A JSON string with this content.
    pub fn text(content: &str) -> Self {
        let mut json = Zeroizing::new(String::with_capacity(content.len() + 2));
        json.push('"');
        for c in content.chars() {
            match c {
                '"' => json.push_str("\\\""),
                '\\' => json.push_str("\\\\"),
                '\n' => json.push_str("\\n"),
                '\r' => json.push_str("\\r"),
                '\t' => json.push_str("\\t"),
                c if u32::from(c) < 0x20 => {
                    let digit = |at: u32| char::from_digit(u32::from(c) >> at & 15, 16);
                    json.push_str("\\u00");
                    json.extend([digit(4), digit(0)].into_iter().flatten());
                }
                c => json.push(c),
            }
        }
        json.push('"');
        Self(json)
    }

    /// What was typed, whose memory is cleared: a text, or JSON as it is written. `None` if it should be JSON and is none.
    pub fn typed(typed: String, is_json: bool) -> Option<Self> {
        let typed = Zeroizing::new(typed);
        if is_json { Self::json(&typed) } else { Some(Self::text(&typed)) }
    }

    /// Any JSON value as it is written; `None` if it is none.
    pub fn json(text: &str) -> Option<Self> {
        let value: &RawValue = serde_json::from_str(text).ok()?;
        Some(Self(Zeroizing::new(value.get().to_owned())))
    }
}

impl fmt::Debug for KeyEdit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let change = match self.change {
            KeyChange::Replace(_) => "Replace",
            KeyChange::Add(_) => "Add",
            KeyChange::Remove => "Remove",
        };
        write!(f, "{change}({}, …)", self.key)
    }
}

/// Why a change of members can't be made. No value is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditFault {
    #[error("The value is not a JSON object. Write a new value instead.")]
    NotAnObject,
    #[error("The value has the key {0} more than once: write a new value with one of them.")]
    Repeated(String),
    #[error("The value has no key {0}: add it, or correct the name.")]
    Missing(String),
    #[error("The value has the key {0} already: change it instead.")]
    Exists(String),
    #[error("The key {0} is changed twice: enter it once.")]
    Twice(String),
    #[error("Nothing would remain of the value. Write a new value instead.")]
    Nothing,
    #[error("Nothing is changed: enter at least one key.")]
    Unchanged,
}

/// The text with these changes. All other members, their order and the white space stay as they were.
pub fn edited(text: &str, edits: &[KeyEdit]) -> Result<Zeroizing<String>, EditFault> {
    if edits.is_empty() {
        return Err(EditFault::Unchanged);
    }
    let spans = spans(text).ok_or(EditFault::NotAnObject)?;
    let members: Vec<Member<'_>> = spans
        .iter()
        .map(|span| Member { name: span.name.clone(), json: &text[span.value.clone()] })
        .collect();
    if let Some((key, _)) = repeated(&members).first() {
        return Err(EditFault::Repeated((*key).to_owned()));
    }
    for (at, edit) in edits.iter().enumerate() {
        if edits[..at].iter().any(|earlier| earlier.key == edit.key) {
            return Err(EditFault::Twice(edit.key.clone()));
        }
        let is_there = members.iter().any(|member| member.name == edit.key);
        match (&edit.change, is_there) {
            (KeyChange::Add(_), true) => return Err(EditFault::Exists(edit.key.clone())),
            (KeyChange::Replace(_) | KeyChange::Remove, false) => {
                return Err(EditFault::Missing(edit.key.clone()));
            }
            _ => {}
        }
    }
    // What is added comes first, so that there is a member to follow the style of.
    let mut now = Zeroizing::new(text.to_owned());
    let (added, others): (Vec<&KeyEdit>, Vec<&KeyEdit>) =
        edits.iter().partition(|edit| matches!(edit.change, KeyChange::Add(_)));
    for edit in added.into_iter().chain(others) {
        now = one_edited(&now, edit).ok_or(EditFault::NotAnObject)?;
    }
    let remain = self::spans(&now).ok_or(EditFault::NotAnObject)?;
    if remain.is_empty() { Err(EditFault::Nothing) } else { Ok(now) }
}

fn one_edited(text: &str, edit: &KeyEdit) -> Option<Zeroizing<String>> {
    let spans = spans(text)?;
    let at = spans.iter().position(|span| span.name == edit.key);
    Some(match (&edit.change, at) {
        (KeyChange::Replace(NewMember(json)), Some(at)) => {
            spliced(text, spans[at].value.clone(), &[json])
        }
        (KeyChange::Remove, Some(at)) => {
            let range = match (spans.get(at + 1), at.checked_sub(1)) {
                (Some(next), _) => spans[at].key.start..next.key.start,
                (None, Some(before)) => spans[before].value.end..spans[at].value.end,
                (None, None) => spans[at].key.start..spans[at].value.end,
            };
            spliced(text, range, &[])
        }
        (KeyChange::Add(NewMember(json)), None) => added(text, &spans, &edit.key, json)?,
        _ => return None,
    })
}

/// The text with a member behind the last one, separated as the others are.
fn added(text: &str, spans: &[Span], key: &str, json: &str) -> Option<Zeroizing<String>> {
    let NewMember(key) = NewMember::text(key);
    let Some(last) = spans.last() else {
        let open = text.find('{')? + 1;
        return Some(spliced(text, open..open, &[&key, ": ", json]));
    };
    let between = match spans.len().checked_sub(2).map(|before| &spans[before]) {
        Some(before) => text[before.value.end..last.key.start].to_owned(),
        None => format!(",{}", &text[text.find('{')? + 1..last.key.start]),
    };
    let colon = &text[last.key.end..last.value.start];
    Some(spliced(text, last.value.end..last.value.end, &[&between, &key, colon, json]))
}

fn spliced(text: &str, range: Range<usize>, with: &[&str]) -> Zeroizing<String> {
    let new: usize = with.iter().map(|part| part.len()).sum();
    let mut now = Zeroizing::new(String::with_capacity(text.len() + new));
    now.push_str(&text[..range.start]);
    for part in with {
        now.push_str(part);
    }
    now.push_str(&text[range.end..]);
    now
}

/// Where a member is in the text.
struct Span {
    name: String,
    key: Range<usize>,
    value: Range<usize>,
}

/// The members of the object in order; none for an empty object, `None` for anything else.
fn spans(text: &str) -> Option<Vec<Span>> {
    let Pairs(pairs) = serde_json::from_str(text.strip_prefix(BOM).unwrap_or(text)).ok()?;
    let start = text.as_ptr().addr();
    let range = |part: &str| {
        let from = part.as_ptr().addr() - start;
        from..from + part.len()
    };
    let span = |(key, value): (&str, &str)| Span {
        name: serde_json::from_str(key).unwrap_or_else(|_| key.trim_matches('"').to_owned()),
        key: range(key),
        value: range(value),
    };
    Some(pairs.into_iter().map(span).collect())
}

/// Keys and values as they are written, borrowed from the text.
struct Pairs<'a>(Vec<(&'a str, &'a str)>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Pairs<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<'de>, A::Error> {
                let mut pairs = Vec::new();
                while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
                    pairs.push((key.get(), value.get()));
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::members;
    use proptest::prelude::*;
    use rstest::rstest;

    fn replace(key: &str, text: &str) -> KeyEdit {
        KeyEdit { key: key.into(), change: KeyChange::Replace(NewMember::text(text)) }
    }

    fn add(key: &str, json: &str) -> KeyEdit {
        KeyEdit { key: key.into(), change: KeyChange::Add(NewMember::json(json).unwrap()) }
    }

    fn remove(key: &str) -> KeyEdit {
        KeyEdit { key: key.into(), change: KeyChange::Remove }
    }

    const TEXT: &str = "\u{feff}{\r\n  \"user\" : \"app\",\r\n  \"p\\u0061ss\" : \"old\",\r\n  \"port\" : 5.4320e3\r\n}\n";

    #[rstest]
    #[case(&[replace("pass", "n\"ew\n")], "\u{feff}{\r\n  \"user\" : \"app\",\r\n  \"p\\u0061ss\" : \"n\\\"ew\\n\",\r\n  \"port\" : 5.4320e3\r\n}\n")]
    #[case(&[remove("pass")], "\u{feff}{\r\n  \"user\" : \"app\",\r\n  \"port\" : 5.4320e3\r\n}\n")]
    #[case(&[remove("port")], "\u{feff}{\r\n  \"user\" : \"app\",\r\n  \"p\\u0061ss\" : \"old\"\r\n}\n")]
    #[case(&[remove("user"), remove("pass")], "\u{feff}{\r\n  \"port\" : 5.4320e3\r\n}\n")]
    #[case(&[add("x", "1.10")], "\u{feff}{\r\n  \"user\" : \"app\",\r\n  \"p\\u0061ss\" : \"old\",\r\n  \"port\" : 5.4320e3,\r\n  \"x\" : 1.10\r\n}\n")]
    #[case(&[remove("port"), add("x", "[1, 2]")], "\u{feff}{\r\n  \"user\" : \"app\",\r\n  \"p\\u0061ss\" : \"old\",\r\n  \"x\" : [1, 2]\r\n}\n")]
    fn only_the_named_members_change(#[case] edits: &[KeyEdit], #[case] after: &str) {
        assert_eq!(edited(TEXT, edits).unwrap().as_str(), after);
    }

    #[rstest]
    #[case("{}", &[add("a", "1")], r#"{"a": 1}"#)]
    #[case(r#"{"a":1}"#, &[add("b", "2")], r#"{"a":1,"b":2}"#)]
    #[case(r#"{ "a" :1 }"#, &[add("b", "2")], r#"{ "a" :1, "b" :2 }"#)]
    #[case(r#"{"a":1}"#, &[remove("a"), add("b", "{}")], r#"{"b":{}}"#)]
    fn what_is_added_looks_like_the_rest(
        #[case] text: &str,
        #[case] edits: &[KeyEdit],
        #[case] after: &str,
    ) {
        assert_eq!(edited(text, edits).unwrap().as_str(), after);
    }

    #[rstest]
    #[case("text", &[remove("a")], EditFault::NotAnObject)]
    #[case("[1]", &[remove("a")], EditFault::NotAnObject)]
    #[case(r#"{"a":1} x"#, &[remove("a")], EditFault::NotAnObject)]
    #[case(r#"{"a":1,"b":2,"\u0061":3}"#, &[remove("b")], EditFault::Repeated("a".into()))]
    #[case(r#"{"a":1}"#, &[remove("b")], EditFault::Missing("b".into()))]
    #[case(r#"{"a":1}"#, &[replace("b", "")], EditFault::Missing("b".into()))]
    #[case(r#"{"a":1}"#, &[add("a", "1")], EditFault::Exists("a".into()))]
    #[case(r#"{"a":1}"#, &[remove("a"), add("a", "1")], EditFault::Twice("a".into()))]
    #[case(r#"{"a":1}"#, &[add("b", "1"), add("b", "2")], EditFault::Twice("b".into()))]
    #[case(r#"{"a":1}"#, &[remove("a")], EditFault::Nothing)]
    #[case(r#"{"a":1}"#, &[], EditFault::Unchanged)]
    fn what_cannot_be_changed_is_said(
        #[case] text: &str,
        #[case] edits: &[KeyEdit],
        #[case] fault: EditFault,
    ) {
        assert_eq!(edited(text, edits).unwrap_err(), fault);
    }

    #[test]
    fn a_value_is_never_in_debug_or_a_fault() {
        let edits = [replace("a", "CANARY")];
        let fault = edited(r#"{"b":"CANARY"}"#, &edits).unwrap_err();
        assert!(!format!("{edits:?} {fault:?} {fault}").contains("CANARY"));
    }

    #[test]
    fn json_is_checked() {
        for text in ["", "01", "{", "a", "1 2", "'a'"] {
            assert!(NewMember::json(text).is_none(), "{text}");
        }
        assert_eq!(NewMember::json(" [1.0,  2] ").unwrap().0.as_str(), "[1.0,  2]");
    }

    /// An object with members that are written in many ways.
    fn object() -> impl Strategy<Value = Vec<(String, String)>> {
        let space = "[ \t\r\n]{0,3}";
        let value = prop_oneof![
            Just("1.10".to_owned()),
            Just("-0.0".to_owned()),
            Just("null".to_owned()),
            Just("[1,  {\"a\":2, \"a\":3}]".to_owned()),
            Just("\"caf\\u00e9 \\/ {,}\"".to_owned()),
            any::<String>().prop_map(|text| serde_json::json!(text).to_string()),
        ];
        let member = (any::<String>(), space, space, value, space);
        proptest::collection::vec(member, 1..6).prop_map(|members| {
            let mut seen = std::collections::BTreeSet::new();
            members
                .into_iter()
                .filter(|(key, ..)| seen.insert(key.clone()))
                .map(|(key, a, b, value, c)| {
                    let written = serde_json::json!(key).to_string();
                    (key, format!("{a}{written}{b}:{c}{value}{a}"))
                })
                .collect()
        })
    }

    proptest! {
        #[test]
        fn every_other_member_stays_as_it_is_written(all in object(), at in any::<prop::sample::Index>(), new in any::<String>()) {
            let written: Vec<&str> = all.iter().map(|(_, written)| written.as_str()).collect();
            let text = format!("{{{}}}", written.join(","));
            let index = at.index(all.len());
            let (key, own) = &all[index];
            let after = edited(&text, &[replace(key, &new)]).unwrap();
            // Every character before and behind the member is the same.
            let at = 1 + written[..index].iter().map(|one| one.len() + 1).sum::<usize>();
            prop_assert!(after.starts_with(&text[..at]));
            prop_assert!(after.ends_with(&text[at + own.len()..]));
            let (before, now) = (members(&text).unwrap(), members(&after).unwrap());
            prop_assert_eq!(before.len(), now.len());
            for (old, now) in before.iter().zip(&now) {
                prop_assert_eq!(&old.name, &now.name);
                if old.name == *key {
                    let content = now.content();
                    prop_assert_eq!(content.as_str(), new.as_str());
                } else {
                    prop_assert_eq!(old.json, now.json);
                }
            }
        }

        #[test]
        fn what_is_added_and_removed_again_leaves_the_members(all in object(), key in any::<String>(), new in any::<String>()) {
            prop_assume!(all.iter().all(|(own, _)| *own != key));
            let written: Vec<&str> = all.iter().map(|(_, written)| written.as_str()).collect();
            let text = format!("{{{}}}", written.join(","));
            let change = KeyChange::Add(NewMember::text(&new));
            let more = edited(&text, &[KeyEdit { key: key.clone(), change }]).unwrap();
            let found = members(&more).unwrap();
            prop_assert_eq!(&found[found.len() - 1].name, &key);
            let less = edited(&more, &[remove(&key)]).unwrap();
            prop_assert_eq!(less.as_str(), text.as_str());
        }
    }
}
