//! The queue's jobs: what runs, what waits, what failed, and a retry.

use super::{
    api::{RetryJob, load_jobs},
    frame::SettingsFrame,
};
use crate::ui::{
    Ago, Chip, DataTable, EmptyState, ErrorNotice, Heading, Tone, format::grouped, loaded,
};
use claviger_domain::settings::jobs::{JobKindRow, JobRow, JobState, JobsView, LISTED_JOBS};
use leptos::prelude::*;
use time::OffsetDateTime;

#[component]
pub(crate) fn JobsPage() -> impl IntoView {
    let page = ArcResource::new(|| (), |()| load_jobs());
    loaded(page, "Settings", |shown: JobsView| view! { <Jobs shown /> }.into_any())
}

#[component]
fn Jobs(shown: JobsView) -> impl IntoView {
    let (now, may_retry) = (shown.as_of, shown.may_retry);
    let sum = |of: fn(&JobKindRow) -> u64| shown.kinds.iter().map(of).sum::<u64>();
    let context = format!(
        "{} running, {} waiting, {} failed.",
        grouped(sum(|kind| kind.running)),
        grouped(sum(|kind| kind.waiting)),
        grouped(sum(|kind| kind.failed))
    );
    let kinds = shown.kinds.into_iter().map(|kind| view! { <Kind kind now /> }).collect_view();
    let mut head = vec![Heading::text("Kind")];
    head.extend(["Running", "Waiting", "Failed"].map(Heading::number));
    head.push(Heading::text("Oldest due"));
    let content = if shown.jobs.is_empty() {
        view! { <EmptyState title="No jobs."><p>"Scans, evaluations and notifications appear here while they run or wait."</p></EmptyState> }
            .into_any()
    } else {
        let rows = shown.jobs.into_iter().map(move |job| view! { <Job job may_retry now /> });
        let mut columns: Vec<_> = ["Job", "State", "Error"].map(Heading::text).into();
        columns.push(Heading::number("Attempts"));
        columns.push(Heading::text("Next or started"));
        view! {
            <div class="panel flush"><DataTable head>{kinds}</DataTable></div>
            <h2>"Jobs"</h2>
            <p class="context">{format!("At most {LISTED_JOBS} of each state.")}</p>
            <div class="panel flush"><DataTable head=columns>{rows.collect_view()}</DataTable></div>
        }
        .into_any()
    };
    view! { <SettingsFrame title="Jobs" context>{content}</SettingsFrame> }
}

#[component]
fn Kind(kind: JobKindRow, now: OffsetDateTime) -> impl IntoView {
    let since = match kind.due_since {
        Some(at) => view! { <Ago at now /> }.into_any(),
        None => view! { <span class="faint">"none"</span> }.into_any(),
    };
    view! {
        <tr>
            <td class="name">{kind_label(&kind.kind)}<small class="mono">{kind.kind}</small></td>
            <td data-label="Running" class="number">{grouped(kind.running)}</td>
            <td data-label="Waiting" class="number">{grouped(kind.waiting)}</td>
            <td data-label="Failed" class="number">{grouped(kind.failed)}</td>
            <td data-label="Oldest due">{since}</td>
        </tr>
    }
}

#[component]
fn Job(job: JobRow, may_retry: bool, now: OffsetDateTime) -> impl IntoView {
    let key = job.id.to_string();
    let row_key = key.clone();
    let tone = match job.state {
        JobState::Failed => Tone::Bad,
        JobState::Retrying => Tone::Soon,
        JobState::Running | JobState::Waiting => Tone::Unknown,
    };
    let retry = (may_retry && job.state == JobState::Failed).then(|| {
        let action = ServerAction::<RetryJob>::new();
        let label = format!("Retry {}, job {key}", kind_label(&job.kind));
        view! {
            <ActionForm action>
                <input type="hidden" name="job" value=key />
                <button class="button" aria-label=label>"Retry"</button>
            </ActionForm>
            <ErrorNotice value=action.value() />
        }
    });
    view! {
        <tr data-key=row_key>
            <td class="name">{kind_label(&job.kind)}" "{retry}<small class="wrap">{job.about}</small></td>
            <td data-label="State"><Chip tone text=job.state.label() /></td>
            <td data-label="Error" class="wrap">{job.reason.unwrap_or_default()}</td>
            <td data-label="Attempts" class="number">{format!("{} of {}", job.attempts, job.max_attempts)}</td>
            <td data-label="Next or started"><Ago at=job.at now /></td>
        </tr>
    }
}

/// A kind of job for people; the word itself for one of a newer release.
fn kind_label(kind: &str) -> String {
    let label = match kind {
        "plan_sweep" => "List the Organization",
        "scan" => "Scan a Region",
        "read_deep" => "Read details",
        "evaluate" => "Evaluate an account",
        "check_account" => "Check prerequisites",
        "read_variables" => "Read plaintext variables",
        "end_sessions" => "End AWS sessions",
        "collect_denials" => "Clean up Deny statements",
        "refresh_resource" => "Read a changed secret or parameter",
        "deliver" | "send" => "Send a notification",
        "follow_request" => "Update the message about a request",
        "read_trail" => "Read CloudTrail",
        "remediate" => "Apply a remediation plan",
        other => other,
    };
    label.to_owned()
}

#[cfg(test)]
mod tests {
    use super::kind_label;
    use claviger_domain::job::Job;

    #[test]
    fn every_kind_has_words() {
        for kind in Job::KINDS {
            assert_ne!(kind_label(kind), kind);
        }
    }
}
