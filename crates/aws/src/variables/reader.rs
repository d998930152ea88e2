//! Calls in one session, within their budget.

use crate::{
    Api, AwsError, AwsGateway, ConsumerOrder, IssuedSession,
    signed::{ResponseBody, SignedCall, credentials},
};

/// Reads an account and Region.
pub(super) struct Reader<'a> {
    pub(super) gateway: &'a AwsGateway,
    pub(super) order: &'a ConsumerOrder,
    pub(super) session: &'a IssuedSession,
}

impl Reader<'_> {
    pub(super) async fn call(&self, call: &SignedCall) -> Result<ResponseBody, AwsError> {
        let (gateway, order) = (self.gateway, self.order);
        let key = (order.account.clone(), order.region.clone());
        gateway.budget.ready(Api::Variables, &key).await;
        gateway.signed.send(&gateway.config, &credentials(self.session), &order.region, call).await
    }
}
