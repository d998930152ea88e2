//! AWS: the identity, the Organization, the roles, and the OUs and accounts in the configuration.

use super::{Line, in_time};
use crate::settings::Settings;
use claviger_aws::{AwsGateway, Gateway, OurRole, ReadinessGateway};
use claviger_domain::{
    accounts::{AccountState, Organization, readiness::ReadFailure},
    authz::scope_check::{ScopeProblem, check_scopes},
    ids::AccountId,
};
use claviger_policy::AccessPolicy;
use futures::future::join_all;
use std::fmt;

pub(super) async fn test(settings: &Settings, policy: &AccessPolicy) -> Vec<Line> {
    let gateway = AwsGateway::new(&settings.aws()).await;
    let (identity, organization, tag_policies) = tokio::join!(
        in_time(gateway.caller_identity()),
        in_time(gateway.organization()),
        in_time(tag_policies(&gateway)),
    );
    let mut lines = vec![
        match &identity {
            Ok(found) => Line::passed("STS", format!("the console is {}", found.arn)),
            Err(error) => Line::failed(
                "STS",
                error,
                "Give the console credentials by the SDK's default chain (a role of the machine, a profile, or variables)",
            ),
        },
        match &organization {
            Ok(found) => Line::passed(
                "Organization",
                format!(
                    "{}: {} accounts, {} units",
                    found.id,
                    found.accounts.len(),
                    found.ous.len()
                ),
            ),
            Err(error) => Line::failed(
                "Organization",
                error,
                "Run the console in the management account or a delegated administrator's, with the policy infra/policies/hub.json",
            ),
        },
        match &tag_policies {
            Ok(()) => Line::passed("Tag policies", "can be read"),
            Err(error) => Line::warning(
                "Tag policies",
                error,
                "Allow the calls that infra/policies/hub.json lists; until then, checks of tag policies are unknown",
            ),
        },
    ];
    let own = identity.ok().map(|found| found.account);
    lines.extend(roles(settings, &gateway, own.as_ref(), organization.as_ref().ok()).await);
    lines.extend(match &organization {
        Ok(organization) => scopes(settings, policy, organization),
        Err(_) => vec![Line::warning(
            "Scopes",
            "not tested, because the Organization could not be read",
            "Correct what the check of the Organization reports, then run the check again",
        )],
    });
    lines
}

/// The calls that failed: to see whether tag policies are enabled, or to read them.
#[derive(Debug, thiserror::Error)]
enum TagPolicyError {
    #[error("{0}")]
    One(ReadFailure),
    #[error("{0}; {1}")]
    Both(ReadFailure, ReadFailure),
}

async fn tag_policies(gateway: &AwsGateway) -> Result<(), TagPolicyError> {
    let read = gateway.tag_policies().await;
    match (read.is_enabled, read.policies) {
        (Ok(_), Ok(_)) => Ok(()),
        (Err(one), Ok(_)) | (Ok(_), Err(one)) => Err(TagPolicyError::One(one)),
        (Err(one), Err(other)) => Err(TagPolicyError::Both(one, other)),
    }
}

/// One account of each kind: the management account, Claviger's own, and a member.
fn of_each_kind(
    own: Option<&AccountId>,
    organization: Option<&Organization>,
) -> Vec<(&'static str, AccountId)> {
    let mut kinds = Vec::new();
    if let Some(organization) = organization {
        kinds.push(("management account", organization.management_account.clone()));
    }
    if let Some(own) = own.filter(|own| kinds.iter().all(|(_, id)| id != *own)) {
        kinds.push(("the console's account", own.clone()));
    }
    let member = organization.and_then(|organization| {
        organization.accounts.iter().find(|account| {
            account.state == AccountState::Active && kinds.iter().all(|(_, id)| *id != account.id)
        })
    });
    kinds.extend(member.map(|account| ("member account", account.id.clone())));
    kinds
}

async fn roles(
    settings: &Settings,
    gateway: &AwsGateway,
    own: Option<&AccountId>,
    organization: Option<&Organization>,
) -> Vec<Line> {
    let kinds = of_each_kind(own, organization);
    if kinds.is_empty() {
        return vec![Line::warning(
            "Roles",
            "not tested, because no account is known",
            "Correct what the checks of STS and the Organization report, then run the check again",
        )];
    }
    let ours = [
        (OurRole::Inventory, &settings.inventory_role),
        (OurRole::Access, &settings.access_role),
        (OurRole::Remediation, &settings.remediation_role),
    ];
    let tests = kinds.iter().flat_map(|(kind, account)| {
        ours.map(|(role, name)| async move {
            let about = format!("Role {name} in {account} ({kind})");
            match in_time(gateway.try_role(account, role)).await {
                Ok(()) => Line::passed(about, "can be assumed"),
                Err(error) => not_assumed(about, kind, &error),
            }
        })
    });
    join_all(tests).await
}

fn not_assumed(about: String, kind: &str, error: &impl fmt::Display) -> Line {
    if kind == "management account" {
        let to_do = "Stack sets leave this account out: deploy the role there by itself if its secrets are to be covered";
        return Line::warning(about, error, to_do);
    }
    let to_do = "Deploy the role there, with a trust policy that names the console's role and external_id, and let the console's role assume it";
    Line::failed(about, error, to_do)
}

/// OUs and accounts in the configuration that do not exist in the Organization, or exist twice.
fn scopes(settings: &Settings, policy: &AccessPolicy, organization: &Organization) -> Vec<Line> {
    let references = settings.scope_references(policy);
    let accounts: Vec<AccountId> =
        organization.accounts.iter().map(|account| account.id.clone()).collect();
    let problems = check_scopes(&references, &organization.ous, &accounts);
    if problems.is_empty() {
        let found =
            format!("all {} OUs and accounts that the configuration names exist", references.len());
        return vec![Line::passed("Scopes", found)];
    }
    let line = |problem: &ScopeProblem| {
        if problem.is_fatal() {
            Line::failed(
                "Scopes",
                problem,
                "Correct its id or path: `claviger serve` does not start with it",
            )
        } else {
            Line::warning("Scopes", problem, "Correct its id or path, as the Organization has it")
        }
    };
    problems.iter().map(line).collect()
}
