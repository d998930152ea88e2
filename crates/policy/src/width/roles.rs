//! The roles themselves, and what they are denied.

use super::*;
use crate::{
    iam::decide,
    permissions::roles::{PARTITIONS, trust_policy},
};
use rstest::rstest;

fn role(role: Role, partition: &str) -> Vec<Document> {
    vec![role_policy(role, &partition.parse().unwrap()).parse().unwrap()]
}

fn ask(role: &[Document], action: &str, resource: &str, context: Context) -> Decision {
    decide(role, &Request { action: action.into(), resource: resource.into(), context })
}

#[rstest]
fn the_inventory_role_reads_no_value(
    #[values(
        "secretsmanager:GetSecretValue",
        "secretsmanager:BatchGetSecretValue",
        "ssm:GetParameter",
        "ssm:GetParameters",
        "ssm:GetParametersByPath",
        "ssm:GetParameterHistory",
        "ssm:GetParameterOfALaterYear",
        "kms:Decrypt"
    )]
    action: &str,
) {
    for partition in PARTITIONS {
        let inventory = role(Role::Inventory, partition);
        assert_eq!(ask(&inventory, action, "*", none()), Decision::ExplicitDeny, "{partition}");
    }
}

#[test]
fn each_action_of_a_trust_policy_has_conditions_that_it_can_meet() {
    let text = trust_policy()
        .replace("${hub_principal_arn}", "arn:aws:iam::1:role/hub")
        .replace("${external_id}", "shared")
        .replace("${organization_id}", "o-ours");
    let trust = [text.parse::<Document>().unwrap()];
    let allowed =
        |action: &str, context: Context| ask(&trust, action, "*", context) == Decision::Allowed;
    let of = |organization: &str, id: &str, name: &str| {
        none()
            .with("sts:ExternalId", id)
            .with("sts:RoleSessionName", name)
            .with("aws:PrincipalOrgID", organization)
    };
    let named = |id: &str, name: &str| of("o-ours", id, name);
    assert!(allowed("sts:AssumeRole", named("shared", "claviger-inventory-sweep")));
    assert!(allowed("sts:AssumeRole", named("shared", "G-12-0123456789ab")));
    assert!(!allowed("sts:AssumeRole", named("other", "G-12-0123456789ab")));
    assert!(!allowed("sts:AssumeRole", named("shared", "botocore-session-1")));
    assert!(!allowed("sts:AssumeRole", none().with("sts:RoleSessionName", "G-12")));
    // The hub has left the Organization, or is in none.
    assert!(!allowed("sts:AssumeRole", of("o-other", "shared", "G-12-0123456789ab")));
    let outside = none().with("sts:ExternalId", "shared").with("sts:RoleSessionName", "G-12-01");
    assert!(!allowed("sts:AssumeRole", outside));
    let tags = |keys: &[&str]| {
        keys.iter().fold(
            none().with_all("aws:TagKeys", keys.iter().map(|key| (*key).to_owned())),
            |context, key| context.with(&format!("aws:RequestTag/{key}"), "value"),
        )
    };
    // AWS does not send the external id with these.
    assert!(allowed("sts:TagSession", tags(&["claviger:grant", "claviger:person"])));
    assert!(!allowed("sts:TagSession", tags(&["claviger:grant"])));
    assert!(!allowed("sts:TagSession", tags(&["claviger:grant", "team"])));
    assert!(!allowed("sts:TagSession", tags(&["claviger:grant", "claviger:person", "team"])));
    assert!(!allowed("sts:TagSession", none()));
    assert!(allowed("sts:SetSourceIdentity", none().with("sts:SourceIdentity", "ben@a.example")));
    assert!(!allowed("sts:SetSourceIdentity", none()));
    assert!(!allowed("sts:AssumeRoleWithSAML", none()));
}

#[test]
fn the_remediation_role_changes_the_access_role_alone() {
    let remediation = role(Role::Remediation, "aws");
    let (own, other) = ("arn:aws:iam::1:role/claviger-access", "arn:aws:iam::1:role/admin");
    for action in ["iam:GetRolePolicy", "iam:PutRolePolicy", "iam:DeleteRolePolicy"] {
        assert_eq!(ask(&remediation, action, own, none()), Decision::Allowed);
        assert_eq!(ask(&remediation, action, other, none()), Decision::ImplicitDeny);
    }
    for never in ["secretsmanager:PutSecretValue", "ssm:PutParameter", "ssm:DeleteParameter"] {
        assert_eq!(ask(&remediation, never, "*", none()), Decision::ImplicitDeny);
    }
    let stage = "secretsmanager:UpdateSecretVersionStage";
    let secret = "arn:aws:secretsmanager:eu-west-1:1:secret:a-AbCdEf";
    let moving = |label: &str| none().with("secretsmanager:VersionStage", label);
    assert_eq!(ask(&remediation, stage, secret, moving("AWSCURRENT")), Decision::Allowed);
    assert_eq!(ask(&remediation, stage, secret, moving("AWSPENDING")), Decision::Allowed);
    assert_eq!(ask(&remediation, stage, secret, moving("blue")), Decision::ImplicitDeny);
}
