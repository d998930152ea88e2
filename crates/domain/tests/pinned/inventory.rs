//! Facts, plans, and values in configuration files and saved URLs.

use crate::{AT, account, json, person, region, resource};
use claviger_domain::{
    accounts::TagPolicy,
    authz::{Role, RoleBinding, Scope},
    changes::ChangeQuery,
    compliance::FindingQuery,
    exceptions::ExceptionScope,
    facts::{
        DatedVersion, Detail, ParameterFacts, ParameterType, Reading, ReplicaStatus,
        ResourceDetails, ResourceFacts, Rotation, RotationRules, SecretFacts, Version,
    },
    ids::ResourceId,
    inventory::InventoryQuery,
    key::{KeyManager, KmsKey},
    owner::OwnerRule,
    remediation::{
        AwsCall, Change, ConsumerCall, PlannedCall, RemediationAction, RemediationForm, plan_hash,
        preview_hash, view::PlanDecision,
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};
use uuid::Uuid;

/// Those of the first release first.
fn every_call() -> Vec<AwsCall> {
    let rules = RotationRules {
        automatically_after_days: Some(30),
        duration: Some("3h".into()),
        schedule_expression: Some("rate(30 days)".into()),
    };
    vec![
        AwsCall::TagResource { tags: BTreeMap::from([("owner".into(), "a".into())]) },
        AwsCall::RotateSecret {
            lambda_arn: Some("arn".into()),
            external: None,
            rules,
            rotate_immediately: true,
        },
        AwsCall::RotateNow,
        AwsCall::UpdateSecret { kms_key_id: "alias/own".into() },
        AwsCall::PutResourcePolicy { resource_policy: "{}".into() },
        AwsCall::DeleteResourcePolicy,
        AwsCall::DeleteSecret { recovery_window_days: 7 },
        AwsCall::RestoreSecret,
        AwsCall::ReplicateSecretToRegions { region: region(), kms_key_id: None },
        AwsCall::RemoveRegionsFromReplication { region: region() },
        AwsCall::UpdateSecretVersionStage {
            stage: "AWSCURRENT".into(),
            move_to: Some("1".into()),
            remove_from: "2".into(),
        },
        AwsCall::CancelRotateSecret,
        AwsCall::UpdateDescription { description: "about a".into() },
        AwsCall::UntagResource { keys: BTreeSet::from(["owner".into()]) },
        AwsCall::Consumer(ConsumerCall::CreateRole {
            role: "role".into(),
            trust: "{}".into(),
            boundary: "boundary".into(),
            tags: BTreeMap::from([("owner".into(), "a".into())]),
        }),
        AwsCall::Consumer(ConsumerCall::PutRolePolicy {
            role: "role".into(),
            name: "read".into(),
            document: "{}".into(),
            boundary: "boundary".into(),
        }),
        AwsCall::Consumer(ConsumerCall::AttachRolePolicy {
            role: "role".into(),
            policy: "policy".into(),
            boundary: "boundary".into(),
        }),
        AwsCall::Consumer(ConsumerCall::UpdateFunctionRole {
            function: "function".into(),
            before: "old".into(),
            role: "role".into(),
        }),
        AwsCall::Consumer(ConsumerCall::UpdateProjectRole {
            project: "project".into(),
            before: "old".into(),
            role: "role".into(),
        }),
        AwsCall::Consumer(ConsumerCall::CreateInstanceProfile {
            profile: "profile".into(),
            role: "role".into(),
        }),
        AwsCall::Consumer(ConsumerCall::AddRoleToInstanceProfile {
            profile: "profile".into(),
            role: "role".into(),
        }),
        AwsCall::Consumer(ConsumerCall::AssociateInstanceProfile {
            instance: "instance".into(),
            profile: "profile".into(),
            role: "role".into(),
        }),
        AwsCall::Consumer(ConsumerCall::ReplaceInstanceProfile {
            instance: "instance".into(),
            before: "old".into(),
            profile: "profile".into(),
            role: "role".into(),
        }),
    ]
}

/// A call that is new has a line in the table: this does not compile without it.
fn is_listed(call: &AwsCall) {
    match call {
        AwsCall::TagResource { .. }
        | AwsCall::RotateSecret { .. }
        | AwsCall::RotateNow
        | AwsCall::UpdateSecret { .. }
        | AwsCall::PutResourcePolicy { .. }
        | AwsCall::DeleteResourcePolicy
        | AwsCall::DeleteSecret { .. }
        | AwsCall::RestoreSecret
        | AwsCall::ReplicateSecretToRegions { .. }
        | AwsCall::RemoveRegionsFromReplication { .. }
        | AwsCall::UpdateSecretVersionStage { .. }
        | AwsCall::CancelRotateSecret
        | AwsCall::UpdateDescription { .. }
        | AwsCall::UntagResource { .. }
        | AwsCall::Consumer(
            ConsumerCall::CreateRole { .. }
            | ConsumerCall::PutRolePolicy { .. }
            | ConsumerCall::AttachRolePolicy { .. }
            | ConsumerCall::UpdateFunctionRole { .. }
            | ConsumerCall::UpdateProjectRole { .. }
            | ConsumerCall::CreateInstanceProfile { .. }
            | ConsumerCall::AddRoleToInstanceProfile { .. }
            | ConsumerCall::AssociateInstanceProfile { .. }
            | ConsumerCall::ReplaceInstanceProfile { .. },
        ) => {}
    }
}

/// Calls and actions, and the hashes of a plan and of its preview.
#[test]
fn remediation() {
    let mut table = String::new();
    let t = &mut table;
    let calls = every_call();
    for call in &calls {
        is_listed(call);
        json(t, call);
    }
    for wish in [
        RemediationAction::SetTags { tags: BTreeMap::from([("owner".into(), "a".into())]) },
        RemediationAction::EnableRotation {
            days: Some(30),
            schedule: None,
            duration: None,
            lambda: None,
            role: None,
            metadata: BTreeMap::new(),
            rotate_immediately: true,
        },
        RemediationAction::RotateNow {},
        RemediationAction::ChangeKey { key: "alias/own".into() },
        RemediationAction::RemoveStatements {},
        RemediationAction::ReplacePolicy { document: "{}".into() },
        RemediationAction::ScheduleDeletion { window_days: 7 },
        RemediationAction::Restore {},
        RemediationAction::Replicate { region: region(), key: None },
        RemediationAction::RemoveReplica { region: region() },
        RemediationAction::RollBack { version: Some("1".into()) },
        RemediationAction::ClearPending {},
        RemediationAction::CancelRotation {},
        RemediationAction::SetDescription { description: "about a".into() },
        RemediationAction::RemoveTags { keys: BTreeSet::from(["owner".into()]) },
    ] {
        match &wish {
            RemediationAction::SetTags { .. }
            | RemediationAction::EnableRotation { .. }
            | RemediationAction::RotateNow {}
            | RemediationAction::ChangeKey { .. }
            | RemediationAction::RemoveStatements {}
            | RemediationAction::ReplacePolicy { .. }
            | RemediationAction::ScheduleDeletion { .. }
            | RemediationAction::Restore {}
            | RemediationAction::Replicate { .. }
            | RemediationAction::RemoveReplica { .. }
            | RemediationAction::RollBack { .. }
            | RemediationAction::ClearPending {}
            | RemediationAction::CancelRotation {}
            | RemediationAction::SetDescription { .. }
            | RemediationAction::RemoveTags { .. } => {}
        }
        json(t, &wish);
        let form = RemediationForm::from(&wish);
        let _ = writeln!(t, "  {} {}", wish.word(), form.to_url_query("policy=owner"));
    }
    let planned: Vec<PlannedCall> = calls
        .into_iter()
        .map(|call| PlannedCall {
            resource: ResourceId(Uuid::from_u128(1)),
            policy: Some("owner".into()),
            call,
            changes: vec![Change {
                field: "Tags: owner".into(),
                before: None,
                after: Some("a".into()),
            }],
            warnings: Vec::new(),
        })
        .collect();
    json(t, &planned[0]);
    let warnings = vec!["In use.".to_owned()];
    json(t, &PlannedCall { policy: None, warnings, ..planned[0].clone() });
    let form = RemediationForm {
        wish: "set-tags".into(),
        tags: "owner=a".into(),
        ..RemediationForm::default()
    };
    // The calls of the first release: their hashes stand in plans that wait.
    let planned = &planned[..10];
    let _ = writeln!(t, "plan {}", plan_hash("Title", "Reason.", planned));
    let _ = writeln!(t, "preview {}", preview_hash("policy=owner", &form, planned, true));
    json(t, &PlanDecision { by: person(), approved: true, note: None, at: AT });
    insta::assert_snapshot!(table);
}

/// The column `facts`, whose text reveals changes, and what is stored next to it.
#[test]
fn facts() {
    let mut table = String::new();
    let t = &mut table;
    let rotation = Rotation {
        enabled: Some(true),
        lambda_arn: Some("arn".into()),
        external_role_arn: Some("arn".into()),
        rules: Some(RotationRules::default()),
        last_rotated_at: Some(AT),
        next_rotation_at: None,
    };
    let mut facts = ResourceFacts {
        arn: resource().arn,
        name: "a".into(),
        description: Some("about a".into()),
        tags: Some(BTreeMap::from([("owner".into(), "payments".into())])),
        kms_key_id: Some("alias/own".into()),
        is_aws_managed_key: true,
        created_at: Some(AT),
        changed_at: None,
        detail: Detail::Secret(SecretFacts {
            accessed_on: Some(AT.date()),
            deleted_at: None,
            owning_service: Some("rds".into()),
            secret_type: Some("SalesforceClientSecret".into()),
            primary_region: Some(region()),
            rotation,
            versions: vec![Version { id: "v1".into(), stages: vec!["AWSCURRENT".into()] }],
        }),
    };
    json(t, &facts);
    facts.is_aws_managed_key = false;
    facts.detail = Detail::Secret(SecretFacts::default());
    json(t, &facts);
    facts.detail = Detail::Parameter(ParameterFacts {
        parameter_type: ParameterType::SecureString,
        tier: Some("Standard".into()),
        version: Some(1),
        data_type: Some("text".into()),
        allowed_pattern: None,
        last_modified_user: None,
        policies: vec!["{}".into()],
    });
    json(t, &facts);
    json(
        t,
        &ResourceDetails {
            of_change: Some(AT),
            resource_policy: Reading::Read(Some("{}".into())),
            versions: Reading::Read(vec![DatedVersion {
                id: "v1".into(),
                stages: vec!["AWSCURRENT".into()],
                created_at: None,
                key_ids: vec!["key".into()],
            }]),
            replicas: Reading::Read(vec![ReplicaStatus {
                region: region(),
                status: "InSync".into(),
                message: None,
                kms_key_id: None,
            }]),
        },
    );
    json(t, &Reading::<Option<String>>::Refused("AccessDenied".into()));
    json(
        t,
        &KmsKey {
            arn: "arn".into(),
            manager: KeyManager::Customer,
            state: "Enabled".into(),
            deletion_at: None,
            is_multi_region: false,
            aliases: Some(vec!["alias/own".into()]),
        },
    );
    json(
        t,
        &TagPolicy {
            id: "p".into(),
            name: "n".into(),
            content: "{}".into(),
            targets: vec!["r".into()],
        },
    );
    insta::assert_snapshot!(table);
}

/// Values in configuration files, columns and saved URLs.
#[test]
fn scopes_targets_and_urls() {
    let mut table = String::new();
    let t = &mut table;
    for scope in
        [Scope::Organization, Scope::Ou("Workloads".into()), Scope::Accounts(vec![account()])]
    {
        json(t, &RoleBinding { group: "g".into(), role: Role::SecurityAdmin, scope });
    }
    for rule in [
        OwnerRule::Tag { key: "owner".into(), value: Some("10*".into()), team: Some("t".into()) },
        OwnerRule::Account { account: account(), team: "t".into() },
        OwnerRule::Ou { ou: "Workloads".into(), team: "t".into() },
    ] {
        json(t, &rule);
    }
    for target in [
        ExceptionScope::Resource(ResourceId(Uuid::from_u128(1))),
        ExceptionScope::named(vec![ResourceId(Uuid::from_u128(1)), ResourceId(Uuid::from_u128(2))])
            .unwrap(),
        ExceptionScope::Account(account()),
        ExceptionScope::Ou("ou-prod-12345678".parse().unwrap()),
        ExceptionScope::Organization,
    ] {
        json(t, &target);
    }
    for url in [
        "q=a&kind=secret&ou=ou-prod-12345678&account=441205839201&region=us-east-1&rotation=overdue&key=plain&owner=named",
        "state=gone&team=payments&tag=env%3Aprod&kms=alias%2Fown&accessed=%3E90d&changed=%3C7d&service=rds&type=String",
        "tier=Standard&replicated=yes&path=%2Fapp&col=owner&col=tags&sort=changed&dir=desc",
    ] {
        let read = url.parse::<InventoryQuery>().unwrap();
        let _ = writeln!(t, "inventory {}", read.to_url_query());
    }
    for url in [
        "q=a&policy=owner&category=tags&severity=high&verdict=fail&kind=secret&ou=ou-prod-12345678&account=441205839201",
        "region=us-east-1&team=payments&state=waived&state=overdue&days=30&after=x",
        "resource=00000000-0000-0000-0000-000000000001",
    ] {
        let read = url.parse::<FindingQuery>().unwrap();
        let _ = writeln!(t, "findings {}", read.to_url_query());
    }
    let changes =
        "q=a&days=30&what=first-seen&field=Tags&account=441205839201&region=us-east-1&after=7";
    let read = changes.parse::<ChangeQuery>().unwrap();
    let _ = writeln!(t, "changes {}", read.to_url_query());
    insta::assert_snapshot!(table);
}
