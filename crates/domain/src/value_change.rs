//! The outcome of a change under a grant, and what is shown before it.

use crate::{changes::Change, creation::ShapeFault, facts::SecretFacts, json_shape::ValueShape};
use serde::{Deserialize, Serialize};

/// A new version, with what AWS had around it. AWS has no conditional write, so it is compared afterwards.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// The new version; a number for a parameter.
    pub version: String,
    /// A version that somebody else wrote after ours was based on the one before: ours has replaced it.
    pub overwrote: Option<String>,
    /// A version that somebody else wrote after ours: it is current.
    pub replaced_by: Option<String>,
    /// Whether AWS could be asked afterwards. If not, nothing is known of other writers.
    pub is_verified: bool,
    /// The settings before and after.
    #[serde(default)]
    pub changes: Vec<Change>,
    /// Settings that AWS does not have as they were sent.
    #[serde(default)]
    pub unverified: Vec<String>,
}

/// The versions of a secret that a change is about.
#[derive(Debug, Clone, Copy)]
pub struct SecretVersions<'a> {
    /// The version whose text was changed.
    pub read: &'a str,
    pub written: &'a str,
}

impl Written {
    /// A secret's new version, by the versions that AWS has afterwards; `None` if it did not answer.
    pub fn of_secret(versions: SecretVersions<'_>, after: Option<&SecretFacts>) -> Self {
        let staged =
            |stage| after.and_then(|secret| secret.staged(stage)).map(|one| one.id.as_str());
        let plain = Self { version: versions.written.to_owned(), ..Self::default() };
        match (staged("AWSCURRENT"), staged("AWSPREVIOUS")) {
            (Some(current), Some(previous)) if current == versions.written => {
                let other = (previous != versions.read).then(|| previous.to_owned());
                Self { overwrote: other, is_verified: true, ..plain }
            }
            (Some(current), _) if current != versions.written => {
                Self { replaced_by: Some(current.to_owned()), is_verified: true, ..plain }
            }
            _ => plain,
        }
    }

    /// A parameter's new version, which is the next number if nobody else has written.
    pub fn of_parameter(read: Option<i64>, written: &str) -> Self {
        let plain = Self { version: written.to_owned(), ..Self::default() };
        let (Some(read), Ok(new)) = (read, written.parse::<i64>()) else { return plain };
        let other = (new > read + 1).then(|| (new - 1).to_string());
        Self { overwrote: other, is_verified: true, ..plain }
    }

    /// What somebody should look at, with what to do; `None` if all is as it was meant.
    pub fn warning(&self) -> Option<(String, &'static str)> {
        let Self { version, .. } = self;
        if let Some(other) = &self.overwrote {
            return Some((
                format!(
                    "Written as version {version}, over version {other}, which somebody else wrote in between."
                ),
                "That version still has its value. Compare the two, then write again, or roll back.",
            ));
        }
        if let Some(other) = &self.replaced_by {
            return Some((
                format!(
                    "Written as version {version}, but version {other} of somebody else is current."
                ),
                "Compare the two, then write again if your change is missing.",
            ));
        }
        if !self.unverified.is_empty() {
            return Some((
                format!(
                    "Written as version {version}, but AWS doesn't show the new {}.",
                    self.unverified.join(", ")
                ),
                "Look at the parameter again in a minute.",
            ));
        }
        (!self.is_verified).then(|| {
            (
                format!(
                    "Written as version {version}. AWS did not say whether somebody else wrote at the same time."
                ),
                "Look at the versions again in a minute.",
            )
        })
    }
}

/// The keys of a value, without their values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownKeys {
    /// The version that was read.
    pub version: String,
    pub shape: ValueShape,
}

/// What a change of a parameter would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterPreview {
    pub changes: Vec<Change>,
    /// Why AWS would refuse it.
    pub faults: Vec<ShapeFault>,
    /// A pattern that only AWS can check against the value.
    pub unchecked_pattern: Option<String>,
    /// The parameter's version now.
    pub version: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Version;
    use rstest::rstest;

    fn staged(current: &str, previous: Option<&str>) -> SecretFacts {
        let version = |id: &str, stage: &str| Version { id: id.into(), stages: vec![stage.into()] };
        let mut versions = vec![version(current, "AWSCURRENT")];
        versions.extend(previous.map(|id| version(id, "AWSPREVIOUS")));
        SecretFacts { versions, ..SecretFacts::default() }
    }

    #[rstest]
    #[case::alone(Some(staged("new", Some("read"))), None, None, true)]
    #[case::over_another(Some(staged("new", Some("theirs"))), Some("theirs"), None, true)]
    #[case::under_another(Some(staged("theirs", Some("new"))), None, Some("theirs"), true)]
    #[case::lagging(Some(staged("new", None)), None, None, false)]
    #[case::no_answer(None, None, None, false)]
    fn another_writer_is_found_by_the_versions(
        #[case] after: Option<SecretFacts>,
        #[case] overwrote: Option<&str>,
        #[case] replaced_by: Option<&str>,
        #[case] is_verified: bool,
    ) {
        let versions = SecretVersions { read: "read", written: "new" };
        let written = Written::of_secret(versions, after.as_ref());
        assert_eq!(written.overwrote.as_deref(), overwrote);
        assert_eq!(written.replaced_by.as_deref(), replaced_by);
        assert_eq!(written.is_verified, is_verified);
        let is_well = is_verified && overwrote.is_none() && replaced_by.is_none();
        assert_eq!(written.warning().is_none(), is_well);
    }

    #[test]
    fn a_parameter_has_the_next_number() {
        assert_eq!(Written::of_parameter(Some(3), "4").warning(), None);
        let raced = Written::of_parameter(Some(3), "5");
        assert_eq!(raced.overwrote.as_deref(), Some("4"));
        assert!(!Written::of_parameter(None, "5").is_verified);
    }
}
