//! The second step of a report: what it will do, and the reason.

use super::{
    api::{ReportLeak, load_leak_draft},
    words::{end_of, no_plan},
};
use crate::ui::{
    Breadcrumb, ErrorNotice, PageHeader, PageTitle, Panel, format::who_decides, loaded, own_field,
};
use claviger_domain::leaks::LeakDraft;
use leptos::prelude::*;

#[component]
pub(crate) fn NewLeakPage() -> impl IntoView {
    let resource = own_field("resource").unwrap_or_default();
    let draft = ArcResource::new(|| (), move |()| load_leak_draft(resource.clone()));
    loaded(draft, "Report a leak", |draft: LeakDraft| view! { <Confirm draft /> }.into_any())
}

#[component]
fn Confirm(draft: LeakDraft) -> impl IntoView {
    let action = ServerAction::<ReportLeak>::new();
    let back = format!("/inventory/{}", draft.resource);
    let (cancel, name) = (back.clone(), draft.name.clone());
    let title = format!("Report a leak of {}", draft.name);
    let place = format!("{}, {}", draft.account_name, draft.region);
    let earlier = draft.earlier.map(|id| {
        view! {
            <p class="notice soon leak" role="status">
                "Reported already in "<a href=format!("/leaks/{id}")>{id.to_string()}</a>
                ". Its value has not changed since."
            </p>
        }
    });
    let grants = if draft.grants.is_empty() {
        view! { <p>"No grant is open on it now."</p> }.into_any()
    } else {
        let rows = draft
            .grants
            .iter()
            .map(|one| {
                let id = one.grant.to_string();
                view! { <li><a href=format!("/access/{id}")>{id.clone()}</a>" of "{one.holder.clone()}": "{end_of(one)}</li> }
            })
            .collect_view();
        view! { <ul class="sentences">{rows}</ul> }.into_any()
    };
    let rotation = match &draft.plan {
        Ok(()) => {
            let who = who_decides(&draft.approvers, "");
            view! { <p>"A plan with one call, RotateSecret, waits for an approval. Claviger notifies its approvers that it is urgent. "{who}</p> }
                .into_any()
        }
        Err(why) => view! { <p>{no_plan(why, draft.kind)}</p> }.into_any(),
    };
    view! {
        <PageTitle text=title />
        <PageHeader>
            <Breadcrumb><a href=back class="mono">{name}</a></Breadcrumb>
            <h1>"Report a leak"</h1>
            <p class="context"><span class="mono">{draft.name}</span>", "{place}</p>
        </PageHeader>
        {earlier}
        <Panel title="Access that ends at once" class="leak">
            {grants}
            <p class="note">"Claviger asks AWS to deny the sessions that were issued under these grants. Roles and people that read the secret in AWS without Claviger keep their access."</p>
        </Panel>
        <Panel title="Rotation" class="leak">{rotation}</Panel>
        <Panel title="Who has read it" class="leak">
            <p>"The report lists who is known to have read the value: by Claviger's audit log, by CloudTrail about Claviger's sessions, and by the last day that AWS reports."</p>
        </Panel>
        <section class="panel">
            <ActionForm action attr:class="form">
                <input type="hidden" name="resource" value=draft.resource.to_string() />
                <label class="field">
                    <span>"Reason"</span>
                    <textarea name="reason" rows="3" maxlength="1000" required></textarea>
                    <small>"Where it was seen, and since when. Approvers and the people whose access ends read this. Don't write the value here."</small>
                </label>
                <ErrorNotice value=action.value() />
                <p class="actions">
                    <button class="button danger">"Report the leak and end access"</button>" "
                    <a class="button" href=cancel>"Cancel"</a>
                </p>
            </ActionForm>
        </section>
    }
}
