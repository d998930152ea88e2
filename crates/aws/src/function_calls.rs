//! Signed calls about a Lambda function and its network, within their budget.

use crate::{
    Api, AwsError, AwsGateway, IssuedSession,
    signed::{ResponseBody, SignedCall, credentials},
};
use claviger_domain::ids::{AccountId, Region};

/// The code of AWS where there is no such function.
pub(crate) const NOT_FOUND: &str = "ResourceNotFoundException";

impl AwsGateway {
    pub(crate) async fn function_call(
        &self,
        (account, region): (&AccountId, &Region),
        session: &IssuedSession,
        call: &SignedCall,
    ) -> Result<ResponseBody, AwsError> {
        self.budget.ready(Api::Functions, &(account.clone(), region.clone())).await;
        self.signed.send(&self.config, &credentials(session), region, call).await
    }
}
