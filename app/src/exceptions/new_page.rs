//! Asking for an exception: what it would bear, why, and until when. The URL says what it is about.

use super::{
    api::{RequestException, load_choices, load_form},
    labels::{exception_href, policy_label},
};
use crate::{
    ui::{
        Breadcrumb, ErrorNotice, PageHeader, PageTitle,
        format::{counted, who_decides},
        loaded, own_field, own_fields,
    },
    wire::server::redirect_page,
};
use claviger_domain::exceptions::view::{ExceptionChoice, ExceptionForm};
use leptos::prelude::*;

#[component]
pub(crate) fn NewExceptionPage() -> impl IntoView {
    let selected = own_fields("finding").join(",");
    if !selected.is_empty() {
        let choices = ArcResource::new(|| (), move |()| load_choices(selected.clone()));
        let show = |choices: Vec<ExceptionChoice>| view! { <Choices choices /> }.into_any();
        return loaded(choices, "Request exception", show);
    }
    let of = |name: &str| own_field(name).unwrap_or_default();
    let (policy, target) = (of("policy"), of("target"));
    let form = ArcResource::new(|| (), move |()| load_form(policy.clone(), target.clone()));
    view! {
        <PageTitle text="Request exception" />
        {loaded(form, "Request exception", |form: ExceptionForm| view! { <Form form /> }.into_any())}
    }
    .into_any()
}

/// One request for each policy and account of the selected findings; a single one is led to.
#[component]
fn Choices(choices: Vec<ExceptionChoice>) -> impl IntoView {
    if let [one] = choices.as_slice() {
        redirect_page(&exception_href(&one.policy, &one.target));
    }
    let count = u64::try_from(choices.len()).unwrap_or(0);
    let rows = choices
        .into_iter()
        .map(|choice| {
            let named = u64::try_from(choice.target.resources().len()).unwrap_or(0);
            let href = exception_href(&choice.policy, &choice.target);
            let says = format!(
                "{} in {}",
                counted(named, "secret or parameter", "secrets and parameters"),
                choice.account_name
            );
            view! { <li><a href=href>{choice.policy_title}</a>": "{says}</li> }
        })
        .collect_view();
    view! {
        <PageTitle text="Request exception" />
        <PageHeader>
            <Breadcrumb><a href="/exceptions">"Exceptions"</a></Breadcrumb>
            <h1>"Request exception"</h1>
            <p class="context">{format!("The selected findings need {}: one for each policy and account.", counted(count, "exception", "exceptions"))}</p>
        </PageHeader>
        <section class="panel"><ul class="sentences">{rows}</ul></section>
    }
}

#[component]
fn Form(form: ExceptionForm) -> impl IntoView {
    let action = ServerAction::<RequestException>::new();
    let policy = form.policy.clone().unwrap_or_default();
    let title = policy_label(form.policy_title.as_ref());
    let current = form.target.clone();
    let choices = form
        .targets
        .into_iter()
        .map(|(target, name)| {
            let is_current = (target == current).then_some("true");
            view! { <li><a href=exception_href(&policy, &target) aria-current=is_current data-in-place="">{name}</a></li> }
        })
        .collect_view();
    let (first, last) = form.days;
    view! {
        <PageHeader>
            <Breadcrumb><a href="/exceptions">"Exceptions"</a></Breadcrumb>
            <h1>"Request exception"</h1>
            <p class="context">{title.clone()}": "{form.target_name}</p>
        </PageHeader>
        <div class="with-rail">
            <nav class="panel choices" aria-label="Scope"><h2>"Scope"</h2><ul>{choices}</ul></nav>
            <section class="panel">
                <p>{format!("Covers {} now, plus future ones in scope. They stay visible and are excluded from the score.", counted(form.findings, "finding", "findings"))}</p>
                <ActionForm action attr:class="form">
                    <input type="hidden" name="policy" value=policy />
                    <input type="hidden" name="target" value=current.to_string() />
                    <label class="field">
                        <span>"Reason"</span>
                        <textarea name="reason" rows="3" maxlength="1000" required></textarea>
                        <small>"Justification and compensating controls. Approvers and reviewers read this."</small>
                    </label>
                    <label class="field">
                        <span>"Expires"</span>
                        <input type="date" name="until" min=first.to_string() max=last.to_string() required />
                        <small>{format!("Latest {} (end of day, UTC).", crate::ui::format::day(last))}</small>
                    </label>
                    <p class="note">{who_decides(&form.approvers, "")}</p>
                    <button class="button primary">"Submit request"</button>
                </ActionForm>
                <ErrorNotice value=action.value() />
            </section>
        </div>
    }
}
