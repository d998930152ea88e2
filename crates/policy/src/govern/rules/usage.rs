//! Whether it is in use, and its replicas.

use crate::govern::{Facts, World, day, listed};
use claviger_domain::{
    facts::{DeepFacts, Reading, SecretFacts},
    governance::Outcome,
    ids::Region,
};
use time::{Duration, OffsetDateTime};

pub(super) fn unused(
    facts: &Facts<'_>,
    world: &World,
    days: u32,
    grace_days: u32,
    now: OffsetDateTime,
) -> Outcome {
    let limit = Duration::days(i64::from(days));
    if let Some(used) = facts.used_on {
        // Day granularity: the whole of that day counts.
        let end = used.midnight().assume_utc() + Duration::days(1) + limit;
        if now < end {
            return Outcome::pass("It is in use.").with("LastAccessedDate", used).until(end);
        }
        if let Some(outcome) = unseen_replicas(facts, world) {
            return outcome;
        }
        return Outcome::fail("Nobody has read it for too long.")
            .with("LastAccessedDate", used)
            .with("at most", format!("{days} days"));
    }
    let born = facts.resource.created_at.unwrap_or(facts.first_seen_at);
    let grace = born + Duration::days(i64::from(grace_days));
    if now < grace {
        return Outcome::pass("It is new; nobody has read it yet.")
            .with("CreatedDate", day(born))
            .until(grace);
    }
    unseen_replicas(facts, world).unwrap_or_else(|| {
        Outcome::fail("Nobody has ever read it.")
            .with("LastAccessedDate", "absent")
            .with("CreatedDate", day(born))
    })
}

/// A replica in a Region that no sweep reads may be what is used.
fn unseen_replicas(facts: &Facts<'_>, world: &World) -> Option<Outcome> {
    let Some(Reading::Read(replicas)) = facts.deep.map(|deep| &deep.replicas) else { return None };
    let unseen: Vec<&Region> = replicas
        .iter()
        .map(|r| &r.region)
        .filter(|region| !world.regions.contains(region))
        .collect();
    (!unseen.is_empty()).then(|| {
        Outcome::unknown("It has replicas in Regions that are not swept; they may be in use.")
            .with("Regions not swept", listed(&unseen))
    })
}

pub(super) fn deletion_in_use(secret: &SecretFacts, facts: &Facts<'_>, days: u32) -> Outcome {
    let Some(deleted) = secret.deleted_at else {
        return Outcome::not_applicable("It is not pending deletion.");
    };
    let from = (deleted - Duration::days(i64::from(days))).date();
    let outcome = match facts.used_on {
        Some(used) if used >= from => {
            Outcome::fail("It is pending deletion, and was read shortly before.")
                .with("LastAccessedDate", used)
        }
        Some(used) => Outcome::pass("It was not in use any more.").with("LastAccessedDate", used),
        None => Outcome::pass("Nobody ever read it."),
    };
    outcome.with("DeletedDate", day(deleted))
}

pub(super) fn replica_health(secret: &SecretFacts, deep: Option<&DeepFacts>) -> Outcome {
    if secret.primary_region.is_none() {
        return Outcome::not_applicable("It has no replica.");
    }
    let replicas = match deep.map(|deep| &deep.replicas) {
        None => return Outcome::unknown("The state of its replicas has not been read yet."),
        Some(Reading::Refused(code)) => {
            return Outcome::unknown("AWS did not let the console read the state of its replicas.")
                .with("DescribeSecret", code);
        }
        Some(Reading::Read(replicas)) => replicas,
    };
    if replicas.is_empty() {
        return Outcome::not_applicable("It has no replica.");
    }
    let bad: Vec<_> = replicas.iter().filter(|r| r.status != "InSync").collect();
    let outcome = if bad.is_empty() {
        Outcome::pass("Every replica is in sync.")
    } else if bad.iter().any(|replica| replica.status == "Failed") {
        Outcome::fail("A replica has failed.")
    } else {
        // InProgress, or a word that AWS has added since.
        Outcome::unknown("A replica is not in sync yet.")
    };
    bad.iter().fold(outcome, |outcome, replica| {
        let message = replica.message.as_deref().unwrap_or_default();
        outcome.with(replica.region.as_str(), format!("{} {message}", replica.status).trim_end())
    })
}
