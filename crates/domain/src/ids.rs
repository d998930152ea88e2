//! Identifiers, each validated in one place: its `FromStr`.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// A text that is not a valid identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is not {expected}")]
pub struct InvalidId {
    value: String,
    /// What would be valid, for the person who typed it.
    pub expected: &'static str,
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $expected:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The identifier as AWS writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::try_from(text.to_owned())
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(value: String) -> Result<Self, InvalidId> {
                let valid: fn(&str) -> bool = $valid;
                if valid(&value) { Ok(Self(value)) } else { Err(InvalidId { value, expected: $expected }) }
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// An AWS account's number.
    AccountId,
    "an account id of 12 digits",
    |text| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
);

text_id!(
    /// A Region's code, such as `eu-west-1`.
    Region,
    "a Region code such as eu-west-1",
    |text| {
        let parts: Vec<&str> = text.split('-').collect();
        (3..=4).contains(&parts.len())
            && parts.iter().all(|p| !p.is_empty())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && parts[parts.len() - 1].bytes().all(|b| b.is_ascii_digit())
    }
);

text_id!(
    /// The id of an organizational unit (`ou-…`) or of the Organization's root (`r-…`).
    OuId,
    "the id of an organizational unit (ou-… or r-…)",
    |text| {
        (text.starts_with("ou-") || text.starts_with("r-"))
            && text.len() <= 68
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    }
);

/// Whether it is the id of an Organization, such as `o-a1b2c3d4e5`.
pub(crate) fn is_organization(text: &str) -> bool {
    let is_lower = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.strip_prefix("o-")
        .is_some_and(|rest| (10..=32).contains(&rest.len()) && rest.bytes().all(is_lower))
}

text_id!(
    /// An Amazon Resource Name: six parts separated by colons, the last of which may contain more.
    Arn,
    "an ARN (arn:partition:service:region:account:resource)",
    |text| text.starts_with("arn:") && text.splitn(6, ':').count() == 6 && text.len() <= 2048
);

impl Arn {
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub fn partition(&self) -> &str {
        self.part(1)
    }

    /// Such as `secretsmanager`.
    pub fn service(&self) -> &str {
        self.part(2)
    }

    /// The code of its Region; empty for global resources.
    pub fn region(&self) -> &str {
        self.part(3)
    }

    /// The number of its account; empty for a few global resources.
    pub fn account(&self) -> &str {
        self.part(4)
    }

    fn part(&self, at: usize) -> &str {
        self.0.splitn(6, ':').nth(at).unwrap_or_default()
    }

    /// The same resource's ARN in another Region: the difference between a replica and its primary.
    #[must_use]
    pub fn in_region(&self, region: &Region) -> Self {
        let mut parts: Vec<&str> = self.0.splitn(6, ':').collect();
        parts[3] = region.as_str();
        Self(parts.join(":"))
    }
}

/// Claviger's own id of a secret or parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ResourceId(pub Uuid);

impl FromStr for ResourceId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Uuid::parse_str(text).map(Self).map_err(|_| InvalidId {
            value: text.to_owned(),
            expected: "the id of a secret or parameter",
        })
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The id of one scan of the Organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ScanId(pub Uuid);

impl fmt::Display for ScanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Short ids for people.
macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $expected:literal) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($prefix, "-{}"), self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = &'static str;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let digits = text
                    .strip_prefix(concat!($prefix, "-"))
                    .or_else(|| text.strip_prefix(concat!($prefix, "-").to_ascii_lowercase().as_str()))
                    .filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
                digits.and_then(|digits| digits.parse().ok()).map(Self).ok_or($expected)
            }
        }
    };
}
pub(crate) use numbered;

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("123456789012", true)]
    #[case("12345678901", false)]
    #[case("12345678901a", false)]
    #[case("", false)]
    fn account_ids(#[case] text: &str, #[case] valid: bool) {
        assert_eq!(text.parse::<AccountId>().is_ok(), valid);
    }

    #[rstest]
    #[case("eu-west-1", true)]
    #[case("us-gov-east-1", true)]
    #[case("eu-west", false)]
    #[case("EU-WEST-1", false)]
    #[case("eu--1", false)]
    #[case("'; drop", false)]
    fn regions(#[case] text: &str, #[case] valid: bool) {
        assert_eq!(text.parse::<Region>().is_ok(), valid);
    }

    #[rstest]
    #[case("o-a1b2c3d4e5", true)]
    #[case("o-a1b2c3d4e", false)]
    #[case("o-A1B2C3D4E5", false)]
    #[case("r-a1b2c3d4e5", false)]
    #[case("o-a1b2c3d4e5/*", false)]
    fn organizations(#[case] text: &str, #[case] valid: bool) {
        assert_eq!(is_organization(text), valid);
    }

    #[test]
    fn a_replica_differs_only_in_its_region() {
        let arn: Arn =
            "arn:aws:secretsmanager:us-east-1:111122223333:secret:a:b-AbCdEf".parse().unwrap();
        let replica = arn.in_region(&"eu-west-1".parse().unwrap());
        assert_eq!(
            replica.as_str(),
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:a:b-AbCdEf"
        );
    }

    #[test]
    fn an_id_is_evaluated_when_it_is_read_from_json() {
        assert!(serde_json::from_str::<AccountId>("\"12\"").is_err());
    }
}
