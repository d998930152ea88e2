//! The Organization as AWS Organizations returns it.

pub mod identities;
pub mod readiness;
pub mod roles;

use crate::{
    accounts::readiness::ReadFailure,
    choice::InvalidChoice,
    ids::{AccountId, OuId},
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// An account's `State`, which replaces the retired `Status`.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum AccountState {
    PendingActivation,
    Active,
    Suspended,
    PendingClosure,
    Closed,
    /// A state this version does not know: never treated as active.
    Unknown,
}

/// An organizational unit, or the root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ou {
    pub id: OuId,
    pub parent: Option<OuId>,
    pub name: String,
    /// The names from below the root down, joined by [`child_path`]; empty for the root.
    pub path: String,
}

/// The path of an OU below another. A name may contain any character, so a slash in it is written `\/` and a backslash
/// `\\`: no two OUs of an Organization have the same path, because names are unique below one parent.
pub fn child_path(parent: &str, name: &str) -> String {
    let name = name.replace('\\', r"\\").replace('/', r"\/");
    if parent.is_empty() { name } else { format!("{parent}/{name}") }
}

/// How many OUs are between the root and this one.
pub fn path_depth(path: &str) -> usize {
    path_names(path).len().saturating_sub(1)
}

/// The names that make up a path.
pub fn path_names(path: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut chars = path.chars();
    while let Some(c) = chars.next() {
        let name = names.last_mut();
        match (c, name) {
            ('/', _) => names.push(String::new()),
            ('\\', Some(name)) => name.extend(chars.next()),
            (c, Some(name)) => name.push(c),
            (_, None) => {}
        }
    }
    names
}

/// Whether a text has the form of an AWS id of an OU or root. Such a text names an OU by its id and never by its
/// path, because an OU can have any name, including the id of another one.
/// Source: the patterns `^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$` and `^r-[0-9a-z]{4,32}$` of the Organizations API.
pub fn is_ou_id(text: &str) -> bool {
    let part = |text: &str, from: usize| {
        (from..=32).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    if let Some(id) = text.strip_prefix("r-") {
        return part(id, 4);
    }
    text.strip_prefix("ou-")
        .and_then(|rest| rest.split_once('-'))
        .is_some_and(|(root, id)| part(root, 4) && part(id, 8))
}

/// Whether a text of the configuration, an id or a path, names this OU.
pub fn names_ou(text: &str, id: &OuId, path: &str) -> bool {
    id.as_str() == text || (!is_ou_id(text) && path == text && !path.is_empty())
}

/// A member account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub id: AccountId,
    pub name: String,
    pub email: String,
    pub state: AccountState,
    /// The OUs that contain it, from the root down.
    pub ou_path: Vec<OuId>,
    pub joined_at: Option<OffsetDateTime>,
}

/// A policy of the type `TAG_POLICY`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagPolicy {
    pub id: String,
    pub name: String,
    /// As written, with its operators.
    pub content: String,
    /// The root, OUs and accounts that it is attached to.
    pub targets: Vec<String>,
}

/// The result of reading tag policies. Each part has its own outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagPolicyReading {
    /// Whether the root has the policy type enabled. From `ListRoots`.
    pub is_enabled: Result<bool, ReadFailure>,
    /// From `ListPolicies`, `ListTargetsForPolicy` and `DescribePolicy`: all of them or none, because the effective
    /// policy depends on every one.
    pub policies: Result<Vec<TagPolicy>, ReadFailure>,
}

/// The result of reading the Organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    pub id: String,
    pub management_account: AccountId,
    pub ous: Vec<Ou>,
    pub accounts: Vec<Account>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ou_with_a_slash_in_its_name_has_a_path_of_its_own() {
        let nested = child_path(&child_path("", "Workloads"), "Production");
        let flat = child_path("", "Workloads/Production");
        assert_eq!(
            (nested.as_str(), flat.as_str()),
            ("Workloads/Production", r"Workloads\/Production")
        );
        assert_eq!(path_names(&nested), ["Workloads", "Production"]);
        assert_eq!(path_names(&flat), ["Workloads/Production"]);
        assert_eq!((path_depth(&nested), path_depth(&flat)), (1, 0));
        // A name that ends with a backslash does not run into the next one.
        let odd = child_path(&child_path("", r"a\"), "b");
        assert_eq!(path_names(&odd), [r"a\", "b"]);
        assert_ne!(odd, child_path("", r"a\/b"));
    }

    #[test]
    fn a_text_with_the_shape_of_an_id_names_no_path() {
        let id: OuId = "ou-ab12-11111111".parse().unwrap();
        let other: OuId = "ou-ab12-22222222".parse().unwrap();
        // Someone gave an OU the id of another one as its name.
        assert!(!names_ou("ou-ab12-11111111", &other, "ou-ab12-11111111"));
        assert!(names_ou("ou-ab12-11111111", &id, "Production"));
        assert!(names_ou("Production", &id, "Production"));
        assert!(!names_ou("", &id, ""), "the root has no path");
        assert!(
            is_ou_id("r-ab12")
                && !is_ou_id("ou-1")
                && !is_ou_id("r-AB12")
                && !is_ou_id("ou-ab12-1/11111111")
        );
    }
}
