//! Changing a value in part, and comparing two versions, under an active grant.

use super::change_api::{
    ChangeParameter, CompareVersions, EditKeys, PreviewParameter, ShowKeys, list_id,
};
use crate::ui::ErrorNotice;
use claviger_domain::grants::GrantResource;
use leptos::{prelude::*, server_fn::ServerFn};

/// Keys of a JSON object: names are shown, values never.
#[component]
pub(super) fn KeysOf(grant: String, resource: GrantResource) -> impl IntoView {
    let (show, edit) = (ServerAction::<ShowKeys>::new(), ServerAction::<EditKeys>::new());
    let id = resource.id.to_string();
    let (found, list) = (format!("keys-{id}"), list_id(&id));
    let (key, into) = (found.clone(), found.clone());
    let (shown_grant, shown_id) = (grant.clone(), id.clone());
    let rows = (1..=3).map(|row| view! { <KeyRow row list=list.clone() /> }).collect_view();
    view! {
        <section class="panel value" data-key=key>
            <h2>"Change keys of "<span class="mono">{resource.name}</span></h2>
            <p class="note">"For a value that is a JSON object. The keys that you name change; all other characters stay as they are, and no value is shown."</p>
            <ActionForm action=show attr:class="needs-script">
                <input type="hidden" name="grant" value=shown_grant />
                <input type="hidden" name="resource" value=shown_id />
                // The page's module shows the keys below.
                <button class="button" data-into=into>"Show key names"</button>
                <ErrorNotice value=show.value() />
            </ActionForm>
            <div id=found aria-live="polite"></div>
            <ActionForm action=edit attr:class="form">
                <input type="hidden" name="grant" value=grant />
                <input type="hidden" name="resource" value=id />
                {rows}
                <ErrorNotice value=edit.value() />
                <p class="done" role="status" hidden data-success="">"Written as version "<span class="mono wrap"></span></p>
                <div class="actions"><button class="button primary">"Write the changed keys"</button></div>
            </ActionForm>
        </section>
    }
}

#[component]
fn KeyRow(row: u8, list: String) -> impl IntoView {
    let name = |field: &str| format!("{field}_{row}");
    let (key, verb, text, json) = (name("key"), name("do"), name("text"), name("json"));
    let required = row == 1;
    view! {
        <fieldset class="key-row">
            <legend>{format!("Key {row}")}</legend>
            <div class="pair">
                <label class="field"><span>"Name"</span><input name=key list=list class="mono" autocomplete="off" spellcheck="false" required=required /></label>
                <label class="field">
                    <span>"Action"</span>
                    <select name=verb>
                        <option value="change">"Change"</option>
                        <option value="add">"Add"</option>
                        <option value="remove">"Remove"</option>
                    </select>
                </label>
            </div>
            <label class="field">
                <span>"New value"</span>
                <textarea name=text rows="2" class="mono" maxlength="65536" autocomplete="off" spellcheck="false" wrap="off"></textarea>
            </label>
            <label class="field check">
                <input type="checkbox" name=json value="true" />
                <span>"The value is JSON: a number, true, an object"</span>
            </label>
        </fieldset>
    }
}

/// Which keys two versions have.
#[component]
pub(super) fn Compare(grant: String, resource: GrantResource) -> impl IntoView {
    let action = ServerAction::<CompareVersions>::new();
    let id = resource.id.to_string();
    let (key, found) = (format!("compare-{id}"), format!("compared-{id}"));
    let into = found.clone();
    view! {
        <section class="panel value" data-key=key>
            <h2>"Compare versions of "<span class="mono">{resource.name}</span></h2>
            <p class="note">"Reads both values and shows which keys were added, removed or changed their type. Values and their lengths are not shown. Each reading is in the audit log."</p>
            <ActionForm action attr:class="form needs-script">
                <input type="hidden" name="grant" value=grant />
                <input type="hidden" name="resource" value=id />
                <div class="pair">
                    <label class="field"><span>"From"</span><input name="from" value="AWSPREVIOUS" class="mono" autocomplete="off" spellcheck="false" maxlength="64" required /></label>
                    <label class="field"><span>"To"</span><input name="to" value="AWSCURRENT" class="mono" autocomplete="off" spellcheck="false" maxlength="64" required /></label>
                </div>
                <small class="faint">"A stage or a version id."</small>
                <ErrorNotice value=action.value() />
                // The page's module shows the comparison below.
                <div class="actions"><button class="button" data-into=into>"Compare"</button></div>
            </ActionForm>
            <noscript><p class="note">"Comparing needs JavaScript. Use clv compare instead."</p></noscript>
            <div id=found aria-live="polite"></div>
        </section>
    }
}

/// A parameter's value and settings: AWS changes both by one call.
#[component]
pub(super) fn ParameterSettings(grant: String, resource: GrantResource) -> impl IntoView {
    let action = ServerAction::<ChangeParameter>::new();
    let id = resource.id.to_string();
    let (key, found) = (format!("settings-{id}"), format!("preview-{id}"));
    let (into, preview) = (found.clone(), <PreviewParameter as ServerFn>::url());
    view! {
        <section class="panel value" data-key=key>
            <h2>"Change "<span class="mono">{resource.name}</span></h2>
            <p class="note">"What you leave empty stays. AWS makes a new version in any case: without a new value, Claviger reads the current one and sends it again."</p>
            <ActionForm action attr:class="form">
                <input type="hidden" name="grant" value=grant />
                <input type="hidden" name="resource" value=id />
                <label class="field">
                    <span>"New value"</span>
                    <textarea name="value" rows="3" class="mono" maxlength="8192" autocomplete="off" spellcheck="false" wrap="off"></textarea>
                    <small>"Standard: at most 4,096 bytes. Advanced: 8,192."</small>
                </label>
                <div class="pair">
                    <label class="field">
                        <span>"Tier"</span>
                        <select name="tier">
                            <option value="">"As it is"</option>
                            <option value="Advanced">"Advanced"</option>
                            <option value="Standard">"Standard"</option>
                        </select>
                        <small>"AWS only raises it. Advanced parameters cost money."</small>
                    </label>
                    <label class="field">
                        <span>"KMS key"</span>
                        <input name="key" class="mono" autocomplete="off" spellcheck="false" maxlength="256" />
                        <small>"Only for a SecureString: an id, ARN or alias."</small>
                    </label>
                </div>
                <label class="field">
                    <span>"Allowed pattern"</span>
                    <input name="allowed_pattern" class="mono" autocomplete="off" spellcheck="false" maxlength="1024" />
                    <small>"A regular expression that values must match."</small>
                </label>
                <label class="field check"><input type="checkbox" name="remove_pattern" value="true" /><span>"Remove the allowed pattern"</span></label>
                <fieldset class="key-row">
                    <legend>"Policies"</legend>
                    <small class="faint">"Advanced tier only. AWS replaces all policies by these."</small>
                    <label class="field">
                        <span>"Expires (UTC)"</span>
                        <input name="expires" type="datetime-local" />
                        <small>"AWS deletes the parameter then."</small>
                    </label>
                    <div class="pair">
                        <label class="field"><span>"Notify before expiration (days)"</span><input name="notify_days" type="number" min="1" max="36500" /></label>
                        <label class="field"><span>"Notify without a change (days)"</span><input name="no_change_days" type="number" min="1" max="36500" /></label>
                    </div>
                    <label class="field check"><input type="checkbox" name="remove_policies" value="true" /><span>"Remove all policies"</span></label>
                </fieldset>
                <ErrorNotice value=action.value() />
                <p class="done" role="status" hidden data-success="">"Written as version "<span class="mono"></span></p>
                <div class="actions">
                    <button class="button primary">"Change parameter"</button>
                    // The page's module shows the preview below.
                    <button class="button needs-script" formaction=preview data-into=into>"Preview"</button>
                </div>
            </ActionForm>
            <div id=found aria-live="polite"></div>
        </section>
    }
}
