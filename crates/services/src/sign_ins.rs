//! Who is signed in. The server evaluates the identity provider's tokens; what it finds is kept here.

use crate::{ServiceError, Services};
use claviger_domain::authz::Person;
use claviger_store::{Lease, ProviderAnswer, ProviderLogout, StoredSignIn};
use time::OffsetDateTime;
use uuid::Uuid;

impl Services {
    /// A new id for a sign-in.
    pub fn new_sign_in(&self) -> Uuid {
        self.store.new_sign_in()
    }

    /// Keeps a sign-in until it expires or is ended.
    pub async fn keep_sign_in(
        &self,
        id: Uuid,
        answer: &ProviderAnswer,
        expires_at: OffsetDateTime,
    ) -> Result<(), ServiceError> {
        Ok(self.store.keep_sign_in(id, answer, self.clock.now(), expires_at).await?)
    }

    pub async fn sign_in(&self, id: Uuid) -> Result<Option<StoredSignIn>, ServiceError> {
        Ok(self.store.sign_in(id, self.clock.now()).await?)
    }

    /// Takes the right to re-read a sign-in, for so long.
    pub async fn lease_sign_in(
        &self,
        id: Uuid,
        length: time::Duration,
    ) -> Result<Lease, ServiceError> {
        let now = self.clock.now();
        Ok(self.store.lease_sign_in(id, now, now + length).await?)
    }

    /// Writes what the provider said this time. `false` where the sign-in has ended meanwhile.
    pub async fn renew_sign_in(
        &self,
        id: Uuid,
        answer: &ProviderAnswer,
    ) -> Result<bool, ServiceError> {
        let is_there = self.store.renew_sign_in(id, answer, self.clock.now()).await?;
        if is_there {
            self.upsert_person(&answer.person, &answer.groups).await?;
        }
        Ok(is_there)
    }

    /// Notes that the provider did not answer.
    pub async fn sign_in_unanswered(&self, id: Uuid, sealed: &[u8]) -> Result<(), ServiceError> {
        Ok(self.store.sign_in_unanswered(id, sealed, self.clock.now()).await?)
    }

    pub async fn release_sign_in(&self, id: Uuid) -> Result<(), ServiceError> {
        Ok(self.store.release_sign_in(id).await?)
    }

    pub async fn end_sign_in(&self, id: Uuid) -> Result<(), ServiceError> {
        Ok(self.store.end_sign_in(id).await?)
    }

    /// Ends the sign-ins that the provider's logout token names. `None` where it was taken before.
    pub async fn end_sign_ins(&self, logout: &ProviderLogout) -> Result<Option<u64>, ServiceError> {
        Ok(self.store.end_sign_ins(logout, self.clock.now()).await?)
    }

    /// Whether the provider has signed the person out since then.
    pub async fn signed_out_since(
        &self,
        person: &Person,
        provider_session: Option<&str>,
        since: OffsetDateTime,
    ) -> Result<bool, ServiceError> {
        Ok(self.store.signed_out_since(&person.subject, provider_session, since).await?)
    }
}
