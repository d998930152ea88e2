//! How large the inventory may be (ADR 18).

use std::fmt;

/// Rows that an index holds at most, where nothing else is configured.
pub const INVENTORY_LIMIT: u64 = 5_000_000;

/// Of the limit: from here on there is a warning.
const NEAR_PERCENT: u64 = 80;

/// Rows of the inventory: secrets, their replicas and parameters, those that are gone from AWS as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InventorySize {
    pub rows: u64,
    pub limit: u64,
}

impl InventorySize {
    /// Whether there are more rows than may be held: then no list is answered.
    pub fn is_beyond(self) -> bool {
        self.rows > self.limit
    }

    /// Whether four fifths of the limit are reached.
    pub fn is_near(self) -> bool {
        u128::from(self.rows) * 100 >= u128::from(self.limit) * u128::from(NEAR_PERCENT)
    }
}

impl fmt::Display for InventorySize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (limit, rows) = (grouped(self.limit), grouped(self.rows));
        write!(
            f,
            "This console holds at most {limit} secrets and parameters, those that are gone from AWS included, and found {rows}"
        )
    }
}

/// With a comma before each three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_fifths_are_near_and_one_more_than_the_limit_is_beyond() {
        let size = |rows| InventorySize { rows, limit: 10 };
        assert_eq!([7, 8, 10, 11].map(|rows| size(rows).is_near()), [false, true, true, true]);
        assert_eq!([8, 10, 11].map(|rows| size(rows).is_beyond()), [false, false, true]);
        assert!(InventorySize { rows: u64::MAX, limit: u64::MAX }.is_near());
    }

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (5_000_000, "5,000,000")] {
            assert_eq!(grouped(number), text);
        }
    }
}
