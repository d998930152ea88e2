//! The roles in every account: one line for each problem of a role, with its accounts, however many there are.

use super::{Line, TestError, in_time};
use crate::settings::Settings;
use claviger_aws::{AwsError, AwsGateway, OurRole, ReadinessGateway};
use claviger_domain::{
    accounts::{
        AccountState, Organization,
        roles::{OptInCount, OptInRole, RoleState},
    },
    ids::AccountId,
};
use claviger_policy::permissions::templates::TEMPLATE_VERSION;
use claviger_services::{OPT_IN_ROLES, check_opt_in_role, check_role};
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
    let needed = names.iter().flat_map(|(role, name)| lines(*role, name, &tested));
    let opt_in = OPT_IN_ROLES.into_iter().flat_map(|(our_role, role)| {
        let name = match role {
            OptInRole::Consumers => &settings.consumers_role,
            OptInRole::Iam => &settings.iam_role,
        };
        opt_in_lines((our_role, role), name, &tested)
    });
    needed.chain(opt_in).collect()
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
    for (role, _) in OPT_IN_ROLES {
        let trial = async { in_time(gateway.try_role(&account, role)).await.map_err(known) };
        let (check, error) = check_opt_in_role(role, listed, trial).await;
        let why = error.map_or_else(String::new, |error| error.to_string());
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

/// One line for each problem of an opt-in role, and one that says where it is. Its absence is no problem.
fn opt_in_lines(
    (our_role, role): (OurRole, OptInRole),
    name: &str,
    tested: &[Tested],
) -> Vec<Line> {
    let of = || tested.iter().filter(move |one| one.role == our_role);
    let is_problem = |state: RoleState| {
        matches!(state, RoleState::Old | RoleState::VersionUnknown | RoleState::Unknown)
    };
    let mut found = classes(name, of().filter(|one| is_problem(one.state)));
    let count = OptInCount::of(role, of().map(|one| Some(one.state)));
    found.push(Line::info(format!("Opt-in role {name}"), count.says_of_tested()));
    found
}

/// One line for each state of a role, kind of account and version.
fn lines(role: OurRole, name: &str, tested: &[Tested]) -> Vec<Line> {
    classes(name, tested.iter().filter(|one| one.role == role))
}

fn classes<'a>(name: &str, tested: impl Iterator<Item = &'a Tested>) -> Vec<Line> {
    let mut classes: BTreeMap<(Kind, RoleState, Option<u32>), Vec<&Tested>> = BTreeMap::new();
    for one in tested {
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
        RoleState::Old => {
            let found = version.map_or_else(
                || "no template version in its tag".to_owned(),
                |version| format!("template version {version}"),
            );
            let found = format!("{found}, and this release needs {TEMPLATE_VERSION}{ids}");
            Line::warning(about, found, RENEW)
        }
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

    #[test]
    fn an_opt_in_role_that_is_absent_is_no_problem_and_an_old_one_is() {
        let tested = |n: usize, state, version| Tested {
            kind: if n == 0 { Kind::Management } else { Kind::Member },
            account: id(n),
            role: OurRole::Iam,
            state,
            version,
            why: String::new(),
        };
        let said = |all: &[Tested]| -> Vec<String> {
            let lines = opt_in_lines((OurRole::Iam, OptInRole::Iam), "maker", all);
            lines.iter().map(ToString::to_string).collect()
        };
        let absent = [
            tested(0, RoleState::Missing, None),
            tested(1, RoleState::Missing, None),
            tested(2, RoleState::NotAssumable, None),
            tested(3, RoleState::NotTrusted, Some(TEMPLATE_VERSION)),
        ];
        let summary = "info     Opt-in role maker: installed in 0 of 4 tested accounts; there, but not trusting Claviger, in 1";
        assert_eq!(said(&absent), [summary]);
        let some = [
            tested(0, RoleState::Missing, None),
            tested(1, RoleState::Ready, Some(TEMPLATE_VERSION)),
            tested(2, RoleState::Old, Some(2)),
            tested(3, RoleState::Old, None),
            tested(4, RoleState::VersionUnknown, None),
        ];
        let said = said(&some);
        assert_eq!(said.len(), 4, "{said:#?}");
        let problems = [
            (id(2), "template version 2, and"),
            (id(3), "no template version in its tag"),
            (id(4), "unknown"),
        ];
        for (account, words) in problems {
            let line = said.iter().find(|line| line.contains(account.as_str())).unwrap();
            assert!(line.starts_with("warning") && line.contains(words), "{line}");
            assert!(line.contains("Deploy the roles again"), "{line}");
        }
        assert_eq!(
            said[3],
            "info     Opt-in role maker: installed in 3 of 5 tested accounts, old in 2; unknown in 1"
        );
    }
}
