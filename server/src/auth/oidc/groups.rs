//! A person's groups, from any claim of the identity provider.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// More groups than this would make a sign-in's row unwieldy.
const MAX_GROUPS: usize = 1000;

/// Why a text is no location of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidClaimPath {
    #[error("a backslash is to stand before a dot or another backslash")]
    Backslash,
    #[error("a name between two dots is empty. Write \\. for a dot within a name")]
    EmptyName,
}

/// The location of a claim: its own name, or a path of names separated by dots. A backslash before a dot makes it
/// part of the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimPath {
    whole: String,
    steps: Vec<String>,
}

impl ClaimPath {
    /// Parses `groups`, `realm_access.roles`, `https://example\.com/groups`.
    pub fn read(text: &str) -> Result<Self, InvalidClaimPath> {
        let (mut steps, mut step) = (Vec::new(), String::new());
        let mut characters = text.chars();
        while let Some(c) = characters.next() {
            match c {
                '\\' => match characters.next() {
                    Some(c @ ('.' | '\\')) => step.push(c),
                    _ => return Err(InvalidClaimPath::Backslash),
                },
                '.' => steps.push(std::mem::take(&mut step)),
                c => step.push(c),
            }
        }
        steps.push(step);
        if steps.iter().any(String::is_empty) {
            return Err(InvalidClaimPath::EmptyName);
        }
        Ok(Self { whole: text.to_owned(), steps })
    }

    /// The claim with exactly this name, dots included, or the one at the end of the path.
    fn find<'a>(&self, claims: &'a Map<String, Value>) -> Option<&'a Value> {
        let found = claims.get(&self.whole).or_else(|| {
            let (first, rest) = self.steps.split_first()?;
            rest.iter().try_fold(claims.get(first)?, |at, step| at.as_object()?.get(step))
        });
        found.filter(|value| !value.is_null())
    }

    /// Whether the provider omitted the claim because the list is too long for a token: Microsoft Entra ID's overage.
    fn is_left_out(&self, claims: &Map<String, Value>) -> bool {
        let named = |names: &Value| {
            names.as_object().is_some_and(|names| {
                names.contains_key(&self.whole) || names.contains_key(&self.steps[0])
            })
        };
        // `hasgroups` is about the claim `groups`, and occurs in tokens from the browser.
        let has_groups = claims.get("hasgroups").is_some_and(|has| match has {
            Value::Bool(has) => *has,
            Value::String(has) => has.eq_ignore_ascii_case("true"),
            _ => false,
        });
        claims.get("_claim_names").is_some_and(named) || (has_groups && self.whole == "groups")
    }
}

/// The response of the provider that had the claim.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    IdToken,
    UserInfo,
    /// None had it.
    #[default]
    Nowhere,
}

/// The source of a person's groups.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrived {
    /// The claim's path, as configured.
    pub claim: String,
    pub source: Source,
    /// Omitted because there are too many (Entra ID).
    pub overage: bool,
    /// Values that are not names of groups, or beyond the limit.
    pub unread: usize,
}

/// The content of the claim.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub names: Vec<String>,
    pub arrived: Arrived,
}

/// Reads the groups from the claims of one response; `None` if it does not have the claim.
pub(super) fn read(
    path: &ClaimPath,
    separator: Option<&str>,
    claims: &Map<String, Value>,
    source: Source,
) -> Option<Found> {
    let arrived = Arrived { claim: path.whole.clone(), source, ..Arrived::default() };
    let Some(value) = path.find(claims) else {
        let overage = path.is_left_out(claims);
        return overage
            .then(|| Found { names: Vec::new(), arrived: Arrived { overage, ..arrived } });
    };
    let (all, odd) = names(value, separator);
    let mut names: Vec<String> = Vec::new();
    for name in all {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let beyond = names.len().saturating_sub(MAX_GROUPS);
    names.truncate(MAX_GROUPS);
    Some(Found { names, arrived: Arrived { unread: odd + beyond, ..arrived } })
}

/// The names in a claim, and the number of other values.
fn names(value: &Value, separator: Option<&str>) -> (Vec<String>, usize) {
    let name = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    match value {
        Value::String(text) => match separator {
            Some(separator) => (text.split(separator).filter_map(name).collect(), 0),
            None => (name(text).into_iter().collect(), 0),
        },
        Value::Array(items) => {
            let texts = items.iter().filter_map(Value::as_str).filter_map(name).collect();
            (texts, items.iter().filter(|item| !item.is_string()).count())
        }
        // Zitadel: each role with the organizations that granted it.
        Value::Object(roles) if roles.values().all(Value::is_object) => {
            (roles.keys().filter_map(|text| name(text)).collect(), 0)
        }
        _ => (Vec::new(), 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn at(path: &str, separator: Option<&str>, claims: Value) -> Option<Found> {
        let path = ClaimPath::read(path).unwrap();
        read(&path, separator, claims.as_object().unwrap(), Source::IdToken)
    }

    fn list(path: &str, claims: Value) -> Vec<String> {
        at(path, None, claims).map(|found| found.names).unwrap_or_default()
    }

    #[test]
    fn groups_are_found_by_path() {
        let keycloak = json!({
            "realm_access": {"roles": ["a"]},
            "resource_access": {"claviger": {"roles": ["b", "c"]}, "my.app": {"roles": ["d"]}},
        });
        assert_eq!(list("realm_access.roles", keycloak.clone()), ["a"]);
        assert_eq!(list("resource_access.claviger.roles", keycloak.clone()), ["b", "c"]);
        assert_eq!(list(r"resource_access.my\.app.roles", keycloak.clone()), ["d"]);
        assert!(list("resource_access.other.roles", keycloak.clone()).is_empty());
        assert!(list("realm_access.roles.x", keycloak).is_empty());
        let named =
            json!({"https://example.com/groups": ["a"], "cognito:groups": ["b"], r"a\b": ["c"]});
        for (path, name) in [
            ("https://example.com/groups", "a"),
            (r"https://example\.com/groups", "a"),
            ("cognito:groups", "b"),
            (r"a\\b", "c"),
        ] {
            assert_eq!(list(path, named.clone()), [name], "{path}");
        }
        for bad in ["a..b", ".a", "a.", r"a\b", r"a\"] {
            assert!(ClaimPath::read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn groups_are_lists_texts_and_objects_of_roles() {
        assert_eq!(list("g", json!({"g": ["a", 1, " b ", "", null, "a"]})), ["a", "b"]);
        assert_eq!(at("g", None, json!({"g": ["a", 1, null]})).unwrap().arrived.unread, 2);
        assert_eq!(list("g", json!({"g": "a b"})), ["a b"]);
        let split =
            |separator, text: &str| at("g", Some(separator), json!({"g": text})).unwrap().names;
        assert_eq!(split(",", "a, b,,c "), ["a", "b", "c"]);
        assert_eq!(split(" ", "a  b"), ["a", "b"]);
        assert_eq!(
            at("g", Some(","), json!({"g": ["a,b"]})).unwrap().names,
            ["a,b"],
            "a list is one already"
        );
        let guid = "3e0c52c8-6f0a-4b6f-9a3c-0d1e2f3a4b5c";
        assert_eq!(list("g", json!({"g": [guid]})), [guid]);
        assert_eq!(list("g", json!({"g": {"a": {"1": "x"}, "b": {}}})), ["a", "b"]);
        for odd in [json!({"a": true}), json!(1), json!(true), json!({"a": "b"})] {
            let found = at("g", None, json!({"g": odd})).unwrap();
            assert!(found.names.is_empty() && found.arrived.unread == 1);
        }
        assert_eq!(at("g", None, json!({"g": null})), None);
        assert_eq!(at("g", None, json!({})), None);
    }

    #[test]
    fn too_many_groups_are_counted() {
        let many: Vec<String> = (0..1200).map(|n| n.to_string()).collect();
        let found = at("groups", None, json!({"groups": many})).unwrap();
        assert_eq!((found.names.len(), found.arrived.unread), (1000, 200));
    }

    #[test]
    fn entras_overage_is_seen() {
        for claims in [
            json!({"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://graph"}}}),
            json!({"hasgroups": true}),
            json!({"hasgroups": "true"}),
        ] {
            let found = at("groups", None, claims).unwrap();
            assert!(found.arrived.overage && found.names.is_empty());
        }
        assert_eq!(at("roles", None, json!({"hasgroups": true})), None, "it is about groups");
        assert_eq!(
            at("groups", None, json!({"hasgroups": false, "_claim_names": {"other": "s"}})),
            None
        );
        let there =
            at("groups", None, json!({"groups": ["a"], "_claim_names": {"groups": "s"}})).unwrap();
        assert!(!there.arrived.overage && there.names == ["a"]);
    }
}
