//! The fields that only a new secret has.

use crate::ui::fault_of;
use crate::ui::text_area;
use claviger_domain::creation::{CreationForm, ShapeFault, view::WantedTag};
use leptos::prelude::*;

/// Known types of managed external secrets. AWS adds partners, so any other name is accepted too.
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/mes-partners.html>
const EXTERNAL_TYPES: &[&str] =
    &["BigIDClientSecret", "SalesforceClientSecret", "SnowflakeKeyPairAuthentication"];

const ROTATION_FIELDS: &[&str] = &["function", "role", "metadata", "days", "schedule"];

#[component]
pub(super) fn SecretFields(form: CreationForm, faults: Vec<ShapeFault>) -> impl IntoView {
    let types =
        EXTERNAL_TYPES.iter().map(|name| view! { <option value=*name></option> }).collect_view();
    let has_rotation = [&form.function, &form.role, &form.metadata, &form.days, &form.schedule]
        .iter()
        .any(|field| !field.is_empty())
        || faults.iter().any(|fault| ROTATION_FIELDS.contains(&fault.field.as_str()));
    view! {
        <label class="field">
            <span>"Replicas"</span>
            <textarea name="replicas" class="mono" rows="2" spellcheck="false">{text_area(&form.replicas)}</textarea>
            <small>"One Region per line; a key of that Region may follow, such as eu-west-1 alias/payments."</small>
            {fault_of(&faults, "replicas")}
        </label>
        <label class="field">
            <span>"Resource policy"</span>
            <textarea name="policy" class="mono" rows="4" spellcheck="false">{text_area(&form.policy)}</textarea>
            <small>"JSON, or empty for none. AWS refuses one that admits the public."</small>
            {fault_of(&faults, "policy")}
        </label>
        <label class="field">
            <span>"Type of a managed external secret"</span>
            <input name="secret_type" class="mono" value=form.secret_type.clone() list="types" autocomplete="off" spellcheck="false" />
            <small>"Secrets Manager rotates it at the partner. Leave it empty for any other secret."</small>
            <datalist id="types">{types}</datalist>
            {fault_of(&faults, "secret_type")}
        </label>
        <details open=has_rotation>
            <summary>"Rotation"</summary>
            <RotationFields form=form.clone() faults=faults.clone() />
        </details>
        <label class="field check">
            <input type="checkbox" name="canary" value="yes" checked=form.canary == "yes" />
            <span>"Canary: nobody uses it, and each read raises an alarm"</span>
        </label>
    }
}

/// How a new secret is rotated.
#[component]
fn RotationFields(form: CreationForm, faults: Vec<ShapeFault>) -> impl IntoView {
    view! {
        <div class="form">
        <p class="note">"Enabled once the secret exists. Run the pre-flight on its Rotation tab before the first rotation."</p>
        <label class="field">
            <span>"Rotation function"</span>
            <input name="function" class="mono" value=form.function.clone() autocomplete="off" spellcheck="false" placeholder="arn:aws:lambda:…" />
            {fault_of(&faults, "function")}
        </label>
        <label class="field">
            <span>"Role of a managed external secret"</span>
            <input name="role" class="mono" value=form.role.clone() autocomplete="off" spellcheck="false" placeholder="arn:aws:iam::…:role/…" />
            <small>"Secrets Manager assumes it to rotate the secret at the partner."</small>
            {fault_of(&faults, "role")}
        </label>
        <label class="field">
            <span>"Metadata of a managed external secret"</span>
            <textarea name="metadata" class="mono" rows="2" spellcheck="false">{text_area(&form.metadata)}</textarea>
            <small>"One key=value per line, as the partner describes it. Nothing confidential."</small>
            {fault_of(&faults, "metadata")}
        </label>
        <label class="field">
            <span>"Days between rotations"</span>
            <input name="days" type="number" min="1" max="1000" value=form.days.clone() />
            {fault_of(&faults, "days")}
        </label>
        <label class="field">
            <span>"Or a schedule, in UTC"</span>
            <input name="schedule" class="mono" value=form.schedule.clone() autocomplete="off" spellcheck="false" placeholder="cron(0 4 ? * MON *)" />
            {fault_of(&faults, "schedule")}
        </label>
        <label class="field check">
            <input type="checkbox" name="immediately" value="yes" checked=form.immediately == "yes" />
            <span>"Rotate at once"</span>
        </label>
        </div>
    }
}

/// Tags that policies want, with the values that they accept.
#[component]
pub(super) fn WantedTags(tags: Vec<WantedTag>) -> impl IntoView {
    let rows = tags
        .into_iter()
        .map(|tag| {
            let accepted = match tag.accepted {
                None => "any value".to_owned(),
                Some(values) if values.is_empty() => "no value: leave the tag out".to_owned(),
                Some(values) => values.join(", "),
            };
            let required = if tag.is_required { "required" } else { "if set" };
            view! { <li><span class="mono">{tag.key}</span>{format!(" ({required}): {accepted}")}</li> }
        })
        .collect_view();
    (!rows.is_empty()).then(|| view! { <ul class="wanted-tags small">{rows}</ul> })
}
