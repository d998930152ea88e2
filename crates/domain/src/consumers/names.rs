//! Names of roles.

use crate::code::hyphenated;

/// Characters of a role's name.
const MAX_NAME: usize = 64;

/// The name of a role for a secret or parameter of this name, such as `payments-db-reader`.
pub fn suggested_role_name(of: &str) -> String {
    const END: &str = "-reader";
    format!("{}{END}", hyphenated(of, MAX_NAME - END.len()))
}

#[cfg(test)]
mod tests {
    use super::suggested_role_name;

    #[test]
    fn a_suggested_name_is_one_that_iam_takes() {
        assert_eq!(suggested_role_name("/payments/db url"), "payments-db-url-reader");
        assert_eq!(suggested_role_name(&"a/".repeat(80)).len(), 64);
        assert_eq!(suggested_role_name("ä"), "-reader");
    }
}
