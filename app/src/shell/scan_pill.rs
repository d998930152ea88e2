//! The age and reach of the last scan. The page's module keeps it up to date.

use crate::ui::{
    Tone,
    format::{counted, grouped, relative},
};
use claviger_domain::scan::ScanProgress;
use leptos::prelude::*;

#[component]
pub(crate) fn ScanPill(progress: ScanProgress) -> impl IntoView {
    // Nothing is said to someone who may see no account: whether there was a scan is not known to them.
    let pill = progress.as_of.is_some().then(|| {
        let (tone, text) = say(&progress);
        view! {
            <a href="/accounts" class="pill">
                <span class=format!("dot {}", tone.class()) aria-hidden="true"></span>
                <span role="status" aria-live="polite" data-scan="">{text}</span>
            </a>
        }
    });
    view! {
        {pill}
        <span class="pill zone" title="All times are in Coordinated Universal Time">"UTC"</span>
    }
}

/// The same for the page's module, which shows it as it is: `{"tone":…,"text":…,"running":…}`. `None` for a person
/// without access to any account.
pub fn scan_event(progress: &ScanProgress) -> Option<String> {
    progress.as_of?;
    let (tone, text) = say(progress);
    let event =
        serde_json::json!({ "tone": tone.class(), "text": text, "running": progress.running });
    Some(event.to_string())
}

/// The state in words.
fn say(progress: &ScanProgress) -> (Tone, String) {
    let reach = format!(
        "{} of {}",
        progress.accounts_reached,
        counted(progress.accounts.into(), "account", "accounts")
    );
    if progress.running {
        let text = match progress.scans {
            0 => "Scan: listing accounts".into(),
            scans => {
                let grouped = |number: u32| grouped(number.into());
                format!("Scanning, {} of {} Regions", grouped(progress.scans_done), grouped(scans))
            }
        };
        return (Tone::Soon, text);
    }
    if let Some(fault) = progress.fault {
        return (Tone::Bad, format!("Scan failed: {}", fault.explain().0));
    }
    match (progress.finished_at, progress.as_of) {
        (Some(finished), Some(now)) => {
            let tone =
                if progress.accounts_reached < progress.accounts { Tone::Soon } else { Tone::Good };
            (tone, format!("Last scan {}, {reach}", relative(finished, now)))
        }
        _ => (Tone::Unknown, "No scan yet".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_domain::scan::RegionScanFault;
    use time::macros::datetime;

    #[test]
    fn each_state_is_said() {
        let now = datetime!(2026-11-24 12:00 UTC);
        let mut progress = ScanProgress { as_of: Some(now), ..Default::default() };
        assert_eq!(say(&progress), (Tone::Unknown, "No scan yet".into()));
        progress.running = true;
        assert_eq!(say(&progress).1, "Scan: listing accounts");
        progress.scans = 8_500;
        progress.scans_done = 7;
        assert_eq!(say(&progress).1, "Scanning, 7 of 8,500 Regions");
        progress.running = false;
        progress.accounts = 14;
        progress.accounts_reached = 12;
        progress.finished_at = Some(datetime!(2026-11-24 11:58 UTC));
        assert_eq!(say(&progress), (Tone::Soon, "Last scan 2 min ago, 12 of 14 accounts".into()));
        progress.fault = Some(RegionScanFault::NoCredentials);
        assert_eq!(say(&progress).0, Tone::Bad);
    }
}
