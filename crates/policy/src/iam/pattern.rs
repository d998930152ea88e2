//! Patterns with `*` and `?`, and the policy variables in them.

use super::Context;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Is(char),
    One,
    Any,
}

/// A compiled pattern.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    tokens: Vec<Token>,
    ignores_case: bool,
}

impl Pattern {
    /// Actions are case-insensitive.
    pub(super) fn of_action(text: &str) -> Self {
        Self { tokens: text.to_ascii_lowercase().chars().map(token).collect(), ignores_case: true }
    }

    /// `None` if a variable has no value in this context: such a pattern matches nothing.
    pub(super) fn of(text: &str, context: &Context) -> Option<Self> {
        Some(Self { tokens: tokens(text, context)?, ignores_case: false })
    }

    pub(super) fn covers(&self, text: &str) -> bool {
        let text: Vec<char> = if self.ignores_case {
            text.to_ascii_lowercase().chars().collect()
        } else {
            text.chars().collect()
        };
        covers(&self.tokens, &text)
    }
}

fn token(c: char) -> Token {
    match c {
        '*' => Token::Any,
        '?' => Token::One,
        other => Token::Is(other),
    }
}

/// A variable's value is literal, whatever characters it contains.
fn tokens(text: &str, context: &Context) -> Option<Vec<Token>> {
    let mut all = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, after) = (rest.get(..start)?, rest.get(start + 2..)?);
        let end = after.find('}')?;
        all.extend(before.chars().map(token));
        let name = after.get(..end)?;
        all.extend(variable(name, context)?.chars().map(Token::Is));
        rest = after.get(end + 1..)?;
    }
    all.extend(rest.chars().map(token));
    Some(all)
}

/// The value of a policy variable: an escape, a key of one value, or the default in `${key, 'default'}`.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>
pub(crate) fn variable(name: &str, context: &Context) -> Option<String> {
    if let "*" | "?" | "$" = name {
        return Some(name.to_owned());
    }
    let (key, default) = match name.split_once(',') {
        Some((key, rest)) => {
            (key.trim(), rest.trim().strip_prefix('\'').and_then(|text| text.strip_suffix('\'')))
        }
        None => (name, None),
    };
    match context.get(key) {
        Some([value]) => Some(value.clone()),
        None => default.map(ToOwned::to_owned),
        Some(_) => None,
    }
}

/// Reads the text once, and backtracks to the last `*` on a mismatch.
fn covers(pattern: &[Token], text: &[char]) -> bool {
    let (mut at, mut of) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(of) {
            Some(Token::Any) => {
                star = Some((of, at));
                of += 1;
            }
            Some(Token::One) => (at, of) = (at + 1, of + 1),
            Some(Token::Is(c)) if *c == text[at] => (at, of) = (at + 1, of + 1),
            _ => match star {
                Some((from, tried)) => {
                    star = Some((from, tried + 1));
                    (at, of) = (tried + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(of).all(|token| *token == Token::Any)
}

/// Whether a pattern matches an ARN: part by part, so that no `*` extends over a colon of the first five.
pub(crate) fn covers_arn(pattern: &str, arn: &str, context: &Context) -> bool {
    if pattern == "*" {
        return true;
    }
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let patterns: Vec<&str> = pattern.splitn(6, ':').collect();
    parts.len() == patterns.len()
        && patterns.iter().zip(parts).all(|(pattern, part)| {
            Pattern::of(pattern, context).is_some_and(|pattern| pattern.covers(part))
        })
}
