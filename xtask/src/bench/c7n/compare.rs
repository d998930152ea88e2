//! The findings of each side, ARN by ARN, and why they differ.

use super::sides::Fails;
use std::collections::{BTreeMap, BTreeSet};

/// Which side found what the other did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum By {
    Custodian,
    Claviger,
}

/// A known difference for the secrets of one kind.
struct Known {
    policies: &'static [&'static str],
    /// The secret's number modulo `CYCLE`.
    kind: u32,
    by: By,
    /// Only until the second scan.
    is_first_only: bool,
    why: &'static str,
}

/// The simulator has one secret of each kind in this many.
const CYCLE: u32 = 50;

/// Rules that read resource policies.
const SHARING: &[&str] = &["public-policy", "shared-outside"];

const KNOWN: [Known; 5] = [
    Known {
        policies: &["customer-managed-key"],
        kind: 17,
        by: By::Claviger,
        is_first_only: false,
        why: "the secret is pending deletion and can be restored; c7n-org lists without IncludePlannedDeletion and does not see it",
    },
    Known {
        policies: &["customer-managed-key"],
        kind: 12,
        by: By::Custodian,
        is_first_only: true,
        why: "an AWS managed key is named by its ARN: Claviger asks KMS after the list was read and applies the answer with the next scan, where the difference is gone",
    },
    Known {
        policies: SHARING,
        kind: 22,
        by: By::Claviger,
        is_first_only: false,
        why: "aws:SourceIp 0.0.0.0/0 restricts nobody; c7n-org takes any aws:SourceIp for a restriction",
    },
    Known {
        policies: SHARING,
        kind: 32,
        by: By::Claviger,
        is_first_only: false,
        why: "anyone can name an IAM user of their own as aws:username asks; c7n-org takes aws:username for a restriction",
    },
    Known {
        policies: SHARING,
        kind: 24,
        by: By::Custodian,
        is_first_only: false,
        why: "a Deny statement keeps out everyone who is not in the Organization; c7n-org reads Allow statements alone",
    },
];

/// Secrets of one policy that only one side found.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) policy: String,
    pub(super) by: By,
    pub(super) count: usize,
    /// One of them.
    pub(super) arn: String,
    /// `None` if there is no explanation.
    pub(super) why: Option<&'static str>,
}

/// The simulator's number of the secret.
fn number_of(arn: &str) -> Option<u32> {
    arn.rsplit_once("/secret-")?.1.get(..6)?.parse().ok()
}

/// Everything that only one side found.
pub(super) fn differences(theirs: &Fails, ours: &Fails, is_first: bool) -> Vec<Difference> {
    let nothing = BTreeSet::new();
    let policies: BTreeSet<&String> = theirs.keys().chain(ours.keys()).collect();
    let mut found: BTreeMap<(&str, By, Option<&'static str>), (usize, &str)> = BTreeMap::new();
    for policy in policies {
        let theirs = theirs.get(policy).unwrap_or(&nothing);
        let ours = ours.get(policy).unwrap_or(&nothing);
        for arn in theirs.symmetric_difference(ours) {
            let by = if ours.contains(arn) { By::Claviger } else { By::Custodian };
            let kind = number_of(arn).map(|n| n % CYCLE);
            let known = KNOWN.iter().find(|known| {
                known.policies.contains(&policy.as_str())
                    && Some(known.kind) == kind
                    && known.by == by
                    && (is_first || !known.is_first_only)
            });
            let why = known.map(|known| known.why);
            found.entry((policy.as_str(), by, why)).or_insert((0, arn.as_str())).0 += 1;
        }
    }
    found
        .into_iter()
        .map(|((policy, by, why), (count, arn))| Difference {
            policy: policy.to_owned(),
            by,
            count,
            arn: arn.to_owned(),
            why,
        })
        .collect()
}

/// Policies without findings on a side: then nothing is compared.
pub(super) fn empty<'a>(policies: &[&'a str], fails: &Fails) -> Vec<&'a str> {
    let is_empty = |policy: &&&str| fails.get(**policy).is_none_or(BTreeSet::is_empty);
    policies.iter().filter(is_empty).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fails(policy: &str, numbers: &[u32]) -> Fails {
        let arn = |n: &u32| {
            format!(
                "arn:aws:secretsmanager:eu-west-1:300000000000:secret:prod/a/secret-{n:06}-123456"
            )
        };
        BTreeMap::from([(policy.to_owned(), numbers.iter().map(arn).collect())])
    }

    #[test]
    fn equal_sets_do_not_differ() {
        assert_eq!(differences(&fails("owner", &[1, 2]), &fails("owner", &[2, 1]), true), []);
    }

    #[test]
    fn what_nothing_explains_is_told_from_what_is_known() {
        let (theirs, ours) =
            (fails("public-policy", &[6, 24, 74, 8]), fails("public-policy", &[6, 22]));
        let found = differences(&theirs, &ours, true);
        let said: Vec<(By, usize, bool)> =
            found.iter().map(|one| (one.by, one.count, one.why.is_some())).collect();
        assert_eq!(
            said,
            [(By::Custodian, 1, false), (By::Custodian, 2, true), (By::Claviger, 1, true)]
        );
        assert!(found[0].arn.contains("secret-000008"));
        // In the other direction there is no known difference.
        assert!(differences(&ours, &theirs, true).iter().all(|one| one.why.is_none()));
        // Nor for another policy.
        let other = differences(&fails("owner", &[24]), &fails("owner", &[]), true);
        assert!(other[0].why.is_none());
    }

    #[test]
    fn what_the_second_scan_settles_is_no_excuse_after_it() {
        let (theirs, ours) = (fails("customer-managed-key", &[12]), Fails::new());
        assert!(differences(&theirs, &ours, true)[0].why.is_some());
        assert!(differences(&theirs, &ours, false)[0].why.is_none());
    }

    #[test]
    fn a_policy_without_results_is_noticed() {
        let found = fails("owner", &[1]);
        assert_eq!(empty(&["owner", "public-policy"], &found), ["public-policy"]);
        assert_eq!(empty(&["owner"], &fails("owner", &[])), ["owner"]);
    }
}
