//! The items of the queue as its list shows them.

use crate::{
    exceptions::labels::policy_label,
    grants::{
        StateCell,
        labels::{names, verb},
    },
    remediation::labels::author,
    ui::{Ago, Chip, Tone, WaitsNote, format::counted, own_path},
};
use claviger_domain::{
    compliance::{FindingQuery, FindingState, Severity},
    exceptions::view::ExceptionRow,
    grants::view::GrantRow,
    notifications::notice::for_minutes,
    queue::{QueueItem, QueueKey, QueueKind, QueueQuery, QueueSection, WorkQueue},
    remediation::view::PlanRow,
};
use leptos::prelude::*;
use time::OffsetDateTime;

#[component]
pub(super) fn Sections(queue: WorkQueue) -> impl IntoView {
    let (query, now) = (QueueQuery::of(queue.query.kind), queue.as_of);
    queue.sections.into_iter().map(|section| view! { <Section section query now /> }).collect_view()
}

#[component]
fn Section(section: QueueSection, query: QueueQuery, now: OffsetDateTime) -> impl IntoView {
    let QueueSection { kind, total, items, severities, incomplete } = section;
    let shown = u64::try_from(items.len()).unwrap_or(u64::MAX);
    let is_counted = !matches!(kind, QueueKind::Finding | QueueKind::Account);
    let hidden = total.saturating_sub(shown);
    let more = (is_counted && hidden > 0).then(|| {
        let href = match query.kind {
            None => QueueQuery::of(Some(kind)).path(),
            Some(kind) => kind.page().to_owned(),
        };
        let label = kind.label().to_lowercase();
        view! { <p class="more"><a href=href>{format!("and {hidden} more")}<span class="sr">" "{label}</span></a></p> }
    });
    let items = items.into_iter().map(|item| view! { <Item item query now /> }).collect_view();
    let severities = (!severities.is_empty()).then(|| view! { <Severities severities /> });
    let incomplete = incomplete.map(|why| view! { <p class="note">{why}</p> });
    view! {
        <div class="kind" data-key=kind.to_string()>
            <h2>{kind.label()}</h2>
            {incomplete}
            <ul class="panel flush items">{items}</ul>
            {severities}
            {more}
        </div>
    }
}

/// Of all of one's teams together.
#[component]
fn Severities(severities: Vec<(Severity, u64)>) -> impl IntoView {
    let links = severities
        .into_iter()
        .map(|(severity, count)| {
            let query = FindingQuery {
                severities: vec![severity],
                states: vec![FindingState::Overdue],
                ..FindingQuery::default()
            };
            let href = format!("/findings?{}", query.to_url_query());
            view! { <a href=href>{format!("{count} {severity}")}</a>" " }
        })
        .collect_view();
    view! { <p class="more">"Of your teams, by severity: "{links}</p> }
}

/// Whether the page shows this item.
fn is_open(key: QueueKey) -> bool {
    let path = own_path();
    path == key.path(QueueQuery::default())
        || key.kind() == QueueKind::Access && path == format!("/approvals/{}", key.number())
}

#[component]
fn Item(item: QueueItem, query: QueueQuery, now: OffsetDateTime) -> impl IntoView {
    let Some(key) = item.key() else { return other(item, now) };
    let current = is_open(key).then_some("true");
    let content = match item {
        QueueItem::Access(row) => view! { <Request row=*row now /> }.into_any(),
        QueueItem::Review(row) => view! { <BreakGlass row=*row now /> }.into_any(),
        QueueItem::Plan(row) => view! { <Plan row=*row now /> }.into_any(),
        QueueItem::Exception(row) => view! { <Exception row=*row now /> }.into_any(),
        QueueItem::Creation(_)
        | QueueItem::Mine(_)
        | QueueItem::Finding { .. }
        | QueueItem::Account { .. } => ().into_any(),
    };
    let row = format!("{}-{}", key.kind(), key.number());
    view! { <li data-key=row><a href=key.path(query) aria-current=current data-in-place="">{content}</a></li> }
        .into_any()
}

/// What leads to another page.
fn other(item: QueueItem, now: OffsetDateTime) -> AnyView {
    match item {
        QueueItem::Mine(row) => {
            let (href, key) = (format!("/access/{}", row.id), format!("mine-{}", row.id));
            let (name, approvals) = (names(&row), (row.approvals, row.approvals_needed));
            let what = format!("{} for {}", capital(verb(row.action)), for_minutes(row.minutes));
            view! {
                <li data-key=key>
                    <a href=href>
                        <span class="mono">{name}</span>
                        <span><StateCell state=row.state approvals as_of=now />" "<span class="faint">{what}</span></span>
                        <WaitsNote waits=row.waits />
                    </a>
                </li>
            }
            .into_any()
        }
        QueueItem::Creation(row) => {
            let href = format!("/creations/{}", row.id);
            let place = format!("{}, {}", row.account_name, row.shape.region);
            view! {
                <li data-key=row.id.to_string()>
                    <a href=href>
                        <span class="mono">{row.shape.name.clone()}</span>
                        <span>{place}</span>
                        <span class="faint">{row.id.to_string()}" · "{row.requester.name.clone()}" "<Ago at=row.created_at now /></span>
                    </a>
                </li>
            }
            .into_any()
        }
        QueueItem::Finding { team, count } => {
            let query = FindingQuery {
                teams: vec![team.clone()],
                states: vec![FindingState::Overdue],
                ..FindingQuery::default()
            };
            let (href, key) =
                (format!("/findings?{}", query.to_url_query()), format!("team-{team}"));
            let found = counted(count, "overdue finding", "overdue findings");
            view! { <li data-key=key><a href=href><strong>{team}</strong><span>{found}</span></a></li> }
                .into_any()
        }
        QueueItem::Account { unreachable } => {
            let found = counted(unreachable, "account", "accounts");
            view! {
                <li data-key="accounts"><a href="/accounts"><strong>{found}" could not be read"</strong><span>"In the last scan. The page of accounts says why."</span></a></li>
            }
            .into_any()
        }
        _ => ().into_any(),
    }
}

#[component]
fn Request(row: GrantRow, now: OffsetDateTime) -> impl IntoView {
    let what = format!("{} for {}", capital(verb(row.action)), for_minutes(row.minutes));
    view! {
        <span><strong>{row.requester.clone()}</strong>" "<span class="faint"><Ago at=row.created_at now /></span></span>
        <span class="mono">{names(&row)}</span>
        <span class="faint">{what}</span>
        <WaitsNote waits=row.waits />
    }
}

#[component]
fn BreakGlass(row: GrantRow, now: OffsetDateTime) -> impl IntoView {
    view! {
        <span><strong>{row.requester.clone()}</strong>" "<span class="faint"><Ago at=row.created_at now /></span></span>
        <span class="mono">{names(&row)}</span>
        <span><Chip tone=Tone::Bad text="Break-glass" />" "<StateCell state=row.state approvals=(0, 0) as_of=now /></span>
        <WaitsNote waits=row.waits />
    }
}

#[component]
fn Plan(row: PlanRow, now: OffsetDateTime) -> impl IntoView {
    let calls = counted(u64::from(row.counts.all()), "call", "calls");
    view! {
        <span><strong>{author(&row)}</strong>" "<span class="faint"><Ago at=row.created_at now /></span></span>
        <span>{row.title}</span>
        <span class="faint">{calls}</span>
        <WaitsNote waits=row.waits />
    }
}

#[component]
fn Exception(row: ExceptionRow, now: OffsetDateTime) -> impl IntoView {
    let due = row.is_due(now).then(|| view! { " "<Chip tone=Tone::Bad text="Review due" /> });
    let policy = policy_label(row.policy_title.as_ref());
    view! {
        <span><strong>{row.owner.name}</strong>" "<span class="faint"><Ago at=row.created_at now /></span>{due}</span>
        <span>{policy}</span>
        <span class="faint">{row.target_name}</span>
        <WaitsNote waits=row.waits />
    }
}

/// The word as a sentence begins with it.
pub(super) fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
