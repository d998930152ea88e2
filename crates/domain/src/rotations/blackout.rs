//! Times in which secrets should not rotate, as the configuration names them.

use super::schedule::Window;
use crate::ids::AccountId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::{Date, Duration, OffsetDateTime, format_description::well_known::Rfc3339};

/// A blackout window. AWS does not know it: it marks rotations, and warns who plans a schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Spelled", into = "Spelled")]
pub struct Blackout {
    pub name: String,
    pub from: OffsetDateTime,
    /// The first moment after it.
    pub until: OffsetDateTime,
    /// Empty: every account.
    pub accounts: Vec<AccountId>,
    /// All of them must be on the secret. Empty: every secret.
    pub tags: BTreeMap<String, String>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spelled {
    name: String,
    /// RFC 3339, or a day, which begins at midnight UTC.
    from: String,
    /// RFC 3339, or a day, which is still in it.
    to: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    accounts: Vec<AccountId>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<String, String>,
}

/// Why a blackout of the configuration cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBlackout {
    #[error("a blackout window needs a name")]
    Name,
    #[error(
        "the blackout window {name}: {text} is neither a day such as 2026-12-24 nor a time such as 2026-12-24T18:00:00Z"
    )]
    Time { name: String, text: String },
    #[error("the blackout window {0} ends before it begins")]
    Order(String),
}

/// The moment, and whether the text is a whole day.
fn moment(text: &str) -> Option<(OffsetDateTime, bool)> {
    if let Ok(at) = OffsetDateTime::parse(text, &Rfc3339) {
        return Some((at, false));
    }
    let mut parts = text.split('-');
    let year: i32 = parts.next()?.parse().ok()?;
    let month: u8 = parts.next()?.parse().ok()?;
    let day: u8 = parts.next()?.parse().ok()?;
    let date = Date::from_calendar_date(year, month.try_into().ok()?, day).ok()?;
    parts.next().is_none().then_some((date.midnight().assume_utc(), true))
}

impl TryFrom<Spelled> for Blackout {
    type Error = InvalidBlackout;

    fn try_from(spelled: Spelled) -> Result<Self, Self::Error> {
        let name = spelled.name.trim().to_owned();
        if name.is_empty() {
            return Err(InvalidBlackout::Name);
        }
        let read = |text: &str| {
            let invalid = InvalidBlackout::Time { name: name.clone(), text: text.to_owned() };
            moment(text.trim()).ok_or(invalid)
        };
        let (from, _) = read(&spelled.from)?;
        let (until, is_day) = read(&spelled.to)?;
        let until = if is_day { until + Duration::DAY } else { until };
        if until <= from {
            return Err(InvalidBlackout::Order(name));
        }
        Ok(Self { name, from, until, accounts: spelled.accounts, tags: spelled.tags })
    }
}

impl From<Blackout> for Spelled {
    fn from(blackout: Blackout) -> Self {
        let text = |at: OffsetDateTime| at.format(&Rfc3339).unwrap_or_default();
        Self {
            name: blackout.name,
            from: text(blackout.from),
            to: text(blackout.until),
            accounts: blackout.accounts,
            tags: blackout.tags,
        }
    }
}

impl Blackout {
    /// Whether it is about a secret. Tags that could not be read may have its own.
    pub fn covers(&self, account: &AccountId, tags: Option<&BTreeMap<String, String>>) -> bool {
        (self.accounts.is_empty() || self.accounts.contains(account))
            && tags.is_none_or(|tags| {
                self.tags.iter().all(|(key, value)| tags.get(key) == Some(value))
            })
    }

    pub fn overlaps(&self, window: &Window) -> bool {
        self.from < window.closes && window.opens < self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use time::macros::datetime;

    fn read(from: &str, to: &str) -> Result<Blackout, String> {
        let json = serde_json::json!({ "name": "Freeze", "from": from, "to": to });
        serde_json::from_value(json).map_err(|error| error.to_string())
    }

    #[test]
    fn a_day_is_in_it_until_its_end() {
        let freeze = read("2026-12-20", "2026-12-31").unwrap();
        assert_eq!(freeze.from, datetime!(2026-12-20 0:00 UTC));
        assert_eq!(freeze.until, datetime!(2027-01-01 0:00 UTC));
        let hours = read("2026-12-20T18:00:00+02:00", "2026-12-20T20:00:00Z").unwrap();
        assert_eq!(hours.from, datetime!(2026-12-20 16:00 UTC));
        assert_eq!(hours.until, datetime!(2026-12-20 20:00 UTC));
    }

    #[rstest]
    #[case("2026-12-20", "soon", "neither a day")]
    #[case("2026-13-20", "2026-12-31", "neither a day")]
    #[case("2026-12-20-1", "2026-12-31", "neither a day")]
    #[case("2026-12-20", "2026-12-19", "ends before it begins")]
    #[case("2026-12-20T10:00:00Z", "2026-12-20T10:00:00Z", "ends before it begins")]
    fn what_is_no_time_is_refused(#[case] from: &str, #[case] to: &str, #[case] why: &str) {
        let refused = read(from, to).unwrap_err();
        assert!(refused.contains(why), "{refused}");
    }

    #[test]
    fn it_covers_accounts_and_tags_and_what_is_not_known() {
        let account: AccountId = "441205839201".parse().unwrap();
        let other: AccountId = "441205839202".parse().unwrap();
        let tags = |value: &str| BTreeMap::from([("tier".to_owned(), value.to_owned())]);
        let mut freeze = read("2026-12-20", "2026-12-31").unwrap();
        assert!(freeze.covers(&account, Some(&BTreeMap::new())));
        freeze.accounts = vec![account.clone()];
        freeze.tags = tags("1");
        assert!(freeze.covers(&account, Some(&tags("1"))));
        assert!(!freeze.covers(&account, Some(&tags("2"))));
        assert!(!freeze.covers(&other, Some(&tags("1"))));
        assert!(freeze.covers(&account, None), "unknown tags may be these");
    }
}
