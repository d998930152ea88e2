//! Break-glass access: what follows from it is said before anything is sent. Nothing here is about approvals.

use super::{api::MakeRequest, labels::request_href};
use crate::ui::{ErrorNotice, Hidden, PageHeader, PageTitle, Panel};
use claviger_domain::{
    grants::{Action, view::RequestForm},
    notifications::notice::for_minutes,
};
use leptos::prelude::*;

/// `longest` is in minutes.
#[component]
pub(super) fn GlassForm(form: RequestForm, longest: u32) -> impl IntoView {
    let back = request_href(Action::Read, None, form.offers.iter().map(|offer| offer.id));
    let resources: Vec<String> = form.offers.iter().map(|offer| offer.id.to_string()).collect();
    let ticket = form.ticket;
    let secrets = form
        .offers
        .into_iter()
        .map(|offer| {
            let href = format!("/inventory/{}", offer.id);
            let place = format!(" {}, {}", offer.account_name, offer.region);
            view! { <li><a href=href class="mono">{offer.name}</a><span class="faint">{place}</span></li> }
        })
        .collect_view();
    let fields = view! { <Fields resources=resources.join(",") ticket longest back /> };
    view! {
        <PageTitle text="Break-glass access" />
        <PageHeader>
            <h1>"Break-glass access"</h1>
            <p class="context">"For emergencies. You can read the values at once."</p>
        </PageHeader>
        <div class="columns">
            <section class="panel notice bad">{fields}</section>
            <div>
                <Panel title="What happens">
                    <ul class="follows">
                        <li>"Security and the account's approvers are notified at once."</li>
                        <li>{format!("Access ends by itself after at most {}. It can't be extended.", for_minutes(longest))}</li>
                        <li>"Another person reviews what you did, with the incident that you name."</li>
                        <li>"Every step is in the audit log."</li>
                    </ul>
                </Panel>
                <Panel title="Secrets"><ul class="plain">{secrets}</ul></Panel>
            </div>
        </div>
    }
}

#[component]
fn Fields(resources: String, ticket: Option<String>, longest: u32, back: String) -> impl IntoView {
    let action = ServerAction::<MakeRequest>::new();
    let ticket = ticket.map(|pattern| {
        view! {
            <label class="field">
                <span>"Ticket"</span>
                <input name="ticket" maxlength="200" autocomplete="off" required />
                <small>"The rule requires one that matches "<span class="mono">{pattern}</span></small>
            </label>
        }
    });
    view! {
        <ActionForm action attr:class="form">
            <Hidden name="resources" value=resources />
            <Hidden name="action" value="read" />
            <Hidden name="break_glass" value="true" />
            <label class="field">
                <span>"Incident"</span>
                <input name="incident" maxlength="200" autocomplete="off" required />
                <small>"Its number, such as INC-204. Visible to the reviewer and in the audit log."</small>
            </label>
            <label class="field">
                <span>"Purpose"</span>
                <textarea name="purpose" rows="3" maxlength="1000" required></textarea>
                <small>"What you need it for. Visible to the reviewer and in the audit log."</small>
            </label>
            {ticket}
            <label class="field">
                <span>"Duration (minutes)"</span>
                <input name="minutes" type="number" min="1" max=longest value=longest.min(15) required />
                <small>{format!("Up to {}, from now on.", for_minutes(longest))}</small>
            </label>
            <ErrorNotice value=action.value() />
            <div class="actions">
                <button class="button alarm">"Start break-glass access"</button>
                <a class="button" href=back data-in-place="">"Request access instead"</a>
            </div>
        </ActionForm>
    }
}
