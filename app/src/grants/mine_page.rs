//! One's own access: live, waiting, past.

use super::{api::load_my_access, lists::GrantTable};
use crate::inventory::{FavoriteTable, load_favorites};
use crate::ui::{EmptyState, ListPage, Pager, Panel, loaded, own_field};
use claviger_domain::{
    grants::view::{GrantRow, MyAccess},
    inventory::view::Favorites,
};
use leptos::prelude::*;
use time::OffsetDateTime;

#[component]
pub(crate) fn MyAccessPage() -> impl IntoView {
    let before = own_field("before").and_then(|before| before.parse().ok());
    let mine = ArcResource::new(
        || (),
        move |()| async move { Ok((load_my_access(before).await?, load_favorites().await?)) },
    );
    let show = |(mine, favorites)| view! { <Mine mine favorites /> }.into_any();
    loaded(mine, "My access", show)
}

#[component]
fn Mine(mine: MyAccess, favorites: Favorites) -> impl IntoView {
    let as_of = mine.as_of;
    let is_empty = mine.live.is_empty() && mine.waiting.is_empty() && mine.past.is_empty();
    let context = match mine.live.len() {
        0 => "No active access".to_owned(),
        1 => "1 active grant".to_owned(),
        more => format!("{more} active grants"),
    };
    let older = mine.older.map(|before| format!("/access?before={before}"));
    let empty = is_empty.then(|| {
        let how = if mine.may_request {
            "Find a secret in Inventory and request access."
        } else {
            "You don't have permission to request access. Ask your security team to add your group to a role."
        };
        let way_on = mine
            .may_request
            .then(|| view! { <a href="/inventory" class="button">"Go to Inventory"</a> });
        view! {
            <EmptyState title="No access yet.">
                <p>{how}</p>
                {way_on}
            </EmptyState>
        }
    });
    view! {
        <ListPage title="My access" context>
            <div class="stack">
                {empty}
                <Part title="Active" rows=mine.live as_of />
                <Part title="In progress" rows=mine.waiting as_of />
                <Marked favorites />
                <Part title="Past" rows=mine.past as_of />
            </div>
            <Pager links=[("Older", older)] />
        </ListPage>
    }
}

/// What the person has marked, to request it again.
#[component]
fn Marked(favorites: Favorites) -> impl IntoView {
    (!favorites.rows.is_empty()).then(|| {
        view! {
            <section class="favorites" aria-labelledby="favorites">
                <h2 id="favorites">"Favorites"</h2>
                <FavoriteTable favorites />
            </section>
        }
    })
}

#[component]
fn Part(title: &'static str, rows: Vec<GrantRow>, as_of: OffsetDateTime) -> impl IntoView {
    (!rows.is_empty()).then(|| {
        view! {
            <Panel title class="flush">
                <GrantTable rows as_of people=false />
            </Panel>
        }
    })
}
