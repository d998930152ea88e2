//! Who may read what is tagged as sensitive. Deny by default: without an entry, every reader but a grant raises an alarm.

use super::AlarmKind;
use crate::{
    creation::is_canary,
    facts::Kind,
    ids::{AccountId, Arn, Region, ResourceId},
};
use std::collections::BTreeMap;

/// The configured part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmRules {
    /// A resource with this tag is sensitive, whatever the tag's value.
    pub sensitive_tag: String,
    /// Who may read every sensitive value: patterns of ARNs, in which `*` is any text and `?` any character.
    pub readers: Vec<String>,
    /// A tag that lists more readers of its own resource, separated by spaces: exact ARNs, for tags have no `*`. Without it,
    /// only the configuration names readers.
    pub readers_tag: Option<String>,
    /// The role of grants, by name.
    pub access_role: String,
    /// The role of approved plans, by name.
    pub remediation_role: String,
}

impl Default for AlarmRules {
    fn default() -> Self {
        Self {
            sensitive_tag: "claviger:sensitive".to_owned(),
            readers: Vec::new(),
            readers_tag: None,
            access_role: "claviger-access".to_owned(),
            remediation_role: "claviger-remediation".to_owned(),
        }
    }
}

/// Who made a call.
#[derive(Debug, Clone, Copy, Default)]
pub struct Principal<'a> {
    /// The ARN of a user or of a role's session, or a service.
    pub actor: Option<&'a str>,
    /// The ARN of the role whose session it is.
    pub role: Option<&'a str>,
}

/// What an alarm is about, as the inventory has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmSubject {
    pub id: ResourceId,
    pub arn: Arn,
    pub name: String,
    pub kind: Kind,
    pub account: AccountId,
    pub region: Region,
    /// Empty as well where they could not be read: then it is not known to be sensitive.
    pub tags: BTreeMap<String, String>,
    pub is_deleted: bool,
    /// Its owner team.
    pub owner: Option<String>,
}

impl AlarmRules {
    /// What the read of this resource raises. `error` is AWS's message where it refused the read.
    pub fn of_read(
        &self,
        subject: &AlarmSubject,
        reader: Principal<'_>,
        error: Option<&str>,
    ) -> Option<AlarmKind> {
        // The message may know before the inventory does.
        let is_marked = error.is_some_and(|error| error.contains("marked for deletion"));
        if subject.is_deleted || is_marked {
            return Some(AlarmKind::ReadWhileDeleted);
        }
        // Nobody has a reason to read it, not even with a grant.
        if is_canary(&subject.tags) {
            return Some(AlarmKind::CanaryRead);
        }
        let is_sensitive = subject.tags.contains_key(&self.sensitive_tag);
        (is_sensitive && !self.may_read(subject, reader)).then_some(AlarmKind::SensitiveRead)
    }

    /// Whether an approved plan made the call.
    pub fn is_plan(&self, account: &AccountId, caller: Principal<'_>) -> bool {
        is_session_of(caller, account, &self.remediation_role)
    }

    fn may_read(&self, subject: &AlarmSubject, reader: Principal<'_>) -> bool {
        if is_session_of(reader, &subject.account, &self.access_role) {
            return true;
        }
        let tagged = self.readers_tag.as_ref().and_then(|tag| subject.tags.get(tag));
        let is_tagged = |arn: &str| {
            tagged.is_some_and(|list| list.split_whitespace().any(|exact| exact == arn))
        };
        let arns = [reader.actor, reader.role].into_iter().flatten();
        arns.filter(|arn| arn.starts_with("arn:"))
            .any(|arn| is_tagged(arn) || self.readers.iter().any(|pattern| matches(pattern, arn)))
    }
}

/// Whether it is a session of a role of Claviger in this account: a role of that name elsewhere is somebody else's.
fn is_session_of(principal: Principal<'_>, account: &AccountId, role: &str) -> bool {
    let Some(arn) = principal.actor.and_then(|actor| actor.parse::<Arn>().ok()) else {
        return false;
    };
    let what = arn.as_str().splitn(6, ':').nth(5).unwrap_or_default();
    let session = what.strip_prefix("assumed-role/").and_then(|rest| rest.split_once('/'));
    arn.service() == "sts"
        && arn.account() == account.as_str()
        && session.is_some_and(|(name, session)| name == role && !session.is_empty())
}

/// Whether the whole text has the pattern: `*` is any text, `?` any character.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            // Back to the last `*`, which takes one character more.
            _ => match star {
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    (p, t) = (at + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "111122223333";
    const APP: &str = "arn:aws:sts::111122223333:assumed-role/app/i-1";
    const ROLE: &str = "arn:aws:iam::111122223333:role/service/app";

    fn subject(tags: &[(&str, &str)], is_deleted: bool) -> AlarmSubject {
        let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        AlarmSubject {
            id: ResourceId(uuid::Uuid::nil()),
            arn: "arn:aws:secretsmanager:us-east-1:111122223333:secret:a-AbCdEf".parse().unwrap(),
            name: "a".into(),
            kind: Kind::Secret,
            account: ACCOUNT.parse().unwrap(),
            region: "us-east-1".parse().unwrap(),
            tags: tags.collect(),
            is_deleted,
            owner: None,
        }
    }

    fn by(actor: &str) -> Principal<'_> {
        Principal { actor: Some(actor), role: Some(ROLE) }
    }

    #[test]
    fn without_an_entry_every_reader_but_a_grant_raises_an_alarm() {
        let (rules, sensitive) =
            (AlarmRules::default(), subject(&[("claviger:sensitive", "")], false));
        let of = |actor: &str| rules.of_read(&sensitive, by(actor), None);
        assert_eq!(of(APP), Some(AlarmKind::SensitiveRead));
        assert_eq!(of("cloudformation.amazonaws.com"), Some(AlarmKind::SensitiveRead));
        assert_eq!(of(&format!("arn:aws:sts::{ACCOUNT}:assumed-role/claviger-access/cg-1")), None);
        for other in [
            "arn:aws:sts::444455556666:assumed-role/claviger-access/cg-1",
            "arn:aws:sts::111122223333:assumed-role/claviger-access-2/cg-1",
            "arn:aws:sts::111122223333:assumed-role/claviger-access/",
            "arn:aws:iam::111122223333:user/claviger-access/cg-1",
        ] {
            assert_eq!(of(other), Some(AlarmKind::SensitiveRead), "{other}");
        }
        assert_eq!(
            rules.of_read(&sensitive, Principal::default(), None),
            Some(AlarmKind::SensitiveRead)
        );
        assert_eq!(rules.of_read(&subject(&[("owner", "a")], false), by(APP), None), None);
    }

    #[test]
    fn readers_are_named_by_session_or_role() {
        let sensitive = subject(&[("claviger:sensitive", "yes"), ("readers", ROLE)], false);
        let named = |readers: &[&str], tag: Option<&str>| {
            let readers = readers.iter().map(ToString::to_string).collect();
            let readers_tag = tag.map(ToOwned::to_owned);
            let rules = AlarmRules { readers, readers_tag, ..AlarmRules::default() };
            rules.of_read(&sensitive, by(APP), None).is_none()
        };
        assert!(named(&["arn:aws:iam::*:role/service/*"], None));
        assert!(named(&["arn:aws:sts::111122223333:assumed-role/app/i-?"], None));
        assert!(named(&[], Some("readers")));
        assert!(!named(&[], None), "a tag counts only where the configuration says so");
        assert!(!named(&["", "arn:aws:iam::*:role/app"], Some("others")));
    }

    #[test]
    fn nobody_may_read_a_canary() {
        let rules = AlarmRules { readers: vec!["*".into()], ..AlarmRules::default() };
        let canary = subject(&[("claviger:canary", "true")], false);
        for actor in [APP, "arn:aws:sts::111122223333:assumed-role/claviger-access/cg-1"] {
            assert_eq!(rules.of_read(&canary, by(actor), None), Some(AlarmKind::CanaryRead));
        }
        assert_eq!(
            rules.of_read(&subject(&[("claviger:canary", "no")], false), by(APP), None),
            None
        );
    }

    #[test]
    fn nobody_may_read_what_is_to_be_deleted() {
        let rules = AlarmRules { readers: vec!["*".into()], ..AlarmRules::default() };
        let grant = by("arn:aws:sts::111122223333:assumed-role/claviger-access/cg-1");
        assert_eq!(
            rules.of_read(&subject(&[], true), grant, None),
            Some(AlarmKind::ReadWhileDeleted)
        );
        let says =
            "You can't perform this operation on the secret because it was marked for deletion.";
        let kind = rules.of_read(&subject(&[], false), grant, Some(says));
        assert_eq!(kind, Some(AlarmKind::ReadWhileDeleted));
    }

    #[test]
    fn patterns_cover_the_whole_text() {
        for (pattern, text) in [("*", ""), ("a*c*", "abcbc"), ("a?c", "abc"), ("**b", "ab")] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("", "a"), ("a", "ab"), ("a*b", "abc"), ("?", ""), ("a?", "a")] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
