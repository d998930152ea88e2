//! Making a plan: the action, every call, what is skipped, and the reason. The URL holds the state of the form.

use super::{
    api::{SubmitPlan, load_draft},
    labels::plan_href,
    steps::Steps,
};
use crate::rotations::{Immediately, WindowList};
use crate::ui::{
    Breadcrumb, ErrorNotice, PageHeader, PageTitle, Panel,
    format::{counted, who_decides},
    loaded, own_query, text_area,
};
use claviger_domain::remediation::{
    RemediationForm,
    view::{LeftOut, PlanDraft, PlanSubject},
};
use leptos::prelude::*;

#[component]
pub(crate) fn NewPlanPage() -> impl IntoView {
    let query = own_query();
    let draft = ArcResource::new(|| (), move |()| load_draft(query.clone()));
    view! {
        {loaded(draft, "Fix", |draft: PlanDraft| view! { <Draft draft /> }.into_any())}
    }
}

/// Findings are fixed; what somebody chose is changed.
fn heading(subject: &PlanSubject) -> &'static str {
    match subject {
        PlanSubject::Findings(_) => "Fix",
        PlanSubject::Resource { .. } | PlanSubject::Resources(_) => "Change",
    }
}

#[component]
fn Draft(draft: PlanDraft) -> impl IntoView {
    let findings = format!("/findings?{}", draft.of);
    let (of, wish) = (draft.of.clone(), draft.form.wish.clone());
    let choices = draft
        .choices
        .iter()
        .cloned()
        .map(|(word, says)| {
            let current = (word == wish).then_some("true");
            view! { <li><a href=plan_href(&of, Some(&word)) aria-current=current data-in-place="">{says}</a></li> }
        })
        .collect_view();
    let context = match &draft.subject {
        PlanSubject::Findings(count) => {
            let count = counted(*count, "secret or parameter fails", "secrets and parameters fail");
            view! { <a href=findings>{count}</a> }.into_any()
        }
        PlanSubject::Resource { id, name } => {
            view! { <a href=format!("/inventory/{id}") class="mono">{name.clone()}</a> }.into_any()
        }
        PlanSubject::Resources(count) => {
            let count = counted(*count, "secret or parameter", "secrets and parameters");
            view! { <span>{count}</span> }.into_any()
        }
    };
    let title = heading(&draft.subject);
    let left_out = draft.left_out.clone();
    view! {
        <PageHeader>
            <Breadcrumb><a href="/remediation">"Remediation"</a></Breadcrumb>
            <PageTitle text=title />
            <h1>{title}</h1>
            <p class="context">{context}". Nothing changes until the plan is submitted and approved."</p>
        </PageHeader>
        <div class="with-rail">
            <nav class="panel choices" aria-label="Action"><h2>"Action"</h2><ul>{choices}</ul></nav>
            <div class="stack">
                <PlanForm draft />
                <Left left_out />
            </div>
        </div>
    }
}

/// One form with one state: what is previewed is what is submitted. The hash of the preview goes with it,
/// so an event must not exchange both under a person who has read the calls (`data-still`).
#[component]
fn PlanForm(draft: PlanDraft) -> impl IntoView {
    let action = ServerAction::<SubmitPlan>::new();
    let (fault, proposed) = (draft.fault.clone(), draft.proposed.clone());
    let fault = fault.map(|text| view! { <p class="fault" role="alert">{text}</p> });
    let proposed = proposed.map(|text| view! { <p class="note">{text}</p> });
    let stale = draft.is_stale.then(|| {
        view! { <p class="fault" role="alert">"The values or the resources have changed since your preview. Nothing was submitted. Check the changes below, then submit again."</p> }
    });
    let has_action = !draft.form.wish.is_empty();
    let form = draft.form.clone();
    let hosted = match &draft.subject {
        PlanSubject::Resource { id, .. }
            if form.wish == "enable-rotation" && form.lambda.is_empty() =>
        {
            let href = format!("/inventory/{id}/hosted-rotation");
            Some(
                view! { <p class="note">"No function yet? For a database, "<a href=href>"deploy a rotation template of AWS"</a>"."</p> },
            )
        }
        _ => None,
    };
    let rest = (!draft.steps.is_empty()).then(|| {
        let count = u64::try_from(draft.steps.len()).unwrap_or(0);
        view! {
            <section class="panel flush">
                <h2><span role="status">{counted(count, "API call", "API calls")}</span></h2>
                <Steps steps=draft.steps.clone() />
            </section>
            <Submit draft=draft.clone() action />
        }
    });
    let windows = draft.windows.clone().map(|next| {
        view! { <Panel title="Next rotation windows"><WindowList next /></Panel> }
    });
    let nothing = (draft.steps.is_empty() && !draft.left_out.is_empty()).then(|| {
        view! { <p class="notice soon" role="status">"Nothing would change. See below why each secret or parameter is skipped, then change the values or choose another action."</p> }
    });
    view! {
        <ActionForm action attr:id="plan" attr:data-still="">
        <fieldset class="stack" aria-label="Plan">
            <input type="hidden" name="of" value=draft.of.clone() />
            <input type="hidden" name="wish" value=draft.form.wish.clone() />
            <input type="hidden" name="preview" value=draft.preview.clone() />
            <section class="panel">
                <div class="form" data-note="edited">
                    <Fields form />
                    {proposed}
                    {hosted}
                    // Loads the same page with what the form holds now; the page's module does so in place.
                    {has_action.then(|| view! { <button class="button" formmethod="get" formaction="/remediation/new" formnovalidate>"Preview"</button> })}
                </div>
                {fault}
                {stale}
            </section>
            {windows}
            {nothing}
            {rest}
        </fieldset>
        </ActionForm>
    }
}

#[component]
fn Submit(draft: PlanDraft, action: ServerAction<SubmitPlan>) -> impl IntoView {
    let said = if draft.needs_approval {
        who_decides(&draft.approvers, "Nothing changes before that.")
    } else {
        "Its policies need no approval for exactly this: it starts at once.".to_owned()
    };
    let label = if draft.needs_approval { "Submit for approval" } else { "Submit and run" };
    view! {
        <section class="panel">
            <div class="form">
                <label class="field">
                    <span>"Reason"</span>
                    <textarea name="reason" rows="2" maxlength="1000" required>{text_area(&draft.reason)}</textarea>
                    <small>{said}</small>
                </label>
                // The page's module shows it while a value differs from the preview's.
                <p class="note" role="status"><span id="edited" hidden>"The values have changed since the preview. Preview them before you submit."</span></p>
                <button class="button primary">{label}</button>
            </div>
            <ErrorNotice value=action.value() />
        </section>
    }
}

#[component]
fn Left(left_out: Vec<LeftOut>) -> impl IntoView {
    (!left_out.is_empty()).then(|| {
        let count = u64::try_from(left_out.len()).unwrap_or(0);
        let rows = left_out
            .into_iter()
            .map(|left| {
                let href = format!("/inventory/{}", left.resource);
                view! { <tr><th scope="row" class="mono"><a href=href>{left.name}</a></th><td>{left.why}</td></tr> }
            })
            .collect_view();
        view! {
            <Panel title=counted(count, "skipped", "skipped")>
                <table class="plain">
                    <thead><tr><th scope="col">"Secret or parameter"</th><th scope="col">"Why"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </Panel>
        }
    })
}

/// The fields of the chosen request, and no others.
#[component]
fn Fields(form: RemediationForm) -> impl IntoView {
    match form.wish.as_str() {
        "set-tags" => view! {
            <label class="field">
                <span>"Tags"</span>
                <textarea name="tags" class="mono" rows="3" required>{text_area(&form.tags)}</textarea>
                <small>"One key=value per line. Other tags are kept. {suggested} stands for each one's own suggestion, shown in the preview."</small>
            </label>
        }
        .into_any(),
        "enable-rotation" => view! {
            <div class="form">
                <Field name="days" label="Interval in days" value=form.days help="1 to 1,000. Leave it empty to use a schedule." />
                <Field name="schedule" label="Schedule" value=form.schedule help="rate(…) or cron(…) in UTC, at most every 4 hours. Instead of an interval." />
                <Field name="duration" label="Window" value=form.duration help="E.g. 3h." />
                <Field name="lambda" label="Rotation function" value=form.lambda help="ARN. {account} and {region} stand for the secret's own. Leave it empty to keep the current function." />
                <Field name="role" label="Role of a managed external secret" value=form.role help="ARN of the role with which Secrets Manager rotates it. {account} stands for the secret's own. Leave it empty for other secrets, and to keep the current role." />
                <label class="field">
                    <span>"Metadata of a managed external secret"</span>
                    <textarea name="metadata" class="mono" rows="2" spellcheck="false">{text_area(&form.metadata)}</textarea>
                    <small>"One key=value per line, as the partner describes it. Nothing confidential."</small>
                </label>
            </div>
            <Immediately is_at_once=form.immediately == "yes" />
        }
        .into_any(),
        "change-key" => view! { <Field name="key" label="KMS key" value=form.key help="Key ID, ARN or alias. {account} and {region} stand for the secret's own." /> }.into_any(),
        "replace-policy" => view! {
            <label class="field">
                <span>"Resource policy"</span>
                <textarea name="document" class="mono" rows="10" required>{text_area(&form.document)}</textarea>
                <small>"JSON. {account} and {region} stand for the secret's own."</small>
            </label>
        }
        .into_any(),
        "schedule-deletion" => view! { <Field name="window" label="Recovery window in days" value=form.window help="7 to 30." /> }.into_any(),
        "replicate" => view! {
            <Field name="region" label="Region" value=form.region help="E.g. eu-west-1." />
            <Field name="key" label="KMS key there" value=form.key help="Leave it empty for aws/secretsmanager." />
        }
        .into_any(),
        "remove-replica" => view! { <Field name="region" label="Region" value=form.region help="The replica in this Region is deleted immediately and can't be restored." /> }.into_any(),
        "set-description" => view! { <Field name="description" label="Description" value=form.description help="Replaces the current one. At most 2,048 characters." /> }.into_any(),
        "remove-tags" => view! {
            <label class="field">
                <span>"Tag keys"</span>
                <textarea name="keys" class="mono" rows="3" required>{text_area(&form.keys)}</textarea>
                <small>"One per line. Other tags are kept."</small>
            </label>
        }
        .into_any(),
        "roll-back" => view! { <Field name="version" label="Version" value=form.version help="Version ID. Leave it empty for the version with AWSPREVIOUS. Claviger moves AWSCURRENT and reads no value." /> }.into_any(),
        "clear-pending" => view! { <p class="faint">"AWSPENDING is removed from the version where a rotation left it. The version's value is neither read nor used."</p> }.into_any(),
        "cancel-rotation" => view! { <p class="faint">"Turns rotation off. The schedule and the function stay configured, and AWSPENDING stays on its version if a rotation has not finished."</p> }.into_any(),
        "" => view! { <p>"Choose an action."</p> }.into_any(),
        _ => view! { <p class="faint">"This action has no settings."</p> }.into_any(),
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
