//! Reads the form as a whole.

use super::{
    RoleForm, RoleMode, RoleRequest, conditions,
    form::{Home, filled},
    trusted,
};
use crate::{
    creation::ShapeFault,
    ids::{AccountId, Arn},
    partition::Partition,
};
use time::OffsetDateTime;

impl RoleForm {
    /// The role that is asked for, in this account and partition. Every field that cannot be read is named, not only the first
    /// one.
    pub fn read(
        &self,
        account: &AccountId,
        partition: &Partition,
        now: OffsetDateTime,
    ) -> Result<RoleRequest, Vec<ShapeFault>> {
        let home = Home { account, partition };
        let mut faults = Vec::new();
        let mut wrong = |field: &str, reason: String| faults.push(ShapeFault::new(field, reason));
        let name = self.role_name.trim();
        if let Err(reason) = role_name(name) {
            wrong("role_name", reason.into());
        }
        let mode = match (self.mode.trim(), filled(&self.tag_key)) {
            ("tag", Some(key)) => RoleMode::ByTag(key.to_owned()),
            ("tag", None) => {
                wrong(
                    "tag_key",
                    "Name the tag that the role and the secret have in common.".into(),
                );
                RoleMode::Exact
            }
            ("" | "exact", _) => RoleMode::Exact,
            _ => {
                wrong("mode", "Use exact or tag.".into());
                RoleMode::Exact
            }
        };
        let stages: Vec<String> = self
            .stages
            .split(|c: char| c.is_whitespace() || c == ',')
            .filter(|stage| !stage.is_empty())
            .map(str::to_owned)
            .collect();
        let is_stage = |stage: &String| {
            stage.len() <= 256
                && stage.bytes().all(|c| c.is_ascii_alphanumeric() || b"/_+=.@-".contains(&c))
        };
        if let Some(stage) = stages.iter().find(|stage| !is_stage(stage)) {
            wrong("stages", format!("{stage:?} is not a staging label."));
        }
        let boundary = match filled(&self.boundary) {
            None => None,
            Some(text) => match boundary(text, home) {
                Ok(arn) => Some(arn),
                Err(reason) => {
                    wrong("boundary", reason);
                    None
                }
            },
        };
        let conditions = conditions::read(self, now, &mut wrong);
        let consumer = trusted::read(self, home, &mut wrong);
        match consumer {
            Some(consumer) if faults.is_empty() => Ok(RoleRequest {
                name: name.to_owned(),
                consumer,
                mode,
                stages,
                conditions,
                boundary,
            }),
            _ => Err(faults),
        }
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>
fn role_name(name: &str) -> Result<(), &'static str> {
    let is_valid = (1..=64).contains(&name.len())
        && name.bytes().all(|c| c.is_ascii_alphanumeric() || b"_+=,.@-".contains(&c));
    if is_valid { Ok(()) } else { Err("Use 1 to 64 letters, digits and the characters _+=,.@-.") }
}

/// The ARN of a policy of this account, or of one that AWS manages.
fn boundary(text: &str, home: Home<'_>) -> Result<Arn, String> {
    let arn = home.arn(text)?;
    let is_policy = arn.service() == "iam" && text.contains(":policy/");
    if !is_policy {
        return Err("A permissions boundary is the ARN of an IAM policy.".into());
    }
    if arn.account() == "aws" { Ok(arn) } else { home.own_arn(text) }
}

#[cfg(test)]
mod tests;
