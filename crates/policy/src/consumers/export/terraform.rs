//! Terraform, as `terraform fmt` writes it.

use crate::consumers::{ConsumerRole, POLICY_NAME};
use claviger_domain::code::hcl::{self, document, quoted};
use std::fmt::Write as _;

pub(super) fn module(role: &ConsumerRole) -> String {
    let label = hcl::label(&role.name, "role");
    let mut text = format!("resource \"aws_iam_role\" \"{label}\" {{\n");
    match &role.boundary {
        None => {
            let _ = writeln!(text, "  name = {}", quoted(&role.name));
        }
        Some(arn) => {
            let _ = writeln!(text, "  name                 = {}", quoted(&role.name));
            let _ = writeln!(text, "  permissions_boundary = {}", quoted(arn.as_str()));
        }
    }
    let _ = writeln!(text, "\n  assume_role_policy = {}", document(&role.trust));
    if !role.tags.is_empty() {
        let _ = writeln!(text, "\n  tags = {{");
        let keys: Vec<String> = role.tags.keys().map(|key| quoted(key)).collect();
        let width = keys.iter().map(|key| key.chars().count()).max().unwrap_or_default();
        for (key, value) in keys.iter().zip(role.tags.values()) {
            let _ = writeln!(text, "    {key:width$} = {}", quoted(value));
        }
        text.push_str("  }\n");
    }
    let _ = write!(
        text,
        "}}\n\nresource \"aws_iam_role_policy\" \"{label}\" {{\n  name = {}\n  role = aws_iam_role.{label}.name\n\n  policy = {}\n}}\n",
        quoted(POLICY_NAME),
        document(&role.permission)
    );
    if role.has_instance_profile {
        let _ = write!(
            text,
            "\nresource \"aws_iam_instance_profile\" \"{label}\" {{\n  name = {}\n  role = aws_iam_role.{label}.name\n}}\n",
            quoted(&role.name)
        );
    }
    text
}
