//! What is not known of plaintext variables, and why.

use crate::ui::{
    Chip, Panel, Tone,
    format::{counted, day, grouped},
};
use claviger_domain::variables::view::{GapReason, VariableGap};
use leptos::prelude::*;

/// The parts of the scope that were not read; nothing if everything was.
#[component]
pub(super) fn Gaps(gaps: Vec<VariableGap>, total: u32, role: String) -> impl IntoView {
    if gaps.is_empty() {
        return ().into_any();
    }
    let more = usize::try_from(total).unwrap_or(usize::MAX).saturating_sub(gaps.len());
    let more = (more > 0).then(|| {
        let text = format!("and {} more", grouped(u64::try_from(more).unwrap_or(u64::MAX)));
        view! { <li class="faint">{text}</li> }
    });
    let has_no_role = gaps.iter().any(|gap| gap.reason == GapReason::NoRole);
    let deploy = has_no_role.then(|| {
        view! {
            <p>
                "Claviger reads variables with the opt-in role "<span class="mono">{role}</span>
                ", which the templates create where you ask for it. "
                <a href="/accounts">"Deploy the roles"</a>
            </p>
        }
    });
    let rows = gaps
        .into_iter()
        .map(|gap| {
            let (place, why) = (place(&gap), why(&gap));
            view! { <li>{place}" "<Chip tone=Tone::Unknown text="Unknown" />" "<span class="faint">{why}</span></li> }
        })
        .collect_view();
    view! {
        <Panel title="Not read">
            {deploy}
            <ul class="evidence">{rows}{more}</ul>
        </Panel>
    }
    .into_any()
}

/// The account, with the Region and the kind if not all of it is unknown.
fn place(gap: &VariableGap) -> String {
    let mut place = gap.account_name.clone();
    if let Some(region) = &gap.region {
        place = format!("{place}, {region}");
    }
    match gap.kind {
        Some(kind) => format!("{place}, {}s", kind.label()),
        None => place,
    }
}

fn why(gap: &VariableGap) -> String {
    let why = match &gap.reason {
        GapReason::NotYet => "not read yet".to_owned(),
        GapReason::NoRole => {
            "not read: the role is not deployed, or does not trust Claviger".into()
        }
        GapReason::Failed(failure) => format!("not read: {failure}"),
        GapReason::Unreadable(count) => {
            return format!(
                "{}: Lambda does not decrypt variables under a customer managed key for Claviger",
                counted(u64::from(*count), "workload not read", "workloads not read")
            );
        }
    };
    match gap.read_at {
        Some(at) => format!("{why}; rows are of {}", day(at.date())),
        None => why,
    }
}
