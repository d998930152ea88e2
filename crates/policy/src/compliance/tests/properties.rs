//! Properties of every case: over time, and for any text.

use super::*;
use proptest::prelude::*;

fn any_case() -> impl Strategy<Value = Case> {
    (
        prop::option::of(any::<bool>()),
        prop::option::of(0i64..200),
        prop::option::of(-100i64..100),
        prop::option::of(0i64..400),
        0i64..500,
        prop::option::of(0i64..500),
    )
        .prop_map(|(enabled, last, next, used, born, made)| {
            let mut case = on(last, next, "rate(30 days)");
            if let Detail::Secret(facts) = &mut case.resource.detail {
                facts.rotation.enabled = enabled;
            }
            case.resource.created_at = Some(ago(born));
            case.used_on = used.map(|days| ago(days).date());
            if let Some(deep) = &mut case.deep {
                deep.versions = Reading::Read(vec![DatedVersion {
                    id: "v".into(),
                    stages: vec!["AWSCURRENT".into()],
                    created_at: made.map(ago),
                    key_ids: Vec::new(),
                }]);
            }
            case
        })
}

const TIMED: [&str; 5] = [
    "rotated-as-scheduled: {}",
    "rotation-failing: {}",
    "rotation-stuck: {grace-hours: 24}",
    "value-age: {max-days: 90}",
    "unused: {days: 90}",
];

proptest! {
    /// With the same facts, time turns a pass into a fail, and never back.
    #[test]
    fn time_only_moves_verdicts_forward(case in any_case(), rule in 0..TIMED.len(), later in 0i64..400) {
        let policy = policy(TIMED[rule]);
        let before = outcome_at(&policy, &case, NOW).unwrap();
        let at = NOW + Duration::hours(later * 7);
        let after = outcome_at(&policy, &case, at).unwrap();
        prop_assert!(before.verdict == after.verdict || (before.verdict, after.verdict) == (Pass, Fail));
        // And the outcome said when.
        if before.verdict != after.verdict {
            prop_assert!(before.until.is_some_and(|until| until <= at));
        } else if let Some(until) = before.until {
            prop_assert!(at >= until || after.verdict == before.verdict);
        }
    }

    #[test]
    fn at_the_moment_it_names_the_verdict_changes(case in any_case(), rule in 0..TIMED.len()) {
        let policy = policy(TIMED[rule]);
        let now = outcome_at(&policy, &case, NOW).unwrap();
        if let Some(until) = now.until {
            prop_assert_ne!(outcome_at(&policy, &case, until).unwrap().verdict, now.verdict);
        }
    }

    #[test]
    fn no_text_makes_the_reader_of_policies_fall_over(text in "[-a-z:{}\\[\\]\n #'\"&*!|>]{0,200}") {
        let _ = read_policies(&text);
    }
}
