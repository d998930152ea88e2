//! A role that lacks one of its actions: the call that needs it is denied, and every other call of the role still works.

use crate::{
    calls::{Failure, made},
    member::{Member, document},
};
use claviger_policy::{
    iam::{Context, Decision, Document, Request, decide},
    permissions::{On, Role, TABLE},
};
use std::collections::BTreeSet;

/// The calls of a role, by their own actions.
fn calls_of(role: Role) -> impl Iterator<Item = &'static str> {
    TABLE
        .iter()
        .filter(move |call| call.role == role)
        .filter_map(|call| call.needs.first())
        .map(|need| need.action)
}

#[tokio::test]
async fn a_complete_role_makes_each_of_its_calls() {
    let member = Member::complete().await;
    for role in Role::in_use() {
        for action in calls_of(role) {
            let outcome = made(&member, &member.gateway, role, action).await;
            assert_eq!(outcome, Ok(()), "{} {action}", role.name());
        }
    }
}

/// The actions that another call of the gateway's needs first, so that these fail with it.
fn needed_by_others(action: &str) -> &'static [&'static str] {
    match action {
        // A member role is assumed for everything in an account.
        "organizations:DescribeOrganization"
        | "organizations:ListRoots"
        | "organizations:ListAccounts"
        | "organizations:ListAccountsForParent"
        | "organizations:ListOrganizationalUnitsForParent" => &[
            "organizations:DescribeOrganization",
            "organizations:ListRoots",
            "organizations:ListAccounts",
            "organizations:ListAccountsForParent",
            "organizations:ListOrganizationalUnitsForParent",
        ],
        "organizations:ListPolicies"
        | "organizations:ListTargetsForPolicy"
        | "organizations:DescribePolicy" => &[
            "organizations:ListPolicies",
            "organizations:ListTargetsForPolicy",
            "organizations:DescribePolicy",
        ],
        // What is generated is then created.
        "secretsmanager:CreateSecret" => &["secretsmanager:GetRandomPassword"],
        "ssm:DescribeParameters" => &["ssm:ListTagsForResource"],
        "kms:DescribeKey" | "kms:ListAliases" => &["kms:DescribeKey", "kms:ListAliases"],
        "cloudtrail:DescribeTrails" => {
            &["cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors"]
        }
        "events:DescribeRule" => &["events:ListTargetsByRule"],
        // Of a function that cannot be read, the tags are not asked for.
        "lambda:GetFunctionConfiguration" => &["lambda:ListTags"],
        // Of an instance that cannot be read, the associations are not asked for.
        "ec2:DescribeInstances" => &["ec2:DescribeIamInstanceProfileAssociations"],
        "ec2:DescribeIamInstanceProfileAssociations" => &["ec2:DescribeInstances"],
        // Lists of workloads are read as a whole.
        "ecs:ListTaskDefinitionFamilies" => &["ecs:DescribeTaskDefinition"],
        "ecs:DescribeTaskDefinition" => &["ecs:ListTaskDefinitionFamilies"],
        "codebuild:ListProjects" => &["codebuild:BatchGetProjects"],
        "codebuild:BatchGetProjects" => &["codebuild:ListProjects"],
        "config:DescribeConfigRules" => &["config:GetComplianceDetailsByConfigRule"],
        _ => &[],
    }
}

async fn fails_alone(role: Role, action: &'static str) {
    let member = Member::without(Some((role, action))).await;
    let operation = action.split_once(':').unwrap().1;
    let denied = made(&member, &member.gateway, role, action).await;
    assert!(
        matches!(&denied, Err(failure) if failure.is_denial() && failure.operation == operation),
        "{} without {action}: {denied:?}",
        role.name()
    );
    for other in calls_of(role) {
        if other == action || needed_by_others(action).contains(&other) {
            continue;
        }
        let outcome: Result<(), Failure> = made(&member, &member.gateway, role, other).await;
        assert_eq!(outcome, Ok(()), "{} without {action}: {other}", role.name());
    }
}

macro_rules! without {
    ($($name:ident: $role:ident, $action:literal;)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                fails_alone(Role::$role, $action).await;
            }
        )*

        const WITHOUT: &[(Role, &str)] = &[$((Role::$role, $action)),*];
    };
}

without! {
    hub_without_assume_role: Hub, "sts:AssumeRole";
    hub_without_describe_organization: Hub, "organizations:DescribeOrganization";
    hub_without_list_roots: Hub, "organizations:ListRoots";
    hub_without_list_accounts: Hub, "organizations:ListAccounts";
    hub_without_list_accounts_for_parent: Hub, "organizations:ListAccountsForParent";
    hub_without_list_organizational_units_for_parent: Hub, "organizations:ListOrganizationalUnitsForParent";
    hub_without_list_policies: Hub, "organizations:ListPolicies";
    hub_without_list_targets_for_policy: Hub, "organizations:ListTargetsForPolicy";
    hub_without_describe_policy: Hub, "organizations:DescribePolicy";
    hub_without_describe_effective_policy: Hub, "organizations:DescribeEffectivePolicy";
    inventory_without_list_secrets: Inventory, "secretsmanager:ListSecrets";
    inventory_without_describe_secret: Inventory, "secretsmanager:DescribeSecret";
    inventory_without_list_secret_version_ids: Inventory, "secretsmanager:ListSecretVersionIds";
    inventory_without_get_resource_policy: Inventory, "secretsmanager:GetResourcePolicy";
    inventory_without_describe_parameters: Inventory, "ssm:DescribeParameters";
    inventory_without_list_tags_for_resource: Inventory, "ssm:ListTagsForResource";
    inventory_without_get_resources: Inventory, "tag:GetResources";
    inventory_without_describe_key: Inventory, "kms:DescribeKey";
    inventory_without_list_aliases: Inventory, "kms:ListAliases";
    inventory_without_get_key_policy: Inventory, "kms:GetKeyPolicy";
    inventory_without_list_grants: Inventory, "kms:ListGrants";
    inventory_without_get_account_authorization_details: Inventory, "iam:GetAccountAuthorizationDetails";
    inventory_without_lookup_events: Inventory, "cloudtrail:LookupEvents";
    inventory_without_describe_trails: Inventory, "cloudtrail:DescribeTrails";
    inventory_without_get_event_selectors: Inventory, "cloudtrail:GetEventSelectors";
    inventory_without_describe_rule: Inventory, "events:DescribeRule";
    inventory_without_list_targets_by_rule: Inventory, "events:ListTargetsByRule";
    inventory_without_test_event_pattern: Inventory, "events:TestEventPattern";
    inventory_without_put_events: Inventory, "events:PutEvents";
    inventory_without_get_trail_status: Inventory, "cloudtrail:GetTrailStatus";
    inventory_without_describe_configuration_recorder_status: Inventory, "config:DescribeConfigurationRecorderStatus";
    inventory_without_describe_config_rules: Inventory, "config:DescribeConfigRules";
    inventory_without_get_compliance_details_by_config_rule: Inventory, "config:GetComplianceDetailsByConfigRule";
    access_without_describe_secret: Access, "secretsmanager:DescribeSecret";
    access_without_get_secret_value: Access, "secretsmanager:GetSecretValue";
    access_without_put_secret_value: Access, "secretsmanager:PutSecretValue";
    access_without_rotate_secret: Access, "secretsmanager:RotateSecret";
    access_without_get_parameter: Access, "ssm:GetParameter";
    access_without_put_parameter: Access, "ssm:PutParameter";
    remediation_without_create_secret: Remediation, "secretsmanager:CreateSecret";
    remediation_without_get_random_password: Remediation, "secretsmanager:GetRandomPassword";
    remediation_without_put_parameter: Remediation, "ssm:PutParameter";
    remediation_without_update_secret_version_stage: Remediation, "secretsmanager:UpdateSecretVersionStage";
    remediation_without_cancel_rotate_secret: Remediation, "secretsmanager:CancelRotateSecret";
    remediation_without_untag_resource: Remediation, "secretsmanager:UntagResource";
    remediation_without_remove_tags_from_resource: Remediation, "ssm:RemoveTagsFromResource";
    remediation_without_tag_resource: Remediation, "secretsmanager:TagResource";
    remediation_without_put_resource_policy: Remediation, "secretsmanager:PutResourcePolicy";
    remediation_without_delete_resource_policy: Remediation, "secretsmanager:DeleteResourcePolicy";
    remediation_without_delete_secret: Remediation, "secretsmanager:DeleteSecret";
    remediation_without_restore_secret: Remediation, "secretsmanager:RestoreSecret";
    remediation_without_remove_regions_from_replication: Remediation, "secretsmanager:RemoveRegionsFromReplication";
    remediation_without_rotate_secret: Remediation, "secretsmanager:RotateSecret";
    remediation_without_update_secret: Remediation, "secretsmanager:UpdateSecret";
    remediation_without_replicate_secret_to_regions: Remediation, "secretsmanager:ReplicateSecretToRegions";
    remediation_without_add_tags_to_resource: Remediation, "ssm:AddTagsToResource";
    remediation_without_get_function_configuration: Remediation, "lambda:GetFunctionConfiguration";
    remediation_without_get_policy: Remediation, "lambda:GetPolicy";
    remediation_without_describe_route_tables: Remediation, "ec2:DescribeRouteTables";
    remediation_without_describe_vpc_endpoints: Remediation, "ec2:DescribeVpcEndpoints";
    remediation_without_describe_security_groups: Remediation, "ec2:DescribeSecurityGroups";
    remediation_without_describe_network_acls: Remediation, "ec2:DescribeNetworkAcls";
    remediation_without_get_role_policy: Remediation, "iam:GetRolePolicy";
    remediation_without_put_role_policy: Remediation, "iam:PutRolePolicy";
    remediation_without_delete_role_policy: Remediation, "iam:DeleteRolePolicy";
    consumers_without_get_function_configuration: Consumers, "lambda:GetFunctionConfiguration";
    consumers_without_list_tags: Consumers, "lambda:ListTags";
    consumers_without_batch_get_projects: Consumers, "codebuild:BatchGetProjects";
    consumers_without_describe_instances: Consumers, "ec2:DescribeInstances";
    consumers_without_describe_iam_instance_profile_associations: Consumers, "ec2:DescribeIamInstanceProfileAssociations";
    consumers_without_list_functions: Consumers, "lambda:ListFunctions";
    consumers_without_list_task_definition_families: Consumers, "ecs:ListTaskDefinitionFamilies";
    consumers_without_describe_task_definition: Consumers, "ecs:DescribeTaskDefinition";
    consumers_without_list_projects: Consumers, "codebuild:ListProjects";
    consumers_without_describe_stacks: Consumers, "cloudformation:DescribeStacks";
    iam_without_create_role: Iam, "iam:CreateRole";
    iam_without_put_role_policy: Iam, "iam:PutRolePolicy";
    iam_without_attach_role_policy: Iam, "iam:AttachRolePolicy";
    iam_without_get_role: Iam, "iam:GetRole";
    iam_without_get_role_policy: Iam, "iam:GetRolePolicy";
    iam_without_list_attached_role_policies: Iam, "iam:ListAttachedRolePolicies";
    iam_without_get_policy: Iam, "iam:GetPolicy";
    iam_without_update_function_configuration: Iam, "lambda:UpdateFunctionConfiguration";
    iam_without_update_project: Iam, "codebuild:UpdateProject";
    iam_without_get_instance_profile: Iam, "iam:GetInstanceProfile";
    iam_without_create_instance_profile: Iam, "iam:CreateInstanceProfile";
    iam_without_add_role_to_instance_profile: Iam, "iam:AddRoleToInstanceProfile";
    iam_without_associate_iam_instance_profile: Iam, "ec2:AssociateIamInstanceProfile";
    iam_without_replace_iam_instance_profile_association: Iam, "ec2:ReplaceIamInstanceProfileAssociation";
}

/// The emulator does not evaluate these: permissions that AWS asks for within another service's call, those of a session's
/// tags and source identity on the side of the caller, `account`, and Access Analyzer, which it does not have. Our own evaluator
/// does.
const EVALUATED: &[(Role, &str)] = &[
    (Role::Hub, "sts:TagSession"),
    (Role::Hub, "sts:SetSourceIdentity"),
    (Role::Inventory, "account:ListRegions"),
    (Role::Access, "kms:Decrypt"),
    (Role::Access, "kms:Encrypt"),
    (Role::Access, "kms:GenerateDataKey"),
    (Role::Access, "lambda:InvokeFunction"),
    (Role::Remediation, "kms:Decrypt"),
    (Role::Remediation, "kms:Encrypt"),
    (Role::Remediation, "kms:GenerateDataKey"),
    (Role::Remediation, "lambda:InvokeFunction"),
    (Role::Remediation, "iam:PassRole"),
    (Role::Consumers, "cloudformation:ListStacks"),
    (Role::Consumers, "access-analyzer:ValidatePolicy"),
    (Role::Consumers, "access-analyzer:CheckNoPublicAccess"),
    (Role::Consumers, "access-analyzer:CheckAccessNotGranted"),
    (Role::Iam, "iam:PassRole"),
    (Role::Iam, "iam:TagRole"),
];

#[test]
fn every_action_of_the_table_is_left_out_once() {
    let table: BTreeSet<(Role, &str)> = TABLE
        .iter()
        .flat_map(|call| call.needs.iter().map(|need| (call.role, need.action)))
        .collect();
    let tried: BTreeSet<(Role, &str)> = WITHOUT.iter().chain(EVALUATED).copied().collect();
    assert_eq!(table, tried);
}

#[test]
fn what_the_emulator_does_not_evaluate_is_allowed_by_the_role_and_not_without_its_action() {
    for (role, action) in EVALUATED {
        let need = TABLE
            .iter()
            .filter(|call| call.role == *role)
            .flat_map(|call| call.needs)
            .find(|need| need.action == *action)
            .unwrap();
        let resource = match need.on {
            On::Anything => "*",
            On::Key => "arn:aws:kms:us-east-1:111122223333:key/k",
            On::RotationFunction => "arn:aws:lambda:us-east-1:111122223333:function:rotate",
            On::ExternalRole => "arn:aws:iam::111122223333:role/partner",
            On::MemberRoles => "arn:aws:iam::111122223333:role/claviger-access",
            On::ConsumerRole => "arn:aws:iam::111122223333:role/claviger/orders",
            other => panic!("no resource for {other:?}"),
        };
        let services =
            ["secretsmanager", "ssm"].map(|service| format!("{service}.us-east-1.amazonaws.com"));
        let decided = |missing: Option<&str>| {
            let policy: Document = document(*role, missing).to_string().parse().unwrap();
            let passed_to = ["secretsmanager.amazonaws.com", "lambda.amazonaws.com"];
            let both = services.iter().zip(passed_to);
            both.into_iter().any(|(via, service)| {
                let context =
                    Context::new().with("kms:ViaService", via).with("iam:PassedToService", service);
                let request =
                    Request { action: (*action).into(), resource: resource.into(), context };
                decide(std::slice::from_ref(&policy), &request) == Decision::Allowed
            })
        };
        assert!(decided(None), "{} {action}", role.name());
        assert!(!decided(Some(action)), "{} without {action}", role.name());
    }
}
