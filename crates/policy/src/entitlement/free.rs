//! The requests that differ where the policies distinguish them: one value of each open key for each case.

use super::{
    caller::{Call, Caller, Kind, Known},
    rules::{Rule, values_of_variable},
};
use crate::{
    exposure::{Base, Operator, Set, filled, has_wildcard, moment},
    iam::{Context, literal},
};
use std::{collections::BTreeSet, net::IpAddr};
use time::{Duration, format_description::well_known::Rfc3339};

/// An open key with the values that are tried; an empty list is a request without the key.
#[derive(Debug, Clone)]
pub(super) struct OpenKey {
    pub(super) key: String,
    pub(super) is_doubtful: bool,
    pub(super) values: Vec<Vec<String>>,
}

/// A value that no policy names.
const FRESH: &str = "zqzqzq";
/// For a `*` that may not be empty.
const FILL: &str = "zq";
/// An address that policies do not name: reserved for benchmarks.
const SOME_ADDRESS: &str = "198.19.255.254";

pub(super) fn open_keys(rules: &[&Rule], call: &Call<'_>, caller: &Caller<'_>) -> Vec<OpenKey> {
    let keys: BTreeSet<String> = rules.iter().flat_map(|rule| rule.keys()).collect();
    let known = keys.into_iter().map(|key| (call.known(&key, caller), key));
    known
        .filter(|(known, _)| *known != Known::Settled)
        .map(|(known, key)| OpenKey {
            values: values(&key, rules, call, caller),
            is_doubtful: known == Known::Doubtful,
            key,
        })
        .collect()
}

fn values(key: &str, rules: &[&Rule], call: &Call<'_>, caller: &Caller<'_>) -> Vec<Vec<String>> {
    let mut single: Vec<String> = Vec::new();
    let (mut is_set, mut is_flag, mut is_address) = (false, false, false);
    for rule in rules {
        for (written, _) in &rule.conditions {
            let Some(operator) = Operator::read(&written.operator) else { continue };
            if written.key.eq_ignore_ascii_case(key) {
                is_set |= operator.set != Set::One;
                is_flag |= operator.base == Base::Bool;
                is_address |= operator.base == Base::Ip;
                single.extend(written.values.iter().flat_map(|v| near(v, operator, call)));
            }
            // A variable of this key in the value of another: what the other has.
            let other = call.context.get(&written.key).unwrap_or_default();
            for (value, text) in
                written.values.iter().flat_map(|v| other.iter().map(move |text| (v, text)))
            {
                single.extend(values_of_variable(value, key, text));
            }
        }
        for pattern in &rule.statement.resources {
            single.extend(values_of_variable(pattern, key, &call.resource));
        }
    }
    if let Some(tag) = key.strip_prefix("aws:principaltag/") {
        let tags = caller.principal.iter().flat_map(|one| &one.tags);
        single.extend(
            tags.filter(|(name, _)| name.eq_ignore_ascii_case(tag)).map(|(_, v)| v.clone()),
        );
    }
    if is_flag {
        single.extend(["true".to_owned(), "false".to_owned()]);
    } else if is_address {
        single.push(SOME_ADDRESS.to_owned());
    } else {
        single.push(match (key, &caller.account) {
            ("aws:principalarn", Some(account)) => format!("arn:aws:iam::{account}:role/{FRESH}"),
            _ => FRESH.to_owned(),
        });
    }
    single.sort();
    single.dedup();
    if key == "aws:principalarn" {
        single.retain(|arn| arn.split(':').nth(4) == caller.account.as_deref());
    }
    if let ("aws:principalorgid" | "aws:principalorgpaths", None) = (key, &caller.organization) {
        // An account outside has another Organization than the resource.
        let ours = call.organization().filter(|_| caller.home.is_none());
        single.retain(|value| ours.is_none() || value.split('/').next() != ours);
    }
    let mut values: Vec<Vec<String>> = single.iter().map(|one| vec![one.clone()]).collect();
    if is_set && single.len() > 1 {
        let named: Vec<String> = single.iter().filter(|one| *one != FRESH).cloned().collect();
        values.push(named);
        values.push(single);
    }
    if !is_always_present(key, caller) {
        values.push(Vec::new());
    }
    values
}

/// Keys that AWS puts into the context of every request of this kind.
fn is_always_present(key: &str, caller: &Caller<'_>) -> bool {
    match key {
        "aws:viaawsservice"
        | "aws:userid"
        | "kms:encryptioncontext:secretversionid"
        | "ssm:recursive" => true,
        "aws:principalarn" | "aws:principaltype" => caller.kind != Kind::Service,
        _ => false,
    }
}

/// Values that an operator distinguishes from each other.
fn near(written: &str, operator: Operator, call: &Call<'_>) -> Vec<String> {
    let text = literal(written, &call.context).unwrap_or_else(|| written.to_owned());
    match operator.base {
        Base::Null => Vec::new(),
        Base::Like | Base::Arn if has_wildcard(&text) => {
            vec![filled(&text, FILL, 'z'), filled(&text, "", '0')]
        }
        Base::Number(_) => match text.parse::<f64>() {
            Ok(number) => [number - 1.0, number, number + 1.0].map(|n| n.to_string()).into(),
            Err(_) => Vec::new(),
        },
        Base::Date(_) => [-1, 0, 1]
            .into_iter()
            .filter_map(|seconds| moment(&text)?.checked_add(Duration::seconds(seconds)))
            .filter_map(|at| at.format(&Rfc3339).ok())
            .collect(),
        Base::Ip => network(&text).into_iter().collect(),
        _ => vec![text],
    }
}

/// The first address of a range.
fn network(range: &str) -> Option<String> {
    let address: IpAddr = range.split('/').next()?.parse().ok()?;
    Some(address.to_string())
}

/// All combinations, up to a limit.
pub(super) struct Requests<'a> {
    keys: &'a [OpenKey],
    at: Vec<usize>,
    context: Context,
    is_first: bool,
}

impl<'a> Requests<'a> {
    pub(super) fn of(keys: &'a [OpenKey], base: &Context) -> Self {
        let mut all = Self { keys, at: vec![0; keys.len()], context: base.clone(), is_first: true };
        for position in 0..keys.len() {
            all.set(position);
        }
        all
    }

    /// How many there are; `None` if more than can be counted.
    pub(super) fn count(keys: &[OpenKey]) -> Option<usize> {
        keys.iter().try_fold(1_usize, |count, key| count.checked_mul(key.values.len().max(1)))
    }

    fn set(&mut self, position: usize) {
        let key = &self.keys[position];
        let context = std::mem::take(&mut self.context);
        self.context = match key.values.get(self.at[position]) {
            Some(values) if !values.is_empty() => context.with_all(&key.key, values.clone()),
            _ => context.without(&key.key),
        };
    }

    /// The next context.
    pub(super) fn next(&mut self) -> Option<&Context> {
        if std::mem::take(&mut self.is_first) {
            return Some(&self.context);
        }
        let mut position = 0;
        while position < self.keys.len() {
            self.at[position] += 1;
            if self.at[position] < self.keys[position].values.len() {
                self.set(position);
                return Some(&self.context);
            }
            self.at[position] = 0;
            self.set(position);
            position += 1;
        }
        None
    }
}
