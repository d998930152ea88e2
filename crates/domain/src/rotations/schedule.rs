//! Rotation schedules as Secrets Manager takes them, and the windows in which it rotates.

use super::cron::Cron;
use crate::facts::RotationRules;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// AWS rotates at the soonest every four hours.
const MIN_INTERVAL: Duration = Duration::hours(4);
/// The longest `rate(…)`.
const MAX_RATE_DAYS: u32 = 999;
/// The longest `AutomaticallyAfterDays`.
const MAX_DAYS: u32 = 1000;
/// The longest expression that the API takes.
const MAX_EXPRESSION_CHARS: usize = 256;

/// When a secret rotates.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Rhythm {
    Hours(u32),
    /// From `rate(n days)` or `AutomaticallyAfterDays`.
    Days(u32),
    Cron(Cron),
}

/// A schedule with the length of its windows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    rhythm: Rhythm,
    /// The `Duration`, in hours.
    hours: Option<u8>,
}

/// Why AWS would refuse a schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct InvalidSchedule {
    /// The form's field: `days`, `schedule` or `duration`.
    pub field: &'static str,
    /// Without a full stop.
    pub reason: String,
}

fn invalid(field: &'static str, reason: impl Into<String>) -> InvalidSchedule {
    InvalidSchedule { field, reason: reason.into() }
}

/// A window: Secrets Manager rotates at some time within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Window {
    pub opens: OffsetDateTime,
    pub closes: OffsetDateTime,
}

impl Window {
    pub fn overlaps(&self, other: &Self) -> bool {
        self.opens < other.closes && other.opens < self.closes
    }
}

/// The next windows of a schedule, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextWindows {
    pub windows: Vec<Window>,
    /// Whether all but the first move when the secret is rotated at another time.
    pub is_expected: bool,
    /// The moment after which they close.
    pub from: OffsetDateTime,
}

/// So many windows are shown.
const SHOWN: usize = 5;

/// What the windows of a rate are counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// The schedule is set now: the first window comes after one interval.
    Set(OffsetDateTime),
    /// AWS's `NextRotationDate`: by then the next window has closed.
    Next(OffsetDateTime),
}

impl Schedule {
    /// A schedule from a form, refused where AWS would refuse it.
    pub fn read(
        days: Option<u32>,
        expression: Option<&str>,
        duration: Option<&str>,
    ) -> Result<Self, InvalidSchedule> {
        let rhythm = match (days, expression) {
            (Some(_), Some(_)) | (None, None) => {
                return Err(invalid("days", "give either days or a schedule"));
            }
            (Some(days), None) if !(1..=MAX_DAYS).contains(&days) => {
                return Err(invalid("days", "use 1 to 1,000 days"));
            }
            (Some(days), None) => Rhythm::Days(days),
            (None, Some(text)) => Rhythm::parse(text.trim())?,
        };
        if let Rhythm::Cron(cron) = &rhythm
            && let Some(why) = cron.undocumented()
        {
            return Err(invalid("schedule", why));
        }
        if rhythm.shortest().is_none_or(|shortest| shortest < MIN_INTERVAL) {
            return Err(invalid("schedule", "AWS rotates at the soonest every 4 hours"));
        }
        let hours = duration.map(hours_of).transpose()?;
        let schedule = Self { rhythm, hours };
        schedule.window_fits()?;
        Ok(schedule)
    }

    /// A schedule as AWS reports it.
    pub fn of_rules(rules: &RotationRules) -> Result<Self, InvalidSchedule> {
        let rhythm = match (&rules.schedule_expression, rules.automatically_after_days) {
            (Some(text), _) => Rhythm::parse(text.trim())?,
            (None, Some(days)) => {
                let days = u32::try_from(days).ok().filter(|days| (1..=MAX_DAYS).contains(days));
                Rhythm::Days(days.ok_or_else(|| invalid("days", "use 1 to 1,000 days"))?)
            }
            (None, None) => return Err(invalid("schedule", "rotation is on without a schedule")),
        };
        let hours = rules.duration.as_deref().map(hours_of).transpose()?;
        Ok(Self { rhythm, hours })
    }

    /// The shortest and the longest time between the openings of two windows.
    pub fn interval(&self) -> Option<(Duration, Duration)> {
        self.rhythm.interval()
    }

    /// Whether it has several windows a day: then a window closes after one hour if nothing else is said, otherwise at the
    /// end of the UTC day.
    pub fn is_hourly(&self) -> bool {
        match &self.rhythm {
            Rhythm::Hours(hours) => *hours < 24,
            Rhythm::Days(_) => false,
            Rhythm::Cron(cron) => cron.hours().len() > 1,
        }
    }

    /// Whether its windows follow from the calendar alone, and not from when it was set or rotated last.
    pub fn is_fixed(&self) -> bool {
        match &self.rhythm {
            Rhythm::Hours(hours) => 24 % hours == 0,
            Rhythm::Days(days) => *days == 1,
            Rhythm::Cron(_) => true,
        }
    }

    /// "The window must not extend into the next rotation window", nor, of a schedule in days, into the next UTC day.
    fn window_fits(&self) -> Result<(), InvalidSchedule> {
        let Some(hours) = self.hours else { return Ok(()) };
        if self.is_hourly() || matches!(self.rhythm, Rhythm::Hours(_)) {
            let shortest = self.rhythm.shortest().unwrap_or(Duration::ZERO);
            if Duration::hours(hours.into()) > shortest {
                let reason = format!(
                    "a window of {hours} hours reaches into the next one, {} hours later",
                    shortest.whole_hours()
                );
                return Err(invalid("duration", reason));
            }
            return Ok(());
        }
        let start = match &self.rhythm {
            Rhythm::Cron(cron) => cron.hours().last().copied().unwrap_or(0),
            _ => 0,
        };
        if start + hours > 24 {
            let reason = format!(
                "a window that opens at {start}:00 UTC and lasts {hours} hours reaches into the next UTC day"
            );
            return Err(invalid("duration", reason));
        }
        Ok(())
    }

    fn window(&self, opens: OffsetDateTime) -> Window {
        let hours = match (self.hours, self.is_hourly()) {
            (Some(hours), _) => i64::from(hours),
            (None, true) => 1,
            (None, false) if matches!(self.rhythm, Rhythm::Hours(_)) => 1,
            (None, false) => 24 - i64::from(opens.hour()),
        };
        Window { opens, closes: opens + Duration::hours(hours) }
    }

    /// The next five windows.
    pub fn next_windows(&self, since: Since, now: OffsetDateTime) -> NextWindows {
        NextWindows {
            windows: self.windows(since, now).take(SHOWN).collect(),
            is_expected: !self.is_fixed(),
            from: now,
        }
    }

    /// The windows that close after a moment, the first one first, without an end.
    pub fn windows(
        &self,
        since: Since,
        from: OffsetDateTime,
    ) -> Box<dyn Iterator<Item = Window> + '_> {
        let utc = from.to_offset(time::UtcOffset::UTC);
        let opens: Box<dyn Iterator<Item = OffsetDateTime> + '_> = match &self.rhythm {
            // A window of yesterday can still be open.
            Rhythm::Cron(cron) => {
                let first = utc.date().previous_day().unwrap_or(utc.date());
                Box::new(cron.runs_from(first))
            }
            Rhythm::Hours(hours) => {
                let step = Duration::hours((*hours).into());
                Box::new(every(self.first(since, step), step, from))
            }
            Rhythm::Days(days) => {
                let step = Duration::days((*days).into());
                Box::new(every(self.first(since, step), step, from))
            }
        };
        Box::new(opens.map(|at| self.window(at)).filter(move |window| window.closes > from))
    }

    /// The first opening of a rate.
    fn first(&self, since: Since, step: Duration) -> OffsetDateTime {
        let midnight =
            |at: OffsetDateTime| at.to_offset(time::UtcOffset::UTC).date().midnight().assume_utc();
        match since {
            Since::Set(at) if matches!(self.rhythm, Rhythm::Hours(_)) => {
                let mut opens = midnight(at);
                while opens <= at {
                    opens += step;
                }
                opens
            }
            Since::Set(at) => midnight(at) + step,
            Since::Next(at) => {
                // By its last second, the window has not closed.
                let last = at.to_offset(time::UtcOffset::UTC) - Duration::SECOND;
                if !matches!(self.rhythm, Rhythm::Hours(_)) {
                    return midnight(last);
                }
                if 86_400 % step.whole_seconds() == 0 {
                    let into = (last - midnight(last)).whole_seconds();
                    return midnight(last)
                        + step * i32::try_from(into / step.whole_seconds()).unwrap_or(0);
                }
                let hour = midnight(last) + Duration::hours(last.hour().into());
                hour - Duration::hours(i64::from(self.hours.unwrap_or(1)) - 1)
            }
        }
    }
}

/// The members of a series whose next one comes after a moment.
fn every(
    first: OffsetDateTime,
    step: Duration,
    from: OffsetDateTime,
) -> impl Iterator<Item = OffsetDateTime> {
    let behind = (from - first).whole_seconds() / step.whole_seconds();
    let skipped = i32::try_from(behind.max(0)).unwrap_or(0);
    let start = first.checked_add(step * skipped);
    std::iter::successors(start, move |at| at.checked_add(step))
}

impl Rhythm {
    fn parse(text: &str) -> Result<Self, InvalidSchedule> {
        let fault = |reason: &str| invalid("schedule", reason);
        if text.len() > MAX_EXPRESSION_CHARS {
            return Err(fault("a schedule has at most 256 characters"));
        }
        let inner = |name: &str| text.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
        if let Some(rate) = inner("rate") {
            const FORM: &str = "a rate is rate(n hours) or rate(n days), with a whole number";
            let (number, unit) = rate.trim().split_once(' ').ok_or_else(|| fault(FORM))?;
            let number: u32 = number.parse().ok().filter(|n| *n > 0).ok_or_else(|| fault(FORM))?;
            let (rhythm, days) = match unit.trim() {
                "hour" | "hours" => (Self::Hours(number), number / 24),
                "day" | "days" => (Self::Days(number), number),
                _ => return Err(fault(FORM)),
            };
            if days > MAX_RATE_DAYS {
                return Err(fault("the longest rate is 999 days"));
            }
            return Ok(rhythm);
        }
        let cron = inner("cron").ok_or_else(|| {
            fault("use rate(n hours), rate(n days) or cron(0 hours days months weekdays *)")
        })?;
        Cron::parse(cron).map(Self::Cron).map_err(|why| fault(why.0))
    }

    fn interval(&self) -> Option<(Duration, Duration)> {
        match self {
            Self::Hours(hours) => {
                Some((Duration::hours((*hours).into()), Duration::hours((*hours).into())))
            }
            Self::Days(days) => {
                Some((Duration::days((*days).into()), Duration::days((*days).into())))
            }
            Self::Cron(cron) => cron.interval(),
        }
    }

    fn shortest(&self) -> Option<Duration> {
        self.interval().map(|(shortest, _)| shortest)
    }
}

/// A `Duration`, such as `3h`.
fn hours_of(text: &str) -> Result<u8, InvalidSchedule> {
    let digits =
        text.trim().strip_suffix('h').filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
    digits
        .and_then(|digits| digits.parse().ok())
        .filter(|hours| (1..=24).contains(hours))
        .ok_or_else(|| invalid("duration", "use 1h to 24h, such as 3h"))
}
