//! How far the roles are rolled out, and what deploys the rest.

use claviger_domain::{
    accounts::{
        AccountState,
        roles::{AccountRoles, RoleCheck, RollOut, Snippet},
    },
    ids::AccountId,
    inventory::view::AccountRow,
};
use claviger_policy::permissions::templates::{
    TEMPLATE_VERSION,
    snippets::{Deployment, OrganizationIds, Unready, snippets},
};
use std::collections::{BTreeMap, HashMap};

/// Gives each account the state of its roles.
pub(super) fn fill_in(rows: &mut [AccountRow], roles: &HashMap<AccountId, Vec<RoleCheck>>) {
    for row in rows {
        // Of one that was suspended or left, an old result may be there.
        let checks = roles.get(&row.id).filter(|_| is_active(row)).into_iter().flatten();
        row.roles = AccountRoles::of(checks.map(|check| check.state));
    }
}

/// Over the active accounts: others have no roles, and need none.
pub(super) fn roll_out(
    deployment: Option<&Deployment>,
    place: &OrganizationIds,
    rows: &[AccountRow],
) -> RollOut {
    let mut counts: BTreeMap<AccountRoles, u64> = BTreeMap::new();
    for row in rows.iter().filter(|row| is_active(row)) {
        *counts.entry(row.roles).or_default() += 1;
    }
    RollOut {
        template_version: TEMPLATE_VERSION,
        counts: counts.into_iter().collect(),
        snippets: of_rows(deployment, place, rows),
    }
}

/// What deploys the roles of these accounts.
pub(super) fn of_rows(
    deployment: Option<&Deployment>,
    place: &OrganizationIds,
    rows: &[AccountRow],
) -> Vec<Snippet> {
    let Some(deployment) = deployment else { return Vec::new() };
    let unready = rows.iter().filter(|row| is_active(row)).map(|row| Unready {
        account: row.id.clone(),
        ou: row.ou_id.clone(),
        roles: row.roles,
    });
    snippets(deployment, place, &unready.collect::<Vec<_>>())
}

fn is_active(row: &AccountRow) -> bool {
    row.state == AccountState::Active && row.left_at.is_none()
}
