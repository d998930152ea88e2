//! The fields of a policy beside its text. The page's module writes them into the text, which is what is saved.

use super::api::WriteFields;
use claviger_domain::{
    VariantArray,
    compliance::{Mode, Severity, view::PolicyRow},
};
use leptos::{prelude::*, server_fn::ServerFn};

#[component]
pub(super) fn PolicyFieldset(row: PolicyRow, due_days: u32) -> impl IntoView {
    let url = <WriteFields as ServerFn>::url();
    let own = row.severity.due_days();
    let days = if due_days == own { String::new() } else { due_days.to_string() };
    let severities = Severity::VARIANTS.iter().map(|severity| {
        view! { <option value=severity.to_string() selected=*severity == row.severity>{severity.to_string()}</option> }
    });
    let modes = Mode::VARIANTS.iter().map(|mode| {
        view! { <option value=mode.to_string() selected=*mode == row.mode>{mode.to_string()}</option> }
    });
    view! {
        <fieldset class="form needs-script">
            <legend>"Fields"</legend>
            <label class="field"><span>"Title"</span><input type="text" name="title" value=row.title autocomplete="off" /></label>
            <label class="field"><span>"Severity"</span><select name="severity">{severities.collect_view()}</select></label>
            <label class="field"><span>"Mode"</span><select name="mode">{modes.collect_view()}</select></label>
            <label class="field">
                <span>"Due within days"</span>
                <input type="number" name="due_days" min="1" max="3650" value=days />
                <small>{format!("Empty: {own}, by the severity.")}</small>
            </label>
            <div class="actions">
                <button class="button" formaction=url data-into="policy-text">"Write into the YAML"</button>
            </div>
            <small>"Scope, rule and fix are in the YAML."</small>
        </fieldset>
    }
}
