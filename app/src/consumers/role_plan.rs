//! The plan that creates the role and attaches it: what stands in its way, or every call with its changes, and the reason.

use super::api::ApplyRole;
use crate::{
    remediation::Steps,
    ui::{
        ErrorNotice, Panel,
        format::{counted, who_decides},
        text_area,
    },
};
use claviger_domain::consumers::attach::RolePlan;
use leptos::prelude::*;

/// `id` is the secret or parameter of the address; `reason` is what was typed.
#[component]
pub(super) fn RolePlanPanel(plan: RolePlan, id: String, reason: String) -> impl IntoView {
    if plan.faults.is_empty() {
        return view! { <Preview plan id reason /> }.into_any();
    }
    let reasons =
        plan.faults.into_iter().map(|fault| view! { <li>{fault.reason}</li> }).collect_view();
    view! {
        <Panel title="Plan">
            <p class="notice bad" role="alert">"There is no plan. Nothing was changed."</p>
            <ul class="sentences">{reasons}</ul>
        </Panel>
    }
    .into_any()
}

/// One form with the hash of what is shown, so an event must not exchange both under a person who has read the calls
/// (`data-still`).
#[component]
fn Preview(plan: RolePlan, id: String, reason: String) -> impl IntoView {
    let action = ServerAction::<ApplyRole>::new();
    let RolePlan { asked, mut steps, findings, approvers, preview, .. } = plan;
    let count = u64::try_from(steps.len()).unwrap_or(0);
    // A step has them for its approver; here they are above the steps.
    for step in &mut steps {
        step.warnings = besides(std::mem::take(&mut step.warnings), &findings);
    }
    let findings =
        findings.into_iter().map(|text| view! { <p class="notice soon">{text}</p> }).collect_view();
    let said = who_decides(&approvers, "Nothing changes before that.");
    view! {
        <section class="panel flush">
            <h2>"Plan: "<span role="status">{counted(count, "API call", "API calls")}</span></h2>
            {findings}
            <Steps steps />
        </section>
        <section class="panel">
            <ActionForm action attr:id="role-plan" attr:data-still="">
                <input type="hidden" name="id" value=id />
                <input type="hidden" name="query" value=asked />
                <input type="hidden" name="preview" value=preview />
                <div class="form">
                    <label class="field">
                        <span>"Reason"</span>
                        <textarea name="reason" rows="2" maxlength="1000" required>{text_area(&reason)}</textarea>
                        <small>{said}</small>
                    </label>
                    <button class="button primary">"Submit for approval"</button>
                </div>
            </ActionForm>
            <ErrorNotice value=action.value() />
        </section>
    }
}

/// The warnings that are none of these findings.
fn besides(warnings: Vec<String>, findings: &[String]) -> Vec<String> {
    warnings.into_iter().filter(|text| !findings.contains(text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_above_the_steps_is_not_in_them_too() {
        let texts = |all: &[&str]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
        let warnings = texts(&["It loses.", "Plaintext.", "The way back."]);
        let shown = besides(warnings, &texts(&["Plaintext."]));
        assert_eq!(shown, ["It loses.", "The way back."]);
    }
}
