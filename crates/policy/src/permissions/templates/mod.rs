//! The roles of an account as CloudFormation and Terraform: what `cargo xtask infra` writes under `infra`.

mod cloudformation;
mod parameters;
mod regional;
pub mod snippets;
mod terraform;
mod yaml;

use super::{
    Role,
    boundary::boundary_document,
    roles::{self, Variables, role_document, trust_document},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The version that every role carries as the tag [`VERSION_TAG`]. Raise it with each change of a policy or of the trust
/// policy; a test compares both with `infra/versions`.
pub const TEMPLATE_VERSION: u32 = 4;
/// The tag of a role with its template's version. The inventory role reads tags of roles with
/// `iam:GetAccountAuthorizationDetails`.
pub const VERSION_TAG: &str = "claviger:template-version";
/// The tag of a role with its word in templates, such as `inventory`: names can be chosen.
pub const ROLE_TAG: &str = "claviger:role";

/// Templates beside the rendered ones that people write, by their path in `infra`.
pub const HAND_WRITTEN: [&str; 6] = [
    "cloudformation/events-hub.yaml",
    EVENTS,
    "cloudformation/hub-config.yaml",
    "cloudformation/hub.yaml",
    "cloudformation/rotation-functions.yaml",
    "cloudformation/trail.yaml",
];
/// The one of them that is also inside a rendered file.
pub const EVENTS: &str = "cloudformation/events.yaml";

/// A role as a template creates it.
#[derive(Debug, Clone)]
pub struct MemberRole {
    pub role: Role,
    /// Its policy for the template's variables.
    pub policy: Value,
}

impl MemberRole {
    /// Every role that has calls in the table.
    fn all(variables: &Variables) -> Vec<Self> {
        Role::members().map(|role| Self { role, policy: role_document(role, variables) }).collect()
    }

    /// `Inventory`, as names of CloudFormation have it.
    fn title(&self) -> String {
        title(self.role)
    }
}

fn title(role: Role) -> String {
    let mut letters = role.key().chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// Every file that is rendered, by its path in `infra`; `events` is the text of [`EVENTS`].
pub fn files(events: &str) -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> =
        roles::files().into_iter().map(|(name, text)| (format!("policies/{name}"), text)).collect();
    let members = MemberRole::all(&cloudformation::variables());
    let template = cloudformation::member_roles(&members);
    let stack_set = cloudformation::stack_set(&members, &template);
    files.insert("cloudformation/member-roles.yaml".into(), template);
    files.insert("cloudformation/stack-set.yaml".into(), stack_set);
    files.insert("cloudformation/events-stack-set.yaml".into(), regional::events_stack_set(events));
    files.extend(terraform::files(&MemberRole::all(&terraform::variables())));
    files
}

/// What the version stands for: the trust policy and the policies of all roles, with variables instead of values.
pub fn content() -> String {
    let members = MemberRole::all(&terraform::variables());
    let policies: BTreeMap<&str, &Value> =
        members.iter().map(|member| (member.role.key(), &member.policy)).collect();
    let trust = trust_document("${hub_principal_arn}", "${external_id}", "${organization_id}");
    let boundary = boundary_document(&terraform::variables());
    json!({"trust": trust, "policies": policies, "boundary": boundary}).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_without_calls_is_in_no_file() {
        for (name, text) in files("") {
            assert!(!text.contains(Role::Sync.name()), "{name} has {}", Role::Sync.name());
        }
    }

    /// What a later role takes: a call in the table. Until then, a role with a policy of its own.
    #[test]
    fn an_opt_in_role_is_off_by_default() {
        let member = |role| MemberRole {
            role,
            policy: json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": ["ssm:PutParameter"], "Resource": "*"},
            ]}),
        };
        let members = [member(Role::Inventory), member(Role::Sync)];
        let template: Value = serde_saphyr::from_str(&cloudformation::untagged(
            &cloudformation::member_roles(&members),
        ))
        .unwrap();
        let created = |name: &str| template["Parameters"][name]["Default"].clone();
        assert_eq!(created("CreateInventoryRole"), "true");
        assert_eq!(created("CreateSyncRole"), "false");
        assert_eq!(template["Resources"]["SyncRole"]["Condition"], "CreateSync");
        assert_eq!(template["Conditions"]["CreateSync"], json!(["CreateSyncRole", "true"]));
        let terraform = &terraform::files(&members)["terraform/member-roles/roles.tf"];
        let line = |key: &str| {
            terraform.lines().find(|line| line.trim_start().starts_with(key)).unwrap().to_owned()
        };
        assert!(line("inventory ").contains("create = optional(bool, true)"));
        assert!(line("sync ").contains("create = optional(bool, false)"));
    }
}
