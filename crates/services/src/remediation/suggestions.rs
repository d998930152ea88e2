//! Values that a form leaves open are proposed from what is in use: the owner rules, the path, the secrets next to it.

use super::items::PlanItem;
use crate::{PlanWriter, ServiceError, compliance::InForce};
use claviger_domain::{
    facts::Detail,
    ids::{AccountId, Region},
    remediation::RemediationAction,
};
use claviger_policy::compliance::PolicyRule;
use claviger_store::{ArnUse, ResourceInput, TagUse, UsedArn};
use std::collections::{BTreeMap, BTreeSet};

/// Why an action has no values of its own for a resource.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoSuggestion {
    #[error("no value for {0} can be proposed")]
    Unknown(String),
    #[error("it has these tags already")]
    HasTags,
}

/// In a value: what is proposed for each secret or parameter by itself.
pub(super) const SUGGESTED: &str = "{suggested}";

/// Where a proposal comes from, in the order in which they are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    OwnerRule,
    Policy,
    Path,
    Folder,
    Account,
}

impl Source {
    fn says(self) -> &'static str {
        match self {
            Self::OwnerRule => "the owner rules",
            Self::Policy => "the policy's only allowed value",
            Self::Path => "a segment of the name",
            Self::Folder => "others under the same path",
            Self::Account => "others in the same account",
        }
    }
}

/// A requested action with what could be proposed, and what is said about it.
pub(super) struct Proposed {
    pub(super) action: RemediationAction,
    pub(super) says: Option<String>,
    /// What has to be filled in by hand.
    pub(super) lacks: Option<String>,
}

/// What is in use in the accounts concerned.
#[derive(Debug, Default)]
pub(super) struct InUse {
    owner_tag: Option<String>,
    tags: Vec<TagUse>,
    keys: Vec<ArnUse>,
    functions: Vec<ArnUse>,
}

/// Whether a value is left open.
fn is_open(value: &str) -> bool {
    value.trim().is_empty() || value.contains(SUGGESTED)
}

fn segments(name: &str) -> Vec<&str> {
    let mut segments: Vec<&str> = name.split('/').filter(|part| !part.is_empty()).collect();
    segments.pop();
    segments
}

fn is_below(folder: &str, prefix: &[&str]) -> bool {
    let mut parts = folder.split('/').filter(|part| !part.is_empty());
    prefix.iter().all(|wanted| parts.next() == Some(wanted))
}

/// The value used most often; of equals the first by name.
fn most_used<'a>(uses: impl Iterator<Item = (&'a str, i64)>) -> Option<String> {
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for (value, count) in uses {
        *sums.entry(value).or_default() += count;
    }
    let best = sums.iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0)));
    best.map(|(value, _)| (*value).to_owned())
}

/// What is used next to a name: the longest common path first, then (where `whole`) anywhere.
fn nearest<'a>(
    name: &str,
    whole: bool,
    uses: &[(&'a str, &'a str, i64)],
) -> Option<(String, Source)> {
    let path = segments(name);
    let least = usize::from(!whole);
    for depth in (least..=path.len()).rev() {
        let here = uses.iter().filter(|(folder, ..)| is_below(folder, &path[..depth]));
        if let Some(found) = most_used(here.map(|(_, value, count)| (*value, *count))) {
            return Some((found, if depth == 0 { Source::Account } else { Source::Folder }));
        }
    }
    None
}

/// Its own account and Region as a form names them, so that one text fits many.
fn templated(arn: &str, account: &AccountId, region: &Region) -> String {
    arn.replace(&format!(":{region}:{account}:"), ":{region}:{account}:")
}

impl InUse {
    fn tag(
        &self,
        key: &str,
        allowed: &[String],
        team: Option<&str>,
        row: &PlanItem,
    ) -> Option<(String, Source)> {
        let fits = |value: &str| allowed.is_empty() || allowed.iter().any(|one| one == value);
        if self.owner_tag.as_deref() == Some(key)
            && let Some(team) = team.filter(|team| fits(team))
        {
            return Some((team.to_owned(), Source::OwnerRule));
        }
        if let [only] = allowed {
            return Some((only.clone(), Source::Policy));
        }
        let uses: Vec<&TagUse> =
            self.tags.iter().filter(|one| one.key == key && fits(&one.value)).collect();
        let named =
            segments(&row.name).into_iter().find(|part| uses.iter().any(|one| one.value == *part));
        if let Some(part) = named {
            return Some((part.to_owned(), Source::Path));
        }
        let here: Vec<(&str, &str, i64)> = uses
            .iter()
            .filter(|one| one.account == row.account_id)
            .map(|one| (one.folder.as_str(), one.value.as_str(), one.count))
            .collect();
        nearest(&row.name, true, &here)
    }

    fn arn(uses: &[ArnUse], whole: bool, row: &PlanItem) -> Option<(String, Source)> {
        let here: Vec<(&str, &str, i64)> = uses
            .iter()
            .filter(|one| one.account == row.account_id && one.region == row.region)
            .map(|one| (one.folder.as_str(), one.arn.as_str(), one.count))
            .collect();
        nearest(&row.name, whole, &here)
    }

    /// The request for one secret or parameter, with its own proposals in place; the error says what is missing.
    pub(super) fn concrete(
        &self,
        action: &RemediationAction,
        rule: Option<&PolicyRule>,
        input: &ResourceInput,
        row: &PlanItem,
    ) -> Result<RemediationAction, NoSuggestion> {
        let put = |text: &str, found: Option<(String, Source)>, what: &str| {
            let (value, _) = found.ok_or_else(|| NoSuggestion::Unknown(what.to_owned()))?;
            Ok(text.replace(SUGGESTED, &value))
        };
        Ok(match action {
            RemediationAction::SetTags { tags }
                if tags.values().any(|value| value.contains(SUGGESTED)) =>
            {
                let own = input.facts.tags.as_ref();
                let mut concrete = BTreeMap::new();
                for (key, text) in tags {
                    if !text.contains(SUGGESTED) {
                        concrete.insert(key.clone(), text.clone());
                        continue;
                    }
                    let allowed = allowed(rule, key);
                    let has = own.and_then(|own| own.get(key)).map(|own| own.trim());
                    // What is good already is left as it is.
                    if has.is_some_and(|has| !has.is_empty() && fits(allowed, has)) {
                        continue;
                    }
                    let found = self.tag(key, allowed, input.team.as_deref(), row);
                    concrete.insert(key.clone(), put(text, found, key)?);
                }
                if concrete.is_empty() {
                    return Err(NoSuggestion::HasTags);
                }
                RemediationAction::SetTags { tags: concrete }
            }
            RemediationAction::ChangeKey { key } if key.contains(SUGGESTED) => {
                let found = Self::arn(&self.keys, true, row);
                RemediationAction::ChangeKey { key: put(key, found, "the key")? }
            }
            RemediationAction::EnableRotation {
                days,
                schedule,
                duration,
                lambda: Some(lambda),
                role,
                metadata,
                rotate_immediately,
            } if lambda.contains(SUGGESTED) => {
                let own = match &input.facts.detail {
                    Detail::Secret(secret) => secret.rotation.lambda_arn.clone(),
                    Detail::Parameter(_) => None,
                };
                let found = own
                    .map(|own| (own, Source::Policy))
                    .or_else(|| Self::arn(&self.functions, false, row));
                RemediationAction::EnableRotation {
                    days: *days,
                    schedule: schedule.clone(),
                    duration: duration.clone(),
                    lambda: Some(put(lambda, found, "the rotation function")?),
                    role: role.clone(),
                    metadata: metadata.clone(),
                    rotate_immediately: *rotate_immediately,
                }
            }
            other => other.clone(),
        })
    }
}

/// The values that a rule allows for a tag; none means any.
fn allowed<'a>(rule: Option<&'a PolicyRule>, key: &str) -> &'a [String] {
    match rule {
        Some(PolicyRule::RequiredTags { tags }) => tags.get(key).map_or(&[], Vec::as_slice),
        _ => &[],
    }
}

fn fits(allowed: &[String], value: &str) -> bool {
    allowed.is_empty() || allowed.iter().any(|one| one == value)
}

/// One text for all where they agree, each its own where they do not, none where nothing is known.
fn together(values: &[Option<String>]) -> Option<String> {
    let known: BTreeSet<&String> = values.iter().flatten().collect();
    match (known.len(), values.iter().all(Option::is_some)) {
        (0, _) => None,
        (1, true) => known.first().map(|value| (*value).clone()),
        _ => Some(SUGGESTED.to_owned()),
    }
}

impl PlanWriter {
    /// What is in use, as far as the requested action leaves something open.
    pub(super) async fn in_use(
        &self,
        action: &RemediationAction,
        rows: &[PlanItem],
    ) -> Result<InUse, ServiceError> {
        let accounts: BTreeSet<&AccountId> = rows.iter().map(|row| &row.account_id).collect();
        let accounts: Vec<AccountId> = accounts.into_iter().cloned().collect();
        let owner_tag = self.owner_rules.naming_tag().map(str::to_owned);
        let mut found = InUse { owner_tag, ..InUse::default() };
        match action {
            RemediationAction::SetTags { tags } => {
                let open: Vec<String> = tags
                    .iter()
                    .filter(|(_, value)| is_open(value))
                    .map(|(key, _)| key.clone())
                    .collect();
                if !open.is_empty() {
                    found.tags = self.inventory.tag_uses(&accounts, &open).await?;
                }
            }
            RemediationAction::ChangeKey { key } if is_open(key) => {
                found.keys = self.inventory.arn_uses(&accounts, UsedArn::Key).await?;
            }
            RemediationAction::EnableRotation { lambda, .. }
                if lambda.as_deref().is_none_or(is_open) =>
            {
                found.functions =
                    self.inventory.arn_uses(&accounts, UsedArn::RotationFunction).await?;
            }
            _ => {}
        }
        Ok(found)
    }

    /// The request with what it leaves open proposed, as far as something is known.
    #[expect(clippy::too_many_lines, reason = "one arm for each kind of action")]
    pub(super) async fn proposed(
        &self,
        action: &RemediationAction,
        rows: &[PlanItem],
        policies: &[InForce],
    ) -> Result<Proposed, ServiceError> {
        let found = self.in_use(action, rows).await?;
        let ids: Vec<_> = rows.iter().map(|row| row.resource).collect();
        let input = self.evaluations.resources_to_evaluate_by_id(&ids).await?;
        let each: Vec<(&PlanItem, &ResourceInput, Option<&PolicyRule>)> = rows
            .iter()
            .filter_map(|row| {
                let input = input.iter().find(|one| one.id == row.resource)?;
                let policy = row.policy_in(policies);
                if row.policy.is_some() && policy.is_none() {
                    return None;
                }
                Some((row, input, policy.map(|policy| &policy.rule)))
            })
            .collect();
        let mut sources: BTreeSet<Source> = BTreeSet::new();
        let mut take = |proposal: Option<(String, Source)>| {
            proposal.map(|(value, source)| {
                sources.insert(source);
                value
            })
        };
        let mut lacks = Vec::new();
        let action = match action {
            RemediationAction::SetTags { tags } => {
                let mut filled = BTreeMap::new();
                for (key, value) in tags {
                    if !value.trim().is_empty() {
                        filled.insert(key.clone(), value.clone());
                        continue;
                    }
                    let values: Vec<Option<String>> = each
                        .iter()
                        .map(|(row, input, rule)| {
                            let allowed = allowed(*rule, key);
                            let own = input.facts.tags.as_ref().and_then(|own| own.get(key));
                            // A good value of its own is no reason to give it another.
                            match own.filter(|own| !own.trim().is_empty() && fits(allowed, own)) {
                                Some(_) => None,
                                None => take(found.tag(key, allowed, input.team.as_deref(), row)),
                            }
                        })
                        .collect();
                    match together(&values) {
                        Some(value) => {
                            filled.insert(key.clone(), value);
                        }
                        None => lacks.push(format!("the tag {key}, such as {key}=value")),
                    }
                }
                RemediationAction::SetTags { tags: filled }
            }
            RemediationAction::ChangeKey { key } if key.trim().is_empty() => {
                let values: Vec<Option<String>> = each
                    .iter()
                    .map(|(row, ..)| {
                        take(InUse::arn(&found.keys, true, row))
                            .map(|arn| templated(&arn, &row.account_id, &row.region))
                    })
                    .collect();
                let key = together(&values);
                if key.is_none() {
                    lacks.push("the KMS key: no secret nearby has a customer managed key".into());
                }
                RemediationAction::ChangeKey { key: key.unwrap_or_default() }
            }
            RemediationAction::EnableRotation {
                days,
                schedule,
                duration,
                lambda: None,
                role,
                metadata,
                rotate_immediately,
            } => {
                let own = |input: &ResourceInput| match &input.facts.detail {
                    Detail::Secret(secret) => secret.rotation.lambda_arn.clone(),
                    Detail::Parameter(_) => None,
                };
                let without: Vec<_> =
                    each.iter().filter(|(_, input, _)| own(input).is_none()).collect();
                let values: Vec<Option<String>> = without
                    .iter()
                    .map(|(row, ..)| {
                        take(InUse::arn(&found.functions, false, row))
                            .map(|arn| templated(&arn, &row.account_id, &row.region))
                    })
                    .collect();
                let lambda = match together(&values) {
                    Some(_) if without.len() < each.len() => Some(SUGGESTED.to_owned()),
                    other => other,
                };
                if lambda.is_none() && !without.is_empty() {
                    lacks.push(
                        "the rotation function: no secret under the same path has one".into(),
                    );
                }
                RemediationAction::EnableRotation {
                    days: *days,
                    schedule: schedule.clone(),
                    duration: duration.clone(),
                    lambda,
                    role: role.clone(),
                    metadata: metadata.clone(),
                    rotate_immediately: *rotate_immediately,
                }
            }
            other => other.clone(),
        };
        let from: Vec<&str> = sources.into_iter().map(Source::says).collect();
        Ok(Proposed {
            action,
            says: (!from.is_empty()).then(|| format!("Suggested by {}.", from.join(", "))),
            lacks: (!lacks.is_empty()).then(|| format!("Enter {}.", lacks.join("; "))),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USES: [(&str, &str, i64); 4] = [
        ("checkout/orders", "checkout", 3),
        ("checkout", "sre", 5),
        ("kafka", "data", 9),
        ("", "zeta", 9),
    ];

    #[test]
    fn what_is_nearest_by_path_is_proposed_before_what_is_frequent() {
        let found = |name: &str, whole: bool| nearest(name, whole, &USES);
        let of = |value: &str, source| Some((value.to_owned(), source));
        assert_eq!(found("checkout/orders/postgres", true), of("checkout", Source::Folder));
        assert_eq!(found("/checkout/cart/redis", true), of("sre", Source::Folder));
        assert_eq!(found("unknown/x", true), of("data", Source::Account), "of equals the first");
        assert_eq!(found("unknown/x", false), None);
        assert_eq!(found("x", false), None);
        assert_eq!(nearest("a/b", true, &[]), None);
    }

    #[test]
    fn one_text_for_all_only_where_all_agree() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(together(&[some("a"), some("a")]), some("a"));
        assert_eq!(together(&[some("a"), some("b")]), some(SUGGESTED));
        assert_eq!(together(&[some("a"), None]), some(SUGGESTED));
        assert_eq!(together(&[None, None]), None);
        assert_eq!(together(&[]), None);
    }
}
