//! What a role does not need is denied to it: the calls of the other roles, and what nobody of ours does.

use crate::{
    calls::{made, order},
    member::{Member, Names},
};
use aws_credential_types::Credentials;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use claviger_aws::{AccessGateway, SessionOrder};
use claviger_domain::grants::Action;
use claviger_policy::permissions::{Role, TABLE};
use secrecy::ExposeSecret;
use std::collections::BTreeSet;

/// Narrows nothing: the session may do whatever its role may.
const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

fn needs(role: Role) -> BTreeSet<&'static str> {
    let calls = TABLE.iter().filter(|call| call.role == role);
    calls.flat_map(|call| call.needs.iter().map(|need| need.action)).collect()
}

/// The gateway makes the calls of one role with another.
#[tokio::test]
async fn a_role_makes_no_call_of_another() {
    let member = Member::complete().await;
    for role in Role::members() {
        let own = needs(role);
        let names = Names { access: Role::Access, ..Names::all(role) };
        let gateway = member.gateway_as(names).await;
        let access = member.gateway_as(Names { access: role, ..Names::OWN }).await;
        let others = TABLE.iter().filter(|call| call.role != role && call.role != Role::Hub);
        for call in others {
            let action = call.needs[0].action;
            // The emulator does not check permissions of `account`, and does not have Access Analyzer.
            let is_unchecked =
                action == "account:ListRegions" || action.starts_with("access-analyzer:");
            if own.contains(action) || is_unchecked {
                continue;
            }
            let gateway = if call.role == Role::Access { &access } else { &gateway };
            let outcome = made(&member, gateway, call.role, action).await;
            assert!(
                matches!(&outcome, Err(failure) if failure.is_denial()),
                "{} makes {action}: {outcome:?}",
                role.name()
            );
        }
    }
}

#[tokio::test]
async fn a_role_reads_no_value_but_by_a_grant_and_changes_nothing_else() {
    let member = Member::complete().await;
    let (secret, parameter) = (member.secret.arn.to_string(), member.parameter.name.clone());
    let key = member.secret.kms_key_id.clone().unwrap();
    for role in Role::members() {
        let gateway = member.gateway_as(Names { access: role, ..Names::OWN }).await;
        let wide = SessionOrder { policy: EVERYTHING.into(), ..order(&member, Action::Read) };
        let session = gateway.issue(&wide).await.unwrap();
        let config = member
            .config(Credentials::new(
                &session.access_key_id,
                session.secret_access_key.expose_secret(),
                Some(session.session_token.expose_secret().to_owned()),
                None,
                "role",
            ))
            .await;
        let secrets = aws_sdk_secretsmanager::Client::new(&config);
        let ssm = aws_sdk_ssm::Client::new(&config);
        let iam = aws_sdk_iam::Client::new(&config);
        let kms = aws_sdk_kms::Client::new(&config);
        macro_rules! denied {
            ($call:expr) => {
                let error = $call.send().await.map(|_| ()).map_err(|error| error.code().map(ToOwned::to_owned));
                let denied = matches!(&error, Err(Some(code)) if code.starts_with("AccessDenied"));
                assert!(denied, "{} makes {}: {error:?}", role.name(), stringify!($call));
            };
        }
        if role != Role::Access {
            denied!(secrets.get_secret_value().secret_id(&secret));
            denied!(ssm.get_parameter().name(&parameter).with_decryption(true));
        }
        denied!(secrets.batch_get_secret_value().secret_id_list(&secret));
        denied!(ssm.get_parameters().names(&parameter));
        denied!(ssm.get_parameters_by_path().path("/"));
        denied!(ssm.get_parameter_history().name(&parameter));
        // The remediation role creates, and changes tags and rotation.
        if role != Role::Remediation {
            denied!(secrets.create_secret().name("new").secret_string("x"));
            denied!(secrets.cancel_rotate_secret().secret_id(&secret));
            denied!(secrets.untag_resource().secret_id(&secret).tag_keys("owner"));
            denied!(secrets.get_random_password());
        }
        denied!(secrets.stop_replication_to_replica().secret_id(&secret));
        denied!(ssm.delete_parameter().name(&parameter));
        if role != Role::Remediation {
            denied!(
                ssm.remove_tags_from_resource()
                    .resource_id(&parameter)
                    .resource_type(aws_sdk_ssm::types::ResourceTypeForTagging::Parameter)
                    .tag_keys("owner")
            );
        }
        denied!(kms.schedule_key_deletion().key_id(&key));
        denied!(kms.put_key_policy().key_id(&key).policy("{}"));
        denied!(iam.create_user().user_name("new"));
        denied!(
            iam.attach_role_policy()
                .role_name("claviger-access")
                .policy_arn("arn:aws:iam::aws:policy/AdministratorAccess")
        );
        denied!(iam.update_assume_role_policy().role_name("claviger-access").policy_document("{}"));
        denied!(iam.put_role_policy().role_name("other").policy_name("x").policy_document("{}"));
    }
}
