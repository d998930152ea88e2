//! Why a rotation would fail, before it is started: each cause in a test of its own, with its own text.

use crate::{
    fixture::{ben, code, person},
    preflight_setup::{FUNCTION, Setup, admits, denied, document, ledger, result, version},
};
use claviger_domain::{
    problem::ProblemCode,
    remediation::{
        FunctionNetwork,
        preflight::{PreflightCause as Cause, PreflightResult},
    },
    scan::RegionScanFault,
};
use claviger_testkit::{
    US,
    samples::{CHECKOUT, PAYMENTS, secret, secret_with},
};
use serde_json::json;
use sqlx::PgPool;
use std::collections::BTreeMap;
use time::{Duration, macros::datetime};

/// One test for each cause: a name, how the passing account is changed, the cause, and a part of its text.
macro_rules! causes {
    ($($name:ident: |$setup:ident| { $($change:tt)* }, $verb:ident $cause:ident, $said:expr;)*) => {
        $(
            #[sqlx::test(migrations = "../../migrations")]
            async fn $name(pool: PgPool) {
                let mut $setup = Setup::passing(&pool).await;
                $($change)*
                $setup.$verb(Cause::$cause, $said).await;
            }
        )*
    };
}

causes! {
    the_arn_is_malformed: |setup| { setup.form.lambda = "rotate-ledger".into(); },
        fails FunctionArn, "rotate-ledger is not the ARN of a Lambda function";
    the_function_is_of_another_partition: |setup| {
        setup.form.lambda = FUNCTION.replace("arn:aws:", "arn:aws-cn:");
    }, fails FunctionArn, "in the partition aws-cn, the secret in aws";
    the_function_is_of_another_region: |setup| {
        setup.form.lambda = FUNCTION.replace("us-east-1", "eu-west-1");
    }, fails FunctionArn, "in the Region eu-west-1, the secret in us-east-1";
    the_function_is_of_another_account: |setup| {
        setup.form.lambda = FUNCTION.replace(PAYMENTS, CHECKOUT);
    }, fails FunctionArn, "in the account 458812704336, the secret in 441205839201";
    no_function_is_named: |setup| { setup.form.lambda.clear(); },
        fails FunctionArn, "No rotation function is named";
    the_function_does_not_exist: |setup| { setup.function = None; },
        fails FunctionExists, "There is no function rotate-ledger in account 441205839201";
    the_function_is_pending: |setup| {
        setup.configuration().state = Some("Pending".into());
        setup.configuration().state_reason = Some("The function is being created.".into());
    }, fails FunctionActive, "AWS says: The function is being created.";
    the_function_is_inactive: |setup| { setup.configuration().state = Some("Inactive".into()); },
        fails FunctionActive, "(Inactive): the next invocation fails";
    the_function_has_failed: |setup| { setup.configuration().state = Some("Failed".into()); },
        fails FunctionActive, "(Failed): every invocation fails";
    the_update_of_the_function_failed: |setup| {
        setup.configuration().last_update = Some("Failed".into());
    }, fails FunctionActive, "last update failed";
    the_function_has_no_policy: |setup| { setup.function.as_mut().unwrap().policy = Ok(None); },
        fails FunctionPolicy, "The function has no policy";
    the_functions_policy_does_not_admit: |setup| {
        let mut statement = admits(Some(PAYMENTS));
        statement["Principal"]["Service"] = json!("events.amazonaws.com");
        setup.function.as_mut().unwrap().policy = Ok(Some(document(&[statement])));
    }, fails FunctionPolicy, "does not let Secrets Manager invoke it";
    the_functions_policy_admits_another_account: |setup| {
        setup.function.as_mut().unwrap().policy = Ok(Some(document(&[admits(Some(CHECKOUT))])));
    }, fails FunctionPolicy, "for another account or secret only";
    the_functions_policy_admits_any_account: |setup| {
        setup.function.as_mut().unwrap().policy = Ok(Some(document(&[admits(None)])));
    }, warns ConfusedDeputy, "no condition on aws:SourceAccount";
    the_role_does_not_exist: |setup| { setup.has_role = false; },
        fails RoleExists, "role/rotate-ledger does not exist";
    the_role_may_not_describe: |setup| { setup.without("secretsmanager:DescribeSecret"); },
        fails RoleDescribes, "rotate-ledger may not call secretsmanager:DescribeSecret";
    the_role_may_not_read: |setup| { setup.without("secretsmanager:GetSecretValue"); },
        fails RoleReads, "may not call secretsmanager:GetSecretValue on this secret";
    the_role_may_not_write: |setup| {
        setup.boundary = Some(json!({
            "Effect": "Allow",
            "NotAction": "secretsmanager:PutSecretValue",
            "Resource": "*",
        }));
    }, fails RoleWrites, "the permissions boundary does not allow it";
    the_role_may_not_move_stages: |setup| {
        setup.scp = Some(json!({
            "Sid": "Frozen",
            "Effect": "Deny",
            "Action": "secretsmanager:UpdateSecretVersionStage",
            "Resource": "*",
        }));
    }, fails RoleMovesStages, "denied by SCP no-rotation, Frozen";
    the_role_gets_no_random_password: |setup| { setup.without("secretsmanager:GetRandomPassword"); },
        warns RoleRandomPassword, "AWS's templates for rotation functions call it";
    the_role_may_not_decrypt: |setup| {
        setup.under_own_key();
        setup.without("kms:Decrypt");
    }, fails RoleDecrypts, "may not call kms:Decrypt on the key arn:aws:kms";
    the_key_policy_keeps_the_role_out: |setup| {
        setup.under_own_key();
        setup.key_policy = Some(document(&[json!({
            "Effect": "Allow",
            "Principal": {"AWS": format!("arn:aws:iam::{PAYMENTS}:role/admin")},
            "Action": "kms:*",
            "Resource": "*",
        })]));
    }, fails RoleDecrypts, "the key policy does not let IAM policies allow it";
    the_role_may_not_encrypt: |setup| {
        setup.under_own_key();
        setup.without("kms:GenerateDataKey");
    }, fails RoleGeneratesDataKey, "may not call kms:GenerateDataKey";
    the_vpc_has_no_way_out: |setup| { setup.in_vpc().endpoints = Ok(Vec::new()); },
        fails NetworkPath, "The subnet subnet-a has no default route, and vpc-1 has no endpoint";
    the_security_groups_close_https: |setup| {
        setup.in_vpc().security_groups.as_mut().unwrap()[0].egress.clear();
    }, fails SecurityGroups, "allow no outbound HTTPS";
    the_network_acl_lets_no_request_out: |setup| {
        setup.in_vpc().network_acls.as_mut().unwrap()[0].entries.retain(|entry| !entry.is_egress);
    }, fails NetworkAcls, "The network ACL acl-1 of the subnet subnet-a denies outbound TCP 443";
    the_network_acl_lets_no_response_in: |setup| {
        setup.in_vpc().network_acls.as_mut().unwrap()[0].entries.retain(|entry| entry.is_egress);
    }, fails NetworkAcls, "denies inbound TCP 1024 to 65535, on which the responses come";
    the_endpoint_keeps_the_role_out: |setup| {
        setup.in_vpc().endpoints.as_mut().unwrap()[0].policy = Some(document(&[json!({
            "Effect": "Allow",
            "Principal": "*",
            "Action": "secretsmanager:GetSecretValue",
            "Resource": "*",
        })]));
    }, fails EndpointPolicy, "does not let the role call secretsmanager:DescribeSecret";
    the_schedule_is_invalid: |setup| {
        setup.form.days.clear();
        setup.form.schedule = "every day".into();
    }, fails Schedule, "use rate(n hours)";
    the_schedule_is_too_frequent: |setup| {
        setup.form.days.clear();
        setup.form.schedule = "rate(3 hours)".into();
    }, fails Schedule, "at the soonest every 4 hours";
    awspending_is_left: |setup| {
        setup.ledger = ledger(|secret| secret.versions.push(version("v2", &["AWSPENDING"])));
    }, fails StuckVersion, "The version v2 has the stage AWSPENDING";
    a_service_manages_the_secret: |setup| {
        setup.ledger = ledger(|secret| secret.owning_service = Some("rds".into()));
    }, fails ManagedByService, "rds manages this secret";
    a_partner_manages_the_secret: |setup| {
        setup.ledger = ledger(|secret| secret.secret_type = Some("SalesforceClientSecret".into()));
    }, fails ManagedByService, "managed external secret (SalesforceClientSecret)";
    the_secret_is_a_replica: |setup| {
        setup.ledger = ledger(|secret| secret.primary_region = Some("eu-west-1".parse().unwrap()));
    }, fails Replica, "Its primary in eu-west-1 rotates";
    the_secret_is_pending_deletion: |setup| {
        setup.ledger = ledger(|secret| secret.deleted_at = Some(datetime!(2026-11-20 9:00 UTC)));
    }, fails PendingDeletion, "pending deletion since 20 November 2026";
    the_secret_has_no_value: |setup| { setup.ledger = ledger(|secret| secret.versions.clear()); },
        fails NoValue, "no version has the stage AWSCURRENT";
    the_superusers_secret_does_not_exist: |setup| {
        setup.form.template = "alternating-users".into();
        setup.form.superuser =
            format!("arn:aws:secretsmanager:us-east-1:{PAYMENTS}:secret:root-AbCdEf");
    }, fails SuperuserSecret, "The inventory has no secret arn:aws:secretsmanager";
    the_superusers_secret_is_pending_deletion: |setup| {
        let root = secret_with(PAYMENTS, US, "root", |secret| {
            secret.deleted_at = Some(datetime!(2026-11-20 9:00 UTC));
        });
        setup.form.superuser = root.arn.to_string();
        setup.others.push(root);
    }, fails SuperuserSecret, "root is pending deletion";
    the_role_may_not_read_the_superusers_secret: |setup| {
        let root = secret(PAYMENTS, US, "root");
        // A tag names it.
        let tags = BTreeMap::from([("masterarn".to_owned(), root.arn.to_string())]);
        setup.ledger.tags = Some(tags);
        setup.without("secretsmanager:GetSecretValue");
        setup.role.push(json!({
            "Effect": "Allow",
            "Action": "secretsmanager:GetSecretValue",
            "Resource": setup.ledger.arn.as_str(),
        }));
        setup.others.push(root);
    }, fails SuperuserReadable, "on the superuser's secret root";
    claviger_may_not_rotate: |setup| { setup.claviger.remove(0); },
        fails CallerRotates, "claviger-remediation may not call secretsmanager:RotateSecret";
    claviger_may_not_invoke: |setup| { setup.claviger.pop(); },
        fails CallerInvokes, "claviger-remediation may not call lambda:InvokeFunction";
}

#[sqlx::test(migrations = "../../migrations")]
async fn everything_passes_and_only_the_host_is_unknown(pool: PgPool) {
    let mut setup = Setup::passing(&pool).await;
    setup.under_own_key();
    setup.in_vpc();
    let root = secret(PAYMENTS, US, "root");
    setup.form.superuser = root.arn.to_string();
    setup.others.push(root);
    let view = setup.run().await;
    assert_eq!(view.as_of, setup.fixture.now());
    for check in &view.checks {
        let expected = match check.cause {
            Cause::HostReachable => matches!(check.result, PreflightResult::Unknown(_)),
            Cause::ValueKeys => matches!(check.result, PreflightResult::NotApplicable(_)),
            _ => matches!(check.result, PreflightResult::Passes(_)),
        };
        assert!(expected, "{}: {:?}", check.cause, check.result);
    }
    // The session may read this function, and change nothing.
    let orders = setup.fixture.aws.function_orders();
    assert_eq!(orders.len(), 1);
    assert!(orders[0].policy.contains(FUNCTION) && !orders[0].policy.contains("Rotate"));
    // The template's keys are in the value, which nobody reads for this.
    setup.form.template = "alternating-users".into();
    let PreflightResult::Unknown(why) = result(&setup.ask().await, Cause::ValueKeys) else {
        panic!("the value is not read")
    };
    assert!(why.contains("engine, host, username, password, masterarn"), "{why}");
    assert!(setup.fixture.aws.access.orders().is_empty(), "no session that could read a value");
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_cannot_be_read_is_unknown_and_each_says_why(pool: PgPool) {
    let mut setup = Setup::passing(&pool).await;
    setup.in_vpc();
    let network = FunctionNetwork {
        route_tables: Err(denied("DescribeRouteTables")),
        endpoints: Err(denied("DescribeVpcEndpoints")),
        security_groups: Err(denied("DescribeSecurityGroups")),
        network_acls: Err(denied("DescribeNetworkAcls")),
    };
    let function = setup.function.as_mut().unwrap();
    function.network = Some(network);
    function.policy = Err(denied("GetPolicy"));
    setup.run().await;
    setup.fixture.aws.set_identities(Err(RegionScanFault::Denied));
    setup.fixture.clock.advance(Duration::hours(2));
    setup.fixture.scan().await;
    let view = setup.ask().await;
    for (cause, why) in [
        (Cause::FunctionPolicy, "AWS denied GetPolicy (AccessDenied)"),
        (Cause::ConfusedDeputy, "AWS denied GetPolicy (AccessDenied)"),
        (Cause::RoleReads, "The IAM policies of account 441205839201 were not read"),
        (Cause::RoleGeneratesDataKey, "The IAM policies of account 441205839201 were not read"),
        (Cause::NetworkPath, "AWS denied DescribeRouteTables (AccessDenied)"),
        (Cause::SecurityGroups, "AWS denied DescribeSecurityGroups (AccessDenied)"),
        (Cause::NetworkAcls, "AWS denied DescribeNetworkAcls (AccessDenied)"),
        (Cause::EndpointPolicy, "AWS denied DescribeVpcEndpoints (AccessDenied)"),
        (Cause::CallerInvokes, "The IAM policies of account 441205839201 were not read"),
    ] {
        match result(&view, cause) {
            PreflightResult::Unknown(text) => assert!(text.contains(why), "{cause}: {text}"),
            other => panic!("{cause}: {other:?}"),
        }
    }
    // No session at all.
    setup.fixture.aws.deny_functions(Some(RegionScanFault::RoleNotAssumable));
    let view = setup.ask().await;
    for cause in [Cause::FunctionExists, Cause::FunctionActive, Cause::FunctionPolicy] {
        match result(&view, cause) {
            PreflightResult::Unknown(text) => assert!(text.contains("AssumeRole"), "{text}"),
            other => panic!("{cause}: {other:?}"),
        }
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_secret_is_read_now_and_not_as_it_was_scanned(pool: PgPool) {
    let setup = Setup::passing(&pool).await;
    assert!(matches!(setup.result(Cause::StuckVersion).await, PreflightResult::Passes(_)));
    setup.fixture.aws.put(ledger(|secret| secret.versions.push(version("v2", &["AWSPENDING"]))));
    let view = setup.ask().await;
    assert!(matches!(result(&view, Cause::StuckVersion), PreflightResult::Fails { .. }));
    assert!(matches!(view.checks[0].result, PreflightResult::Fails { .. }), "what fails first");
}

#[sqlx::test(migrations = "../../migrations")]
async fn only_who_may_remediate_there_may_ask(pool: PgPool) {
    let setup = Setup::passing(&pool).await;
    setup.run().await;
    let id = setup.fixture.id(setup.ledger.arn.as_str()).await;
    let preflight = setup.fixture.services.rotation_preflight();
    let asked = setup.fixture.aws.function_orders().len();
    let refused = async |caller| preflight.preflight(&caller, &id, &setup.form).await.unwrap_err();
    assert_eq!(code(refused(ben()).await), ProblemCode::Forbidden);
    assert_eq!(code(refused(person("v", "viewers")).await), ProblemCode::Forbidden);
    let ours = person("p", "payments-admins");
    assert!(preflight.preflight(&ours, &id, &setup.form).await.is_ok());
    // Each sees their own last result.
    let parsed = id.parse().unwrap();
    assert!(preflight.last_preflight(&ours, parsed).await.unwrap().is_some());
    assert!(preflight.last_preflight(&person("q", "admins"), parsed).await.unwrap().is_none());
    assert!(preflight.last_preflight(&ben(), parsed).await.unwrap().is_none());
    setup.fixture.clock.advance(Duration::minutes(16));
    assert!(preflight.last_preflight(&ours, parsed).await.unwrap().is_none());
    let cart = secret(CHECKOUT, US, "cart");
    setup.fixture.aws.put(cart.clone());
    setup.fixture.scan().await;
    let theirs = setup.fixture.id(cart.arn.as_str()).await;
    let error = preflight.preflight(&ours, &theirs, &setup.form).await.unwrap_err();
    assert_eq!(code(error), ProblemCode::NotFound);
    assert_eq!(setup.fixture.aws.function_orders().len(), asked + 1);
}
