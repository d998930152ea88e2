//! What CloudTrail says about a grant's sessions. Events come late, some after a quarter of an hour.

use super::session_order::source_identity;
use crate::JobFailure;
use claviger_domain::{clock::Clock, error_line::ErrorLine, grants::GrantId};
use claviger_gateways::AccessGateway;
use claviger_store::{GrantRepository, TrailEvent, Transactions};
use std::{collections::BTreeSet, sync::Arc};

/// `LookupEvents` allows two calls a second: this many sessions a reading.
const MOST_KEYS: usize = 10;

/// What CloudTrail shows of the sessions of grants.
#[derive(Clone)]
pub struct TrailService {
    pub(crate) grants: GrantRepository,
    pub(crate) transactions: Transactions,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) access_gateway: Arc<dyn AccessGateway>,
}

impl TrailService {
    /// Looks the grant's access keys up, in each of its Regions.
    #[tracing::instrument(skip_all, fields(grant.id = %id))]
    pub(crate) async fn read_trail(&self, id: GrantId) -> Result<(), JobFailure> {
        let Some(named) = self.grants.grant(id).await? else { return Ok(()) };
        let grant = named.grant;
        let keys = self.grants.session_keys(id).await?;
        let regions: BTreeSet<_> = grant.resources.iter().map(|r| r.region.clone()).collect();
        let mut found = Vec::new();
        let mut readable = true;
        for key in keys.iter().rev().take(MOST_KEYS) {
            for region in &regions {
                match self.access_gateway.events_of(&grant.account, region, key).await {
                    Ok(events) => found.extend(events),
                    Err(error) => {
                        tracing::warn!(grant.id = %id, aws.account = %grant.account, error = %ErrorLine(&error), "CloudTrail cannot be read");
                        readable = false;
                    }
                }
            }
        }
        // By the key already ours; what the record names as its session and its source has to be ours as well.
        let source = source_identity(&grant.terms.requester);
        let events: Vec<TrailEvent> = found
            .into_iter()
            .filter(|event| event.session_name.as_ref().is_none_or(|n| *n == grant.session_name))
            .filter(|event| event.source_identity.as_ref().is_none_or(|s| *s == source))
            .map(|event| TrailEvent {
                event_id: event.event_id,
                at: event.at,
                name: event.name,
                error: event.error,
                source_ip: event.source_ip,
            })
            .collect();
        let mut work = self.transactions.begin(self.clock.now()).await?;
        work.note_trail(id, readable.then_some(events.as_slice())).await?;
        work.commit().await?;
        Ok(())
    }
}
