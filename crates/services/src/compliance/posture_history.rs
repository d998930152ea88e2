//! The part of the Organization that is looked at, and how its OUs came to be as they are.

use crate::{ComplianceService, ServiceError};
use claviger_domain::{
    VariantArray,
    accounts::Ou,
    authz::VisibleAccounts,
    compliance::{Category, PostureQuery, Tally, posture_view::OuTrend, view::Group},
    ids::AccountId,
    inventory::view::{AccountRow, FacetValue},
};
use claviger_store::AccountDay;
use std::collections::{BTreeMap, HashMap};
use time::Date;

/// What is visible of the OU that is looked at.
pub(super) struct WithinOu {
    pub(super) visible: VisibleAccounts,
    pub(super) accounts: Vec<AccountRow>,
    /// Every OU within the scope, to choose from.
    pub(super) choices: Vec<FacetValue>,
    /// The OU and those below it.
    pub(super) ous: Vec<Ou>,
}

impl ComplianceService {
    /// The scope, narrowed to the OU of the query.
    pub(super) async fn within_ou(
        &self,
        scope: &VisibleAccounts,
        query: &PostureQuery,
    ) -> Result<WithinOu, ServiceError> {
        let (mut ous, mut accounts) =
            tokio::try_join!(self.accounts.visible_ous(scope), self.accounts.list_accounts(scope))?;
        let choices = ous.iter().map(choice).collect();
        let mut visible = scope.clone();
        if let Some(id) = &query.ou {
            let chosen = ous.iter().find(|ou| ou.id == *id).cloned();
            let chosen = chosen.ok_or(ServiceError::NotFound("OU"))?;
            ous.retain(|ou| is_within(&ou.path, &chosen.path));
            accounts.retain(|account| is_within(&account.ou_path, &chosen.path));
            visible = VisibleAccounts {
                accounts: accounts.iter().map(|account| account.id.clone()).collect(),
                whole_organization: false,
            };
        }
        Ok(WithinOu { visible, accounts, choices, ous })
    }
}

fn choice(ou: &Ou) -> FacetValue {
    let depth = u8::try_from(claviger_domain::accounts::path_depth(&ou.path)).unwrap_or(u8::MAX);
    FacetValue { value: ou.id.to_string(), label: ou.path.clone(), depth, count: 0 }
}

/// Whether a path is an OU's, or below it.
fn is_within(path: &str, ou: &str) -> bool {
    path.strip_prefix(ou).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The pass rates of these OUs by category on each of the days. Accounts count with the OU that they are in now.
pub(super) fn ou_trends(
    groups: &[Group],
    accounts: &[AccountRow],
    ous: &[Ou],
    history: &[AccountDay],
    days: &[Date],
) -> Vec<OuTrend> {
    let paths: HashMap<&AccountId, &str> =
        accounts.iter().map(|account| (&account.id, account.ou_path.as_str())).collect();
    // By day, path of the account, and category: a few OUs instead of hundreds of accounts.
    let mut sums: BTreeMap<(Date, &str, Category), Tally> = BTreeMap::new();
    for row in history {
        let Some(path) = paths.get(&row.account) else { continue };
        for (category, tally) in &row.by_category {
            sums.entry((row.day, path, *category)).or_default().add(*tally);
        }
    }
    let rate = |ou: &Ou, day: Date, category: Category| {
        let mut sum = Tally::default();
        for ((_, path, of), tally) in
            sums.range((day, "", Category::VARIANTS[0])..).take_while(|((on, ..), _)| *on == day)
        {
            if *of == category && is_within(path, &ou.path) {
                sum.add(*tally);
            }
        }
        sum.per_mille()
    };
    groups
        .iter()
        .filter_map(|group| ous.iter().find(|ou| ou.id.as_str() == group.value))
        .map(|ou| OuTrend {
            ou: ou.id.clone(),
            by_category: Category::VARIANTS
                .iter()
                .map(|category| days.iter().map(|day| rate(ou, *day, *category)).collect())
                .collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ou_has_what_is_below_it_and_not_what_begins_like_it() {
        assert!(is_within("Workloads/Production", "Workloads"));
        assert!(is_within("Workloads", "Workloads"));
        assert!(!is_within("Workloads2", "Workloads"));
        assert!(!is_within("", "Workloads"));
    }
}
