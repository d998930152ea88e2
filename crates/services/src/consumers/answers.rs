//! Whether a role that is not there yet could read a resource in its account as that was last read.

use super::ConsumerRoleService;
use crate::ServiceError;
use claviger_domain::{
    authz::VisibleAccounts,
    consumers::{RoleRequest, view::RoleAnswer},
    inventory::{entitlement::Answer, view::ResourceDetail},
    partition::Partition,
    remediation::BOUNDARY_POLICY,
};
use claviger_policy::{
    consumers::{ConsumerRole, POLICY_NAME, dates_in_words, time_within},
    entitlement::{
        Policy, PolicyKind, Principal, PrincipalKind, entitlement_of, takes_session_tags,
    },
    permissions::{boundary::boundary_document, roles::Variables},
};
use std::{collections::BTreeMap, sync::Arc};

impl ConsumerRoleService {
    /// The answer for each resource that these accounts have; of an applied role as Claviger creates it. Where the role reads only
    /// between dates, the answer is that of a time between them, with the dates as a condition.
    pub(super) async fn answers(
        &self,
        visible: &VisibleAccounts,
        shown: &[ResourceDetail],
        (role, request): (&ConsumerRole, &RoleRequest),
        is_applied: bool,
    ) -> Result<Vec<RoleAnswer>, ServiceError> {
        let Some(first) = shown.first() else { return Ok(Vec::new()) };
        let now = self.clock.now();
        let dates = dates_in_words(&request.conditions, now);
        let at = time_within(&request.conditions, now);
        let principal = principal(role, first, is_applied);
        let arn = principal.arn.clone();
        let home = BTreeMap::from([(role.account.clone(), vec![principal])]);
        let accounts = self.reader_service.accounts_with(home).await?;
        let mut answers = Vec::new();
        for one in shown {
            let Some(resource) = self.reader_service.resource(visible, one).await? else {
                continue;
            };
            let Some(read) = entitlement_of(&arn, &resource, &accounts, at) else {
                continue;
            };
            let way = read.ways.into_iter().next();
            let why = way.map(|way| [way.against, way.not_read, way.conditions].concat());
            let mut why = why.unwrap_or_default();
            let mut answer = read.answer;
            if let Some(dates) = dates.as_ref().filter(|_| answer > Answer::Cannot) {
                answer = answer.min(Answer::Conditional);
                why.insert(0, dates.clone());
            }
            answers.push(RoleAnswer { name: one.facts.name.clone(), answer, why });
        }
        Ok(answers)
    }
}

/// The role as IAM would have it. A role that Claviger creates has its path and its boundary; the document of any other boundary is
/// not known.
fn principal(role: &ConsumerRole, of: &ResourceDetail, is_applied: bool) -> Principal {
    let policy = Policy::read(&PolicyKind::Inline, POLICY_NAME, &role.permission.to_string());
    let boundary = if is_applied {
        let document = boundary_document(&Variables::of(&Partition::of_arn(&of.facts.arn)));
        let own = Policy::read(&PolicyKind::Boundary, BOUNDARY_POLICY, &document.to_string());
        Some(Arc::new(own))
    } else {
        let other = role.boundary.as_ref();
        other.map(|arn| Arc::new(Policy::not_read(&PolicyKind::Boundary, arn.as_str())))
    };
    Principal {
        arn: role.arn(of.facts.arn.partition(), is_applied),
        kind: PrincipalKind::Role,
        policies: vec![Arc::new(policy)],
        boundary,
        tags: role.tags.clone(),
        takes_session_tags: takes_session_tags(Some(&role.trust.to_string())),
    }
}
