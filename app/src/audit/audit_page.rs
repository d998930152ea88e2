//! The audit trail, newest first, and its verification.

use crate::{
    grants::{
        api::{VerifyAudit, load_audit},
        labels::audit_action_label,
    },
    ui::{
        Chip, DataTable, EmptyState, ErrorNotice, Heading, PageHeader, PageTitle, Pager, Tone,
        format::{absolute, machine},
        loaded,
    },
};
use claviger_domain::grants::view::{AuditRow, AuditView};
use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_query_map};

#[component]
pub(crate) fn AuditPage() -> impl IntoView {
    let query = use_query_map();
    let before = query.read_untracked().get("before").and_then(|before| before.parse().ok());
    let page = Resource::new(|| (), move |()| load_audit(before));
    loaded(page, "Audit log", |shown: AuditView| view! { <List shown /> }.into_any())
}

#[component]
fn List(shown: AuditView) -> impl IntoView {
    let action = ServerAction::<VerifyAudit>::new();
    let older = shown.older.map(|before| format!("/audit?before={before}"));
    let content = if shown.rows.is_empty() {
        view! {
            <EmptyState title="No entries.">
                <p>"Requests, decisions and sessions are logged here."</p>
            </EmptyState>
        }
        .into_any()
    } else {
        let rows = shown.rows.into_iter().map(|row| view! { <Row row /> }).collect_view();
        let mut head = vec![Heading::number("Entry")];
        head.extend(["When", "Who", "What", "Target", "Hash"].map(Heading::text));
        view! {
            <div class="panel flush">
                <DataTable class="list audit" head>{rows}</DataTable>
            </div>
        }
        .into_any()
    };
    let actions = view! {
        <ActionForm action attr:class="form">
            <button class="button">"Verify integrity"</button>
            // The page's module shows it, with what the verification found.
            <p class="done" role="status" hidden data-success=""><span></span></p>
        </ActionForm>
    }
    .into_any();
    view! {
        <PageTitle text="Audit log" />
        <PageHeader actions>
            <h1>"Audit log"</h1>
            <p class="context">"Tamper-evident log (hash chain)"</p>
        </PageHeader>
        <ErrorNotice value=action.value() />
        {content}
        <Pager links=[("Older", older)] />
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
