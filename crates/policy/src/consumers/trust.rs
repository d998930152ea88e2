//! The trust policy: who assumes the role, held to one workload where the service says which one it is.

use super::{RoleResource, conditions, conditions::Conditions};
use claviger_domain::{
    consumers::{Consumer, GitHubRun, RoleRequest, ServiceAccount},
    ids::AccountId,
};
use serde_json::{Value, json};

/// The issuer of GitHub Actions, without its scheme.
const GITHUB: &str = "token.actions.githubusercontent.com";
const STS: &str = "sts.amazonaws.com";

/// The statements, and what each does.
pub(super) fn statements(
    account: &AccountId,
    resources: &[RoleResource],
    request: &RoleRequest,
) -> (Vec<Value>, Vec<String>) {
    let partition = resources.first().map_or("aws", |one| one.arn.partition());
    let home = Home { account, partition };
    let (statement, words) = match &request.consumer {
        Consumer::Lambda { .. } => {
            home.service("lambda.amazonaws.com", None, "Lambda assumes it for its functions.")
        }
        Consumer::Ec2 => home.service(
            "ec2.amazonaws.com",
            None,
            "EC2 assumes it for instances with the instance profile of the same name.",
        ),
        Consumer::EcsTask => home.service(
            "ecs-tasks.amazonaws.com",
            Some("ecs:*"),
            "ECS assumes it for the containers of tasks of this account.",
        ),
        Consumer::EcsExecution => home.service(
            "ecs-tasks.amazonaws.com",
            Some("ecs:*"),
            "ECS assumes it to set up tasks of this account, before their containers start.",
        ),
        Consumer::CodeBuild { project } => home.service(
            "codebuild.amazonaws.com",
            Some(&format!("codebuild:project/{project}")),
            &format!("CodeBuild assumes it for builds of the project {project} of this account."),
        ),
        Consumer::EksPodIdentity { cluster, workload } => {
            pod_identity(cluster.as_ref().map(ToString::to_string), workload)
        }
        Consumer::EksIrsa { issuer, workload } => {
            let ServiceAccount { namespace, name } = workload;
            let words = format!(
                "Pods of the service account {name} in the namespace {namespace} assume it with a token of their cluster."
            );
            let sub = format!("system:serviceaccount:{namespace}:{name}");
            (home.federated(issuer, STS, &sub), words)
        }
        Consumer::GitHub { owner, repository, ids, run } => {
            let named = match ids {
                Some((owner_id, repository_id)) => {
                    format!("{owner}@{owner_id}/{repository}@{repository_id}")
                }
                None => format!("{owner}/{repository}"),
            };
            let (which, words) = match run {
                GitHubRun::Branch(branch) => {
                    (format!("ref:refs/heads/{branch}"), format!("on the branch {branch}"))
                }
                GitHubRun::Environment(name) => {
                    (format!("environment:{name}"), format!("in the environment {name}"))
                }
            };
            let words =
                format!("Workflows of {owner}/{repository} {words} assume it with GitHub's token.");
            (home.federated(GITHUB, STS, &format!("repo:{named}:{which}")), words)
        }
        Consumer::GitLab { host, project, branch } => {
            let sub = format!("project_path:{project}:ref_type:branch:ref:{branch}");
            let words = format!(
                "Jobs of {project} on the branch {branch} assume it with a token of {host}."
            );
            (home.federated(host, &format!("https://{host}"), &sub), words)
        }
        Consumer::Account { principal, external_id } => {
            let mut conditions = Conditions::default();
            conditions::of_organization(request, &mut conditions);
            if let Some(id) = external_id {
                conditions.add("StringEquals", "sts:ExternalId", id.as_str());
            }
            let statement = conditions.into_statement(json!({
                "Effect": "Allow",
                "Principal": {"AWS": principal.arn.as_str()},
                "Action": "sts:AssumeRole",
            }));
            let who = if principal.is_whole_account {
                format!("Any principal of the account {}", principal.arn.account())
            } else {
                principal.arn.to_string()
            };
            let with = external_id.as_ref().map_or("", |_| " with the external id");
            (
                statement,
                format!(
                    "{who} assumes it{with}, if its own policies allow sts:AssumeRole on this role."
                ),
            )
        }
    };
    (vec![statement], vec![words])
}

#[derive(Clone, Copy)]
struct Home<'a> {
    account: &'a AccountId,
    partition: &'a str,
}

impl Home<'_> {
    /// `source` is the service and the resource for which it assumes the role, where it says so.
    fn service(self, principal: &str, source: Option<&str>, words: &str) -> (Value, String) {
        let mut conditions = Conditions::default();
        if let Some((service, resource)) = source.and_then(|source| source.split_once(':')) {
            let Self { account, partition } = self;
            conditions.add("StringEquals", "aws:SourceAccount", account.as_str());
            let arn = format!("arn:{partition}:{service}:*:{account}:{resource}");
            conditions.add("ArnLike", "aws:SourceArn", arn);
        }
        let statement = conditions.into_statement(json!({
            "Effect": "Allow",
            "Principal": {"Service": principal},
            "Action": "sts:AssumeRole",
        }));
        (statement, words.to_owned())
    }

    /// Somebody whom an OIDC provider of the account names.
    fn federated(self, issuer: &str, audience: &str, sub: &str) -> Value {
        let Self { account, partition } = self;
        let mut conditions = Conditions::default();
        conditions.add("StringEquals", &format!("{issuer}:aud"), audience);
        conditions.add("StringEquals", &format!("{issuer}:sub"), sub);
        conditions.into_statement(json!({
            "Effect": "Allow",
            "Principal": {"Federated": format!("arn:{partition}:iam::{account}:oidc-provider/{issuer}")},
            "Action": "sts:AssumeRoleWithWebIdentity",
        }))
    }
}

/// EKS names the pod by session tags.
/// <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html>
fn pod_identity(cluster: Option<String>, workload: &ServiceAccount) -> (Value, String) {
    let ServiceAccount { namespace, name } = workload;
    let mut conditions = Conditions::default();
    let mut tag = |key: &str, value: &str| {
        conditions.add("StringEquals", &format!("aws:RequestTag/{key}"), value);
    };
    tag("kubernetes-namespace", namespace);
    tag("kubernetes-service-account", name);
    let of = match &cluster {
        Some(arn) => {
            tag("eks-cluster-arn", arn);
            format!("of {arn}")
        }
        None => "of any cluster of this account".to_owned(),
    };
    let statement = conditions.into_statement(json!({
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
    }));
    let words = format!(
        "EKS assumes it for pods of the service account {name} in the namespace {namespace} {of}. It tags the session with these names."
    );
    (statement, words)
}
