//! How to use the grant from a terminal, or in the AWS console.

use super::api::OpenConsole;
use crate::ui::Fault;
use claviger_domain::{
    facts::Kind,
    grant::{Action, GrantId, GrantResource, view::GrantDetail},
};
use leptos::prelude::*;

#[component]
pub(crate) fn Terminal(shown: GrantDetail) -> impl IntoView {
    let grant = shown.row.id;
    let first = shown.resources.first().cloned();
    let command = first
        .as_ref()
        .map(|resource| command(grant, shown.row.action, resource))
        .unwrap_or_default();
    let action = ServerAction::<OpenConsole>::new();
    let resource = first.map(|resource| resource.id.to_string()).unwrap_or_default();
    view! {
        <section class="panel">
            <h2>"From your terminal"</h2>
            <pre class="code" tabindex="0">{command}</pre>
            <p class="note">"Set the profile up once with "<code>{format!("clv configure --grant {grant}")}</code>"."</p>
            <ActionForm action>
                <input type="hidden" name="grant" value=grant.to_string() />
                <input type="hidden" name="resource" value=resource />
                <button class="button">"Open in the AWS console"</button>
                <Fault value=action.value() />
            </ActionForm>
        </section>
    }
}

fn command(grant: GrantId, action: Action, resource: &GrantResource) -> String {
    let name = &resource.name;
    let call = match (resource.kind, action) {
        (Kind::Secret, Action::Read) => {
            format!("secretsmanager get-secret-value \\\n    --secret-id {}", resource.arn)
        }
        (Kind::Secret, Action::Write) => format!(
            "secretsmanager put-secret-value \\\n    --secret-id {} --secret-string file://new-value",
            resource.arn
        ),
        (Kind::Secret, Action::Rotate) => {
            format!("secretsmanager rotate-secret \\\n    --secret-id {}", resource.arn)
        }
        (Kind::Parameter, Action::Read) => {
            format!("ssm get-parameter \\\n    --name {name} --with-decryption")
        }
        (Kind::Parameter, _) => {
            format!("ssm put-parameter \\\n    --name {name} --overwrite --value file://new-value")
        }
    };
    format!("aws --profile claviger-{grant} {call}")
}
