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
    row.opt_in_roles = checks.map(|one| (one.role, one.check)).collect();
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
        opt_in: opt_in(row, Some(true)),
        unknown_opt_in: opt_in(row, None),
    });
    snippets(deployment, place, &unready.collect::<Vec<_>>())
}

/// An old opt-in role is renewed as an old role is, where nothing else is wrong.
fn to_deploy(row: &AccountRow) -> AccountRoles {
    let is_old = row.opt_in_roles.iter().any(|(_, check)| check.state == RoleState::Old);
    if is_old && row.roles == AccountRoles::Ready { AccountRoles::Old } else { row.roles }
}

/// The opt-in roles that are installed or, with `None`, those of which it is not known whether they are: without a check of
/// this release that is each of them.
fn opt_in(row: &AccountRow, is_installed: Option<bool>) -> Vec<Role> {
    let each = OptInRole::VARIANTS.iter();
    each.filter(|role| opt_in_check(row, **role).and_then(RoleCheck::is_installed) == is_installed)
        .map(|role| match role {
            OptInRole::Consumers => Role::Consumers,
            OptInRole::Iam => Role::Iam,
        })
        .collect()
}

fn opt_in_check(row: &AccountRow, role: OptInRole) -> Option<RoleCheck> {
    row.opt_in_roles.iter().find(|(one, _)| *one == role).map(|(_, check)| *check)
}

fn count(role: OptInRole, rows: &[AccountRow]) -> OptInCount {
    let of = |row: &AccountRow| opt_in_check(row, role).map(|check| check.state);
    OptInCount::of(role, rows.iter().filter(|row| is_active(row)).map(of))
}

pub(super) fn is_active(row: &AccountRow) -> bool {
    row.state == AccountState::Active && row.left_at.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_domain::inventory::view::Coverage;
    use time::OffsetDateTime;

    fn row(opt_in_roles: Vec<(OptInRole, RoleCheck)>) -> AccountRow {
        AccountRow {
            id: "444455556666".parse().unwrap(),
            name: "payments".into(),
            email: String::new(),
            state: AccountState::Active,
            ou_id: None,
            ou_path: String::new(),
            secrets: 0,
            parameters: 0,
            reach: Coverage::Whole,
            complete_as_of: None,
            fault: None,
            unready: None,
            roles: AccountRoles::Old,
            opt_in_roles,
            left_at: None,
        }
    }

    fn check(state: RoleState, template_version: Option<u32>) -> RoleCheck {
        RoleCheck { state, template_version }
    }

    /// A module without `create = true` removes the role.
    #[test]
    fn terraform_names_each_opt_in_role_that_may_be_there() {
        let deployment = Deployment::new("eu-central-1".parse().unwrap());
        let terraform = |row: AccountRow| {
            let found = of_rows(Some(&deployment), &OrganizationIds::default(), &[row]);
            found.last().unwrap().text.clone()
        };
        let note = "# Not known whether claviger-iam is installed here";
        for (state, version, is_kept, is_unknown) in [
            (RoleState::Ready, Some(TEMPLATE_VERSION), true, false),
            (RoleState::Old, None, true, false),
            (RoleState::VersionUnknown, None, true, false),
            (RoleState::WrongExternalId, None, true, false),
            (RoleState::NotTrusted, None, true, false),
            (RoleState::Missing, None, false, false),
            (RoleState::NotAssumable, None, false, true),
            (RoleState::Unknown, None, false, true),
            // IAM listed it, and AWS did not answer `AssumeRole`.
            (RoleState::Unknown, Some(TEMPLATE_VERSION), true, false),
        ] {
            let absent = (OptInRole::Consumers, check(RoleState::Missing, None));
            let text = terraform(row(vec![absent, (OptInRole::Iam, check(state, version))]));
            assert_eq!(text.contains("iam = { create = true }"), is_kept, "{state}: {text}");
            assert_eq!(text.contains(note), is_unknown, "{state}: {text}");
            assert!(!text.contains("consumers"), "{text}");
        }
        // The last check was another release's.
        let text = terraform(row(Vec::new()));
        assert!(text.contains(note), "{text}");
        assert!(text.contains("# Not known whether claviger-consumers is"), "{text}");
    }

    #[test]
    fn an_account_that_is_not_active_has_no_opt_in_roles_and_no_snippets() {
        let check = check(RoleState::Old, Some(1));
        let found = OptInCheck { role: OptInRole::Iam, check, says: String::new() };
        let suspended = AccountRow { state: AccountState::Suspended, ..row(Vec::new()) };
        let left = AccountRow { left_at: Some(OffsetDateTime::UNIX_EPOCH), ..row(Vec::new()) };
        let deployment = Deployment::new("eu-central-1".parse().unwrap());
        for (mut row, is_shown) in [(row(Vec::new()), true), (suspended, false), (left, false)] {
            let opt_in = HashMap::from([(row.id.clone(), vec![found.clone()])]);
            fill_in_opt_in(&mut row, &opt_in);
            assert_eq!(is_active(&row), is_shown);
            assert_eq!(!row.opt_in_roles.is_empty(), is_shown, "{row:?}");
            let place = OrganizationIds::default();
            let snippets = of_rows(Some(&deployment), &place, std::slice::from_ref(&row));
            assert_eq!(!snippets.is_empty(), is_shown, "{snippets:?}");
        }
    }
}
