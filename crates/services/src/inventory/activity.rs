//! What happened to one secret or parameter, and what stands above every tab of its page.

use crate::{Authority, InventoryService, ServiceError};
use claviger_domain::{
    VariantArray,
    audit::AuditAction,
    authz::{AccountLocation, Caller, Permission, VisibleAccounts},
    compliance::{CheckResult, Severity},
    facts::Detail,
    inventory::{
        activity::{
            ActivityEvent, ActivityKind, ActivityQuery, ActivityView, ActivityWhat,
            RotationFailure, merged,
        },
        entitlement::ResourceHeader,
        view::ResourceDetail,
    },
};
use claviger_store::{
    AccountRepository, ActivityPage, ActivityRepository, EventRepository, FindingRepository,
    MadeCall, SeenGrants,
};
use time::{Duration, OffsetDateTime};

/// Events a page.
const PAGE_EVENTS: u16 = 50;

/// The page of one secret or parameter: its header and its timeline.
#[derive(Clone)]
pub struct ActivityService {
    pub(crate) accounts: AccountRepository,
    pub(crate) activity: ActivityRepository,
    pub(crate) events: EventRepository,
    pub(crate) findings: FindingRepository,
    pub(crate) inventory_service: InventoryService,
    pub(crate) authority: Authority,
}

impl ActivityService {
    /// What every tab shows above its content.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn resource_header(
        &self,
        caller: &Caller,
        id: &str,
    ) -> Result<ResourceHeader, ServiceError> {
        let (shown, visible, location) = self.resource(caller, id).await?;
        let now = shown.as_of;
        let (grants, failed_rotation, is_favorite) = tokio::try_join!(
            async {
                let seen = seen_grants(caller, &location, &visible);
                Ok(self.activity.count_active_grants(shown.id, seen, now).await?)
            },
            self.failed_rotation(&shown),
            self.inventory_service.is_favorite(caller, shown.id),
        )?;
        let findings = if caller.may_at(Permission::ReadFindings, &location) {
            let open = self.findings.findings_of(&visible, shown.id, now).await?;
            let failing = |severity: Severity| {
                let all = open.iter().filter(|one| {
                    one.verdict == CheckResult::Fail
                        && one.exception.is_none()
                        && one.severity == severity
                });
                (severity, u32::try_from(all.count()).unwrap_or(u32::MAX))
            };
            Some(Severity::VARIANTS.iter().copied().map(failing).filter(|one| one.1 > 0).collect())
        } else {
            None
        };
        Ok(ResourceHeader {
            can_remediate: caller.may_at(Permission::Remediate, &location),
            failed_rotation,
            is_favorite,
            shown,
            findings,
            grants,
        })
    }

    /// Its timeline, the newest first, as the URL asks for it. Grants of other people are in it for those who may see access
    /// there.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn activity_of(
        &self,
        caller: &Caller,
        id: &str,
        url_query: &str,
    ) -> Result<ActivityView, ServiceError> {
        self.activity_page(caller, id, url_query, PAGE_EVENTS).await
    }

    /// The newest of it, at most so many.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn newest_activity(
        &self,
        caller: &Caller,
        id: &str,
        limit: u16,
    ) -> Result<ActivityView, ServiceError> {
        self.activity_page(caller, id, "", limit).await
    }

    async fn activity_page(
        &self,
        caller: &Caller,
        id: &str,
        url_query: &str,
        limit: u16,
    ) -> Result<ActivityView, ServiceError> {
        let (shown, visible, location) = self.resource(caller, id).await?;
        let query: ActivityQuery = url_query.parse()?;
        let sees_findings = caller.may_at(Permission::ReadFindings, &location);
        let grants = seen_grants(caller, &location, &visible);
        let page = ActivityPage {
            after: query.after,
            limit,
            // Events of this moment are in it, whatever the clocks of the replicas say.
            until: shown.as_of + Duration::minutes(5),
        };
        let is_asked = |kind| query.kind.is_none_or(|asked| asked == kind);
        let actions: Vec<AuditAction> = AuditAction::VARIANTS
            .iter()
            .copied()
            .filter(|action| {
                ActivityKind::of_action(*action).is_some_and(|kind| {
                    is_asked(kind) && (kind != ActivityKind::Exception || sees_findings)
                })
            })
            .collect();
        let rotation = match query.kind {
            Some(ActivityKind::Rotation) => Some(true),
            Some(ActivityKind::Change) => Some(false),
            _ => None,
        };
        let has_changes = is_asked(ActivityKind::Change) || is_asked(ActivityKind::Rotation);
        let has_calls = is_asked(ActivityKind::Remediation) && sees_findings;
        let arn = shown.facts.arn.as_str();
        let (changes, reported, entries, calls, made) = tokio::try_join!(
            async {
                if !has_changes {
                    return Ok(Vec::new());
                }
                self.activity.changes(&visible, shown.id, rotation, page).await
            },
            async {
                if !has_changes {
                    return Ok(Vec::new());
                }
                self.events.reported(shown.id, rotation, page).await
            },
            async {
                if actions.is_empty() {
                    return Ok(Vec::new());
                }
                self.activity.audit_entries(shown.id, arn, grants, &actions, page).await
            },
            async {
                if !has_calls {
                    return Ok(Vec::new());
                }
                self.activity.calls(&visible, shown.id, page).await
            },
            async {
                if !has_changes || !sees_findings {
                    return Ok(Vec::new());
                }
                self.activity.made_calls(shown.id).await
            },
        )?;
        let (mut rows, next) = merged(
            [changes, reported, entries, calls].into_iter().flatten().collect(),
            limit.into(),
        );
        name_authors(&mut rows, &made);
        Ok(ActivityView {
            query,
            rows,
            next,
            hides_grants: matches!(grants, SeenGrants::Own(_)),
            as_of: shown.as_of,
        })
    }

    /// The rotation that events reported as failed last, unless the secret was rotated since.
    async fn failed_rotation(
        &self,
        shown: &ResourceDetail,
    ) -> Result<Option<RotationFailure>, ServiceError> {
        let Detail::Secret(secret) = &shown.facts.detail else { return Ok(None) };
        let rotated_at = secret.rotation.last_rotated_at;
        Ok(self.events.failed_rotation(shown.id, rotated_at).await?)
    }

    /// The resource within the caller's scope, with the scope and its account.
    async fn resource(
        &self,
        caller: &Caller,
        id: &str,
    ) -> Result<(ResourceDetail, VisibleAccounts, AccountLocation), ServiceError> {
        let shown = self.inventory_service.resource(caller, id).await?;
        let visible = self.authority.within(caller, Permission::ReadInventory).await?;
        let missing = || ServiceError::NotFound("secret or parameter");
        let of = std::slice::from_ref(&shown.account_id);
        let location = self.accounts.locations(of).await?.pop().ok_or_else(missing)?;
        Ok((shown, visible, location))
    }
}

fn seen_grants<'a>(
    caller: &'a Caller,
    location: &AccountLocation,
    visible: &'a VisibleAccounts,
) -> SeenGrants<'a> {
    if caller.may_at(Permission::ReadAccess, location) {
        SeenGrants::All(visible)
    } else {
        SeenGrants::Own(&caller.person.subject)
    }
}

/// Says who made a change, where Claviger or AWS tells: a call of a plan that set the field to this value, or the last user
/// of a parameter, which changes with everything but its tags.
fn name_authors(rows: &mut [ActivityEvent], made: &[MadeCall]) {
    let users: Vec<(OffsetDateTime, String)> = rows
        .iter()
        .filter_map(|row| match &row.what {
            ActivityWhat::Change { change, .. } if change.field == "LastModifiedUser" => {
                Some((row.cursor.at, change.after.clone()?))
            }
            _ => None,
        })
        .collect();
    for row in rows {
        let at = row.cursor.at;
        let ActivityWhat::Change { change, .. } = &row.what else { continue };
        if let Some(call) = made.iter().find(|call| call.made(change, at)) {
            row.who = call.author.as_ref().map(|author| author.name.clone());
            row.by = Some(call.plan.to_string());
        } else if let Some((_, user)) = users.iter().find(|(of, _)| *of == at)
            && !change.field.starts_with("Tags.")
        {
            row.who = Some(user.clone());
        }
    }
}
