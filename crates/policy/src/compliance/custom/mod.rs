//! Custom rules: expressions in CEL over documented facts.

mod check;
mod facts;

use super::Facts;
use cel::{ExecutionError, Program, Value};
use check::{Checker, Wrong, location};
use claviger_domain::compliance::{Category, Outcome};
use std::sync::Arc;
use time::OffsetDateTime;

/// The maximum length of an expression, in characters.
const MAX_EXPRESSION_CHARS: usize = 2000;
/// The stack size for parsing an expression, in bytes.
const STACK: usize = 64 << 20;
/// The maximum length of a fact in the evidence.
const MAX_SHOWN_CHARS: usize = 200;

/// Why an expression is no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidExpression {
    #[error("use at most {MAX_EXPRESSION_CHARS} characters")]
    TooLong,
    /// Each error with its position.
    #[error("{0}")]
    Syntax(String),
    #[error("the expression cannot be read")]
    Unreadable,
    #[error("{location}: {reason}")]
    Type { location: String, reason: String },
    #[error("it asks for no fact, so that it says the same of everything")]
    NoFact,
}

/// A checked expression: of type bool, over known facts, and always terminating.
#[derive(Debug, Clone)]
pub(crate) struct Custom {
    program: Arc<Program>,
    /// The facts that it uses.
    used: Vec<&'static str>,
}

impl Custom {
    /// Checks an expression, or returns the error with its position.
    pub(crate) fn read(text: &str) -> Result<Self, InvalidExpression> {
        if text.chars().count() > MAX_EXPRESSION_CHARS {
            return Err(InvalidExpression::TooLong);
        }
        let program = parse(text)?;
        let mut checker = Checker::new();
        let root = program.expression();
        let found = checker.type_of(root).and_then(|found| match found {
            facts::Type::Bool => Ok(()),
            other => Err(Wrong {
                id: root.id,
                reason: format!("the whole has to be bool, and is {other}"),
            }),
        });
        if let Err(Wrong { id, reason }) = found {
            let location = location(program.source_info(), id);
            return Err(InvalidExpression::Type { location, reason });
        }
        if checker.used.is_empty() {
            return Err(InvalidExpression::NoFact);
        }
        Ok(Self { program: Arc::new(program), used: checker.used })
    }

    /// Its category, by the facts that it uses.
    pub(crate) fn category(&self) -> Category {
        let asks = |names: &[&str]| self.used.iter().any(|used| names.contains(used));
        if asks(&["rotation_enabled", "rotated_days", "value_days"]) {
            Category::Rotation
        } else if asks(&["has_resource_policy"]) {
            Category::Exposure
        } else if asks(&["kms_key", "parameter_type"]) {
            Category::Encryption
        } else if asks(&["tags"]) {
            Category::Tags
        } else {
            Category::Use
        }
    }

    /// Whether it uses the name of the key.
    pub(crate) fn asks_for_key(&self) -> bool {
        self.used.contains(&"kms_key")
    }

    /// True passes, false fails; an unknown fact or an error makes the result unknown.
    pub(crate) fn evaluate(
        &self,
        says: Option<&str>,
        of: &Facts<'_>,
        now: OffsetDateTime,
    ) -> Outcome {
        let known = facts::read(&self.used, of, now);
        let outcome = match self.program.execute(&facts::context(&known)) {
            Ok(Value::Bool(true)) => Outcome::pass("The rule holds."),
            Ok(Value::Bool(false)) => Outcome::fail(says.unwrap_or("The rule does not hold.")),
            Ok(_) => Outcome::unknown("The rule gave neither true nor false."),
            Err(ExecutionError::UndeclaredReference(name)) => {
                Outcome::unknown(format!("The fact {name} is not known."))
            }
            Err(ExecutionError::NoSuchKey(key)) => {
                Outcome::unknown(format!("There is no {key}; ask with has() first."))
            }
            Err(error) => Outcome::unknown(format!("The rule cannot be evaluated: {error}.")),
        };
        known.into_iter().fold(outcome, |outcome, (name, value)| match value {
            Some(known) => {
                outcome.with(name, known.shown.chars().take(MAX_SHOWN_CHARS).collect::<String>())
            }
            None => outcome.with(name, "not known"),
        })
    }
}

/// The parser recurses once for each bracket, so it gets a stack that the longest expression cannot exhaust.
fn parse(text: &str) -> Result<Program, InvalidExpression> {
    let compiled = std::thread::scope(|scope| {
        let parser = std::thread::Builder::new().stack_size(STACK);
        let parsing = parser.spawn_scoped(scope, || {
            Program::compile(text).map_err(|errors| {
                let each = errors.errors.iter().map(|error| {
                    let (line, column) = error.pos;
                    format!("line {line}, column {column} of the expression: {}", error.msg)
                });
                InvalidExpression::Syntax(each.collect::<Vec<_>>().join("; "))
            })
        });
        parsing.map(std::thread::ScopedJoinHandle::join)
    });
    match compiled {
        Ok(Ok(program)) => program,
        _ => Err(InvalidExpression::Unreadable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("kind == 'secret'")]
    #[case("has(tags.owner) && tags.owner in ['payments', 'data']")]
    #[case("kind == 'parameter' || rotation_enabled || 'legacy' in tags")]
    #[case("value_days <= (tags['env'] == 'prod' ? 30 : 90)")]
    #[case("units.exists(u, u.startsWith('Workloads/')) && size(replicas) >= 1")]
    #[case("tags.all(key, key.matches('^[a-z-]+$'))")]
    #[case("units.filter(u, u.contains('Prod')).size() + 1 > 1")]
    #[case("size(units.map(u, u.size())) > 0")]
    #[case("replicas.exists_one(r, r == 'eu-west-1')")]
    fn what_is_sound_is_taken(#[case] text: &str) {
        Custom::read(text).unwrap();
    }

    #[rstest]
    #[case("kind = 'secret'", "line 1, column")]
    #[case(
        "knd == 'secret'",
        "line 1, column 1 of the expression: there is no fact knd; known are kind"
    )]
    #[case("kind == 3", "has to be string, and this is int")]
    #[case("kind ==\n  region.size()", "line 2")]
    #[case("tags.owner", "the whole has to be bool, and is string")]
    #[case("name.owner == 'x'", "string has no fields")]
    #[case("created_days + 'x' > 1", "has to be int, and this is string")]
    #[case("name + name == 'x'", "arithmetic is for whole numbers")]
    #[case("!created_days", "! takes bool, and this is int")]
    #[case("name.matches(region)", "a pattern is written out")]
    #[case("name.matches('(')", "not a regular expression")]
    #[case("name.reverse() == 'x'", "reverse cannot be called so")]
    #[case("1 < 2", "asks for no fact")]
    #[case("units.exists(a, units.exists(b, units.exists(c, a == b)))", "at most 2 loops")]
    #[case("created_days == null", "null is not a fact")]
    #[case("[1, 'x'].exists(x, name == 'x')", "a list holds values of one type")]
    #[case("", "")]
    fn what_is_not_is_refused_with_its_place(#[case] text: &str, #[case] says: &str) {
        let error = Custom::read(text).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }

    #[test]
    fn what_is_too_long_or_too_deep_is_refused() {
        assert!(Custom::read(&format!("kind == '{}'", "x".repeat(MAX_EXPRESSION_CHARS))).is_err());
        let deep = |open: &str, close: &str, times: usize| {
            Custom::read(&format!("{}kind == 'secret'{}", open.repeat(times), close.repeat(times)))
        };
        assert!(deep("(", ")", 900).is_err());
        assert!(deep("[", "]", 900).is_err());
        assert!(deep("true ? true : ", "", 130).is_err());
        assert!(deep("kind == 'a' || ", "", 100).is_ok(), "a long list is not a deep one");
        assert!(deep("1 + ", "", 400).is_err());
        assert!(deep("units.exists(u, ", ")", 100).is_err());
        // An even number of them has no effect.
        assert!(deep("!!", "", 900).is_ok());
    }

    proptest::proptest! {
        #[test]
        fn no_text_breaks_it(words in proptest::collection::vec(proptest::sample::select(WORDS), 0..40)) {
            let _ = Custom::read(&words.join(" "));
            let _ = Custom::read(&words.concat());
        }

        #[test]
        fn nor_do_any_characters(text in "\\PC{0,120}") {
            let _ = Custom::read(&text);
        }
    }

    const WORDS: &[&str] = &[
        "kind",
        "tags",
        "units",
        "created_days",
        "'x'",
        "1",
        "true",
        "null",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ".",
        ",",
        "?",
        ":",
        "!",
        "-",
        "+",
        "*",
        "/",
        "%",
        "==",
        "!=",
        "<",
        ">=",
        "&&",
        "||",
        "in",
        "exists",
        "all",
        "map",
        "has",
        "size",
        "owner",
        "\"",
        "\n",
        "0x",
        "1u",
        "1.5",
        "b'x'",
        "as",
    ];
}
