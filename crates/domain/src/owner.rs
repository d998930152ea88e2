//! Owner rules: they map tags, accounts and OUs to a team.

use crate::{
    authz::{
        AccountLocation, is_unit,
        scope_check::{ScopeReference, ScopeTarget},
    },
    ids::AccountId,
    inventory::view::Owner,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// One rule, as configured: exactly one of a tag, an account or an OU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Spelled", into = "Spelled")]
pub enum OwnerRule {
    /// A tag's key, compared exactly. Its value names the team, or `team` does; `value` restricts the rule to one value, or
    /// with a trailing `*` to values with this prefix.
    Tag {
        key: String,
        value: Option<String>,
        team: Option<String>,
    },
    Account {
        account: AccountId,
        team: String,
    },
    /// By id, or by its path below the root; with everything below it.
    Ou {
        ou: String,
        team: String,
    },
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spelled {
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<AccountId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ou: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    team: Option<String>,
}

impl TryFrom<Spelled> for OwnerRule {
    type Error = &'static str;

    fn try_from(spelled: Spelled) -> Result<Self, Self::Error> {
        let Spelled { tag, value, account, ou, team } = spelled;
        if [&tag, &value, &ou, &team].into_iter().flatten().any(|text| text.trim().is_empty()) {
            return Err("an owner rule has an empty text");
        }
        match (tag, account, ou, value, team) {
            (Some(key), None, None, value, team) => Ok(Self::Tag { key, value, team }),
            (None, Some(account), None, None, Some(team)) => Ok(Self::Account { account, team }),
            (None, None, Some(ou), None, Some(team)) => Ok(Self::Ou { ou, team }),
            _ => Err(
                "an owner rule has a tag (with value and team, if you like), or an account or a unit with a team",
            ),
        }
    }
}

impl From<OwnerRule> for Spelled {
    fn from(rule: OwnerRule) -> Self {
        let none = Self { tag: None, value: None, account: None, ou: None, team: None };
        match rule {
            OwnerRule::Tag { key, value, team } => Self { tag: Some(key), value, team, ..none },
            OwnerRule::Account { account, team } => {
                Self { account: Some(account), team: Some(team), ..none }
            }
            OwnerRule::Ou { ou, team } => Self { ou: Some(ou), team: Some(team), ..none },
        }
    }
}

/// The rules in order: the first that names a team applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnerRules(Vec<OwnerRule>);

impl Default for OwnerRules {
    /// The tag `owner`.
    fn default() -> Self {
        Self(vec![OwnerRule::Tag { key: "owner".into(), value: None, team: None }])
    }
}

impl OwnerRules {
    /// What an account's owners depend on apart from the tags: these rules, and its location.
    pub fn key(&self, holder: &AccountLocation) -> String {
        let mut hash = Sha256::new();
        hash.update(format!("{self:?} {:?}", holder.units));
        URL_SAFE_NO_PAD.encode(hash.finalize())
    }

    pub fn new(rules: Vec<OwnerRule>) -> Self {
        Self(rules)
    }

    pub fn rules(&self) -> &[OwnerRule] {
        &self.0
    }

    /// The OUs and accounts that the rules name.
    pub fn scope_references(&self) -> Vec<ScopeReference> {
        let target = |rule: &OwnerRule| match rule {
            OwnerRule::Tag { .. } => None,
            OwnerRule::Account { account, team } => {
                Some((team.clone(), ScopeTarget::Account(account.clone())))
            }
            OwnerRule::Ou { ou, team } => Some((team.clone(), ScopeTarget::Ou(ou.clone()))),
        };
        let named = self.0.iter().filter_map(target);
        named
            .map(|(team, target)| ScopeReference {
                source: format!("the owner rule for the team {team}"),
                target,
            })
            .collect()
    }

    /// The tag whose value names the team, by the first rule that has one: the tag to set if an owner is missing.
    pub fn naming_tag(&self) -> Option<&str> {
        self.0.iter().find_map(|rule| match rule {
            OwnerRule::Tag { key, value: None, team: None } => Some(key.as_str()),
            _ => None,
        })
    }

    /// The owner. If tags could not be read, a rule with a tag leaves it unknown, because the tag may name a team.
    pub fn owner(
        &self,
        tags: Option<&BTreeMap<String, String>>,
        holder: &AccountLocation,
    ) -> Owner {
        for rule in &self.0 {
            match rule {
                OwnerRule::Tag { key, value, team } => {
                    let Some(tags) = tags else { return Owner::Unknown };
                    let own = tags.get(key).map(|own| own.trim()).filter(|own| !own.is_empty());
                    let Some(own) = own.filter(|own| fits(value.as_deref(), own)) else { continue };
                    return Owner::Named(team.as_deref().unwrap_or(own).to_owned());
                }
                OwnerRule::Account { account, team } if *account == holder.account => {
                    return Owner::Named(team.clone());
                }
                OwnerRule::Ou { ou, team } if holder.units.iter().any(|unit| is_unit(unit, ou)) => {
                    return Owner::Named(team.clone());
                }
                OwnerRule::Account { .. } | OwnerRule::Ou { .. } => {}
            }
        }
        Owner::Missing
    }
}

fn fits(wanted: Option<&str>, own: &str) -> bool {
    wanted.is_none_or(|wanted| match wanted.strip_suffix('*') {
        Some(beginning) => own.starts_with(beginning),
        None => wanted == own,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn rules(json: &str) -> OwnerRules {
        serde_json::from_str(json).unwrap()
    }

    fn holder() -> AccountLocation {
        AccountLocation {
            account: "111122223333".parse().unwrap(),
            account_name: "Payments".into(),
            units: vec![
                ("r-1".parse().unwrap(), String::new()),
                ("ou-1".parse().unwrap(), "Workloads".into()),
                ("ou-2".parse().unwrap(), "Workloads/Production".into()),
            ],
        }
    }

    const RULES: &str = r#"[{"tag":"owner"},{"tag":"cost-center","value":"10*","team":"payments"},
        {"account":"444455556666","team":"data"},{"ou":"Workloads","team":"platform"}]"#;

    #[rstest]
    #[case(&[("owner", "growth"), ("cost-center", "1042")], Owner::Named("growth".into()))]
    #[case(&[("owner", "  "), ("cost-center", "1042")], Owner::Named("payments".into()))]
    #[case(&[("Owner", "growth"), ("cost-center", "2042")], Owner::Named("platform".into()))]
    fn the_first_rule_that_names_a_team_counts(
        #[case] tags: &[(&str, &str)],
        #[case] owner: Owner,
    ) {
        let tags =
            tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        assert_eq!(rules(RULES).owner(Some(&tags), &holder()), owner);
    }

    #[test]
    fn unread_tags_leave_it_unknown_unless_an_earlier_rule_decides() {
        assert_eq!(rules(RULES).owner(None, &holder()), Owner::Unknown);
        let first = rules(r#"[{"account":"111122223333","team":"data"},{"tag":"owner"}]"#);
        assert_eq!(first.owner(None, &holder()), Owner::Named("data".into()));
    }

    #[test]
    fn without_a_rule_nobody_owns_anything() {
        assert_eq!(rules("[]").owner(Some(&BTreeMap::new()), &holder()), Owner::Missing);
        let sandbox = rules(r#"[{"ou":"Production","team":"x"}]"#);
        assert_eq!(
            sandbox.owner(Some(&BTreeMap::new()), &holder()),
            Owner::Missing,
            "a name alone is no path"
        );
    }

    #[rstest]
    #[case(r#"{"team":"x"}"#)]
    #[case(r#"{"tag":"a","account":"111122223333"}"#)]
    #[case(r#"{"ou":"Workloads"}"#)]
    #[case(r#"{"ou":"","team":"x"}"#)]
    #[case(r#"{"tag":"a","colour":"x"}"#)]
    #[case(r#"{"account":"12","team":"x"}"#)]
    fn a_rule_that_says_too_little_or_too_much_is_refused(#[case] json: &str) {
        assert!(serde_json::from_str::<OwnerRule>(json).is_err());
    }
}
