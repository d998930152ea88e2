//! The reverse view: what a role or user can read.

use super::{
    ReaderService,
    facts::{NOT_YET, Organization, Parsed, StoredResource, principal, resource},
};
use crate::ServiceError;
use claviger_domain::{
    authz::{Caller, Permission, VisibleAccounts},
    ids::AccountId,
    inventory::entitlement::{Answer, PrincipalView, PrincipalsView, ReadableCursor, ReadableRow},
};
use claviger_policy::{
    entitlement::{Accounts, Fact, Principal, entitlement_of},
    permissions::Role,
};
use claviger_store::ReadableResource;
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// Secrets and parameters that are read at once.
pub(super) const BATCH: u16 = 200;
/// A page goes on until it has so many rows,
const PAGE_ROWS: usize = 50;
/// or has evaluated so many.
const MAX_EVALUATED: u64 = 1000;
/// Roles and users a page.
const PRINCIPAL_ROWS: u16 = 100;
/// Of an ARN that is searched for, in characters.
const MAX_TEXT: usize = 200;

impl ReaderService {
    /// What a role or user can read within the caller's scope, from one resource on. Each page says how many it has evaluated,
    /// and of how many.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn readable_by(
        &self,
        caller: &Caller,
        arn: &str,
        after: Option<ReadableCursor>,
    ) -> Result<PrincipalView, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadFindings).await?;
        let missing = || ServiceError::NotFound("role or user");
        let account: AccountId = arn
            .split(':')
            .nth(4)
            .and_then(|number| number.parse().ok())
            .filter(|account| visible.accounts.contains(account))
            .ok_or_else(missing)?;
        let now = self.clock.now();
        let mut shown = self.principal_view(&visible, &account, arn, now).await?;
        let Some(stored) = self.principals.principal(&account, arn).await? else {
            // Whether the account has it is not known before its IAM was read.
            return if shown.fault.is_some() { Ok(shown) } else { Err(missing()) };
        };
        let known = principal(stored, &mut Parsed::default());
        shown.is_administrator = known.is_administrator();
        shown.policies = known
            .policies
            .iter()
            .chain(&known.boundary)
            .map(|policy| policy.name.clone())
            .collect();
        if shown.fault.is_some() {
            return Ok(shown);
        }
        let accounts = self.accounts_with(BTreeMap::from([(account.clone(), vec![known])])).await?;
        let (seen, mut last) = after.map_or((0, None), |from| (from.seen, Some(from.after)));
        let (mut evaluated, mut is_last) = (0, false);
        while !is_last && shown.rows.len() < PAGE_ROWS && evaluated < MAX_EVALUATED {
            let batch = self.principals.readable(&visible, &account, last, BATCH).await?;
            is_last = batch.len() < usize::from(BATCH);
            for one in batch {
                evaluated += 1;
                last = Some(one.id);
                shown.rows.extend(row(arn, one, &accounts, now));
                if shown.rows.len() == PAGE_ROWS {
                    break;
                }
            }
        }
        let is_whole = is_last && shown.rows.len() < PAGE_ROWS;
        if !is_whole && seen + evaluated < shown.candidates {
            shown.next = last.map(|after| ReadableCursor { after, seen: seen + evaluated });
        }
        if evaluated > 0 {
            shown.evaluated = (seen + 1, seen + evaluated);
        }
        Ok(shown)
    }

    /// The page before anything was evaluated.
    async fn principal_view(
        &self,
        visible: &VisibleAccounts,
        account: &AccountId,
        arn: &str,
        now: OffsetDateTime,
    ) -> Result<PrincipalView, ServiceError> {
        let of = std::slice::from_ref(account);
        let only = VisibleAccounts { accounts: of.to_vec(), whole_organization: false };
        let (locations, faults, candidates) = tokio::try_join!(
            self.accounts.locations(of),
            self.principals.accounts_not_read(&only),
            self.principals.count_readable(visible, account),
        )?;
        let fault = self.reasons(&only, faults).await?.into_iter().next().map(|(_, why)| why);
        let name = locations.into_iter().next().map(|location| location.account_name);
        let own = arn.rsplit_once(":role/").map(|(_, path)| path);
        Ok(PrincipalView {
            arn: arn.to_owned(),
            account_id: account.clone(),
            account_name: name.unwrap_or_else(|| account.to_string()),
            is_administrator: false,
            is_claviger: Role::members().any(|role| Some(role.name()) == own),
            policies: Vec::new(),
            rows: Vec::new(),
            evaluated: (0, 0),
            candidates,
            next: None,
            fault,
            as_of: now,
        })
    }

    /// Every account of the Organization; of principals only these.
    pub(crate) async fn accounts_with(
        &self,
        mut principals: BTreeMap<AccountId, Vec<Principal>>,
    ) -> Result<Accounts, ServiceError> {
        let (organization, mut members) = self.accounts.organization().await?;
        for account in principals
            .keys()
            .filter(|account| !members.contains(account))
            .cloned()
            .collect::<Vec<_>>()
        {
            members.push(account);
        }
        let (locations, guardrails, management) = tokio::try_join!(
            self.accounts.locations(&members),
            self.principals.guardrails(),
            self.principals.management_account(),
        )?;
        let organization = Organization::new(organization, management, guardrails);
        let accounts = locations.into_iter().map(|location| {
            let principals = match principals.remove(&location.account) {
                Some(known) => Fact::Known(known),
                None => Fact::NotRead(not_yet()),
            };
            (location.account.clone(), organization.account(&location, principals))
        });
        Ok(accounts.collect())
    }

    /// The roles and users within the caller's scope whose ARN has a text.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn principals(
        &self,
        caller: &Caller,
        text: &str,
        after: &str,
    ) -> Result<PrincipalsView, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadFindings).await?;
        let text: String = text.trim().chars().filter(|c| *c != '\0').take(MAX_TEXT).collect();
        let after = after.replace('\0', "");
        let (mut rows, not_read) = tokio::try_join!(
            self.principals.list_principals(&visible, &text, &after, PRINCIPAL_ROWS + 1),
            self.principals.accounts_not_read(&visible),
        )?;
        let has_more = rows.len() > usize::from(PRINCIPAL_ROWS);
        rows.truncate(usize::from(PRINCIPAL_ROWS));
        Ok(PrincipalsView {
            text,
            next: rows.last().filter(|_| has_more).map(|row| row.arn.clone()),
            rows,
            not_read: self.reasons(&visible, not_read).await?,
        })
    }
}

pub(super) fn not_yet() -> String {
    NOT_YET.to_owned()
}

/// A resource that the principal can read, or may be able to.
pub(super) fn row(
    arn: &str,
    one: ReadableResource,
    accounts: &Accounts,
    now: OffsetDateTime,
) -> Option<ReadableRow> {
    let evaluated = resource(StoredResource {
        facts: &one.facts,
        account: &one.account,
        deep: one.deep.as_ref(),
        kms: one.kms.as_ref(),
        access: one.key_access,
    });
    let entitlement = entitlement_of(arn, &evaluated, accounts, now)?;
    (entitlement.answer > Answer::Cannot).then(|| ReadableRow {
        resource: one.id,
        name: one.facts.name.clone(),
        account_id: one.account,
        account_name: one.account_name,
        region: one.region,
        kind: one.facts.kind(),
        entitlement,
    })
}
