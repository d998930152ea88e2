//! A new value written, or a rotation begun.

use super::api::{PutValue, Rotate};
use crate::ui::ErrorNotice;
use claviger_domain::grants::GrantResource;
use leptos::{html::Form, prelude::*};

#[component]
pub(crate) fn Write(grant: String, resource: GrantResource) -> impl IntoView {
    let action = ServerAction::<PutValue>::new();
    let pending = action.pending();
    let is_written = move || action.value().with(|value| value.as_ref().is_some_and(Result::is_ok));
    let form = NodeRef::<Form>::new();
    // What was written is no longer needed on the page; what was refused stays to be corrected.
    Effect::new(move || {
        if let Some(form) = form.get().filter(|_| is_written()) {
            form.reset();
        }
    });
    let written = move || {
        action.value().with(|value| {
            let version = value.as_ref()?.as_ref().ok()?.clone();
            Some(view! { <p class="done" role="status">"Written as version "<span class="mono">{version}</span></p> })
        })
    };
    view! {
        <section class="panel value">
            <h2>"New value of "<span class="mono">{resource.name}</span></h2>
            <ActionForm action node_ref=form attr:class="form">
                <input type="hidden" name="grant" value=grant />
                <input type="hidden" name="resource" value=resource.id.to_string() />
                <label class="field">
                    <span>"Value"</span>
                    <textarea name="value" rows="4" class="mono" maxlength="65536" autocomplete="off" spellcheck="false" wrap="off" required></textarea>
                    <small>"Written to AWS as typed and not stored elsewhere. Readers get it immediately. For bytes exactly as in a file, use clv put."</small>
                </label>
                <label class="field check">
                    <input type="checkbox" name="crlf" value="true" />
                    <span>"Store line breaks as CRLF (Windows)"</span>
                </label>
                <ErrorNotice value=action.value() />
                {written}
                <div class="actions"><button class="button primary" disabled=pending>"Write the new value"</button></div>
            </ActionForm>
        </section>
    }
}

#[component]
pub(crate) fn RotateNow(grant: String, resource: GrantResource) -> impl IntoView {
    let action = ServerAction::<Rotate>::new();
    let pending = action.pending();
    let begun = move || {
        action.value().with(|value| value.as_ref().is_some_and(Result::is_ok)).then(|| {
            view! { <p class="done" role="status">"Rotation started. The next scan shows the result."</p> }
        })
    };
    view! {
        <section class="panel value">
            <h2>"Rotate "<span class="mono">{resource.name}</span></h2>
            <p>"The rotation function sets a new value now. Readers get it when the rotation has finished."</p>
            <ActionForm action>
                <input type="hidden" name="grant" value=grant />
                <input type="hidden" name="resource" value=resource.id.to_string() />
                <ErrorNotice value=action.value() />
                {begun}
                <button class="button primary" disabled=pending>"Rotate now"</button>
            </ActionForm>
        </section>
    }
}
