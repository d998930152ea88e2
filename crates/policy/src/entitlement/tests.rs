//! The table of cases in `cases/entitlement.yaml`: the answers that AWS's documentation gives.

use super::*;
use rstest::rstest;
use serde::Deserialize;
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc};

const TABLE: &str = include_str!("../../cases/entitlement.yaml");
const OWN: &str = "111122223333";
const SISTER: &str = "444455556666";
const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:app/db-AbCdEf";
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    because: String,
    page: String,
    #[serde(default = "app")]
    who: String,
    #[serde(default = "current")]
    version: String,
    #[serde(default)]
    identity: Vec<Value>,
    #[serde(default)]
    group: Vec<Value>,
    boundary: Option<Vec<Value>>,
    resource_policy: Option<Vec<Value>>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(default)]
    session_tags: bool,
    #[serde(default)]
    resource_tags: BTreeMap<String, String>,
    parameter: Option<String>,
    key: Option<Value>,
    #[serde(default)]
    scps: Vec<Vec<Value>>,
    #[serde(default)]
    rcps: Vec<Vec<Value>>,
    #[serde(default)]
    management: bool,
    #[serde(default)]
    unread: BTreeSet<String>,
    expect: String,
    #[serde(default)]
    by: BTreeMap<String, String>,
    #[serde(default, rename = "admitted")]
    _admitted: Vec<Value>,
    #[serde(default, rename = "refused")]
    _refused: Vec<Value>,
}

fn app() -> String {
    format!("arn:aws:iam::{OWN}:role/app")
}

fn current() -> String {
    "2012-10-17".to_owned()
}

/// `Allow ACTION [on RESOURCE] [to PRINCIPAL]`, or a statement.
fn statement(written: &Value, of_resource: bool) -> Value {
    let Some(text) = written.as_str() else { return written.clone() };
    let (text, principal) = match text.split_once(" to ") {
        Some((text, principal)) => (text, Some(principal)),
        None => (text, None),
    };
    let (text, resource) = text.split_once(" on ").unwrap_or((text, "*"));
    let (effect, action) = text.split_once(' ').expect("an effect and an action");
    let mut statement = json!({"Effect": effect, "Action": action, "Resource": resource});
    if of_resource {
        statement["Principal"] = json!({"AWS": principal.expect("a principal")});
    }
    statement
}

impl Case {
    fn policy(&self, kind: &PolicyKind, statements: &[Value]) -> Arc<Policy> {
        let of_resource = matches!(kind, PolicyKind::Resource | PolicyKind::Key);
        let all: Vec<Value> = statements.iter().map(|one| statement(one, of_resource)).collect();
        let text = json!({"Version": self.version, "Statement": all}).to_string();
        Arc::new(Policy::read(kind, "p", &text))
    }

    fn fact<T>(&self, what: &str, value: T) -> Fact<T> {
        if self.unread.contains(what) {
            Fact::NotRead("AccessDenied".to_owned())
        } else {
            Fact::Known(value)
        }
    }

    fn levels(&self, kind: &PolicyKind, levels: &[Vec<Value>]) -> Vec<Level> {
        let all = levels.iter().enumerate();
        all.map(|(at, statements)| Level {
            name: format!("level {}", at + 1),
            policies: vec![self.policy(kind, statements)],
        })
        .collect()
    }

    fn principals(&self, account: &str) -> Vec<Principal> {
        let is_role = self.who.contains(":role/");
        if !self.who.contains(account) || !(is_role || self.who.contains(":user/")) {
            return Vec::new();
        }
        let mut policies = vec![self.policy(&PolicyKind::Inline, &self.identity)];
        if !self.group.is_empty() {
            policies.push(self.policy(&PolicyKind::Group("readers".into()), &self.group));
        }
        vec![Principal {
            arn: self.who.clone(),
            kind: if is_role { PrincipalKind::Role } else { PrincipalKind::User },
            policies,
            boundary: self.boundary.as_ref().map(|b| self.policy(&PolicyKind::Boundary, b)),
            tags: self.tags.clone(),
            takes_session_tags: self.session_tags,
        }]
    }

    fn account(&self, id: &str) -> (AccountId, Account) {
        let id: AccountId = id.parse().unwrap();
        let membership = Membership {
            organization: "o-ours".to_owned(),
            path: "o-ours/r-root/ou-root-work/".to_owned(),
            is_management: self.management,
        };
        let is_caller = self.who.contains(id.as_str());
        let scps = if is_caller { self.scps.as_slice() } else { &[] };
        let account = Account {
            membership: self.fact("organization", Some(membership)),
            principals: self.fact("identity", self.principals(id.as_str())),
            scps: self.fact("scps", self.levels(&PolicyKind::ServiceControl, scps)),
            rcps: self.fact("rcps", self.levels(&PolicyKind::ResourceControl, &self.rcps)),
            id: id.clone(),
        };
        (id, account)
    }

    fn key(&self) -> Key {
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        match &self.key {
            None if self.parameter.is_some() => Key::None,
            None => Key::AwsManaged,
            Some(Value::String(text)) if text == "aws" => Key::AwsManaged,
            Some(key) => Key::CustomerManaged(CustomerKey {
                arn: KEY.to_owned(),
                policy: self.fact("key", self.policy(&PolicyKind::Key, &list(&key["policy"]))),
                grants: self.fact("grants", list(&key["grants"]).iter().map(grant).collect()),
            }),
        }
    }

    fn answer(&self) -> Option<Entitlement> {
        let kind = match self.parameter {
            Some(_) => ResourceKind::Parameter,
            None => ResourceKind::Secret,
        };
        let policy = self.resource_policy.as_ref().map(|p| self.policy(&PolicyKind::Resource, p));
        let resource = Resource {
            arn: self.parameter.clone().unwrap_or_else(|| SECRET.to_owned()),
            account: OWN.parse().unwrap(),
            kind,
            tags: (!self.unread.contains("tags")).then(|| self.resource_tags.clone()),
            policy: self.fact("resource", policy),
            key: self.key(),
        };
        let accounts = [OWN, SISTER].map(|id| self.account(id)).into();
        let found = readers(&resource, &accounts, now());
        found.into_iter().find(|one| one.principal == self.who).or_else(|| {
            // Nobody names a principal of another account: it is asked for by name.
            entitlement_of(&self.who, &resource, &accounts, now())
        })
    }

    /// What is wrong with the answer.
    fn check(&self) -> Result<(), String> {
        let found = self.answer().ok_or("no answer for the principal")?;
        let answer: &str = found.answer.into();
        if answer != self.expect {
            return Err(format!("{answer} instead of {}: {:#?}", self.expect, found.ways));
        }
        for (action, expected) in &self.by {
            let way = found.ways.iter().find(|way| way.action == *action);
            let answer: &str = way.map_or("absent", |way| way.answer.into());
            if answer != expected {
                return Err(format!("{action}: {answer} instead of {expected}: {way:#?}"));
            }
        }
        let way = &found.ways[0];
        let lacks = match found.answer {
            Answer::Can => way.through.is_empty() && !matches!(found.kind, ReaderKind::Root),
            Answer::Conditional => way.conditions.is_empty(),
            Answer::Unknown => way.not_read.is_empty(),
            Answer::Cannot => way.against.is_empty(),
        };
        if lacks { Err(format!("it does not say why: {way:#?}")) } else { Ok(()) }
    }
}

fn grant(value: &Value) -> Grant {
    let pairs = value["subset"].as_object().into_iter().flatten();
    Grant {
        id: "0123abcd".to_owned(),
        grantee: value["grantee"].as_str().unwrap().to_owned(),
        decrypts: value["decrypts"].as_bool().unwrap(),
        context_subset: pairs
            .map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned()))
            .collect(),
        context_equals: BTreeMap::new(),
    }
}

fn now() -> OffsetDateTime {
    time::macros::datetime!(2026-11-28 12:00 UTC)
}

#[rstest]
#[case(
    r#"{"Statement": [{"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"]}]}"#,
    true
)]
#[case(r#"{"Statement": {"Effect": "Allow", "Action": "sts:*"}}"#, true)]
#[case(r#"{"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]}"#, false)]
#[case(r#"{"Statement": [{"Effect": "Deny", "Action": "sts:TagSession"}]}"#, false)]
#[case("{", true)]
fn a_trust_policy_lets_sessions_bring_tags(#[case] trust: &str, #[case] takes: bool) {
    assert_eq!(takes_session_tags(Some(trust)), takes);
}

#[test]
fn every_case_has_the_documented_answer() {
    let cases: Vec<Case> = serde_saphyr::from_str(TABLE).unwrap();
    let names: BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), cases.len(), "each name is used once");
    assert!(cases.len() >= 60, "{} cases", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        assert!(!case.because.is_empty() && case.page.contains(':'), "{}", case.name);
        if let Err(why) = case.check() {
            wrong.push(format!("## {} ({})\n{why}", case.name, case.because));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} cases are wrong:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}
