//! The possible values of each caller for a condition key: values that depend on who it is, values that it can choose, and
//! values that it has only when it calls from a certain network.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

use super::{
    callers::{Caller, FILL, NAME, Scene, arn_instances},
    network::{Range, atoms},
    operators::{Base, Set, Slot, Test, moment, number},
    patterns::{arn_parts, filled, has_wildcard, unlike},
};
use time::{Duration, format_description::well_known::Rfc3339};

/// How certain it is that a caller has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// The caller has it, or can choose it.
    Open,
    /// It cannot be determined.
    Doubtful,
    /// Only from a certain network, or with someone else's id.
    Guarded,
}

/// A possible value of a caller.
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

/// Global condition keys that a caller can choose, or that say nothing about who it is: as AWS lists them.
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

/// Keys whose fixed values an outsider cannot choose.
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

/// Keys that depend on who calls, or on the time.
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

/// Whether AWS lists the key for requests to Secrets Manager.
pub(crate) fn is_known(key: &str) -> bool {
    SETTLED.contains(&key)
        || FREE.contains(&key)
        || GUARDED.contains(&key)
        || FREE_FAMILIES.iter().any(|family| key.starts_with(family))
}

/// The caller's values for a key that depends on who it is; `None` for other keys.
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

/// Only a request that the caller's own resource triggered has it.
fn at_will(value: Option<&String>) -> Vec<Candidate> {
    let mut found = vec![open(Slot::Absent)];
    found.extend(value.map(|value| open(text(value.clone()))));
    found
}

/// ARNs of resources in the caller's account that may have triggered the request.
fn source_arns(account: &str, tests: &[&Test]) -> Vec<Candidate> {
    let mut found = at_will(Some(&format!("arn:aws:zq:zq-zq-9:{account}:{NAME}")));
    found.push(open(text(format!("arn:aws:s3:::{NAME}"))));
    let mut patterns = 0;
    for value in values(tests) {
        // Such as a bucket's, which does not show its account.
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

/// Possible values of any caller for a key that does not depend on who it is.
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

/// Addresses, in ranges that the conditions do not distinguish.
fn addresses(tests: &[&Test], level: Level) -> Vec<Candidate> {
    let ranges: Vec<Range> = values(tests).filter_map(|value| Range::read(value)).collect();
    // A request through a VPC endpoint has no Internet address, and vice versa.
    let mut found = vec![open(Slot::Absent)];
    found.extend(
        atoms(&ranges).into_iter().map(|range| Candidate { slot: Slot::Network(range), level }),
    );
    found
}

/// Values that no condition matches.
const FRESH: [&str; 4] = ["zqzqzq", "~~~~~~~", "%%%%%%%%%", ""];

/// Values that differ wherever a condition distinguishes them. `fixed` is the level of values that are written literally.
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
    // Intersections of these, and other sets of values, are not computed.
    if is_odd || patterns > 1 || sets > 1 {
        found.push(Candidate { slot: Slot::Some, level: Level::Doubtful });
    }
    found
}
