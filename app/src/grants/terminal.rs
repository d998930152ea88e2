//! How to use the grant from a terminal, or in the AWS console.

use super::grant_api::OpenConsole;
use crate::ui::{ErrorNotice, Panel};
use claviger_domain::grants::{
    Action, GrantId, GrantResource,
    commands::{aws_command, clv_command, configure_command},
    view::GrantDetail,
};
use leptos::prelude::*;

#[component]
pub(crate) fn Terminal(shown: GrantDetail) -> impl IntoView {
    let (grant, verb) = (shown.row.id, shown.row.action);
    // A profile has one Region and one session.
    let regions = shown.resources.windows(2).any(|pair| pair[0].region != pair[1].region);
    // Each session has its policy.
    let several = regions || shown.policies.len() > 1;
    let mut blocks = shown.resources.iter().map(|resource| {
        let text = commands(grant, verb, resource, several);
        view! { <pre class="code" tabindex="0">{text}</pre> }
    });
    let first = blocks.next();
    let more: Vec<_> = blocks.collect();
    let more = (!more.is_empty()).then(|| {
        let label = format!("For the other {}", more.len());
        view! { <details><summary>{label}</summary>{more}</details> }
    });
    let one_at_a_time = several.then(|| {
        view! { <p class="note">"The profile works for one secret at a time: each command overwrites it."</p> }
    });
    let action = ServerAction::<OpenConsole>::new();
    let resource =
        shown.resources.first().map(|resource| resource.id.to_string()).unwrap_or_default();
    view! {
        <Panel title="From your terminal">
            {first}
            {more}
            {one_at_a_time}
            <ActionForm action>
                <input type="hidden" name="grant" value=grant.to_string() />
                <input type="hidden" name="resource" value=resource />
                <button class="button">"Open in the AWS console"</button>
                <ErrorNotice value=action.value() />
            </ActionForm>
        </Panel>
    }
}

/// With `clv`, and with the AWS command line by a profile that `clv` writes.
fn commands(grant: GrantId, action: Action, resource: &GrantResource, several: bool) -> String {
    let with_clv = clv_command(grant, action, resource);
    let profile = configure_command(grant, several.then_some(resource));
    let with_aws = aws_command(grant, action, resource);
    format!("{with_clv}\n\n# or with the AWS CLI:\n{profile}\n{with_aws}")
}
