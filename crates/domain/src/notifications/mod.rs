//! Deliveries of notifications, separately for each channel.

pub mod notice;
pub mod topic;

use crate::choice::InvalidChoice;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// How a notification is sent.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum Channel {
    /// The Slack-compatible webhook.
    Chat,
    /// The signed webhook for programs.
    Events,
    /// To one person's email address.
    Email,
}

/// The state of a delivery.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum DeliveryState {
    Waiting,
    Delivered,
    /// No channel is configured to send it, or the person has no email address.
    Skipped,
    /// It failed permanently, or too often.
    GivenUp,
}

/// With [`pause`] this is about a day.
pub const MAX_ATTEMPTS: u32 = 30;

/// How long after an attempt (the first is 1) the next one is due: half a minute, doubled each time, at most an hour.
/// Longer than any attempt takes.
pub fn pause(attempt: u32) -> Duration {
    let doubled = 30_i64.saturating_mul(1 << attempt.saturating_sub(1).min(16));
    Duration::seconds(doubled.min(3600))
}

/// A channel's status for administrators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelState {
    pub channel: Channel,
    /// Whether the configuration has a destination.
    pub configured: bool,
    pub last_delivered_at: Option<OffsetDateTime>,
    pub last_failed_at: Option<OffsetDateTime>,
    /// The reason of the last failure.
    pub last_reason: Option<String>,
    /// Pending deliveries, including first attempts.
    pub waiting: u64,
    /// Those of them that failed at least once.
    pub retrying: u64,
    pub waiting_since: Option<OffsetDateTime>,
    /// Within the last 30 days.
    pub given_up: u64,
}

/// A delivery that failed and has not succeeded since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedDelivery {
    pub id: i64,
    pub channel: Channel,
    /// The person, if it is an email.
    pub recipient: Option<String>,
    pub title: String,
    /// A path in Claviger.
    pub link: String,
    pub state: DeliveryState,
    pub attempts: u32,
    pub created_at: OffsetDateTime,
    pub failed_at: OffsetDateTime,
    pub reason: String,
    /// `None` after it was given up.
    pub next_at: Option<OffsetDateTime>,
}

/// The state of all channels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deliveries {
    pub channels: Vec<ChannelState>,
    /// The latest first, 100 at most.
    pub failed: Vec<FailedDelivery>,
    pub as_of: OffsetDateTime,
}

/// A message in the team's chat that can be replaced: where it is, as the chat's API names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatPost {
    pub channel: String,
    pub message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_an_hour_and_last_about_a_day() {
        let pauses: Vec<i64> = (1..=9).map(|n| pause(n).whole_seconds()).collect();
        assert_eq!(pauses, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
        let whole: Duration = (1..MAX_ATTEMPTS).map(pause).sum();
        assert!(whole > Duration::hours(22) && whole < Duration::hours(26), "{whole}");
        assert_eq!(pause(u32::MAX), Duration::hours(1));
    }
}
