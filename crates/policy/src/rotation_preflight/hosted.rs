//! What can be said of a rotation by AWS's template before its function exists.

use super::{Found, secret, secret_of};
use claviger_domain::{
    facts::ResourceFacts,
    ids::Region,
    remediation::preflight::{PreflightCause as Cause, PreflightCheck, PreflightResult},
    rotations::hosted::RotationType,
};

/// A check for each cause that does not need the function. `superuser` is the ARN of the superuser's secret, once it is chosen.
pub fn before_function(
    facts: &ResourceFacts,
    region: &Region,
    rotation_type: RotationType,
    is_in_vpc: bool,
    superuser: Option<&str>,
) -> Vec<PreflightCheck> {
    let Some(own) = secret_of(facts) else { return Vec::new() };
    let found: Vec<Found> = vec![
        (Cause::StuckVersion, secret::stuck_version(own)),
        (Cause::NoValue, secret::no_value(own)),
        (Cause::ManagedByService, secret::managed_by_service(own)),
        (Cause::Replica, secret::replica(own, region)),
        (Cause::SuperuserReadable, superuser_readable(superuser)),
        (Cause::NetworkPath, network_path(is_in_vpc)),
        (Cause::ValueKeys, value_keys(rotation_type)),
        (Cause::HostReachable, secret::host_reachable()),
    ];
    found.into_iter().map(|(cause, result)| PreflightCheck { cause, result }).collect()
}

fn superuser_readable(superuser: Option<&str>) -> PreflightResult {
    match superuser {
        None => PreflightResult::NotApplicable("No superuser takes part.".to_owned()),
        Some(arn) => PreflightResult::Unknown(format!(
            "The stack gives the function's role the right to read {arn}. Whether that secret's policy and key admit the role is known once it exists."
        )),
    }
}

fn network_path(is_in_vpc: bool) -> PreflightResult {
    if !is_in_vpc {
        return PreflightResult::warns(
            "Without subnets the function runs outside of any VPC: it reaches only a database with a public address.",
            "Enter the database's subnets and security groups.",
        );
    }
    PreflightResult::Unknown(
        "The subnets must lead to the database, and to Secrets Manager by an interface endpoint or a NAT gateway. Run Check rotation once the function exists."
            .to_owned(),
    )
}

fn value_keys(rotation_type: RotationType) -> PreflightResult {
    let engine = rotation_type.engine.engine_value();
    let keys = rotation_type.keys().join(", ");
    PreflightResult::Unknown(format!(
        "The value was not read. It must be JSON with the keys {keys}; engine is {engine}. Check rotation reads the keys under an access grant."
    ))
}
