//! The rules of EventBridge with the emulator, which checks the role's rights.

use claviger_aws::{AlarmGateway as _, RuleTarget};
use claviger_domain::{
    VariantArray as _,
    alarms::check::AlarmRule,
    ids::{AccountId, Region},
};
use claviger_policy::{
    alarms::ExpectedRule,
    permissions::{Role, roles::role_policy},
};
use claviger_testkit::{EmulatorRoot, ministack};

/// Log Archive.
const ACCOUNT: &str = "377105918264";
/// Where no other test has a rule.
const ELSEWHERE: &str = "us-west-2";

#[tokio::test]
async fn ministack_a_rule_is_read_its_pattern_tested_and_a_test_event_sent() {
    let emulator = ministack();
    let root = |region: &str| EmulatorRoot {
        url: emulator.url.clone(),
        account: ACCOUNT.into(),
        region: region.into(),
    };
    let ours = role_policy(Role::Inventory, &"aws".parse().unwrap());
    root("us-east-1").put_role_policy("claviger-inventory", "claviger-inventory", &ours).await;
    let bus = "arn:aws:events:us-east-1:204917356680:event-bus/claviger";
    let name = format!("claviger-test-{}", std::process::id());
    let expected = ExpectedRule::of(AlarmRule::Secrets).unwrap();
    root(ELSEWHERE).put_event_rule(&name, &expected.pattern.to_string(), bus).await;

    let gateway = emulator.hub().await;
    let (account, region): (AccountId, Region) =
        (ACCOUNT.parse().unwrap(), ELSEWHERE.parse().unwrap());
    let rule = gateway.event_rule(&account, &region, &name).await.unwrap().unwrap();
    assert_eq!(rule.state, "ENABLED");
    assert!(expected.has_pattern(rule.pattern.as_deref().unwrap()));
    let sender = Some(format!("arn:aws:iam::{ACCOUNT}:role/claviger-events"));
    assert_eq!(rule.targets, Ok(vec![RuleTarget { arn: bus.into(), role: sender }]));
    assert_eq!(gateway.event_rule(&account, &region, "claviger-none").await.unwrap(), None);

    for one in AlarmRule::VARIANTS {
        let own = ExpectedRule::of(*one).unwrap();
        for other in AlarmRule::VARIANTS {
            let sample = ExpectedRule::of(*other).unwrap().sample.to_string();
            let pattern = own.pattern.to_string();
            let matches = gateway.pattern_matches(&account, &region, &pattern, &sample).await;
            assert_eq!(matches.unwrap(), one == other, "{one} {other}");
        }
        let (kind, detail) = own.test_event("t");
        let detail = detail.to_string();
        gateway.send_test_event(&account, &region, &kind, &detail).await.unwrap();
    }
    let nonsense = gateway.pattern_matches(&account, &region, "{", "{}").await.unwrap_err();
    assert_eq!(nonsense.code.as_deref(), Some("InvalidEventPatternException"));
}
