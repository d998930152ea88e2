//! What an approver sees and does: approve, approve for less time, deny.

use super::api::Decide;
use crate::ui::{ErrorNotice, Menu};
use claviger_domain::{grants::view::GrantDetail, notifications::notice::for_minutes};
use leptos::prelude::*;

/// The three answers. Each is a form of its own, so that each works without scripts.
#[component]
pub(crate) fn DecisionForms(shown: GrantDetail) -> impl IntoView {
    let action = ServerAction::<Decide>::new();
    let grant = shown.row.id.to_string();
    let (hash, longest) = (shown.hash, shown.row.minutes);
    let hidden = move |verdict: &'static str| {
        view! {
            <input type="hidden" name="grant" value=grant.clone() />
            <input type="hidden" name="hash" value=hash.clone() />
            <input type="hidden" name="verdict" value=verdict />
        }
    };
    let [yes, shorter, no] = ["approve", "approve", "deny"].map(hidden);
    let less = (longest > 1).then(|| {
        view! {
            <Menu label="Shorten and approve" attr:data-key="shorten">
                <ActionForm action attr:class="form">
                    {shorter}
                    <label class="field">
                        <span>"Duration (minutes)"</span>
                        <input name="minutes" type="number" min="1" max=longest value=longest.div_ceil(2) required />
                        <small>{format!("Instead of {}.", for_minutes(longest))}</small>
                    </label>
                    <button class="button primary">"Shorten and approve"</button>
                </ActionForm>
            </Menu>
        }
    });
    view! {
        <div class="decisions">
            <ActionForm action>
                {yes}
                <button class="button primary">"Approve"</button>
            </ActionForm>
            {less}
            <Menu label="Deny" button="button danger" attr:data-key="deny">
                <ActionForm action attr:class="form">
                    {no}
                    <label class="field">
                        <span>"Reason"</span>
                        <textarea name="reason" rows="2" maxlength="1000" required></textarea>
                        <small>"Visible to the requester."</small>
                    </label>
                    <button class="button danger">"Deny"</button>
                </ActionForm>
            </Menu>
        </div>
        <ErrorNotice value=action.value() />
    }
}
