//! The session of a creation, with the emulator that enforces session policies: it creates this, and nothing else.

use super::*;
use claviger_aws::{CreationOrder, Gateway, NewValue, RemediationGateway};
use claviger_domain::creation::NewResource;
use claviger_policy::creation_policy;
use claviger_testkit::ministack;

/// Of the demo, and changed by no other test.
const ACCOUNT: &str = "377105918264";

fn shape(form: CreationForm, name: &str) -> NewResource {
    let plain =
        CreationForm { account: ACCOUNT.into(), key: String::new(), name: name.into(), ..form };
    plain.read().unwrap()
}

fn order(of: &NewResource, token: u32) -> CreationOrder {
    CreationOrder {
        session_name: "claviger-C-1".into(),
        source_identity: "eve@example.com".into(),
        policy: creation_policy(of, false),
        token: format!("{token:036}"),
    }
}

fn value() -> NewValue {
    NewValue::Given(CANARY.to_owned().into())
}

#[tokio::test]
async fn it_creates_this_name_and_nothing_else() {
    // The emulator keeps what an earlier run has created.
    let own = uuid::Uuid::new_v4().simple().to_string();
    let hub = ministack().hub().await;
    let (account, region) = (ACCOUNT.parse().unwrap(), US.parse().unwrap());
    let reader = hub.open(&account, &region).await.unwrap();
    for (form, name) in [(form(), format!("new/{own}")), (parameter(), format!("/new/{own}"))] {
        let new = shape(form.clone(), &name);
        let other = shape(form.clone(), &format!("{name}/other"));
        let longer = shape(form, &format!("{name}-AbCdEf"));
        for outside in [&other, &longer] {
            let refused = hub.create(&order(&new, 1), outside, &value()).await.unwrap_err();
            assert_eq!(refused.fault, RegionScanFault::Denied, "{}", outside.name);
        }
        hub.create(&order(&new, 1), &new, &value()).await.unwrap();
        let twice = hub.create(&order(&new, 2), &new, &value()).await.unwrap_err();
        assert_ne!(twice.fault, RegionScanFault::Denied, "{:?}", twice.code);
        assert!(!format!("{twice:?}").contains(CANARY));
        let made = match new.kind() {
            claviger_domain::facts::Kind::Secret => reader.secret(&name).await,
            claviger_domain::facts::Kind::Parameter => reader.parameter(&name).await,
        };
        assert_eq!(made.unwrap().unwrap().tags.unwrap()["owner"], "payments");
    }
}
