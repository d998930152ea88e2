//! Whether an alarm could fire: each part of the way, and a test event.

use crate::{
    alarms::{admin, person},
    fixture::Fixture,
};
use claviger_aws::{EventRule, RuleTarget};
use claviger_domain::{
    VariantArray as _,
    accounts::readiness::{
        ManagementEvents, ReadFailure, Readiness, ReadinessItem, ReadinessState, Trail,
    },
    alarms::{
        check::{AlarmPart, AlarmRule, PartState},
        view::AlarmPlace,
    },
    ids::AccountId,
    job::Job,
    scan::RegionScanFault,
};
use claviger_policy::alarms::ExpectedRule;
use claviger_services::{Installation, Services};
use claviger_testkit::{US, samples::PAYMENTS};
use serde_json::{Value, json};
use sqlx::PgPool;
use time::Duration;

/// The rules of the install templates, with a target in front of the queue.
fn deploy(fixture: &Fixture) {
    for rule in AlarmRule::VARIANTS {
        fixture.console.aws.set_event_rule(&rule.to_string(), Some(deployed(*rule)));
    }
}

fn deployed(rule: AlarmRule) -> EventRule {
    let expected = ExpectedRule::of(rule).unwrap();
    EventRule {
        state: expected.state.clone(),
        pattern: Some(expected.pattern.to_string()),
        targets: Ok(vec![RuleTarget {
            arn: "arn:aws:events:us-east-1:111122223333:event-bus/claviger".into(),
            role: Some("arn:aws:iam::441205839201:role/claviger-events-us-east-1".into()),
        }]),
    }
}

fn trail(reads: bool) -> Trail {
    Trail {
        name: "all".into(),
        is_multi_region: true,
        is_organization: true,
        is_logging: Ok(true),
        management: Ok(ManagementEvents { reads, writes: true }),
    }
}

fn reading(services: Services) -> Services {
    services.with_installation(Installation {
        event_queue: Some(
            "https://sqs.us-east-1.amazonaws.com/111122223333/claviger-events".into(),
        ),
        ..Installation::default()
    })
}

async fn place(fixture: &Fixture) -> AlarmPlace {
    let view = fixture.console.services.alarms().alarm_checks(&admin()).await.unwrap();
    let is_it = |one: &AlarmPlace| one.account.as_str() == PAYMENTS && one.region.as_str() == US;
    view.places.into_iter().find(is_it).unwrap()
}

fn state(place: &AlarmPlace, rule: AlarmRule, part: AlarmPart) -> Option<(PartState, String)> {
    let check = place.checks.iter().find(|check| check.rule == rule)?;
    let part = check.parts.iter().find(|one| one.part == part)?;
    Some((part.state, part.says.clone()))
}

#[sqlx::test(migrations = "../../migrations")]
async fn each_part_of_an_alarm_is_tested_and_a_test_event_arrives(pool: PgPool) {
    let mut fixture = Fixture::new(&pool).await;
    let alarms = |fixture: &Fixture| fixture.console.services.alarms().clone();
    let refused = alarms(&fixture).test_alarms(&admin(), PAYMENTS, US).await.unwrap_err();
    assert!(refused.to_string().contains("no queue"), "{refused}");
    fixture.console.services = reading(fixture.console.services);
    for (caller, account, region) in [
        (person("ben", "readers"), PAYMENTS, US),
        (person("ola", "auditors"), PAYMENTS, US),
        (admin(), "999988887777", US),
        (admin(), PAYMENTS, "ap-east-1"),
    ] {
        assert!(alarms(&fixture).test_alarms(&caller, account, region).await.is_err());
    }
    assert!(fixture.console.aws.sent_tests().is_empty());
    deploy(&fixture);
    fixture.console.aws.set_trails(vec![trail(true)]);
    alarms(&fixture).test_alarms(&admin(), PAYMENTS, US).await.unwrap();
    let sent = fixture.console.aws.sent_tests();
    assert_eq!(sent.len(), 4);
    let waiting = place(&fixture).await;
    assert!(waiting.can_test);
    for check in &waiting.checks {
        assert_eq!(check.state(), PartState::Waiting, "{check:?}");
        assert_eq!(check.test.as_ref().unwrap().by, "ADA");
    }
    // They arrive, but the one of the findings; and one whose token somebody made up.
    fixture.console.clock.advance(Duration::seconds(3));
    let arrives = |kind: &str, detail: Value, account: &str| {
        json!({
            "id": "t", "source": "claviger.test", "detail-type": kind, "account": account, "region": US,
            "time": "2026-11-29T00:00:00Z", "detail": detail,
        })
    };
    for one in sent.iter().filter(|one| one.detail_type != "GuardDuty Finding") {
        let detail: Value = serde_json::from_str(&one.detail).unwrap();
        fixture.queue.send(arrives(&one.detail_type, detail, PAYMENTS));
    }
    let lost = sent.iter().find(|one| one.detail_type == "GuardDuty Finding").unwrap();
    let lost: Value = serde_json::from_str(&lost.detail).unwrap();
    fixture.queue.send(arrives("GuardDuty Finding", lost, "458812704336"));
    let made_up = json!({"clavigerTest": "00000000-0000-0000-0000-000000000000"});
    fixture.queue.send(arrives("GuardDuty Finding", made_up, PAYMENTS));
    fixture.receive().await;
    assert_eq!((fixture.queue.left(), fixture.raised().await.len()), (0, 0), "a test is no alarm");
    fixture.console.clock.advance(Duration::minutes(6));
    let tested = place(&fixture).await;
    let reads = state(&tested, AlarmRule::Reads, AlarmPart::Delivery).unwrap();
    assert_eq!(reads, (PartState::Pass, "A test event arrived in the queue after 3 s.".into()));
    let findings = state(&tested, AlarmRule::Findings, AlarmPart::Delivery).unwrap();
    assert_eq!(findings.0, PartState::Fail, "{}", findings.1);
    let can_fire = |rule: AlarmRule| {
        tested.checks.iter().find(|check| check.rule == rule).unwrap().state() == PartState::Pass
    };
    assert!(
        can_fire(AlarmRule::Secrets)
            && can_fire(AlarmRule::Parameters)
            && can_fire(AlarmRule::Reads)
    );
    let counts = alarms(&fixture).alarms(&admin(), "").await.unwrap();
    assert_eq!((counts.failing_rules, counts.rules), (1, 3), "no read needs an alarm here");
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_alarm_that_cannot_fire_is_a_missing_prerequisite(pool: PgPool) {
    let mut fixture = Fixture::new(&pool).await;
    fixture.console.services = reading(fixture.console.services);
    fixture.tagged().await;
    let payments: AccountId = PAYMENTS.parse().unwrap();
    let checked = async |fixture: &Fixture| {
        let job = Job::CheckAccount { account: payments.clone() };
        fixture.console.services.jobs().run(job).await.unwrap();
        let accounts = fixture.console.services.accounts();
        let found = accounts.account(&admin(), PAYMENTS).await.unwrap().readiness;
        let is_it = |one: &Readiness| {
            one.item == ReadinessItem::Alarms
                && one.region.as_ref().is_some_and(|it| it.as_str() == US)
        };
        let one = found.into_iter().find(is_it).unwrap();
        (one.state, one.says)
    };
    let (none, says) = checked(&fixture).await;
    assert_eq!(none, ReadinessState::Missing, "{says}");
    assert!(says.contains("There is no rule claviger-reads"), "{says}");
    deploy(&fixture);
    fixture.console.aws.set_trails(vec![trail(true)]);
    assert_eq!(checked(&fixture).await.0, ReadinessState::Ready);

    let broken = |change: &dyn Fn(&mut EventRule)| {
        let mut rule = deployed(AlarmRule::Reads);
        change(&mut rule);
        fixture.console.aws.set_event_rule("claviger-reads", Some(rule));
    };
    broken(&|rule| rule.state = "ENABLED".into());
    let (off, says) = checked(&fixture).await;
    assert!(off == ReadinessState::Missing && says.contains("reads reach it"), "{says}");
    broken(&|rule| rule.state = "DISABLED".into());
    assert!(checked(&fixture).await.1.contains("The rule is disabled."));
    broken(&|rule| rule.pattern = Some(r#"{"source": ["aws.ec2"]}"#.into()));
    let (_, says) = checked(&fixture).await;
    assert!(says.contains("not that of the install templates"), "{says}");
    let matched = state(&place(&fixture).await, AlarmRule::Reads, AlarmPart::Match).unwrap();
    assert_eq!(matched.0, PartState::Fail);
    broken(&|rule| rule.targets = Ok(Vec::new()));
    assert!(checked(&fixture).await.1.contains("The rule has no target."));
    broken(&|rule| {
        let why =
            ReadFailure { operation: "ListTargetsByRule".into(), code: "AccessDenied".into() };
        rule.targets = Err(why);
    });
    let (unsure, says) = checked(&fixture).await;
    assert_eq!(unsure, ReadinessState::Unknown, "{says}");
    assert!(says.contains("AWS denied ListTargetsByRule (AccessDenied)"), "{says}");
    broken(&|_| {});
    fixture.console.aws.set_trails(vec![trail(false)]);
    let (blind, says) = checked(&fixture).await;
    assert!(
        blind == ReadinessState::Missing && says.contains("logs read management events"),
        "{says}"
    );
    fixture.console.aws.set_trails(vec![trail(true)]);
    fixture.console.aws.deny_events(Some(RegionScanFault::Denied));
    let (denied, says) = checked(&fixture).await;
    assert_eq!(denied, ReadinessState::Unknown, "{says}");
    // What could not be sent proves nothing.
    fixture.console.services.alarms().test_alarms(&admin(), PAYMENTS, US).await.unwrap();
    let unsent = state(&place(&fixture).await, AlarmRule::Reads, AlarmPart::Delivery).unwrap();
    assert_eq!(unsent.0, PartState::Unknown, "{}", unsent.1);
}
