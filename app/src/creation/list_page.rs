//! Requests for new secrets and parameters, those that wait first.

use super::{api::load_creations, labels::state_label};
use crate::ui::{Chip, DataTable, EmptyState, Heading, ListPage, format::day, loaded};
use claviger_domain::creation::view::{CreationList, CreationRow};
use leptos::prelude::*;

#[component]
pub(crate) fn CreationsPage() -> impl IntoView {
    let page = ArcResource::new(|| (), |()| load_creations());
    loaded(page, "New secrets", |list: CreationList| view! { <List list /> }.into_any())
}

#[component]
fn List(list: CreationList) -> impl IntoView {
    let CreationList { rows, may_request } = list;
    let actions = may_request.then(|| {
        view! { <a href="/secrets/new" class="button primary">"New secret"</a> }.into_any()
    });
    let content = if rows.is_empty() {
        view! { <EmptyState title="No requests."><p>"Create a secret or parameter that passes its checks from the first day."</p></EmptyState> }
            .into_any()
    } else {
        let head = [
            Heading::text("Secret or parameter"),
            Heading::text("State"),
            Heading::text("Account and Region"),
            Heading::text("Requested by"),
            Heading::text("Requested"),
        ];
        let rows = rows.into_iter().map(|row| view! { <Row row /> }).collect_view();
        view! { <div class="panel flush"><DataTable head>{rows}</DataTable></div> }.into_any()
    };
    view! {
        <ListPage title="New secrets" context="Requests for new secrets and parameters." actions>
            {content}
        </ListPage>
    }
}

#[component]
fn Row(row: CreationRow) -> impl IntoView {
    let href = format!("/creations/{}", row.id);
    let (tone, text) = state_label(row.state);
    let place = format!("{}, {}", row.account_name, row.shape.region);
    view! {
        <tr>
            <td class="name"><a href=href class="row-link mono">{row.shape.name}</a><small>{row.id.to_string()}</small></td>
            <td data-label="State"><Chip tone text /></td>
            <td data-label="Account and Region">{place}</td>
            <td data-label="Requested by">{row.requester.name}</td>
            <td data-label="Requested">{day(row.created_at.date())}</td>
        </tr>
    }
}
