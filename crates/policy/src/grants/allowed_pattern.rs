//! `AllowedPattern` of a parameter, which AWS checks with Java's regular expressions. Whatever the two languages may read in
//! different ways is left to AWS.

use regex::bytes::RegexBuilder;

/// What is known of a value before AWS checks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatternCheck {
    Matches,
    Differs,
    /// Only AWS knows.
    Unknown,
}

/// Whether AWS will take the value under this pattern.
pub fn pattern_check(pattern: &str, value: &str) -> PatternCheck {
    // Java's classes are ASCII; its `$` also stands before a last line break; `++` is possessive there, and `&&` intersects.
    let is_plain = pattern.is_ascii() && value.is_ascii() && !value.contains(['\n', '\r']);
    let is_possessive = ["++", "*+", "?+", "}+"].iter().any(|sign| pattern.contains(sign));
    if !is_plain || is_possessive || pattern.contains("(?") {
        return PatternCheck::Unknown;
    }
    let compiled = |text: &str| RegexBuilder::new(text).unicode(false).size_limit(1 << 20).build();
    let (Ok(whole), Ok(part)) = (compiled(&format!("^(?:{pattern})$")), compiled(pattern)) else {
        return PatternCheck::Unknown;
    };
    match (whole.is_match(value.as_bytes()), part.is_match(value.as_bytes())) {
        (true, _) => PatternCheck::Matches,
        (false, false) => PatternCheck::Differs,
        // Whether a part is enough, AWS does not document.
        (false, true) => PatternCheck::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PatternCheck::{Differs, Matches, Unknown};
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case(r"^\d+$", "123", Matches)]
    #[case(r"^\d+$", "12a", Differs)]
    #[case(r"\d+", "123", Matches)]
    #[case(r"\d+", "a1", Unknown)]
    #[case(r"[a-z]{3}", "ABC", Differs)]
    #[case(r"^[a-z-]+(,[a-z-]+)*$", "a,b-c", Matches)]
    #[case(r"a|b", "b", Matches)]
    #[case::java_knows_more(r"^(?=.*\d).+$", "a1", Unknown)]
    #[case::back_reference(r"(a)\1", "aa", Unknown)]
    #[case::possessive(r"a++", "aa", Unknown)]
    #[case::quoted(r"\Qa.b\E", "a.b", Unknown)]
    #[case::flags(r"(?i)abc", "ABC", Unknown)]
    #[case::not_ascii("^.$", "é", Unknown)]
    #[case::line_break("^a$", "a\n", Unknown)]
    #[case::invalid("(", "a", Unknown)]
    fn what_both_read_alike_is_checked(
        #[case] pattern: &str,
        #[case] value: &str,
        #[case] is: PatternCheck,
    ) {
        assert_eq!(pattern_check(pattern, value), is);
    }

    proptest! {
        #[test]
        fn no_pattern_breaks_it(pattern in ".{0,60}", value in ".{0,60}") {
            let _ = pattern_check(&pattern, &value);
        }
    }
}
