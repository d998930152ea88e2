//! Time comes in as an argument.

use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

/// Tells the time. The server hands in the system's clock, a test one that it moves itself.
pub trait Clock: Send + Sync + 'static {
    /// The present moment, in UTC.
    fn now(&self) -> OffsetDateTime;
}

/// A moment as AWS's tools read it: RFC 3339 in UTC, in whole seconds. A fraction is cut, so that it is never later
/// than the moment itself.
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
