//! One's own notifications.

use crate::{
    grants::api::{MarkRead, load_inbox},
    ui::{Ago, Chip, EmptyState, ListPage, Tone, WaitsNote, loaded, own_query},
};
use claviger_domain::{
    VariantArray,
    grants::view::{Inbox, InboxRow},
    notifications::topic::{InboxQuery, NoticeTopic},
};
use leptos::prelude::*;
use time::OffsetDateTime;

#[component]
pub(crate) fn InboxPage() -> impl IntoView {
    let query = own_query();
    let inbox = ArcResource::new(|| (), move |()| load_inbox(query.clone()));
    loaded(inbox, "Inbox", |inbox: Inbox| view! { <List inbox /> }.into_any())
}

#[component]
fn List(inbox: Inbox) -> impl IntoView {
    let as_of = inbox.as_of;
    let query = inbox.query;
    let is_narrowed = query != InboxQuery::default();
    // The button marks everything up to the newest as read: only where all of that is shown.
    let newest = inbox.rows.first().map(|row| row.id).filter(|_| query.topic.is_none());
    let context = match inbox.unread {
        0 => "All read.".to_owned(),
        unread => format!("{unread} unread."),
    };
    let actions =
        newest.filter(|_| inbox.unread > 0).map(|newest| view! { <MarkAll newest /> }.into_any());
    let content = if inbox.rows.is_empty() && is_narrowed {
        view! {
            <EmptyState title="No notifications match.">
                <a href="/inbox" class="button">"Show all"</a>
            </EmptyState>
        }
        .into_any()
    } else if inbox.rows.is_empty() {
        view! {
            <EmptyState title="No notifications.">
                <p>"Requests, decisions and expirations appear here."</p>
            </EmptyState>
        }
        .into_any()
    } else {
        let rows = inbox.rows.into_iter().map(|row| view! { <Row row as_of /> }).collect_view();
        view! { <ul class="panel flush items inbox">{rows}</ul> }.into_any()
    };
    view! { <ListPage title="Inbox" context actions><Filters query />{content}</ListPage> }
}

/// The filters, as links.
#[component]
fn Filters(query: InboxQuery) -> impl IntoView {
    let link = |label: &'static str, to: InboxQuery| {
        let current = (to == query).then_some("true");
        view! { <li><a href=to.path() aria-current=current>{label}</a></li> }
    };
    let topics = NoticeTopic::VARIANTS
        .iter()
        .map(|topic| {
            link(topic.label(), InboxQuery { topic: Some(*topic), only_unread: query.only_unread })
        })
        .collect_view();
    let every = InboxQuery { topic: None, ..query };
    view! {
        <nav class="kinds" aria-label="Filters">
            <ul>
                {link("All", InboxQuery { only_unread: false, ..query })}
                {link("Unread", InboxQuery { only_unread: true, ..query })}
            </ul>
            <ul>
                {link("Every topic", every)}
                {topics}
            </ul>
        </nav>
    }
}

#[component]
fn MarkAll(newest: i64) -> impl IntoView {
    let action = ServerAction::<MarkRead>::new();
    view! {
        <ActionForm action>
            <input type="hidden" name="up_to" value=newest />
            <button class="button">"Mark all as read"</button>
        </ActionForm>
    }
}

#[component]
fn Row(row: InboxRow, as_of: OffsetDateTime) -> impl IntoView {
    let topic = row.topic.map(|topic| view! { " "<Chip tone=Tone::Unknown text=topic.label() /> });
    let new = (!row.read).then(|| view! { <span class="sr">"Unread: "</span> });
    view! {
        <li class:unread=!row.read>
            <a href=row.link>
                <span><strong>{new}{row.title}</strong>" "<span class="faint"><Ago at=row.at now=as_of /></span>{topic}</span>
                <span>{row.body}</span>
                <WaitsNote waits=row.waits />
            </a>
        </li>
    }
}
