//! The rights that a recipe needs, beside those of the chosen role.

use crate::ui::{Chip, Panel, Tone};
use claviger_domain::inventory::{
    entitlement::Answer,
    recipes::{
        Recipe, Right, RightOn,
        view::{Comparison, RightAnswer, sentence},
    },
};
use leptos::prelude::*;

#[component]
pub(super) fn Rights(
    recipe: Recipe,
    comparison: Comparison,
    role: String,
    children: Children,
) -> impl IntoView {
    let reader = format!("{}.", recipe.reader);
    let needed =
        recipe.rights.iter().map(|right| view! { <li>{words(*right)}</li> }).collect_view();
    let list = (!recipe.rights.is_empty()).then(|| view! { <ul class="sentences">{needed}</ul> });
    let compared = (!recipe.rights.is_empty()).then(|| view! { <Compared comparison role /> });
    view! {
        <Panel title="Rights">
            <p>{reader}</p>
            {list}
            {compared}
            {children()}
        </Panel>
    }
}

/// Such as `secretsmanager:GetSecretValue on this secret`.
fn words(right: Right) -> impl IntoView {
    let on = match right.on {
        RightOn::Resource => " on it",
        RightOn::Key => " on its KMS key, through the service",
    };
    view! { <span class="mono">{right.action.to_string()}</span>{on} }
}

#[component]
fn Compared(comparison: Comparison, role: String) -> impl IntoView {
    let note = |text: String| view! { <p class="note">{text}</p> }.into_any();
    match comparison {
        Comparison::NotShown => note(
            "Rights are not compared: you don't have permission to view who has access in this account."
                .to_owned(),
        ),
        Comparison::NotAsked => {
            note("Choose a role under Fill in to compare its rights with these.".to_owned())
        }
        Comparison::Missing => note(format!(
            "IAM of the account was read, and has no role {role}. Draft it, or choose another one."
        )),
        Comparison::NotRead { why } => {
            view! { <p><Chip tone=Tone::Unknown text="Unknown" />{format!(" What {role} may do was not read: {why}.")}</p> }
                .into_any()
        }
        Comparison::Compared { answers, role: own } => {
            let said = sentence(&answers);
            let other = (own != role).then(|| {
                let own = own.clone();
                view! {
                    <p class="note">
                        "IAM has the role as "<span class="mono wrap">{own}</span>". The recipe names this ARN."
                    </p>
                }
            });
            let rows = answers.into_iter().map(|one| view! { <Row one /> }).collect_view();
            view! {
                <h3>"Compared with "<span class="mono wrap">{own}</span></h3>
                {other}
                <p id="rights-summary">{said}</p>
                <ul class="sentences">{rows}</ul>
                <p class="note">"In its account as that was last read, with the resource policy, the key policy, SCPs and RCPs. Policies of VPC endpoints and session policies are not read."</p>
            }
            .into_any()
        }
    }
}

#[component]
fn Row(one: RightAnswer) -> impl IntoView {
    let (tone, text) = match one.answer {
        Answer::Can => (Tone::Good, "Granted"),
        Answer::Conditional => (Tone::Soon, "Under conditions"),
        Answer::Unknown => (Tone::Unknown, "Unknown"),
        Answer::Cannot => (Tone::Bad, "Missing"),
    };
    let why = (!one.why.is_empty()).then(|| format!(": {}", one.why.join("; ")));
    let not_needed = one.by_managed_key.then_some(
        " (no policy has to allow it: the AWS managed key does, unless a policy denies it)",
    );
    view! { <li><Chip tone text />" "{words(one.right)}{not_needed}{why}</li> }
}
