//! Who is signed in. The server evaluates the identity provider's tokens; what it finds is kept here.

use crate::{PeopleService, ServiceError};
use claviger_domain::{authz::Person, clock::Clock};
use claviger_store::{
    Lease, ProviderAnswer, ProviderLogout, SessionRepository, SignInRepository, StoredSignIn,
};
use std::sync::Arc;
use time::OffsetDateTime;
use uuid::Uuid;

/// Sign-ins and the sessions of browsers.
#[derive(Clone)]
pub struct SignInService {
    pub(crate) sessions: SessionRepository,
    pub(crate) sign_ins: SignInRepository,
    pub(crate) people_service: PeopleService,
    pub(crate) clock: Arc<dyn Clock>,
}

impl SignInService {
    /// A new id for a sign-in.
    pub fn new_sign_in(&self) -> Uuid {
        self.sign_ins.new_sign_in()
    }

    /// Keeps a sign-in until it expires or is ended.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn keep_sign_in(
        &self,
        id: Uuid,
        answer: &ProviderAnswer,
        expires_at: OffsetDateTime,
    ) -> Result<(), ServiceError> {
        Ok(self.sign_ins.keep_sign_in(id, answer, self.clock.now(), expires_at).await?)
    }

    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn sign_in(&self, id: Uuid) -> Result<Option<StoredSignIn>, ServiceError> {
        Ok(self.sign_ins.sign_in(id, self.clock.now()).await?)
    }

    /// Takes the right to re-read a sign-in, for so long.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn lease_sign_in(
        &self,
        id: Uuid,
        length: time::Duration,
    ) -> Result<Lease, ServiceError> {
        let now = self.clock.now();
        Ok(self.sign_ins.lease_sign_in(id, now, now + length).await?)
    }

    /// Writes what the provider said this time. `false` where the sign-in has ended meanwhile.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn renew_sign_in(
        &self,
        id: Uuid,
        answer: &ProviderAnswer,
    ) -> Result<bool, ServiceError> {
        let is_there = self.sign_ins.renew_sign_in(id, answer, self.clock.now()).await?;
        if is_there {
            self.people_service.upsert_person(&answer.person, &answer.groups).await?;
        }
        Ok(is_there)
    }

    /// Notes that the provider did not answer.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn sign_in_unanswered(&self, id: Uuid, sealed: &[u8]) -> Result<(), ServiceError> {
        Ok(self.sign_ins.sign_in_unanswered(id, sealed, self.clock.now()).await?)
    }

    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn release_sign_in(&self, id: Uuid) -> Result<(), ServiceError> {
        Ok(self.sign_ins.release_sign_in(id).await?)
    }

    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn end_sign_in(&self, id: Uuid) -> Result<(), ServiceError> {
        Ok(self.sign_ins.end_sign_in(id).await?)
    }

    /// Ends the sign-ins that the provider's logout token names. `None` where it was taken before.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn end_sign_ins(&self, logout: &ProviderLogout) -> Result<Option<u64>, ServiceError> {
        Ok(self.sign_ins.end_sign_ins(logout, self.clock.now()).await?)
    }

    /// Whether the provider has signed the person out since then.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn signed_out_since(
        &self,
        person: &Person,
        provider_session: Option<&str>,
        since: OffsetDateTime,
    ) -> Result<bool, ServiceError> {
        Ok(self.sign_ins.signed_out_since(&person.subject, provider_session, since).await?)
    }

    /// Uses a sign-in's state up; `false` where it was used before. It is kept until nobody could use it anyway.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn use_state(
        &self,
        state: &str,
        expires_at: time::OffsetDateTime,
    ) -> Result<bool, ServiceError> {
        Ok(self.sign_ins.use_state(state, expires_at).await?)
    }

    /// Clears sessions that have ended, and their sign-ins.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn clear_ended_sessions(&self) -> Result<u64, ServiceError> {
        let ended = self.sessions.delete_ended_sessions(self.clock.now()).await?;
        self.sign_ins.delete_ended_sign_ins(self.clock.now()).await?;
        Ok(ended)
    }
}
