//! Access for a command: request it, wait for its approval, start it, and notice its end.

use crate::{
    api::Api,
    error::CliError,
    grants::{self, detail},
};
use claviger_domain::{
    grants::{
        Action, GrantId, GrantResource, GrantState, GrantStateName,
        view::{GrantDetail, MyAccess, Requested},
    },
    problem::{Problem, ProblemCode},
};
use serde_json::json;
use std::time::{Duration, Instant};
use time::{OffsetDateTime, UtcOffset};

/// How soon a state is read again: at first often, then rarely.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const MAX_PAUSE: Duration = Duration::from_secs(10);

/// What approvers read.
pub(crate) struct Asked<'a> {
    pub(crate) purpose: &'a str,
    pub(crate) ticket: &'a str,
    pub(crate) minutes: u32,
}

/// Requests to read these, by id, ARN or unique name: one grant for each account and rule.
pub(crate) async fn request(
    api: &Api,
    resources: &[String],
    asked: &Asked<'_>,
) -> Result<Vec<GrantId>, CliError> {
    let body = json!({
        "resources": resources,
        "action": Action::Read,
        "minutes": asked.minutes,
        "purpose": asked.purpose,
        "ticket": asked.ticket,
    });
    let made: Requested = api.post("/v1/requests", &body).await?;
    Ok(made.grants)
}

/// The caller's grants for this action that wait for an approval or for their start: those that can be started first, and those
/// that start later last.
pub(crate) async fn pending(api: &Api, action: Action) -> Result<Vec<GrantDetail>, CliError> {
    let mine: MyAccess = api.get("/v1/grants").await?;
    let mut all = Vec::new();
    for row in mine.waiting.iter().filter(|row| row.action.covers(action)) {
        all.push(detail(api, &row.id.to_string()).await?);
    }
    all.sort_by_key(|shown| {
        (later_start(shown), shown.row.state.word() == GrantStateName::Requested)
    });
    Ok(all)
}

/// Those of the pending grants that do not start later: access now needs no second request.
pub(crate) async fn pending_now(api: &Api, action: Action) -> Result<Vec<GrantDetail>, CliError> {
    let mut all = pending(api, action).await?;
    all.retain(|shown| later_start(shown).is_none());
    Ok(all)
}

/// When a grant starts that was requested for a later time; `None` if it can be started as soon as it is approved.
pub(crate) fn later_start(shown: &GrantDetail) -> Option<OffsetDateTime> {
    match shown.row.state {
        GrantState::Approved { starts_at, .. } => Some(starts_at),
        GrantState::Requested { .. } => shown.starts_at.filter(|at| *at > shown.as_of),
        _ => None,
    }
}

/// Who has to approve it, as a sentence before another one.
fn waits(shown: &GrantDetail) -> String {
    shown.row.waits.as_ref().map(|waits| format!("{waits} ")).unwrap_or_default()
}

/// When a grant starts that starts later, without the end of the sentence.
fn says_start(shown: &GrantDetail) -> Option<String> {
    let at = later_start(shown)?.to_offset(UtcOffset::UTC);
    let at = format!("{} {:02}:{:02} UTC", at.date(), at.hour(), at.minute());
    let grant = shown.row.id;
    Some(match shown.row.state.word() {
        GrantStateName::Approved => format!("{grant} starts at {at}"),
        _ => format!("{}{grant} starts at {at} if it is approved", waits(shown)),
    })
}

/// What the holder of a grant that is not active yet does next; the sentence goes on with what calls it.
fn next_step(shown: &GrantDetail) -> String {
    let grant = shown.row.id;
    if let Some(start) = says_start(shown) {
        return format!("{start}: start it then with `clv claim {grant}`");
    }
    let start = format!("start it with `clv claim {grant}`");
    match shown.row.state.word() {
        GrantStateName::Claimable => format!("Its approval is complete: {start}"),
        _ => format!("{}Once it is approved, {start}", waits(shown)),
    }
}

/// Says that a grant covers this but is not active yet, and what to do about it. The advice continues the last sentence.
pub(crate) fn not_yet(shown: &GrantDetail, action: Action, name: &str, advice: &str) -> CliError {
    let (grant, state) = (shown.row.id, shown.row.state_label());
    let message = format!("your grant {grant} to {action} {name} is not active yet: {state}.");
    let hint = format!("{}{advice}", next_step(shown));
    CliError::Problem(Problem::new(ProblemCode::Conflict, message, hint))
}

/// Refuses a request for what the caller's open requests already cover: it would be decided twice. Those that start later do
/// not count. The server decides what may be requested, so what cannot be read here stops nothing.
pub(crate) async fn refuse_second(
    api: &Api,
    action: Action,
    resources: &[String],
) -> Result<(), CliError> {
    let Ok(open) = pending_now(api, action).await else { return Ok(()) };
    let covers = |shown: &GrantDetail, id: &String| {
        let is_it = |one: &GrantResource| one.id.to_string() == *id;
        shown.resources.iter().any(is_it)
    };
    if !resources.iter().all(|id| open.iter().any(|shown| covers(shown, id))) {
        return Ok(());
    }
    let is_one = |shown: &&GrantDetail| resources.iter().any(|id| covers(shown, id));
    let all: Vec<&GrantDetail> = open.iter().filter(is_one).collect();
    let each = |say: fn(&GrantDetail) -> String, between: &str| {
        all.iter().map(|shown| say(shown)).collect::<Vec<_>>().join(between)
    };
    let withdraw = each(|shown: &GrantDetail| format!("`clv give-back {}`", shown.row.id), " and ");
    let (message, hint) = match all.as_slice() {
        [] => return Ok(()),
        [shown] => {
            let (grant, state) = (shown.row.id, shown.row.state_label());
            let hint = format!(
                "{}. To request it with other terms, withdraw it first with {withdraw}",
                next_step(shown)
            );
            (format!("your grant {grant} already covers this: {state}."), hint)
        }
        _ => {
            let named =
                |shown: &GrantDetail| format!("{} ({})", shown.row.id, shown.row.state_label());
            let step = |shown: &GrantDetail| format!("{}: {}.", shown.row.id, next_step(shown));
            let hint = format!(
                "{} To request this with other terms, withdraw them first with {withdraw}",
                each(step, " ")
            );
            (format!("your grants already cover this: {}.", each(named, " and ")), hint)
        }
    };
    Err(CliError::Problem(Problem::new(ProblemCode::Conflict, message, hint)))
}

/// How long a state that still changes is waited for.
struct Pauses(Duration);

impl Pauses {
    fn next(&mut self) -> Duration {
        let pause = self.0;
        self.0 = (pause * 2).min(MAX_PAUSE);
        pause
    }
}

/// The grant once it is active: starts it as soon as it is approved. Waits so long for the approval, and is then an error
/// that says how to go on.
pub(crate) async fn started(
    api: &Api,
    grant: GrantId,
    wait: Duration,
) -> Result<GrantDetail, CliError> {
    let shown = settled(api, grant, wait, |_| ()).await?;
    match shown.row.state.word() {
        GrantStateName::Claimable => {
            grants::start(api, grant).await?;
            detail(api, &grant.to_string()).await
        }
        GrantStateName::Active => Ok(shown),
        _ => Err(not_active(&shown)),
    }
}

/// The grant once it is active, can be started or has ended; at the latest after so long. `waits` gets each state before that.
pub(crate) async fn settled(
    api: &Api,
    grant: GrantId,
    wait: Duration,
    waits: impl Fn(&GrantDetail),
) -> Result<GrantDetail, CliError> {
    let began = Instant::now();
    let mut pauses = Pauses(FIRST_PAUSE);
    loop {
        let read = detail(api, &grant.to_string()).await;
        let is_pending = match &read {
            Ok(shown) => matches!(
                shown.row.state,
                GrantState::Requested { .. } | GrantState::Approved { .. }
            ),
            Err(fault) => is_outage(fault),
        };
        let left = wait.saturating_sub(began.elapsed());
        if !is_pending || left.is_zero() {
            return read;
        }
        if let Ok(shown) = &read {
            waits(shown);
        }
        tokio::time::sleep(pauses.next().min(left)).await;
    }
}

/// The server cannot be asked now, and can probably be asked later.
fn is_outage(fault: &CliError) -> bool {
    match fault {
        CliError::Unreachable(_) => true,
        CliError::Problem(problem) => {
            matches!(problem.code, ProblemCode::Unavailable | ProblemCode::Internal)
        }
        _ => false,
    }
}

/// Why a grant cannot be read any more; `None` if it may be possible later.
fn unreadable(grant: GrantId, fault: &CliError) -> Option<String> {
    match fault {
        CliError::NotSignedIn | CliError::SignIn(_) => Some("your sign-in is over".to_owned()),
        CliError::Problem(problem) => match problem.code {
            ProblemCode::NotFound => Some(format!("{grant} is no longer there")),
            ProblemCode::Forbidden => {
                Some(format!("your role does not let you use {grant} any more"))
            }
            ProblemCode::SignInNeeded => Some("your sign-in is over".to_owned()),
            _ => None,
        },
        _ => None,
    }
}

fn not_active(shown: &GrantDetail) -> CliError {
    let message = format!("{} is not active: {}.", shown.row.id, shown.row.state_label());
    let hint = match (says_start(shown), shown.row.state.word()) {
        (Some(start), _) => format!("{start}. Run the command again then."),
        (None, GrantStateName::Requested) => {
            format!("{}Run the command again once it is approved, or add --wait.", waits(shown))
        }
        _ => "Request it again with --request.".to_owned(),
    };
    CliError::Problem(Problem::new(ProblemCode::Conflict, message, hint))
}

/// Resolves when one of these grants ends, with the reason in words: its time is over, somebody has ended it, or the person
/// may not read it any more. An answer that does not come holds up no end.
pub(crate) async fn ended(api: &Api, grants: &[GrantDetail]) -> String {
    let left = |shown: &GrantDetail| match shown.row.state.clone().at(shown.as_of) {
        GrantState::Active { until, .. } => {
            Ok((until - shown.as_of).try_into().unwrap_or(Duration::ZERO))
        }
        other => Err(other.word()),
    };
    let over = |grant: GrantId, state: GrantStateName| {
        format!("the access of {grant} is over: {}", state.label())
    };
    let mut ends: Vec<(GrantId, Instant)> = Vec::new();
    for shown in grants {
        match left(shown) {
            Ok(left) => ends.push((shown.row.id, Instant::now() + left)),
            Err(state) => return over(shown.row.id, state),
        }
    }
    let mut pauses = Pauses(FIRST_PAUSE);
    loop {
        let until = |(_, end): &(GrantId, Instant)| end.saturating_duration_since(Instant::now());
        let soonest = ends.iter().map(until).min().unwrap_or(MAX_PAUSE);
        tokio::time::sleep(pauses.next().min(soonest)).await;
        let now = Instant::now();
        if let Some((grant, _)) = ends.iter().find(|(_, end)| *end <= now) {
            return over(*grant, GrantStateName::Ended);
        }
        let soonest = ends.iter().map(until).min().unwrap_or(MAX_PAUSE);
        let round = async {
            for (grant, end) in &mut ends {
                match detail(api, &grant.to_string()).await {
                    Ok(shown) => match left(&shown) {
                        Ok(left) => *end = Instant::now() + left,
                        Err(state) => return Some(over(*grant, state)),
                    },
                    // If the server cannot be asked, the time that it named still holds.
                    Err(fault) => {
                        if let Some(reason) = unreadable(*grant, &fault) {
                            return Some(reason);
                        }
                    }
                }
            }
            None
        };
        if let Ok(Some(reason)) = tokio::time::timeout(soonest, round).await {
            return reason;
        }
    }
}
