//! Grants: list, decide, start, end.

use crate::{api::Api, error::CliError, say};
use claviger_domain::{
    grants::{
        GrantState,
        view::{Ending, GrantDetail, GrantRow, MyAccess, Queue},
    },
    notifications::notice::for_minutes,
};
use serde_json::json;
use std::fmt::Display;
use time::OffsetDateTime;

pub(crate) async fn detail(api: &Api, grant: &str) -> Result<GrantDetail, CliError> {
    api.get(&format!("/v1/grants/{grant}")).await
}

fn line(row: &GrantRow, now: OffsetDateTime) -> String {
    let state = match &row.state {
        GrantState::Active { until, .. } => {
            format!("active, {} min left", ((*until - now).whole_seconds() + 59) / 60)
        }
        _ => row.state_label().to_owned(),
    };
    let waits = row.waits.as_ref().map(|waits| format!("\t{waits}")).unwrap_or_default();
    format!(
        "{}\t{} {}\t{}\t{}\t{state}{waits}",
        row.id,
        row.action,
        row.names(),
        row.account_name,
        for_minutes(row.minutes)
    )
}

pub(crate) async fn list() -> Result<(), CliError> {
    let mine: MyAccess = Api::signed_in()?.get("/v1/grants").await?;
    for row in mine.live.iter().chain(&mine.waiting).chain(&mine.past) {
        say(line(row, mine.as_of));
    }
    Ok(())
}

pub(crate) async fn queue() -> Result<(), CliError> {
    let queue: Queue = Api::signed_in()?.get("/v1/queue").await?;
    for row in &queue.rows {
        say(format_args!("{}\t{}", line(row, queue.as_of), row.requester));
    }
    Ok(())
}

/// Decides the request as it is now: the decision is bound to what was shown.
pub(crate) async fn decide(
    grant: &str,
    verdict: &str,
    reason: Option<String>,
    minutes: Option<u32>,
) -> Result<(), CliError> {
    let api = Api::signed_in()?;
    let shown = detail(&api, grant).await?;
    let asked = format!(
        "{} requests to {} {} for {}: {}",
        shown.row.requester,
        shown.row.action.words(),
        shown.resources.iter().map(|r| r.name.as_str()).collect::<Vec<_>>().join(", "),
        for_minutes(shown.row.minutes),
        shown.purpose
    );
    say(asked);
    let body =
        json!({"verdict": verdict, "reason": reason, "minutes": minutes, "hash": shown.hash});
    api.post::<()>(&format!("/v1/grants/{grant}/decision"), &body).await?;
    say(detail(&api, grant).await?.row.state.word().label());
    Ok(())
}

/// Starts access.
pub(crate) async fn start(api: &Api, grant: impl Display) -> Result<(), CliError> {
    api.post(&format!("/v1/grants/{grant}/claim"), &json!({})).await
}

/// Ends access, or withdraws a request. An earlier release of the server has no answer.
pub(crate) async fn end(api: &Api, grant: impl Display) -> Result<Option<Ending>, CliError> {
    api.post(&format!("/v1/grants/{grant}/give-back"), &json!({})).await
}

pub(crate) async fn claim(grant: &str) -> Result<(), CliError> {
    start(&Api::signed_in()?, grant).await?;
    say(format_args!("Access started: {grant}"));
    Ok(())
}

pub(crate) async fn give_back(grant: &str) -> Result<(), CliError> {
    match end(&Api::signed_in()?, grant).await? {
        Some(ending) if !ending.was_active => say(format_args!("Withdrawn: {grant}")),
        ending => say(format_args!("Access ended: {grant}{}", sessions(ending))),
    }
    Ok(())
}

pub(crate) async fn revoke(grant: &str, reason: String) -> Result<(), CliError> {
    let body = json!({ "reason": reason });
    let ending: Option<Ending> =
        Api::signed_in()?.post(&format!("/v1/grants/{grant}/revoke"), &body).await?;
    say(format_args!("Revoked: {grant}{}", sessions(ending)));
    Ok(())
}

/// The server's answer about the AWS sessions; an earlier release has none.
fn sessions(ending: Option<Ending>) -> String {
    ending.map(|ending| format!(". {}", ending.sessions())).unwrap_or_default()
}
