//! Groups are valid for one cycle. The first request after that reads them again from the provider, once for each sign-in.

use super::oidc::{Arrived, Identity, Reread};
use crate::AppState;
use claviger_services::{
    Lease, ProviderAnswer, ServiceError, StoredSignIn, current_request, for_request,
};
use std::time::Duration;
use time::OffsetDateTime;
use tracing::Instrument;

/// Longer than the calls to the provider can take: a replica that died in the meantime blocks nobody for longer.
const LEASE: time::Duration = time::Duration::seconds(90);
/// How often the provider is called while it does not answer.
const ASK_AGAIN_AFTER: time::Duration = time::Duration::seconds(15);
/// How long one request waits for another that calls the provider.
const WAIT: Duration = Duration::from_secs(25);
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// The state of a sign-in.
pub(super) enum Freshness {
    Good(Box<StoredSignIn>),
    /// It has ended: at the provider, or here.
    Ended,
    /// The person has to sign in again to prove that it continues.
    Renewable,
    /// The provider has not answered for too long.
    Unknown,
}

/// The sign-in with groups that are no older than the cycle, or the cycle and the grace period if the provider does not answer.
pub(super) async fn fresh(state: &AppState, kept: StoredSignIn) -> Result<Freshness, ServiceError> {
    let began = tokio::time::Instant::now();
    let mut kept = kept;
    loop {
        let now = state.clock.now();
        if is_fresh(state, &kept, now) {
            return Ok(Freshness::Good(Box::new(kept)));
        }
        let asked_lately = kept.failed_at.is_some_and(|at| now - at < ASK_AGAIN_AFTER);
        if asked_lately || began.elapsed() >= WAIT {
            return Ok(within_grace(state, kept, now));
        }
        match state.services.sign_ins().lease_sign_in(kept.id, LEASE).await? {
            Lease::Gone => return Ok(Freshness::Ended),
            // Another request finished between the two reads.
            Lease::Taken(held) if is_fresh(state, &held, now) => {
                state.services.sign_ins().release_sign_in(held.id).await?;
                return Ok(Freshness::Good(held));
            }
            Lease::Taken(held) => {
                // Not cancelled with the request: a used refresh token has to be replaced.
                let (state, held) = (state.clone(), held);
                let ask = async move { ask(&state, *held).await };
                let asking = tokio::spawn(for_request(current_request(), ask).in_current_span());
                return asking.await.unwrap_or(Ok(Freshness::Unknown));
            }
            Lease::Busy => tokio::time::sleep(POLL_INTERVAL).await,
        }
        kept = match state.services.sign_ins().sign_in(kept.id).await? {
            Some(kept) => kept,
            None => return Ok(Freshness::Ended),
        };
    }
}

fn is_fresh(state: &AppState, kept: &StoredSignIn, now: OffsetDateTime) -> bool {
    now - kept.read_at < state.settings.groups_cycle()
}

fn within_grace(state: &AppState, kept: StoredSignIn, now: OffsetDateTime) -> Freshness {
    let settings = &state.settings;
    if now - kept.read_at < settings.groups_cycle() + settings.groups_grace() {
        Freshness::Good(Box::new(kept))
    } else {
        Freshness::Unknown
    }
}

/// Calls the provider, and stores the result.
async fn ask(state: &AppState, held: StoredSignIn) -> Result<Freshness, ServiceError> {
    let (id, services) = (held.id, &state.services);
    let Some(tokens) = state.oidc.open(id, &held.answer.sealed) else {
        tracing::info!(
            "the secret that encrypts tokens has changed; the person has to sign in again"
        );
        services.sign_ins().end_sign_in(id).await?;
        return Ok(Freshness::Renewable);
    };
    let before = identity(&held);
    let person = before.person.subject.clone();
    match state.oidc.reread(&before, tokens, state.clock.now()).await {
        Reread::Read(identity, tokens) => {
            if identity.groups != before.groups {
                tracing::info!(
                    person.id = person,
                    group.count_before = before.groups.len(),
                    group.count = identity.groups.len(),
                    "groups have changed"
                );
            }
            let Ok(sealed) = state.oidc.seal(id, &tokens) else {
                services.sign_ins().end_sign_in(id).await?;
                return Ok(Freshness::Renewable);
            };
            let answer = answer(identity, sealed);
            if !services.sign_ins().renew_sign_in(id, &answer).await? {
                return Ok(Freshness::Ended);
            }
            let read_at = state.clock.now();
            Ok(Freshness::Good(Box::new(StoredSignIn { answer, read_at, failed_at: None, ..held })))
        }
        Reread::Refused(why) => {
            tracing::info!(
                person.id = person,
                auth.reason = why,
                "the identity provider no longer lets this person in"
            );
            services.sign_ins().end_sign_in(id).await?;
            Ok(Freshness::Ended)
        }
        Reread::NoMeans(why) => {
            tracing::info!(
                person.id = person,
                auth.reason = why,
                "groups cannot be read without the person"
            );
            services.sign_ins().end_sign_in(id).await?;
            Ok(Freshness::Renewable)
        }
        Reread::Silent(why, tokens) => {
            tracing::warn!(
                person.id = person,
                auth.reason = why,
                "the identity provider does not say in which groups this person is"
            );
            let sealed =
                state.oidc.seal(id, &tokens).unwrap_or_else(|_| held.answer.sealed.clone());
            services.sign_ins().sign_in_unanswered(id, &sealed).await?;
            Ok(within_grace(state, held, state.clock.now()))
        }
    }
}

/// The provider's data, as stored.
pub(super) fn answer(identity: Identity, sealed: Vec<u8>) -> ProviderAnswer {
    ProviderAnswer {
        person: identity.person,
        groups: identity.groups,
        arrived: serde_json::to_value(&identity.arrived).unwrap_or_default(),
        provider_session: identity.provider_session,
        sealed,
    }
}

/// The source of a sign-in's groups.
pub(super) fn arrived(kept: &StoredSignIn) -> Arrived {
    serde_json::from_value(kept.answer.arrived.clone()).unwrap_or_default()
}

fn identity(kept: &StoredSignIn) -> Identity {
    Identity {
        person: kept.answer.person.clone(),
        groups: kept.answer.groups.clone(),
        arrived: arrived(kept),
        provider_session: kept.answer.provider_session.clone(),
    }
}
