//! `clv run`: a command with values in its environment or in file descriptors, under a grant and no longer than it.

mod child;
mod descendants;
mod descriptors;

pub(crate) use descriptors::Reserved;

use crate::{
    access::{self, Asked},
    api::Api,
    credentials::{code_of, not_run},
    error::CliError,
    injection::{Content, InvalidSource, Source, content, is_variable},
    requests::minutes,
    select::{Held, Typed, Wanted, all_of, held_by, of_inventory},
    value::reveal,
};
use child::Ended;
use clap::Args;
use claviger_domain::grants::{Action, GrantId, Selector, view::GrantDetail};
use std::{
    collections::{BTreeMap, BTreeSet},
    process::ExitCode,
    str::FromStr,
    time::Duration,
};

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("into").args(["env", "fd"]).required(true).multiple(true))]
pub(crate) struct Run {
    /// Set this environment variable to the value, or to one key of a JSON value.
    #[arg(long, value_name = "NAME=SECRET[#JSON_KEY]")]
    env: Vec<Variable>,
    /// Let the command read the value from this file descriptor: 0 is its standard input, 3 to 255 are further ones
    /// (`/dev/fd/3`). It can be read once. Binary values are their bytes.
    #[arg(long, value_name = "N=SECRET[#JSON_KEY]")]
    fd: Vec<Descriptor>,
    /// Only in this account, by number or name.
    #[arg(long)]
    account: Option<String>,
    /// Only in this Region.
    #[arg(long)]
    region: Option<String>,
    /// Use this grant. Without it, your active grant that covers the secret.
    #[arg(long, conflicts_with = "request")]
    grant: Option<String>,
    /// Request access to what no active grant covers, and start it if it is approved.
    #[arg(long, requires = "reason")]
    request: bool,
    /// With --request: why; approvers read it.
    #[arg(long, visible_alias = "purpose", requires = "request")]
    reason: Option<String>,
    /// With --request: a ticket, such as OPS-1234; approvers read it.
    #[arg(long, default_value = "")]
    ticket: String,
    /// With --request: the duration of the access, such as 30m or 2h.
    #[arg(long = "for", default_value = "30m", value_parser = minutes, value_name = "DURATION")]
    minutes: u32,
    /// With --request: wait for the approval, for so long at most; without a duration for 8 hours.
    #[arg(
        long,
        requires = "request",
        value_parser = minutes,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "8h",
        value_name = "DURATION"
    )]
    wait: Option<u32>,
    /// Keep the command running when the access ends. Without it, the command gets SIGTERM then, and SIGKILL 10 seconds later.
    #[arg(long)]
    keep: bool,
    /// The command and its arguments, after `--`.
    #[arg(last = true, required = true)]
    command: Vec<String>,
}

/// What `clv run` can do itself about access that is missing.
const BY_REQUEST: &str = ", or add --request --reason 'why you need it' to this command, which requests and starts the access; --wait waits for the approval";

/// `NAME=SECRET[#JSON_KEY]`.
#[derive(Debug, Clone)]
struct Variable {
    name: String,
    source: Source,
}

/// `N=SECRET[#JSON_KEY]`.
#[derive(Debug, Clone)]
struct Descriptor {
    number: u8,
    source: Source,
}

impl FromStr for Variable {
    type Err = InvalidSource;

    fn from_str(text: &str) -> Result<Self, InvalidSource> {
        let wrong = InvalidSource::NoName("NAME=SECRET or NAME=SECRET#JSON_KEY");
        let (name, source) = text.split_once('=').ok_or(wrong)?;
        if !is_variable(name) {
            return Err(InvalidSource::Variable(name.to_owned()));
        }
        Ok(Self { name: name.to_owned(), source: source.parse()? })
    }
}

impl FromStr for Descriptor {
    type Err = InvalidSource;

    fn from_str(text: &str) -> Result<Self, InvalidSource> {
        let wrong = InvalidSource::NoName("N=SECRET or N=SECRET#JSON_KEY, such as 3=payments/db");
        let (number, source) = text.split_once('=').ok_or(wrong)?;
        let valid = number.parse().ok().filter(|number| *number == 0 || *number > 2);
        let number = valid.ok_or_else(|| InvalidSource::Descriptor(number.to_owned()))?;
        Ok(Self { number, source: source.parse()? })
    }
}

/// A source as it was typed, with the texts around its secret's name.
struct Typing<'a> {
    source: &'a Source,
    before: String,
    after: String,
}

impl Run {
    /// The file descriptors that the command gets, kept free from now on: before anything else opens one.
    pub(crate) fn reserve(&self) -> Result<Reserved, CliError> {
        Reserved::new(self.fd.iter().map(|one| one.number))
    }

    /// Each secret once, in the order of the command line.
    fn secrets(&self) -> Vec<Typing<'_>> {
        let variables = self.env.iter().map(|one| (one.name.clone(), &one.source));
        let descriptors = self.fd.iter().map(|one| (one.number.to_string(), &one.source));
        let mut seen = BTreeSet::new();
        variables
            .chain(descriptors)
            .filter(|(_, source)| seen.insert(source.secret.as_str()))
            .map(|(name, source)| Typing {
                source,
                before: format!("{name}="),
                after: source.key.as_ref().map(|key| format!("#{key}")).unwrap_or_default(),
            })
            .collect()
    }

    fn check(&self) -> Result<(), CliError> {
        let mut seen = BTreeSet::new();
        for name in self.env.iter().map(|one| one.name.as_str()) {
            if !seen.insert(name) {
                return Err(CliError::Input(format!("--env sets {name} twice")));
            }
        }
        Ok(())
    }

    fn wanted<'a>(&'a self, typing: &'a Typing<'_>) -> Wanted<'a> {
        Wanted {
            selector: Selector {
                text: &typing.source.secret,
                account: self.account.as_deref(),
                region: self.region.as_deref(),
            },
            typed: Typed::Within { before: &typing.before, after: &typing.after },
        }
    }

    /// The access to each secret, by its text.
    async fn held(&self, api: &Api) -> Result<BTreeMap<String, Held>, CliError> {
        let secrets = self.secrets();
        let (all, unread) = held_by(api, self.grant.as_deref(), Action::Read).await?;
        let mut held = BTreeMap::new();
        let mut without = Vec::new();
        for typing in &secrets {
            let wanted = self.wanted(typing);
            match wanted.one_of(&all)? {
                Some(one) => {
                    held.insert(typing.source.secret.clone(), one);
                }
                None if self.request => without.push(wanted),
                None => {
                    let grant = self.grant.as_deref();
                    return Err(wanted
                        .missing(api, grant, Action::Read, &unread, BY_REQUEST)
                        .await);
                }
            }
        }
        if !without.is_empty() {
            self.request(api, &without, &mut held).await?;
        }
        Ok(held)
    }

    /// Requests access to these, unless it is already requested for now, and starts it.
    async fn request(
        &self,
        api: &Api,
        without: &[Wanted<'_>],
        held: &mut BTreeMap<String, Held>,
    ) -> Result<(), CliError> {
        let earlier = access::pending_now(api, Action::Read).await?;
        let mut grants: BTreeSet<GrantId> = BTreeSet::new();
        let mut resources = Vec::new();
        for wanted in without {
            if let Some(shown) = earlier.iter().find(|shown| wanted.is_in(shown)) {
                grants.insert(shown.row.id);
            } else {
                let one = of_inventory(api, wanted.selector, wanted.typed).await?;
                resources.push(one.id.to_string());
            }
        }
        if !resources.is_empty() {
            let asked = Asked {
                purpose: self.reason.as_deref().unwrap_or_default(),
                ticket: &self.ticket,
                minutes: self.minutes,
            };
            let made = access::request(api, &resources, &asked).await?;
            for grant in &made {
                eprintln!("clv: requested {grant}");
            }
            grants.extend(made);
        }
        let wait = Duration::from_secs(u64::from(self.wait.unwrap_or(0)) * 60);
        let mut all = Vec::new();
        for grant in grants {
            all.extend(all_of(&access::started(api, grant, wait).await?));
        }
        for wanted in without {
            let one = wanted.one_of(&all)?;
            let one = one.ok_or_else(|| wanted.nothing(Action::Read, &[], ""))?;
            held.insert(wanted.selector.text.to_owned(), one);
        }
        Ok(())
    }
}

/// Runs the command and returns its exit code.
pub(crate) async fn run(run: Run, mut reserved: Reserved) -> Result<ExitCode, CliError> {
    run.check()?;
    let api = Api::signed_in()?;
    let held = run.held(&api).await?;
    let mut revealed = BTreeMap::new();
    let mut grants: Vec<GrantDetail> = Vec::new();
    for (secret, one) in &held {
        revealed.insert(secret.as_str(), reveal(&api, one).await?);
        if !run.keep && grants.iter().all(|shown| shown.row.id != one.grant) {
            grants.push(crate::grants::detail(&api, &one.grant.to_string()).await?);
        }
    }
    let of = |source: &Source| content(&revealed[source.secret.as_str()], source);
    let mut command = tokio::process::Command::new(&run.command[0]);
    command.args(&run.command[1..]);
    for one in &run.env {
        let secret = &one.source.secret;
        let value = of(&one.source)?;
        let text = value.as_variable(secret).map_err(|fault| {
            CliError::Input(format!("{fault}. Use a file descriptor: --fd 3={secret}"))
        })?;
        command.env(&one.name, text);
    }
    let mut feeds = Vec::new();
    for one in &run.fd {
        let bytes = of(&one.source).map(Content::into_bytes)?;
        feeds.push(reserved.connect(one.number, bytes, &mut command)?);
    }
    let mut child = match child::start(command) {
        Ok(child) => child,
        Err(error) => return Ok(not_run(&run.command[0], &error)),
    };
    // Only the child has the descriptors from now on, so that it sees their end.
    drop(reserved);
    drop(revealed);
    for feed in feeds {
        feed.begin();
    }
    let status = if run.keep {
        child.wait(std::future::pending()).await
    } else {
        child.wait(access::ended(&api, &grants)).await
    };
    match status.map_err(|error| CliError::file(&run.command[0], error))? {
        Ended::Itself(status) => Ok(code_of(status)),
        Ended::By(reason, status) => {
            eprintln!("clv: {reason}. The command was stopped. Use --keep to let it continue.");
            Ok(code_of(status))
        }
    }
}
