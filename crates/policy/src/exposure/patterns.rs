//! IAM's wildcards, and texts that match them.

/// IAM's wildcards: `*` for any text, `?` for one character.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    if pattern.is_ascii() && text.is_ascii() {
        return fits(pattern.as_bytes(), text.as_bytes(), b'*', b'?');
    }
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    fits(&pattern, &text, '*', '?')
}

fn fits<T: PartialEq + Copy>(pattern: &[T], text: &[T], any: T, one: T) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && pattern[p] == any {
            back = Some((p, t));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == one || pattern[p] == text[t]) {
            p += 1;
            t += 1;
        } else if let Some((star, at)) = back {
            back = Some((star, at + 1));
            p = star + 1;
            t = at + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == any)
}

/// Whether a text has one of IAM's wildcards.
pub(crate) fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// Whether a text has a policy variable, which is resolved at the time of the request. An escape such as `${*}` counts
/// as one: nothing depends on it.
pub(crate) fn has_variable(text: &str) -> bool {
    text.contains("${")
}

/// A text that matches a pattern: each `*` becomes `many`, each `?` becomes `one`.
pub(crate) fn filled(pattern: &str, many: &str, one: char) -> String {
    let mut text = String::with_capacity(pattern.len() + many.len());
    for c in pattern.chars() {
        match c {
            '*' => text.push_str(many),
            '?' => text.push(one),
            c => text.push(c),
        }
    }
    text
}

/// Of meaningless texts, the one that the fewest patterns match.
pub(crate) fn unlike<'a>(texts: &[&'a str], patterns: &[&str]) -> &'a str {
    let fitting = |text: &&&str| patterns.iter().filter(|pattern| matches(pattern, text)).count();
    texts.iter().min_by_key(fitting).copied().unwrap_or_default()
}

/// The six parts of an ARN, or of a pattern of one.
pub(crate) fn arn_parts(text: &str) -> Option<[&str; 6]> {
    let mut parts = text.splitn(6, ':');
    let mut next = || parts.next();
    Some([next()?, next()?, next()?, next()?, next()?, next()?])
}

/// `ArnLike` and `ArnEquals`: each part is compared separately.
pub(crate) fn arn_matches(pattern: &str, text: &str) -> bool {
    match (arn_parts(pattern), arn_parts(text)) {
        (Some(pattern), Some(text)) => pattern.iter().zip(text).all(|(p, t)| matches(p, t)),
        _ => pattern == "*" || pattern == text,
    }
}

/// A number of twelve digits for an account of which a pattern has only a part.
pub(crate) fn account_of_pattern(pattern: &str, digit: char) -> Option<String> {
    let fixed = pattern.chars().filter(|c| *c != '*').count();
    let missing = 12_usize.checked_sub(fixed)?;
    let mut is_first = true;
    let mut text = String::new();
    for c in pattern.chars() {
        match c {
            '*' if is_first => {
                text.extend(std::iter::repeat_n(digit, missing));
                is_first = false;
            }
            '*' => {}
            '?' => text.push(digit),
            c => text.push(c),
        }
    }
    is_account(&text).then_some(text)
}

/// Whether a text is an account number.
pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("*", "", true)]
    #[case("a*c", "abbc", true)]
    #[case("a?c", "abc", true)]
    #[case("a?c", "ac", false)]
    #[case("é?", "éa", true)]
    #[case("*:role/*", "arn:aws:iam::1:role/x", true)]
    fn wildcards_are_iams(#[case] pattern: &str, #[case] text: &str, #[case] fits: bool) {
        assert_eq!(matches(pattern, text), fits);
    }

    #[rstest]
    #[case("arn:aws:iam::*:role/a", "arn:aws:iam::1:role/a", true)]
    // A wildcard does not match a colon.
    #[case("arn:aws:*:role/a", "arn:aws:iam::1:role/a", false)]
    #[case("*", "arn:aws:iam::1:role/a", true)]
    fn arns_are_compared_part_by_part(
        #[case] pattern: &str,
        #[case] text: &str,
        #[case] fits: bool,
    ) {
        assert_eq!(arn_matches(pattern, text), fits);
    }

    #[test]
    fn a_part_of_a_number_is_filled_up() {
        assert_eq!(account_of_pattern("12345*", '7').as_deref(), Some("123457777777"));
        assert_eq!(account_of_pattern("?2345678901?", '0').as_deref(), Some("023456789010"));
        assert_eq!(account_of_pattern("1234567890123*", '0'), None);
        assert_eq!(account_of_pattern("o-*", '0'), None);
    }
}
