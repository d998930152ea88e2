//! A new value written, or a rotation begun.

use super::{
    grant_api::{PutValue, Rotate},
    upload::Upload,
};
use crate::ui::ErrorNotice;
use claviger_domain::grants::GrantResource;
use leptos::prelude::*;

#[component]
pub(crate) fn Write(grant: String, resource: GrantResource) -> impl IntoView {
    let action = ServerAction::<PutValue>::new();
    let (id, name) = (resource.id.to_string(), resource.name.clone());
    let (key, of) = (id.clone(), grant.clone());
    view! {
        <section class="panel value" data-key=key>
            <h2>"New value of "<span class="mono">{name}</span></h2>
            <ActionForm action attr:class="form">
                <input type="hidden" name="grant" value=of />
                <input type="hidden" name="resource" value=id />
                <label class="field">
                    <span>"Value"</span>
                    <textarea name="value" rows="4" class="mono" maxlength="65536" autocomplete="off" spellcheck="false" wrap="off" required></textarea>
                    <small>"Written to AWS as typed and not stored elsewhere. Readers get it immediately. For bytes exactly as in a file, upload it or use clv put."</small>
                </label>
                <label class="field check">
                    <input type="checkbox" name="crlf" value="true" />
                    <span>"Store line breaks as CRLF (Windows)"</span>
                </label>
                <ErrorNotice value=action.value() />
                // The page's module shows it, with the version from AWS.
                <p class="done" role="status" hidden data-success="">"Written as version "<span class="mono"></span></p>
                <div class="actions"><button class="button primary">"Write the new value"</button></div>
            </ActionForm>
            <Upload grant resource />
        </section>
    }
}

#[component]
pub(crate) fn RotateNow(grant: String, resource: GrantResource) -> impl IntoView {
    let action = ServerAction::<Rotate>::new();
    view! {
        <section class="panel value" data-key=resource.id.to_string()>
            <h2>"Rotate "<span class="mono">{resource.name}</span></h2>
            <p>"The rotation function sets a new value now. Readers get it when the rotation has finished."</p>
            <ActionForm action>
                <input type="hidden" name="grant" value=grant />
                <input type="hidden" name="resource" value=resource.id.to_string() />
                <ErrorNotice value=action.value() />
                <p class="done" role="status" hidden data-success="">"Rotation started. The next scan shows the result."</p>
                <button class="button primary">"Rotate now"</button>
            </ActionForm>
        </section>
    }
}
