//! The access rules: the Cedar policies, the approval rules, and "why may this person request this?".

use super::{
    access_answer::Finding,
    access_parts::{Policy, limits},
    api::load_access_rules,
    frame::SettingsFrame,
};
use crate::ui::{DataTable, EmptyState, Heading, Panel, loaded, own_field};
use claviger_domain::settings::access::{AccessQuestion, AccessRulesView, ApprovalRuleRow};
use leptos::prelude::*;

/// The actions of a question, by their values in the URL.
const ACTIONS: [(&str, &str); 5] = [
    ("read", "Read"),
    ("write", "Write"),
    ("change", "Read and write"),
    ("rotate", "Rotate"),
    ("break-glass", "Read by break-glass"),
];

#[component]
pub(crate) fn AccessRulesPage() -> impl IntoView {
    let of = |name: &str| own_field(name).unwrap_or_default();
    let question =
        AccessQuestion { person: of("person"), secret: of("secret"), action: of("action") };
    let page = ArcResource::new(|| (), move |()| load_access_rules(question.clone()));
    loaded(page, "Settings", |shown: AccessRulesView| view! { <AccessRules shown /> }.into_any())
}

#[component]
fn AccessRules(shown: AccessRulesView) -> impl IntoView {
    let finding = shown.finding.map(|finding| view! { <Finding finding /> });
    let rules = if shown.rules.is_empty() {
        view! { <EmptyState title="No approval rules."><p>"Without a rule nobody can approve. Set access_rules in the configuration file."</p></EmptyState> }
            .into_any()
    } else {
        let rows = shown.rules.into_iter().map(|rule| view! { <Rule rule /> }).collect_view();
        let head = ["Rule", "Scope", "Applies to", "Approvals needed", "Limits"].map(Heading::text);
        view! { <div class="panel flush"><DataTable head>{rows}</DataTable></div> }.into_any()
    };
    let policies = if shown.policies.is_empty() {
        view! { <p>"No Cedar policies: nobody can request access. Set access_policies in the configuration file."</p> }
            .into_any()
    } else {
        shown
            .policies
            .into_iter()
            .map(|policy| view! { <Policy policy /> })
            .collect_view()
            .into_any()
    };
    view! {
        <SettingsFrame title="Access rules" context="Cedar policies decide who can request access; the first approval rule that applies decides who approves.">
            <Panel title="Why may this person request this?">
                <Question question=shown.question people=shown.people />
            </Panel>
            {finding}
            <h2>"Approval rules"</h2>
            {rules}
            <Panel title="Cedar policies">{policies}</Panel>
        </SettingsFrame>
    }
}

/// A GET form: the answer has an address of its own, and asking changes nothing.
#[component]
fn Question(question: AccessQuestion, people: Vec<(String, String)>) -> impl IntoView {
    let known = people
        .into_iter()
        .map(|(name, value)| view! { <option value=value>{name}</option> })
        .collect_view();
    let actions = ACTIONS.map(|(value, label)| {
        view! { <option value=value selected=value == question.action>{label}</option> }
    });
    view! {
        <form method="get" action="/settings/access-rules" class="form question">
            <label class="field">
                <span>"Person"</span>
                <input name="person" value=question.person list="known-people" autocomplete="off" required />
                <small>"Name, email address or subject of someone who has signed in."</small>
            </label>
            <datalist id="known-people">{known}</datalist>
            <label class="field">
                <span>"Secret or parameter"</span>
                <input name="secret" value=question.secret autocomplete="off" spellcheck="false" required />
                <small>"Name or ARN."</small>
            </label>
            <label class="field">
                <span>"Access"</span>
                <select name="action">{actions.into_iter().collect_view()}</select>
            </label>
            <div class="actions"><button class="button primary">"Explain"</button></div>
        </form>
    }
}

#[component]
fn Rule(rule: ApprovalRuleRow) -> impl IntoView {
    view! {
        <tr>
            <td class="name wrap">{rule.name.clone()}</td>
            <td data-label="Scope" class="wrap">{rule.scope.clone()}</td>
            <td data-label="Applies to" class="wrap">{format!("{}: {}", rule.actions, rule.applies_to)}</td>
            <td data-label="Approvals needed" class="wrap">{rule.approvers.clone()}</td>
            <td data-label="Limits" class="wrap">{limits(&rule)}</td>
        </tr>
    }
}
