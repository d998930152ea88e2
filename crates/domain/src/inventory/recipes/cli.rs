//! Shells: the AWS CLI, and Claviger's own client.

use super::{BINARY, Proof, Recipe, RecipeId, Subject, base, facts, file, template::Facts};
use crate::code::shell;

/// The command that writes the value, or the JSON key of it, to its standard output. It spans lines.
pub(super) fn read_value(subject: &Subject) -> String {
    let facts = Facts::default()
        .flag("secret", subject.is_secret())
        .flag("stage", subject.stage.is_some())
        .flag("key", subject.json_key.is_some())
        .value("REGION", subject.region.as_str())
        .value("ID", shell::quoted(subject.arn.as_str()))
        .value("NAME", shell::quoted(&subject.name))
        .value("STAGE", shell::quoted(subject.stage.as_deref().unwrap_or_default()))
        .value("KEY", shell::quoted(subject.json_key.as_deref().unwrap_or_default()));
    facts.fill(READ).trim_end().to_owned()
}

const READ: &str = r"?secret? aws secretsmanager get-secret-value \
?!secret? aws ssm get-parameter \
  --region <<REGION>> \
?secret?   --secret-id <<ID>> \
?stage?   --version-stage <<STAGE>> \
?!secret?   --name <<NAME>> \
?!secret?   --with-decryption \
?secret?   --query SecretString \
?!secret?   --query Parameter.Value \
?!key?   --output text
?key?   --output text |
?key?   jq --exit-status --raw-output --arg key <<KEY>> '.[$key]'
";

/// What the recipes say that read once, for one process.
pub(super) const ONCE: &str = "None. It reads once, when it runs.";

/// What to do after a refusal.
fn run_again(subject: &Subject) -> String {
    if subject.is_secret() {
        "Run it again. During a rotation the target can have the new value some seconds before Secrets Manager returns it, so wait between two attempts.".to_owned()
    } else {
        "Run it again. Parameter Store and the target are changed one after the other, so wait some seconds between two attempts.".to_owned()
    }
}

pub(super) fn aws_cli(subject: &Subject) -> Recipe {
    let facts = facts(subject);
    let mut traps = vec![
        "A variable of a process is visible to other processes of the same user, and to every program that it starts.".to_owned(),
        "set -x would print the value.".to_owned(),
    ];
    if subject.is_secret() {
        traps.push(BINARY.to_owned());
    }
    if subject.json_key.is_some() {
        traps.push("jq has to be installed.".to_owned());
    }
    Recipe {
        files: vec![file("read.sh", Proof::Run, include_str!("texts/aws-cli.sh"), &facts)],
        cache: ONCE.to_owned(),
        at_rotation:
            "The next run reads the new value. A process that is already running keeps the old one."
                .to_owned(),
        on_auth_failure: run_again(subject),
        traps,
        ..base(RecipeId::AwsCli, subject)
    }
}

pub(super) fn clv_run(subject: &Subject) -> Recipe {
    let source = match &subject.json_key {
        Some(key) => format!("{}#{key}", subject.arn),
        None => subject.arn.to_string(),
    };
    let facts = facts(subject)
        .value("SOURCE", shell::quoted(&format!("{}={source}", super::names::variable(subject))));
    let mut not_supported = Vec::new();
    if subject.stage.is_some() {
        not_supported.push("clv run reads AWSCURRENT: the stage is left out.".to_owned());
    }
    Recipe {
        files: vec![file("run.sh", Proof::BashSyntax, include_str!("texts/clv-run.sh"), &facts)],
        cache: "None. It reads once, when the command starts.".to_owned(),
        at_rotation: "The command keeps the old value until it is started again.".to_owned(),
        on_auth_failure: run_again(subject),
        json_key: subject.json_key.as_ref().map(|_| "clv takes the key behind the # from the JSON.".to_owned()),
        not_supported,
        traps: vec!["It needs an active access grant to read, and ends with it: for people and their pipelines, not for services.".to_owned()],
        rights: Vec::new(),
        reader: "You, with an access grant in Claviger; no role of yours is needed in AWS".to_owned(),
        ..base(RecipeId::ClvRun, subject)
    }
}
