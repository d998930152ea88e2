//! The audit trail, newest first, and its verification.

use super::{
    api::{VerifyAudit, load_audit},
    words::deed_words,
};
use crate::{
    shell::use_live,
    ui::{
        Chip, Fault, PageTitle, Tone,
        format::{absolute, machine},
        loaded,
    },
};
use claviger_domain::grant::view::{AuditPage as Shown, AuditRow};
use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_query_map};

#[component]
pub(crate) fn AuditPage() -> impl IntoView {
    let live = use_live();
    let query = use_query_map();
    let before = move || query.read().get("before").and_then(|before| before.parse().ok());
    let page =
        Resource::new(move || (before(), live.access.get()), |(before, _)| load_audit(before));
    // Outside the list, which is made anew with every entry that comes.
    provide_context(ServerAction::<VerifyAudit>::new());
    loaded(page, "Audit", |shown: Shown| view! { <List shown /> }.into_any())
}

#[component]
fn List(shown: Shown) -> impl IntoView {
    let action = expect_context::<ServerAction<VerifyAudit>>();
    let verified = move || {
        action.value().with(|value| {
            let said = value.as_ref()?.as_ref().ok()?.clone();
            Some(view! { <p class="done" role="status">{said}</p> })
        })
    };
    let older = shown.older.map(|before| {
        let href = format!("/audit?before={before}");
        view! { <nav class="pager" aria-label="Pages"><A href=href attr:class="button">"Older"</A></nav> }
    });
    let content = if shown.rows.is_empty() {
        view! { <div class="empty panel"><h2>"Nothing was done yet."</h2><p>"Requests, decisions, sessions and their ends are written here."</p></div> }
            .into_any()
    } else {
        let rows = shown.rows.into_iter().map(|row| view! { <Row row /> }).collect_view();
        view! {
            <div class="panel flush">
                <table class="list audit">
                    <thead>
                        <tr>
                            <th scope="col" class="number">"Entry"</th>
                            <th scope="col">"When"</th>
                            <th scope="col">"Who"</th>
                            <th scope="col">"What"</th>
                            <th scope="col">"On"</th>
                            <th scope="col">"Hash"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! {
        <PageTitle text="Audit" />
        <div class="head">
            <div><h1>"Audit"</h1><p class="context">"Each entry holds the hash of the one before it."</p></div>
            <div class="actions">
                <ActionForm action><button class="button" disabled=action.pending()>"Verify the chain"</button></ActionForm>
            </div>
        </div>
        {verified}
        <Fault value=action.value() />
        {content}
        {older}
    }
}

#[component]
fn Row(row: AuditRow) -> impl IntoView {
    let (tone, what) = deed_words(row.deed, row.phase, row.succeeded);
    let what = match tone {
        Tone::Bad => view! { <Chip tone text=what /> }.into_any(),
        _ => what.into_any(),
    };
    let on = if row.subject.starts_with("G-") {
        let href = format!("/access/{}", row.subject);
        view! { <A href=href>{row.subject}</A> }.into_any()
    } else {
        row.subject.into_any()
    };
    view! {
        <tr>
            <td class="number" data-label="Entry">{row.seq}</td>
            <td data-label="When"><time datetime=machine(row.at)>{absolute(row.at)}</time></td>
            <td data-label="Who">{row.who.unwrap_or_else(|| "The console".into())}</td>
            <td class="name">{what}</td>
            <td data-label="On">{on}</td>
            <td class="mono" data-label="Hash">{row.hash}</td>
        </tr>
    }
}
