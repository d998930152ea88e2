//! The words and colours of remediation.

use crate::ui::Tone;
use claviger_domain::{
    ids::ResourceId,
    remediation::{PlanState, PlanTarget, RemediationForm, StepState, view::PlanRow},
};

pub(crate) fn state_label(row: &PlanRow) -> (Tone, &'static str) {
    match row.state {
        PlanState::Waiting => (Tone::Soon, "Needs approval"),
        PlanState::Running => (Tone::Good, "Running"),
        PlanState::Stopped => (Tone::Soon, "Stopped"),
        PlanState::Ended if row.counts.failed > 0 => (Tone::Bad, "Ended with failures"),
        PlanState::Ended => (Tone::Good, "Done"),
        PlanState::Denied => (Tone::Unknown, "Denied"),
        PlanState::Withdrawn => (Tone::Unknown, "Withdrawn"),
    }
}

pub(crate) fn step_label(state: StepState) -> (Tone, &'static str) {
    match state {
        StepState::Pending => (Tone::Unknown, "Pending"),
        StepState::Running => (Tone::Soon, "Running"),
        StepState::Done => (Tone::Good, "Done"),
        StepState::Failed => (Tone::Bad, "Failed"),
    }
}

/// The form for a plan about these findings, with what is to be done where that is chosen.
pub(crate) fn plan_href(of: &str, wish: Option<&str>) -> String {
    let wish = wish.unwrap_or_default().to_owned();
    format!(
        "/remediation/new?{}",
        RemediationForm { wish, ..RemediationForm::default() }.to_url_query(of)
    )
}

/// The form for a plan that changes these secrets and parameters.
pub(crate) fn target_href(resources: &[ResourceId], form: &RemediationForm) -> String {
    format!("/remediation/new?{}", form.to_url_query(&PlanTarget::query_of(resources)))
}

/// `3 of 12 done, 1 failed, 2 skipped`. `skipped` are those of the failed calls that were not made.
pub(crate) fn progress(row: &PlanRow, skipped: usize) -> String {
    let counts = row.counts;
    let skipped = u32::try_from(skipped).unwrap_or(u32::MAX);
    let failed = counts.failed.saturating_sub(skipped);
    let part = |count: u32, word: &str| match count {
        0 => String::new(),
        count => format!(", {count} {word}"),
    };
    let (failed, skipped) = (part(failed, "failed"), part(skipped, "skipped"));
    format!("{} of {} done{failed}{skipped}", counts.done, counts.all())
}

/// Who made it.
pub(crate) fn author(row: &PlanRow) -> String {
    row.author.as_ref().map_or_else(|| "A policy".to_owned(), |author| author.name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_domain::remediation::{PlanId, view::StepCounts};
    use time::OffsetDateTime;

    #[test]
    fn what_was_not_made_is_no_failure() {
        let row = PlanRow {
            id: PlanId(4),
            title: "Role orders".into(),
            reason: "So.".into(),
            author: None,
            state: PlanState::Ended,
            needs_approval: true,
            decision: None,
            created_at: OffsetDateTime::UNIX_EPOCH,
            counts: StepCounts { pending: 0, running: 0, done: 0, failed: 4 },
            waits: None,
        };
        assert_eq!(progress(&row, 3), "0 of 4 done, 1 failed, 3 skipped");
        assert_eq!(progress(&row, 0), "0 of 4 done, 4 failed");
    }
}
