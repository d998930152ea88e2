//! A resource's KMS key.

use crate::ui::{Chip, Timestamp, Tone, format::relative};
use claviger_domain::{
    facts::{Detail, KeyClass, Reading, ResourceFacts},
    key::{KeyManager, KeyReading},
};
use leptos::prelude::*;
use time::OffsetDateTime;

/// The key with its alias and whose it is, as far as KMS told.
#[component]
pub(crate) fn Key(
    facts: ResourceFacts,
    key: KeyClass,
    kms: Option<KeyReading>,
    now: OffsetDateTime,
) -> impl IntoView {
    let Some(named) = facts.kms_key_id.filter(|_| key != KeyClass::Plain) else {
        let text = match (key, facts.detail) {
            (KeyClass::Plain, _) => "Not encrypted under KMS",
            (_, Detail::Secret(_)) => "aws/secretsmanager, the AWS managed key",
            (_, Detail::Parameter(_)) => "aws/ssm, the AWS managed key",
        };
        return text.into_any();
    };
    let named_view = |name: &str| view! { <span class="mono wrap">{name.to_owned()}</span> };
    match kms {
        Some(Reading::Read(Some(known))) => {
            let is_enabled = known.is_enabled();
            let aliases = known.aliases.filter(|aliases| !aliases.is_empty());
            let title = aliases.map_or_else(|| named.clone(), |aliases| aliases.join(", "));
            let whose = match known.manager {
                KeyManager::Aws => "AWS managed",
                KeyManager::Customer => "Customer managed",
            };
            let tone = if is_enabled { Tone::Good } else { Tone::Bad };
            let until = known.deletion_at.map(|at| view! { " " <Timestamp at now /> });
            let everywhere = known.is_multi_region.then_some(", multi-Region");
            view! {
                {named_view(&title)}
                <p class="key">
                    <Chip tone text=state_label(&known.state) />{until}" "<span class="faint">{whose}{everywhere}</span>
                </p>
                {(known.arn != title).then(|| view! { <span class="faint mono wrap">{known.arn}</span> })}
            }
            .into_any()
        }
        Some(Reading::Read(None)) => {
            view! { {named_view(&named)} <p class="key"><Chip tone=Tone::Bad text="Not found" /></p> }.into_any()
        }
        Some(Reading::Refused(code)) => view! {
            {named_view(&named)}
            <p class="key"><Chip tone=Tone::Unknown text="Unknown" />" "<span class="faint">"Access denied reading the KMS key: "{code}</span></p>
        }
        .into_any(),
        None => view! {
            {named_view(&named)}
            <p class="key"><Chip tone=Tone::Unknown text="Not checked yet" /></p>
        }
        .into_any(),
    }
}

/// `KeyState` in words.
fn state_label(state: &str) -> &'static str {
    match state {
        "Enabled" => "Enabled",
        "Disabled" => "Disabled",
        "PendingDeletion" => "Pending deletion",
        "PendingReplicaDeletion" => "Pending replica deletion",
        "PendingImport" => "Pending import",
        "Creating" => "Creating",
        "Updating" => "Updating",
        _ => "Unavailable",
    }
}

/// What is wrong with the key, if nobody can decrypt with it.
pub(crate) fn key_warning(
    kms: Option<&KeyReading>,
    now: OffsetDateTime,
) -> Option<(String, String)> {
    let Some(Reading::Read(known)) = kms else { return None };
    let Some(key) = known else {
        return Some((
            "KMS key not found".into(),
            "The value can't be decrypted. Set another key and store the value again.".into(),
        ));
    };
    match (key.state.as_str(), key.deletion_at) {
        // A multi-Region key that is updated goes on working.
        ("Enabled" | "Updating", _) => None,
        ("PendingDeletion", Some(at)) => Some((
            format!("Its key is deleted {}", relative(at, now)),
            "Until then no one can read the value; after that it is lost. Cancel the deletion in KMS if the value is needed."
                .into(),
        )),
        (state, _) => Some((
            format!("Its key is {}", state_label(state).to_lowercase()),
            "No one can read the value until the key is enabled again.".into(),
        )),
    }
}
