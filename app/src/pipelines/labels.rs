//! How severities and numbers of secrets are shown.

use crate::ui::{Chip, Tone, escaped, format::counted};
use claviger_domain::pipelines::{TrustSeverity, view::Reach};
use leptos::prelude::*;

#[component]
pub(super) fn SeverityChip(severity: TrustSeverity) -> impl IntoView {
    let tone = match severity {
        TrustSeverity::Critical | TrustSeverity::High => Tone::Bad,
        TrustSeverity::Medium | TrustSeverity::Low => Tone::Soon,
        TrustSeverity::NoFinding => Tone::Good,
        TrustSeverity::Unknown => Tone::Unknown,
    };
    view! { <Chip tone text=severity.label() /> }
}

/// A number only where it is complete.
#[component]
pub(super) fn ReadsCell(reach: Option<Reach>) -> impl IntoView {
    match reach {
        Some(Reach::Known { reads, unknown: 0 }) => reads.to_string().into_any(),
        Some(Reach::Known { reads: 0, .. }) => {
            view! { <Chip tone=Tone::Unknown text="Unknown" /> }.into_any()
        }
        Some(Reach::Known { reads, unknown }) => {
            view! { {reads.to_string()}<small>{format!("unknown for {unknown} more")}</small> }
                .into_any()
        }
        Some(Reach::Unknown(why)) => {
            view! { <Chip tone=Tone::Unknown text="Unknown" /><small>{why}</small> }.into_any()
        }
        None => view! { <Chip tone=Tone::Unknown text="Unknown" /> }.into_any(),
    }
}

/// The same in a sentence.
pub(super) fn reach_sentence(reach: &Reach) -> String {
    let of =
        |number: u32| counted(u64::from(number), "secret or parameter", "secrets and parameters");
    match reach {
        Reach::Known { reads: 0, unknown: 0 } => {
            "The role can read no secret or parameter of your scope.".to_owned()
        }
        Reach::Known { reads, unknown: 0 } => {
            format!("The role can read {} of your scope.", of(*reads))
        }
        Reach::Known { reads: 0, unknown } => {
            format!("Unknown: of {} it is not known whether the role can read them.", of(*unknown))
        }
        Reach::Known { reads, unknown } => {
            format!("The role can read {} of your scope; unknown for {unknown} more.", of(*reads))
        }
        Reach::Unknown(why) => format!("Unknown what the role can read: {why}."),
    }
}

/// The address of a role's page.
pub(super) fn role_href(arn: &str) -> String {
    format!("/pipelines?role={}", escaped(arn))
}
