//! What a transaction changes of exceptions.

use super::{NewException, Row, columns};
use crate::{StoreError, UnitOfWork};
use claviger_domain::{
    authz::Person,
    exceptions::{
        ExceptionId, ExceptionState, ExceptionTransition,
        view::{ExceptionNote, ExceptionRow},
    },
};
use sqlx::types::Json;
use std::collections::HashMap;
use time::OffsetDateTime;
use uuid::Uuid;

impl UnitOfWork {
    /// Writes one that waits.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn insert_exception(
        &mut self,
        new: &NewException<'_>,
    ) -> Result<ExceptionId, StoreError> {
        let (resource, account, ou) = columns(new.target);
        let more: Vec<Uuid> = new.target.resources().iter().skip(1).map(|id| id.0).collect();
        let now = self.now;
        let id = sqlx::query_scalar!(
            "insert into waiver (policy_id, resource_id, account_id, ou_id, reason, owner, state, created_at, ends_at, more_resources)
             values ($1, $2, $3, $4, $5, $6, 'waiting', $7, $8, $9) returning id",
            new.policy,
            resource,
            account,
            ou,
            new.reason,
            Json(new.owner) as _,
            now,
            new.ends_at,
            &more,
        )
        .fetch_one(self.connection())
        .await?;
        Ok(ExceptionId(id))
    }

    /// Reads one and keeps everybody else from changing it until the commit.
    #[tracing::instrument(level = "debug", skip_all, fields(exception.id = %id))]
    pub async fn lock_exception(
        &mut self,
        id: ExceptionId,
    ) -> Result<Option<ExceptionRow>, StoreError> {
        sqlx::query!("select from waiver where id = $1 for update", id.0)
            .execute(self.connection())
            .await?;
        let row =
            select_exceptions!(" where w.id = $1", id.0).fetch_optional(self.connection()).await?;
        // What it covers is of no concern to anyone who changes it.
        row.map(|row| row.into_domain(&HashMap::new())).transpose()
    }

    /// Moves one on; what was said before stays where nothing new is given.
    #[tracing::instrument(level = "debug", skip_all, fields(exception.id = %id))]
    pub async fn transition_exception(
        &mut self,
        id: ExceptionId,
        state: ExceptionState,
        said: Option<(ExceptionTransition, &ExceptionNote)>,
        review_at: Option<OffsetDateTime>,
    ) -> Result<(), StoreError> {
        let ended_at = state.is_over().then_some(self.now);
        let of = |field: fn(ExceptionTransition) -> bool| {
            said.filter(|(step, _)| field(*step)).map(|(_, said)| Json(said))
        };
        sqlx::query!(
            "update waiver set state = $2, decision = coalesce($3, decision), review = coalesce($4, review),
                ending = coalesce($5, ending), review_at = $6, ended_at = $7 where id = $1",
            id.0,
            state.to_string(),
            of(|step| !matches!(step, ExceptionTransition::Review | ExceptionTransition::End)) as _,
            of(|step| step == ExceptionTransition::Review) as _,
            of(|step| step == ExceptionTransition::End) as _,
            review_at,
            ended_at,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Marks that its owner was told of its end.
    #[tracing::instrument(level = "debug", skip_all, fields(exception.id = %id))]
    pub async fn warn_exception(&mut self, id: ExceptionId) -> Result<(), StoreError> {
        let now = self.now;
        sqlx::query!("update waiver set warned_at = $2 where id = $1", id.0, now)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}
