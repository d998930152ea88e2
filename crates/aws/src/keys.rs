//! The KMS keys that secrets and parameters name.

use crate::{Api, AwsError, AwsGateway, convert, error::FromSdk as _, inventory::member_client};
use aws_sdk_kms::{
    Client,
    error::ProvideErrorMetadata,
    types::{GrantListEntry, GrantOperation, KeyMetadata},
};
use claviger_domain::{
    facts::Reading,
    ids::{AccountId, Region},
    key::{KeyAccess, KeyGrant, KeyManager, KeyReading, KmsKey},
    scan::RegionScanFault,
};
use std::collections::HashMap;

/// The aliases of each key, by its id.
type Aliases = HashMap<String, Vec<String>>;

const ALIASES_A_PAGE: i32 = 100;
/// A marker that AWS repeats would cause an endless loop.
const MAX_PAGES: u32 = 1_000;

impl AwsGateway {
    /// `DescribeKey` for each, with their names from `ListAliases`.
    pub(crate) async fn describe_keys(
        &self,
        account: &AccountId,
        region: &Region,
        named: &[String],
    ) -> Result<Vec<KeyReading>, AwsError> {
        let client = member_client!(self, aws_sdk_kms, "kms", account, region);
        let location = (account.clone(), region.clone());
        let ready = || self.budget.ready(Api::Keys, &location);
        let aliases = match self.aliases(&client, &location).await {
            Ok(aliases) => Some(aliases),
            Err(error) if error.fault == RegionScanFault::Denied => None,
            Err(error) => return Err(error),
        };
        let mut read = Vec::new();
        for name in named {
            const OPERATION: &str = "DescribeKey";
            ready().await;
            let answer = client.describe_key().key_id(name).send().await;
            read.push(match answer {
                Ok(answer) => {
                    let key = answer
                        .key_metadata
                        .ok_or_else(|| AwsError::nonsense(OPERATION, "no key in the answer"))?;
                    let is_own = key.aws_account_id().is_none_or(|own| own == account.as_str());
                    let own = aliases.as_ref().filter(|_| is_own);
                    let own = own.map(|all| all.get(key.key_id()).cloned().unwrap_or_default());
                    Reading::Read(Some(of(&key, own)?))
                }
                Err(error) if error.code() == Some("NotFoundException") => Reading::Read(None),
                Err(error) if error.code() == Some("InvalidArnException") => {
                    Reading::Refused("InvalidArnException".into())
                }
                Err(error) => crate::inventory::refused(AwsError::of(OPERATION, &error))?,
            });
        }
        Ok(read)
    }

    /// `GetKeyPolicy` and `ListGrants` for each of these keys of the account.
    pub(crate) async fn read_key_access(
        &self,
        account: &AccountId,
        region: &Region,
        keys: &[String],
    ) -> Result<Vec<KeyAccess>, AwsError> {
        const GET_KEY_POLICY: &str = "GetKeyPolicy";
        let client = member_client!(self, aws_sdk_kms, "kms", account, region);
        let location = (account.clone(), region.clone());
        let mut read = Vec::new();
        for key in keys {
            self.budget.ready(Api::Keys, &location).await;
            let policy = match client.get_key_policy().key_id(key).send().await {
                Ok(answer) => Reading::Read(
                    answer.policy.ok_or_else(|| AwsError::nonsense(GET_KEY_POLICY, "no policy"))?,
                ),
                Err(error) => crate::inventory::refused(AwsError::of(GET_KEY_POLICY, &error))?,
            };
            let grants = match self.grants(&client, &location, key).await {
                Ok(grants) => Reading::Read(grants),
                Err(error) => crate::inventory::refused(error)?,
            };
            read.push(KeyAccess { policy, grants });
        }
        Ok(read)
    }

    async fn grants(
        &self,
        client: &Client,
        location: &(AccountId, Region),
        key: &str,
    ) -> Result<Vec<KeyGrant>, AwsError> {
        const OPERATION: &str = "ListGrants";
        let mut grants = Vec::new();
        let mut marker = None;
        for _ in 0..MAX_PAGES {
            self.budget.ready(Api::Keys, location).await;
            let answer = client
                .list_grants()
                .key_id(key)
                .limit(100)
                .set_marker(marker)
                .send()
                .await
                .map_err(|error| AwsError::of(OPERATION, &error))?;
            grants.extend(answer.grants().iter().filter_map(grant));
            marker = answer.next_marker.filter(|_| answer.truncated);
            if marker.is_none() {
                return Ok(grants);
            }
        }
        Err(AwsError::nonsense(OPERATION, "the list does not end"))
    }

    async fn aliases(
        &self,
        client: &Client,
        location: &(AccountId, Region),
    ) -> Result<Aliases, AwsError> {
        const OPERATION: &str = "ListAliases";
        let mut aliases = Aliases::new();
        let mut marker = None;
        for _ in 0..MAX_PAGES {
            self.budget.ready(Api::Keys, location).await;
            let answer = client
                .list_aliases()
                .limit(ALIASES_A_PAGE)
                .set_marker(marker)
                .send()
                .await
                .map_err(|error| AwsError::of(OPERATION, &error))?;
            for alias in answer.aliases() {
                // An AWS managed key that was never used has only its name.
                if let (Some(name), Some(key)) = (alias.alias_name(), alias.target_key_id()) {
                    aliases.entry(key.to_owned()).or_default().push(name.to_owned());
                }
            }
            marker = answer.next_marker.filter(|_| answer.truncated);
            if marker.is_none() {
                for names in aliases.values_mut() {
                    names.sort();
                }
                return Ok(aliases);
            }
        }
        Err(AwsError::nonsense(OPERATION, "the list does not end"))
    }
}

/// `None` for one with a source ARN: only a service that acts for that resource uses it.
fn grant(entry: &GrantListEntry) -> Option<KeyGrant> {
    let constraints = entry.constraints();
    if constraints.is_some_and(|one| one.source_arn().is_some()) {
        return None;
    }
    let pairs = |found: Option<&HashMap<String, String>>| {
        found.into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    let grantee = entry.grantee_principal().or(entry.grantee_service_principal())?;
    Some(KeyGrant {
        id: entry.grant_id().unwrap_or_default().to_owned(),
        grantee: grantee.to_owned(),
        decrypts: entry.operations().contains(&GrantOperation::Decrypt),
        context_subset: pairs(constraints.and_then(|one| one.encryption_context_subset())),
        context_equals: pairs(constraints.and_then(|one| one.encryption_context_equals())),
    })
}

fn of(key: &KeyMetadata, aliases: Option<Vec<String>>) -> Result<KmsKey, AwsError> {
    let missing =
        |what: &str| AwsError::nonsense("DescribeKey", format!("{} has no {what}", key.key_id()));
    let manager = key.key_manager().ok_or_else(|| missing("KeyManager"))?;
    Ok(KmsKey {
        arn: key.arn().ok_or_else(|| missing("Arn"))?.to_owned(),
        manager: manager.as_str().parse::<KeyManager>().map_err(|_| missing("KeyManager"))?,
        state: key.key_state().ok_or_else(|| missing("KeyState"))?.as_str().to_owned(),
        deletion_at: key.deletion_date().and_then(convert::moment),
        is_multi_region: key.multi_region().unwrap_or(false),
        aliases,
    })
}
