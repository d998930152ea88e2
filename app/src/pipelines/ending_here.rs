//! The pipelines that end at a secret, on its Access tab.

use super::labels::{SeverityChip, role_href};
use crate::{
    ui::Panel,
    wire::{
        WireError,
        server::{call, wire},
    },
};
use claviger_domain::pipelines::{role_name, view::PipelineRow};
use leptos::prelude::*;

/// The ways into these roles.
pub(crate) async fn load_into_roles(roles: Vec<String>) -> Result<Vec<PipelineRow>, WireError> {
    let (services, caller) = call()?;
    services.pipelines().into_roles(&caller, &roles).await.map_err(wire)
}

#[component]
pub(crate) fn PipelinesEndingHere(rows: Vec<PipelineRow>) -> impl IntoView {
    if rows.is_empty() {
        return ().into_any();
    }
    let rows = rows
        .into_iter()
        .map(|row| {
            let key = format!("{} {}", row.role, row.trust.subject.clone().unwrap_or_default());
            view! {
                <li data-key=key>
                    <SeverityChip severity=row.trust.severity />" "
                    {row.trust.issuer.kind.label()}": "<span class="wrap">{row.trust.who}</span>", through "
                    <a href=role_href(&row.role) class="mono">{role_name(&row.role).to_owned()}</a>
                </li>
            }
        })
        .collect_view();
    view! {
        <Panel title="Pipelines that end here">
            <p class="note">"Their roles can read the value, perhaps only under conditions, or it is not known that they cannot."</p>
            <ul class="sentences">{rows}</ul>
        </Panel>
    }
    .into_any()
}
