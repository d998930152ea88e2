//! The audit trail, newest first, and its verification.

use crate::{
    grants::{
        api::{VerifyAudit, load_audit},
        labels::audit_action_label,
    },
    shell::use_live,
    ui::{
        Chip, ErrorNotice, PageTitle, Tone,
        format::{absolute, machine},
        loaded,
    },
};
use claviger_domain::grants::view::{AuditRow, AuditView};
use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_query_map};

#[component]
pub(crate) fn AuditPage() -> impl IntoView {
    let live = use_live();
    let query = use_query_map();
    let before = move || query.read().get("before").and_then(|before| before.parse().ok());
    let page =
        Resource::new(move || (before(), live.access.get()), |(before, _)| load_audit(before));
    // Outside the list, which is made again with every entry that comes.
    provide_context(ServerAction::<VerifyAudit>::new());
    loaded(page, "Audit log", |shown: AuditView| view! { <List shown /> }.into_any())
}

#[component]
fn List(shown: AuditView) -> impl IntoView {
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
        view! { <div class="empty panel"><h2>"No entries."</h2><p>"Requests, decisions and sessions are logged here."</p></div> }
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
                            <th scope="col">"Target"</th>
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
        <PageTitle text="Audit log" />
        <div class="head">
            <div><h1>"Audit log"</h1><p class="context">"Tamper-evident log (hash chain)"</p></div>
            <div class="actions">
                <ActionForm action><button class="button" disabled=action.pending()>"Verify integrity"</button></ActionForm>
            </div>
        </div>
        {verified}
        <ErrorNotice value=action.value() />
        {content}
        {older}
    }
}

#[component]
fn Row(row: AuditRow) -> impl IntoView {
    let (tone, what) = audit_action_label(row.audit_action, row.phase, row.succeeded);
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
            <td data-label="Who">{row.who.unwrap_or_else(|| "System".into())}</td>
            <td class="name">{what}</td>
            <td data-label="Target">{on}</td>
            <td class="mono" data-label="Hash">{row.hash}</td>
        </tr>
    }
}
