//! One role: who gets in, what is wrong with its trust, which secrets it can read, and how to correct it.

use super::labels::{SeverityChip, reach_sentence};
use crate::{
    inventory::{answer_label, principal_href},
    ui::{Breadcrumb, Copy, DataTable, Heading, PageHeader, PageTitle, Panel, Source},
    wire::{
        WireError,
        server::{call, wire},
    },
};
use claviger_domain::pipelines::{
    PipelineTrust, TrustSeverity, TrustStep, role_name,
    view::{PipelineRoleView, ReachedResource},
};
use leptos::prelude::*;

pub(super) async fn load_role(role: String) -> Result<PipelineRoleView, WireError> {
    let (services, caller) = call()?;
    services.pipelines().pipeline_role(&caller, &role).await.map_err(wire)
}

#[component]
pub(super) fn Record(shown: PipelineRoleView) -> impl IntoView {
    let PipelineRoleView {
        role,
        account_id,
        account_name,
        trusts,
        policy,
        reach,
        resources,
        steps,
        ..
    } = shown;
    let name = role_name(&role).to_owned();
    let account = format!("/accounts/{account_id}");
    let reads = principal_href(&role);
    let trusts = trusts.into_iter().map(|trust| view! { <Trust trust /> }).collect_view();
    let sentence = reach_sentence(&reach);
    view! {
        <PageTitle text=name.clone() />
        <PageHeader>
            <Breadcrumb>
                <a href="/pipelines">"Pipelines"</a>" / "<a href=account>{account_name}</a>
            </Breadcrumb>
            <h1 class="mono">{name}</h1>
            <p class="context mono wrap">{role}</p>
        </PageHeader>
        <div class="columns">
            <div>
                <Panel title="Who gets in"><ul class="ways-in">{trusts}</ul></Panel>
                <Panel title="Secrets that it can read">
                    <p>{sentence}" "<a href=reads>"Show each with its policies"</a></p>
                    <Resources resources />
                </Panel>
                <Panel title="Trust policy">
                    <Source label="Trust policy" text=policy />
                </Panel>
            </div>
            <div>
                <Fix steps />
                <Panel title="Not evaluated">
                    <ul class="evidence">
                        <li>"Which audiences the OIDC provider accepts is not read."</li>
                        <li>"Who can push, open a pull request or approve an environment is decided by the issuer, and is not read."</li>
                        <li>"Conditions on anything but the token are not counted as limits."</li>
                        <li>"Roles that this role can assume are not followed."</li>
                    </ul>
                </Panel>
            </div>
        </div>
    }
}

#[component]
fn Trust(trust: PipelineTrust) -> impl IntoView {
    let key = format!("{} {}", trust.statement, trust.subject.clone().unwrap_or_default());
    let subject = match trust.subject {
        Some(subject) => view! { <dd class="mono wrap">{subject}</dd> }.into_any(),
        None => view! { <dd>"none"</dd> }.into_any(),
    };
    let findings = trust
        .findings
        .into_iter()
        .map(|one| {
            // What is only good to know is neither good nor bad.
            let chip = (one.severity != TrustSeverity::NoFinding)
                .then(|| view! { <SeverityChip severity=one.severity />" " });
            view! { <li>{chip}{one.text}</li> }
        })
        .collect_view();
    view! {
        <li data-key=key>
            <h3><SeverityChip severity=trust.severity />" "<span class="wrap">{trust.who}</span></h3>
            <dl class="facts">
                <dt>"Issuer"</dt><dd>{trust.issuer.kind.label()}<small class="mono wrap">{trust.issuer.url}</small></dd>
                <dt>"Subject"</dt>{subject}
                <dt>"Statement"</dt><dd>{trust.statement}</dd>
            </dl>
            <ul class="evidence">{findings}</ul>
        </li>
    }
}

#[component]
fn Resources(resources: Vec<ReachedResource>) -> impl IntoView {
    if resources.is_empty() {
        return ().into_any();
    }
    let rows = resources
        .into_iter()
        .map(|one| {
            let href = format!("/inventory/{}/access", one.id.0);
            view! {
                <tr>
                    <td class="mono wrap"><a href=href>{one.name}</a></td>
                    <td>{one.account_name}<small>{one.region.to_string()}</small></td>
                    <td>{answer_label(one.answer)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="scrolls" tabindex="0" role="region" aria-label="Secrets that it can read">
            <DataTable
                class="plain readers"
                head=["Secret or parameter", "Account, Region", "Answer"].map(Heading::text)
            >
                {rows}
            </DataTable>
        </div>
    }
    .into_any()
}

#[component]
fn Fix(steps: Vec<TrustStep>) -> impl IntoView {
    if steps.is_empty() {
        return view! {
            <Panel title="Change it in IAM">
                <p>"Claviger has no correction to propose: nothing has to change, or the trust has a form that a person has to evaluate."</p>
            </Panel>
        }
        .into_any();
    }
    let count = steps.len();
    let steps = steps
        .into_iter()
        .enumerate()
        .map(|(at, step)| {
            let title =
                if count > 1 { format!("{}. {}", at + 1, step.title) } else { step.title };
            let placeholders = (!step.placeholders.is_empty()).then(|| {
                view! { <p>"Replace first: "<span class="mono">{step.placeholders.join(", ")}</span></p> }
            });
            view! {
                <div class="trust-step">
                    <h3>{title.clone()}</h3>
                    <p>{step.note}</p>
                    {placeholders}
                    <Source label=title text=step.trust />
                    <Copy text=step.command label="Copy AWS CLI command" />
                </div>
            }
        })
        .collect_view();
    view! {
        <Panel title="Change it in IAM">
            <p>"No role of Claviger may change the trust policy of a role that exists. Put the corrected trust in place yourself, or where your infrastructure code keeps it."</p>
            {steps}
        </Panel>
    }
    .into_any()
}
