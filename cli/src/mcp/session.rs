//! What the tools do. Nothing here returns a value: `run_command` is the only tool that reads one, and its output is redacted.

use super::{
    needles::unredactable,
    process,
    program::{Program, is_reserved},
    progress::Progress,
    redact::Redactor,
    tools::{Call, End, Find, MAX_TIME, MAX_WAIT, Request, Run, Status},
};
use crate::{
    access::{self, Asked, ended, settled, started},
    api::Api,
    credentials::exit_code,
    error::CliError,
    grants::{self, detail},
    injection::{Source, content, is_variable},
    requests,
    select::{Held, Typed, Wanted, all_of},
    value::reveal,
};
use claviger_domain::grants::{
    Action, GrantId, GrantState, GrantStateName, Selector,
    view::{GrantDetail, Revealed},
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::process::Command;

/// Of each output of a command.
const OUTPUT_BYTES: usize = 64 * 1024;
/// What approvers read behind the reason.
const BY_AN_AGENT: &str = " (requested by an agent through clv mcp)";

/// One run of the server.
pub(super) struct Session {
    pub(super) api: Api,
    allowed: Vec<Program>,
    /// The grants that commands may use: those that this session requested, and those that the person named.
    grants: Mutex<BTreeSet<GrantId>>,
}

/// An error for the model, in a sentence.
type ToolResult = Result<Value, String>;

/// A grant of the session, or why it cannot be read.
type Own = (GrantId, Result<GrantDetail, String>);

impl Session {
    pub(super) fn new(api: Api, allowed: Vec<Program>, grants: BTreeSet<GrantId>) -> Self {
        Self { api, allowed, grants: Mutex::new(grants) }
    }

    /// The programs that may be run, as the person typed them.
    pub(super) fn names(&self) -> Vec<&str> {
        self.allowed.iter().map(|program| program.name.as_str()).collect()
    }

    pub(super) async fn call(&self, call: Call, progress: &Progress) -> ToolResult {
        match call {
            Call::Find(find) => self.find(&find).await.map_err(said),
            Call::Request(request) => self.request(&request, progress).await,
            Call::Status(status) => self.status(&status, progress).await,
            Call::Run(run) => self.run(&run, progress).await,
            Call::End(end) => self.end(&end).await,
        }
    }

    async fn find(&self, find: &Find) -> Result<Value, CliError> {
        let secrets: Vec<Value> = requests::found(&self.api, &find.query)
            .await?
            .iter()
            .map(|row| {
                json!({
                    "id": row.id.to_string(),
                    "name": row.name,
                    "kind": row.kind.to_string(),
                    "account": format!("{} ({})", row.account_name, row.account_id),
                    "region": row.region.to_string(),
                })
            })
            .collect();
        Ok(json!({ "secrets": secrets }))
    }

    async fn request(&self, request: &Request, progress: &Progress) -> ToolResult {
        if request.secrets.is_empty() {
            return Err("Name at least one secret.".into());
        }
        if request.reason.trim().is_empty() {
            return Err("Give a reason: a person reads it and decides.".into());
        }
        let purpose = format!("{}{BY_AN_AGENT}", request.reason.trim());
        let asked = Asked { purpose: &purpose, ticket: &request.ticket, minutes: request.minutes };
        let made = access::request(&self.api, &request.secrets, &asked);
        let made = progress.during("Requesting access", made).await.map_err(said)?;
        self.held().extend(made.iter().copied());
        let mut grants = Vec::new();
        for grant in made {
            progress.say(&format!("Reading {grant}."));
            grants.push(status(&detail(&self.api, &grant.to_string()).await.map_err(said)?));
        }
        Ok(json!({ "grants": grants }))
    }

    async fn status(&self, asked: &Status, progress: &Progress) -> ToolResult {
        let grant = self.own(&asked.grant)?;
        let wait = Duration::from_secs(asked.wait_seconds.min(MAX_WAIT));
        let waits = |shown: &GrantDetail| progress.say(&waiting(shown));
        let shown = settled(&self.api, grant, wait, waits).await.map_err(said)?;
        Ok(status(&shown))
    }

    async fn end(&self, end: &End) -> ToolResult {
        let grant = self.own(&end.grant)?;
        let says = match grants::end(&self.api, grant).await.map_err(said)? {
            Some(ending) if !ending.was_active => "The request is withdrawn.".to_owned(),
            Some(ending) => format!("The access has ended. {}", ending.sessions()),
            None => "The access has ended.".to_owned(),
        };
        Ok(json!({ "grant": grant.to_string(), "result": says }))
    }

    fn held(&self) -> std::sync::MutexGuard<'_, BTreeSet<GrantId>> {
        self.grants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A grant of this session.
    fn own(&self, text: &str) -> Result<GrantId, String> {
        let grant = text.parse().ok().filter(|grant| self.held().contains(grant));
        grant.ok_or_else(|| {
            format!(
                "{text} is not a grant of this session. Request access with request_access; a person can also name a grant with clv mcp --grant."
            )
        })
    }

    async fn run(&self, run: &Run, progress: &Progress) -> ToolResult {
        let program = self.allowed.iter().find(|program| program.name == run.program);
        let program = program.ok_or_else(|| self.not_allowed(&run.program))?;
        if run.env.is_empty() {
            return Err("Name at least one environment variable with its secret in env.".into());
        }
        let mut sources: BTreeMap<&str, Source> = BTreeMap::new();
        for (name, text) in &run.env {
            if !is_variable(name) {
                return Err(format!("{name:?} cannot be the name of an environment variable."));
            }
            if is_reserved(name) {
                return Err(format!(
                    "{name} cannot be set: it can make a program start others. Use another variable."
                ));
            }
            let source = text.parse().map_err(|fault| format!("{name}: {fault}."))?;
            sources.insert(name, source);
        }
        let time = Duration::from_secs(run.timeout_seconds.clamp(1, MAX_TIME));
        self.injected(program, run, &sources, time, progress).await
    }

    async fn injected(
        &self,
        program: &Program,
        run: &Run,
        sources: &BTreeMap<&str, Source>,
        time: Duration,
        progress: &Progress,
    ) -> ToolResult {
        let mut own = self.own_details().await;
        let mut revealed: BTreeMap<&str, Revealed> = BTreeMap::new();
        let mut used: BTreeSet<GrantId> = BTreeSet::new();
        for source in sources.values() {
            let secret = source.secret.as_str();
            if !revealed.contains_key(secret) {
                let held = self.access_to(secret, &mut own).await?;
                progress.say(&format!("Reading {secret}."));
                revealed.insert(secret, reveal(&self.api, &held).await.map_err(said)?);
                used.insert(held.grant);
            }
        }
        let grants: Vec<GrantDetail> = own
            .into_iter()
            .filter(|(grant, _)| used.contains(grant))
            .filter_map(|(_, read)| read.ok())
            .collect();
        let mut redactor = Redactor::default();
        for value in revealed.values() {
            match value {
                Revealed::Text(text) | Revealed::Binary(text) => redactor.add(text),
            }
        }
        let mut command = Command::new(&program.path);
        command.args(&run.args);
        for (name, source) in sources {
            let value = content(&revealed[source.secret.as_str()], source).map_err(said)?;
            let value = value.as_variable(&source.secret).map_err(said)?;
            if let Some(what) = unredactable(value) {
                return Err(format!(
                    "{name}: {what} of {} cannot be taken out of the output, so the command is not run. Inject a key with a longer value, as SECRET#KEY, or let a person run the command with clv run.",
                    source.secret
                ));
            }
            redactor.add(value);
            command.env(name, value);
        }
        let kept = OUTPUT_BYTES + redactor.window();
        let finished = Box::pin(process::run(command, kept, time, ended(&self.api, &grants)));
        let finished = progress.during(&format!("Running {}", run.program), finished).await;
        let finished = finished.map_err(|error| format!("{}: {error}.", run.program))?;
        // Of long output it takes so long that other calls would wait.
        let shown = tokio::task::spawn_blocking(move || {
            let shown = |output: &process::Output| {
                let mut text = redactor.text(&output.bytes, OUTPUT_BYTES);
                if output.total > OUTPUT_BYTES as u64 {
                    text.push_str("\n[output truncated]");
                }
                text
            };
            json!({
                "exit_code": exit_code(finished.status),
                "stopped": finished.stopped,
                "stdout": shown(&finished.stdout),
                "stderr": shown(&finished.stderr),
            })
        });
        shown.await.map_err(|_| "The output cannot be shown.".to_owned())
    }

    fn not_allowed(&self, program: &str) -> String {
        let allowed = match self.names().as_slice() {
            [] => "No program is allowed.".to_owned(),
            some => format!("Only {} may be run.", some.join(", ")),
        };
        format!(
            "{program:?} is not allowed. {allowed} A person has to start this server with clv mcp --allow PROGRAM."
        )
    }

    /// All grants of this session.
    async fn own_details(&self) -> Vec<Own> {
        let own: Vec<GrantId> = self.held().iter().copied().collect();
        let mut all = Vec::new();
        for grant in own {
            // A grant that cannot be read holds up no other.
            all.push((grant, detail(&self.api, &grant.to_string()).await.map_err(said)));
        }
        all
    }

    /// The access of this session to a secret; a grant that is approved is started.
    async fn access_to(&self, secret: &str, own: &mut [Own]) -> Result<Held, String> {
        let selector = Selector::of(secret);
        let covers = |shown: &GrantDetail| {
            shown.row.action.covers(Action::Read)
                && !selector.choose(shown.resources.iter()).is_empty()
        };
        let is_active = |shown: &GrantDetail| matches!(shown.row.state, GrantState::Active { .. });
        // A grant is started only if none is active.
        let mut has_active = own
            .iter()
            .any(|(_, read)| read.as_ref().is_ok_and(|shown| covers(shown) && is_active(shown)));
        let (mut all, mut others, mut waits) = (Vec::new(), Vec::new(), None);
        for (grant, read) in own {
            let shown = match read {
                Ok(shown) => shown,
                Err(fault) => {
                    others.push(format!("{grant}: {fault}"));
                    continue;
                }
            };
            if !covers(shown) {
                continue;
            }
            if shown.row.state.word() == GrantStateName::Claimable && !has_active {
                match started(&self.api, *grant, Duration::ZERO).await {
                    Ok(active) => {
                        has_active = true;
                        *shown = active;
                    }
                    Err(fault) => {
                        others.push(format!("{grant}: {}", said(fault)));
                        continue;
                    }
                }
            }
            if is_active(shown) {
                all.extend(all_of(shown));
            } else {
                if shown.row.state.next_at().is_some() {
                    waits = waits.or(Some(*grant));
                }
                others.push(format!("{grant}: {}", shown.row.state_label()));
            }
        }
        let wanted = Wanted { selector, typed: Typed::Nowhere };
        wanted.one_of(&all).map_err(said)?.ok_or_else(|| {
            let others =
                if others.is_empty() { String::new() } else { format!(" ({})", others.join(", ")) };
            let next = match waits {
                Some(grant) => format!("Wait for {grant} with request_status."),
                None => {
                    "Request it with request_access and wait for its approval with request_status."
                        .to_owned()
                }
            };
            format!("No active grant of this session covers {secret}{others}. {next}")
        })
    }
}

/// What the server or the network said, as `clv` prints it.
#[expect(clippy::needless_pass_by_value, reason = "the error ends here")]
fn said(fault: CliError) -> String {
    let text = fault.to_string();
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    first + chars.as_str()
}

/// What a grant waits for, in a sentence.
fn waiting(shown: &GrantDetail) -> String {
    let (grant, state) = (shown.row.id, shown.row.state_label());
    let waits = shown.row.waits.as_ref().map(|waits| format!(" {waits}")).unwrap_or_default();
    format!("{grant}: {state}.{waits}")
}

/// A grant as the model sees it.
fn status(shown: &GrantDetail) -> Value {
    let state = shown.row.state.word();
    let next = match state {
        GrantStateName::Requested => "Wait for a person's decision with request_status.",
        GrantStateName::Approved => "It is approved and starts later.",
        GrantStateName::Claimable => "Call run_command: it starts the access.",
        GrantStateName::Active => "Call run_command.",
        _ => "It has ended. Request access again if you still need it.",
    };
    let seconds_left = match &shown.row.state {
        GrantState::Active { until, .. } => Some((*until - shown.as_of).whole_seconds()),
        _ => None,
    };
    json!({
        "grant": shown.row.id.to_string(),
        "secrets": shown.resources.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(),
        "state": state.to_string(),
        "waits_for": shown.row.waits.as_ref().map(ToString::to_string),
        "minutes": shown.row.minutes,
        "seconds_left": seconds_left,
        "next": next,
    })
}
