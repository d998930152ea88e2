//! Reads the Organization from its root down.

use crate::{AwsError, convert::moment, error::FromSdk as _};
use aws_sdk_organizations::{Client, types};
use claviger_domain::{
    accounts::{Account, AccountState, Organization, Ou, child_path},
    ids::{AccountId, OuId},
};
use std::{
    collections::{HashMap, VecDeque},
    fmt::Display,
    str::FromStr,
};

/// The maximum depth: AWS allows five levels of OUs below the root.
const MAX_OUS: usize = 10_000;

pub(crate) async fn read(client: &Client) -> Result<Organization, AwsError> {
    const DESCRIBE: &str = "DescribeOrganization";
    let answer = client
        .describe_organization()
        .send()
        .await
        .map_err(|error| AwsError::of(DESCRIBE, &error))?;
    let described =
        answer.organization().ok_or_else(|| AwsError::nonsense(DESCRIBE, "no Organization"))?;
    let (ous, homes) = read_tree(client).await?;
    let mut accounts = Vec::new();
    paged!("ListAccounts", client.list_accounts(), accounts, |item: &types::Account| {
        accounts.push(account(item, &homes)?);
        Ok::<(), AwsError>(())
    });
    Ok(Organization {
        id: described.id().unwrap_or_default().to_owned(),
        management_account: parsed(DESCRIBE, described.master_account_id())?,
        ous,
        accounts,
    })
}

type Homes = HashMap<AccountId, Vec<OuId>>;

/// The OUs, and for every account the OUs that contain it.
async fn read_tree(client: &Client) -> Result<(Vec<Ou>, Homes), AwsError> {
    let mut ous = Vec::new();
    let mut homes = Homes::new();
    let mut open: VecDeque<(Ou, Vec<OuId>)> = VecDeque::new();
    paged!("ListRoots", client.list_roots(), roots, |root: &types::Root| {
        let id: OuId = parsed("ListRoots", root.id())?;
        let name = root.name().unwrap_or("Root").to_owned();
        open.push_back((Ou { id, parent: None, name, path: String::new() }, Vec::new()));
        Ok::<(), AwsError>(())
    });
    while let Some((ou, above)) = open.pop_front() {
        let mut path = above;
        path.push(ou.id.clone());
        paged!(
            "ListOrganizationalUnitsForParent",
            client.list_organizational_units_for_parent().parent_id(ou.id.as_str()),
            organizational_units,
            |child: &types::OrganizationalUnit| {
                let id: OuId = parsed("ListOrganizationalUnitsForParent", child.id())?;
                let name = child.name().unwrap_or_default().to_owned();
                let own_path = child_path(&ou.path, &name);
                open.push_back((
                    Ou { id, parent: Some(ou.id.clone()), name, path: own_path },
                    path.clone(),
                ));
                Ok::<(), AwsError>(())
            }
        );
        paged!(
            "ListAccountsForParent",
            client.list_accounts_for_parent().parent_id(ou.id.as_str()),
            accounts,
            |item: &types::Account| {
                homes.insert(parsed("ListAccountsForParent", item.id())?, path.clone());
                Ok::<(), AwsError>(())
            }
        );
        ous.push(ou);
        if ous.len() > MAX_OUS {
            return Err(AwsError::nonsense(
                "ListOrganizationalUnitsForParent",
                "the tree does not end",
            ));
        }
    }
    Ok((ous, homes))
}

fn account(item: &types::Account, homes: &Homes) -> Result<Account, AwsError> {
    let id: AccountId = parsed("ListAccounts", item.id())?;
    Ok(Account {
        name: item.name().unwrap_or_default().to_owned(),
        email: item.email().unwrap_or_default().to_owned(),
        state: state(item),
        ou_path: homes.get(&id).cloned().unwrap_or_default(),
        joined_at: item.joined_timestamp().and_then(moment),
        id,
    })
}

/// `State`, or the retired `Status` if the response has no `State`.
fn state(item: &types::Account) -> AccountState {
    let text = match item.state() {
        Some(state) => state.as_str(),
        None => item.status().map_or("", |status| status.as_str()),
    };
    text.parse().unwrap_or(AccountState::Unknown)
}

fn parsed<T: FromStr<Err: Display>>(
    operation: &'static str,
    text: Option<&str>,
) -> Result<T, AwsError> {
    text.unwrap_or_default()
        .parse()
        .map_err(|error: T::Err| AwsError::nonsense(operation, error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_organizations::operation::{
        describe_organization::DescribeOrganizationOutput, list_accounts::ListAccountsOutput,
        list_accounts_for_parent::ListAccountsForParentOutput,
        list_organizational_units_for_parent::ListOrganizationalUnitsForParentOutput,
        list_roots::ListRootsOutput,
    };
    use aws_smithy_mocks::{Rule, RuleMode, mock, mock_client};

    fn item(id: &str) -> types::builders::AccountBuilder {
        types::Account::builder()
            .id(id)
            .name(id)
            .email("a@example.com")
            .state(types::AccountState::Active)
    }

    fn tree() -> [Rule; 6] {
        [
            mock!(Client::describe_organization).then_output(|| {
                let organization =
                    types::Organization::builder().id("o-1").master_account_id("111122223333");
                DescribeOrganizationOutput::builder().organization(organization.build()).build()
            }),
            mock!(Client::list_roots).then_output(|| {
                ListRootsOutput::builder()
                    .roots(types::Root::builder().id("r-1").name("Root").build())
                    .build()
            }),
            mock!(Client::list_organizational_units_for_parent)
                .match_requests(|r| r.parent_id() == Some("r-1"))
                .then_output(|| {
                    let ou =
                        types::OrganizationalUnit::builder().id("ou-1").name("Workloads").build();
                    ListOrganizationalUnitsForParentOutput::builder()
                        .organizational_units(ou)
                        .build()
                }),
            mock!(Client::list_organizational_units_for_parent)
                .match_requests(|r| r.parent_id() == Some("ou-1"))
                .then_output(|| ListOrganizationalUnitsForParentOutput::builder().build()),
            mock!(Client::list_accounts_for_parent)
                .match_requests(|r| r.parent_id() == Some("ou-1"))
                .then_output(|| {
                    ListAccountsForParentOutput::builder()
                        .accounts(item("444455556666").build())
                        .build()
                }),
            mock!(Client::list_accounts_for_parent)
                .match_requests(|r| r.parent_id() == Some("r-1"))
                .then_output(|| ListAccountsForParentOutput::builder().build()),
        ]
    }

    #[tokio::test]
    async fn an_empty_page_with_a_token_is_not_the_end() {
        let pages = [
            mock!(Client::list_accounts)
                .match_requests(|r| r.next_token().is_none())
                .then_output(|| ListAccountsOutput::builder().next_token("a").build()),
            mock!(Client::list_accounts)
                .match_requests(|r| r.next_token() == Some("a"))
                .then_output(|| {
                    ListAccountsOutput::builder()
                        .accounts(item("111122223333").build())
                        .next_token("b")
                        .build()
                }),
            mock!(Client::list_accounts)
                .match_requests(|r| r.next_token() == Some("b"))
                .then_output(|| {
                    ListAccountsOutput::builder()
                        .accounts(item("444455556666").build())
                        .next_token("")
                        .build()
                }),
        ];
        let rules: Vec<Rule> = tree().into_iter().chain(pages).collect();
        let client = mock_client!(aws_sdk_organizations, RuleMode::MatchAny, &rules);
        let organization = read(&client).await.unwrap();
        let ids: Vec<&str> = organization.accounts.iter().map(|a| a.id.as_str()).collect();
        assert_eq!(ids, ["111122223333", "444455556666"]);
        let path: Vec<&str> = organization.accounts[1].ou_path.iter().map(OuId::as_str).collect();
        assert_eq!(path, ["r-1", "ou-1"]);
        assert_eq!(organization.ous[1].path, "Workloads");
    }

    #[tokio::test]
    async fn a_repeated_token_is_a_fault_and_not_a_loop() {
        let page = mock!(Client::list_accounts)
            .then_output(|| ListAccountsOutput::builder().next_token("a").build());
        let rules: Vec<Rule> = tree().into_iter().chain([page]).collect();
        let client = mock_client!(aws_sdk_organizations, RuleMode::MatchAny, &rules);
        assert!(read(&client).await.unwrap_err().detail.contains("repeats"));
    }

    #[test]
    fn state_comes_before_status_and_an_unknown_one_is_not_active() {
        let read = |build: types::builders::AccountBuilder| state(&build.build());
        let new = types::Account::builder();
        assert_eq!(
            read(new.clone().state(types::AccountState::PendingClosure)),
            AccountState::PendingClosure
        );
        let both =
            new.clone().state(types::AccountState::Suspended).status(types::AccountStatus::Active);
        assert_eq!(read(both), AccountState::Suspended);
        assert_eq!(read(new.clone().status(types::AccountStatus::Active)), AccountState::Active);
        assert_eq!(read(new.clone().state("DORMANT".into())), AccountState::Unknown);
        assert_eq!(read(new), AccountState::Unknown);
    }
}
