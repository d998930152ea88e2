//! Settings that are lists: Regions and networks.

use super::source;
use claviger_domain::{
    consumers::pipeline::{InvalidPipelineSource, PipelineSource, check_issuers},
    ids::Region,
};
use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de::Error as _};
use std::net::IpAddr;

/// The Regions to scan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Regions {
    #[default]
    Enabled,
    These(Vec<Region>),
}

/// One text or a list of them.
pub(super) fn regions<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Regions, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        One(String),
        Many(Vec<String>),
    }
    let names = match Written::deserialize(deserializer)? {
        // One variable of the environment contains them all.
        Written::One(names) => source::listed(&names).map(ToOwned::to_owned).collect(),
        Written::Many(names) => names,
    };
    if names == ["enabled"] {
        return Ok(Regions::Enabled);
    }
    let regions = names.iter().map(|name| {
        name.parse::<Region>().map_err(|error| {
            D::Error::custom(format!(
                "regions: {error}. Name Regions, or write \"enabled\" for those of each account"
            ))
        })
    });
    Ok(Regions::These(regions.collect::<Result<_, _>>()?))
}

/// Owners and groups such as `github.com/acme`, also separated by white space.
pub(super) fn pipelines<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<PipelineSource>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let invalid = |error: InvalidPipelineSource| D::Error::custom(format!("pipelines: {error}"));
    let each = texts.iter().flat_map(|text| text.split_whitespace());
    let sources: Vec<PipelineSource> =
        each.map(str::parse::<PipelineSource>).collect::<Result<_, _>>().map_err(invalid)?;
    check_issuers(&sources).map_err(invalid)?;
    Ok(sources)
}

/// Addresses and networks such as `10.0.0.0/8`.
pub(super) fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let read = |text: &String| {
        let text = text.trim();
        text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).map_err(|_| {
            D::Error::custom(format!(
                "trusted_proxies: {text} is neither an address nor a network such as 10.0.0.0/8"
            ))
        })
    };
    texts.iter().map(read).collect()
}
