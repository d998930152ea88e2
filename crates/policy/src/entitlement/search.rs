//! The answer for one call: over all requests that the policies distinguish, whether each, some or none is admitted.

use super::{
    Answer,
    caller::{Call, Caller},
    free::{OpenKey, Requests, open_keys},
    layers::{Assume, Granted, Layers},
    rules::{Named, Rule, variables},
};
use crate::exposure::{Principal, Principals};
use std::collections::BTreeSet;

/// More combinations of values are not tried.
const MAX_REQUESTS: usize = 4_096;

/// The answer for one call, with what it rests on.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) answer: Answer,
    /// Policies and statements that allow it.
    pub(super) through: Vec<String>,
    /// Conditions that it depends on.
    pub(super) conditions: Vec<String>,
    /// What stands against it.
    pub(super) against: Vec<String>,
    pub(super) not_read: Vec<String>,
}

/// The requests of one assumption.
#[derive(Default)]
struct Tally<'a> {
    admitted: usize,
    refused: usize,
    is_complete: bool,
    by: Vec<&'a Rule>,
    /// Statements that allow every admitted request.
    by_all: Option<Vec<&'a Rule>>,
    denied_by: Vec<&'a Rule>,
    missing: BTreeSet<String>,
    /// Whether a request was admitted in no session that a policy names.
    sessions: BTreeSet<(bool, Option<String>)>,
}

fn note<'a>(all: &mut Vec<&'a Rule>, more: &[&'a Rule]) {
    for rule in more {
        if !all.iter().any(|one| std::ptr::eq(*one, *rule)) {
            all.push(rule);
        }
    }
}

pub(super) fn search(layers: &Layers<'_>, call: &Call<'_>) -> Found {
    let rules = layers.rules();
    let sessions = sessions(layers.caller, layers.resource.rules());
    let relevant: Vec<&Rule> = rules
        .iter()
        .filter(|rule| sessions.iter().any(|s| rule.names(layers.caller, s.as_deref()) > Named::No))
        .copied()
        .collect();
    let keys = open_keys(&relevant, call, layers.caller);
    let run = |assume| tally(layers, call, &keys, &sessions, assume);
    let best = run(Assume::ItAllows);
    let is_doubtful = |tally: &Tally<'_>| {
        tally.admitted > 0 && tally.refused > 0 && keys.iter().any(|key| key.is_doubtful)
    };
    let of = |tally: &Tally<'_>| match (tally.admitted, tally.refused) {
        _ if is_doubtful(tally) => Answer::Unknown,
        (0, _) if tally.is_complete => Answer::Cannot,
        (0, _) => Answer::Unknown,
        (_, 0) if tally.is_complete => Answer::Can,
        _ => Answer::Conditional,
    };
    let is_unsure = relevant.iter().any(|rule| {
        sessions.iter().any(|s| rule.names(layers.caller, s.as_deref()) == Named::Unsure)
    });
    let mut not_read = layers.not_read();
    let (mut answer, mut shown) = (of(&best), best);
    if answer != Answer::Cannot
        && (is_unsure || !not_read.is_empty() || layers.granted != Granted::No)
    {
        let worst = run(Assume::ItDenies);
        match of(&worst) {
            Answer::Cannot => {
                answer = Answer::Unknown;
                if is_unsure {
                    not_read.push(
                        "AWS does not document whether this NotPrincipal applies: it names the principal or its account, not both"
                            .to_owned(),
                    );
                } else if not_read.is_empty() {
                    not_read.push(
                        "AWS does not document whether a grant of the key is enough here"
                            .to_owned(),
                    );
                }
            }
            of_worst => {
                answer = answer.min(of_worst);
                not_read.clear();
                shown = worst;
            }
        }
    } else {
        not_read.clear();
    }
    if answer == Answer::Unknown {
        let doubtful = keys.iter().filter(|key| key.is_doubtful);
        not_read.extend(doubtful.map(|key| format!("the value of {}", key.key)));
        if !shown.is_complete {
            not_read.push(format!("more than {MAX_REQUESTS} combinations of conditions"));
        }
    }
    shown.found(answer, not_read, &keys, &layers.granted)
}

/// No session in particular, and each of this role that a policy names.
fn sessions(caller: &Caller<'_>, rules: &[&Rule]) -> Vec<Option<String>> {
    let mut found = vec![None];
    let Some((account, name)) = caller.arn.as_deref().and_then(|arn| {
        let mut parts = arn.split(':').skip(4);
        let (account, resource) = (parts.next()?, parts.next()?);
        Some((account, resource.strip_prefix("role/")?.rsplit('/').next()?))
    }) else {
        return found;
    };
    for rule in rules {
        let (Principals::Only(all) | Principals::Except(all)) = &rule.statement.principals else {
            continue;
        };
        for principal in all {
            let Principal::Arn(arn) = principal else { continue };
            let parts: Vec<&str> = arn.splitn(6, ':').collect();
            let session = parts.get(5).and_then(|text| text.strip_prefix("assumed-role/"));
            let is_ours = session
                .and_then(|text| text.split_once('/'))
                .is_some_and(|(role, _)| role == name && parts.get(4) == Some(&account));
            if is_ours && !found.contains(&Some(arn.clone())) {
                found.push(Some(arn.clone()));
            }
        }
    }
    found
}

fn tally<'a>(
    layers: &Layers<'a>,
    call: &Call<'_>,
    keys: &[OpenKey],
    sessions: &[Option<String>],
    assume: Assume,
) -> Tally<'a> {
    let count = Requests::count(keys).and_then(|count| count.checked_mul(sessions.len()));
    let mut tally =
        Tally { is_complete: count.is_some_and(|count| count <= MAX_REQUESTS), ..Tally::default() };
    let limit = MAX_REQUESTS / sessions.len().max(1);
    for session in sessions {
        let mut requests = Requests::of(keys, &call.context);
        for _ in 0..limit {
            let Some(context) = requests.next() else { break };
            let decision = layers.decide(call, context, session.as_deref(), assume);
            tally.sessions.insert((decision.admitted, session.clone()));
            if decision.admitted {
                tally.admitted += 1;
                note(&mut tally.by, &decision.by);
                let all = tally.by_all.get_or_insert_with(|| decision.by.clone());
                all.retain(|one| decision.by.iter().any(|other| std::ptr::eq(*one, *other)));
            } else {
                tally.refused += 1;
                note(&mut tally.denied_by, &decision.denied_by);
                tally.missing.extend(decision.missing);
            }
        }
    }
    tally
}

impl Tally<'_> {
    fn found(
        self,
        answer: Answer,
        not_read: Vec<String>,
        keys: &[OpenKey],
        granted: &Granted,
    ) -> Found {
        let is_open = |key: &str| keys.iter().any(|one| one.key.eq_ignore_ascii_case(key));
        let name = |rule: &Rule| format!("{}, {}", rule.policy, rule.label);
        let by = match self.by_all {
            Some(all) if answer == Answer::Can && !all.is_empty() => all,
            _ => self.by,
        };
        let mut through: Vec<String> = by.iter().map(|rule| name(rule)).collect();
        if let (Granted::By(id), true) = (granted, answer >= Answer::Unknown && through.is_empty())
        {
            through.push(format!("grant {id} of the key"));
        }
        let (mut conditions, mut against) = (Vec::new(), Vec::new());
        if matches!(answer, Answer::Conditional | Answer::Unknown) {
            let shown = |rule: &Rule| -> Vec<String> {
                let has_open = |text: &String| variables(text).iter().any(|key| is_open(key));
                let conditions = rule.conditions.iter().map(|(written, _)| written);
                let open = conditions
                    .filter(|one| is_open(&one.key) || one.values.iter().any(has_open))
                    .map(ToString::to_string);
                let resources = rule.statement.resources.iter().filter(|text| has_open(text));
                open.chain(resources.map(|text| format!("Resource {text}"))).collect()
            };
            for rule in &by {
                conditions
                    .extend(shown(rule).into_iter().map(|text| format!("{text} ({})", name(rule))));
            }
            for rule in &self.denied_by {
                let text = shown(rule);
                if !text.is_empty() {
                    conditions.push(format!("not while {} ({})", text.join(" and "), name(rule)));
                }
            }
            for (admitted, session) in &self.sessions {
                let other = self.sessions.contains(&(!admitted, session.clone()));
                if let (Some(arn), false) = (session, other) {
                    let only = if *admitted { "in session" } else { "not in session" };
                    let session = arn.rsplit('/').next().unwrap_or_default();
                    if self.sessions.len() > 1 && self.sessions.iter().any(|(a, _)| a != admitted) {
                        conditions.push(format!("{only} {session}"));
                    }
                }
            }
        }
        if answer == Answer::Cannot {
            against.extend(self.denied_by.iter().map(|rule| format!("denied by {}", name(rule))));
            against.extend(self.missing);
        }
        conditions.dedup();
        Found { answer, through, conditions, against, not_read }
    }
}
