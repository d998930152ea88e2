//! Whether the rules of an account and Region bring their events to the queue that Claviger reads.

use super::verdict;
use crate::{Installation, ServiceError};
use claviger_domain::{
    VariantArray as _,
    accounts::readiness::{Readiness, ReadinessItem, ReadinessState, Trail},
    alarms::{
        check::{AlarmCheck, AlarmPart, AlarmRule, AlarmTest, CheckedPart, PartState},
        rules::AlarmRules,
    },
    authz::VisibleAccounts,
    clock::Clock,
    error_line::ErrorLine,
    ids::{AccountId, Arn, Region},
};
use claviger_gateways::{AlarmGateway, AwsError, EventRule, RuleTarget};
use claviger_policy::alarms::ExpectedRule;
use claviger_store::{AlarmRepository, NewAlarmCheck, StoreError, StoredAlarmCheck};
use futures::future::join_all;
use std::{collections::BTreeMap, sync::Arc};
use uuid::Uuid;

/// Reads the rules, and sends them test events.
#[derive(Clone)]
pub struct AlarmCheckService {
    pub(crate) alarms: AlarmRepository,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) alarm_gateway: Arc<dyn AlarmGateway>,
    pub(crate) installation: Arc<Installation>,
    pub(crate) rules: Arc<AlarmRules>,
}

impl AlarmCheckService {
    /// Whether there is a queue in which alarms can arrive.
    pub(crate) fn is_on(&self) -> bool {
        self.installation.reads_events()
    }

    /// Reads the rules of an account and Region, and stores what was found.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.region = %region))]
    pub(crate) async fn check(
        &self,
        account: &AccountId,
        region: &Region,
        trails: Result<&[Trail], &AwsError>,
    ) -> Result<(), StoreError> {
        let rules =
            AlarmRule::VARIANTS.iter().filter_map(|rule| Some((*rule, ExpectedRule::of(*rule)?)));
        let found = join_all(rules.map(|(rule, expected)| async move {
            let mut parts: Vec<CheckedPart> = trail_part(rule, trails).into_iter().collect();
            parts.extend(self.rule_parts(account, region, rule, &expected).await);
            NewAlarmCheck { rule, parts }
        }))
        .await;
        let (tag, now) = (&self.rules.sensitive_tag, self.clock.now());
        self.alarms.write_alarm_checks(account, region, &found, tag, now).await
    }

    /// Forgets what was found in an account.
    pub(crate) async fn forget(&self, account: &AccountId) -> Result<(), StoreError> {
        self.alarms.forget_alarm_checks(account).await
    }

    async fn rule_parts(
        &self,
        account: &AccountId,
        region: &Region,
        rule: AlarmRule,
        expected: &ExpectedRule,
    ) -> Vec<CheckedPart> {
        let name = rule.to_string();
        let read = match self.alarm_gateway.event_rule(account, region, &name).await {
            Ok(Some(read)) => read,
            Ok(None) => {
                let says =
                    format!("There is no rule {name} in this Region. Deploy the event rules.");
                return vec![CheckedPart::new(AlarmPart::Rule, PartState::Fail, says)];
            }
            Err(error) => {
                tracing::warn!(error = %ErrorLine(&error), "a rule cannot be read");
                let says = format!("{}, so nothing is known of the rule.", error.read_failure());
                return vec![CheckedPart::new(AlarmPart::Rule, PartState::Unknown, says)];
            }
        };
        let pattern = read.pattern.clone().unwrap_or_default();
        let mut parts = vec![state_part(&read, expected), pattern_part(&pattern, expected)];
        let sample = expected.sample.to_string();
        let asked = self.alarm_gateway.pattern_matches(account, region, &pattern, &sample).await;
        parts.push(match asked {
            Ok(true) => CheckedPart::new(
                AlarmPart::Match,
                PartState::Pass,
                "EventBridge says that the pattern matches an event of AWS.",
            ),
            Ok(false) => CheckedPart::new(
                AlarmPart::Match,
                PartState::Fail,
                "EventBridge says that the pattern does not match an event of AWS.",
            ),
            Err(error) => {
                tracing::warn!(error = %ErrorLine(&error), "a pattern cannot be tested");
                let says = format!("{}, so the pattern is not tested.", error.read_failure());
                CheckedPart::new(AlarmPart::Match, PartState::Unknown, says)
            }
        });
        parts.push(self.target_part(account, &read));
        parts
    }

    fn target_part(&self, account: &AccountId, read: &EventRule) -> CheckedPart {
        let of = |state, says: String| CheckedPart::new(AlarmPart::Target, state, says);
        let targets = match &read.targets {
            Ok(targets) => targets,
            Err(why) => {
                return of(PartState::Unknown, format!("{why}, so its target is not known."));
            }
        };
        let Some(queue) = self.installation.event_queue.as_deref().and_then(HubQueue::of) else {
            return of(PartState::Unknown, "Claviger reads no queue of events.".to_owned());
        };
        let best =
            targets.iter().map(|target| queue.target(account, target)).min_by_key(|one| one.0);
        match best {
            Some((state, says)) => of(state, says),
            None => of(PartState::Fail, "The rule has no target.".to_owned()),
        }
    }

    /// Sends a test event that only this rule matches.
    pub(crate) async fn send(
        &self,
        account: &AccountId,
        region: &Region,
        rule: AlarmRule,
        token: Uuid,
    ) -> Result<(), AwsError> {
        let Some(expected) = ExpectedRule::of(rule) else { return Ok(()) };
        let (kind, detail) = expected.test_event(&token.to_string());
        self.alarm_gateway.send_test_event(account, region, &kind, &detail.to_string()).await
    }

    /// The rules within the scope, each with its parts and its last test.
    pub(crate) async fn checks(
        &self,
        visible: &VisibleAccounts,
        account: Option<&AccountId>,
    ) -> Result<Vec<AlarmCheck>, ServiceError> {
        let stored = self.alarms.alarm_checks(visible, account).await?;
        let now = self.clock.now();
        let each = stored.into_iter().map(|stored| {
            let StoredAlarmCheck { account, region, rule, mut parts, .. } = stored;
            parts.push(AlarmTest::part(stored.test.as_ref(), now));
            AlarmCheck {
                account,
                account_name: String::new(),
                region,
                rule,
                parts,
                is_needed: stored.is_needed,
                checked_at: stored.checked_at,
                test: stored.test,
            }
        });
        Ok(each.collect())
    }

    /// The prerequisite of an account, in each Region that was checked.
    pub(crate) async fn readiness(
        &self,
        visible: &VisibleAccounts,
        account: &AccountId,
    ) -> Result<Vec<Readiness>, ServiceError> {
        if !self.is_on() {
            return Ok(Vec::new());
        }
        let mut by_region: BTreeMap<Region, Vec<AlarmCheck>> = BTreeMap::new();
        for check in self.checks(visible, Some(account)).await? {
            if check.is_needed {
                by_region.entry(check.region.clone()).or_default().push(check);
            }
        }
        Ok(by_region.into_iter().map(|(region, checks)| of_region(region, &checks)).collect())
    }
}

fn of_region(region: Region, checks: &[AlarmCheck]) -> Readiness {
    let worst = |state: PartState| checks.iter().filter(move |check| verdict(check) == state);
    let named = |state: PartState| {
        let each = worst(state).map(|check| {
            let parts = check.parts.iter().filter(|one| one.state == state);
            let says: Vec<&str> = parts.map(|one| one.says.as_str()).collect();
            format!("{}: {}", check.rule.label(), says.join(" "))
        });
        each.collect::<Vec<String>>().join(" ")
    };
    let (state, says) = if worst(PartState::Fail).next().is_some() {
        (ReadinessState::Missing, format!("Alarms that cannot fire. {}", named(PartState::Fail)))
    } else if worst(PartState::Unknown).next().is_some() {
        (
            ReadinessState::Unknown,
            format!("It is not known whether alarms can fire. {}", named(PartState::Unknown)),
        )
    } else {
        (ReadinessState::Ready, "The rules are as the install templates have them.".to_owned())
    };
    Readiness { item: ReadinessItem::Alarms, region: Some(region), state, role: None, says }
}

/// Whether a trail logs what the rule is about; nothing for a rule that needs none.
fn trail_part(rule: AlarmRule, trails: Result<&[Trail], &AwsError>) -> Option<CheckedPart> {
    let reads = match rule {
        AlarmRule::Reads => true,
        AlarmRule::Secrets | AlarmRule::Parameters => false,
        AlarmRule::Findings => return None,
    };
    let what = if reads { "read management events" } else { "write management events" };
    let of = |state, says: String| Some(CheckedPart::new(AlarmPart::Trail, state, says));
    let trails = match trails {
        Ok(trails) => trails,
        Err(error) => {
            let why = error.read_failure();
            return of(PartState::Unknown, format!("{why}, so nothing is known of its trails."));
        }
    };
    let mut unsure = None;
    for trail in trails.iter().filter(|trail| trail.is_multi_region || trail.is_organization) {
        match (&trail.is_logging, &trail.management) {
            (Ok(true), Ok(logged)) if (if reads { logged.reads } else { logged.writes }) => {
                return of(PartState::Pass, format!("The trail {} logs {what}.", trail.name));
            }
            (Ok(false), _) | (Ok(true), Ok(_)) => {}
            (Err(why), _) | (_, Err(why)) => unsure = Some((trail, why)),
        }
    }
    match unsure {
        Some((trail, why)) => of(
            PartState::Unknown,
            format!("{why}, so it is not known whether the trail {} logs {what}.", trail.name),
        ),
        None => of(PartState::Fail, format!("No trail of all Regions logs {what}.")),
    }
}

fn state_part(read: &EventRule, expected: &ExpectedRule) -> CheckedPart {
    let of = |state, says: String| CheckedPart::new(AlarmPart::Rule, state, says);
    let state = &read.state;
    match (state.as_str(), expected.state.as_str()) {
        ("DISABLED", _) => of(PartState::Fail, "The rule is disabled.".to_owned()),
        (own, wanted) if own == wanted => of(PartState::Pass, format!("The rule is {own}.")),
        // It gets more than it needs.
        ("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", "ENABLED") => {
            of(PartState::Pass, format!("The rule is {state}."))
        }
        (_, wanted) => of(
            PartState::Fail,
            format!("The rule is {state}: reads reach it in the state {wanted} only."),
        ),
    }
}

fn pattern_part(pattern: &str, expected: &ExpectedRule) -> CheckedPart {
    let (state, says) = if expected.has_pattern(pattern) {
        (PartState::Pass, "The pattern is that of the install templates.")
    } else {
        (PartState::Fail, "The pattern is not that of the install templates. Deploy them again.")
    };
    CheckedPart::new(AlarmPart::Pattern, state, says)
}

/// The queue that Claviger reads, from its URL: `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`.
struct HubQueue<'a> {
    account: &'a str,
    name: &'a str,
    /// Empty where the host names none.
    region: &'a str,
}

impl<'a> HubQueue<'a> {
    fn of(url: &'a str) -> Option<Self> {
        let (_, rest) = url.split_once("://")?;
        let (host, path) = rest.split_once('/')?;
        let (account, name) = path.trim_end_matches('/').split_once('/')?;
        let region = host.strip_prefix("sqs.").and_then(|host| host.split('.').next());
        Some(Self { account, name, region: region.unwrap_or_default() })
    }

    /// Whether a target leads to it.
    fn target(&self, sender: &AccountId, target: &RuleTarget) -> (PartState, String) {
        let arn = &target.arn;
        let elsewhere =
            || (PartState::Fail, format!("The rule sends to {arn}, which Claviger does not read."));
        let Ok(parsed) = arn.parse::<Arn>() else { return elsewhere() };
        let is_here = parsed.account() == self.account
            && (self.region.is_empty() || parsed.region() == self.region);
        let what = arn.splitn(6, ':').nth(5).unwrap_or_default();
        let bus = what.strip_prefix("event-bus/");
        match (parsed.service(), bus) {
            ("sqs", _) if is_here && what == self.name => {
                (PartState::Pass, "The rule sends to the queue that Claviger reads.".to_owned())
            }
            ("events", Some(_))
                if is_here && sender.as_str() != self.account && target.role.is_none() =>
            {
                (
                    PartState::Fail,
                    format!(
                        "The rule sends to {arn} without a role, which AWS needs across accounts."
                    ),
                )
            }
            ("events", Some(bus)) if is_here && self.name.strip_suffix("-events") == Some(bus) => (
                PartState::Pass,
                "The rule sends to the event bus in front of the queue.".to_owned(),
            ),
            ("events", Some(_)) if is_here => (
                PartState::Unknown,
                format!(
                    "The rule sends to {arn}; it is not known whether that leads to the queue."
                ),
            ),
            _ => elsewhere(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_leads_to_the_queue_or_not() {
        let queue =
            HubQueue::of("https://sqs.us-east-1.amazonaws.com/111122223333/claviger-events")
                .unwrap();
        let hub: AccountId = "111122223333".parse().unwrap();
        let member: AccountId = "444455556666".parse().unwrap();
        let state = |sender: &AccountId, arn: &str, role: Option<&str>| {
            let target = RuleTarget { arn: arn.to_owned(), role: role.map(ToOwned::to_owned) };
            queue.target(sender, &target).0
        };
        let bus = "arn:aws:events:us-east-1:111122223333:event-bus/claviger";
        assert_eq!(state(&member, bus, Some("r")), PartState::Pass);
        assert_eq!(state(&member, bus, None), PartState::Fail);
        assert_eq!(state(&hub, bus, None), PartState::Pass);
        assert_eq!(state(&hub, &bus.replace("/claviger", "/other"), None), PartState::Unknown);
        assert_eq!(state(&hub, &bus.replace("us-east-1", "eu-west-1"), None), PartState::Fail);
        assert_eq!(state(&member, &bus.replace("1111", "9999"), Some("r")), PartState::Fail);
        assert_eq!(
            state(&hub, "arn:aws:sqs:us-east-1:111122223333:claviger-events", None),
            PartState::Pass
        );
        assert_eq!(state(&hub, "arn:aws:sqs:us-east-1:111122223333:other", None), PartState::Fail);
        let local = HubQueue::of("http://127.0.0.1:4566/111122223333/q").unwrap();
        assert_eq!((local.account, local.name, local.region), ("111122223333", "q", ""));
        assert!(HubQueue::of("queue").is_none());
    }
}
