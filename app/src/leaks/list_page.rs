//! All reports of leaks, the newest first.

use super::api::load_leaks;
use crate::ui::{DataTable, EmptyState, Heading, ListPage, format::day, loaded};
use claviger_domain::leaks::LeakReport;
use leptos::prelude::*;

#[component]
pub(crate) fn LeaksPage() -> impl IntoView {
    let page = ArcResource::new(|| (), |()| load_leaks());
    loaded(page, "Leaks", |rows: Vec<LeakReport>| view! { <List rows /> }.into_any())
}

#[component]
fn List(rows: Vec<LeakReport>) -> impl IntoView {
    let content = if rows.is_empty() {
        view! { <EmptyState title="No leak was reported."><p>"Report one on the page of the secret: Report a leak."</p></EmptyState> }
            .into_any()
    } else {
        let head = [
            Heading::text("Secret or parameter"),
            Heading::text("Account and Region"),
            Heading::text("Reported by"),
            Heading::text("Reported"),
            Heading::text("Rotation"),
        ];
        let rows = rows.into_iter().map(|row| view! { <Row row /> }).collect_view();
        view! { <div class="panel flush"><DataTable head>{rows}</DataTable></div> }.into_any()
    };
    view! {
        <ListPage title="Leaks" context="Secrets that were reported as leaked.">{content}</ListPage>
    }
}

#[component]
fn Row(row: LeakReport) -> impl IntoView {
    let href = format!("/leaks/{}", row.id);
    let place = format!("{}, {}", row.account_name, row.region);
    let plan = match row.plan {
        Ok(plan) => {
            view! { <a href=format!("/remediation/{plan}")>{plan.to_string()}</a> }.into_any()
        }
        Err(_) => view! { <span class="faint">"No plan"</span> }.into_any(),
    };
    view! {
        <tr>
            <td class="name"><a href=href class="row-link mono">{row.name}</a><small>{row.id.to_string()}</small></td>
            <td data-label="Account and Region">{place}</td>
            <td data-label="Reported by">{row.reporter.name}</td>
            <td data-label="Reported">{day(row.at.date())}</td>
            <td data-label="Rotation">{plan}</td>
        </tr>
    }
}
