//! Which secret or parameter a name or an ARN means: all that it can mean, and never one of several.

use crate::{RequestService, ServiceError};
use claviger_domain::{
    authz::{Caller, Permission},
    grants::{Selectable, Selector, names_in, view::Candidate},
    ids::{Arn, ResourceId},
};
use std::collections::BTreeSet;

impl RequestService {
    /// Everything within the caller's scope that the selector can mean. A replica is its primary's, unless it is
    /// named by its own ARN or Region.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn candidates(
        &self,
        caller: &Caller,
        selector: Selector<'_>,
    ) -> Result<Vec<Candidate>, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadInventory).await?;
        let mut names = names_in(selector.text);
        names.push(selector.text.to_owned());
        let found = self.grants.named(&visible, &names, selector.text).await?;
        let primaries: Vec<(ResourceId, String)> =
            found.iter().filter_map(|(one, primary)| Some((one.id, primary.clone()?))).collect();
        let mut chosen = selector.choose(found.into_iter().map(|(candidate, _)| candidate));
        let there: BTreeSet<Arn> = chosen.iter().map(|one| one.arn.clone()).collect();
        chosen.retain(|one| {
            let primary = primaries.iter().find(|(id, _)| *id == one.id).map(|(_, arn)| arn);
            primary.is_none_or(|primary| !there.iter().any(|arn| arn.as_str() == primary))
        });
        Ok(chosen)
    }

    /// The console's id of the one that is meant.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn the_candidate(
        &self,
        caller: &Caller,
        selector: Selector<'_>,
    ) -> Result<ResourceId, ServiceError> {
        // An id is evaluated where it is used.
        if let Ok(id) = selector.text.parse() {
            return Ok(id);
        }
        match self.candidates(caller, selector).await?.as_slice() {
            [one] => Ok(one.id),
            [] => Err(ServiceError::NotFound("secret or parameter")),
            several => {
                Err(ServiceError::ambiguous(selector.text, several.iter().map(Selectable::arn)))
            }
        }
    }
}
