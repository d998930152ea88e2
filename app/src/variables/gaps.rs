//! What is not known of plaintext variables, and why.

use crate::ui::{
    Chip, Panel, Tone,
    format::{absolute, counted, day, grouped},
};
use claviger_domain::{
    accounts::AccountState,
    variables::{
        WorkloadKind,
        view::{GapReason, VariableGap},
    },
};
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
        GapReason::NotActive(state) => format!("not read: {}", not_active(*state)),
        GapReason::Stale => {
            let at = gap.read_at.map_or_else(|| "long ago".to_owned(), absolute);
            return format!("last read {at}; rows are of then");
        }
        GapReason::Unreadable(count) => {
            let cause = if gap.kind == Some(WorkloadKind::Lambda) {
                "Lambda does not decrypt variables under a customer managed key for Claviger"
            } else {
                "AWS did not return their variables"
            };
            return format!(
                "{}: {cause}, or a name has more than 255 characters. Their rows may be old",
                counted(u64::from(*count), "workload not read", "workloads not read")
            );
        }
    };
    match gap.read_at {
        Some(at) => format!("{why}; rows are of {}", day(at.date())),
        None => why,
    }
}

fn not_active(state: AccountState) -> &'static str {
    match state {
        AccountState::Suspended => "the account is suspended",
        AccountState::Closed | AccountState::PendingClosure => "the account is closed",
        AccountState::PendingActivation => "the account is not activated yet",
        AccountState::Active | AccountState::Unknown => "the account is not active",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_gap_says_why_and_of_when_the_rows_are() {
        let at = datetime!(2026-11-28 9:12 UTC);
        for (reason, kind, expected) in [
            (
                GapReason::NoRole,
                None,
                "not read: the role is not deployed, or does not trust Claviger; rows are of 28 November 2026",
            ),
            (
                GapReason::Stale,
                Some(WorkloadKind::Ecs),
                "last read 28 November 2026, 09:12 UTC; rows are of then",
            ),
            (
                GapReason::NotActive(AccountState::Suspended),
                None,
                "not read: the account is suspended; rows are of 28 November 2026",
            ),
            (
                GapReason::Unreadable(1),
                Some(WorkloadKind::CodeBuild),
                "1 workload not read: AWS did not return their variables, or a name has more than 255 characters. Their rows may be old",
            ),
        ] {
            let gap = VariableGap {
                account_id: "441205839201".parse().unwrap(),
                account_name: "Payments".into(),
                region: None,
                kind,
                reason,
                read_at: Some(at),
            };
            assert_eq!(why(&gap), expected);
        }
    }
}
