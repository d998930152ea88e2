//! The Regions that are enabled in an account.

use crate::{AwsError, AwsGateway, inventory::member_client};
use aws_sdk_account::types::{Region as Found, RegionOptStatus};
use claviger_domain::ids::{AccountId, Region};

const OPERATION: &str = "ListRegions";
const REGIONS_A_PAGE: i32 = 50;

impl AwsGateway {
    /// `ListRegions` of Account Management, called by the account for itself.
    pub(crate) async fn list_regions(&self, account: &AccountId) -> Result<Vec<Region>, AwsError> {
        // The service is global.
        let home = &self.roles.hub_region;
        // Separately, so that a role that cannot be assumed is distinguished from a denied call.
        self.session_cache.credentials(account).await?;
        let client = member_client!(self, aws_sdk_account, "account", account, home);
        let mut regions = Vec::new();
        paged!(
            "ListRegions",
            client
                .list_regions()
                .max_results(REGIONS_A_PAGE)
                .region_opt_status_contains(RegionOptStatus::Enabled)
                .region_opt_status_contains(RegionOptStatus::EnabledByDefault),
            regions,
            |found: &Found| {
                let name = found.region_name().unwrap_or_default();
                let region = name
                    .parse()
                    .map_err(|_| AwsError::nonsense(OPERATION, format!("{name:?} is no Region")))?;
                regions.push(region);
                Ok::<(), AwsError>(())
            }
        );
        if regions.is_empty() {
            return Err(AwsError::nonsense(OPERATION, "no Region is enabled"));
        }
        regions.sort();
        Ok(regions)
    }
}
