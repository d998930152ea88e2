//! The calendar of rotations, and templates for new ones.

mod hosted;

pub use hosted::HostedRotationService;

use crate::{Authority, ProgressService, ServiceError};
use claviger_domain::{
    authz::{Caller, Permission},
    clock::Clock,
    rotations::{
        blackout::Blackout,
        calendar::{CalendarQuery, CalendarView, MAX_SECRETS, calendar, late},
    },
};
use claviger_store::RotationRepository;
use std::sync::Arc;

/// When the secrets of the Organization rotate.
#[derive(Clone)]
pub struct RotationCalendarService {
    pub(crate) rotations: RotationRepository,
    pub(crate) progress_service: ProgressService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
    pub(crate) blackouts: Arc<[Blackout]>,
}

impl RotationCalendarService {
    /// A week or month, as the URL asks for it, of the secrets that the caller may see.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn calendar(
        &self,
        caller: &Caller,
        url_query: &str,
    ) -> Result<CalendarView, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadInventory).await?;
        let query: CalendarQuery = url_query.parse()?;
        let limit = u32::try_from(MAX_SECRETS + 1).unwrap_or(u32::MAX);
        let (team, account) = (query.team.as_deref(), query.account.as_ref());
        let (mut secrets, places) = tokio::try_join!(
            self.rotations.rotating(&visible, team, account, limit),
            self.rotations.places(&visible)
        )?;
        let now = self.clock.now();
        let has_more = secrets.len() > MAX_SECRETS;
        secrets.truncate(MAX_SECRETS);
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let without = secrets.iter().filter(|secret| secret.schedule(now).is_none()).count();
        let span = query.days(now.date());
        Ok(CalendarView {
            days: calendar(&secrets, &self.blackouts, span, now),
            late: late(&secrets, now),
            secrets: count(secrets.len()),
            has_more,
            without_schedule: count(without),
            teams: places.teams,
            accounts: places.accounts,
            incomplete: self.progress_service.unfinished_scan(&visible).await?,
            as_of: now,
            query,
        })
    }
}
