//! What calls cost that a controller makes at an interval.

use super::{Subject, SubjectKind};
use serde::{Deserialize, Serialize};

/// Seconds of a month of 730 hours, as AWS's price lists count.
const MONTH: u64 = 730 * 3600;
/// A call of Secrets Manager, or of Parameter Store for an advanced parameter, in millionths of a dollar: 0.05 for 10,000.
const CALL: u64 = 5;
/// A request of KMS, in millionths of a dollar: 0.03 for 10,000.
const KEY_CALL: u64 = 3;
/// The intervals of the table, in seconds and as the consumer writes them.
const INTERVALS: [(u64, &str); 6] =
    [(10, "10s"), (60, "1m"), (300, "5m"), (900, "15m"), (3600, "1h"), (86_400, "24h")];

/// Calls and their price by interval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostTable {
    /// What the interval is the setting of.
    pub setting: String,
    pub rows: Vec<CostRow>,
    /// What the figures are for, and what they leave out.
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostRow {
    pub interval: String,
    pub calls_per_month: u64,
    /// In US dollars; `None` where AWS bills in another currency.
    pub dollars_per_month: Option<String>,
}

/// One call at each interval, which reads the value.
pub(super) fn table(subject: &Subject, setting: &str, for_each: &str) -> CostTable {
    calls(subject, setting, for_each, subject.has_own_key)
}

/// One call at each interval, which asks whether the value has changed. Of a secret that is `DescribeSecret`, which decrypts
/// nothing; a parameter is read.
pub(super) fn polls(subject: &Subject, setting: &str, for_each: &str) -> CostTable {
    let mut table = calls(subject, setting, for_each, subject.has_own_key && !subject.is_secret());
    if subject.is_secret() {
        table.notes.push(
            "The driver asks with DescribeSecret, and reads the value when it has changed: so there is no request of KMS for each."
                .to_owned(),
        );
    }
    table
}

fn calls(subject: &Subject, setting: &str, for_each: &str, decrypts: bool) -> CostTable {
    let call = match subject.kind {
        SubjectKind::Secret | SubjectKind::Parameter { is_advanced: true, .. } => CALL,
        SubjectKind::Parameter { .. } => 0,
    };
    let decrypt = if decrypts { KEY_CALL } else { 0 };
    let is_in_dollars = !subject.is_in_china();
    let rows = INTERVALS.iter().map(|(seconds, interval)| {
        let calls = MONTH / seconds;
        CostRow {
            interval: (*interval).to_owned(),
            calls_per_month: calls,
            dollars_per_month: is_in_dollars.then(|| dollars(calls * (call + decrypt))),
        }
    });
    let mut notes = vec![format!("For each {for_each}. A change of the object is one call more.")];
    notes.push(if !is_in_dollars {
        "AWS bills calls in China in yuan: see its price list.".to_owned()
    } else if call == 0 {
        "Calls for standard parameters cost nothing at standard throughput.".to_owned()
    } else {
        "At 0.05 US dollars for 10,000 calls; the price list of your Region applies.".to_owned()
    });
    if is_in_dollars && decrypts {
        notes.push(
            "With one request of KMS for each, at 0.03 US dollars for 10,000, since a customer managed key encrypts the value."
                .to_owned(),
        );
    }
    CostTable { setting: setting.to_owned(), rows: rows.collect(), notes }
}

/// Millionths of a dollar, with cents; what is less than one is said to be so.
fn dollars(millionths: u64) -> String {
    match millionths.div_ceil(10_000) {
        0 => "0.00".to_owned(),
        1 if millionths < 10_000 => "less than 0.01".to_owned(),
        cents => format!("{}.{:02}", cents / 100, cents % 100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::recipes::samples;

    fn row<'a>(table: &'a CostTable, interval: &str) -> &'a CostRow {
        table.rows.iter().find(|row| row.interval == interval).unwrap()
    }

    #[test]
    fn a_call_each_minute_costs_what_the_price_list_says() {
        let secret = table(&samples::secret(), "refreshInterval", "ExternalSecret");
        assert_eq!(row(&secret, "1m").calls_per_month, 43_800);
        assert_eq!(row(&secret, "1m").dollars_per_month.as_deref(), Some("0.22"));
        assert_eq!(row(&secret, "24h").dollars_per_month.as_deref(), Some("less than 0.01"));
        let own_key = table(&samples::secret_under_own_key(), "refreshInterval", "ExternalSecret");
        assert_eq!(row(&own_key, "10s").dollars_per_month.as_deref(), Some("2.11"));
        assert!(own_key.notes.iter().any(|note| note.contains("KMS")));
    }

    #[test]
    fn a_poll_of_a_secret_decrypts_nothing() {
        let mut subject = samples::secret_under_own_key();
        let own_key = polls(&subject, "rotationPollInterval", "pod");
        let managed = polls(&samples::secret(), "rotationPollInterval", "pod");
        assert_eq!(own_key, managed);
        assert!(own_key.notes.iter().any(|note| note.contains("DescribeSecret")));
        // A parameter is read at each poll.
        subject.kind =
            SubjectKind::Parameter { is_encrypted: true, is_advanced: true, is_list: false };
        let parameter = polls(&subject, "rotationPollInterval", "pod");
        assert_eq!(parameter, table(&subject, "rotationPollInterval", "pod"));
    }

    #[test]
    fn standard_parameters_are_free_and_china_has_no_dollars() {
        let free = table(&samples::parameter(), "refreshInterval", "ExternalSecret");
        assert_eq!(row(&free, "10s").dollars_per_month.as_deref(), Some("0.00"));
        let china = table(&samples::in_china(), "refreshInterval", "ExternalSecret");
        assert_eq!(row(&china, "10s").dollars_per_month, None);
    }
}
