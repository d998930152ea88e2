//! Who is known to have read a value: by Claviger's own audit log, by CloudTrail about its sessions, and by AWS's last day.

use super::Target;
use crate::{LeakService, ServiceError};
use claviger_domain::{
    audit::AuditAction,
    authz::VisibleAccounts,
    facts::Detail,
    grants::{GrantId, view::TrailState},
    inventory::activity::{ActivityEvent, ActivityWhat},
    leaks::{KnownReads, KnownUse, MAX_USES, UseKind},
};
use claviger_store::{ActivityPage, SeenGrants};
use std::collections::BTreeSet;
use time::Duration;

/// The calls by which a value is read.
const READING: [&str; 5] = [
    "BatchGetSecretValue",
    "GetParameter",
    "GetParameters",
    "GetParametersByPath",
    "GetSecretValue",
];

/// The actions after which somebody knows a value, or can.
const USING: [AuditAction; 4] = [
    AuditAction::Reveal,
    AuditAction::IssueSession,
    AuditAction::ConsoleLink,
    AuditAction::PutValue,
];

impl LeakService {
    /// What is known now. Calls nothing of AWS.
    pub(super) async fn reads(&self, target: &Target) -> Result<KnownReads, ServiceError> {
        let account = target.shown.account_id.clone();
        let here = VisibleAccounts { accounts: vec![account], whole_organization: false };
        let page = ActivityPage {
            after: None,
            limit: u16::try_from(MAX_USES).unwrap_or(u16::MAX),
            until: self.clock.now() + Duration::minutes(5),
        };
        let mut uses = Vec::new();
        for (id, arn) in &target.same {
            let seen = SeenGrants::All(&here);
            let entries =
                self.activity.audit_entries(*id, arn.as_str(), seen, &USING, page).await?;
            uses.extend(entries.into_iter().filter_map(use_of));
        }
        let mut not_traced = Vec::new();
        let with_sessions: BTreeSet<GrantId> = uses.iter().map(|one| one.grant).collect();
        for grant in with_sessions {
            let (state, events) = self.denials.trail(grant).await?;
            let holder = uses.iter().find(|one| one.grant == grant).and_then(|one| one.who.clone());
            if !matches!(state, TrailState::Read { .. }) {
                not_traced.push(grant);
            }
            let read = events
                .into_iter()
                .filter(|event| event.error.is_none() && READING.contains(&event.name.as_str()));
            uses.extend(read.map(|event| KnownUse {
                at: event.at,
                who: holder.clone(),
                kind: UseKind::CloudTrail,
                grant,
            }));
        }
        uses.sort_by(|a, b| (b.at, a.kind).cmp(&(a.at, b.kind)));
        // Of a grant on a secret and its replica, an entry that names neither comes once for each.
        uses.dedup();
        let has_more = uses.len() > MAX_USES;
        uses.truncate(MAX_USES);
        let last_accessed = match &target.shown.facts.detail {
            Detail::Secret(secret) => secret.accessed_on,
            Detail::Parameter(_) => None,
        };
        Ok(KnownReads { uses, has_more, last_accessed, not_traced })
    }
}

/// The use that an entry tells of. One whose outcome was lost counts: it may have succeeded.
fn use_of(event: ActivityEvent) -> Option<KnownUse> {
    let ActivityWhat::Audit { subject, action, succeeded, .. } = event.what else { return None };
    let kind = match action {
        AuditAction::Reveal => UseKind::Reveal,
        AuditAction::IssueSession => UseKind::Session,
        AuditAction::ConsoleLink => UseKind::ConsoleSignIn,
        AuditAction::PutValue => UseKind::Write,
        _ => return None,
    };
    let grant: GrantId = subject.parse().ok()?;
    (succeeded != Some(false)).then_some(KnownUse {
        at: event.cursor.at,
        who: event.who,
        kind,
        grant,
    })
}
