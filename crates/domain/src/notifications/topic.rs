//! What notifications are about, and which of them the inbox shows.

use super::notice::NoticeKind;
use crate::{
    choice::InvalidChoice,
    filter::{Field, Filter, InvalidFilter, Part, parse, text, url_filter},
};
use serde::{Deserialize, Serialize};
use strum::VariantArray;

/// What a notification is about.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum NoticeTopic {
    Access,
    Plan,
    Exception,
    Finding,
    /// New secrets and parameters.
    Creation,
    /// Alarms raised by events.
    Alarm,
    /// Reports of leaked secrets.
    Leak,
}

impl NoticeTopic {
    /// The stored kinds of its notifications.
    pub fn kinds(self) -> Vec<String> {
        let kinds: &[&str] = match self {
            Self::Access => {
                return NoticeKind::VARIANTS.iter().map(ToString::to_string).collect();
            }
            Self::Plan => &["plan-waits", "plan-decided", "plan-ended"],
            Self::Exception => {
                &["waiver-waits", "waiver-decided", "waiver-ends-soon", "waiver-expired"]
            }
            Self::Finding => &["findings-new", "findings-overdue", "digest"],
            Self::Creation => &["creation-waits", "creation-decided"],
            Self::Alarm => &["alarm"],
            Self::Leak => &["leak-reported"],
        };
        kinds.iter().map(ToString::to_string).collect()
    }

    /// What a stored kind is about; `None` for a kind that this release does not know.
    pub fn of(kind: &str) -> Option<Self> {
        Self::VARIANTS.iter().copied().find(|topic| topic.kinds().iter().any(|known| known == kind))
    }

    /// As a chip shows it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Access => "Access",
            Self::Plan => "Remediation",
            Self::Exception => "Exceptions",
            Self::Finding => "Findings",
            Self::Creation => "New secrets",
            Self::Alarm => "Alarms",
            Self::Leak => "Leaks",
        }
    }
}

/// Which notifications the inbox shows. Serialized as its URL query.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct InboxQuery {
    /// Only those that are not read.
    pub only_unread: bool,
    /// `None` means every topic.
    pub topic: Option<NoticeTopic>,
}

url_filter!(InboxQuery);

impl Filter for InboxQuery {
    const FIELDS: &'static [Field<Self>] = &[
        Field {
            name: "show",
            part: Part::Filter,
            read: |query, field, value| {
                if value != "unread" {
                    return Err(InvalidFilter::new(field, value, "use unread"));
                }
                query.only_unread = true;
                Ok(())
            },
            write: |query| text(query.only_unread.then_some("unread")),
        },
        Field {
            name: "topic",
            part: Part::Filter,
            read: |query, field, value| {
                query.topic = Some(parse(field, value)?);
                Ok(())
            },
            write: |query| text(query.topic),
        },
    ];
}

impl InboxQuery {
    /// The address of the inbox with this filter.
    pub fn path(self) -> String {
        match self.to_url_query() {
            query if query.is_empty() => "/inbox".to_owned(),
            query => format!("/inbox?{query}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_one_topic() {
        for topic in NoticeTopic::VARIANTS {
            for kind in topic.kinds() {
                assert_eq!(NoticeTopic::of(&kind), Some(*topic), "{kind}");
            }
        }
        assert_eq!(NoticeTopic::of("decide"), Some(NoticeTopic::Access));
        assert_eq!(NoticeTopic::of("of-a-later-release"), None);
    }

    #[test]
    fn the_filter_is_its_address() {
        let query = InboxQuery { only_unread: true, topic: Some(NoticeTopic::Plan) };
        assert_eq!(query.path(), "/inbox?show=unread&topic=plan");
        assert_eq!(query.to_url_query().parse::<InboxQuery>().unwrap(), query);
        assert_eq!(InboxQuery::default().path(), "/inbox");
        assert!("show=read".parse::<InboxQuery>().unwrap_err().to_string().contains("use unread"));
    }
}
