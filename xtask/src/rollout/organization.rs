//! An Organization from nothing: an OU, accounts in it, a secret in each, and the hub's role.

use super::aws::Aws;
use crate::{
    shell::root,
    stack::{Emulator, Tools},
};
use anyhow::{Context, Result};
use std::fs;

/// What the members are called.
const MEMBERS: [&str; 2] = ["Payments", "Growth"];
/// A secret in every account.
pub const SECRET: &str = "ledger/postgres";
/// Another, which no grant covers.
pub const OTHER_SECRET: &str = "ledger/kafka";

/// Accounts and OUs, before Claviger has any role in them.
pub struct Organization {
    pub id: String,
    pub unit: String,
    pub management: String,
    pub members: Vec<String>,
}

impl Organization {
    /// At an emulator in which the Organization `id` exists.
    pub fn create(management: &Aws, account: &str, id: String) -> Result<Self> {
        let root_id = management.text("/Roots/0/Id", &["organizations", "list-roots"])?;
        let unit = management.text(
            "/OrganizationalUnit/Id",
            &[
                "organizations",
                "create-organizational-unit",
                "--parent-id",
                &root_id,
                "--name",
                "Workloads",
            ],
        )?;
        let mut members = Vec::new();
        for name in MEMBERS {
            let email = format!("{}@example.com", name.to_lowercase());
            let member = management.text(
                "/CreateAccountStatus/AccountId",
                &["organizations", "create-account", "--account-name", name, "--email", &email],
            )?;
            management.run(&[
                "organizations",
                "move-account",
                "--account-id",
                &member,
                "--source-parent-id",
                &root_id,
                "--destination-parent-id",
                &unit,
            ])?;
            members.push(member);
        }
        Ok(Self { id, unit, management: account.to_owned(), members })
    }

    pub fn accounts(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.management).chain(&self.members)
    }
}

/// An Organization at ministack, which enforces roles, with secrets and the hub's role.
pub struct EmulatedOrganization {
    pub organization: Organization,
    pub external_id: String,
    pub canary: String,
    /// All permissions in the management account.
    pub management: Aws,
    pub hub_arn: String,
}

impl EmulatedOrganization {
    pub fn create(tools: &Tools, emulator: &Emulator, canary: &str) -> Result<Self> {
        let account = management_account()?;
        let management = Aws::root(tools, &emulator.url(), &account);
        let id =
            management.text("/Organization/Id", &["organizations", "describe-organization"])?;
        let organization = Organization::create(&management, &account, id)?;
        for account in organization.accounts() {
            let owner = Aws::root(tools, &emulator.url(), account);
            for name in [SECRET, OTHER_SECRET] {
                let value = format!("{canary}-{account}-{name}");
                owner.run(&[
                    "secretsmanager",
                    "create-secret",
                    "--name",
                    name,
                    "--secret-string",
                    &value,
                ])?;
            }
        }
        let hub_arn = create_hub(&management, &account)?;
        Ok(Self {
            organization,
            external_id: emulator.external_id.clone(),
            canary: canary.to_owned(),
            management,
            hub_arn,
        })
    }

    /// The credentials of the hub's role, as a container of ECS or EKS has them.
    pub fn hub(&self) -> Result<Aws> {
        self.management.assume(&self.hub_arn)
    }
}

/// The hub's role with `infra/policies/hub.json`. The emulator has no containers: its account may assume it.
fn create_hub(management: &Aws, account: &str) -> Result<String> {
    let trust = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:aws:iam::{account}:root") },
            "Action": "sts:AssumeRole",
        }],
    })
    .to_string();
    let arn = management.text(
        "/Role/Arn",
        &["iam", "create-role", "--role-name", "claviger", "--assume-role-policy-document", &trust],
    )?;
    management.run(&[
        "iam",
        "put-role-policy",
        "--role-name",
        "claviger",
        "--policy-name",
        "claviger-hub",
        "--policy-document",
        "file://infra/policies/hub.json",
    ])?;
    Ok(arn)
}

/// The account that the emulator takes for the management account.
fn management_account() -> Result<String> {
    let text = fs::read_to_string(root().join("demo/organization.py"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("MANAGEMENT = "));
    Ok(line.context("demo/organization.py names no MANAGEMENT")?.trim_matches('"').to_owned())
}
