//! AWS: the identity, the Organization, the roles, and the OUs and accounts in the configuration.

use super::{Line, TestError, in_time, roles};
use crate::{settings::Settings, surroundings::SYNCHRONISE};
use claviger_aws::{AwsGateway, EventQueue, Gateway};
use claviger_domain::{
    accounts::{Organization, readiness::ReadFailure},
    authz::scope_check::{ScopeProblem, check_scopes},
    ids::AccountId,
};
use claviger_policy::AccessPolicy;
use std::num::NonZeroUsize;

pub(super) async fn test(
    settings: &Settings,
    policy: &AccessPolicy,
    at_most: Option<NonZeroUsize>,
) -> Vec<Line> {
    let gateway = AwsGateway::new(&settings.aws()).await;
    let (identity, organization, queue, tag_policies) = tokio::join!(
        in_time(gateway.caller_identity()),
        in_time(gateway.organization()),
        event_queue(settings, &gateway),
        in_time(tag_policies(&gateway)),
    );
    let mut lines = vec![
        match &identity {
            Ok(found) => Line::passed("STS", format!("the console is {}", found.arn)),
            Err(TestError::Failed(error)) if error.is_clock_skew() => Line::failed(
                "Clock",
                format!("AWS refuses the time of this machine ({error})"),
                SYNCHRONISE,
            ),
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
    lines.extend(queue);
    let own = identity.ok().map(|found| found.account);
    lines.extend(
        roles::test(settings, &gateway, own.as_ref(), organization.as_ref().ok(), at_most).await,
    );
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

/// Counts the messages. Receiving one would keep it from the console for a minute.
async fn event_queue(settings: &Settings, gateway: &AwsGateway) -> Option<Line> {
    const ABOUT: &str = "Event queue (event_queue_url)";
    let queue = gateway.event_queue(settings.event_queue_url.as_ref()?.as_str());
    Some(match in_time(queue.size()).await {
        Ok(size) => Line::passed(ABOUT, format!("{} messages wait", size.waiting)),
        Err(error) => Line::failed(
            ABOUT,
            error,
            "Check the URL and aws_region, and name the console's role in HubRoleArn of events-hub.yaml",
        ),
    })
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
