//! Short ids for people: `R-3117`, `G-2190`.

use crate::ids::numbered;

numbered!(
    /// A request; it never changes.
    RequestId,
    "R",
    "the number of a request, such as R-3117"
);
numbered!(
    /// One account's part of a request.
    GrantId,
    "G",
    "the number of a grant, such as G-2190"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        assert_eq!("G-2190".parse(), Ok(GrantId(2190)));
        assert_eq!("g-7".parse(), Ok(GrantId(7)));
        assert_eq!(GrantId(12).to_string(), "G-12");
        for bad in ["2190", "G-", "G--1", "R-1", "G-1x", "G-99999999999999999999"] {
            assert!(bad.parse::<GrantId>().is_err(), "{bad}");
        }
    }
}
