//! Default values of the settings.

use super::{PathBuf, Region, SocketAddr, Url};
use claviger_services::RETENTION;
use std::{
    net::{IpAddr, Ipv4Addr},
    num::NonZeroU32,
};

pub(super) fn listen() -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080)
}

#[expect(clippy::expect_used, reason = "a constant that a test reads")]
pub(super) fn public_url() -> Url {
    Url::parse("http://127.0.0.1:8080").expect("a URL")
}

#[expect(clippy::expect_used, reason = "a constant that a test reads")]
pub(super) fn slack_api_url() -> Url {
    Url::parse("https://slack.com/api/").expect("a URL")
}

pub(super) fn sensitive_tag() -> String {
    "claviger:sensitive".into()
}

pub(super) fn site_dir() -> PathBuf {
    "target/site".into()
}

pub(super) fn database_connections() -> u32 {
    20
}

pub(super) fn replicas() -> u32 {
    1
}

pub(super) fn sign_in_per_minute() -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(59)
}

pub(super) fn sign_in_total_per_minute() -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(1_199)
}

pub(super) fn audit_head_minutes() -> u32 {
    60
}

pub(super) fn groups_claim() -> String {
    "groups".into()
}

pub(super) fn groups_minutes() -> u32 {
    15
}

pub(super) fn grace_minutes() -> u32 {
    15
}

pub(super) fn logout_return_parameter() -> String {
    "post_logout_redirect_uri".into()
}

pub(super) fn access_contact() -> String {
    "your security team".into()
}

/// Five seconds more than the idle timeout of an Application Load Balancer.
pub(super) fn keep_alive_seconds() -> u32 {
    65
}

pub(super) fn session_idle_minutes() -> u32 {
    60
}

pub(super) fn session_hours() -> u32 {
    12
}

#[expect(clippy::expect_used, reason = "a constant that a test reads")]
pub(super) fn aws_region() -> Region {
    "us-east-1".parse().expect("a Region")
}

pub(super) fn inventory_role() -> String {
    "claviger-inventory".into()
}

pub(super) fn access_role() -> String {
    "claviger-access".into()
}

pub(super) fn remediation_role() -> String {
    "claviger-remediation".into()
}

pub(super) fn consumers_role() -> String {
    "claviger-consumers".into()
}

pub(super) fn iam_role() -> String {
    "claviger-iam".into()
}

pub(super) fn access_session_seconds() -> u32 {
    3600
}

pub(super) fn mail_from() -> String {
    "Claviger <claviger@localhost>".into()
}

pub(super) fn quota_percent() -> u8 {
    40
}

pub(super) fn sweep_minutes() -> u32 {
    15
}

pub(super) fn parameter_tags_minutes() -> u32 {
    60
}

pub(super) fn jobs() -> usize {
    8
}

pub(super) fn takeover_seconds() -> u32 {
    60
}

pub(super) fn drain_seconds() -> u32 {
    3
}

pub(super) fn inventory_limit() -> NonZeroU32 {
    u32::try_from(claviger_store::INVENTORY_LIMIT)
        .ok()
        .and_then(NonZeroU32::new)
        .unwrap_or(NonZeroU32::MAX)
}

pub(super) fn waiver_longest_days() -> u32 {
    claviger_services::EXCEPTION_LIMITS.longest_days
}

pub(super) fn waiver_review_days() -> u32 {
    claviger_services::EXCEPTION_LIMITS.review_days
}

pub(super) fn remediation_per_hour() -> u32 {
    claviger_services::REMEDIATION_LIMITS.an_hour
}

pub(super) fn remediation_account_per_hour() -> u32 {
    claviger_services::REMEDIATION_LIMITS.an_account
}

pub(super) fn changes_days() -> u32 {
    in_days(RETENTION.changes)
}

pub(super) fn notifications_days() -> u32 {
    in_days(RETENTION.notifications)
}

pub(super) fn scans_days() -> u32 {
    in_days(RETENTION.scans)
}

pub(super) fn posture_days() -> u32 {
    in_days(RETENTION.posture)
}

pub(super) fn failed_jobs_days() -> u32 {
    in_days(RETENTION.failed_jobs)
}

fn in_days(kept: time::Duration) -> u32 {
    u32::try_from(kept.whole_days()).unwrap_or(u32::MAX)
}
