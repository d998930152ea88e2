//! The answer to "why may this person request this?".

use super::access_parts::{Policy, limits};
use crate::ui::{Chip, DataTable, Heading, Panel, Tone};
use claviger_domain::settings::access::{
    AccessAnswer, AccessCondition, AccessFinding, AccessQuestion, ApprovalStep,
};
use leptos::{either::Either, prelude::*};

#[component]
pub(super) fn Finding(finding: AccessFinding) -> impl IntoView {
    match finding {
        AccessFinding::Answer(answer) => Either::Left(view! { <Answer answer=*answer /> }),
        AccessFinding::Unclear { says, choices } => {
            let choices = choices.into_iter().map(|question| {
                let text = format!("{}: {}", question.person, question.secret);
                view! { <li><a href=href(&question) class="wrap">{text}</a></li> }
            });
            Either::Right(view! {
                <section class="panel notice soon" role="status"><p>{says}</p><ul>{choices.collect_view()}</ul></section>
            })
        }
    }
}

#[component]
fn Answer(answer: AccessAnswer) -> impl IntoView {
    let (tone, can) =
        if answer.may_request { (Tone::Good, "can request") } else { (Tone::Bad, "can't request") };
    let title = format!("{} {can} {}", answer.person, what(&answer.action));
    let word = if answer.may_request { "Allowed" } else { "Denied" };
    let conditions =
        answer.conditions.into_iter().map(|one| view! { <Condition one /> }).collect_view();
    let errors = (!answer.errors.is_empty()).then(|| {
        let each = answer.errors.into_iter().map(|error| view! { <li class="wrap">{error}</li> });
        view! { <h3>"Policies that could not be evaluated"</h3><ul>{each.collect_view()}</ul> }
    });
    let policies = (!answer.policies.is_empty()).then(|| {
        let each = answer.policies.into_iter().map(|policy| view! { <Policy policy /> });
        view! { <h3>"Deciding policies"</h3>{each.collect_view()} }
    });
    let rule = answer.rule.map(|rule| {
        let steps = answer.steps.into_iter().map(|step| view! { <Step step /> }).collect_view();
        view! {
            <h3>"Approval rule"</h3>
            <p>{format!("{}: {}", rule.name, limits(&rule))}</p>
            <ul class="evidence">{steps}</ul>
        }
    });
    let secret = format!("/inventory/{}", answer.secret_id);
    view! {
        <Panel title>
            <p role="status"><Chip tone text=word />" "<a href=secret class="mono wrap">{answer.secret}</a>{format!(" in {}", answer.account)}</p>
            <DataTable class="plain" head=["Condition", "Result", "Found"].map(Heading::text)>{conditions}</DataTable>
            {errors}
            {policies}
            {rule}
            <p class="faint">"Evaluated now, for one minute of access, without a purpose and a ticket. Conditions on time, purpose and ticket are evaluated again with each request."</p>
        </Panel>
    }
}

#[component]
fn Condition(one: AccessCondition) -> impl IntoView {
    let (tone, text) = if one.is_met { (Tone::Good, "Yes") } else { (Tone::Bad, "No") };
    view! {
        <tr>
            <th scope="row">{one.about}</th>
            <td><Chip tone text /></td>
            <td class="wrap">{one.found}</td>
        </tr>
    }
}

#[component]
fn Step(step: ApprovalStep) -> impl IntoView {
    let people = if step.people.is_empty() {
        "nobody who has signed in".to_owned()
    } else {
        step.people.join(", ")
    };
    let lacking =
        step.lacks_people.then(|| view! { " "<Chip tone=Tone::Bad text="Too few people" /> });
    view! { <li>{format!("{}: {}. Can decide: {people}.", step.name, step.needs)}{lacking}</li> }
}

fn what(action: &str) -> String {
    match action {
        "break-glass" => "break-glass access".to_owned(),
        action => format!("access to {action}"),
    }
}

/// The page with this question.
fn href(question: &AccessQuestion) -> String {
    format!("/settings/access-rules?{}", question.to_url_query())
}
