//! The files: the one that is filled in, and those of the module or the construct.

use super::{Vault, VaultFormat};
use crate::code::{SourceFile, below, hcl, hcl::Block, in_comment, typescript};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

const MODULE: [(&str, &str); 6] = [
    ("main.tf", include_str!("../../../../../infra/terraform/team-vault/main.tf")),
    ("roles.tf", include_str!("../../../../../infra/terraform/team-vault/roles.tf")),
    ("alarms.tf", include_str!("../../../../../infra/terraform/team-vault/alarms.tf")),
    ("variables.tf", include_str!("../../../../../infra/terraform/team-vault/variables.tf")),
    ("outputs.tf", include_str!("../../../../../infra/terraform/team-vault/outputs.tf")),
    ("versions.tf", include_str!("../../../../../infra/terraform/team-vault/versions.tf")),
];
const CONSTRUCT: &str = include_str!("../../../../../infra/cdk/team-vault.ts");

/// What goes into Git. Secrets wait with their rotation until their first value is there.
pub fn files(vault: &Vault, format: VaultFormat) -> Vec<SourceFile> {
    let of_tree = |name: &str, text: &str| SourceFile { name: name.into(), text: text.into() };
    match format {
        VaultFormat::Terraform => std::iter::once(terraform(vault))
            .chain(MODULE.map(|(name, text)| of_tree(&format!("team-vault/{name}"), text)))
            .collect(),
        VaultFormat::Cdk => vec![cdk(vault), of_tree("team-vault.ts", CONSTRUCT)],
    }
}

/// What a person has to do, as lines of comments.
fn head(vault: &Vault, sign: &str) -> String {
    let owner = in_comment(&vault.owner);
    format!(
        "{sign} The vault of the team {owner} in the account {}, Region {}.
{sign} A secret is created without a value, and rotates is false: put the first value in, then remove it.
",
        vault.account, vault.region
    )
}

fn terraform(vault: &Vault) -> SourceFile {
    let mut text = head(vault, "#");
    let settings = hcl::settings();
    let mut provider = Block::new("provider \"aws\"");
    provider.text("region", vault.region.as_str());
    provider.list("allowed_account_ids", [vault.account.as_str()]);
    let mut module = Block::new(format!("module \"{}_vault\"", hcl::label(&vault.team, "team")));
    module.text("source", "./team-vault");
    module.text("team", &vault.team);
    if vault.owner != vault.team {
        module.text("owner", &vault.owner);
    }
    module.text("organization_id", &vault.organization);
    if let Some(prefix) = &vault.prefix {
        module.text("name_prefix", prefix);
    }
    module.text("rotation_function_arn", vault.function.as_str());
    module.list("reader_arns", vault.reader_arns.iter().map(String::as_str));
    module.list("reader_services", vault.reader_services.iter().map(String::as_str));
    module.list("other_reader_arns", vault.others.iter().map(String::as_str));
    if let Some(topic) = &vault.topic {
        module.text("alarm_topic_arn", topic.as_str());
    }
    if let Some(boundary) = &vault.boundary {
        module.text("permissions_boundary_arn", boundary.as_str());
    }
    module.list("required_tags", vault.tags.keys().map(String::as_str));
    module.map("tags", vault.tags.iter().map(|(key, value)| (key.as_str(), value.as_str())));
    module.object(
        "secrets",
        vault.secrets.iter().map(|(name, purpose)| {
            let secret = format!("{{ description = {}, rotates = false }}", hcl::quoted(purpose));
            (hcl::quoted(name), secret)
        }),
    );
    let _ = write!(text, "\n{}\n{}\n{}", settings.render(), provider.render(), module.render());
    SourceFile { name: format!("vault-{}.tf", vault.team), text }
}

fn cdk(vault: &Vault) -> SourceFile {
    let secrets: Map<String, Value> = vault
        .secrets
        .iter()
        .map(|(name, purpose)| (name.clone(), json!({"description": purpose, "rotates": false})))
        .collect();
    let mut props = json!({
        "team": vault.team,
        "organizationId": vault.organization,
        "rotationFunctionArn": vault.function,
        "readerArns": vault.reader_arns,
        "readerServices": vault.reader_services,
        "otherReaderArns": vault.others,
        "requiredTags": vault.tags.keys().collect::<Vec<_>>(),
        "tags": vault.tags,
        "secrets": secrets,
    });
    let optional = [
        ("owner", Some(vault.owner.as_str()).filter(|owner| *owner != vault.team)),
        ("namePrefix", vault.prefix.as_deref()),
        ("alarmTopicArn", vault.topic.as_ref().map(crate::ids::Arn::as_str)),
        ("permissionsBoundaryArn", vault.boundary.as_ref().map(crate::ids::Arn::as_str)),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            props[name] = value.into();
        }
    }
    let stack = typescript::class(&vault.team, "Team");
    let text = format!(
        "{}
import {{ App, Stack }} from \"aws-cdk-lib\";
import {{ TeamVault }} from \"./team-vault\";

const app = new App();
const stack = new Stack(app, {}, {{
  env: {{ account: {}, region: {} }},
}});
new TeamVault(stack, \"Vault\", {});
app.synth();
",
        head(vault, "//"),
        Value::from(format!("{stack}Vault")),
        Value::from(vault.account.as_str()),
        Value::from(vault.region.as_str()),
        below(&props, 0),
    );
    SourceFile { name: format!("vault-{}.ts", vault.team), text }
}
