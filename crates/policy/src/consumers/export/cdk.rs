//! A stack of the AWS CDK in TypeScript, of the constructs that take the documents as they are.

use crate::consumers::{ConsumerRole, POLICY_NAME};
use claviger_domain::code::{below, typescript::class};
use serde_json::{Value, json};
use std::fmt::Write as _;

pub(super) fn stack(role: &ConsumerRole) -> String {
    let constructs =
        if role.has_instance_profile { "CfnInstanceProfile, CfnRole" } else { "CfnRole" };
    let mut text = format!(
        "import {{ Stack, type StackProps }} from \"aws-cdk-lib\";\nimport {{ {constructs} }} from \"aws-cdk-lib/aws-iam\";\nimport type {{ Construct }} from \"constructs\";\n\n"
    );
    let _ = write!(
        text,
        "export class {}Stack extends Stack {{\n  constructor(scope: Construct, id: string, props?: StackProps) {{\n    super(scope, id, props);\n",
        class(&role.name, "Role")
    );
    let assigned = if role.has_instance_profile { "const role = " } else { "" };
    let _ = write!(
        text,
        "    {assigned}new CfnRole(this, \"Role\", {{\n      roleName: {},\n",
        Value::from(role.name.as_str())
    );
    if let Some(arn) = &role.boundary {
        let _ = writeln!(text, "      permissionsBoundary: {},", Value::from(arn.as_str()));
    }
    let _ = writeln!(text, "      assumeRolePolicyDocument: {},", below(&role.trust, 6));
    let _ = write!(
        text,
        "      policies: [\n        {{\n          policyName: {},\n          policyDocument: {},\n        }},\n      ],\n",
        Value::from(POLICY_NAME),
        below(&role.permission, 10)
    );
    if !role.tags.is_empty() {
        let tags: Value =
            role.tags.iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
        let _ = writeln!(text, "      tags: {},", below(&tags, 6));
    }
    text.push_str("    });\n");
    if role.has_instance_profile {
        let _ = write!(
            text,
            "    new CfnInstanceProfile(this, \"InstanceProfile\", {{\n      instanceProfileName: {},\n      roles: [role.ref],\n    }});\n",
            Value::from(role.name.as_str())
        );
    }
    text.push_str("  }\n}\n");
    text
}
