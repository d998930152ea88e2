//! What the access rules and an answer about them have in common.

use crate::ui::{Chip, Source, Tone};
use claviger_domain::{
    notifications::notice::for_minutes,
    settings::access::{ApprovalRuleRow, CedarPolicy},
};
use leptos::prelude::*;

/// How long access may last, and what else the rule says.
pub(super) fn limits(rule: &ApprovalRuleRow) -> String {
    let mut said = vec![format!("Up to {}", for_minutes(rule.longest_minutes))];
    if let Some(minutes) = rule.auto_approve_minutes {
        said.push(format!("approved automatically up to {}", for_minutes(minutes)));
    }
    if let Some(minutes) = rule.break_glass_minutes {
        said.push(format!("break-glass up to {}", for_minutes(minutes)));
    }
    if let Some(ticket) = &rule.ticket {
        said.push(format!("ticket like {ticket}"));
    }
    said.join("; ")
}

/// A Cedar policy in its own format.
#[component]
pub(super) fn Policy(policy: CedarPolicy) -> impl IntoView {
    let (tone, text) =
        if policy.forbids { (Tone::Bad, "Forbids") } else { (Tone::Good, "Permits") };
    let label = format!("Policy {}", policy.id);
    view! {
        <details class="behind">
            <summary><span class="mono">{policy.id}</span>" "<Chip tone text /></summary>
            <Source label=label text=policy.text />
        </details>
    }
}
