//! People who have signed in, with what their groups let them do.

use crate::{ServiceError, grants::APPROVER_ACTIVITY, notifications::batch::NotificationBatch};
use claviger_domain::{
    authz::{Caller, Person, RoleBinding},
    clock::Clock,
};
use claviger_store::PersonRepository;
use std::sync::Arc;

/// People who have signed in, what their groups let them do, and who of them is notified.
#[derive(Clone)]
pub struct PeopleService {
    pub(crate) people: PersonRepository,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) roles: Arc<[RoleBinding]>,
}

impl PeopleService {
    /// Nobody told yet.
    pub(crate) async fn notification_batch(&self) -> Result<NotificationBatch, ServiceError> {
        Ok(NotificationBatch::of(self.known_callers().await?))
    }

    /// Everybody who has signed in lately, with what their groups bring.
    pub(crate) async fn known_callers(&self) -> Result<Arc<[Caller]>, ServiceError> {
        let known = self.people.people(self.clock.now() - APPROVER_ACTIVITY).await?;
        Ok(known
            .into_iter()
            .map(|known| Caller::new(known.person, &known.groups, &self.roles))
            .collect())
    }

    /// Remembers who has signed in, so that approvers can be found and told.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn upsert_person(
        &self,
        person: &Person,
        groups: &[String],
    ) -> Result<(), ServiceError> {
        Ok(self.people.upsert_person(person, groups, self.clock.now()).await?)
    }
}
