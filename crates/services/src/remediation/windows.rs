//! When a planned rotation would happen, and what stands against that time.

use claviger_domain::{
    ids::AccountId,
    remediation::{AwsCall, RemediationAction},
    rotations::{
        blackout::Blackout,
        schedule::{NextWindows, Schedule, Since, Window},
    },
};
use std::collections::BTreeMap;
use time::{Duration, OffsetDateTime, UtcOffset};

/// So many of the next windows are compared with blackouts.
const WINDOWS: usize = 5;

/// When a schedule would rotate, from now on.
pub(super) fn next_windows(action: &RemediationAction, now: OffsetDateTime) -> Option<NextWindows> {
    let RemediationAction::EnableRotation { days, schedule, duration, .. } = action else {
        return None;
    };
    let read = Schedule::read(days.map(u32::from), schedule.as_deref(), duration.as_deref());
    Some(read.ok()?.next_windows(Since::Set(now), now))
}

/// What an approver reads of blackouts: that the call rotates in one, or that one of the next windows falls into it.
pub(super) fn in_blackouts(
    call: &AwsCall,
    (account, tags): (&AccountId, Option<&BTreeMap<String, String>>),
    blackouts: &[Blackout],
    now: OffsetDateTime,
) -> Vec<String> {
    let (windows, is_now) = match call {
        AwsCall::RotateNow => (Vec::new(), true),
        AwsCall::RotateSecret { rules, rotate_immediately, .. } => {
            let schedule = Schedule::of_rules(rules);
            let windows = schedule.map(|schedule| {
                schedule.windows(Since::Set(now), now).take(WINDOWS).collect::<Vec<Window>>()
            });
            (windows.unwrap_or_default(), *rotate_immediately)
        }
        _ => return Vec::new(),
    };
    // AWS rotates when the plan is approved, which may be some hours later.
    let today = Window { opens: now, closes: now + Duration::DAY };
    let mut warnings = Vec::new();
    for blackout in blackouts.iter().filter(|one| one.covers(account, tags)) {
        let name = &blackout.name;
        let until = said(blackout.until);
        if is_now && blackout.overlaps(&today) {
            let from = said(blackout.from);
            warnings.push(format!(
                "The blackout window \"{name}\" is from {from} to {until}: this call rotates immediately."
            ));
        }
        if let Some(window) = windows.iter().find(|window| blackout.overlaps(window)) {
            let opens = said(window.opens);
            warnings.push(format!(
                "The rotation window of {opens} falls into the blackout window \"{name}\", until {until}."
            ));
        }
    }
    warnings
}

/// Such as `2026-12-24 08:00 UTC`.
fn said(at: OffsetDateTime) -> String {
    let at = at.to_offset(UtcOffset::UTC);
    format!("{} {:02}:{:02} UTC", at.date(), at.hour(), at.minute())
}
