//! The way of Terraform.

use super::{
    aws::Aws,
    organization::{EmulatedOrganization, Organization},
    stack_set::{Parameters, ROLES, compare_roles},
};
use crate::{
    infra::Terraform,
    stack::{Moto, Tools},
};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::path::Path;

/// The role of new accounts.
const NAME: &str = "OrganizationAccountAccessRole";

/// Any plan that is not empty has this exit code.
const DETAILED: &str = "-detailed-exitcode";

/// Applies the example of an Organization, with its stack set, at moto, and reads the roles back from every account.
pub fn apply_example(tools: &Tools, folder: &Path, moto: &Moto) -> Result<()> {
    let management = Aws::root(tools, &format!("http://127.0.0.1:{}", moto.port), "test");
    let created =
        management.json(&["organizations", "create-organization", "--feature-set", "ALL"])?;
    let text = |pointer: &str| -> Result<String> {
        let found = created.pointer(pointer).and_then(Value::as_str);
        Ok(found.with_context(|| format!("CreateOrganization: {created}"))?.to_owned())
    };
    let (id, account) = (text("/Organization/Id")?, text("/Organization/MasterAccountId")?);
    let organization = Organization::create(&management, &account, id)?;
    let hub_arn = format!("arn:aws:iam::{account}:role/claviger");
    let parameters =
        Parameters { hub_arn: &hub_arn, external_id: "rollout", organization_id: &organization.id };
    let mut environment = variables(&management, &parameters);
    environment.push(("TF_VAR_organizational_unit_ids", format!("[\"{}\"]", organization.unit)));
    apply(folder, "examples/organization", &environment)?;
    for member in &organization.members {
        compare_roles(&management, member, &parameters)?;
    }
    for role in ROLES {
        management.run(&["iam", "get-role", "--role-name", role])?;
    }
    Ok(())
}

/// Applies the module in every account, by the role that AWS creates in new accounts; a second plan changes nothing.
pub fn apply_module(folder: &Path, tools: &Tools, place: &EmulatedOrganization) -> Result<()> {
    for member in &place.organization.members {
        create_administration_role(tools, place, member)?;
    }
    let parameters = Parameters {
        hub_arn: &place.hub_arn,
        external_id: &place.external_id,
        organization_id: &place.organization.id,
    };
    let mut environment = variables(&place.management, &parameters);
    let [payments, growth] = place.organization.members.as_slice() else {
        anyhow::bail!("the example has two member accounts");
    };
    environment.push(("TF_VAR_payments_account_id", payments.clone()));
    environment.push(("TF_VAR_growth_account_id", growth.clone()));
    let terraform = apply(folder, "examples/accounts", &environment)?;
    terraform
        .run_with(
            "examples/accounts",
            &["plan", "-input=false", "-no-color", DETAILED],
            &environment,
        )
        .context("the plan after the apply is not empty")?;
    for member in &place.organization.members {
        compare_roles(&place.management, member, &parameters)?;
    }
    Ok(())
}

fn variables(management: &Aws, parameters: &Parameters) -> Vec<(&'static str, String)> {
    let mut environment = management.environment();
    environment.extend([
        ("TF_VAR_hub_principal_arn", parameters.hub_arn.to_owned()),
        ("TF_VAR_external_id", parameters.external_id.to_owned()),
        ("TF_VAR_organization_id", parameters.organization_id.to_owned()),
    ]);
    environment
}

fn apply(folder: &Path, module: &str, environment: &[(&str, String)]) -> Result<Terraform> {
    let terraform = Terraform::prepare_in(&folder.join("terraform"))
        .context("this way needs Terraform; the StackSet template's way has passed")?;
    terraform.run_with(module, &["init", "-input=false", "-no-color"], environment)?;
    let said = terraform.run_with(
        module,
        &["apply", "-auto-approve", "-input=false", "-no-color"],
        environment,
    )?;
    ensure!(said.contains("Apply complete!"), "terraform apply said: {said}");
    Ok(terraform)
}

/// AWS creates it in every account that an Organization creates; ministack does not.
fn create_administration_role(
    tools: &Tools,
    place: &EmulatedOrganization,
    member: &str,
) -> Result<()> {
    let owner = Aws::root(tools, &place.management.endpoint, member);
    let trust = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:aws:iam::{}:root", place.organization.management) },
            "Action": "sts:AssumeRole",
        }],
    })
    .to_string();
    let all =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    owner.run(&[
        "iam",
        "create-role",
        "--role-name",
        NAME,
        "--assume-role-policy-document",
        &trust,
    ])?;
    owner
        .run(&[
            "iam",
            "put-role-policy",
            "--role-name",
            NAME,
            "--policy-name",
            "AdministratorAccess",
            "--policy-document",
            all,
        ])
        .map(drop)
}
