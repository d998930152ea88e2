//! A CloudFormation template, in JSON: what it says of policies is then what IAM stores.

use crate::consumers::{ConsumerRole, POLICY_NAME};
use claviger_domain::code::pretty;
use serde_json::{Value, json};

pub(super) fn template(role: &ConsumerRole) -> String {
    let mut properties = json!({
        "RoleName": role.name,
        "AssumeRolePolicyDocument": role.trust,
        "Policies": [{"PolicyName": POLICY_NAME, "PolicyDocument": role.permission}],
    });
    if let Some(arn) = &role.boundary {
        properties["PermissionsBoundary"] = Value::from(arn.as_str());
    }
    if !role.tags.is_empty() {
        let tags = role.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value}));
        properties["Tags"] = tags.collect();
    }
    let mut resources = json!({"Role": {"Type": "AWS::IAM::Role", "Properties": properties}});
    if role.has_instance_profile {
        resources["InstanceProfile"] = json!({
            "Type": "AWS::IAM::InstanceProfile",
            "Properties": {"InstanceProfileName": role.name, "Roles": [{"Ref": "Role"}]},
        });
    }
    pretty(&json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": format!("The role {}. Deploy it with CAPABILITY_NAMED_IAM.", role.name),
        "Resources": resources,
        "Outputs": {"RoleArn": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}}},
    }))
}
