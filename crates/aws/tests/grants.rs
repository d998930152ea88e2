//! Sessions with the emulator that enforces policies: granted calls work, others do not, and the session ends.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod hub;

use aws_credential_types::Credentials;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use claviger_aws::{AccessGateway, Gateway, IssuedSession, SecretValue, SessionOrder};
use claviger_domain::{
    facts::{Detail, Kind, ResourceFacts},
    grants::{Action, GrantResource},
    parameter_change::ParameterForm,
    scan::RegionScanFault,
};
use claviger_policy::{SessionResource, compose, denials};
use hub::Hub;
use secrecy::ExposeSecret;
use std::time::Duration;
use time::OffsetDateTime;

impl Hub {
    /// Two secrets and a parameter of the account.
    async fn resources(&self) -> Vec<GrantResource> {
        let reader = self.gateway.open(&self.account, &self.region).await.unwrap();
        let mut facts = reader.secrets(None).await.unwrap().facts;
        facts.truncate(2);
        facts.extend(reader.parameters(None).await.unwrap().facts.into_iter().take(1));
        facts.iter().map(|facts| self.resource(facts)).collect()
    }

    fn resource(&self, facts: &ResourceFacts) -> GrantResource {
        GrantResource {
            id: "00000000-0000-0000-0000-000000000000".parse().unwrap(),
            arn: facts.arn.clone(),
            name: facts.name.clone(),
            kind: facts.kind(),
            region: self.region.clone(),
            key: facts.kms_key_id.clone(),
            owner_team: None,
        }
    }

    fn order(
        &self,
        name: &str,
        action: Action,
        resources: &[GrantResource],
        lives: Duration,
    ) -> SessionOrder {
        let resources: Vec<SessionResource> =
            resources.iter().cloned().map(SessionResource::of_grant).collect();
        self.order_for(name, action, &resources, lives)
    }

    fn order_for(
        &self,
        name: &str,
        action: Action,
        resources: &[SessionResource],
        lives: Duration,
    ) -> SessionOrder {
        let until = OffsetDateTime::from(std::time::SystemTime::now() + lives);
        let policy = compose(action, resources, until, 2048).unwrap().remove(0);
        SessionOrder {
            account: self.account.clone(),
            session_name: name.into(),
            source_identity: "ben@example.com".into(),
            tags: vec![
                ("claviger:grant".into(), name.into()),
                ("claviger:person".into(), "ben".into()),
            ],
            policy: policy.document,
            seconds: 900,
        }
    }

    async fn client(&self, session: &IssuedSession) -> aws_sdk_secretsmanager::Client {
        let credentials = Credentials::new(
            &session.access_key_id,
            session.secret_access_key.expose_secret(),
            Some(session.session_token.expose_secret().to_owned()),
            None,
            "test",
        );
        let config = claviger_testkit::ministack().config(credentials).await;
        aws_sdk_secretsmanager::Client::new(&config)
    }
}

fn text(value: &SecretValue) -> &str {
    match value {
        SecretValue::Text(text) => text.expose_secret(),
        SecretValue::Binary(_) => panic!("the demo has texts"),
    }
}

#[tokio::test]
async fn a_session_reads_what_it_is_for_and_nothing_else() {
    let hub = Hub::new("419930762158").await;
    let resources = hub.resources().await;
    let granted = [resources[0].clone(), resources[2].clone()];
    let order = hub.order("G-1-read", Action::Read, &granted, Duration::from_mins(5));
    let session = hub.gateway.issue(&order).await.unwrap();
    for resource in &granted {
        let value = hub.gateway.value(&session, resource).await.unwrap();
        assert!(text(&value).contains("CANARY"), "{:?}", resource.kind);
    }
    let other = hub.gateway.value(&session, &resources[1]).await.unwrap_err();
    assert_eq!(other.fault, RegionScanFault::Denied);
    let (value, token) = (SecretValue::from("x".to_owned()), "t".repeat(32));
    let put = hub.gateway.put_value(&session, &granted[0], &value, &token).await;
    assert_eq!(put.unwrap_err().fault, RegionScanFault::Denied);
    assert_eq!(
        hub.gateway.rotate(&session, &granted[0], "t").await.unwrap_err().fault,
        RegionScanFault::Denied
    );
    let client = hub.client(&session).await;
    let code = |error: &dyn ProvideErrorMetadata| error.code().map(ToOwned::to_owned);
    let list = client.list_secrets().send().await.unwrap_err();
    assert_eq!(code(&list).as_deref(), Some("AccessDeniedException"));
    let describe =
        client.describe_secret().secret_id(granted[0].arn.as_str()).send().await.unwrap_err();
    assert_eq!(code(&describe).as_deref(), Some("AccessDeniedException"));
}

#[tokio::test]
async fn a_write_session_writes_and_does_not_read() {
    let hub = Hub::new("402618835970").await;
    let resources = hub.resources().await;
    let order = hub.order("G-2-write", Action::Write, &resources[..1], Duration::from_mins(5));
    let session = hub.gateway.issue(&order).await.unwrap();
    let version = hub
        .gateway
        .put_value(&session, &resources[0], &"CANARY-new".to_owned().into(), &"a".repeat(36))
        .await
        .unwrap();
    assert!(!version.is_empty());
    assert_eq!(
        hub.gateway.value(&session, &resources[0]).await.unwrap_err().fault,
        RegionScanFault::Denied
    );
    // Bytes are written as bytes.
    let bytes = vec![0, 0xff, b'\n'];
    hub.gateway
        .put_value(&session, &resources[0], &bytes.clone().into(), &"b".repeat(36))
        .await
        .unwrap();
    let order = hub.order("G-2-read", Action::Read, &resources[..1], Duration::from_mins(5));
    let session = hub.gateway.issue(&order).await.unwrap();
    match hub.gateway.value(&session, &resources[0]).await.unwrap() {
        SecretValue::Binary(read) => assert_eq!(*read.expose_secret(), bytes),
        SecretValue::Text(_) => panic!("bytes became a text"),
    }
}

/// Like AWS, the emulator resets fields that `PutParameter` omits.
#[tokio::test]
async fn a_written_parameter_keeps_what_it_is() {
    let hub = Hub::new("402618835970").await;
    let reader = hub.gateway.open(&hub.account, &hub.region).await.unwrap();
    let all = reader.parameters(None).await.unwrap().facts;
    let under_own_key = all.iter().find(|facts| facts.own_key().is_some());
    let facts = under_own_key.or(all.first()).unwrap();
    let resource = hub.resource(facts);
    let lives = Duration::from_mins(5);
    let order = hub.order("G-8-write", Action::Write, std::slice::from_ref(&resource), lives);
    let session = hub.gateway.issue(&order).await.unwrap();
    let value = "CANARY-written".to_owned().into();
    hub.gateway.put_value(&session, &resource, &value, "").await.unwrap();
    let after = reader.parameter(&facts.name).await.unwrap().unwrap();
    assert_eq!((&after.kms_key_id, &after.description), (&facts.kms_key_id, &facts.description));
    let (Detail::Parameter(before), Detail::Parameter(after)) = (&facts.detail, &after.detail)
    else {
        panic!("a parameter")
    };
    assert_eq!(after.version, before.version.map(|version| version + 1));
    assert_eq!(
        (after.parameter_type, &after.tier, &after.data_type, &after.allowed_pattern),
        (before.parameter_type, &before.tier, &before.data_type, &before.allowed_pattern)
    );
}

/// What the change names is changed, and the rest kept; the session changes no other parameter and reads none.
#[tokio::test]
async fn a_parameter_is_changed_in_its_own_session() {
    let hub = Hub::new("402618835970").await;
    let reader = hub.gateway.open(&hub.account, &hub.region).await.unwrap();
    let all = reader.parameters(None).await.unwrap().facts;
    let [.., other, facts] = &all[..] else { panic!("two parameters") };
    let (resource, other) = (hub.resource(facts), hub.resource(other));
    let form = |pattern: &str| ParameterForm {
        allowed_pattern: pattern.into(),
        remove_pattern: pattern.is_empty(),
        tier: "Advanced".into(),
        ..ParameterForm::default()
    };
    let lives = Duration::from_mins(5);
    let read = hub.order("G-10-read", Action::Read, std::slice::from_ref(&resource), lives);
    let read = hub.gateway.issue(&read).await.unwrap();
    let before = hub.gateway.version(&read, &resource, None).await.unwrap();
    let value: secrecy::SecretString = text(&before.value).to_owned().into();
    let mut version: i64 = before.version.parse().unwrap();
    for pattern in ["^.*$", ""] {
        let change = form(pattern).read().unwrap();
        let changed = SessionResource::now(resource.clone(), facts).changed(&change);
        let order = hub.order_for("G-10-write", Action::Write, &[changed], lives);
        let session = hub.gateway.issue(&order).await.unwrap();
        let put = hub.gateway.change_parameter(&session, &resource, &value, &change).await;
        version += 1;
        assert_eq!(put.unwrap(), version.to_string());
        let after = reader.parameter(&facts.name).await.unwrap().unwrap();
        assert_eq!(change.unverified(&after), Vec::<String>::new(), "{after:?}");
        assert_eq!(
            (&after.description, &after.kms_key_id),
            (&facts.description, &facts.kms_key_id)
        );
        let refused = hub.gateway.change_parameter(&session, &other, &value, &change).await;
        assert_eq!(refused.unwrap_err().fault, RegionScanFault::Denied);
        let refused = hub.gateway.version(&session, &resource, None).await.unwrap_err();
        assert_eq!(refused.fault, RegionScanFault::Denied);
    }
    let now = hub.gateway.version(&read, &resource, None).await.unwrap();
    assert_eq!(text(&now.value), text(&before.value));
    let refused =
        hub.gateway.change_parameter(&read, &resource, &value, &form("").read().unwrap()).await;
    assert_eq!(refused.unwrap_err().fault, RegionScanFault::Denied);
}

/// The emulator does not resolve the condition keys of `RotateSecret`: `…IfExists` matches, so it shows that the call works.
#[tokio::test]
async fn a_rotate_session_rotates() {
    let hub = Hub::new("402618835970").await;
    let resources = hub.resources().await;
    let lives = Duration::from_mins(5);
    let order = hub.order("G-9-rotate", Action::Rotate, &resources[..1], lives);
    let session = hub.gateway.issue(&order).await.unwrap();
    let rotated = hub.gateway.rotate(&session, &resources[0], &"r".repeat(36)).await;
    assert!(
        !matches!(&rotated, Err(error) if error.fault == RegionScanFault::Denied),
        "{rotated:?}"
    );
    let other = hub.gateway.rotate(&session, &resources[1], &"r".repeat(36)).await.unwrap_err();
    assert_eq!(other.fault, RegionScanFault::Denied);
}

#[tokio::test]
async fn the_end_of_the_window_ends_it_before_the_session_does() {
    let hub = Hub::new("523981046617").await;
    let resources = hub.resources().await;
    let order = hub.order("G-3-short", Action::Read, &resources[..1], Duration::from_secs(4));
    let session = hub.gateway.issue(&order).await.unwrap();
    hub.gateway.value(&session, &resources[0]).await.unwrap();
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(
        hub.gateway.value(&session, &resources[0]).await.unwrap_err().fault,
        RegionScanFault::Denied
    );
}

#[tokio::test]
async fn one_grant_is_ended_and_another_on_the_same_role_goes_on() {
    let hub = Hub::new("458812704336").await;
    let resources = hub.resources().await;
    let lives = Duration::from_mins(5);
    let (first, second) = (
        hub.order("G-4-0123456789ab", Action::Read, &resources[..1], lives),
        hub.order("G-5-0123456789ab", Action::Read, &resources[..1], lives),
    );
    let (one, two) =
        (hub.gateway.issue(&first).await.unwrap(), hub.gateway.issue(&second).await.unwrap());
    assert!(!hub.gateway.is_refused(&first, &hub.region).await.unwrap());
    assert_eq!(hub.gateway.denials(&hub.account).await.unwrap(), None);

    let document = denials(std::slice::from_ref(&first.session_name), None).unwrap();
    hub.gateway.put_denials(&hub.account, Some(&document)).await.unwrap();
    let actual = hub.gateway.denials(&hub.account).await.unwrap().unwrap();
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!(read(&actual), read(&document));
    assert!(
        hub.gateway.is_refused(&first, &hub.region).await.unwrap(),
        "the probe has the session's own name"
    );
    assert!(!hub.gateway.is_refused(&second, &hub.region).await.unwrap());
    assert_eq!(
        hub.gateway.value(&one, &resources[0]).await.unwrap_err().fault,
        RegionScanFault::Denied
    );
    hub.gateway.value(&two, &resources[0]).await.unwrap();

    // If too many were revoked: all older sessions of the role are denied, and new ones work.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let now = OffsetDateTime::from(std::time::SystemTime::now());
    let wide = denials(&[], Some(now.replace_nanosecond(0).unwrap())).unwrap();
    hub.gateway.put_denials(&hub.account, Some(&wide)).await.unwrap();
    assert_eq!(
        hub.gateway.value(&two, &resources[0]).await.unwrap_err().fault,
        RegionScanFault::Denied
    );
    tokio::time::sleep(Duration::from_secs(1)).await;
    let three = hub.gateway.issue(&second).await.unwrap();
    hub.gateway.value(&three, &resources[0]).await.unwrap();

    hub.gateway.put_denials(&hub.account, None).await.unwrap();
    hub.gateway.put_denials(&hub.account, None).await.unwrap();
    assert_eq!(hub.gateway.denials(&hub.account).await.unwrap(), None);
    hub.gateway.value(&one, &resources[0]).await.unwrap();
}

#[tokio::test]
async fn cloudtrail_tells_of_a_sessions_calls_by_its_key() {
    let hub = Hub::new("472093615847").await;
    let resources = hub.resources().await;
    let secret = resources.iter().find(|r| r.kind == Kind::Secret).unwrap();
    let order =
        hub.order("G-6-trail", Action::Read, std::slice::from_ref(secret), Duration::from_mins(5));
    let session = hub.gateway.issue(&order).await.unwrap();
    hub.gateway.value(&session, secret).await.unwrap();
    let events =
        hub.gateway.events_of(&hub.account, &hub.region, &session.access_key_id).await.unwrap();
    assert!(events.iter().any(|event| event.name == "GetSecretValue"), "{events:?}");
    assert!(
        events
            .iter()
            .all(|event| event.access_key_id.as_deref() == Some(session.access_key_id.as_str()))
    );
}

#[tokio::test]
async fn an_account_without_the_role_is_said() {
    let hub = Hub::new("489316607725").await;
    let order = SessionOrder {
        account: hub.account.clone(),
        session_name: "G-7-none".into(),
        source_identity: "ben".into(),
        tags: Vec::new(),
        policy: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:GetCallerIdentity","Resource":"*"}]}"#.into(),
        seconds: 900,
    };
    let refused = hub.gateway.issue(&order).await.unwrap_err();
    assert_eq!(
        (refused.operation, refused.fault),
        ("AssumeRole", RegionScanFault::RoleNotAssumable)
    );
}
