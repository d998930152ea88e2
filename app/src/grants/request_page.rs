//! Asking. What may be asked for, who would decide and for how long is shown before anything is sent.

use super::{
    api::{MakeRequest, load_request_form},
    glass_form::GlassForm,
    labels::{glass_href, request_href},
    offers::Offers,
};
use crate::ui::{
    ErrorNotice, PageHeader, PageTitle, Panel, loaded, own_field, own_fields, text_area,
};
use claviger_domain::{
    grants::{Action, view::RequestForm},
    notifications::notice::for_minutes,
};
use leptos::prelude::*;

#[component]
pub(crate) fn RequestPage() -> impl IntoView {
    let of = |name: &str| own_field(name).unwrap_or_default();
    let (action, extends) = (of("action"), of("extends"));
    let resources = own_fields("resource").join(",");
    let form = ArcResource::new(
        || (),
        move |()| load_request_form(resources.clone(), action.clone(), extends.clone()),
    );
    loaded(form, "Request access", |form: RequestForm| view! { <Ask form /> }.into_any())
}

#[component]
fn Ask(form: RequestForm) -> impl IntoView {
    let wants_glass = own_field("glass").is_some();
    if let (true, Some(longest)) = (wants_glass, form.break_glass_minutes) {
        return view! { <GlassForm form longest /> }.into_any();
    }
    let many = form.offers.len();
    let title = match &form.extends {
        Some(grant) => format!("Extend {grant}"),
        None => "Request access".into(),
    };
    let context = match many {
        1 => "1 secret".to_owned(),
        more => {
            format!("{more} secrets and parameters. Each account and rule is decided separately.")
        }
    };
    let fields = if form.longest_minutes == 0 {
        view! {
            <Panel title="This request can't be submitted" class="notice bad">
                <p>"Remove what is not available, or choose another action. Nothing was submitted."</p>
                <a href="/inventory" class="button">"Back to Inventory"</a>
            </Panel>
        }
        .into_any()
    } else {
        view! { <Fields form=form.clone() /> }.into_any()
    };
    view! {
        <PageTitle text=title.clone() />
        <PageHeader><h1>{title}</h1><p class="context">{context}</p></PageHeader>
        <div class="columns">
            <div>{fields}</div>
            <div>
                <Panel title="Approval">
                    <Actions form=form.clone() />
                    <Offers offers=form.offers />
                </Panel>
            </div>
        </div>
    }
    .into_any()
}

/// The action is part of the address: a change shows at once who would decide then, and what was typed stays.
#[component]
fn Actions(form: RequestForm) -> impl IntoView {
    let actions = [
        (Action::Read, "Read"),
        (Action::Write, "Write"),
        (Action::Change, "Read and write"),
        (Action::Rotate, "Rotate"),
    ];
    let links = actions
        .into_iter()
        .map(|(action, label)| {
            let href = request_href(action, None, form.offers.iter().map(|offer| offer.id));
            let current = (action == form.action).then_some("true");
            view! { <a href=href aria-current=current data-in-place="">{label}</a> }
        })
        .collect_view();
    view! { <nav class="segments" aria-label="Action">{links}</nav> }
}

#[component]
fn Fields(form: RequestForm) -> impl IntoView {
    let action = ServerAction::<MakeRequest>::new();
    let resources: Vec<String> = form.offers.iter().map(|offer| offer.id.to_string()).collect();
    let longest = form.longest_minutes;
    // An earlier request, if it is requested again.
    let minutes = own_field("minutes").and_then(|minutes| minutes.parse().ok()).unwrap_or(30);
    let usual = longest.min(minutes).max(1);
    let purpose = own_field("purpose").unwrap_or_default();
    let ticket = form.ticket.clone().map(|pattern| {
        view! {
            <label class="field">
                <span>"Ticket"</span>
                <input name="ticket" maxlength="200" autocomplete="off" required />
                <small>"The rule requires one that matches "<span class="mono">{pattern}</span></small>
            </label>
        }
    });
    // A link of its own: nobody uses it by a tick among other fields.
    let glass = form.break_glass_minutes.map(|minutes| {
        let href = glass_href(form.offers.iter().map(|offer| offer.id));
        view! {
            <div class="glass">
                <p>{format!("Is it an emergency? Break-glass access begins at once, for at most {}.", for_minutes(minutes))}</p>
                <a class="button danger" href=href data-in-place="">"Use break-glass access"</a>
            </div>
        }
    });
    view! {
        <section class="panel">
            <ActionForm action attr:class="form">
                <input type="hidden" name="resources" value=resources.join(",") />
                <input type="hidden" name="action" value=form.action.to_string() />
                <input type="hidden" name="extends" value=form.extends.map(|g| g.to_string()).unwrap_or_default() />
                <label class="field">
                    <span>"Purpose"</span>
                    <textarea name="purpose" rows="3" maxlength="1000" required>{text_area(&purpose)}</textarea>
                    <small>"What you need it for. Visible to approvers and in the audit log."</small>
                </label>
                {ticket}
                <div class="pair">
                    <label class="field">
                        <span>"Duration (minutes)"</span>
                        <input name="minutes" type="number" min="1" max=longest value=usual required />
                        <small>{format!("Up to {} from activation.", for_minutes(longest))}</small>
                    </label>
                    <label class="field">
                        <span>"Start"</span>
                        <input name="starts_at" type="datetime-local" />
                        <small>"Optional (UTC). Default: on approval"</small>
                    </label>
                </div>
                <ErrorNotice value=action.value() />
                <div class="actions">
                    <button class="button primary">"Request access"</button>
                    <a href="/inventory" class="button">"Cancel"</a>
                </div>
            </ActionForm>
            {glass}
        </section>
    }
}
