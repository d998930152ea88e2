//! Reads the fields of the conditions.

use super::{
    RoleConditions,
    form::{RoleForm, filled},
};
use crate::{day::parse_day, ids::is_organization};
use std::net::IpAddr;
use time::{Date, OffsetDateTime, Time};

/// Names what is wrong: the field and what to do.
pub(super) type Wrong<'a> = &'a mut dyn FnMut(&str, String);

pub(super) fn read(form: &RoleForm, now: OffsetDateTime, wrong: Wrong<'_>) -> RoleConditions {
    let organization = filled(&form.organization).map(str::to_owned);
    if let Some(id) = organization.as_ref().filter(|id| !is_organization(id)) {
        wrong(
            "organization",
            format!("{id:?} is not the id of an Organization, such as o-a1b2c3d4e5."),
        );
    }
    let ou_paths = lines(&form.ou_paths);
    if let Some(path) = ou_paths.iter().find(|path| !is_ou_path(path)) {
        wrong(
            "ou_paths",
            format!("{path:?} is not a path such as o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*."),
        );
    }
    let (vpcs, endpoints) = (lines(&form.vpcs), lines(&form.endpoints));
    if let Some(id) = vpcs.iter().find(|id| !is_id(id, "vpc-")) {
        wrong("vpcs", format!("{id:?} is not the id of a VPC, such as vpc-0a1b2c3d."));
    }
    if let Some(id) = endpoints.iter().find(|id| !is_id(id, "vpce-")) {
        wrong(
            "endpoints",
            format!("{id:?} is not the id of a VPC endpoint, such as vpce-0a1b2c3d."),
        );
    }
    let source_ips = lines(&form.source_ips);
    if let Some(range) = source_ips.iter().find(|range| !is_range(range)) {
        wrong(
            "source_ips",
            format!("{range:?} is not an IP address or a CIDR range, such as 203.0.113.0/24."),
        );
    }
    if !source_ips.is_empty() && (!vpcs.is_empty() || !endpoints.is_empty()) {
        wrong(
            "source_ips",
            "No request can meet this together with a VPC or endpoint: through an endpoint aws:SourceIp is absent. Remove one of them."
                .into(),
        );
    }
    let mut day = |field: &str, text: &str| match filled(text).map(parse_day) {
        Some(Some(day)) => Some(day),
        Some(None) => {
            wrong(field, "Use a day, such as 2027-01-31.".into());
            None
        }
        None => None,
    };
    let from = day("from", &form.from);
    let last = day("until", &form.until);
    let until = last.and_then(Date::next_day);
    if let (Some(from), Some(last)) = (from, last)
        && last < from
    {
        wrong("until", "The last day is before the first.".into());
    } else if until.is_some_and(|until| midnight(until) <= now) {
        wrong("until", "This day is over: the role could read nothing.".into());
    }
    let mut tag = |field: &str, text: &str| {
        let text = filled(text)?;
        match text.split_once('=') {
            Some((key, value)) if is_tag(key.trim(), value.trim()) => {
                Some((key.trim().to_owned(), value.trim().to_owned()))
            }
            _ => {
                wrong(field, "Write it as key=value: at most 128 and 256 characters.".into());
                None
            }
        }
    };
    let principal_tag = tag("principal_tag", &form.principal_tag);
    let resource_tag = tag("resource_tag", &form.resource_tag);
    RoleConditions {
        organization,
        ou_paths,
        vpcs,
        endpoints,
        from: from.map(midnight),
        until: until.map(midnight),
        principal_tag,
        resource_tag,
        source_ips,
    }
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn midnight(day: Date) -> OffsetDateTime {
    day.with_time(Time::MIDNIGHT).assume_utc()
}

fn is_lower(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
}

/// `o-…/r-…/`, any number of OUs, and at the end nothing or `*`. A `*` for the Organization or the root would admit strangers.
fn is_ou_path(text: &str) -> bool {
    let text = text.strip_suffix('*').unwrap_or(text);
    let Some(text) = text.strip_suffix('/') else { return false };
    let mut parts = text.split('/');
    let is_unit = |part: &str, prefix: &str| {
        part.strip_prefix(prefix).is_some_and(|rest| rest.split('-').all(is_lower))
    };
    parts.next().is_some_and(is_organization)
        && parts.next().is_some_and(|part| is_unit(part, "r-"))
        && parts.all(|part| is_unit(part, "ou-"))
}

fn is_id(text: &str, prefix: &str) -> bool {
    let rest = text.strip_prefix(prefix).unwrap_or_default();
    (8..=17).contains(&rest.len()) && rest.bytes().all(|c| c.is_ascii_hexdigit())
}

fn is_range(text: &str) -> bool {
    let (address, bits) = text.split_once('/').unwrap_or((text, "0"));
    let Ok(bits) = bits.parse::<u8>() else { return false };
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => bits <= 32,
        Ok(IpAddr::V6(_)) => bits <= 128,
        Err(_) => false,
    }
}

/// A policy variable in a value would be resolved by AWS.
fn is_tag(key: &str, value: &str) -> bool {
    (1..=128).contains(&key.chars().count())
        && value.chars().count() <= 256
        && ![key, value].iter().any(|text| text.contains("${") || text.contains(['*', '?']))
}
