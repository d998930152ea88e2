//! Results of AWS Config's managed rules that correspond to a check, and why they may differ from it.

use super::{PolicyRule, controls_of, day};
use claviger_domain::{
    accounts::readiness::{Compliance, ConfigOpinion, ConfigResult},
    compliance::{CheckResult, Outcome},
    facts::ResourceFacts,
};
use serde_json::Value;

/// The results of the managed rules that correspond to the rule.
pub fn config_opinions(
    rule: &PolicyRule,
    outcome: &Outcome,
    resource: &ResourceFacts,
    results: &[ConfigResult],
) -> Vec<ConfigOpinion> {
    let asked: Vec<String> = controls_of(rule)
        .iter()
        .filter(|control| control.framework == "AWS Config")
        .map(|control| control.id.to_uppercase().replace('-', "_"))
        .collect();
    results
        .iter()
        .filter(|result| asked.contains(&result.identifier))
        .map(|result| ConfigOpinion {
            rule: result.rule.clone(),
            compliance: result.compliance,
            recorded_at: result.recorded_at,
            differs: (!agree(outcome.verdict, result.compliance))
                .then(|| why(rule, outcome, resource, result)),
        })
        .collect()
}

fn agree(verdict: CheckResult, compliance: Compliance) -> bool {
    matches!(
        (verdict, compliance),
        (CheckResult::Pass, Compliance::Compliant)
            | (CheckResult::Fail, Compliance::NonCompliant)
            | (CheckResult::NotApplicable, Compliance::NotApplicable)
            | (CheckResult::Unknown, Compliance::InsufficientData)
    )
}

/// The most likely reason, the most certain first.
fn why(
    rule: &PolicyRule,
    outcome: &Outcome,
    resource: &ResourceFacts,
    result: &ConfigResult,
) -> String {
    if result.compliance == Compliance::InsufficientData {
        return "AWS Config has not evaluated it yet.".into();
    }
    if outcome.verdict == CheckResult::Unknown {
        return "The console does not know enough to decide; AWS Config says that it does.".into();
    }
    if let (Some(changed), Some(recorded)) = (resource.changed_at, result.recorded_at)
        && recorded < changed
    {
        return format!(
            "AWS Config looked at it on {}, before it was changed on {}.",
            day(recorded),
            day(changed)
        );
    }
    if outcome.verdict == CheckResult::NotApplicable {
        return format!("The check leaves it out: {}", lower(&outcome.says));
    }
    match rule {
        PolicyRule::RotationInterval { max_days } => of_limit(
            *max_days,
            limit(result, "maximumAllowedRotationFrequency"),
            None,
            "days between two runs",
        ),
        PolicyRule::RotationEnabled {} => limit(result, "maximumAllowedRotationFrequency").map(|days| {
            format!("AWS Config's rule asks for a run every {days} days as well; the check asks whether rotation is on.")
        }),
        PolicyRule::ValueAge { max_days } => of_limit(
            *max_days,
            limit(result, "maxDaysSinceRotation"),
            Some(90),
            "days",
        )
        .or_else(|| {
            Some("AWS Config counts from the last rotation; the check counts from the day on which the value was made.".into())
        }),
        PolicyRule::Unused { days, .. } => {
            of_limit(*days, limit(result, "unusedForDays"), Some(90), "days without a read").or_else(|| {
                Some("AWS Config looks at one Region; the check counts reads of every replica, and gives time to what is new.".into())
            })
        }
        PolicyRule::RotatedAsScheduled {} => Some(scheduled(outcome)),
        _ => None,
    }
    .unwrap_or_else(|| match result.recorded_at {
        Some(recorded) => format!("AWS Config looked at it on {}; the check looks at it now.", day(recorded)),
        None => "AWS Config does not say when it looked at it.".into(),
    })
}

/// AWS Config computes the date of a missed rotation. The evidence has the date that the check used.
fn scheduled(outcome: &Outcome) -> String {
    let fact = |name: &str| {
        outcome.evidence.iter().find(|one| one.fact == name).map(|one| one.value.as_str())
    };
    match (fact("NextRotationDate"), fact("due by")) {
        (Some(next), _) => format!(
            "AWS Config works out from the last rotation when the next was due; the check goes by NextRotationDate, {next}, which also moves when a value is put by hand or the schedule changes."
        ),
        (None, Some(due)) => format!(
            "AWS gives no NextRotationDate: the check allows the longest pause of the schedule, until {due}; AWS Config works out the date by itself."
        ),
        (None, None) => "AWS Config works out by itself when a rotation was due.".into(),
    }
}

/// A number of days that differs from the check's.
fn of_limit(ours: u32, theirs: Option<u64>, default: Option<u64>, what: &str) -> Option<String> {
    match theirs.or(default) {
        Some(theirs) if theirs == u64::from(ours) => None,
        Some(theirs) => {
            Some(format!("AWS Config's rule allows {theirs} {what}; the check allows {ours}."))
        }
        None => Some(format!("AWS Config's rule names no limit; the check allows {ours} {what}.")),
    }
}

/// A number among the rule's parameters, which AWS returns as text.
fn limit(result: &ConfigResult, name: &str) -> Option<u64> {
    let parameters: Value = serde_json::from_str(result.parameters.as_deref()?).ok()?;
    let value = parameters.get(name)?;
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_domain::facts::{Detail, SecretFacts};
    use time::macros::datetime;

    fn secret() -> ResourceFacts {
        ResourceFacts {
            arn: "arn:aws:secretsmanager:us-east-1:111122223333:secret:a-AbCdEf".parse().unwrap(),
            name: "a".into(),
            description: None,
            tags: None,
            kms_key_id: None,
            is_aws_managed_key: false,
            created_at: None,
            changed_at: Some(datetime!(2026-01-10 00:00 UTC)),
            detail: Detail::Secret(SecretFacts::default()),
        }
    }

    fn result(identifier: &str, compliance: Compliance, parameters: &str) -> ConfigResult {
        ConfigResult {
            rule: "the-rule".into(),
            identifier: identifier.into(),
            parameters: Some(parameters.into()),
            resource: secret().arn.to_string(),
            compliance,
            recorded_at: Some(datetime!(2026-01-12 00:00 UTC)),
            annotation: None,
        }
    }

    fn differs(rule: &PolicyRule, outcome: &Outcome, result: ConfigResult) -> Option<String> {
        config_opinions(rule, outcome, &secret(), &[result]).pop().unwrap().differs
    }

    #[test]
    fn only_the_rule_that_asks_the_same_is_shown() {
        let unused = result("SECRETSMANAGER_SECRET_UNUSED", Compliance::Compliant, "{}");
        let pass = Outcome::pass("");
        assert!(
            config_opinions(
                &PolicyRule::RotationEnabled {},
                &pass,
                &secret(),
                std::slice::from_ref(&unused)
            )
            .is_empty()
        );
        let rule = PolicyRule::Unused { days: 90, grace_days: None };
        assert_eq!(differs(&rule, &pass, unused), None);
    }

    #[test]
    fn a_disagreement_is_explained() {
        const ENABLED: &str = "SECRETSMANAGER_ROTATION_ENABLED_CHECK";
        const AGE: &str = "SECRETSMANAGER_SECRET_PERIODIC_ROTATION";
        let (pass, fail) = (Outcome::pass(""), Outcome::fail(""));
        let interval = PolicyRule::RotationInterval { max_days: 30 };
        let said =
            |rule: &PolicyRule, outcome: &Outcome, id: &str, compliance, parameters: &str| {
                differs(rule, outcome, result(id, compliance, parameters)).unwrap()
            };
        assert_eq!(
            said(
                &interval,
                &fail,
                ENABLED,
                Compliance::Compliant,
                r#"{"maximumAllowedRotationFrequency": "60"}"#
            ),
            "AWS Config's rule allows 60 days between two runs; the check allows 30."
        );
        assert!(
            said(&interval, &fail, ENABLED, Compliance::Compliant, "{}").contains("names no limit")
        );
        let age = PolicyRule::ValueAge { max_days: 365 };
        assert!(said(&age, &pass, AGE, Compliance::NonCompliant, "").contains("allows 90 days"));
        let age = PolicyRule::ValueAge { max_days: 90 };
        assert!(
            said(&age, &pass, AGE, Compliance::NonCompliant, "{}")
                .contains("from the last rotation")
        );
        let unknown = Outcome::unknown("");
        assert!(
            said(&age, &unknown, AGE, Compliance::Compliant, "{}").contains("does not know enough")
        );
        assert!(
            said(&age, &pass, AGE, Compliance::InsufficientData, "{}")
                .contains("not evaluated it yet")
        );
        let mut old = result(ENABLED, Compliance::NonCompliant, "{}");
        old.recorded_at = Some(datetime!(2026-01-05 00:00 UTC));
        assert_eq!(
            differs(&PolicyRule::RotationEnabled {}, &pass, old).unwrap(),
            "AWS Config looked at it on 2026-01-05, before it was changed on 2026-01-10."
        );
    }

    #[test]
    fn beside_a_scheduled_rotation_stands_the_fact_that_decided() {
        const SUCCESS: &str = "SECRETSMANAGER_SCHEDULED_ROTATION_SUCCESS_CHECK";
        let rule = PolicyRule::RotatedAsScheduled {};
        let said = |outcome: &Outcome| {
            differs(&rule, outcome, result(SUCCESS, Compliance::NonCompliant, "{}")).unwrap()
        };
        let by_date = said(&Outcome::pass("").with("NextRotationDate", "2026-02-01"));
        assert!(by_date.contains("NextRotationDate, 2026-02-01"), "{by_date}");
        let by_schedule = said(&Outcome::pass("").with("due by", "2026-02-03"));
        assert!(by_schedule.contains("until 2026-02-03"), "{by_schedule}");
    }
}
