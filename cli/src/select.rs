//! Selects a secret or parameter: exactly one, or an error that lists all with the command for each.

use crate::{
    access::{later_start, not_yet, pending},
    api::Api,
    error::CliError,
    grants::detail,
    rerun::{self, Replace},
};
use clap::Args;
use claviger_domain::{
    grants::{
        Action, GrantId, GrantResource, GrantState, Selectable, Selector,
        commands::{shell_word, telling_apart},
        view::{Candidate, GrantDetail, MyAccess},
    },
    ids::{Arn, Region, ResourceId},
    problem::ProblemCode,
};
use std::collections::BTreeSet;
use time::OffsetDateTime;

/// A secret or parameter of a grant.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// The secret's or parameter's name or ARN.
    pub(crate) name: String,
    /// Only in this account, by number or name.
    #[arg(long)]
    pub(crate) account: Option<String>,
    /// Only in this Region.
    #[arg(long)]
    pub(crate) region: Option<String>,
    /// If several grants cover it, this one.
    #[arg(long)]
    pub(crate) grant: Option<String>,
}

/// A resource with the grant that covers it.
#[derive(Clone)]
pub(crate) struct Held {
    pub(crate) grant: GrantId,
    pub(crate) resource: GrantResource,
    account_name: String,
    until: Option<OffsetDateTime>,
}

/// A secret or parameter that an active grant has to cover.
pub(crate) struct Wanted<'a> {
    pub(crate) selector: Selector<'a>,
    pub(crate) typed: Typed<'a>,
}

/// Where the name is in the command line, for the commands that an error prints.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Typed<'a> {
    /// It is an argument.
    Argument,
    /// It is one of several arguments, which account and Region would also restrict.
    Among,
    /// It is in the value of an option, between these texts: `DB=` and `#password`.
    Within { before: &'a str, after: &'a str },
    /// Nowhere: the error lists ARNs.
    Nowhere,
}

impl Selectable for Held {
    fn id(&self) -> ResourceId {
        self.resource.id
    }

    fn name(&self) -> &str {
        &self.resource.name
    }

    fn arn(&self) -> &Arn {
        &self.resource.arn
    }

    fn account_name(&self) -> &str {
        &self.account_name
    }
}

impl Held {
    /// Its location, in words.
    pub(crate) fn location(&self) -> String {
        location(self)
    }
}

fn location(one: &impl Selectable) -> String {
    let (account, region) = (one.arn().account(), one.arn().region());
    if one.account_name().is_empty() {
        format!("{account}, {region}")
    } else {
        format!("{} ({account}), {region}", one.account_name())
    }
}

impl Which {
    /// The resource that an active grant of the caller covers for this action.
    pub(crate) async fn held(&self, api: &Api, action: Action) -> Result<Held, CliError> {
        let selector = Selector {
            text: &self.name,
            account: self.account.as_deref(),
            region: self.region.as_deref(),
        };
        let wanted = Wanted { selector, typed: Typed::Argument };
        let (all, unread) = held_by(api, self.grant.as_deref(), action).await?;
        match wanted.one_of(&all)? {
            Some(held) => Ok(held),
            None => Err(wanted.missing(api, self.grant.as_deref(), action, &unread, "").await),
        }
    }
}

impl Wanted<'_> {
    /// The resource among these; `None` if none matches.
    pub(crate) fn one_of(&self, all: &[Held]) -> Result<Option<Held>, CliError> {
        let mut fit = self.selector.choose(all);
        // If several grants cover the same resource, the one that ends last is used.
        fit.sort_by_key(|held| std::cmp::Reverse(held.until));
        let mut seen = BTreeSet::new();
        fit.retain(|held| seen.insert(&held.resource.arn));
        match fit.len() {
            0 | 1 => Ok(fit.pop().cloned()),
            _ => Err(ambiguous(self.selector.text, &fit, self.typed)),
        }
    }

    /// Why no active grant covers it, and what to do: start or wait for a grant that does, correct the name, or request it. The
    /// advice continues the sentence that says so.
    pub(crate) async fn missing(
        &self,
        api: &Api,
        grant: Option<&str>,
        action: Action,
        unread: &[String],
        advice: &str,
    ) -> CliError {
        let name = self.selector.text;
        if let Some(grant) = grant {
            let text = format!("{grant} does not cover {name}. Look with `clv grants`");
            return CliError::NotFound(text);
        }
        // What cannot be read here only makes the answer less exact.
        if let Ok(waiting) = pending(api, action).await
            && let Some(shown) = waiting.iter().find(|shown| self.is_in(shown))
        {
            let advice = if later_start(shown).is_some() {
                let command = self.request_command(action);
                format!(". For access before that, request it with `{command}`")
            } else {
                format!(", then run this command again{advice}")
            };
            return not_yet(shown, action, name, &advice);
        }
        if unread.is_empty()
            && let Err(fault @ CliError::NotFound(_)) =
                of_inventory(api, self.selector, self.typed).await
        {
            return fault;
        }
        self.nothing(action, unread, advice)
    }

    /// Whether a grant covers it.
    pub(crate) fn is_in(&self, shown: &GrantDetail) -> bool {
        !self.selector.choose(shown.resources.iter()).is_empty()
    }

    /// The command that requests it.
    fn request_command(&self, action: Action) -> String {
        let option = |name: &str, value: Option<&str>| {
            value.map(|value| format!(" {name} {}", shell_word(value))).unwrap_or_default()
        };
        let Selector { text: name, account, region } = self.selector;
        let (account, region) = (option("--account", account), option("--region", region));
        format!(
            "clv request {}{account}{region} --action {action} --purpose 'why you need it'",
            shell_word(name)
        )
    }

    /// Says how to request it.
    pub(crate) fn nothing(&self, action: Action, unread: &[String], advice: &str) -> CliError {
        let mut text = format!(
            "no active grant of yours lets you {action} {}. Request it with `{}`{advice}",
            self.selector.text,
            self.request_command(action)
        );
        for grant in unread {
            text.push_str("\n  not checked: ");
            text.push_str(grant);
        }
        CliError::NotFound(text)
    }
}

/// All resources of this grant; without one, of the caller's active grants for this action, and the grants that could not be
/// read.
pub(crate) async fn held_by(
    api: &Api,
    grant: Option<&str>,
    action: Action,
) -> Result<(Vec<Held>, Vec<String>), CliError> {
    if let Some(grant) = grant {
        return Ok((all_of(&detail(api, grant).await?), Vec::new()));
    }
    let mine: MyAccess = api.get("/v1/grants").await?;
    let (mut all, mut unread) = (Vec::new(), Vec::new());
    for row in mine.live.iter().filter(|row| row.action.covers(action)) {
        match detail(api, &row.id.to_string()).await {
            Ok(shown) => all.extend(all_of(&shown)),
            // One grant that can't be read doesn't stop the others.
            Err(CliError::Problem(problem)) if problem.code != ProblemCode::SignInNeeded => {
                unread.push(format!("{}: {problem}", row.id));
            }
            Err(fault) => return Err(fault),
        }
    }
    Ok((all, unread))
}

/// The resources of a grant.
pub(crate) fn all_of(shown: &GrantDetail) -> Vec<Held> {
    let until = match shown.row.state {
        GrantState::Active { until, .. } => Some(until),
        _ => None,
    };
    let (grant, name) = (shown.row.id, &shown.row.account_name);
    let held = |resource| Held { grant, resource, account_name: name.clone(), until };
    shown.resources.iter().cloned().map(held).collect()
}

/// The selected resource of the inventory.
pub(crate) async fn of_inventory(
    api: &Api,
    selector: Selector<'_>,
    typed: Typed<'_>,
) -> Result<Candidate, CliError> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("name", selector.text);
    for (key, value) in [("account", selector.account), ("region", selector.region)] {
        query.extend_pairs(value.map(|value| (key, value)));
    }
    let mut fit: Vec<Candidate> = api.get(&format!("/v1/resources?{}", query.finish())).await?;
    match fit.len() {
        1 => Ok(fit.swap_remove(0)),
        0 => Err(CliError::NotFound(format!(
            "there is no {} that you can see. Look with `clv search {}`",
            selector.text,
            shell_word(selector.text)
        ))),
        _ => Err(ambiguous(selector.text, &fit, typed)),
    }
}

/// The ids of the selected resources of the inventory, by the names or ARNs that are this command's arguments.
pub(crate) async fn ids_of_inventory(
    api: &Api,
    names: &[String],
    account: Option<&str>,
    region: Option<&str>,
) -> Result<Vec<String>, CliError> {
    let typed = if names.len() == 1 { Typed::Argument } else { Typed::Among };
    let mut ids = Vec::new();
    for text in names {
        let selector = Selector { text, account, region };
        ids.push(of_inventory(api, selector, typed).await?.id.to_string());
    }
    Ok(ids)
}

fn ambiguous<T: Selectable>(name: &str, fit: &[T], typed: Typed<'_>) -> CliError {
    let with = |by: &str| rerun::with(Replace::Name(name), by);
    match typed {
        Typed::Argument => {
            let apart = telling_apart(fit);
            let mut apart = apart.into_iter();
            listed(name, fit, |_| with(&apart.next().unwrap_or_default()))
        }
        Typed::Among => listed(name, fit, |one| with(&shell_word(one.arn().as_str()))),
        Typed::Within { before, after } => {
            let whole = format!("{before}{name}{after}");
            listed(name, fit, |one| {
                let by = shell_word(&format!("{before}{}{after}", one.arn()));
                rerun::with(Replace::Value(&whole), &by)
            })
        }
        Typed::Nowhere => listed(name, fit, |one| one.arn().to_string()),
    }
}

fn listed<T: Selectable>(name: &str, fit: &[T], mut by: impl FnMut(&T) -> String) -> CliError {
    let mut text = format!("{name} can mean {} secrets or parameters. Say which:", fit.len());
    for one in fit {
        let line = format!("\n  {}:\n    {}", location(one), by(one));
        text.push_str(&line);
    }
    CliError::Ambiguous(text)
}

/// The part of a grant that a session is for.
pub(crate) struct Part {
    pub(crate) grant: GrantId,
    pub(crate) action: Action,
    /// The selected resource.
    pub(crate) only: Option<GrantResource>,
    pub(crate) region: Region,
    /// The resources for which the profile or the environment can be used.
    pub(crate) resources: Vec<GrantResource>,
}

/// The selected part of a grant: by the secret, by the Region, or all of it if it is in one Region.
pub(crate) async fn part(
    api: &Api,
    grant: &str,
    secret: Option<&str>,
    region: Option<&str>,
) -> Result<Part, CliError> {
    let shown = detail(api, grant).await?;
    let (grant, action) = (shown.row.id, shown.row.action);
    let is_there = |resource: &GrantResource| region.is_none_or(|r| resource.region.as_str() == r);
    let mut resources = match secret {
        Some(text) => Selector { region, ..Selector::of(text) }.choose(shown.resources),
        None => shown.resources.into_iter().filter(is_there).collect(),
    };
    let regions: BTreeSet<Region> = resources.iter().map(|one| one.region.clone()).collect();
    match (secret, regions.first(), resources.len()) {
        (_, None, _) => {
            let what = secret.unwrap_or("nothing");
            let location = region.map(|region| format!(" in {region}")).unwrap_or_default();
            let text = match secret {
                Some(_) => format!("{grant} does not cover {what}{location}"),
                None => format!("{grant} covers {what}{location}"),
            };
            Err(CliError::NotFound(format!("{text}. Look with `clv grants`")))
        }
        (Some(text), _, 2..) => {
            let mut says = format!("{text} can mean {} of this grant. Say which:", resources.len());
            for one in &resources {
                let arn = shell_word(one.arn.as_str());
                let command = rerun::with(Replace::Option("--secret"), &arn);
                let line = format!("\n  {}:\n    {command}", one.region);
                says.push_str(&line);
            }
            Err(CliError::Ambiguous(says))
        }
        (Some(_), Some(region), _) => {
            let region = region.clone();
            let only = resources.first().cloned();
            Ok(Part { grant, action, only, region, resources })
        }
        (None, Some(region), _) if regions.len() == 1 => {
            resources.truncate(5);
            Ok(Part { grant, action, only: None, region: region.clone(), resources })
        }
        (None, ..) => {
            let mut says = format!("{grant} covers {} Regions. Say which:", regions.len());
            for one in &regions {
                let command = rerun::with(Replace::Option("--region"), one.as_str());
                let line = format!("\n  {one}:\n    {command}");
                says.push_str(&line);
            }
            Err(CliError::Ambiguous(says))
        }
    }
}
