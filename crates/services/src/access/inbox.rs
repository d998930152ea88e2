//! One's own notifications, each with what the thing that it tells of still waits for.

use super::waits::WaitFor;
use crate::{ServiceError, Services};
use claviger_domain::{
    access::{Caller, Permission, VisibleAccounts},
    grant::{
        GrantId,
        view::{Inbox, InboxRow},
    },
    remedy::PlanId,
    waits::Waits,
    waiver::WaiverId,
};
use std::collections::BTreeMap;

/// What a notification's link leads to, by number.
fn number(row: &InboxRow) -> &str {
    row.link.rsplit('/').next().unwrap_or_default()
}

/// The numbers of one kind, each once.
fn numbers<T: std::str::FromStr + Ord>(rows: &[InboxRow]) -> Vec<T> {
    let mut found: Vec<T> = rows.iter().filter_map(|row| number(row).parse().ok()).collect();
    found.sort();
    found.dedup();
    found
}

impl Services {
    /// One's own notifications.
    pub async fn inbox(&self, caller: &Caller) -> Result<Inbox, ServiceError> {
        let subject = &caller.person.subject;
        let mut rows = self.store.inbox(subject).await?;
        let waits = self.waits_behind(caller, &rows).await?;
        for row in &mut rows {
            row.waits = waits.get(number(row)).cloned();
        }
        let unread = self.store.unread(subject).await?;
        Ok(Inbox { rows, unread, as_of: self.clock.now() })
    }

    /// What the grants, exceptions and plans behind these notifications wait for, by number. What the caller may no longer
    /// see is left out. Each kind is read once, however many rows there are.
    async fn waits_behind(
        &self,
        caller: &Caller,
        rows: &[InboxRow],
    ) -> Result<BTreeMap<String, Waits>, ServiceError> {
        let mut waits = BTreeMap::new();
        let grants: Vec<GrantId> = numbers(rows);
        if !grants.is_empty() {
            let mut found = self.store.grants(&grants).await?;
            let places = self.places(found.iter().map(|named| &named.grant.account)).await?;
            found.retain(|named| {
                let place = places.get(&named.grant.account);
                place.is_some_and(|place| Self::may_see(caller, &named.grant, place))
            });
            let of = self.waits_of(&found, WaitFor::Anything, self.clock.now()).await?;
            waits.extend(of.into_iter().map(|(id, waits)| (id.to_string(), waits)));
        }
        let (waivers, plans): (Vec<WaiverId>, Vec<PlanId>) = (numbers(rows), numbers(rows));
        if waivers.is_empty() && plans.is_empty() {
            return Ok(waits);
        }
        let visible = match self.authority().within(caller, Permission::ReadFindings).await {
            Err(ServiceError::Forbidden(_)) => VisibleAccounts::default(),
            visible => visible?,
        };
        if !waivers.is_empty() {
            let mut found = self.store.waivers_among(&visible, &waivers).await?;
            self.name_deciders(&mut found).await?;
            let found = found.into_iter().filter_map(|row| Some((row.id.to_string(), row.waits?)));
            waits.extend(found);
        }
        if !plans.is_empty() {
            let found = self.store.waiting_plans(&visible, &plans).await?;
            let found = self.with_waits(found).await?;
            let found = found.into_iter().filter_map(|row| Some((row.id.to_string(), row.waits?)));
            waits.extend(found);
        }
        Ok(waits)
    }
}
