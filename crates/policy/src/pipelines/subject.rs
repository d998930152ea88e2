//! The parts of a subject, as each issuer writes it.

use claviger_domain::pipelines::Breadth;

/// How an issuer writes `sub`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grammar {
    /// `repo:OWNER/REPOSITORY:ref:refs/heads/main`, or with ids: `repo:OWNER@1/REPOSITORY@2:…`.
    Github,
    /// `project_path:GROUP/PROJECT:ref_type:branch:ref:main`.
    Gitlab,
    /// `{REPOSITORY}:{ENVIRONMENT}:{STEP}`; without a deployment environment `{REPOSITORY}:{STEP}`.
    Bitbucket,
    /// `org/ORGANIZATION/project/PROJECT/user/USER`.
    Circleci,
    /// `organization:O:project:P:workspace:W:run_phase:apply`.
    HcpTerraform,
    /// `organization:O:pipeline:P:ref:refs/heads/main:commit:C:step:S`.
    Buildkite,
    /// `system:serviceaccount:NAMESPACE:NAME`.
    Kubernetes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Owner,
    Group,
    Repository,
    Context,
}

/// A field: the text before it, and the text that ends it. Without an end it is the rest.
struct Field(Role, &'static str, &'static str);

impl Grammar {
    fn fields(self) -> &'static [Field] {
        match self {
            Self::Github => &[
                Field(Role::Owner, "repo:", "/"),
                Field(Role::Repository, "", ":"),
                Field(Role::Context, "", ""),
            ],
            Self::Gitlab => &[
                Field(Role::Owner, "project_path:", "/"),
                Field(Role::Repository, "", ":"),
                Field(Role::Context, "ref_type:", ""),
            ],
            Self::Bitbucket => &[Field(Role::Repository, "", ":"), Field(Role::Context, "", "")],
            Self::Circleci => &[
                Field(Role::Owner, "org/", "/"),
                Field(Role::Repository, "project/", "/"),
                Field(Role::Context, "", ""),
            ],
            Self::HcpTerraform => &[
                Field(Role::Owner, "organization:", ":"),
                Field(Role::Group, "project:", ":"),
                Field(Role::Repository, "workspace:", ":"),
                Field(Role::Context, "run_phase:", ""),
            ],
            Self::Buildkite => &[
                Field(Role::Owner, "organization:", ":"),
                Field(Role::Repository, "pipeline:", ":"),
                Field(Role::Context, "", ""),
            ],
            Self::Kubernetes => &[
                Field(Role::Owner, "system:serviceaccount:", ":"),
                Field(Role::Repository, "", ""),
            ],
        }
    }
}

/// A part of a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Fixed(String),
    /// With wildcards, as it is written.
    Pattern(String),
    Any,
}

impl Part {
    pub(super) fn fixed(&self) -> Option<&str> {
        match self {
            Self::Fixed(text) => Some(text),
            Self::Pattern(_) | Self::Any => None,
        }
    }

    /// As a person reads it; `*` for anything.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Fixed(text) | Self::Pattern(text) => text,
            Self::Any => "*",
        }
    }
}

/// The parts of a pattern of `sub`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Subject {
    /// `None` where the issuer's subjects have none: the tenant is the owner.
    pub(super) owner: Option<Part>,
    pub(super) group: Option<Part>,
    pub(super) repository: Part,
    /// Branch, tag, environment, run phase: what follows.
    pub(super) context: Part,
}

const WILDCARDS: [char; 2] = ['*', '?'];

impl Subject {
    /// `None` if no subject of this grammar has such a form. With `is_literal`, wildcards are plain characters.
    pub(super) fn read(grammar: Grammar, pattern: &str, is_literal: bool) -> Option<Self> {
        let wildcard = |text: &str| if is_literal { None } else { text.find(WILDCARDS) };
        let mut found =
            Self { owner: None, group: None, repository: Part::Any, context: Part::Any };
        let mut rest = pattern;
        let mut is_open = false;
        for Field(role, prefix, end) in grammar.fields() {
            let part = if is_open {
                Part::Any
            } else {
                match after_prefix(rest, prefix, wildcard(rest)) {
                    Prefix::Missing => return None,
                    Prefix::Open => {
                        is_open = true;
                        Part::Any
                    }
                    Prefix::Is(after) => match (ends(after, end), wildcard(after)) {
                        // The last field.
                        (None, None) if end.is_empty() => Part::Fixed(after.to_owned()),
                        (Some(at), star) if star.is_none_or(|star| star > at) => {
                            rest = after.get(at + end.len()..)?;
                            Part::Fixed(after.get(..at)?.to_owned())
                        }
                        (_, Some(_)) if end.is_empty() => written(after),
                        (_, Some(star)) => {
                            is_open = true;
                            // What stands before the wildcard; the wildcard may go on into the fields behind.
                            written(after.get(..=star)?)
                        }
                        (_, None) => return None,
                    },
                }
            };
            match role {
                Role::Owner => found.owner = Some(part),
                Role::Group => found.group = Some(part),
                Role::Repository => found.repository = part,
                Role::Context => found.context = part,
            }
        }
        if is_open
            && found.context == Part::Any
            && let Some(tail) = pattern.rfind(WILDCARDS).and_then(|at| pattern.get(at + 1..))
            && let Some(context) = tail.strip_prefix(':')
        {
            found.context = Part::Fixed(context.to_owned());
        }
        Some(found)
    }

    /// How wide it is by itself.
    pub(super) fn breadth(&self, grammar: Grammar) -> Breadth {
        let is_fixed = |part: &Option<Part>| part.as_ref().is_none_or(|p| p.fixed().is_some());
        if !is_fixed(&self.owner) {
            return match (&self.owner, grammar) {
                // A namespace of a cluster, or an organization whose own issuer it is.
                (_, Grammar::Kubernetes | Grammar::Circleci) => Breadth::Tenant,
                (Some(Part::Pattern(_)), _) => Breadth::Owners,
                _ => Breadth::Everyone,
            };
        }
        if !is_fixed(&self.group) {
            return Breadth::Owner;
        }
        if self.repository.fixed().is_none() {
            return match grammar {
                Grammar::Bitbucket | Grammar::Circleci => Breadth::Tenant,
                Grammar::HcpTerraform | Grammar::Kubernetes => Breadth::Group,
                _ => Breadth::Owner,
            };
        }
        context_breadth(grammar, &self.context)
    }

    /// Owner and repository, such as `acme/payments` or `acme/*`.
    pub(super) fn repositories(&self, tenant: Option<&str>) -> String {
        let owner = match &self.owner {
            // The wildcard may go on into what follows.
            Some(Part::Pattern(text)) => return text.clone(),
            Some(part) => part.text(),
            None => tenant.unwrap_or("*"),
        };
        let mut parts = vec![owner];
        parts.extend(self.group.as_ref().map(Part::text));
        parts.push(self.repository.text());
        while parts.len() > 1 && parts.ends_with(&["*", "*"]) {
            parts.pop();
        }
        parts.join("/")
    }

    /// Whether owner and repository have their immutable ids: `acme@1/payments@2`.
    pub(super) fn has_ids(&self) -> bool {
        let has_id = |part: &str| {
            part.rsplit_once('@')
                .is_some_and(|(_, id)| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()))
        };
        let owner = self.owner.as_ref().and_then(Part::fixed).is_some_and(has_id);
        owner && self.repository.fixed().is_none_or(has_id)
    }
}

enum Prefix<'a> {
    Is(&'a str),
    /// A wildcard begins within it.
    Open,
    Missing,
}

fn after_prefix<'a>(text: &'a str, prefix: &str, wildcard: Option<usize>) -> Prefix<'a> {
    if let Some(after) = text.strip_prefix(prefix) {
        return Prefix::Is(after);
    }
    match wildcard {
        Some(at) if text.get(..at).is_some_and(|head| prefix.starts_with(head)) => Prefix::Open,
        _ => Prefix::Missing,
    }
}

fn ends(text: &str, end: &str) -> Option<usize> {
    if end.is_empty() { None } else { text.find(end) }
}

fn written(text: &str) -> Part {
    if text.chars().all(|c| c == '*') { Part::Any } else { Part::Pattern(text.to_owned()) }
}

fn context_breadth(grammar: Grammar, context: &Part) -> Breadth {
    match (grammar, context) {
        (Grammar::Github, Part::Fixed(text)) if text == "pull_request" => Breadth::PullRequests,
        (Grammar::Bitbucket, Part::Pattern(text))
            if text.starts_with('{') && text.contains("}:") =>
        {
            Breadth::One
        }
        // The person who started it says nothing about the branch.
        (Grammar::Circleci, _) => Breadth::Repository,
        (Grammar::Buildkite, Part::Pattern(text)) => {
            match text.strip_prefix("ref:").and_then(|rest| rest.split(":commit:").next()) {
                Some(name) if !name.contains(WILDCARDS) => Breadth::One,
                Some(name) if is_narrow_ref(name) => Breadth::SomeRefs,
                _ => Breadth::Repository,
            }
        }
        (Grammar::Kubernetes, _) | (_, Part::Fixed(_)) => Breadth::One,
        (Grammar::Github, Part::Pattern(text)) => {
            let name = text.strip_prefix("ref:").or_else(|| text.strip_prefix("environment:"));
            if name.is_some_and(is_narrow_ref) { Breadth::SomeRefs } else { Breadth::Repository }
        }
        (Grammar::Gitlab, Part::Pattern(text)) => match text.split_once(":ref:") {
            Some((_, name)) if !name.starts_with(WILDCARDS) => Breadth::SomeRefs,
            _ => Breadth::Repository,
        },
        _ => Breadth::Repository,
    }
}

/// `refs/heads/release/*` or `prod-*`, but neither `*` nor `refs/heads/*`.
fn is_narrow_ref(name: &str) -> bool {
    let short = ["refs/heads/", "refs/tags/"].iter().find_map(|head| name.strip_prefix(head));
    let short = short.unwrap_or(name);
    !short.starts_with(WILDCARDS)
        && short != "refs/"
        && (short.len() < name.len() || !name.starts_with("refs/"))
}

/// What a context admits, in words.
pub(super) fn context_words(grammar: Grammar, context: &Part) -> String {
    let text = match context {
        Part::Any => return any_context(grammar).to_owned(),
        Part::Fixed(text) | Part::Pattern(text) => text.as_str(),
    };
    let of = |name: &str| {
        if let Some(branch) = name.strip_prefix("refs/heads/") {
            named("branch", "any branch", branch)
        } else if let Some(tag) = name.strip_prefix("refs/tags/") {
            named("tag", "any tag", tag)
        } else {
            named("ref", "any branch or tag", name)
        }
    };
    match grammar {
        Grammar::Github => match text.split_once(':') {
            Some(("ref", name)) => of(name),
            Some(("environment", name)) => named("environment", "any environment", name),
            None if text == "pull_request" => "pull requests".to_owned(),
            _ => format!("jobs whose subject ends with {text}"),
        },
        Grammar::Gitlab => match text.trim_start_matches("ref_type:").split_once(":ref:") {
            Some(("tag", name)) => named("tag", "any tag", name),
            Some(("branch", name)) => named("branch", "any branch", name),
            Some((_, name)) => named("ref", "any branch or tag", name),
            None => format!("jobs whose subject ends with {text}"),
        },
        Grammar::HcpTerraform => named("run phase", "any run phase", text),
        Grammar::Buildkite => {
            let name = text.strip_prefix("ref:").and_then(|rest| rest.split(":commit:").next());
            name.map_or_else(|| format!("jobs whose subject ends with {text}"), of)
        }
        Grammar::Bitbucket => match text.split_once("}:") {
            Some((environment, _)) => format!("deployment environment {environment}}}"),
            None => "any branch or pull request".to_owned(),
        },
        Grammar::Circleci => "any branch or pull request".to_owned(),
        Grammar::Kubernetes => String::new(),
    }
}

fn named(one: &str, any: &str, name: &str) -> String {
    match name {
        "*" => any.to_owned(),
        name if name.contains(WILDCARDS) => {
            let plural = if one == "branch" { "branches" } else { &format!("{one}s") };
            format!("{plural} {name}")
        }
        name => format!("{one} {name}"),
    }
}

fn any_context(grammar: Grammar) -> &'static str {
    match grammar {
        Grammar::HcpTerraform => "any run phase",
        Grammar::Kubernetes => "",
        _ => "any branch, tag or pull request",
    }
}
