//! What each caller may have under a condition key: what is settled by who it is, what it chooses as it likes, and what
//! it has only where it calls from a certain network.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

use super::{
    callers::{Caller, FILL, NAME, Scene, arn_instances},
    network::{Range, atoms},
    operators::{Base, Set, Slot, Test, moment, number},
    patterns::{arn_parts, filled, has_wildcard, unlike},
};
use time::{Duration, format_description::well_known::Rfc3339};

/// How sure it is that a caller has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// It has it, or can have it if it likes.
    Open,
    /// It cannot be decided.
    Doubtful,
    /// Only from a certain network, or under an id that somebody else has.
    Guarded,
}

/// A value that a caller may have.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) slot: Slot,
    pub(crate) level: Level,
}

fn open(slot: Slot) -> Candidate {
    Candidate { slot, level: Level::Open }
}

fn text(value: impl Into<String>) -> Slot {
    Slot::Text(value.into())
}

/// Global condition keys that a caller settles as it likes, or that say nothing of who it is: each as AWS lists it.
const FREE: &[&str] = &[
    "aws:assumedroot",
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:chatbotsourcearn",
    "aws:ec2instancesourceprivateipv4",
    "aws:federatedprovider",
    "aws:ismcpserviceaction",
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:principaltype",
    "aws:referer",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:resourceorgpaths",
    "aws:sourceidentity",
    "aws:tagkeys",
    "aws:tokenissuetime",
    "aws:useragent",
    "aws:username",
    "aws:vpcsourceip",
];

/// Families of such keys.
const FREE_FAMILIES: &[&str] =
    &["aws:principaltag/", "aws:requesttag/", "aws:resourcetag/", "secretsmanager:"];

/// Keys whose fixed values somebody outside cannot bring at will.
const GUARDED: &[&str] = &[
    "aws:ec2instancesourcevpc",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:userid",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "ec2:sourceinstancearn",
    "lambda:sourcefunctionarn",
];

/// Keys that are settled by who calls, or by the moment.
const SETTLED: &[&str] = &[
    "aws:currenttime",
    "aws:epochtime",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:requestedregion",
    "aws:securetransport",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:viaawsservice",
];

/// Whether AWS lists the key for requests of Secrets Manager.
pub(crate) fn is_known(key: &str) -> bool {
    SETTLED.contains(&key)
        || FREE.contains(&key)
        || GUARDED.contains(&key)
        || FREE_FAMILIES.iter().any(|family| key.starts_with(family))
}

/// What a caller has under a key that is settled by who it is; `None` for the other keys.
pub(crate) fn of_caller(key: &str, caller: &Caller, tests: &[&Test]) -> Option<Vec<Candidate>> {
    let known = |value: Option<&String>| {
        vec![open(value.map_or(Slot::Absent, |value| text(value.clone())))]
    };
    let is_service = caller.service.is_some();
    Some(match key {
        "aws:principalaccount" => known(caller.account.as_ref()),
        "aws:principalorgid" => known(caller.organization.as_ref()),
        "aws:principalorgpaths" => known(caller.path.as_ref()),
        "aws:principalarn" if !is_service && caller.arn.is_none() => {
            vec![Candidate { slot: Slot::Some, level: Level::Doubtful }]
        }
        "aws:principalarn" => known(caller.arn.as_ref()),
        "aws:principalisawsservice" => vec![open(text(is_service.to_string()))],
        "aws:principalservicename" | "aws:principalservicenameslist" => {
            known(caller.service.as_ref())
        }
        "aws:sourceaccount" | "aws:sourceowner" | "aws:sourceorgid" | "aws:sourceorgpaths"
        | "aws:sourcearn"
            if is_service =>
        {
            chosen(tests, &[Slot::Absent], Level::Open)
        }
        "aws:sourceaccount" | "aws:sourceowner" => at_will(caller.account.as_ref()),
        "aws:sourceorgid" => at_will(caller.organization.as_ref()),
        "aws:sourceorgpaths" => at_will(caller.path.as_ref()),
        "aws:sourcearn" => source_arns(caller.account.as_deref().unwrap_or_default(), tests),
        _ => return None,
    })
}

/// Only a request that something of the caller's set off has it.
fn at_will(value: Option<&String>) -> Vec<Candidate> {
    let mut found = vec![open(Slot::Absent)];
    found.extend(value.map(|value| open(text(value.clone()))));
    found
}

/// ARNs of what may have set the request off, in the caller's own account.
fn source_arns(account: &str, tests: &[&Test]) -> Vec<Candidate> {
    let mut found = at_will(Some(&format!("arn:aws:zq:zq-zq-9:{account}:{NAME}")));
    found.push(open(text(format!("arn:aws:s3:::{NAME}"))));
    let mut patterns = 0;
    for value in values(tests) {
        // Such as a bucket's, which does not say whose it is.
        let is_nobodys = arn_parts(value).is_some_and(|parts| parts[4].is_empty());
        if is_nobodys && !has_wildcard(value) {
            found.push(Candidate { slot: text(value.clone()), level: Level::Guarded });
            continue;
        }
        let fitting: Vec<String> = if is_nobodys {
            [FILL, ""].map(|fill| filled(value, fill, 'z')).into()
        } else {
            arn_instances(value, account)
        };
        patterns += usize::from(has_wildcard(value) && !fitting.is_empty());
        found.extend(fitting.into_iter().map(|arn| open(text(arn))));
    }
    if patterns > 1 {
        found.push(Candidate { slot: Slot::Some, level: Level::Doubtful });
    }
    found
}

fn values<'a>(tests: &'a [&Test]) -> impl Iterator<Item = &'a String> {
    tests
        .iter()
        .filter(|test| test.operator.is_some_and(|operator| operator.base != Base::Null))
        .flat_map(|test| &test.values)
}

/// What any caller may have under a key that is not settled by who it is.
pub(crate) fn of_anybody(key: &str, tests: &[&Test], scene: Scene<'_>) -> Vec<Candidate> {
    let now = scene.now;
    let flags = || vec![open(text("true")), open(text("false"))];
    match key {
        "aws:currenttime" => {
            vec![open(now.format(&Rfc3339).map_or(Slot::Some, Slot::Text))]
        }
        "aws:epochtime" => vec![open(text(now.unix_timestamp().to_string()))],
        "aws:requestedregion" => {
            vec![open(text(scene.arn.split(':').nth(3).unwrap_or_default()))]
        }
        "aws:securetransport" | "aws:viaawsservice" => flags(),
        "aws:sourceip" => addresses(tests, Level::Guarded),
        "aws:vpcsourceip" => addresses(tests, Level::Open),
        key if GUARDED.contains(&key) => chosen(tests, &[Slot::Absent], Level::Guarded),
        _ => chosen(tests, &[Slot::Absent], Level::Open),
    }
}

/// Addresses, in pieces that the conditions do not tell apart.
fn addresses(tests: &[&Test], level: Level) -> Vec<Candidate> {
    let ranges: Vec<Range> = values(tests).filter_map(|value| Range::read(value)).collect();
    // Through a VPC endpoint there is no address of the Internet, and the other way round.
    let mut found = vec![open(Slot::Absent)];
    found.extend(
        atoms(&ranges).into_iter().map(|range| Candidate { slot: Slot::Network(range), level }),
    );
    found
}

/// Values that no condition is written for.
const FRESH: [&str; 4] = ["zqzqzq", "~~~~~~~", "%%%%%%%%%", ""];

/// Values that differ wherever a condition tells them apart. `fixed` is the level of those that are written out.
fn chosen(tests: &[&Test], always: &[Slot], fixed: Level) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = always.iter().cloned().map(open).collect();
    let written: Vec<&str> = values(tests).map(String::as_str).collect();
    found.push(open(text(unlike(&FRESH, &written))));
    let (mut patterns, mut is_odd, mut sets) = (0, false, 0);
    let mut fixed_values = Vec::new();
    for test in tests {
        let Some(operator) = test.operator else { continue };
        sets += usize::from(operator.set != Set::One);
        if operator.base == Base::Null {
            continue;
        }
        for value in &test.values {
            let mut add = |value: String, level| {
                found.push(Candidate { slot: text(value), level });
            };
            match operator.base {
                Base::Like | Base::Arn if has_wildcard(value) => {
                    patterns += 1;
                    for (many, one) in [(FILL, 'z'), ("", '0')] {
                        add(filled(value, many, one), Level::Open);
                    }
                }
                Base::Number(_) => {
                    let number = number(value).unwrap_or_default();
                    for near in [number - 1.0, number, number + 1.0] {
                        add(near.to_string(), Level::Open);
                    }
                }
                Base::Date(_) => {
                    let seconds = [-1, 0, 1].into_iter().filter_map(|seconds| {
                        moment(value)?.checked_add(Duration::seconds(seconds))
                    });
                    seconds
                        .filter_map(|at| at.format(&Rfc3339).ok())
                        .for_each(|at| add(at, Level::Open));
                }
                Base::Bool => {
                    add("true".into(), Level::Open);
                    add("false".into(), Level::Open);
                }
                Base::Ip | Base::Binary => is_odd = true,
                Base::Text { ignores_case: true } => {
                    is_odd |= tests.len() > 1;
                    add(value.clone(), fixed);
                }
                _ => {
                    add(value.clone(), fixed);
                    fixed_values.push(value.clone());
                }
            }
        }
    }
    if sets > 0 && fixed_values.len() > 1 && fixed == Level::Open {
        found.push(open(Slot::Several(fixed_values)));
    }
    // What these have in common, and other sets of values, are not worked out.
    if is_odd || patterns > 1 || sets > 1 {
        found.push(Candidate { slot: Slot::Some, level: Level::Doubtful });
    }
    found
}
