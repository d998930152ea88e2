//! A configuration of Terraform that takes secrets over by `import` blocks.
//!
//! What a plan must not touch is written so that it cannot: `rotate_immediately` is false, and arguments that were not read
//! are in `ignore_changes`.
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/secretsmanager_secret>

use super::parts::{Form, Managed, Part, Parts, RotationPart, When};
use crate::{
    code::{SourceFile, hcl, hcl::Block, in_comment},
    facts::Reading,
    ids::Region,
    key::{KeyManager, is_foreign_key},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

const SECRET: &str = "aws_secretsmanager_secret";

/// The file of one account.
pub(super) fn configuration(parts: &Parts) -> SourceFile {
    let Some(first) = parts.first() else {
        return SourceFile { name: String::new(), text: String::new() };
    };
    let account = &first.account;
    let mut text = head(parts);
    let regions: BTreeSet<&Region> = parts
        .all
        .iter()
        .filter(|part| !matches!(part.form, Form::LeftOut(_)))
        .map(|part| &part.record.region)
        .collect();
    for region in regions {
        let mut provider = Block::new("provider \"aws\"");
        provider.text("alias", &alias(region)).text("region", region.as_str());
        provider.set("allowed_account_ids", format!("[{}]", hcl::quoted(account.as_str())));
        let _ = write!(text, "\n{}", provider.render());
    }
    let keys = Keys::of(parts);
    text.push_str(&keys.blocks);
    for part in &parts.all {
        match &part.form {
            Form::Managed(managed) => secret(&mut text, part, managed, &keys),
            Form::Referenced(reason) => reference(&mut text, part, reason),
            Form::LeftOut(_) => {}
        }
    }
    SourceFile { name: format!("secrets-{account}.tf"), text }
}

fn head(parts: &Parts) -> String {
    let mut text = String::new();
    if let Some(first) = parts.first() {
        let name = in_comment(&first.account_name);
        let _ = writeln!(
            text,
            "# Secrets of the account {name} ({}), as Claviger last read them: each has the time.",
            first.account
        );
    }
    text.push_str(
        "# This file has no value and no version of a secret, and neither has Terraform's state of it.
#
# terraform init
# terraform plan     must say 0 to add, 0 to destroy. Look at each change: force_overwrite_replica_secret,
#                    recovery_window_in_days and rotate_immediately are arguments that only Terraform has; anything else
#                    was changed at AWS since it was read
# terraform apply    afterwards the import blocks can be removed
#
# Not read: alarms and event rules of the account, roles that read the secrets, the rotation functions.
",
    );
    for part in &parts.all {
        if let Form::LeftOut(reason) = &part.form {
            let _ = writeln!(
                text,
                "# Not in this file: {}. {reason}",
                in_comment(&part.record.facts.name)
            );
        }
    }
    let _ = write!(text, "\n{}", hcl::settings().render());
    text
}

fn alias(region: &Region) -> String {
    region.as_str().replace('-', "_")
}

fn provider(part: &Part) -> String {
    format!("aws.{}", alias(&part.record.region))
}

/// Keys of the account, as data: more than these secrets may be under them. Others are named as AWS names them.
struct Keys<'a> {
    /// By Region and the name that a secret has for its key: the expression that gives this name.
    expressions: BTreeMap<(&'a Region, &'a str), String>,
    blocks: String,
}

impl<'a> Keys<'a> {
    fn of(parts: &'a Parts) -> Self {
        let (mut expressions, mut blocks, mut taken) =
            (BTreeMap::new(), String::new(), BTreeSet::new());
        for part in &parts.all {
            let Form::Managed(managed) = &part.form else { continue };
            let record = part.record;
            let (Some(name), Some(Reading::Read(Some(key)))) = (managed.kms_key_id, &record.kms)
            else {
                continue;
            };
            let is_own =
                key.manager == KeyManager::Customer && !is_foreign_key(&key.arn, &record.account);
            if !is_own || expressions.contains_key(&(&record.region, name)) {
                continue;
            }
            // The ARN of the source is what the secret has: anything else would change the secret.
            let (source, argument, value) = if name == key.arn {
                ("aws_kms_key", "key_id", name.to_owned())
            } else if let Some((_, alias)) = name.split_once(":alias/") {
                ("aws_kms_alias", "name", format!("alias/{alias}"))
            } else {
                continue;
            };
            let alias = key.aliases.iter().flatten().next().map_or(name, String::as_str);
            let words = alias.strip_prefix("alias/").unwrap_or(alias);
            let label = hcl::label(&format!("{words}/{}", record.region), "key");
            let label = (1..=parts.all.len())
                .map(|n| if n == 1 { label.clone() } else { format!("{label}_{n}") })
                .find(|label| taken.insert((source, label.clone())))
                .unwrap_or_default();
            let mut block = Block::new(format!("data \"{source}\" \"{label}\""));
            block.set("provider", provider(part)).text(argument, &value);
            let _ = write!(blocks, "\n{}", block.render());
            expressions.insert((&record.region, name), format!("data.{source}.{label}.arn"));
        }
        Self { expressions, blocks }
    }

    fn expression(&self, region: &Region, name: &str) -> String {
        self.expressions.get(&(region, name)).cloned().unwrap_or_else(|| hcl::quoted(name))
    }
}

/// Brings in what is there, by the secret's ARN.
fn import(text: &mut String, part: &Part, kind: &str) {
    let mut block = Block::new("import");
    block.set("to", format!("{kind}.{}", part.label)).text("id", part.record.facts.arn.as_str());
    let _ = writeln!(text, "{}", block.render());
}

fn resource(part: &Part, kind: &str) -> Block {
    let mut block = Block::new(format!("resource \"{kind}\" \"{}\"", part.label));
    block.set("provider", provider(part));
    block
}

fn secret(text: &mut String, part: &Part, managed: &Managed, keys: &Keys) {
    let _ = write!(text, "\n{}", part.heading("#"));
    import(text, part, SECRET);
    let record = part.record;
    let mut block = resource(part, SECRET);
    block.text("name", &record.facts.name);
    if let Some(description) = managed.description {
        block.text("description", description);
    }
    if let Some(name) = managed.kms_key_id {
        block.set("kms_key_id", keys.expression(&record.region, name));
    }
    block.map("tags", managed.tags.iter().flatten().map(|(key, value)| (*key, *value)));
    for (region, key) in managed.replicas.iter().flatten() {
        let mut replica = Block::new("replica");
        replica.text("region", region.as_str());
        if let Some(key) = key {
            replica.text("kms_key_id", key);
        }
        block.block(replica);
    }
    let mut ignored = Vec::new();
    if managed.tags.is_none() {
        ignored.extend(["tags", "tags_all"]);
    }
    if !managed.knows_replicas() {
        ignored.push("replica");
    }
    if !ignored.is_empty() {
        let mut lifecycle = Block::new("lifecycle");
        lifecycle.set("ignore_changes", format!("[{}]", ignored.join(", ")));
        block.comment("Terraform would change what was not read.").block(lifecycle);
    }
    text.push_str(&block.render());
    if let Some(policy) = &managed.policy {
        let kind = "aws_secretsmanager_secret_policy";
        text.push('\n');
        import(text, part, kind);
        let mut block = resource(part, kind);
        block.set("secret_arn", format!("{SECRET}.{}.arn", part.label));
        block.set("policy", hcl::document(policy));
        text.push_str(&block.render());
    }
    if let Some(rotation) = &managed.rotation {
        self::rotation(text, part, rotation);
    }
}

fn rotation(text: &mut String, part: &Part, rotation: &RotationPart) {
    let kind = "aws_secretsmanager_secret_rotation";
    text.push('\n');
    import(text, part, kind);
    let mut block = resource(part, kind);
    block.set("secret_id", format!("{SECRET}.{}.id", part.label));
    block.text("rotation_lambda_arn", rotation.lambda_arn);
    block.set("rotate_immediately", "false");
    let mut rules = Block::new("rotation_rules");
    match rotation.when {
        When::Schedule(expression) => rules.text("schedule_expression", expression),
        When::Days(days) => rules.set("automatically_after_days", days.to_string()),
    };
    if let Some(duration) = rotation.duration {
        rules.text("duration", duration);
    }
    block.block(rules);
    text.push_str(&block.render());
}

/// What others manage can be read.
fn reference(text: &mut String, part: &Part, reason: &str) {
    let _ = writeln!(text, "\n{}# Not managed here. {}", part.heading("#"), in_comment(reason));
    let mut block = Block::new(format!("data \"{SECRET}\" \"{}\"", part.label));
    block.set("provider", provider(part)).text("arn", part.record.facts.arn.as_str());
    text.push_str(&block.render());
}
