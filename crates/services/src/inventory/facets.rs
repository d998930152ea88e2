//! The facets with their words.

use claviger_domain::{
    VariantArray,
    accounts::Ou,
    facts::{KeyClass, Kind},
    ids::AccountId,
    inventory::{
        InventoryQuery, LifeState, OwnerClass, WorstFinding,
        view::{FacetValue, Facets},
    },
    rotation::RotationClass,
};
use claviger_store::FacetCounts;
use std::{collections::HashMap, fmt::Display};

/// Choices of a facet that grows with the Organization; the search box completes all of them.
const OFFERED: usize = 40;

pub(super) fn facets(
    counts: &FacetCounts,
    query: &InventoryQuery,
    ous: &[Ou],
    accounts: &HashMap<AccountId, String>,
) -> Facets {
    let named = |id: &str| {
        id.parse::<AccountId>()
            .ok()
            .and_then(|id| accounts.get(&id))
            .cloned()
            .unwrap_or_else(|| id.to_owned())
    };
    let (accounts, more_accounts) =
        largest(open_values(counts, "account", &query.accounts, named), &query.accounts);
    let (teams, more_teams) =
        largest(open_values(counts, "team", &query.teams, ToOwned::to_owned), &query.teams);
    Facets {
        kinds: fixed(counts, "kind", Kind::VARIANTS, |kind| match kind {
            Kind::Secret => "Secrets Manager",
            Kind::Parameter => "SSM parameters",
        }),
        ous: ous
            .iter()
            .map(|ou| FacetValue {
                value: ou.id.to_string(),
                label: ou.name.clone(),
                depth: u8::try_from(claviger_domain::accounts::path_depth(&ou.path))
                    .unwrap_or(u8::MAX),
                count: counts.of("ou", ou.id.as_str()),
            })
            .filter(|value| value.count > 0 || is_chosen(&query.ous, &value.value))
            .collect(),
        accounts,
        more_accounts,
        teams,
        more_teams,
        regions: open_values(counts, "region", &query.regions, ToOwned::to_owned),
        rotation: fixed(counts, "rotation", RotationClass::VARIANTS, |class| match class {
            RotationClass::Stuck => "Stuck",
            RotationClass::Overdue => "Overdue",
            RotationClass::Scheduled => "On schedule",
            RotationClass::Off => "Off",
            RotationClass::NotApplicable => "Not applicable",
        }),
        severities: fixed(counts, "severity", WorstFinding::VARIANTS, |worst| match worst {
            WorstFinding::Critical => "Critical",
            WorstFinding::High => "High",
            WorstFinding::Medium => "Medium",
            WorstFinding::Low => "Low",
            WorstFinding::None => "No findings",
        }),
        keys: fixed(counts, "key", KeyClass::VARIANTS, |key| match key {
            KeyClass::AwsManaged => "AWS managed",
            KeyClass::CustomerManaged => "Customer managed",
            KeyClass::Plain => "Not encrypted",
        }),
        owners: fixed(counts, "owner", OwnerClass::VARIANTS, |owner| match owner {
            OwnerClass::Named => "Has owner",
            OwnerClass::Missing => "No owner",
            OwnerClass::Unknown => "Unknown (tags not readable)",
        }),
        states: fixed(counts, "state", LifeState::VARIANTS, |state| match state {
            LifeState::Live => "Active",
            LifeState::Deleting => "Pending deletion",
            LifeState::Gone => "Deleted",
        }),
    }
}

/// Those that leave the most rows with those that are chosen, by name; and how many there are beside them.
fn largest<T: Display>(mut values: Vec<FacetValue>, chosen: &[T]) -> (Vec<FacetValue>, u64) {
    let all = values.len();
    values.sort_by_key(|value| (!is_chosen(chosen, &value.value), std::cmp::Reverse(value.count)));
    values.truncate(OFFERED.max(chosen.len()));
    values.sort_by(|a, b| a.label.cmp(&b.label));
    let left_out = u64::try_from(all - values.len()).unwrap_or(u64::MAX);
    (values, left_out)
}

fn is_chosen<T: Display>(chosen: &[T], value: &str) -> bool {
    chosen.iter().any(|c| c.to_string() == value)
}

/// A facet whose choices are always the same.
fn fixed<T: Copy + Display>(
    counts: &FacetCounts,
    field: &'static str,
    all: &[T],
    label: fn(T) -> &'static str,
) -> Vec<FacetValue> {
    all.iter()
        .map(|value| FacetValue {
            value: value.to_string(),
            label: label(*value).to_owned(),
            depth: 0,
            count: counts.of(field, &value.to_string()),
        })
        .collect()
}

/// A facet whose choices come from the rows; a chosen one stays even if it leaves none.
fn open_values<T: Display>(
    counts: &FacetCounts,
    field: &'static str,
    chosen: &[T],
    label: impl Fn(&str) -> String,
) -> Vec<FacetValue> {
    let mut values: Vec<String> = counts.values(field).into_iter().map(ToOwned::to_owned).collect();
    values.extend(chosen.iter().map(ToString::to_string));
    values.sort();
    values.dedup();
    values
        .into_iter()
        .map(|value| FacetValue {
            label: label(&value),
            depth: 0,
            count: counts.of(field, &value),
            value,
        })
        .collect()
}
