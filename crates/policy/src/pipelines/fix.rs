//! The corrected trust policy, in steps that do not interrupt the pipelines.

use super::{
    claims::{ASSUME, Claims, claim_of},
    issuer::Profile,
    routes::{profile_of, routes},
    subject::{Grammar, Part, Subject},
    url_of,
};
use crate::exposure::{Document, Principal, Principals, Statement};
use claviger_domain::{
    code::shell,
    pipelines::{IssuerKind, PipelineTrust, TrustSeverity, TrustStep},
};
use serde_json::{Map, Value, json};

const PLACEHOLDERS: [&str; 12] = [
    "OWNER_ID",
    "REPOSITORY_ID",
    "WORKSPACE_UUID",
    "ORGANIZATION",
    "OWNER",
    "REPOSITORY",
    "BRANCH",
    "PROJECT",
    "WORKSPACE",
    "PIPELINE",
    "NAMESPACE",
    "SERVICE_ACCOUNT",
];

/// Which of GitHub's forms of `sub` a trust admits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Forms {
    Both,
    Ids,
}

/// The steps to a trust policy without findings; empty if it has none, or if it cannot be interpreted. Texts in capitals have to be
/// replaced. `role` is the role's name.
pub fn corrected(trust: &str, role: &str) -> Vec<TrustStep> {
    let (Ok(document), Ok(whole)) = (Document::read_trust(trust), serde_json::from_str(trust))
    else {
        return Vec::new();
    };
    let ids = rewritten(&document, &whole, Forms::Ids);
    let both = rewritten(&document, &whole, Forms::Both);
    let step = |title: &str, note: &str, trust: &Value| {
        let compact = trust.to_string();
        let indented = serde_json::to_string_pretty(trust).unwrap_or_default();
        let mut left = indented.clone();
        let placeholders = PLACEHOLDERS.iter().filter(|name| {
            let is_there = left.contains(**name);
            left = left.replace(**name, "");
            is_there
        });
        TrustStep {
            title: title.to_owned(),
            note: note.to_owned(),
            placeholders: placeholders.map(ToString::to_string).collect(),
            command: format!(
                "aws iam update-assume-role-policy --role-name {role} --policy-document {}",
                shell::quoted(&compact)
            ),
            trust: indented,
        }
    };
    match (both, ids) {
        (Some(both), Some(ids)) if both != ids => vec![
            step(
                "Admit both forms of the subject",
                "No job is interrupted: GitHub sends either the names alone, or the names with their immutable ids. gh api repos/OWNER/REPOSITORY --jq '.owner.id, .id' shows the two ids.",
                &both,
            ),
            step(
                "Remove the form without ids",
                "Do so once every job sends the ids: userIdentity.userName of CloudTrail's AssumeRoleWithWebIdentity events is the subject that was sent.",
                &ids,
            ),
        ],
        (_, Some(ids)) => vec![step(
            "Name who gets in",
            "Jobs whose subject is not listed no longer get in.",
            &ids,
        )],
        _ => Vec::new(),
    }
}

/// `None` if no statement has to change, or none can be corrected.
fn rewritten(document: &Document, whole: &Value, forms: Forms) -> Option<Value> {
    let mut whole = whole.clone();
    let slots: Vec<&mut Value> = match whole.get_mut("Statement")? {
        Value::Array(all) => all.iter_mut().collect(),
        one => vec![one],
    };
    let mut is_changed = false;
    for (slot, statement) in slots.into_iter().zip(&document.statements) {
        if let Some(provider) = sole_provider(statement)
            && let Some(condition) = condition(statement, document, provider, forms)
            && let Some(fields) = slot.as_object_mut()
        {
            fields.remove("NotAction");
            if statement.not_actions {
                fields.insert("Action".to_owned(), json!(ASSUME));
            }
            fields.insert("Condition".to_owned(), condition);
            is_changed = true;
        }
    }
    is_changed.then_some(whole)
}

fn sole_provider(statement: &Statement) -> Option<&str> {
    if !statement.allows || !statement.covers_action(ASSUME) {
        return None;
    }
    match &statement.principals {
        Principals::Only(all) => match all.as_slice() {
            [Principal::Federated(name)] => Some(name),
            _ => None,
        },
        _ => None,
    }
}

/// The conditions that a statement should have; `None` if it should stay as it is.
fn condition(
    statement: &Statement,
    document: &Document,
    provider: &str,
    forms: Forms,
) -> Option<Value> {
    let profile = profile_of(statement, provider);
    let grammar = profile.grammar?;
    let ways = routes(statement, document, "", provider);
    if ways.iter().all(|way| way.severity == TrustSeverity::NoFinding) {
        return None;
    }
    let mut subjects: Vec<String> = Vec::new();
    for way in &ways {
        for subject in subjects_of(way, grammar, &profile, forms) {
            if !subjects.contains(&subject) {
                subjects.push(subject);
            }
        }
    }
    let claims = Claims::read(statement, document, provider, &profile);
    let kept: Option<Vec<String>> = claims
        .fixed("aud")
        .filter(|all| all.iter().all(|one| !profile.is_foreign_audience(one)))
        .map(|all| all.into_iter().map(ToOwned::to_owned).collect());
    let audiences = kept.unwrap_or_else(|| vec![profile.audience()]);
    let url = url_of(provider);
    let mut block = Map::new();
    let mut put = |operator: &str, key: &str, values: Vec<String>| {
        let value = match <[String; 1]>::try_from(values) {
            Ok([one]) => json!(one),
            Err(all) => json!(all),
        };
        let keys = block.entry(operator.to_owned()).or_insert_with(|| json!({}));
        if let Some(keys) = keys.as_object_mut() {
            keys.insert(key.to_owned(), value);
        }
    };
    for one in &statement.conditions {
        let is_kept = match claim_of(&one.key, url).as_deref() {
            None => true,
            Some("sub" | "aud") => false,
            // What holds the caller to a value stays as well.
            Some(name) => claims.of(name).any(|claim| claim.written == *one),
        };
        if is_kept {
            put(&one.operator, &one.key, one.values.clone());
        }
    }
    put("StringEquals", &format!("{url}:aud"), audiences);
    let has_pattern = subjects.iter().any(|subject| subject.contains(['*', '?']));
    let operator = if has_pattern { "StringLike" } else { "StringEquals" };
    put(operator, &format!("{url}:sub"), subjects);
    Some(Value::Object(block))
}

/// The narrow subjects that stand for a way in.
fn subjects_of(
    way: &PipelineTrust,
    grammar: Grammar,
    profile: &Profile,
    forms: Forms,
) -> Vec<String> {
    let read = way.subject.as_deref().and_then(|text| Subject::read(grammar, text, false));
    let fixed = |part: Option<&Part>, name: &str| {
        part.and_then(Part::fixed).map_or_else(|| name.to_owned(), ToOwned::to_owned)
    };
    let owner = read.as_ref().and_then(|one| one.owner.as_ref());
    let repository = read.as_ref().map(|one| &one.repository);
    let group = read.as_ref().and_then(|one| one.group.as_ref());
    let context = read.as_ref().map(|one| &one.context);
    match grammar {
        Grammar::Github => {
            let context = match context {
                Some(Part::Fixed(text)) if text != "pull_request" => text.clone(),
                _ => "ref:refs/heads/BRANCH".to_owned(),
            };
            let (owner, repository) = (fixed(owner, "OWNER"), fixed(repository, "REPOSITORY"));
            if profile.issuer.kind != IssuerKind::GithubActions {
                return vec![format!("repo:{owner}/{repository}:{context}")];
            }
            let plain = |text: &str| text.split('@').next().unwrap_or_default().to_owned();
            let with_id = |text: &str, id: &str| {
                if text.contains('@') { text.to_owned() } else { format!("{text}@{id}") }
            };
            let has_ids = owner.contains('@') && repository.contains('@');
            let classic = format!("repo:{}/{}:{context}", plain(&owner), plain(&repository));
            let ids = format!(
                "repo:{}/{}:{context}",
                with_id(&owner, "OWNER_ID"),
                with_id(&repository, "REPOSITORY_ID")
            );
            if has_ids || forms == Forms::Ids { vec![ids] } else { vec![classic, ids] }
        }
        Grammar::Gitlab => {
            let context = fixed(context, "branch:ref:BRANCH");
            let context = context.trim_start_matches("ref_type:").to_owned();
            let project = fixed(repository, "PROJECT");
            vec![format!("project_path:{}/{project}:ref_type:{context}", fixed(owner, "OWNER"))]
        }
        Grammar::HcpTerraform => vec![format!(
            "organization:{}:project:{}:workspace:{}:run_phase:apply",
            fixed(owner, "ORGANIZATION"),
            fixed(group, "PROJECT"),
            fixed(repository, "WORKSPACE"),
        )],
        Grammar::Buildkite => vec![format!(
            "organization:{}:pipeline:{}:ref:refs/heads/BRANCH:commit:*:step:*",
            fixed(owner, "ORGANIZATION"),
            fixed(repository, "PIPELINE"),
        )],
        Grammar::Circleci => vec![format!(
            "org/{}/project/{}/user/*",
            profile.issuer.tenant.as_deref().unwrap_or("ORGANIZATION"),
            fixed(repository, "PROJECT"),
        )],
        // The step's id changes with each run.
        Grammar::Bitbucket => match context {
            Some(Part::Pattern(_)) => way.subject.iter().cloned().collect(),
            _ => vec![format!("{}:*", fixed(repository, "{REPOSITORY}"))],
        },
        Grammar::Kubernetes => vec![format!(
            "system:serviceaccount:{}:{}",
            fixed(owner, "NAMESPACE"),
            fixed(repository, "SERVICE_ACCOUNT"),
        )],
    }
}
