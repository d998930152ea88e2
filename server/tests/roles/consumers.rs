//! The calls of the opt-in roles: they read a function, a project or an instance, check documents, create a role under its
//! boundary, and attach it.

use crate::{
    calls::{Failure, token},
    member::{FUNCTION, Member, PROJECT},
    variables::reads_variables,
};
use aws_sdk_iam::Client as Iam;
use claviger_aws::{
    AnalyzerGateway, AwsGateway, ConsumerGateway, ConsumerOrder, DraftedPolicies, RoleWrite,
};
use claviger_domain::remediation::{
    ConsumerCall, FunctionArn, InstanceArn, ProjectArn, ROLE_PATH, consumer_role_arn,
    instance_profile_arn, role_name,
};
use claviger_policy::{
    consumers::{
        NOT_GRANTED, applying_session, boundary_session, checking_session, function_session,
        instance_session, project_session, reading_session,
    },
    permissions::boundary::boundary_arn,
};

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const READS: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"*"}]}"#;
const LOGS: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

/// The call that needs an action, about a role of this name.
fn call_of(member: &Member, action: &str, name: &str) -> ConsumerCall {
    let account = member.account.as_str();
    let role = consumer_role_arn("aws", account, name);
    let boundary = boundary_arn("aws", account);
    match action {
        "iam:PutRolePolicy" | "iam:GetRolePolicy" => ConsumerCall::PutRolePolicy {
            role,
            name: "read-secrets".into(),
            document: READS.into(),
            boundary,
        },
        "iam:AttachRolePolicy" | "iam:ListAttachedRolePolicies" => {
            ConsumerCall::AttachRolePolicy { role, policy: LOGS.into(), boundary }
        }
        "lambda:UpdateFunctionConfiguration" => ConsumerCall::UpdateFunctionRole {
            function: function(member).arn,
            before: format!("arn:aws:iam::{account}:role/ledger-export"),
            role,
        },
        "codebuild:UpdateProject" => ConsumerCall::UpdateProjectRole {
            project: project(member).arn,
            before: format!("arn:aws:iam::{account}:role/ledger-export"),
            role,
        },
        "iam:GetInstanceProfile" | "iam:CreateInstanceProfile" => {
            ConsumerCall::CreateInstanceProfile { profile: profile(member, name), role }
        }
        "iam:AddRoleToInstanceProfile" => {
            ConsumerCall::AddRoleToInstanceProfile { profile: profile(member, name), role }
        }
        "ec2:AssociateIamInstanceProfile" => ConsumerCall::AssociateInstanceProfile {
            instance: member.instance(),
            profile: profile(member, name),
            role,
        },
        "ec2:ReplaceIamInstanceProfileAssociation" => ConsumerCall::ReplaceInstanceProfile {
            instance: member.instance(),
            before: profile(member, "before"),
            profile: profile(member, name),
            role,
        },
        _ => ConsumerCall::CreateRole { role, trust: TRUST.into(), boundary, tags: [].into() },
    }
}

fn function(member: &Member) -> FunctionArn {
    let arn = format!("arn:aws:lambda:{}:{}:function:{FUNCTION}", member.region, member.account);
    FunctionArn::read(&arn).unwrap()
}

fn project(member: &Member) -> ProjectArn {
    let arn = format!("arn:aws:codebuild:{}:{}:project/{PROJECT}", member.region, member.account);
    ProjectArn::read(&arn).unwrap()
}

fn profile(member: &Member, name: &str) -> String {
    instance_profile_arn("aws", member.account.as_str(), name)
}

/// An instance profile that is there, as claviger-iam would have created it.
async fn create_profile(iam: &Iam, name: &str) {
    let create = iam.create_instance_profile().instance_profile_name(name).path(ROLE_PATH);
    create.send().await.unwrap();
}

/// A role that is there, as claviger-iam would have created it.
async fn create_role(iam: &Iam, member: &Member, name: &str) {
    let boundary = boundary_arn("aws", member.account.as_str());
    let create = iam.create_role().role_name(name).path(ROLE_PATH);
    let create = create.assume_role_policy_document(TRUST).permissions_boundary(boundary);
    create.send().await.unwrap();
}

/// The outcome of one call of Access Analyzer. The emulator does not have it, and answers with an error that is no denial.
async fn checks_documents(
    gateway: &AwsGateway,
    order: &ConsumerOrder,
    action: &str,
) -> Result<(), Failure> {
    let policies = DraftedPolicies {
        permission: READS.into(),
        trust: TRUST.into(),
        not_granted: NOT_GRANTED.iter().map(ToString::to_string).collect(),
    };
    let read = gateway.check_policies(order, &policies).await?;
    let error = match action {
        "access-analyzer:ValidatePolicy" => read.permission.err().or(read.trust.err()),
        "access-analyzer:CheckNoPublicAccess" => read.no_public_access.err(),
        _ => read.not_granted.err(),
    };
    match error.map(Failure::from) {
        Some(failure) if failure.is_denial() => Err(failure),
        _ => Ok(()),
    }
}

/// The outcome of one call of the opt-in roles.
pub async fn by_opt_in(member: &Member, gateway: &AwsGateway, action: &str) -> Result<(), Failure> {
    let reads_all = matches!(
        action,
        "cloudformation:DescribeStacks" | "codebuild:ListProjects" | "lambda:ListFunctions"
    );
    if reads_all || action.starts_with("ecs:") {
        return reads_variables(member, gateway, action).await;
    }
    let name = format!("orders-{}", token().trim_start_matches('0'));
    let order = |policy: String| ConsumerOrder {
        account: member.account.clone(),
        region: member.region.clone(),
        session_name: "claviger-P-1-1".into(),
        source_identity: "ada@example.com".into(),
        policy,
    };
    let call = call_of(member, action, &name);
    let iam = Iam::new(&member.root().await);
    match action {
        "iam:GetPolicy" => {
            let account = member.account.as_str();
            let session = order(boundary_session("aws", account));
            let found = gateway.has_boundary(&session, &boundary_arn("aws", account)).await?;
            assert!(found, "the boundary is there");
        }
        "access-analyzer:ValidatePolicy"
        | "access-analyzer:CheckNoPublicAccess"
        | "access-analyzer:CheckAccessNotGranted" => {
            checks_documents(gateway, &order(checking_session()), action).await?;
        }
        "lambda:GetFunctionConfiguration" | "lambda:ListTags" => {
            let function = function(member);
            let session = order(function_session(&function));
            let found = gateway.consumer_function(&session, &function).await?.unwrap();
            assert_eq!(found.variables.as_deref(), Some(&["PASSWORD".to_owned()][..]));
            assert!(!format!("{found:?}").contains("CANARY"));
            if action == "lambda:ListTags" {
                found.tags?;
            }
        }
        "codebuild:BatchGetProjects" => {
            let project = project(member);
            let session = order(project_session(&project));
            let found = gateway.consumer_project(&session, &project).await?.unwrap();
            assert_eq!(found.variables[0].name, "PASSWORD");
            assert!(!format!("{found:?}").contains("CANARY"));
        }
        "ec2:DescribeInstances" | "ec2:DescribeIamInstanceProfileAssociations" => {
            let instance = InstanceArn::read(&member.instance()).unwrap();
            let session = order(instance_session());
            let found = gateway.consumer_instance(&session, &instance).await?.unwrap();
            assert_eq!(found.tags["claviger:attach"], "true");
        }
        "iam:GetInstanceProfile" => {
            create_profile(&iam, &name).await;
            drop(gateway.consumer_state(&order(reading_session(&call)), &call).await?);
        }
        "iam:CreateInstanceProfile" => {
            let write = RoleWrite { mark: token(), revision: None };
            gateway.apply(&order(applying_session(&call)), &call, &write).await?;
        }
        "ec2:AssociateIamInstanceProfile" | "ec2:ReplaceIamInstanceProfileAssociation" => {
            create_profile(&iam, &name).await;
            let revision = member.prepare_instance(action.starts_with("ec2:Replace")).await;
            let write = RoleWrite { mark: token(), revision };
            gateway.apply(&order(applying_session(&call)), &call, &write).await?;
        }
        "iam:AddRoleToInstanceProfile" => {
            create_role(&iam, member, &name).await;
            create_profile(&iam, &name).await;
            let write = RoleWrite { mark: token(), revision: None };
            gateway.apply(&order(applying_session(&call)), &call, &write).await?;
        }
        "iam:GetRole" | "iam:GetRolePolicy" | "iam:ListAttachedRolePolicies" => {
            create_role(&iam, member, &name).await;
            drop(gateway.consumer_state(&order(reading_session(&call)), &call).await?);
        }
        "iam:CreateRole" => {
            let write = RoleWrite { mark: token(), revision: None };
            gateway.apply(&order(applying_session(&call)), &call, &write).await?;
            let made = iam.get_role().role_name(role_name(call.role())).send().await.unwrap();
            let made = made.role().unwrap();
            assert_eq!(made.path(), ROLE_PATH);
            assert!(made.permissions_boundary().is_some());
        }
        _ => {
            create_role(&iam, member, &name).await;
            let write = RoleWrite { mark: token(), revision: None };
            gateway.apply(&order(applying_session(&call)), &call, &write).await?;
        }
    }
    Ok(())
}
