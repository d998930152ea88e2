//! The roles in every account: one line for each problem of a role, with its accounts, however many there are.

use super::{Line, TestError, in_time};
use crate::settings::Settings;
use claviger_aws::{AwsError, AwsGateway, OurRole, ReadinessGateway};
use claviger_domain::{
    accounts::{AccountState, Organization, roles::RoleState},
    ids::AccountId,
};
use claviger_policy::permissions::templates::TEMPLATE_VERSION;
use claviger_services::check_role;
use futures::{StreamExt, stream};
use std::{collections::BTreeMap, num::NonZeroUsize};

/// Accounts that are tested at once: a few hundred take seconds, and STS does not throttle.
const AT_ONCE: usize = 16;
/// A longer list of accounts is cut.
const MAX_NAMED: usize = 50;

const DEPLOY: &str = "Deploy the role there (docs/roles.md; the Accounts page has the commands), with a trust policy that names the console's role and external_id, and let the console's role assume it";
const LEFT_OUT: &str = "Stack sets leave this account out: deploy the role there by a stack if its secrets are to be covered";
const RENEW: &str =
    "Deploy the roles again with the templates of this release: see docs/roles.md, Upgrade";

/// A kind of account that is named in the lines: stack sets treat the management account differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Management,
    Own,
    Member,
}

impl Kind {
    fn says(self, count: usize) -> String {
        match (self, count) {
            (Self::Management, _) => "(management account)".into(),
            (Self::Own, _) => "(the console's account)".into(),
            (Self::Member, 1) => "(member account)".into(),
            (Self::Member, _) => "(member accounts)".into(),
        }
    }
}

/// What was found of one role in one account.
struct Tested {
    kind: Kind,
    account: AccountId,
    role: OurRole,
    state: RoleState,
    version: Option<u32>,
    why: String,
}

/// Tests each active account, or so many members spread over the Organization if `at_most` is fewer.
pub(super) async fn test(
    settings: &Settings,
    gateway: &AwsGateway,
    own: Option<&AccountId>,
    organization: Option<&Organization>,
    at_most: Option<NonZeroUsize>,
) -> Vec<Line> {
    let accounts = accounts(own, organization, at_most);
    if accounts.is_empty() {
        return vec![Line::warning(
            "Roles",
            "not tested, because no account is known",
            "Correct what the checks of STS and the Organization report, then run the check again",
        )];
    }
    let tested: Vec<Vec<Tested>> = stream::iter(accounts)
        .map(|(kind, account)| test_account(gateway, kind, account))
        .buffered(AT_ONCE)
        .collect()
        .await;
    let tested: Vec<Tested> = tested.into_iter().flatten().collect();
    let names = [
        (OurRole::Inventory, settings.inventory_role.as_str()),
        (OurRole::Access, &settings.access_role),
        (OurRole::Remediation, &settings.remediation_role),
    ];
    names.iter().flat_map(|(role, name)| lines(*role, name, &tested)).collect()
}

/// The management account and Claviger's own first; of the others as many as are wanted, evenly spread, so that each OU has
/// its chance.
fn accounts(
    own: Option<&AccountId>,
    organization: Option<&Organization>,
    at_most: Option<NonZeroUsize>,
) -> Vec<(Kind, AccountId)> {
    let mut found = Vec::new();
    if let Some(organization) = organization {
        found.push((Kind::Management, organization.management_account.clone()));
    }
    if let Some(own) = own.filter(|own| found.iter().all(|(_, id)| id != *own)) {
        found.push((Kind::Own, own.clone()));
    }
    let members: Vec<&AccountId> = organization
        .iter()
        .flat_map(|organization| &organization.accounts)
        .filter(|account| account.state == AccountState::Active)
        .map(|account| &account.id)
        .filter(|id| found.iter().all(|(_, named)| named != *id))
        .collect();
    let wanted = at_most.map_or(members.len(), |most| most.get().min(members.len()));
    let spread = (0..wanted).map(|n| (Kind::Member, members[n * members.len() / wanted].clone()));
    found.extend(spread.collect::<Vec<_>>());
    found
}

async fn test_account(gateway: &AwsGateway, kind: Kind, account: AccountId) -> Vec<Tested> {
    let listed = in_time(gateway.identities(&account)).await.map_err(known);
    let listed = listed.as_ref().map(|found| found.own_roles.as_slice());
    let mut tested = Vec::new();
    for role in [OurRole::Inventory, OurRole::Access, OurRole::Remediation] {
        let tried = in_time(gateway.try_role(&account, role)).await.map_err(known);
        let check = check_role(role, tried.as_ref().err().map_or(Ok(()), Err), listed);
        let why = tried.err().map_or_else(String::new, |error| error.to_string());
        let (state, version) = (check.state, check.template_version);
        tested.push(Tested { kind, account: account.clone(), role, state, version, why });
    }
    tested
}

/// A test that took too long is one that AWS did not answer.
fn known(error: TestError<AwsError>) -> AwsError {
    match error {
        TestError::Failed(error) => error,
        timeout @ TestError::Timeout => AwsError {
            operation: "AssumeRole",
            fault: claviger_domain::scan::RegionScanFault::Unreachable,
            code: None,
            detail: timeout.to_string(),
        },
    }
}

/// One line for each state of a role, kind of account and version.
fn lines(role: OurRole, name: &str, tested: &[Tested]) -> Vec<Line> {
    let mut classes: BTreeMap<(Kind, RoleState, Option<u32>), Vec<&Tested>> = BTreeMap::new();
    for one in tested.iter().filter(|one| one.role == role) {
        classes.entry((one.kind, one.state, one.version)).or_default().push(one);
    }
    classes
        .into_iter()
        .map(|((kind, state, version), of)| line(name, kind, (state, version), &of))
        .collect()
}

fn line(
    name: &str,
    kind: Kind,
    (state, version): (RoleState, Option<u32>),
    of: &[&Tested],
) -> Line {
    let mut ids: Vec<&str> = of.iter().take(MAX_NAMED).map(|one| one.account.as_str()).collect();
    let more = of.len().saturating_sub(MAX_NAMED);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    let place = match of.len() {
        1 => format!("{} {}", ids.pop().unwrap_or_default(), kind.says(1)),
        count => format!("{count} accounts {}", kind.says(count)),
    };
    let about = format!("Role {name} in {place}");
    let ids = if ids.is_empty() { String::new() } else { format!(" in {}{rest}", ids.join(", ")) };
    let why = of.first().map_or("", |one| one.why.as_str());
    let wrong = |what: &str, to_do: &str| {
        let found = format!("{what}{ids}");
        if kind == Kind::Management {
            Line::warning(&about, found, LEFT_OUT)
        } else {
            Line::failed(&about, found, to_do)
        }
    };
    match state {
        RoleState::Ready => {
            let version = version.unwrap_or_default();
            Line::passed(about, format!("can be assumed, template version {version}"))
        }
        RoleState::Old => Line::warning(
            about,
            format!(
                "template version {}, and this release needs {TEMPLATE_VERSION}{ids}",
                version.unwrap_or_default()
            ),
            RENEW,
        ),
        RoleState::VersionUnknown => Line::warning(
            about,
            format!(
                "can be assumed, but its template version is unknown, possibly older than {TEMPLATE_VERSION}{ids}"
            ),
            RENEW,
        ),
        RoleState::Missing => wrong(&format!("missing ({why})"), DEPLOY),
        RoleState::WrongExternalId => {
            wrong(&format!("its trust policy requires another external id ({why})"), DEPLOY)
        }
        RoleState::NotTrusted => wrong(
            &format!("exists, but its trust policy or a control policy denies it ({why})"),
            DEPLOY,
        ),
        RoleState::NotAssumable => wrong(
            &format!("missing, or its trust policy does not admit the console ({why})"),
            DEPLOY,
        ),
        RoleState::Unknown => {
            let to_do = "Correct what AWS says, then run the check again";
            Line::failed(about, format!("AWS did not answer ({why}){ids}"), to_do)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_domain::accounts::Account;

    fn id(n: usize) -> AccountId {
        format!("{:012}", 100_000_000_000 + n).parse().unwrap()
    }

    fn organization(members: usize) -> Organization {
        let account = |n: usize| Account {
            id: id(n),
            name: n.to_string(),
            email: String::new(),
            state: if n == 5 { AccountState::Suspended } else { AccountState::Active },
            ou_path: Vec::new(),
            joined_at: None,
        };
        Organization {
            id: "o-a1b2c3d4e5".into(),
            management_account: id(0),
            ous: Vec::new(),
            accounts: (0..=members).map(account).collect(),
        }
    }

    #[test]
    fn every_active_account_is_tested_or_a_spread_sample() {
        let organization = organization(300);
        let of = |at_most| accounts(Some(&id(7)), Some(&organization), at_most);
        let all = of(None);
        assert_eq!(all.len(), 300, "all but the suspended one");
        assert_eq!(all[..2], [(Kind::Management, id(0)), (Kind::Own, id(7))]);
        let some = of(NonZeroUsize::new(3));
        assert_eq!(some.len(), 5);
        assert!(some[4].1 > id(150), "not the first three: {some:?}");
        assert_eq!(of(NonZeroUsize::new(1000)).len(), 300);
        assert_eq!(accounts(None, None, None), []);
    }

    #[test]
    fn many_accounts_with_one_problem_are_one_line() {
        let tested = |n: usize, state, version| Tested {
            kind: if n == 0 { Kind::Management } else { Kind::Member },
            account: id(n),
            role: OurRole::Access,
            state,
            version,
            why: if state == RoleState::Missing {
                "AssumeRole: AccessDenied".into()
            } else {
                String::new()
            },
        };
        let mut all: Vec<Tested> =
            (10..300).map(|n| tested(n, RoleState::Ready, Some(TEMPLATE_VERSION))).collect();
        all.extend((1..4).map(|n| tested(n, RoleState::Missing, None)));
        all.extend((4..6).map(|n| tested(n, RoleState::Old, Some(0))));
        all.push(tested(0, RoleState::Missing, None));
        all.extend((300..400).map(|n| tested(n, RoleState::VersionUnknown, None)));
        let said: Vec<String> =
            lines(OurRole::Access, "jit", &all).iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 5, "{said:#?}");
        let has = |words: &[&str]| {
            assert!(
                said.iter().any(|line| words.iter().all(|word| line.contains(word))),
                "{words:?}: {said:#?}"
            );
        };
        has(&["ok", "Role jit in 290 accounts"]);
        has(&[
            "failed",
            "in 3 accounts",
            "100000000001, 100000000002, 100000000003",
            "Deploy the role there",
            "external_id",
            "AccessDenied",
        ]);
        has(&["warning", "in 2 accounts", "template version 0"]);
        has(&["warning", "in 100000000000 (management account)", "Stack sets leave"]);
        has(&["warning", "in 100 accounts", "and 50 more"]);
    }
}
