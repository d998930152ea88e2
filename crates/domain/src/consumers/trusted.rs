//! Reads who assumes the role.

use super::{
    Consumer, ConsumerKind, GitHubRun, OtherPrincipal, ServiceAccount,
    conditions::Wrong,
    form::{Home, RoleForm, filled},
};
use crate::{
    ids::AccountId,
    remediation::{InstanceArn, is_instance_id},
};

/// `None` if a field is wrong; each was named then.
pub(super) fn read(form: &RoleForm, home: Home<'_>, wrong: Wrong<'_>) -> Option<Consumer> {
    let Some(kind) = form.kind() else {
        wrong("consumer", "Choose who uses the role.".into());
        return None;
    };
    Some(match kind {
        ConsumerKind::Lambda => Consumer::Lambda { function: function(form, home, wrong)? },
        ConsumerKind::Ec2 => {
            instance(form, home, wrong)?;
            Consumer::Ec2
        }
        ConsumerKind::EcsTask => Consumer::EcsTask,
        ConsumerKind::EcsExecution => Consumer::EcsExecution,
        ConsumerKind::EksIrsa => {
            let issuer = named("provider", issuer(&form.provider, home), wrong);
            let workload = service_account(form, wrong);
            Consumer::EksIrsa { issuer: issuer?, workload: workload? }
        }
        ConsumerKind::EksPodIdentity => {
            let cluster = match filled(&form.cluster) {
                None => Some(None),
                Some(text) => named("cluster", cluster(text, home), wrong).map(Some),
            };
            let workload = service_account(form, wrong);
            Consumer::EksPodIdentity { cluster: cluster?, workload: workload? }
        }
        ConsumerKind::CodeBuild => {
            let project = form.project.trim();
            let is_valid = (2..=255).contains(&project.len())
                && project.bytes().all(|c| c.is_ascii_alphanumeric() || b"-_".contains(&c));
            if !is_valid {
                wrong("project", "Use the name of a CodeBuild project.".into());
                return None;
            }
            Consumer::CodeBuild { project: project.to_owned() }
        }
        ConsumerKind::GitHub => github(form, wrong)?,
        ConsumerKind::GitLab => gitlab(form, wrong)?,
        ConsumerKind::Account => other_account(form, home, wrong)?,
    })
}

fn named<T>(field: &str, read: Result<T, String>, wrong: Wrong<'_>) -> Option<T> {
    read.map_err(|reason| wrong(field, reason)).ok()
}

/// `Some(None)` if any function may.
#[expect(clippy::option_option, reason = "wrong, left out, or named")]
fn function(form: &RoleForm, home: Home<'_>, wrong: Wrong<'_>) -> Option<Option<String>> {
    let Some(text) = filled(&form.function) else { return Some(None) };
    let name = if text.starts_with("arn:") {
        let arn = named("function", home.own_arn(text), wrong)?;
        match text.split_once(":function:") {
            Some((_, name)) if arn.service() == "lambda" => name.to_owned(),
            _ => String::new(),
        }
    } else {
        text.to_owned()
    };
    let is_valid = (1..=64).contains(&name.len())
        && name.bytes().all(|c| c.is_ascii_alphanumeric() || b"-_".contains(&c));
    if !is_valid {
        wrong("function", "Use a function's name or its ARN without a version.".into());
        return None;
    }
    Some(Some(name))
}

/// The trust names no instance; the plan does. `None` if the field is wrong.
fn instance(form: &RoleForm, home: Home<'_>, wrong: Wrong<'_>) -> Option<()> {
    let Some(text) = filled(&form.instance) else { return Some(()) };
    let is_valid = if text.starts_with("arn:") {
        named("instance", home.own_arn(text), wrong)?;
        InstanceArn::read(text).is_some()
    } else {
        is_instance_id(text)
    };
    if !is_valid {
        wrong("instance", "Use an instance's id, such as i-0a1b2c3d4e5f60718, or its ARN.".into());
    }
    is_valid.then_some(())
}

fn issuer(text: &str, home: Home<'_>) -> Result<String, String> {
    let text = text.trim();
    let issuer = if text.starts_with("arn:") {
        let arn = home.own_arn(text)?;
        match text.split_once(":oidc-provider/") {
            Some((_, issuer)) if arn.service() == "iam" => issuer,
            _ => return Err("Use the ARN of an IAM OIDC provider.".into()),
        }
    } else {
        text.strip_prefix("https://").unwrap_or(text).trim_end_matches('/')
    };
    let is_valid = issuer.contains('.')
        && !issuer.starts_with('.')
        && issuer.bytes().all(|c| c.is_ascii_alphanumeric() || b".-_/".contains(&c));
    if !is_valid {
        return Err(
            "Use the cluster's OpenID Connect issuer URL, or the ARN of its OIDC provider.".into(),
        );
    }
    Ok(issuer.to_owned())
}

fn cluster(text: &str, home: Home<'_>) -> Result<crate::ids::Arn, String> {
    let arn = home.own_arn(text)?;
    if arn.service() == "eks" && text.contains(":cluster/") {
        Ok(arn)
    } else {
        Err("Use the ARN of an EKS cluster.".into())
    }
}

fn service_account(form: &RoleForm, wrong: Wrong<'_>) -> Option<ServiceAccount> {
    let is_name = |text: &str, max: usize, more: &[u8]| {
        (1..=max).contains(&text.len())
            && text
                .bytes()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || more.contains(&c))
    };
    let (namespace, name) = (form.namespace.trim(), form.service_account.trim());
    let (has_namespace, has_name) = (is_name(namespace, 63, b"-"), is_name(name, 253, b"-."));
    if !has_namespace {
        wrong("namespace", "Use one Kubernetes namespace; no wildcards.".into());
    }
    if !has_name {
        wrong("service_account", "Use one Kubernetes service account; no wildcards.".into());
    }
    (has_namespace && has_name)
        .then(|| ServiceAccount { namespace: namespace.to_owned(), name: name.to_owned() })
}

/// A part of a `sub` that is compared as a whole: a wildcard or a colon would make it match others.
fn is_claim(text: &str) -> bool {
    (1..=255).contains(&text.len())
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || "*?:$".contains(c))
}

fn github(form: &RoleForm, wrong: Wrong<'_>) -> Option<Consumer> {
    let mut is_right = true;
    let mut refuse = |field: &str, reason: &str| {
        is_right = false;
        wrong(field, reason.into());
    };
    let is_name = |text: &str, max: usize, more: &[u8]| {
        (1..=max).contains(&text.len())
            && text.bytes().all(|c| c.is_ascii_alphanumeric() || more.contains(&c))
    };
    let (owner, repository) = form.repository.trim().split_once('/').unwrap_or_default();
    if !is_name(owner, 39, b"-") || !is_name(repository, 100, b"-_.") {
        refuse(
            "repository",
            "Write one repository as owner/name, such as acme/shop; no wildcards.",
        );
    }
    let ids = match (filled(&form.owner_id), filled(&form.repository_id)) {
        (None, None) => None,
        (Some(owner), Some(repository)) => {
            let ids = owner.parse().ok().zip(repository.parse().ok());
            if ids.is_none() {
                refuse("repository_id", "The ids of owner and repository are numbers.");
            }
            ids
        }
        _ => {
            refuse("repository_id", "Give the ids of both owner and repository, or neither.");
            None
        }
    };
    let run = match (filled(&form.branch), filled(&form.environment)) {
        (Some(branch), None) if is_claim(branch) => Some(GitHubRun::Branch(branch.to_owned())),
        (None, Some(name)) if is_claim(name) => Some(GitHubRun::Environment(name.to_owned())),
        (Some(_), None) => {
            refuse("branch", "Name one branch; no wildcards.");
            None
        }
        (None, Some(_)) => {
            refuse("environment", "Name one environment without spaces, colons and wildcards.");
            None
        }
        (Some(_), Some(_)) => {
            refuse(
                "branch",
                "Name a branch or an environment: a job with an environment sends no branch in sub.",
            );
            None
        }
        (None, None) => {
            refuse(
                "branch",
                "Name a branch or an environment: else every workflow of the repository gets in.",
            );
            None
        }
    };
    let run = run.filter(|_| is_right)?;
    Some(Consumer::GitHub { owner: owner.to_owned(), repository: repository.to_owned(), ids, run })
}

fn gitlab(form: &RoleForm, wrong: Wrong<'_>) -> Option<Consumer> {
    let host = filled(&form.host).unwrap_or("gitlab.com");
    let host = host.strip_prefix("https://").unwrap_or(host).trim_end_matches('/');
    let is_host =
        host.contains('.') && host.bytes().all(|c| c.is_ascii_alphanumeric() || b".-".contains(&c));
    let project = form.project.trim();
    let is_project = project.contains('/') && project.split('/').all(is_claim);
    let branch = form.branch.trim();
    let is_branch = is_claim(branch);
    if !is_host {
        wrong("host", "Use the host of the GitLab instance, such as gitlab.com.".into());
    }
    if !is_project {
        wrong(
            "project",
            "Write one project with its groups, such as acme/shop; no wildcards.".into(),
        );
    }
    if !is_branch {
        wrong("branch", "Name one branch; no wildcards.".into());
    }
    (is_host && is_project && is_branch).then(|| Consumer::GitLab {
        host: host.to_owned(),
        project: project.to_owned(),
        branch: branch.to_owned(),
    })
}

fn other_account(form: &RoleForm, home: Home<'_>, wrong: Wrong<'_>) -> Option<Consumer> {
    let principal = named("principal", principal(form.principal.trim(), home), wrong);
    let external_id = filled(&form.external_id);
    let is_external_id = |text: &str| {
        (2..=1224).contains(&text.len())
            && text.bytes().all(|c| c.is_ascii_alphanumeric() || b"_+=,.@:/-".contains(&c))
    };
    if external_id.is_some_and(|text| !is_external_id(text)) {
        wrong("external_id", "Use 2 to 1,224 letters, digits and the characters _+=,.@:/-.".into());
        return None;
    }
    let principal = principal?;
    if principal.is_whole_account && external_id.is_none() && filled(&form.organization).is_none() {
        wrong(
            "principal",
            "A whole account needs an external id or an Organization. Or name one role of it."
                .into(),
        );
        return None;
    }
    Some(Consumer::Account { principal, external_id: external_id.map(str::to_owned) })
}

const NO_PRINCIPAL: &str = "Use an account's number, or the ARN of a role or user of it.";

fn principal(text: &str, home: Home<'_>) -> Result<OtherPrincipal, String> {
    let arn = match text.parse::<AccountId>() {
        Ok(account) => format!("arn:{}:iam::{account}:root", home.partition),
        Err(_) => text.to_owned(),
    };
    let read = home
        .arn(&arn)
        .map_err(|reason| if arn.starts_with("arn:") { reason } else { NO_PRINCIPAL.to_owned() })?;
    let is_whole_account = arn.ends_with(":root");
    let is_principal = is_whole_account || arn.contains(":role/") || arn.contains(":user/");
    let is_account = read.account().parse::<AccountId>().is_ok();
    if read.service() != "iam" || !is_principal || !is_account || arn.contains(['*', '?', '$']) {
        return Err(NO_PRINCIPAL.into());
    }
    if read.account() == home.account.as_str() {
        return Err("This principal is of the role's own account.".into());
    }
    Ok(OtherPrincipal { arn: read, is_whole_account })
}
