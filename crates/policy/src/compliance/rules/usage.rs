//! Rules about use and replicas.

use crate::compliance::{Facts, OrganizationContext, day, listed};
use claviger_domain::{
    compliance::Outcome,
    facts::{Detail, Reading, ResourceDetails, SecretFacts},
    ids::Region,
};
use time::{Duration, OffsetDateTime};

pub(crate) fn unused(
    facts: &Facts<'_>,
    org_context: &OrganizationContext,
    days: u32,
    grace_days: u32,
    now: OffsetDateTime,
) -> Outcome {
    let limit = Duration::days(i64::from(days));
    if let Some(used) = facts.used_on {
        // Day granularity: the whole of that day counts.
        let end = used.midnight().assume_utc().saturating_add(Duration::days(1) + limit);
        if now < end {
            return Outcome::pass("It is in use.").with("LastAccessedDate", used).until(end);
        }
        if let Some(outcome) = unseen_replicas(facts, org_context) {
            return outcome;
        }
        return Outcome::fail("Not accessed recently.")
            .with("LastAccessedDate", used)
            .with("at most", format!("{days} days"));
    }
    let born = facts.resource.created_at.unwrap_or(facts.first_seen_at);
    let grace = born.saturating_add(Duration::days(i64::from(grace_days)));
    if now < grace {
        return Outcome::pass("New; not accessed yet.").with("CreatedDate", day(born)).until(grace);
    }
    unseen_replicas(facts, org_context).unwrap_or_else(|| {
        Outcome::fail("Never accessed.")
            .with("LastAccessedDate", "absent")
            .with("CreatedDate", day(born))
    })
}

/// An unknown replica may be in use: it is in a Region that no scan reads, or it is unknown
/// which replicas exist.
pub(crate) fn unseen_replicas(
    facts: &Facts<'_>,
    org_context: &OrganizationContext,
) -> Option<Outcome> {
    let is_replicated = matches!(
        &facts.resource.detail,
        Detail::Secret(SecretFacts { primary_region: Some(_), .. })
    );
    let replicas = match facts.deep.map(|deep| &deep.replicas) {
        Some(Reading::Read(replicas)) => replicas,
        // Only replicated secrets have a PrimaryRegion.
        _ if !is_replicated => return None,
        Some(Reading::Refused(code)) => {
            return Some(
                Outcome::unknown("It is replicated, and AWS did not let the console read where to; a replica may be in use.")
                    .with("DescribeSecret", code),
            );
        }
        None => {
            return Some(Outcome::unknown(
                "It is replicated, and its replicas have not been read yet; one may be in use.",
            ));
        }
    };
    let unseen: Vec<&Region> = replicas
        .iter()
        .map(|r| &r.region)
        .filter(|region| !org_context.regions.contains(region))
        .collect();
    (!unseen.is_empty()).then(|| {
        Outcome::unknown("It has replicas in Regions that are not scanned; they may be in use.")
            .with("Regions not scanned", listed(&unseen))
    })
}

pub(crate) fn deletion_in_use(secret: &SecretFacts, facts: &Facts<'_>, days: u32) -> Outcome {
    let Some(deleted) = secret.deleted_at else {
        return Outcome::not_applicable("It is not pending deletion.");
    };
    // DeletedDate is the time at which the deletion was requested, not the end of the recovery window.
    let from = deleted.saturating_sub(Duration::days(i64::from(days))).date();
    let outcome = match facts.used_on {
        Some(used) if used >= from => {
            Outcome::fail("It is pending deletion, and was read shortly before.")
                .with("LastAccessedDate", used)
        }
        Some(used) => Outcome::pass("It was not in use any more.").with("LastAccessedDate", used),
        None => Outcome::pass("Never accessed."),
    };
    outcome.with("DeletedDate", day(deleted))
}

pub(crate) fn replica_health(secret: &SecretFacts, deep: Option<&ResourceDetails>) -> Outcome {
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
        // InProgress, or a status that AWS has added since.
        Outcome::unknown("A replica is not in sync yet.")
    };
    bad.iter().fold(outcome, |outcome, replica| {
        let message = replica.message.as_deref().unwrap_or_default();
        outcome.with(replica.region.as_str(), format!("{} {message}", replica.status).trim_end())
    })
}
