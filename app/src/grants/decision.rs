//! What an approver sees and does: approve, approve for less time, deny.

use super::api::Decide;
use crate::ui::{ArmedHint, ErrorNotice, Menu, QueueField};
use claviger_domain::{
    grants::view::GrantDetail, notifications::notice::for_minutes, queue::QueueQuery,
};
use leptos::prelude::*;

/// The three answers. Each is a form of its own, so that each works without scripts. In the queue (`list`) the next item
/// opens after one.
#[component]
pub(crate) fn DecisionForms(
    shown: GrantDetail,
    #[prop(default = None)] list: Option<QueueQuery>,
) -> impl IntoView {
    let next = list.map(|_| "");
    let action = ServerAction::<Decide>::new();
    let grant = shown.row.id.to_string();
    let (hash, longest) = (shown.hash, shown.row.minutes);
    let hidden = move |verdict: &'static str| {
        view! {
            <input type="hidden" name="grant" value=grant.clone() />
            <input type="hidden" name="hash" value=hash.clone() />
            <input type="hidden" name="verdict" value=verdict />
            <QueueField list />
        }
    };
    let [yes, shorter, no] = ["approve", "approve", "deny"].map(hidden);
    let less = (longest > 1).then(|| {
        view! {
            <Menu label="Shorten and approve" attr:data-key="shorten">
                <ActionForm action attr:class="form" attr:data-next=next>
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
            <ActionForm action attr:data-next=next>
                {yes}
                <button class="button primary" data-arm="a" data-hint="Press Enter to approve.">"Approve"</button>
            </ActionForm>
            {less}
            <Menu
                label="Deny"
                button="button danger"
                attr:data-key="deny"
                attr:data-arm="d"
                attr:data-hint="Type a reason. Then press Tab and Enter to deny."
            >
                <ActionForm action attr:class="form" attr:data-next=next>
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
        <ArmedHint />
        <ErrorNotice value=action.value() />
    }
}
