//! The queue: its list alone, or beside the item that is open.

use super::{api::load_work_queue, items::Sections};
use crate::{
    ui::{
        Ago, EmptyState, Icon, PageHeader, PageTitle, ProblemPanel, Shape,
        format::{counted, grouped},
        once_read, own_query,
    },
    wire::WireError,
};
use claviger_domain::queue::{QueueQuery, WorkQueue};
use leptos::prelude::*;

#[component]
pub(crate) fn QueuePage() -> impl IntoView {
    view! { <PageTitle text="Queue" /> {frame(None)} }
}

/// The page around the item that is open.
pub(super) fn frame(item: Option<AnyView>) -> AnyView {
    let query = own_query();
    let queue = ArcResource::new(|| (), move |()| load_work_queue(query.clone()));
    let shown = |show: fn(WorkQueue, bool) -> AnyView, is_open: bool| {
        once_read(queue.clone(), move |queue| {
            queue.ok().map(|queue| show(queue, is_open)).into_any()
        })
    };
    let fault = once_read(queue.clone(), |queue| {
        queue.err().map(|fault: WireError| view! { <ProblemPanel problem=fault.0 /> }).into_any()
    });
    let head = |queue: WorkQueue, _| view! { <Head queue /> }.into_any();
    let list = |queue: WorkQueue, is_open: bool| view! { <List queue is_open /> }.into_any();
    let Some(item) = item else {
        return view! { {fault}{shown(head, false)}{shown(list, false)} }.into_any();
    };
    view! {
        {fault}
        {shown(head, true)}
        <div class="beside queue-open">
            {shown(list, true)}
            <div class="stack">{item}</div>
        </div>
    }
    .into_any()
}

#[component]
fn Head(queue: WorkQueue) -> impl IntoView {
    let now = queue.as_of;
    let oldest = queue.oldest.map(|at| view! { " Oldest: "<Ago at now />"." });
    let tabs = (!queue.counts.is_empty()).then(|| view! { <Kinds queue=queue.clone() /> });
    view! {
        <PageHeader>
            <h1>"Queue"</h1>
            <p class="context"><span role="status">{status(&queue)}</span>{oldest}</p>
        </PageHeader>
        {tabs}
    }
}

/// What was done just before, and what is left.
fn status(queue: &WorkQueue) -> String {
    let left = grouped(queue.to_decide);
    match (queue.query.done, queue.to_decide) {
        (Some(done), 0) => format!("{} Nothing left to decide.", done.label()),
        (Some(done), _) => format!("{} {left} left.", done.label()),
        (None, 0) if queue.all() > 0 => {
            format!("{}. None needs your decision.", counted(queue.all(), "item", "items"))
        }
        (None, 0) => "No items.".to_owned(),
        (None, 1) => "1 item needs your decision.".to_owned(),
        (None, _) => format!("{left} items need your decision."),
    }
}

/// The filter by kind: links, each with how many items it would show.
#[component]
fn Kinds(queue: WorkQueue) -> impl IntoView {
    let chosen = queue.query.kind;
    let all = (None, "All", queue.all());
    let each = queue.counts.iter().map(|(kind, count)| (Some(*kind), kind.label(), *count));
    // The chosen kind may have no items left.
    let gone = chosen.filter(|kind| queue.counts.iter().all(|(found, _)| found != kind));
    let gone = gone.map(|kind| (Some(kind), kind.label(), 0));
    let links = std::iter::once(all)
        .chain(each)
        .chain(gone)
        .map(|(kind, label, count)| {
            let current = (kind == chosen).then_some("true");
            view! {
                <li><a href=QueueQuery::of(kind).path() aria-current=current>{label}" "<span class="count">{grouped(count)}</span></a></li>
            }
        })
        .collect_view();
    view! { <nav class="kinds" aria-label="Kinds of items"><ul>{links}</ul></nav> }
}

#[component]
fn List(queue: WorkQueue, is_open: bool) -> impl IntoView {
    let content = if queue.sections.is_empty() {
        view! { <CaughtUp queue /> }.into_any()
    } else {
        view! { <Sections queue /> }.into_any()
    };
    view! { <section class="queue" class:alone=!is_open aria-label="Items">{content}</section> }
}

/// An empty queue says what is useful next.
#[component]
fn CaughtUp(queue: WorkQueue) -> impl IntoView {
    let rest = queue.all();
    let way_on = if rest > 0 {
        let label = format!("Show {}", counted(rest, "other item", "other items"));
        view! { <a href="/queue" class="button">{label}</a> }.into_any()
    } else if queue.may_request {
        view! {
            <p>"Need access? Find a secret in Inventory and request it."</p>
            <a href="/inventory" class="button">"Go to Inventory"</a>
        }
        .into_any()
    } else if queue.may_read_findings {
        view! {
            <p>"New items appear here."</p>
            <a href="/findings" class="button">"Go to Findings"</a>
        }
        .into_any()
    } else {
        view! {
            <p>"New items appear here."</p>
            <a href="/access" class="button">"Go to My access"</a>
        }
        .into_any()
    };
    view! { <EmptyState title="You're all caught up.">{way_on}</EmptyState> }
}

/// The way back to the list, where the list is not beside the item.
#[component]
pub(super) fn BackToList(list: QueueQuery) -> impl IntoView {
    view! { <a class="back" href=list.path()><Icon shape=Shape::Up />"Back to the queue"</a> }
}

/// The list's filter, as the page's URL has it.
pub(super) fn list_query() -> QueueQuery {
    let query: QueueQuery = own_query().parse().unwrap_or_default();
    QueueQuery::of(query.kind)
}
