//! Calls in one session, within their budget.

use crate::{
    Api, AwsError, AwsGateway, ConsumerOrder, IssuedSession,
    signed::{ResponseBody, SignedCall, credentials},
};
use claviger_domain::partition::Partition;

/// Reads an account and Region.
pub(super) struct Reader<'a> {
    pub(super) gateway: &'a AwsGateway,
    pub(super) order: &'a ConsumerOrder,
    pub(super) session: &'a IssuedSession,
}

impl Reader<'_> {
    /// The ARN of a workload in the account and Region.
    pub(super) fn arn(&self, service: &str, resource: &str) -> String {
        let (account, region) = (&self.order.account, &self.order.region);
        format!("arn:{}:{service}:{region}:{account}:{resource}", Partition::of_region(region))
    }

    pub(super) async fn call(&self, call: &SignedCall) -> Result<ResponseBody, AwsError> {
        let (gateway, order) = (self.gateway, self.order);
        let key = (order.account.clone(), order.region.clone());
        gateway.budget.ready(Api::Variables, &key).await;
        gateway.signed.send(&gateway.config, &credentials(self.session), &order.region, call).await
    }
}

/// Where the next page of a list begins; `None` at its end. Once a token is repeated, no page would be the last.
pub(super) fn following(
    operation: &'static str,
    before: Option<&str>,
    next: Option<String>,
) -> Result<Option<String>, AwsError> {
    let next = next.filter(|token| !token.is_empty());
    if next.is_some() && next.as_deref() == before {
        return Err(AwsError::nonsense(operation, "a page is returned again"));
    }
    Ok(next)
}
