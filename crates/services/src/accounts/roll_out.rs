//! How far the roles are rolled out, and what deploys the rest.

use claviger_domain::{
    VariantArray as _,
    accounts::{
        AccountState,
        roles::{
            AccountRoles, OptInCheck, OptInCount, OptInRole, RoleCheck, RoleState, RollOut, Snippet,
        },
    },
    ids::AccountId,
    inventory::view::AccountRow,
};
use claviger_policy::permissions::{
    Role,
    templates::{
        TEMPLATE_VERSION,
        snippets::{Deployment, OrganizationIds, Unready, snippets},
    },
};
use std::collections::{BTreeMap, HashMap};

/// Gives each account the state of its roles.
pub(super) fn fill_in(
    rows: &mut [AccountRow],
    roles: &HashMap<AccountId, Vec<RoleCheck>>,
    opt_in: &HashMap<AccountId, Vec<OptInCheck>>,
) {
    for row in rows {
        // Of one that was suspended or left, an old result may be there.
        let checks = roles.get(&row.id).filter(|_| is_active(row)).into_iter().flatten();
        row.roles = AccountRoles::of(checks.map(|check| check.state));
        fill_in_opt_in(row, opt_in);
    }
}

/// The opt-in roles of an account, which never change the state of its needed ones.
pub(super) fn fill_in_opt_in(row: &mut AccountRow, opt_in: &HashMap<AccountId, Vec<OptInCheck>>) {
    let checks = opt_in.get(&row.id).filter(|_| is_active(row)).into_iter().flatten();
    row.opt_in_roles = checks.map(|one| (one.role, one.check.state)).collect();
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
        opt_in: OptInRole::VARIANTS.iter().map(|role| count(*role, rows)).collect(),
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
        roles: to_deploy(row),
        opt_in: installed(row),
    });
    snippets(deployment, place, &unready.collect::<Vec<_>>())
}

/// An old opt-in role is renewed as an old role is, where nothing else is wrong.
fn to_deploy(row: &AccountRow) -> AccountRoles {
    let is_old = row.opt_in_roles.iter().any(|(_, state)| *state == RoleState::Old);
    if is_old && row.roles == AccountRoles::Ready { AccountRoles::Old } else { row.roles }
}

/// The opt-in roles that a deployment has to keep.
fn installed(row: &AccountRow) -> Vec<Role> {
    let each = row.opt_in_roles.iter().filter(|(_, state)| state.is_installed());
    each.map(|(role, _)| match role {
        OptInRole::Consumers => Role::Consumers,
        OptInRole::Iam => Role::Iam,
    })
    .collect()
}

fn count(role: OptInRole, rows: &[AccountRow]) -> OptInCount {
    let of = |row: &AccountRow| {
        row.opt_in_roles.iter().find(|(one, _)| *one == role).map(|(_, state)| *state)
    };
    OptInCount::of(role, rows.iter().filter(|row| is_active(row)).map(of))
}

fn is_active(row: &AccountRow) -> bool {
    row.state == AccountState::Active && row.left_at.is_none()
}
