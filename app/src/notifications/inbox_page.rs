//! One's own notifications.

use crate::{
    grants::api::{MarkRead, load_inbox},
    ui::{Ago, EmptyState, ListPage, WaitsNote, loaded},
};
use claviger_domain::grants::view::{Inbox, InboxRow};
use leptos::prelude::*;
use leptos_router::components::A;
use time::OffsetDateTime;

#[component]
pub(crate) fn InboxPage() -> impl IntoView {
    let inbox = Resource::new(|| (), |()| load_inbox());
    loaded(inbox, "Inbox", |inbox: Inbox| view! { <List inbox /> }.into_any())
}

#[component]
fn List(inbox: Inbox) -> impl IntoView {
    let as_of = inbox.as_of;
    let newest = inbox.rows.first().map(|row| row.id);
    let context = match inbox.unread {
        0 => "All read.".to_owned(),
        unread => format!("{unread} unread."),
    };
    let actions =
        newest.filter(|_| inbox.unread > 0).map(|newest| view! { <MarkAll newest /> }.into_any());
    let content = if inbox.rows.is_empty() {
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
    view! { <ListPage title="Inbox" context actions>{content}</ListPage> }
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
    let new = (!row.read).then(|| view! { <span class="sr">"Unread: "</span> });
    view! {
        <li class:unread=!row.read>
            <A href=row.link>
                <span><strong>{new}{row.title}</strong>" "<span class="faint"><Ago at=row.at now=as_of /></span></span>
                <span>{row.body}</span>
                <WaitsNote waits=row.waits />
            </A>
        </li>
    }
}
