//! A report: what was ended, what rotates it, and who is known to have read it.

use super::{
    api::load_leak,
    words::{end_of, no_plan, was_active},
};
use crate::{
    grants::labels::request_href,
    inventory::Tab,
    remediation::plan_label,
    ui::{
        Ago, Breadcrumb, Chip, PageHeader, PageTitle, Panel, Timestamp, Tone,
        format::{absolute, counted, day, machine},
        loaded,
    },
};
use claviger_domain::{
    grants::Action,
    leaks::{EndedGrant, KnownReads, LeakView},
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

#[component]
pub(crate) fn LeakPage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    let page = ArcResource::new(|| (), move |()| load_leak(id.clone()));
    loaded(page, "Leaks", |shown: LeakView| view! { <Report shown /> }.into_any())
}

#[component]
fn Report(shown: LeakView) -> impl IntoView {
    let (report, now) = (shown.report.clone(), shown.as_of);
    let chip = match shown.rotated_at {
        Some(_) => view! { <Chip tone=Tone::Good text="New value since" /> }.into_any(),
        None => view! { <Chip tone=Tone::Bad text="Same value" /> }.into_any(),
    };
    let resource = format!("/inventory/{}", report.resource);
    let place = format!("{}, {}", report.account_name, report.region);
    let title = format!("Leak of {}", report.name);
    let (name, left, total) = (report.name.clone(), shown.sessions_left.len(), report.ended.len());
    view! {
        <PageTitle text=title />
        <PageHeader>
            <Breadcrumb><a href="/leaks">"Leaks"</a></Breadcrumb>
            <h1 class="mono">{name}</h1>
            <p class="chips"><span class="mono">{report.id.to_string()}</span>{chip}</p>
        </PageHeader>
        <Panel title="Report" class="leak">
            <p class="wrap">{report.reason}</p>
            <dl class="facts">
                <dt>"Secret or parameter"</dt><dd><a href=resource class="mono wrap">{report.name}</a></dd>
                <dt>"Account and Region"</dt><dd>{place}</dd>
                <dt>"Reported by"</dt><dd>{report.reporter.name}" "<Ago at=report.at now /></dd>
            </dl>
        </Panel>
        <Panel title="Rotation" class="leak"><Rotation shown /></Panel>
        <Panel title="Access that ended" class="leak"><Ended ended=report.ended left total /></Panel>
        <Panel title="Who has read it" class="leak">
            <Reads reads=report.reads />
            <p class="note">
                "As known at the time of the report, "<Ago at=report.at now />". Reads by other roles and people are in each account's CloudTrail (GetSecretValue, BatchGetSecretValue, GetParameter). "
                <a href=Tab::Access.href(report.resource)>"Who can read it now"</a>
            </p>
        </Panel>
    }
}

#[component]
fn Rotation(shown: LeakView) -> impl IntoView {
    let report = shown.report;
    let changed = match shown.rotated_at {
        Some(at) => view! { <p class="done">"A new value was found "<Timestamp at now=shown.as_of />"."</p> }.into_any(),
        None => view! { <p>"No new value was found since the report."</p> }.into_any(),
    };
    let plan = match &report.plan {
        Ok(plan) => {
            let href = format!("/remediation/{plan}");
            let state = shown.plan.map(|row| {
                let (tone, text) = plan_label(&row);
                view! { " "<Chip tone text /> }
            });
            view! { <p>"Plan "<a href=href>{plan.to_string()}</a>" rotates it."{state}</p> }
                .into_any()
        }
        Err(why) => {
            let href = request_href(Action::Write, None, std::iter::once(report.resource));
            let request = (shown.can_request && shown.rotated_at.is_none())
                .then(|| view! { <p><a class="button" href=href>"Request access to write a new value"</a></p> });
            view! { <p>{no_plan(why, report.kind)}</p>{request} }.into_any()
        }
    };
    view! { {changed}{plan} }
}

#[component]
fn Ended(ended: Vec<EndedGrant>, left: usize, total: usize) -> impl IntoView {
    if ended.is_empty() {
        return view! { <p>"No grant was open at the time of the report."</p> }.into_any();
    }
    let active = ended.iter().filter(|one| was_active(one)).count();
    let number = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let summary =
        format!("{} ended, {} of them active.", counted(number(total), "grant", "grants"), active);
    let sessions = match (ended.iter().filter(|one| one.ends_sessions).count(), left) {
        (0, _) => "No session was issued under them that could still be in use.".to_owned(),
        (_, 0) => "AWS denies their sessions.".to_owned(),
        (_, left) => format!(
            "AWS does not deny the sessions of {} yet: see each grant.",
            counted(number(left), "grant", "grants")
        ),
    };
    let rows = ended
        .into_iter()
        .map(|one| {
            let id = one.grant.to_string();
            view! { <li><a href=format!("/access/{id}")>{id.clone()}</a>" of "{one.holder.clone()}": "{end_of(&one)}</li> }
        })
        .collect_view();
    view! { <p>{summary}" "{sessions}</p><ul class="sentences">{rows}</ul> }.into_any()
}

#[component]
fn Reads(reads: KnownReads) -> impl IntoView {
    let unexplained = reads.unexplained().map(|on| {
        let text = format!(
            "AWS reports a read on {} that Claviger doesn't know: somebody read it in AWS, or with an older session.",
            day(on)
        );
        view! { <p class="notice soon">{text}</p> }
    });
    let last = match reads.last_accessed {
        Some(on) => format!(
            "Last accessed on {}, says AWS. AWS reports the last day only, and not by whom.",
            day(on)
        ),
        None => "AWS reports no last access.".to_owned(),
    };
    let more =
        reads.has_more.then(|| view! { <p class="note">"Older uses are in the audit log."</p> });
    let not_traced = (!reads.not_traced.is_empty()).then(|| {
        let ids: Vec<String> = reads.not_traced.iter().map(ToString::to_string).collect();
        let text = format!(
            "CloudTrail was not read for the sessions of {}: which calls they made is unknown.",
            ids.join(", ")
        );
        view! { <p class="note">{text}</p> }
    });
    let uses = if reads.uses.is_empty() {
        view! { <p>"No use under a grant of Claviger is known."</p> }.into_any()
    } else {
        let rows = reads
            .uses
            .into_iter()
            .map(|one| {
                let who = one.who.unwrap_or_else(|| "Claviger".to_owned());
                let id = one.grant.to_string();
                let certain = (!one.kind.is_certain()).then_some(" (whether the value was read is unknown)");
                view! {
                    <li>
                        {who}" "{one.kind.says()}{certain}", "<a href=format!("/access/{id}")>{id.clone()}</a>", "
                        <time datetime=machine(one.at)>{absolute(one.at)}</time>
                    </li>
                }
            })
            .collect_view();
        view! { <ul class="sentences">{rows}</ul> }.into_any()
    };
    view! { {unexplained}<p>{last}</p>{uses}{more}{not_traced} }
}
