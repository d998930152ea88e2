//! The form that asks, before a rotation, why it would fail; nothing is read from AWS until it is sent.

use super::{preflight_result::PreflightFound, tabs::Tab};
use crate::{
    rotations::Immediately,
    ui::{ErrorNotice, Panel, own_field},
    wire::{
        TextJson, WireError,
        server::{call, is_plain_form, wire},
    },
};
use claviger_domain::{
    VariantArray,
    facts::Rotation,
    ids::ResourceId,
    remediation::preflight::{PreflightForm, PreflightView, RotationTemplate},
};
use leptos::prelude::*;

/// Reads from AWS why a rotation of this secret would fail, and returns it as the page shows it: HTML. Nothing is changed.
#[server(output = TextJson, prefix = "/api", endpoint = "remediation/preflight")]
pub(crate) async fn check_rotation(
    resource: String,
    #[server(flatten)] form: PreflightForm,
) -> Result<String, WireError> {
    let (services, caller) = call()?;
    let asked = services.rotation_preflight().preflight(&caller, &resource, &form);
    let shown = asked.await.map_err(wire)?;
    if is_plain_form() {
        // Without scripts the page is loaded again, and shows the last result.
        let page = Tab::Rotation.href(shown.resource);
        leptos_axum::redirect(&format!("{page}?checked=yes#preflight"));
    }
    Ok(view! { <PreflightFound shown /> }.to_html())
}

/// The last result, if there is one in this process.
pub(super) async fn load_last(id: ResourceId) -> Result<Option<PreflightView>, WireError> {
    let (services, caller) = call()?;
    services.rotation_preflight().last_preflight(&caller, id).await.map_err(wire)
}

#[component]
pub(super) fn RotationPreflight(
    id: ResourceId,
    rotation: Rotation,
    last: Option<PreflightView>,
) -> impl IntoView {
    let action = ServerAction::<CheckRotation>::new();
    let form = last.as_ref().map_or_else(|| current(&rotation), |last| last.form.clone());
    let is_lost = last.is_none() && own_field("checked").is_some();
    let note = is_lost.then(|| {
        view! { <p class="notice unknown">"The result is no longer here. Check again."</p> }
    });
    let found = last.map(|shown| view! { <PreflightFound shown /> });
    view! {
        <Panel title="Check rotation">
            <p class="note">"Reads the secret, the function and its role now, and says why a rotation would fail. Nothing changes, and no value is read."</p>
            <ActionForm action attr:id="preflight">
                <input type="hidden" name="resource" value=id.to_string() />
                <div class="form">
                    <Fields form />
                    // The page's module shows the result below.
                    <button class="button" data-into="preflight-result">"Check rotation"</button>
                </div>
            </ActionForm>
            <ErrorNotice value=action.value() />
            {note}
            <div id="preflight-result" aria-live="polite">{found}</div>
        </Panel>
    }
}

/// The form for the rotation as it is configured now.
fn current(rotation: &Rotation) -> PreflightForm {
    let rules = rotation.rules.clone().unwrap_or_default();
    let schedule = rules.schedule_expression.unwrap_or_default();
    let days = match (schedule.is_empty(), rules.automatically_after_days) {
        (true, Some(days)) => days.to_string(),
        (true, None) => "30".to_owned(),
        (false, _) => String::new(),
    };
    PreflightForm {
        lambda: rotation.lambda_arn.clone().unwrap_or_default(),
        days,
        schedule,
        duration: rules.duration.unwrap_or_default(),
        immediately: "no".to_owned(),
        ..PreflightForm::default()
    }
}

#[component]
fn Fields(form: PreflightForm) -> impl IntoView {
    let template = form.template();
    let templates = RotationTemplate::VARIANTS
        .iter()
        .map(|one| {
            view! { <option value=one.to_string() selected=*one == template>{one.label()}</option> }
        })
        .collect_view();
    let is_at_once = form.immediately == "yes";
    let reads_value = form.value == "yes";
    view! {
        <Field name="lambda" label="Rotation function" value=form.lambda help="The ARN of a Lambda function in the secret's account and Region." />
        <label class="field">
            <span>"Kind of function"</span>
            <select name="template">{templates}</select>
            <small>"Says which keys the value must have, and whether a superuser takes part."</small>
        </label>
        <Field name="superuser" label="Superuser's secret" value=form.superuser help="Only for alternating users: its ARN, as the value's key masterarn names it." />
        <Field name="days" label="Interval in days" value=form.days help="1 to 1,000. Leave it empty to use a schedule." />
        <Field name="schedule" label="Schedule" value=form.schedule help="rate(…) or cron(…) in UTC, at most every 4 hours. Instead of an interval." />
        <Field name="duration" label="Window" value=form.duration help="E.g. 3h." />
        <label class="check"><input type="checkbox" name="value" value="yes" checked=reads_value />" Look at the keys of the value under my active read grant: the audit log records it as a reveal, and only the names of the keys are used"</label>
        <Immediately is_at_once />
    }
}

#[component]
fn Field(
    name: &'static str,
    label: &'static str,
    value: String,
    help: &'static str,
) -> impl IntoView {
    view! {
        <label class="field"><span>{label}</span><input name=name value=value autocomplete="off" /><small>{help}</small></label>
    }
}
