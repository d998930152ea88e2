//! Making a plan: what is to be done, every call that means, what is left out, and why it is wanted. The URL holds it all.

use super::{
    api::{SubmitPlan, load_draft},
    steps::Steps,
    words::{Hidden, plan_href},
};
use crate::ui::{Fault, PageTitle, format::counted, loaded, text_area, use_own_query};
use claviger_domain::remedy::{
    RemedyForm,
    view::{LeftOut, PlanDraft},
};
use leptos::prelude::*;
use leptos_router::components::{A, Form};

#[component]
pub(crate) fn NewPlanPage() -> impl IntoView {
    let query = use_own_query();
    provide_context(query);
    let draft = Resource::new(move || query.get(), load_draft);
    view! {
        <PageTitle text="Plan a fix" />
        {loaded(draft, "Plan a fix", |draft: PlanDraft| view! { <Draft draft /> }.into_any())}
    }
}

#[component]
fn Draft(draft: PlanDraft) -> impl IntoView {
    let findings = format!("/findings?{}", draft.of);
    let (of, wish) = (draft.of.clone(), draft.form.wish.clone());
    let choices = draft
        .choices
        .into_iter()
        .map(|(word, says)| {
            let current = (word == wish).then_some("true");
            view! { <li><a href=plan_href(&of, Some(&word)) aria-current=current>{says}</a></li> }
        })
        .collect_view();
    let fault = draft.fault.map(|text| view! { <p class="fault" role="alert">{text}</p> });
    let count = u64::try_from(draft.steps.len()).unwrap_or(0);
    let form = draft.form.clone();
    let calls = (!draft.steps.is_empty()).then(|| {
        view! {
            <section class="panel flush">
                <h2><span role="status">{counted(count, "call", "calls")}" would be made"</span></h2>
                <Steps steps=draft.steps />
            </section>
            <Submit needs_approval=draft.needs_approval />
        }
    });
    view! {
        <div class="head"><div>
            <nav class="crumbs" aria-label="Where this is"><A href="/remediation">"Remediation"</A></nav>
            <h1>"Plan a fix"</h1>
            <p class="context"><A href=findings>{counted(draft.findings, "secret or parameter fails", "secrets and parameters fail")}</A>". Nothing is changed until the plan is made and approved."</p>
        </div></div>
        <div class="with-rail">
            <nav class="panel wishes" aria-label="What is to be done"><h2>"What is to be done"</h2><ul>{choices}</ul></nav>
            <div class="stack">
                <section class="panel">
                    <Form method="GET" action="/remediation/new" attr:class="form">
                        <Hidden name="of" value=draft.of />
                        <Hidden name="wish" value=draft.form.wish />
                        <Fields form />
                        <button class="button">"Show the calls"</button>
                    </Form>
                    {fault}
                </section>
                {calls}
                <Left left_out=draft.left_out />
            </div>
        </div>
    }
}

#[component]
fn Submit(needs_approval: bool) -> impl IntoView {
    let action = ServerAction::<SubmitPlan>::new();
    let query = expect_context::<Memo<String>>();
    let said = if needs_approval {
        "Somebody else has to approve it before anything is changed."
    } else {
        "Its policies say that no approval is needed for exactly this: it begins at once."
    };
    view! {
        <section class="panel">
            <h2>"Make the plan"</h2>
            <ActionForm action>
                <input type="hidden" name="query" value=query />
                <label class="field">
                    <span>"Why it is wanted"</span>
                    <textarea name="reason" rows="2" maxlength="1000" required></textarea>
                    <small>{said}</small>
                </label>
                <button class="button primary" disabled=action.pending()>"Make the plan"</button>
            </ActionForm>
            <Fault value=action.value() />
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
                view! { <tr><th scope="row" class="mono"><A href=href>{left.name}</A></th><td>{left.why}</td></tr> }
            })
            .collect_view();
        view! {
            <section class="panel">
                <h2>{counted(count, "is left out", "are left out")}</h2>
                <table class="plain">
                    <thead><tr><th scope="col">"Secret or parameter"</th><th scope="col">"Why"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </section>
        }
    })
}

/// The fields of the chosen wish, and no others.
#[component]
fn Fields(form: RemedyForm) -> impl IntoView {
    match form.wish.as_str() {
        "set-tags" => view! {
            <label class="field">
                <span>"Tags"</span>
                <textarea name="tags" class="mono" rows="3" required>{text_area(&form.tags)}</textarea>
                <small>"key=value, one a line. Other tags stay."</small>
            </label>
        }
        .into_any(),
        "enable-rotation" => view! {
            <div class="form">
                <Field name="days" label="Every so many days" value=form.days help="1 to 1,000; or leave it empty and give a schedule." />
                <Field name="schedule" label="Or a schedule" value=form.schedule help="rate(…) or cron(…), in UTC; at the soonest every 4 hours." />
                <Field name="duration" label="Window" value=form.duration help="Such as 3h." />
                <Field name="lambda" label="Rotation function" value=form.lambda help="Its ARN; {account} and {region} stand for the secret's own. Empty keeps the one that it has." />
            </div>
            <fieldset class="choices">
                <legend>"Rotate at once"</legend>
                <label><input type="radio" name="immediately" value="no" checked=form.immediately != "yes" />" No: the value changes at the next date"</label>
                <label><input type="radio" name="immediately" value="yes" checked=form.immediately == "yes" />" Yes: the value changes now"</label>
            </fieldset>
        }
        .into_any(),
        "change-key" => view! { <Field name="key" label="KMS key" value=form.key help="Id, ARN or alias; {account} and {region} stand for the secret's own." /> }.into_any(),
        "replace-policy" => view! {
            <label class="field">
                <span>"Resource policy"</span>
                <textarea name="document" class="mono" rows="10" required>{text_area(&form.document)}</textarea>
                <small>"JSON; {account} and {region} stand for the secret's own."</small>
            </label>
        }
        .into_any(),
        "schedule-deletion" => view! { <Field name="window" label="Days in which it can be restored" value=form.window help="7 to 30." /> }.into_any(),
        "replicate" => view! {
            <Field name="region" label="Region" value=form.region help="Such as eu-west-1." />
            <Field name="key" label="KMS key there" value=form.key help="Empty means aws/secretsmanager." />
        }
        .into_any(),
        "remove-replica" => view! { <Field name="region" label="Region" value=form.region help="The replica there is gone at once and for good." /> }.into_any(),
        "" => view! { <p>"Choose what is to be done."</p> }.into_any(),
        _ => view! { <p class="faint">"There is nothing to fill in."</p> }.into_any(),
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
