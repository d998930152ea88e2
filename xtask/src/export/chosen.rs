//! The secrets that are exported: ten of the demo, and one whose texts are meant to break out of what they are written into.

use crate::{
    rollout::Aws,
    shell::{root, run_quiet},
    stack::Tools,
};
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::json;
use std::process::Command;

/// Payments Prod.
pub const ACCOUNT: &str = "441205839201";

#[derive(Debug, Deserialize)]
pub struct Chosen {
    pub region: String,
    pub arn: String,
    /// Another service manages it.
    pub is_owned: bool,
}

impl Chosen {
    pub fn of_demo(tools: &Tools) -> Result<Vec<Self>> {
        let script = root().join("xtask/src/export/ten.py");
        let text = run_quiet(Command::new(tools.python.join("python")).arg(script).arg(ACCOUNT))?;
        let chosen: Vec<Self> = serde_json::from_str(&text)?;
        ensure!(chosen.len() == 10, "the demo has {} secrets to export", chosen.len());
        Ok(chosen)
    }

    /// Its description, tags and policy have the signs of Terraform's templates, of CloudFormation's references and of comments.
    pub fn create_hostile(owner: &Aws, canary: &str) -> Result<Self> {
        let description = "${path.module} %{ if true }x%{ endif } $${a} \"quoted\" \\ #{b} {{resolve:ssm:/a}}\n*/ */} über 密";
        let tags = json!([
            {"Key": "${a}", "Value": "%{b} \"c\" \\"},
            {"Key": "note: #", "Value": "{{resolve:secretsmanager:a}}"},
        ]);
        let policy = json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Sid": "OwnTeam",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "secretsmanager:GetSecretValue",
                "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:PrincipalTag/team": "${aws:ResourceTag/team}"}},
            }],
        });
        let name = "export/hostile";
        let value = format!("{canary}hostile");
        let arn = owner.text(
            "/ARN",
            &[
                "secretsmanager",
                "create-secret",
                "--name",
                name,
                "--description",
                description,
                "--secret-string",
                &value,
                "--tags",
                &tags.to_string(),
            ],
        )?;
        owner
            .run(&[
                "secretsmanager",
                "put-resource-policy",
                "--secret-id",
                name,
                "--resource-policy",
                &policy.to_string(),
            ])
            .context("the policy of the hostile secret")?;
        let region = arn.split(':').nth(3).context("an ARN without a Region")?.to_owned();
        Ok(Self { region, arn, is_owned: false })
    }

    /// What AWS says of it.
    pub fn describe(&self, owner: &Aws) -> Result<serde_json::Value> {
        owner.json(&[
            "secretsmanager",
            "describe-secret",
            "--region",
            &self.region,
            "--secret-id",
            &self.arn,
        ])
    }
}
