//! Times and numbers as a person says them. "Now" is the server's, so that both sides say the same.

use time::{Date, Month, OffsetDateTime};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn month(month: Month) -> &'static str {
    MONTHS[usize::from(u8::from(month)) - 1]
}

/// `23 July 2026`.
pub(crate) fn day(date: Date) -> String {
    format!("{} {} {}", date.day(), month(date.month()), date.year())
}

/// `23 July 2026, 09:12 UTC`.
pub(crate) fn absolute(at: OffsetDateTime) -> String {
    let at = at.to_offset(time::UtcOffset::UTC);
    format!("{}, {:02}:{:02} UTC", day(at.date()), at.hour(), at.minute())
}

/// For `<time datetime>`.
pub(crate) fn machine(at: OffsetDateTime) -> String {
    let at = at.to_offset(time::UtcOffset::UTC);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

/// For the scripts of pages: milliseconds since 1970, as text.
pub(crate) fn milliseconds(at: OffsetDateTime) -> String {
    (at.unix_timestamp_nanos() / 1_000_000).to_string()
}

/// `just now`, `2 min ago`, `yesterday`, `214 d ago`, `in 12 d`.
pub(crate) fn relative(at: OffsetDateTime, now: OffsetDateTime) -> String {
    let seconds = (now - at).whole_seconds();
    let days = (now.date() - at.to_offset(now.offset()).date()).whole_days();
    match seconds {
        0..=44 => "just now".into(),
        45..=3599 => format!("{} min ago", (seconds + 30) / 60),
        3600..=21_599 => format!("{} h ago", seconds / 3600),
        21_600.. => days_ago(days),
        -3599..=-1 => format!("in {} min", (-seconds + 59) / 60),
        -21_599..=-3600 => format!("in {} h", -seconds / 3600),
        _ => days_ago(days),
    }
}

/// `today`, `yesterday`, `6 d ago`, `tomorrow`, `in 6 d`; `days` counts backwards.
pub(crate) fn days_ago(days: i64) -> String {
    match days {
        0 => "today".into(),
        1 => "yesterday".into(),
        -1 => "tomorrow".into(),
        2.. => format!("{} d ago", grouped(days.unsigned_abs())),
        _ => format!("in {} d", grouped(days.unsigned_abs())),
    }
}

/// `18,412`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 secret`, `2 secrets`.
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// Who can decide what waits, by name, and what holds until then.
pub(crate) fn who_decides(people: &[String], rest: &str) -> String {
    let who = claviger_domain::waits::who_decides(people);
    format!("{who} {rest}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn times_are_said_as_people_say_them() {
        let now = datetime!(2026-11-24 12:00 UTC);
        let said = |at| relative(at, now);
        assert_eq!(said(now), "just now");
        assert_eq!(said(datetime!(2026-11-24 11:58 UTC)), "2 min ago");
        assert_eq!(said(datetime!(2026-11-24 9:30 UTC)), "2 h ago");
        assert_eq!(said(datetime!(2026-11-24 1:00 UTC)), "today");
        assert_eq!(said(datetime!(2026-11-23 23:00 UTC)), "yesterday");
        assert_eq!(said(datetime!(2026-4-24 12:00 UTC)), "214 d ago");
        assert_eq!(said(datetime!(2026-11-24 12:30 UTC)), "in 30 min");
        assert_eq!(said(datetime!(2026-11-25 0:00 UTC)), "tomorrow");
        assert_eq!(said(datetime!(2026-12-06 23:00 UTC)), "in 12 d");
        assert_eq!(absolute(datetime!(2026-7-23 9:12 UTC)), "23 July 2026, 09:12 UTC");
        assert_eq!(machine(datetime!(2026-7-3 9:02 UTC)), "2026-07-03T09:02:00Z");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(
            [0, 12, 999, 1000, 18_412, 1_000_000].map(grouped),
            ["0", "12", "999", "1,000", "18,412", "1,000,000"]
        );
        assert_eq!(counted(1, "secret", "secrets"), "1 secret");
    }
}
