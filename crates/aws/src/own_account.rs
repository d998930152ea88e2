//! One account with the credentials at hand: a profile, the environment, or a role of the machine. No role is assumed.

use crate::{
    AwsGateway, Budget, HttpsProxy, InvalidProxy, Roles, RootCertificates, loader,
    observer::RequestReporter, session_cache::SessionCache, signed::SignedCalls,
};
use aws_config::{
    environment::EnvironmentVariableRegionProvider,
    meta::region::RegionProviderChain,
    profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider},
};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};
use claviger_domain::{
    error_line::ErrorLine,
    ids::{InvalidId, Region},
};
use std::{collections::BTreeMap, sync::Arc};

/// Whose account is read, and how much of its quotas is used.
#[derive(Debug, Clone)]
pub struct OwnAccountSettings {
    /// A profile of the AWS configuration files. It takes precedence over credentials in the environment, as in the AWS
    /// CLI; `None` is the SDK's default chain.
    pub profile: Option<String>,
    /// The Region of calls to global services; `None` is the Region of the profile or the environment.
    pub region: Option<Region>,
    /// The share of each API's quota, in percent.
    pub quota_percent: u8,
    /// Trusted in addition to the system's.
    pub root_certificates: Option<RootCertificates>,
}

/// Why the account cannot be accessed.
#[derive(Debug, thiserror::Error)]
pub enum OwnAccountError {
    #[error("there is no AWS profile {name:?}; {}", known_profiles(known))]
    UnknownProfile { name: String, known: Vec<String> },
    #[error("the AWS configuration files cannot be read: {0}")]
    ProfileFile(String),
    #[error(
        "no AWS Region is set. Give --region, set AWS_REGION, or add a region to the profile in ~/.aws/config"
    )]
    NoRegion,
    #[error("{0}")]
    Proxy(#[from] InvalidProxy),
    #[error("the Region of the profile or the environment cannot be used: {0}")]
    InvalidRegion(#[from] InvalidId),
}

fn known_profiles(known: &[String]) -> String {
    match known {
        [] => "the AWS configuration files have none. Run `aws configure sso` or `aws configure`"
            .to_owned(),
        known => format!("known are {}", known.join(", ")),
    }
}

impl AwsGateway {
    /// Finds the configuration, and the Region in it. Does not connect yet.
    pub async fn of_own_account(
        settings: &OwnAccountSettings,
    ) -> Result<(Self, Region), OwnAccountError> {
        HttpsProxy::of_environment()?;
        if let Some(profile) = &settings.profile {
            check_profile(profile).await?;
        }
        let mut builder = loader(settings.root_certificates.as_ref());
        let region = match &settings.region {
            Some(region) => region.clone(),
            None => region_of(settings.profile.as_deref())
                .await
                .ok_or(OwnAccountError::NoRegion)?
                .parse()?,
        };
        builder = builder.region(aws_config::Region::new(region.to_string()));
        if let Some(profile) = &settings.profile {
            let own = ProfileFileCredentialsProvider::builder().profile_name(profile).build();
            builder = builder.profile_name(profile).credentials_provider(own);
        }
        let config = builder.load().await;
        let own = config.credentials_provider().ok_or_else(|| {
            OwnAccountError::ProfileFile("the SDK has no credentials provider".to_owned())
        })?;
        let sts = aws_sdk_sts::Client::new(&config);
        let session_cache = SessionCache::of_own_account(sts, own, region.clone());
        let gateway = Self {
            session_cache: Arc::new(session_cache),
            budget: Arc::new(Budget::new(settings.quota_percent, &BTreeMap::new())),
            // No role is assumed.
            roles: Roles {
                inventory: String::new(),
                access: String::new(),
                remediation: String::new(),
                consumers: String::new(),
                iam: String::new(),
                external_id: None,
                hub_region: region.clone(),
            },
            config,
            reporter: RequestReporter::none(),
            signed: SignedCalls::new(settings.root_certificates.as_ref(), RequestReporter::none()),
        };
        Ok((gateway, region))
    }
}

/// The SDK would go on to other credentials where it does not find the profile.
async fn check_profile(name: &str) -> Result<(), OwnAccountError> {
    let files = EnvConfigFiles::default();
    let found = aws_config::profile::load(&Fs::real(), &Env::real(), &files, None)
        .await
        .map_err(|error| OwnAccountError::ProfileFile(ErrorLine(&error).to_string()))?;
    if found.get_profile(name).is_some() {
        return Ok(());
    }
    let mut known: Vec<String> = found.profiles().map(ToOwned::to_owned).collect();
    known.sort();
    Err(OwnAccountError::UnknownProfile { name: name.to_owned(), known })
}

async fn region_of(profile: Option<&str>) -> Option<String> {
    let region = match profile {
        Some(name) => {
            let own = ProfileFileRegionProvider::builder().profile_name(name).build();
            RegionProviderChain::first_try(own)
                .or_else(EnvironmentVariableRegionProvider::new())
                .region()
                .await
        }
        None => RegionProviderChain::default_provider().region().await,
    };
    region.map(|region| region.to_string())
}
