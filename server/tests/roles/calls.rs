//! Every call of the table of permissions, made through the product's own gateway.

use crate::{consumers::by_opt_in, member::Member};
use aws_sdk_secretsmanager::{Client as SecretsManager, types::ReplicaRegionType};
use claviger_aws::{
    AccessGateway, AlarmGateway, AwsError, AwsGateway, CallOrder, CreationOrder, FunctionOrder,
    Gateway, NewValue, ReadinessGateway, RemediationGateway, RotationGateway, SessionOrder,
};
use claviger_domain::{
    accounts::readiness::ReadFailure,
    creation::{CreationForm, PasswordRules},
    facts::{Reading, ResourceFacts, RotationRules},
    grants::{Action, GrantResource},
    remediation::{AwsCall, FunctionArn},
};
use claviger_policy::{
    SessionResource, compose, creation_policy, permissions::Role, remediation::session_policy,
    rotation_preflight,
};
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, SystemTime},
};
use time::OffsetDateTime;

/// How AWS answered: which call failed, and its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub operation: String,
    pub code: String,
}

impl Failure {
    pub fn is_denial(&self) -> bool {
        // EC2 has a code of its own.
        self.code.starts_with("AccessDenied") || self.code == "UnauthorizedOperation"
    }
}

impl From<AwsError> for Failure {
    fn from(error: AwsError) -> Self {
        Self { operation: error.operation.into(), code: error.word() }
    }
}

impl From<ReadFailure> for Failure {
    fn from(failure: ReadFailure) -> Self {
        Self { operation: failure.operation, code: failure.code }
    }
}

fn read<T>(operation: &str, reading: Reading<T>) -> Result<T, Failure> {
    match reading {
        Reading::Read(read) => Ok(read),
        Reading::Refused(code) => Err(Failure { operation: operation.into(), code }),
    }
}

/// The outcome of one call of a role, through a gateway that may use other roles. Other calls that lead to it have to work.
pub async fn made(
    member: &Member,
    gateway: &AwsGateway,
    role: Role,
    action: &str,
) -> Result<(), Failure> {
    match role {
        Role::Hub => by_hub(member, gateway, action).await,
        Role::Inventory => by_inventory(member, gateway, action).await,
        Role::Access => by_access(member, gateway, action).await,
        Role::Remediation => by_remediation(member, gateway, action).await,
        Role::Consumers | Role::Iam => by_opt_in(member, gateway, action).await,
        Role::Sync => panic!("{} makes no calls", role.name()),
    }
}

async fn by_hub(member: &Member, gateway: &AwsGateway, action: &str) -> Result<(), Failure> {
    match action {
        "sts:AssumeRole" => {
            gateway.try_role(&member.account, claviger_aws::OurRole::Access).await?;
        }
        "organizations:ListPolicies"
        | "organizations:ListTargetsForPolicy"
        | "organizations:DescribePolicy" => {
            gateway.tag_policies().await.policies?;
        }
        "organizations:DescribeEffectivePolicy" => {
            let answer = gateway.effective_tag_policy(&member.account).await;
            // The emulator checks the permission, and then says that it does not know the call.
            if !matches!(&answer, Err(error) if error.code.as_deref() == Some("InvalidAction")) {
                answer?;
            }
        }
        _ => {
            gateway.organization().await?;
        }
    }
    Ok(())
}

/// The rule of the member.
const RULE: &str = "claviger-secrets";

async fn by_inventory(member: &Member, gateway: &AwsGateway, action: &str) -> Result<(), Failure> {
    let Member { account, region, secret, parameter, .. } = member;
    let reader = gateway.open(account, region).await?;
    match action {
        "secretsmanager:ListSecrets" => drop(reader.secrets(None).await?),
        "secretsmanager:DescribeSecret" => drop(reader.secret(secret.arn.as_str()).await?),
        "secretsmanager:ListSecretVersionIds" => {
            let details = reader.deep(&secret.arn, None, false).await?.unwrap();
            read("ListSecretVersionIds", details.versions)?;
        }
        "secretsmanager:GetResourcePolicy" => {
            let details = reader.deep(&secret.arn, None, false).await?.unwrap();
            read("GetResourcePolicy", details.resource_policy)?;
        }
        "ssm:DescribeParameters" => drop(reader.parameters(None).await?),
        "ssm:ListTagsForResource" => drop(reader.parameter(&parameter.name).await?),
        "tag:GetResources" => drop(reader.parameter_tags().await?),
        "account:ListRegions" => drop(gateway.enabled_regions(account).await?),
        "kms:DescribeKey" | "kms:ListAliases" => {
            let named = [secret.kms_key_id.clone().unwrap()];
            let key = gateway.kms_keys(account, region, &named).await?.remove(0);
            // Without aliases the key is read all the same, and says that its names are unknown.
            if read("DescribeKey", key)?.unwrap().aliases.is_none() {
                return Err(Failure {
                    operation: "ListAliases".into(),
                    code: "AccessDeniedException".into(),
                });
            }
        }
        "kms:GetKeyPolicy" | "kms:ListGrants" => {
            let keys = [secret.kms_key_id.clone().unwrap()];
            let access = gateway.key_access(account, region, &keys).await?.remove(0);
            if action == "kms:GetKeyPolicy" {
                read("GetKeyPolicy", access.policy)?;
            } else {
                read("ListGrants", access.grants)?;
            }
        }
        "iam:GetAccountAuthorizationDetails" => drop(gateway.identities(account).await?),
        "cloudtrail:LookupEvents" => {
            drop(gateway.events_of(account, region, "ASIAEXAMPLE").await?);
        }
        "cloudtrail:DescribeTrails" => drop(gateway.trails(account, region).await?),
        "cloudtrail:GetTrailStatus" => {
            gateway.trails(account, region).await?.remove(0).is_logging?;
        }
        "cloudtrail:GetEventSelectors" => {
            gateway.trails(account, region).await?.remove(0).management?;
        }
        "events:DescribeRule" => drop(gateway.event_rule(account, region, RULE).await?),
        "events:ListTargetsByRule" => {
            gateway.event_rule(account, region, RULE).await?.unwrap().targets?;
        }
        "events:TestEventPattern" => {
            let (pattern, event) = (r#"{"source": ["a"]}"#, r#"{"source": "a", "detail": {}}"#);
            gateway.pattern_matches(account, region, pattern, event).await?;
        }
        "events:PutEvents" => gateway.send_test_event(account, region, "test", "{}").await?,
        "config:DescribeConfigurationRecorderStatus" => {
            gateway.config(account, region).await?.is_recording?;
        }
        "config:DescribeConfigRules" => {
            gateway.config(account, region).await?.rules?;
        }
        "config:GetComplianceDetailsByConfigRule" => {
            let rules = gateway.config(account, region).await?.rules?;
            if let Some((_, failure)) = rules.read_failures.into_iter().next() {
                return Err(failure.into());
            }
        }
        other => panic!("no call for {other}"),
    }
    Ok(())
}

/// The order of a grant's session.
pub fn order(member: &Member, action: Action) -> SessionOrder {
    let until = OffsetDateTime::from(SystemTime::now() + Duration::from_mins(5));
    let resources = [&member.secret, &member.parameter]
        .map(|facts| SessionResource::of_grant(resource(member, facts)));
    let policy = compose(action, &resources, until, 2048).unwrap().remove(0).document;
    SessionOrder {
        account: member.account.clone(),
        session_name: "G-1-roles".into(),
        source_identity: "ben@example.com".into(),
        tags: vec![
            ("claviger:grant".into(), "G-1".into()),
            ("claviger:person".into(), "ben".into()),
        ],
        policy,
        seconds: 900,
    }
}

fn resource(member: &Member, facts: &ResourceFacts) -> GrantResource {
    GrantResource {
        id: "00000000-0000-0000-0000-000000000000".parse().unwrap(),
        arn: facts.arn.clone(),
        name: facts.name.clone(),
        kind: facts.kind(),
        region: member.region.clone(),
        key: facts.kms_key_id.clone(),
        owner_team: None,
    }
}

async fn by_access(member: &Member, gateway: &AwsGateway, action: &str) -> Result<(), Failure> {
    let facts = if action.starts_with("ssm:") { &member.parameter } else { &member.secret };
    let resource = resource(member, facts);
    let session = async |action| gateway.issue(&order(member, action)).await;
    match action {
        "secretsmanager:DescribeSecret" => {
            // A session whose name nothing denies; if all of them are refused, the probe says that it knows nothing.
            let answer = gateway.is_refused(&order(member, Action::Read), &member.region).await;
            answer.map_err(|error| {
                let knows_nothing = error.detail.starts_with("every session");
                let mut failure = Failure::from(error);
                if knows_nothing {
                    failure.code = "AccessDeniedException".into();
                }
                failure
            })?;
        }
        "secretsmanager:GetSecretValue" | "ssm:GetParameter" => {
            drop(gateway.value(&session(Action::Read).await?, &resource).await?);
        }
        "secretsmanager:PutSecretValue" | "ssm:PutParameter" => {
            let value = "CANARY-written".to_owned().into();
            gateway.put_value(&session(Action::Write).await?, &resource, &value, &token()).await?;
        }
        "secretsmanager:RotateSecret" => {
            gateway.rotate(&session(Action::Rotate).await?, &resource, &token()).await?;
        }
        other => panic!("no call for {other}"),
    }
    Ok(())
}

/// A token that no earlier call had.
pub fn token() -> String {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    format!("{:036}", COUNTER.fetch_add(1, Ordering::Relaxed))
}

/// A Region that the member's secret is not in.
const EUROPE: &str = "eu-west-1";

/// What a pre-flight reads. There is no such function and no such VPC: AWS says so to anyone who may ask.
async fn reads_function(
    member: &Member,
    gateway: &AwsGateway,
    action: &str,
) -> Result<(), Failure> {
    let arn = format!("arn:aws:lambda:{}:{}:function:rotate", member.region, member.account);
    let function = FunctionArn::read(&arn).unwrap();
    let order = FunctionOrder {
        account: member.account.clone(),
        region: member.region.clone(),
        session_name: "claviger-preflight".into(),
        source_identity: "ada@example.com".into(),
        policy: rotation_preflight::session_policy(&function),
        function,
    };
    match action {
        "lambda:GetFunctionConfiguration" => drop(gateway.function(&order).await?.configuration?),
        "lambda:GetPolicy" => drop(gateway.function(&order).await?.policy?),
        _ => {
            let network = gateway.network(&order, "vpc-0123456789abcdef0").await?;
            match action {
                "ec2:DescribeRouteTables" => drop(network.route_tables?),
                "ec2:DescribeVpcEndpoints" => drop(network.endpoints?),
                "ec2:DescribeSecurityGroups" => drop(network.security_groups?),
                _ => drop(network.network_acls?),
            }
        }
    }
    Ok(())
}

fn reviewed() -> BTreeMap<String, String> {
    [("reviewed".to_owned(), "yes".to_owned())].into()
}

/// Creates what is gone after the call. A password is generated only where that is asked for.
async fn creates(member: &Member, gateway: &AwsGateway, action: &str) -> Result<(), Failure> {
    let number = token().trim_start_matches('0').to_owned();
    let form = CreationForm {
        account: member.account.to_string(),
        region: member.region.to_string(),
        kind: if action == "ssm:PutParameter" { "parameter" } else { "secret" }.into(),
        name: format!("roles-{number}"),
        ..CreationForm::default()
    };
    let new = form.read().unwrap();
    let generates = action == "secretsmanager:GetRandomPassword";
    let value = if generates {
        NewValue::Generated { rules: PasswordRules::default(), into: None }
    } else {
        NewValue::Given(String::from("CANARY").into())
    };
    let order = CreationOrder {
        session_name: "claviger-C-1".into(),
        source_identity: "ada@example.com".into(),
        policy: creation_policy(&new, generates),
        token: token(),
    };
    let made = gateway.create(&order, &new, &value).await;
    let root = member.root().await;
    let secret = SecretsManager::new(&root).delete_secret().secret_id(&new.name);
    let _ = secret.force_delete_without_recovery(true).send().await;
    let _ = aws_sdk_ssm::Client::new(&root).delete_parameter().name(&new.name).send().await;
    made?;
    Ok(())
}

/// The call on the member's secret for an action; it is made possible before.
async fn secret_call(member: &Member, secrets: &SecretsManager, action: &str) -> AwsCall {
    let (account, arn) = (&member.account, member.secret.arn.as_str());
    match action {
        "secretsmanager:TagResource" => AwsCall::TagResource { tags: reviewed() },
        "secretsmanager:PutResourcePolicy" => AwsCall::PutResourcePolicy {
            resource_policy: serde_json::json!({"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow",
                "Principal": {"AWS": format!("arn:aws:iam::{account}:root")},
                "Action": "secretsmanager:DescribeSecret",
                "Resource": "*",
            }]})
            .to_string(),
        },
        "secretsmanager:DeleteResourcePolicy" => AwsCall::DeleteResourcePolicy,
        "secretsmanager:DeleteSecret" => AwsCall::DeleteSecret { recovery_window_days: 7 },
        "secretsmanager:RestoreSecret" => {
            let delete = secrets.delete_secret().secret_id(arn);
            delete.recovery_window_in_days(7).send().await.unwrap();
            AwsCall::RestoreSecret
        }
        "secretsmanager:RemoveRegionsFromReplication" => {
            let replica = ReplicaRegionType::builder().region(EUROPE).build();
            let replicate = secrets.replicate_secret_to_regions().secret_id(arn);
            replicate.add_replica_regions(replica).send().await.unwrap();
            AwsCall::RemoveRegionsFromReplication { region: EUROPE.parse().unwrap() }
        }
        "secretsmanager:RotateSecret" => AwsCall::RotateSecret {
            lambda_arn: Some(format!("arn:aws:lambda:us-east-1:{account}:function:rotate")),
            external: None,
            rules: RotationRules { automatically_after_days: Some(30), ..RotationRules::default() },
            rotate_immediately: false,
        },
        "secretsmanager:UntagResource" => {
            AwsCall::UntagResource { keys: ["reviewed".to_owned()].into() }
        }
        "secretsmanager:CancelRotateSecret" => AwsCall::CancelRotateSecret,
        "secretsmanager:UpdateSecretVersionStage" => {
            // A stage can only leave the version that has it.
            let new = secrets.put_secret_value().secret_id(arn).secret_string("new");
            let new = new.version_stages("AWSPENDING").send().await.unwrap();
            AwsCall::UpdateSecretVersionStage {
                stage: "AWSPENDING".into(),
                move_to: None,
                remove_from: new.version_id().unwrap().to_owned(),
            }
        }
        "secretsmanager:UpdateSecret" => {
            AwsCall::UpdateSecret { kms_key_id: member.secret.kms_key_id.clone().unwrap() }
        }
        "secretsmanager:ReplicateSecretToRegions" => {
            AwsCall::ReplicateSecretToRegions { region: EUROPE.parse().unwrap(), kms_key_id: None }
        }
        other => panic!("no call for {other}"),
    }
}

async fn by_remediation(
    member: &Member,
    gateway: &AwsGateway,
    action: &str,
) -> Result<(), Failure> {
    let account = &member.account;
    match action {
        "iam:GetRolePolicy" => {
            gateway.denials(account).await?;
            return Ok(());
        }
        "iam:PutRolePolicy" => {
            let denials = claviger_policy::denials(&["G-2-revoked".to_owned()], None).unwrap();
            return Ok(gateway.put_denials(account, Some(&denials)).await?);
        }
        "secretsmanager:CreateSecret" | "secretsmanager:GetRandomPassword" | "ssm:PutParameter" => {
            return creates(member, gateway, action).await;
        }
        action if action.starts_with("lambda:Get") || action.starts_with("ec2:") => {
            return reads_function(member, gateway, action).await;
        }
        "iam:DeleteRolePolicy" => return Ok(gateway.put_denials(account, None).await?),
        _ => {}
    }
    let secrets = SecretsManager::new(&member.root().await);
    let arn = member.secret.arn.as_str();
    let (facts, call) = match action {
        "ssm:AddTagsToResource" => (&member.parameter, AwsCall::TagResource { tags: reviewed() }),
        "ssm:RemoveTagsFromResource" => {
            (&member.parameter, AwsCall::UntagResource { keys: ["reviewed".to_owned()].into() })
        }
        _ => (&member.secret, secret_call(member, &secrets, action).await),
    };
    let order = CallOrder {
        account: account.clone(),
        region: member.region.clone(),
        kind: facts.kind(),
        arn: facts.arn.clone(),
        name: facts.name.clone(),
        session_name: "claviger-P-1-1".into(),
        source_identity: "ada@example.com".into(),
        policy: session_policy(&call, facts, &member.region),
        token: token(),
    };
    let outcome = gateway.carry_out(&order, &call).await;
    // What the next call finds is what this one found, whether it worked or not.
    match action {
        "secretsmanager:DeleteSecret" | "secretsmanager:RestoreSecret" => {
            let _ = secrets.restore_secret().secret_id(arn).send().await;
        }
        "secretsmanager:ReplicateSecretToRegions"
        | "secretsmanager:RemoveRegionsFromReplication" => {
            let remove = secrets.remove_regions_from_replication().secret_id(arn);
            let _ = remove.remove_replica_regions(EUROPE).send().await;
        }
        _ => {}
    }
    Ok(outcome?)
}
