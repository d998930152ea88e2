//! What lists leave out, read secret by secret.

use claviger_domain::facts::{Reading, ResourceDetails};
use claviger_gateways::{AwsError, InventoryReader};
use claviger_store::PendingDetails;
use futures::{StreamExt, stream};
use time::OffsetDateTime;

/// Calls under way at once: the time that an answer takes is not to be what bounds the lane, but the quota.
const MAX_CONCURRENT_CALLS: usize = 6;

/// Reads them in their order. Of a secret that no longer exists nothing is known; the next scan will see that it is gone.
pub(crate) async fn read_details(
    reader: &dyn InventoryReader,
    pending: Vec<PendingDetails>,
) -> Vec<(PendingDetails, Result<ResourceDetails, AwsError>)> {
    stream::iter(pending)
        .map(|secret| async move {
            let (at, is_replicated) = (secret.changed_at, secret.is_replicated);
            let answer = reader.deep(&secret.arn, at, is_replicated).await;
            (secret, answer.map(|details| details.unwrap_or_else(|| not_there(at))))
        })
        .buffered(MAX_CONCURRENT_CALLS)
        .collect()
        .await
}

fn not_there(changed_at: Option<OffsetDateTime>) -> ResourceDetails {
    const CODE: &str = "ResourceNotFoundException";
    ResourceDetails {
        of_change: changed_at,
        resource_policy: Reading::Refused(CODE.into()),
        versions: Reading::Refused(CODE.into()),
        replicas: Reading::Refused(CODE.into()),
    }
}
