//! The ways that a statement opens for one issuer, one for each subject, and what is to be said of them.

use super::{
    claims::{Claim, Claims, claim_of},
    issuer::Profile,
    subject::{Grammar, Part, Subject, context_words},
    url_of,
};
use crate::exposure::{Document, Statement};
use claviger_domain::pipelines::{Breadth, IssuerKind, PipelineTrust, TrustFinding, TrustSeverity};

/// Who a value of `sub` admits.
#[derive(Debug, Clone)]
struct Evaluated {
    breadth: Breadth,
    who: String,
    repositories: String,
    finding: Option<TrustFinding>,
    /// The parts of the subject, where it has some.
    subject: Option<Subject>,
}

/// Keys of a subject that the owner of a repository chose, and that name the owner.
const NAMES_OWNER: [&str; 7] = [
    "repository",
    "repository_owner",
    "repository_id",
    "repository_owner_id",
    "enterprise",
    "enterprise_id",
    "job_workflow_ref",
];

/// Those that anyone's token can have.
const NAMES_NO_OWNER: [&str; 8] =
    ["actor", "base_ref", "environment", "event_name", "head_ref", "ref", "ref_type", "workflow"];

fn finding(severity: TrustSeverity, text: impl Into<String>) -> TrustFinding {
    TrustFinding { severity, text: text.into() }
}

/// The profile of a provider as this statement uses it.
pub(super) fn profile_of(statement: &Statement, provider: &str) -> Profile {
    let url = url_of(provider);
    let is_subject = |key: &str| claim_of(key, url).as_deref() == Some("sub");
    let subjects: Vec<&str> = statement
        .conditions
        .iter()
        .filter(|one| is_subject(&one.key))
        .flat_map(|one| one.values.iter().map(String::as_str))
        .collect();
    Profile::of(url, &subjects)
}

pub(super) fn routes(
    statement: &Statement,
    document: &Document,
    label: &str,
    provider: &str,
) -> Vec<PipelineTrust> {
    let profile = profile_of(statement, provider);
    let claims = Claims::read(statement, document, provider, &profile);
    let shared = common_findings(statement, &claims, &profile);
    let subject = claims.of("sub").min_by_key(|one| {
        one.written.values.iter().map(|value| evaluate(value, one, &profile).breadth).max()
    });
    let evaluated: Vec<(Option<String>, Evaluated)> =
        match (&claims.never, &claims.unknown, subject) {
            (Some(why), ..) => vec![(None, nobody(format!("Nobody gets in: {why}.")))],
            (None, Some(why), _) => vec![(None, not_known(why))],
            (None, None, Some(claim)) => claim
                .written
                .values
                .iter()
                .map(|value| (Some(value.clone()), evaluate(value, claim, &profile)))
                .collect(),
            (None, None, None) => vec![(None, without_subject(&claims, &profile))],
        };
    evaluated
        .into_iter()
        .map(|(subject, evaluated)| {
            let evaluated = narrowed(evaluated, &claims, &profile);
            let mut findings: Vec<TrustFinding> = evaluated.finding.iter().cloned().collect();
            findings.extend(by_breadth(&evaluated, &profile));
            findings.extend(names_can_pass(&evaluated, &claims, &profile));
            findings.extend(shared.iter().cloned());
            findings.sort_by_key(|one| std::cmp::Reverse(one.severity));
            PipelineTrust {
                issuer: profile.issuer.clone(),
                provider: provider.to_owned(),
                statement: label.to_owned(),
                subject,
                breadth: evaluated.breadth,
                who: evaluated.who,
                repositories: evaluated.repositories,
                severity: findings.first().map_or(TrustSeverity::NoFinding, |one| one.severity),
                findings,
            }
        })
        .collect()
}

fn nobody(text: String) -> Evaluated {
    Evaluated {
        breadth: Breadth::Nobody,
        who: "Nobody".to_owned(),
        repositories: String::new(),
        finding: Some(finding(TrustSeverity::Low, text)),
        subject: None,
    }
}

fn not_known(why: &str) -> Evaluated {
    Evaluated {
        breadth: Breadth::Unknown,
        who: "Unknown".to_owned(),
        repositories: String::new(),
        finding: Some(finding(TrustSeverity::Unknown, format!("Who gets in is not known: {why}."))),
        subject: None,
    }
}

fn everyone(profile: &Profile) -> Evaluated {
    let (breadth, who) = whole(profile);
    Evaluated { breadth, who, repositories: "*".to_owned(), finding: None, subject: None }
}

/// Everything that the issuer issues tokens for.
fn whole(profile: &Profile) -> (Breadth, String) {
    let things = things(profile.issuer.kind);
    match (&profile.issuer.tenant, profile.is_shared) {
        (Some(tenant), false) => (Breadth::Tenant, format!("every {things} of {tenant}")),
        _ => (Breadth::Everyone, format!("every {things} on {}", place(profile.issuer.kind))),
    }
}

fn things(kind: IssuerKind) -> &'static str {
    match kind {
        IssuerKind::GithubActions | IssuerKind::GithubEnterprise | IssuerKind::Bitbucket => {
            "repository"
        }
        IssuerKind::Gitlab | IssuerKind::GitlabSelfManaged | IssuerKind::Circleci => "project",
        IssuerKind::HcpTerraform => "workspace",
        IssuerKind::Buildkite => "pipeline",
        IssuerKind::Eks => "service account",
        IssuerKind::OtherShared | IssuerKind::Other => "identity",
    }
}

fn place(kind: IssuerKind) -> &'static str {
    match kind {
        IssuerKind::GithubActions => "GitHub",
        IssuerKind::OtherShared | IssuerKind::Other => "the issuer",
        kind => kind.label(),
    }
}

/// A trust that does not name a subject.
fn without_subject(claims: &Claims, profile: &Profile) -> Evaluated {
    if profile.issuer.kind == IssuerKind::OtherShared
        && let Some(control) = profile.control
        && control != "sub"
        && let Some(values) = claims.fixed(control)
    {
        let mut known = not_known("what its identities are is not known to Claviger");
        known.who = format!("identities of {}", values.join(", "));
        return known;
    }
    match &claims.unsure {
        Some(why) => not_known(why),
        None => everyone(profile),
    }
}

fn evaluate(value: &str, claim: &Claim, profile: &Profile) -> Evaluated {
    let has_wildcard = value.contains(['*', '?']);
    if claim.is_literal() && has_wildcard {
        return nobody(format!(
            "{} compares the whole text, in which * is not a wildcard: {value} never matches.",
            claim.written.operator
        ));
    }
    if value.chars().all(|c| c == '*') {
        return everyone(profile);
    }
    let Some(grammar) = profile.grammar else {
        if has_wildcard || profile.issuer.kind == IssuerKind::Other {
            let mut unknown =
                not_known("Claviger does not know how this issuer forms its subjects");
            unknown.who = format!("subject {value}");
            return unknown;
        }
        return Evaluated {
            breadth: Breadth::One,
            who: format!("subject {value}"),
            repositories: String::new(),
            finding: None,
            subject: None,
        };
    };
    let Some(subject) = Subject::read(grammar, value, claim.is_literal()) else {
        return of_another_form(value, grammar, profile);
    };
    let breadth = match subject.breadth(grammar) {
        Breadth::Everyone | Breadth::Owners if !profile.is_shared => Breadth::Tenant,
        breadth => breadth,
    };
    let tenant = profile.issuer.tenant.as_deref();
    Evaluated {
        breadth,
        who: who(&subject, breadth, grammar, profile),
        repositories: match breadth {
            Breadth::Everyone | Breadth::Tenant => "*".to_owned(),
            _ => subject.repositories(tenant),
        },
        finding: None,
        subject: Some(subject),
    }
}

/// A subject by a template of the repository's or organization's own.
fn of_another_form(value: &str, grammar: Grammar, profile: &Profile) -> Evaluated {
    let key = value.split([':', '*', '?']).next().unwrap_or_default();
    if grammar == Grammar::Github && NAMES_NO_OWNER.contains(&key) {
        let mut open = everyone(profile);
        open.finding = Some(finding(
            if profile.is_shared { TrustSeverity::Critical } else { TrustSeverity::High },
            format!(
                "The subject {value} names no owner: anyone can give the subjects of their own repository this form."
            ),
        ));
        return open;
    }
    let mut unknown = if grammar == Grammar::Github && NAMES_OWNER.contains(&key) {
        not_known("the subject has a form of its own, which only GitHub's settings explain")
    } else {
        not_known("no subject of this issuer has this form by default")
    };
    unknown.who = format!("subject {value}");
    unknown
}

fn who(subject: &Subject, breadth: Breadth, grammar: Grammar, profile: &Profile) -> String {
    let context = context_words(grammar, &subject.context);
    let with_context = |text: String| {
        let is_any = subject.context == Part::Any;
        if context.is_empty() || is_any { text } else { format!("{text}, {context}") }
    };
    let things = things(profile.issuer.kind);
    match breadth {
        Breadth::Everyone | Breadth::Tenant => with_context(whole(profile).1),
        Breadth::Owners => {
            with_context(format!("every {things} whose name fits {}", subject.repositories(None)))
        }
        Breadth::Owner | Breadth::Group => {
            let all = subject.repositories(profile.issuer.tenant.as_deref());
            with_context(match all.strip_suffix("/*") {
                Some(owner) => format!("every {things} of {owner}"),
                None => format!("every {things} whose name fits {all}"),
            })
        }
        _ => {
            let all = subject.repositories(profile.issuer.tenant.as_deref());
            if context.is_empty() { all } else { format!("{all}, {context}") }
        }
    }
}

/// What other claims of GitHub narrow it to.
fn narrowed(mut evaluated: Evaluated, claims: &Claims, profile: &Profile) -> Evaluated {
    if profile.grammar != Some(Grammar::Github)
        || matches!(evaluated.breadth, Breadth::Nobody | Breadth::Unknown)
    {
        return evaluated;
    }
    let repository = claims.fixed("repository").or_else(|| {
        claims.fixed("repository_id").filter(|_| evaluated.breadth > Breadth::Repository)
    });
    let owner = claims.fixed("repository_owner").or_else(|| claims.fixed("repository_owner_id"));
    let is_id = claims.fixed("repository").is_none();
    if evaluated.breadth > Breadth::Repository
        && let Some(names) = repository
    {
        let context = match &evaluated.subject {
            Some(subject) => subject.context.clone(),
            None => Part::Any,
        };
        let names = names.join(", ");
        evaluated.breadth =
            if context.fixed().is_some() { Breadth::One } else { Breadth::Repository };
        evaluated.who = format!(
            "{}{names}, {}",
            if is_id { "the repository with id " } else { "" },
            context_words(Grammar::Github, &context)
        );
        evaluated.repositories = names;
    } else if evaluated.breadth > Breadth::Owner
        && let Some(names) = owner
    {
        evaluated.breadth = Breadth::Owner;
        evaluated.who = format!("every repository of {}", names.join(", "));
        evaluated.repositories = format!("{}/*", names.join(", "));
    } else if evaluated.breadth > Breadth::Tenant
        && let Some(ids) = claims.fixed("enterprise_id")
    {
        evaluated.breadth = Breadth::Tenant;
        evaluated.who = format!("every repository of the enterprise {}", ids.join(", "));
    } else if evaluated.breadth > Breadth::Owner
        && let Some(claim) = claims.of("job_workflow_ref").next()
    {
        evaluated.breadth = Breadth::Unknown;
        let workflows = claim.written.values.join(", ");
        evaluated.who = format!("every repository that may call {workflows}");
        evaluated.repositories = String::new();
        evaluated.finding = Some(finding(
            TrustSeverity::High,
            "It names a reusable workflow and no owner: every repository that may call this workflow gets in, and a public one may be called by anyone.",
        ));
    }
    if evaluated.breadth == Breadth::Repository {
        let place = [("environment", "environment"), ("ref", "ref")];
        let one = place.iter().find_map(|(claim, word)| Some((*word, claims.fixed(claim)?)));
        if let Some((word, values)) = one {
            evaluated.breadth = Breadth::One;
            evaluated.who = format!("{}, {word} {}", evaluated.repositories, values.join(", "));
        }
    }
    evaluated
}

fn by_breadth(evaluated: &Evaluated, profile: &Profile) -> Option<TrustFinding> {
    let things = things(profile.issuer.kind);
    let kind = profile.issuer.kind;
    let (severity, text) = match evaluated.breadth {
        Breadth::Nobody | Breadth::One => return None,
        Breadth::Unknown if evaluated.finding.is_some() => return None,
        Breadth::Unknown => (TrustSeverity::Unknown, "Who gets in is not known.".to_owned()),
        Breadth::SomeRefs => (
            TrustSeverity::Low,
            "Branches, tags or environments are named by a pattern: anyone who may create one that fits gets in.".to_owned(),
        ),
        Breadth::PullRequests => (
            TrustSeverity::Medium,
            "Pull requests get in: they run code that nobody has reviewed yet.".to_owned(),
        ),
        Breadth::Repository if kind == IssuerKind::HcpTerraform => (
            TrustSeverity::Medium,
            "Every run phase gets in, so a plan for a pull request has the rights of an apply.".to_owned(),
        ),
        Breadth::Repository => (
            TrustSeverity::Medium,
            format!("Every branch, tag and pull request of the {things} gets in: anyone who can push a branch."),
        ),
        Breadth::Group => (
            TrustSeverity::Medium,
            format!("Every {things} of it gets in, also those that are created later."),
        ),
        Breadth::Owner => (
            TrustSeverity::High,
            format!("A wildcard admits every {things} of the owner: anyone who can create one, or push to any of them, gets in."),
        ),
        Breadth::Tenant => (
            TrustSeverity::High,
            format!("Nothing says which {things} gets in: every one of this issuer does."),
        ),
        Breadth::Owners => (
            TrustSeverity::Critical,
            "The wildcard matches names beyond the owner: anyone who registers a name that fits gets in.".to_owned(),
        ),
        Breadth::Everyone if profile.issuer.kind == IssuerKind::Other => (
            TrustSeverity::Unknown,
            "No subject is named, and Claviger does not know this issuer: if others share it, they get in.".to_owned(),
        ),
        Breadth::Everyone => (
            TrustSeverity::Critical,
            format!("The issuer is shared, and nothing names the tenant: every {things} on {} gets in, no matter who owns it.", place(kind)),
        ),
    };
    Some(finding(severity, text))
}

/// Names can be registered again by somebody else; ids cannot.
fn names_can_pass(
    evaluated: &Evaluated,
    claims: &Claims,
    profile: &Profile,
) -> Option<TrustFinding> {
    let subject = evaluated.subject.as_ref()?;
    let has_ids = subject.has_ids()
        || claims.fixed("repository_id").is_some()
        || claims.fixed("repository_owner_id").is_some();
    let is_named = evaluated.breadth <= Breadth::Owner && evaluated.breadth > Breadth::Nobody;
    (profile.has_immutable_subjects() && is_named && !has_ids).then(|| {
        finding(
            TrustSeverity::Low,
            "The subject names owner and repository without their ids. Somebody else can register a name that was given up; and repositories that were created or renamed since 15 July 2026 send the ids, which this subject does not match.",
        )
    })
}

/// What holds for every subject of the statement.
fn common_findings(statement: &Statement, claims: &Claims, profile: &Profile) -> Vec<TrustFinding> {
    let mut all = claims.findings.clone();
    all.extend(audience(claims, profile));
    let url = &profile.issuer.url;
    if let Some(control) = profile.control
        && !statement
            .conditions
            .iter()
            .any(|one| claim_of(&one.key, url).as_deref() == Some(control))
    {
        all.push(finding(
            TrustSeverity::NoFinding,
            format!("Since June 2025 IAM refuses a new or changed trust of this issuer without a condition on {url}:{control}. This one is older: IAM refuses every edit that leaves the condition out."),
        ));
    }
    if statement.not_actions {
        all.push(finding(
            TrustSeverity::Medium,
            "NotAction allows every action of STS but those that are listed. Name sts:AssumeRoleWithWebIdentity instead.",
        ));
    }
    if let (Some(why), false) = (&claims.unsure, claims.binding.is_empty()) {
        all.push(finding(
            TrustSeverity::NoFinding,
            format!("A condition is not counted as a limit: {why}."),
        ));
    }
    if !claims.foreign.is_empty() {
        all.push(finding(
            TrustSeverity::NoFinding,
            format!(
                "It also requires {}, which is not counted as a limit.",
                claims.foreign.join("; ")
            ),
        ));
    }
    all
}

fn audience(claims: &Claims, profile: &Profile) -> Option<TrustFinding> {
    let Some(values) = claims.fixed("aud") else {
        return Some(finding(
            TrustSeverity::Low,
            "No condition names the audience. The audiences of the OIDC provider decide then, which Claviger does not read.",
        ));
    };
    let foreign: Vec<&str> =
        values.into_iter().filter(|value| profile.is_foreign_audience(value)).collect();
    (!foreign.is_empty()).then(|| {
        finding(
            TrustSeverity::Medium,
            format!(
                "The audience {} is not one that this issuer uses for AWS: a token that was made for something else is accepted.",
                foreign.join(", ")
            ),
        )
    })
}
