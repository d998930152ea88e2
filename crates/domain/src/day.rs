//! A day as a form's field for dates sends it.

use time::{Date, macros::format_description};

/// `None` if it is not a day such as `2027-01-31`.
pub fn parse_day(text: &str) -> Option<Date> {
    // The format also takes a year with a sign.
    if text.len() != 10 {
        return None;
    }
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use time::macros::date;

    #[rstest]
    #[case("2027-01-31", Some(date!(2027-01-31)))]
    #[case("2027-02-30", None)]
    #[case("31.1.2027", None)]
    #[case("2027-1-31", None)]
    #[case("+2027-01-31", None)]
    #[case(" 2027-01-31", None)]
    #[case("2027-01-31T00:00", None)]
    #[case("", None)]
    fn a_day_has_one_form(#[case] text: &str, #[case] expected: Option<Date>) {
        assert_eq!(parse_day(text), expected);
    }
}
