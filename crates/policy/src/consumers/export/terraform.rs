//! Terraform, as `terraform fmt` writes it.

use crate::consumers::{ConsumerRole, POLICY_NAME};
use claviger_domain::code::hcl::{self, Block, document};

pub(super) fn module(role: &ConsumerRole) -> String {
    let label = hcl::label(&role.name, "role");
    let resource = |kind: &str| Block::new(format!("resource \"{kind}\" \"{label}\""));
    let name = format!("aws_iam_role.{label}.name");
    let mut own = resource("aws_iam_role");
    own.text("name", &role.name);
    if let Some(arn) = &role.boundary {
        own.text("permissions_boundary", arn.as_str());
    }
    own.set("assume_role_policy", document(&role.trust));
    own.map("tags", role.tags.iter().map(|(key, value)| (key.as_str(), value.as_str())));
    let mut policy = resource("aws_iam_role_policy");
    policy.text("name", POLICY_NAME).set("role", name.as_str());
    policy.set("policy", document(&role.permission));
    let mut blocks = vec![own.render(), policy.render()];
    if role.has_instance_profile {
        let mut profile = resource("aws_iam_instance_profile");
        profile.text("name", &role.name).set("role", name);
        blocks.push(profile.render());
    }
    blocks.join("\n")
}
