//! The way of CloudFormation.

use super::{
    aws::{Aws, REGION},
    organization::{EmulatedOrganization, Organization},
};
use crate::{
    shell::root,
    stack::{Moto, Tools},
};
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::{fs, path::Path};

pub const ROLES: [&str; 3] = ["claviger-inventory", "claviger-access", "claviger-remediation"];
const STACK_SET: &str = "claviger-member-roles";

/// What the roles are deployed with.
pub struct Parameters<'a> {
    pub hub_arn: &'a str,
    pub external_id: &'a str,
    pub organization_id: &'a str,
}

impl Parameters<'_> {
    fn pairs(&self) -> [(&'static str, &str); 3] {
        [
            ("HubPrincipalArn", self.hub_arn),
            ("ExternalId", self.external_id),
            ("OrganizationId", self.organization_id),
        ]
    }
}

/// Creates the stack set of `stack-set.yaml` over an OU, and compares the roles of every member account with the policies.
pub fn deploy_by_organizational_unit(tools: &Tools, moto: &Moto) -> Result<()> {
    let endpoint = format!("http://127.0.0.1:{}", moto.port);
    let management = Aws::root(tools, &endpoint, "test");
    let created =
        management.json(&["organizations", "create-organization", "--feature-set", "ALL"])?;
    let text = |pointer: &str| -> Result<String> {
        let found = created.pointer(pointer).and_then(Value::as_str);
        Ok(found.with_context(|| format!("CreateOrganization: {created}"))?.to_owned())
    };
    let (id, account) = (text("/Organization/Id")?, text("/Organization/MasterAccountId")?);
    let organization = Organization::create(&management, &account, id)?;

    let template = fs::read_to_string(root().join("infra/cloudformation/stack-set.yaml"))?;
    let body = embedded_template(&template)?;
    for property in [
        "PermissionModel: SERVICE_MANAGED",
        "AutoDeployment:",
        "OrganizationalUnitIds: !Ref OrganizationalUnitIds",
    ] {
        ensure!(template.contains(property), "stack-set.yaml has no {property}");
    }
    let hub_arn = format!("arn:aws:iam::{account}:role/claviger");
    let parameters =
        Parameters { hub_arn: &hub_arn, external_id: "rollout", organization_id: &organization.id };
    let pairs: Vec<String> = parameters
        .pairs()
        .iter()
        .map(|(key, value)| format!("ParameterKey={key},ParameterValue={value}"))
        .collect();
    let mut arguments = vec![
        "cloudformation",
        "create-stack-set",
        "--stack-set-name",
        STACK_SET,
        "--permission-model",
        "SERVICE_MANAGED",
        "--auto-deployment",
        "Enabled=true,RetainStacksOnAccountRemoval=false",
        "--capabilities",
        "CAPABILITY_NAMED_IAM",
        "--template-body",
        &body,
        "--parameters",
    ];
    arguments.extend(pairs.iter().map(String::as_str));
    management.run(&arguments)?;
    management.run(&[
        "cloudformation",
        "create-stack-instances",
        "--stack-set-name",
        STACK_SET,
        "--regions",
        REGION,
        "--deployment-targets",
        &format!("OrganizationalUnitIds={}", organization.unit),
        "--operation-preferences",
        "MaxConcurrentPercentage=50,FailureTolerancePercentage=20",
    ])?;
    for member in &organization.members {
        compare_roles(&management, member, &parameters)?;
    }
    Ok(())
}

/// The template within the stack set's template: a block of text that is indented.
fn embedded_template(template: &str) -> Result<String> {
    let (_, after) = template
        .split_once("      TemplateBody: |\n")
        .context("stack-set.yaml has no TemplateBody")?;
    let lines = after.lines().take_while(|line| line.is_empty() || line.starts_with("        "));
    let body: Vec<&str> = lines.map(|line| line.get(8..).unwrap_or_default()).collect();
    Ok(body.join("\n"))
}

/// Every role of the account is as `infra/policies` has it, and trusts the hub.
pub fn compare_roles(management: &Aws, account: &str, parameters: &Parameters) -> Result<()> {
    let owner =
        management.assume(&format!("arn:aws:iam::{account}:role/OrganizationAccountAccessRole"))?;
    compare_roles_as(&owner, account, parameters)
}

fn compare_roles_as(owner: &Aws, account: &str, parameters: &Parameters) -> Result<()> {
    let folder = root().join("infra/policies");
    let wanted_trust: Value = serde_json::from_str(
        &fs::read_to_string(folder.join("trust.json"))?
            .replace("${hub_principal_arn}", parameters.hub_arn)
            .replace("${external_id}", parameters.external_id)
            .replace("${organization_id}", parameters.organization_id),
    )?;
    for role in ROLES {
        let found = owner.json(&["iam", "get-role", "--role-name", role])?;
        let trust = &found["Role"]["AssumeRolePolicyDocument"];
        if normal(trust) != normal(&wanted_trust) {
            bail!("{role} in {account} has another trust policy: {trust}");
        }
        let found =
            owner.json(&["iam", "get-role-policy", "--role-name", role, "--policy-name", role])?;
        let wanted = wanted_policy(&folder, role, account)?;
        let document = document(&found["PolicyDocument"])?;
        if normal(&document) != normal(&wanted) {
            bail!("{role} in {account} has another policy: {document}");
        }
    }
    Ok(())
}

/// The committed policy, as it is in this account: CloudFormation and Terraform write the account's id into ARNs of roles.
fn wanted_policy(folder: &Path, role: &str, account: &str) -> Result<Value> {
    let text = fs::read_to_string(folder.join(format!("{role}.json")))?;
    Ok(serde_json::from_str(
        &text.replace("arn:aws:iam::*:role/", &format!("arn:aws:iam::{account}:role/")),
    )?)
}

/// moto writes a policy that CloudFormation made as Python's text of it: with single quotes, which no policy of ours has within a text.
fn document(found: &Value) -> Result<Value> {
    match found {
        Value::String(text) => serde_json::from_str(&text.replace('\'', "\""))
            .with_context(|| format!("not a policy: {text}")),
        other => Ok(other.clone()),
    }
}

/// A list of one is the same as its member in a policy.
fn normal(policy: &Value) -> Value {
    match policy {
        Value::Array(list) if list.len() == 1 && !list[0].is_object() => normal(&list[0]),
        Value::Array(list) => Value::Array(list.iter().map(normal).collect()),
        Value::Object(members) => {
            members.iter().map(|(key, value)| (key.clone(), normal(value))).collect()
        }
        other => other.clone(),
    }
}

/// The same template as a stack in every account, as the stack set would: ministack has no stack sets, but enforces roles.
pub fn deploy_stacks(tools: &Tools, place: &EmulatedOrganization) -> Result<()> {
    for account in place.organization.accounts() {
        deploy_stack(tools, place, account, &place.external_id)?;
    }
    Ok(())
}

/// Creates or updates the roles of one account.
pub fn deploy_stack(
    tools: &Tools,
    place: &EmulatedOrganization,
    account: &str,
    external_id: &str,
) -> Result<()> {
    let owner = Aws::root(tools, &place.management.endpoint, account);
    let parameters = Parameters {
        hub_arn: &place.hub_arn,
        external_id,
        organization_id: &place.organization.id,
    };
    let overrides: Vec<String> =
        parameters.pairs().iter().map(|(key, value)| format!("{key}={value}")).collect();
    let mut arguments = vec![
        "cloudformation",
        "deploy",
        "--stack-name",
        "claviger-roles",
        "--template-file",
        "infra/cloudformation/member-roles.yaml",
        "--capabilities",
        "CAPABILITY_NAMED_IAM",
        "--parameter-overrides",
    ];
    arguments.extend(overrides.iter().map(String::as_str));
    owner.run(&arguments)?;
    compare_roles_as(&owner, account, &parameters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stack_sets_template_is_that_of_single_accounts() {
        let read = |name: &str| {
            fs::read_to_string(root().join("infra/cloudformation").join(name)).unwrap()
        };
        let body = embedded_template(&read("stack-set.yaml")).unwrap();
        assert_eq!(body.trim_end(), read("member-roles.yaml").trim_end());
    }

    #[test]
    fn a_list_of_one_is_its_member() {
        let one =
            serde_json::json!({ "Action": ["a:B"], "Statement": [{ "Resource": ["x", "y"] }] });
        let other =
            serde_json::json!({ "Action": "a:B", "Statement": [{ "Resource": ["x", "y"] }] });
        assert_eq!(normal(&one), normal(&other));
        assert_ne!(normal(&one), normal(&serde_json::json!({ "Action": "a:C" })));
    }
}
