//! Time is an argument.

use time::{Duration, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

/// Returns the time. The server passes the system's clock, a test one that it sets itself.
pub trait Clock: Send + Sync + 'static {
    /// The current time, in UTC.
    fn now(&self) -> OffsetDateTime;
}

/// AWS refuses a signature whose time differs by more, identity providers' tokens are good for less, and windows of grants
/// begin and end by the clock.
pub const MAX_CLOCK_SKEW: Duration = Duration::minutes(5);

/// From this on a clock is not synchronised.
pub const NOTICED_CLOCK_SKEW: Duration = Duration::minutes(1);

/// How far another clock, which was read between two readings of ours, is ahead of ours; negative if it is behind. Zero if it
/// fits between them.
pub fn clock_skew(
    before: OffsetDateTime,
    other: OffsetDateTime,
    after: OffsetDateTime,
) -> Duration {
    if other < before {
        other - before
    } else if other > after {
        other - after
    } else {
        Duration::ZERO
    }
}

/// "612 seconds behind" of our clock, from how far another is ahead of it.
pub fn describe_skew(ahead: Duration) -> String {
    let seconds = ahead.whole_seconds().unsigned_abs();
    let side = if ahead.is_negative() { "ahead of" } else { "behind" };
    format!("{seconds} seconds {side}")
}

/// A time in the format of AWS's tools: RFC 3339 in UTC, in whole seconds. Fractions are truncated, so that it is never
/// later than the time itself.
pub fn in_whole_seconds(at: OffsetDateTime) -> String {
    let whole = at.to_offset(UtcOffset::UTC).replace_nanosecond(0).unwrap_or(at);
    whole.format(&Rfc3339).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{clock_skew, describe_skew, in_whole_seconds};
    use time::macros::datetime;

    #[test]
    fn the_time_that_an_answer_took_is_no_skew() {
        let (before, after) = (datetime!(2026-11-27 18:00 UTC), datetime!(2026-11-27 18:00:02 UTC));
        let skew = |other| clock_skew(before, other, after).whole_seconds();
        assert_eq!(skew(datetime!(2026-11-27 18:00:01 UTC)), 0);
        assert_eq!(skew(datetime!(2026-11-27 18:10:02 UTC)), 600);
        assert_eq!(skew(datetime!(2026-11-27 17:50 UTC)), -600);
        let other = datetime!(2026-11-27 17:50 UTC);
        assert_eq!(describe_skew(clock_skew(before, other, after)), "600 seconds ahead of");
    }

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
