//! The built-in rules, each in AWS's terms. A rule says fail only where the facts say so; where a fact is missing it
//! says unknown.

use super::{Facts, Policy, Rule, World, day, listed, schedule};
use crate::exposure::{self, Exposure};
use claviger_domain::{
    facts::{
        DeepFacts, Detail, KeyClass, ParameterFacts, ParameterType, Reading, ResourceFacts,
        SecretFacts,
    },
    governance::{Outcome, view::Standing},
    ids::Region,
};
use regex::{Regex, RegexBuilder};
use std::collections::BTreeMap;
use time::{Duration, OffsetDateTime};

/// A pattern that cannot grow without bounds.
pub(super) fn pattern(text: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(text).size_limit(1 << 20).build()
}

pub(super) fn judge(
    policy: &Policy,
    facts: &Facts<'_>,
    world: &World,
    now: OffsetDateTime,
) -> Outcome {
    let resource = facts.resource;
    match (&policy.rule, &resource.detail) {
        (Rule::RequiredTags { tags }, _) => required_tags(resource, tags),
        (Rule::Owner {}, _) => owner(resource),
        (Rule::Naming { .. }, _) => naming(resource, policy.pattern.as_ref()),
        (Rule::CustomerManagedKey {}, _) => customer_key(resource),
        (Rule::ValueAge { max_days }, _) => value_age(facts, *max_days, now),
        (rule, Detail::Secret(secret)) => of_secret(rule, secret, facts, world, now),
        (rule, Detail::Parameter(parameter)) => {
            of_parameter(rule, parameter, resource, policy.pattern.as_ref())
        }
    }
}

fn of_secret(
    rule: &Rule,
    secret: &SecretFacts,
    facts: &Facts<'_>,
    world: &World,
    now: OffsetDateTime,
) -> Outcome {
    if let Rule::DeletionInUse { days } = rule {
        return deletion_in_use(secret, facts, *days);
    }
    if let Some(at) = secret.deleted_at {
        return Outcome::not_applicable("It is pending deletion.").with("DeletedDate", day(at));
    }
    if let Some(primary) = secret.primary_region.as_ref().filter(|primary| *primary != facts.region)
    {
        return Outcome::not_applicable("It is a replica: its primary is judged.")
            .with("PrimaryRegion", primary);
    }
    match rule {
        Rule::RotationEnabled {} => rotation_enabled(secret),
        Rule::RotationInterval { max_days } => rotation_interval(secret, *max_days),
        Rule::RotatedAsScheduled {} => rotated_as_scheduled(secret, facts, now),
        Rule::RotationFailing {} => rotation_failing(secret, now),
        Rule::RotationStuck { grace_hours } => {
            rotation_stuck(secret, facts.deep, *grace_hours, now)
        }
        Rule::Unused { days, grace_days } => {
            unused(facts, world, *days, grace_days.unwrap_or(*days), now)
        }
        Rule::ReplicaHealth {} => replica_health(secret, facts.deep),
        Rule::PublicPolicy {}
        | Rule::SharedOutside {}
        | Rule::SharedWithAccount { .. }
        | Rule::WideGrant {} => of_exposure(rule, facts, world),
        _ => Outcome::not_applicable("It is about parameters."),
    }
}

// Rotation.

fn is_on(secret: &SecretFacts) -> bool {
    secret.rotation.enabled == Some(true)
}

fn rotation_word(secret: &SecretFacts) -> &'static str {
    match secret.rotation.enabled {
        Some(true) => "true",
        Some(false) => "false",
        None => "absent: never configured",
    }
}

fn rotation_enabled(secret: &SecretFacts) -> Outcome {
    let outcome = match (secret.rotation.enabled, &secret.rotation.rules) {
        (Some(true), _) => Outcome::pass("Rotation is on."),
        // Rules survive when rotation is switched off.
        (_, Some(_)) => Outcome::fail("Rotation is switched off; its rules are still there."),
        _ => Outcome::fail("Rotation was never set up."),
    };
    managed(outcome.with("RotationEnabled", rotation_word(secret)), secret)
}

fn managed(outcome: Outcome, secret: &SecretFacts) -> Outcome {
    match &secret.owning_service {
        Some(service) => outcome.with("OwningService", service),
        None => outcome,
    }
}

fn rotation_interval(secret: &SecretFacts, max_days: u32) -> Outcome {
    if !is_on(secret) {
        return Outcome::fail("Rotation is not on.").with("RotationEnabled", rotation_word(secret));
    }
    let Some(rules) = &secret.rotation.rules else {
        return Outcome::unknown("Rotation is on, but AWS gives no rules.");
    };
    let said = rules.schedule_expression.clone().unwrap_or_else(|| {
        format!("every {} days", rules.automatically_after_days.unwrap_or_default())
    });
    let outcome = match schedule::longest_pause(rules) {
        Err(why) => Outcome::unknown(format!("How often it rotates is not known: {why}.")),
        Ok(pause) if pause <= Duration::days(i64::from(max_days)) => {
            Outcome::pass("It rotates often enough.")
        }
        Ok(_) => Outcome::fail("It rotates too seldom."),
    };
    outcome.with("RotationRules", said).with("at most", format!("{max_days} days"))
}

fn rotated_as_scheduled(secret: &SecretFacts, facts: &Facts<'_>, now: OffsetDateTime) -> Outcome {
    if !is_on(secret) {
        return Outcome::not_applicable("Rotation is not on.")
            .with("RotationEnabled", rotation_word(secret));
    }
    let pause = secret.rotation.rules.as_ref().map(schedule::longest_pause);
    let Some(Ok(pause)) = pause else {
        return Outcome::unknown(
            "Its schedule cannot be understood, so nothing can be said of it.",
        );
    };
    // Never rotated: it is due once a whole pause has passed since it was there.
    let (since, fact) = match (secret.rotation.last_rotated_at, facts.resource.created_at) {
        (Some(at), _) => (at, "LastRotatedDate"),
        (None, Some(at)) => (at, "CreatedDate"),
        (None, None) => {
            return Outcome::unknown("AWS gives neither LastRotatedDate nor CreatedDate.");
        }
    };
    // The window of a schedule by days is the whole of its UTC day.
    let due = (since + pause).replace_time(time::Time::MIDNIGHT) + Duration::days(1);
    let outcome = if now < due {
        Outcome::pass("It was rotated within its schedule.").until(due)
    } else {
        Outcome::fail("A scheduled rotation did not happen.")
    };
    let outcome = outcome.with(fact, day(since)).with("due by", day(due));
    match secret.rotation.next_rotation_at {
        Some(next) => outcome.with("NextRotationDate", day(next)),
        None => outcome,
    }
}

fn rotation_failing(secret: &SecretFacts, now: OffsetDateTime) -> Outcome {
    if !is_on(secret) {
        return Outcome::not_applicable("Rotation is not on.")
            .with("RotationEnabled", rotation_word(secret));
    }
    match secret.rotation.next_rotation_at {
        // "On or before": until then it is not late.
        Some(next) if next < now => Outcome::fail("Rotation has failed since its date passed.")
            .with("NextRotationDate", day(next)),
        Some(next) => Outcome::pass("Its next rotation lies ahead.")
            .with("NextRotationDate", day(next))
            .until(next + Duration::seconds(1)),
        None => Outcome::unknown("Rotation is on, but AWS gives no NextRotationDate."),
    }
}

fn rotation_stuck(
    secret: &SecretFacts,
    deep: Option<&DeepFacts>,
    grace_hours: u32,
    now: OffsetDateTime,
) -> Outcome {
    let Some(version) = secret.stuck_version() else {
        return Outcome::pass("No version but AWSCURRENT holds AWSPENDING.");
    };
    let made = deep.and_then(|deep| deep.stage_made("AWSPENDING"));
    let grace = Duration::hours(i64::from(grace_hours));
    match made {
        Some(made) if grace_hours > 0 && now < made + grace => {
            Outcome::pass("A rotation is under way.")
                .with("AWSPENDING since", day(made))
                .until(made + grace)
        }
        Some(made) => Outcome::fail("A rotation is stuck.")
            .with("AWSPENDING", version)
            .with("AWSPENDING since", day(made)),
        None => Outcome::fail("A rotation is stuck.").with("AWSPENDING", version),
    }
}

fn value_age(facts: &Facts<'_>, max_days: u32, now: OffsetDateTime) -> Outcome {
    let (made, fact) = match &facts.resource.detail {
        Detail::Parameter(parameter) => {
            if parameter.parameter_type != ParameterType::SecureString {
                return Outcome::not_applicable("It is a plain parameter.");
            }
            // Every PutParameter makes a version, and nothing else moves the date.
            (facts.resource.changed_at, "LastModifiedDate")
        }
        Detail::Secret(secret) => {
            if let Some(at) = secret.deleted_at {
                return Outcome::not_applicable("It is pending deletion.")
                    .with("DeletedDate", day(at));
            }
            if secret.primary_region.as_ref().is_some_and(|primary| primary != facts.region) {
                return Outcome::not_applicable("It is a replica: its primary is judged.");
            }
            match facts.deep.map(|deep| &deep.versions) {
                None => return Outcome::unknown("Its versions have not been read yet."),
                Some(Reading::Refused(code)) => {
                    return Outcome::unknown("AWS did not let the console read its versions.")
                        .with("ListSecretVersionIds", code);
                }
                Some(Reading::Read(_)) => {}
            }
            (facts.deep.and_then(|deep| deep.stage_made("AWSCURRENT")), "AWSCURRENT since")
        }
    };
    let Some(made) = made else {
        return Outcome::unknown("AWS gives no date for its value.");
    };
    let old = made + Duration::days(i64::from(max_days));
    let outcome = if now < old {
        Outcome::pass("Its value is recent enough.").until(old)
    } else {
        Outcome::fail("Its value is too old.")
    };
    outcome.with(fact, day(made)).with("at most", format!("{max_days} days"))
}

// Use.

fn unused(
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

fn deletion_in_use(secret: &SecretFacts, facts: &Facts<'_>, days: u32) -> Outcome {
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

fn replica_health(secret: &SecretFacts, deep: Option<&DeepFacts>) -> Outcome {
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

// Encryption.

fn customer_key(resource: &ResourceFacts) -> Outcome {
    let key = resource.kms_key_id.as_deref().unwrap_or("absent: the AWS managed key");
    match resource.key_class() {
        KeyClass::CustomerManaged => {
            Outcome::pass("It is under a customer-managed key.").with("KmsKeyId", key)
        }
        KeyClass::AwsManaged => {
            Outcome::fail("It is under the AWS managed key.").with("KmsKeyId", key)
        }
        KeyClass::Plain => Outcome::not_applicable("It is a plain parameter, under no key at all."),
    }
}

// Tags and names.

fn required_tags(resource: &ResourceFacts, wanted: &BTreeMap<String, Vec<String>>) -> Outcome {
    let Some(tags) = &resource.tags else {
        return Outcome::unknown("Its tags could not be read.");
    };
    let mut outcome = Outcome::pass("It has the tags that are asked for.");
    let mut wrong = |key: &str, what: String| {
        if outcome.evidence.is_empty() {
            outcome = Outcome::fail("Tags are missing, or have a value that is not allowed.");
        }
        outcome = outcome.clone().with(key, what);
    };
    for (key, values) in wanted {
        match tags.get(key) {
            Some(value) if value.trim().is_empty() => wrong(key, "is blank".into()),
            Some(value) if !values.is_empty() && !values.contains(value) => {
                wrong(key, format!("is {value}; allowed are {}", values.join(", ")));
            }
            Some(_) => {}
            None => {
                let near = tags.keys().find(|other| other.eq_ignore_ascii_case(key));
                wrong(
                    key,
                    match near {
                        Some(other) => format!("is missing; {other} is another tag"),
                        None => "is missing".into(),
                    },
                );
            }
        }
    }
    outcome
}

fn owner(resource: &ResourceFacts) -> Outcome {
    let Some(tags) = &resource.tags else {
        return Outcome::unknown("Its tags could not be read.");
    };
    if let Some(owner) = tags.get("owner").filter(|value| !value.trim().is_empty()) {
        return Outcome::pass("It has an owner.").with("owner", owner);
    }
    let outcome = Outcome::fail("No tag names its owner.");
    match tags.keys().find(|key| key.eq_ignore_ascii_case("owner")) {
        Some(other) => outcome.with("tag", format!("{other} is another tag than owner")),
        None => outcome,
    }
}

fn naming(resource: &ResourceFacts, pattern: Option<&Regex>) -> Outcome {
    if matches!(&resource.detail, Detail::Secret(SecretFacts { owning_service: Some(_), .. })) {
        return Outcome::not_applicable("Another AWS service named it.");
    }
    let Some(pattern) = pattern else {
        return Outcome::unknown("The policy's pattern cannot be used.");
    };
    if pattern.is_match(&resource.name) {
        Outcome::pass("Its name is as it should be.")
    } else {
        Outcome::fail("Its name is not as it should be.").with("pattern", pattern.as_str())
    }
}

// Parameters.

/// Words by which a credential is known.
const CREDENTIAL_WORDS: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "api-key",
    "api_key",
    "private-key",
    "private_key",
    "privatekey",
    "credential",
    "credentials",
    "access-key",
    "access_key",
    "client-secret",
    "client_secret",
    "jwt-key",
];

fn of_parameter(
    rule: &Rule,
    parameter: &ParameterFacts,
    resource: &ResourceFacts,
    pattern: Option<&Regex>,
) -> Outcome {
    let is_secure = parameter.parameter_type == ParameterType::SecureString;
    match rule {
        Rule::SecureStringRequired { .. } => match pattern {
            None => Outcome::unknown("The policy's pattern cannot be used."),
            Some(pattern) if !pattern.is_match(&resource.name) => {
                Outcome::not_applicable("Its name does not ask for it.")
            }
            Some(_) if is_secure => Outcome::pass("It is a SecureString."),
            Some(pattern) => Outcome::fail("It should be a SecureString.")
                .with("Type", parameter.parameter_type)
                .with("pattern", pattern.as_str()),
        },
        Rule::PlainCredential {} if is_secure => Outcome::not_applicable("It is a SecureString."),
        Rule::PlainCredential {} => match credential_word(&resource.name) {
            Some(word) => Outcome::fail("A plain parameter has the name of a credential.")
                .with("Type", parameter.parameter_type)
                .with("its name has", word),
            None => Outcome::pass("Its name is not that of a credential."),
        },
        Rule::AdvancedExpiration { .. } => advanced_expiration(parameter, resource, pattern),
        _ => Outcome::not_applicable("It is about secrets of Secrets Manager."),
    }
}

/// The word in the last parts of a name that says it is a credential; `tokens-per-minute` is none.
fn credential_word(name: &str) -> Option<&'static str> {
    let leaf = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    CREDENTIAL_WORDS.iter().copied().find(|word| {
        leaf == *word || leaf.strip_suffix(word).is_some_and(|rest| rest.ends_with(['-', '_', '.']))
    })
}

fn advanced_expiration(
    parameter: &ParameterFacts,
    resource: &ResourceFacts,
    pattern: Option<&Regex>,
) -> Outcome {
    if parameter.tier.as_deref() != Some("Advanced") {
        return Outcome::not_applicable("It is not of the advanced tier.")
            .with("Tier", parameter.tier.as_deref().unwrap_or("absent"));
    }
    if pattern.is_some_and(|pattern| !pattern.is_match(&resource.name)) {
        return Outcome::not_applicable("Its name does not ask for it.");
    }
    let is_expiration = |text: &String| {
        serde_json::from_str::<serde_json::Value>(text)
            .ok()
            .and_then(|policy| Some(policy.get("Type")?.as_str()? == "Expiration"))
    };
    let kinds: Vec<Option<bool>> = parameter.policies.iter().map(is_expiration).collect();
    if kinds.contains(&Some(true)) {
        Outcome::pass("It has an expiration.")
    } else if kinds.contains(&None) {
        Outcome::unknown("One of its policies cannot be read.")
    } else {
        Outcome::fail("It is advanced, and has no expiration.").with("Tier", "Advanced")
    }
}

// Exposure.

fn of_exposure(rule: &Rule, facts: &Facts<'_>, world: &World) -> Outcome {
    let text = match facts.deep.map(|deep| &deep.resource_policy) {
        None => return Outcome::unknown("Its resource policy has not been read yet."),
        Some(Reading::Refused(code)) => {
            return Outcome::unknown("AWS did not let the console read its resource policy.")
                .with("GetResourcePolicy", code);
        }
        Some(Reading::Read(None)) => return Outcome::pass("It has no resource policy."),
        Some(Reading::Read(Some(text))) => text,
    };
    let arn = facts.resource.arn.as_str();
    match exposure::analyse(text, arn, &facts.place.account, &world.around) {
        Err(fault) => Outcome::unknown("Its resource policy cannot be understood.")
            .with("ResourcePolicy", fault.to_string()),
        Ok(exposure) => judge_exposure(rule, &exposure, facts),
    }
}

/// Whether somebody let in is one too many.
type Bad<'a> = Box<dyn Fn(&exposure::Grantee) -> bool + 'a>;

fn judge_exposure(rule: &Rule, exposure: &Exposure, facts: &Facts<'_>) -> Outcome {
    let is_other = |place: Standing| {
        !matches!(place, Standing::SameAccount | Standing::Service | Standing::Undecided)
    };
    let (bad, good, undecided): (Bad<'_>, &str, bool) = match rule {
        Rule::PublicPolicy {} => (
            Box::new(|grantee| grantee.standing == Standing::Everyone),
            "Its resource policy does not let just anyone in.",
            false,
        ),
        Rule::SharedOutside {} => (
            Box::new(|grantee| grantee.standing >= Standing::Outside),
            "Its resource policy stays within the Organization.",
            true,
        ),
        Rule::SharedWithAccount { allowed } => (
            Box::new(move |grantee| {
                let named = |account: &claviger_domain::ids::AccountId| {
                    grantee.principal == account.as_str()
                        || grantee.principal.contains(&format!("::{account}:"))
                };
                is_other(grantee.standing) && !allowed.iter().any(named)
            }),
            "Its resource policy lets no other account in.",
            true,
        ),
        _ => (
            Box::new(move |grantee| {
                grantee.wide_actions || (grantee.is_wide && is_other(grantee.standing))
            }),
            "Its resource policy names whom it means, and what they may do.",
            false,
        ),
    };
    let found: Vec<&exposure::Grantee> = exposure.grantees.iter().filter(|g| bad(g)).collect();
    if found.is_empty() {
        let unclear: Vec<&exposure::Grantee> =
            exposure.grantees.iter().filter(|g| g.standing == Standing::Undecided).collect();
        if undecided && !unclear.is_empty() {
            return evidence(
                Outcome::unknown(
                    "Whom its resource policy lets in cannot be decided from it alone.",
                ),
                &unclear,
            );
        }
        return Outcome::pass(good);
    }
    let says = match rule {
        Rule::PublicPolicy {} => "Its resource policy lets anyone in.",
        Rule::SharedOutside {} => "Its resource policy reaches outside the Organization.",
        Rule::SharedWithAccount { .. } => "Its resource policy lets another account in.",
        _ => "Its resource policy allows more than it needs to.",
    };
    let outcome = evidence(Outcome::fail(says), &found);
    // AWS refuses other accounts under the AWS managed key, whatever the policy says; a change of key would open it.
    if facts.resource.key_class() == KeyClass::AwsManaged
        && found.iter().any(|g| is_other(g.standing))
    {
        return outcome.with(
            "KmsKeyId",
            "the AWS managed key, under which other accounts cannot decrypt it today",
        );
    }
    outcome
}

fn evidence(outcome: Outcome, grantees: &[&exposure::Grantee]) -> Outcome {
    grantees.iter().fold(outcome, |outcome, grantee| {
        let conditions = if grantee.conditions.is_empty() {
            String::new()
        } else {
            format!("; {}", grantee.conditions.join("; "))
        };
        outcome.with(
            &format!("Principal {}", grantee.principal),
            format!("{}{conditions}", grantee.actions.join(", ")),
        )
    })
}
