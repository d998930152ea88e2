//! What was snoozed or assigned a moment ago, with the way back.

use super::triage_api::{UndoTriage, load_last_change};
use crate::ui::{ErrorNotice, Hidden, once_read};
use claviger_domain::compliance::triage::TriageChange;
use leptos::prelude::*;

/// On every page after such a change, for a minute.
#[component]
pub(crate) fn UndoToast() -> impl IntoView {
    let change = ArcResource::new(|| (), |()| load_last_change());
    view! {
        <div class="toasts" role="status">
            {once_read(change, |change| {
                change.ok().flatten().map(|change| view! { <Toast change /> }).into_any()
            })}
        </div>
    }
}

#[component]
fn Toast(change: TriageChange) -> impl IntoView {
    let action = ServerAction::<UndoTriage>::new();
    let (says, key, id) = (change.says(), change.id.clone(), change.id);
    view! {
        <div class="toast" data-key=key>
            <p>{says}</p>
            <ActionForm action>
                <Hidden name="change" value=id />
                <button class="button small">"Undo"</button>
                <ErrorNotice value=action.value() />
            </ActionForm>
        </div>
    }
}
