//! Names of roles.

/// Characters of a role's name.
const MAX_NAME: usize = 64;

/// The name of a role for a secret or parameter of this name, such as `payments-db-reader`.
pub fn suggested_role_name(of: &str) -> String {
    const END: &str = "-reader";
    let words: Vec<&str> =
        of.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut name = words.join("-");
    name.truncate(MAX_NAME - END.len());
    format!("{}{END}", name.trim_end_matches('-'))
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
