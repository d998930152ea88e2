//! A script of the AWS CLI. Documents are in quoted here-documents, so the shell reads nothing in them.

use crate::consumers::{ConsumerRole, POLICY_NAME};
use claviger_domain::code::{pretty, shell::quoted};
use serde_json::{Value, json};
use std::fmt::Write as _;

pub(super) fn script(role: &ConsumerRole) -> String {
    // IAM's names need no quotes.
    let name = &role.name;
    let mut text = format!(
        "#!/bin/sh\n# Run it with credentials of the account {}.\nset -eu\n\n",
        role.account
    );
    let _ = write!(text, "cat >trust.json <<'JSON'\n{}JSON\n\n", pretty(&role.trust));
    let _ = write!(text, "cat >permissions.json <<'JSON'\n{}JSON\n\n", pretty(&role.permission));
    let _ = write!(
        text,
        "aws iam create-role --role-name {name} \\\n  --assume-role-policy-document file://trust.json"
    );
    if let Some(arn) = &role.boundary {
        let _ = write!(text, " \\\n  --permissions-boundary {}", quoted(arn.as_str()));
    }
    if !role.tags.is_empty() {
        let tags: Value =
            role.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
        let _ = write!(text, " \\\n  --tags {}", quoted(&tags.to_string()));
    }
    let _ = write!(
        text,
        "\naws iam put-role-policy --role-name {name} --policy-name {POLICY_NAME} \\\n  --policy-document file://permissions.json\n"
    );
    if role.has_instance_profile {
        let _ = write!(
            text,
            "aws iam create-instance-profile --instance-profile-name {name}\naws iam add-role-to-instance-profile --instance-profile-name {name} --role-name {name}\n"
        );
    }
    text
}
