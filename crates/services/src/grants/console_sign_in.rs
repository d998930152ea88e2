//! A sign-in link to the AWS console with the grant's session.

use super::{number, sessions::SessionPurpose};
use crate::{GrantSessionService, ServiceError, audit::audited, uncancelled::uncancelled};
use claviger_domain::{
    audit::{AuditAction, NewEntry},
    authz::Caller,
    error_line::one_line,
    grants::GrantResource,
};

impl GrantSessionService {
    /// A link that signs the holder in to the AWS console with the grant's session.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn console_link(
        &self,
        caller: &Caller,
        grant: &str,
        resource: Option<&str>,
    ) -> Result<String, ServiceError> {
        let id = number(grant)?;
        let held = self.grant_reader.known(id).await?.grant;
        self.grant_reader.seen_by_holder(caller, &held).await?;
        let federation = self.federation.clone().ok_or(ServiceError::NoFederation)?;
        let given =
            self.issue_credentials(caller, grant, resource, SessionPurpose::Console).await?;
        let entry = NewEntry::started(Some(&caller.person), AuditAction::ConsoleLink, id);
        uncancelled(self, caller, move |service, _| async move {
            let link = async {
                let destination = given.resources.first().map(destination).unwrap_or_default();
                federation.sign_in_link(&given.session, &destination).await.map_err(|why| {
                    tracing::warn!(grant.id = %id, error = one_line(&why.to_string()), "the federation endpoint gave no link");
                    ServiceError::NoFederation
                })
            };
            audited(&service.transactions, service.clock.as_ref(), &entry, link).await
        })
        .await
    }
}

fn destination(resource: &GrantResource) -> String {
    claviger_domain::facts::console_url(resource.kind, &resource.name, &resource.region)
}
