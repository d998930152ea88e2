//! Time is an argument.

use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

/// Returns the time. The server passes the system's clock, a test one that it sets itself.
pub trait Clock: Send + Sync + 'static {
    /// The current time, in UTC.
    fn now(&self) -> OffsetDateTime;
}

/// A time in the format of AWS's tools: RFC 3339 in UTC, in whole seconds. Fractions are truncated, so that it is never
/// later than the time itself.
pub fn in_whole_seconds(at: OffsetDateTime) -> String {
    let whole = at.to_offset(UtcOffset::UTC).replace_nanosecond(0).unwrap_or(at);
    whole.format(&Rfc3339).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::in_whole_seconds;
    use time::macros::datetime;

    #[test]
    fn a_moment_has_whole_seconds_and_is_not_later() {
        for (at, text) in [
            (datetime!(2026-11-27 18:05:09.999_999_999 UTC), "2026-11-27T18:05:09Z"),
            (datetime!(2026-11-27 18:05:09 UTC), "2026-11-27T18:05:09Z"),
            (datetime!(2026-11-28 01:05:09.5 +7), "2026-11-27T18:05:09Z"),
            (datetime!(2026-11-27 0:00 UTC), "2026-11-27T00:00:00Z"),
        ] {
            assert_eq!(in_whole_seconds(at), text);
        }
    }
}
