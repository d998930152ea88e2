//! Statements, and whether they apply to a request.

use super::caller::{Caller, Kind};
use crate::{
    exposure::{
        Condition as Written, Document, DocumentFault, Principal, Principals, Statement, matches,
    },
    iam::{Condition, Context, variable},
};

/// A statement with its parsed conditions.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    /// The policy's name.
    pub(super) policy: String,
    /// Its Sid, or its position counted from 1.
    pub(super) label: String,
    pub(super) statement: Statement,
    pub(super) conditions: Vec<(Written, Condition)>,
}

/// How a statement's principals match a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Named {
    No,
    /// AWS does not document whether it matches.
    Unsure,
    /// Its account: that account's own policies decide.
    Account,
    /// Its role.
    Role,
    /// It, its session, or everyone: nothing else has to allow it within the account.
    Directly,
}

/// What a variable in a document of an older version stands for: its own text.
const LITERAL_DOLLAR: &str = "${$}{";

impl Rule {
    pub(super) fn all_of(policy: &str, document: &Document) -> Result<Vec<Self>, DocumentFault> {
        let all = document.statements.iter().enumerate();
        all.map(|(at, one)| Self::of(policy, at, one, document.has_variables)).collect()
    }

    fn of(
        policy: &str,
        at: usize,
        statement: &Statement,
        has_variables: bool,
    ) -> Result<Self, DocumentFault> {
        let mut statement = statement.clone();
        if !has_variables {
            let values = statement.conditions.iter_mut().flat_map(|one| one.values.iter_mut());
            for text in values.chain(statement.resources.iter_mut()) {
                *text = text.replace("${", LITERAL_DOLLAR);
            }
        }
        let mut conditions = Vec::new();
        for one in &statement.conditions {
            let values = if one.operator == "Null" {
                one.values.iter().map(|value| value.to_ascii_lowercase()).collect()
            } else {
                one.values.clone()
            };
            let read = Condition::read(&one.operator, &one.key, values).map_err(|error| {
                DocumentFault {
                    location: format!("Statement[{at}].Condition"),
                    reason: error.to_string(),
                }
            })?;
            conditions.push((one.clone(), read));
        }
        let label = statement.sid.clone().unwrap_or_else(|| format!("statement {}", at + 1));
        Ok(Self { policy: policy.to_owned(), label, statement, conditions })
    }

    /// Whether it may apply to a request with this action and resource.
    pub(super) fn may_cover(&self, action: &str, resource: &str) -> bool {
        if !self.statement.covers_action(action) {
            return false;
        }
        let all = &self.statement.resources;
        if all.iter().any(|pattern| has_free_variable(pattern)) {
            return true;
        }
        all.iter().any(|pattern| covers_resource(pattern, resource, &Context::new()))
            != self.statement.not_resources
    }

    /// Whether it applies to a request that it may cover, apart from its principals.
    pub(super) fn holds(&self, resource: &str, context: &Context) -> bool {
        let named = self
            .statement
            .resources
            .iter()
            .any(|pattern| covers_resource(pattern, resource, context));
        named != self.statement.not_resources
            && self.conditions.iter().all(|(_, condition)| condition.holds(context))
    }

    /// How its principals match.
    pub(super) fn names(&self, caller: &Caller<'_>, session: Option<&str>) -> Named {
        match &self.statement.principals {
            Principals::Any => Named::Directly,
            Principals::Only(all) => {
                all.iter().map(|one| named(one, caller, session)).max().unwrap_or(Named::No)
            }
            Principals::Except(all) if self.statement.allows => {
                match all.iter().map(|one| named(one, caller, session)).max() {
                    None | Some(Named::No) => Named::Directly,
                    Some(_) => Named::No,
                }
            }
            Principals::Except(all) => excepted(all, caller, session),
        }
    }

    /// The keys that its conditions and variables depend on, in lower case.
    pub(super) fn keys(&self) -> impl Iterator<Item = String> + '_ {
        let texts = self.conditions.iter().flat_map(|(written, _)| &written.values);
        let variables = texts.chain(&self.statement.resources).flat_map(|text| variables(text));
        let keys = self.conditions.iter().map(|(written, _)| written.key.to_ascii_lowercase());
        keys.chain(variables.collect::<Vec<_>>())
    }
}

fn named(principal: &Principal, caller: &Caller<'_>, session: Option<&str>) -> Named {
    match principal {
        Principal::Everyone => Named::Directly,
        Principal::Account(number) => match (&caller.account, caller.kind) {
            (Some(own), Kind::Root) if own == number => Named::Directly,
            (Some(own), _) if own == number => Named::Account,
            _ => Named::No,
        },
        Principal::Arn(arn) if Some(arn.as_str()) == caller.arn.as_deref() => {
            if caller.kind == Kind::User || arn.contains(":user/") {
                Named::Directly
            } else {
                Named::Role
            }
        }
        Principal::Arn(arn) if session == Some(arn.as_str()) => Named::Directly,
        Principal::Service(name) if caller.service.as_deref() == Some(name) => Named::Directly,
        _ => Named::No,
    }
}

/// A Deny with `NotPrincipal`. AWS: name the account as well as the role or user, or the Deny may apply to the whole account;
/// and it always applies to a principal with a permissions boundary.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>
fn excepted(all: &[Principal], caller: &Caller<'_>, session: Option<&str>) -> Named {
    if caller.has_boundary() {
        return Named::Directly;
    }
    let is_named =
        |how: &dyn Fn(Named) -> bool| all.iter().any(|one| how(named(one, caller, session)));
    let itself = is_named(&|how| matches!(how, Named::Directly | Named::Role));
    let account = is_named(&|how| how == Named::Account);
    match (caller.kind, itself, account) {
        (_, true, true) | (Kind::Root | Kind::Service, true, _) => Named::No,
        (_, false, false) => Named::Directly,
        _ => Named::Unsure,
    }
}

/// The keys of the policy variables in a text, in lower case, without the escapes.
pub(super) fn variables(text: &str) -> Vec<String> {
    let parts = text.split("${").skip(1).filter_map(|rest| rest.split_once('}'));
    parts
        .map(|(name, _)| name.split(',').next().unwrap_or_default().trim().to_ascii_lowercase())
        .filter(|name| !matches!(name.as_str(), "*" | "?" | "$"))
        .collect()
}

fn has_free_variable(text: &str) -> bool {
    !variables(text).is_empty()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Is(char),
    One { crosses: bool },
    Any { crosses: bool },
}

/// Whether a pattern of `Resource` matches an ARN. A `*` matches within its part of the ARN; as the last character of a part,
/// it also matches beyond.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>
pub(super) fn covers_resource(pattern: &str, arn: &str, context: &Context) -> bool {
    if pattern == "*" {
        return true;
    }
    if !pattern.contains("${") && !pattern.contains(['*', '?']) {
        return pattern == arn;
    }
    match tokens(pattern, context) {
        Some(tokens) => fits(&tokens, arn),
        None => false,
    }
}

/// `None` if a variable has no value.
fn tokens(pattern: &str, context: &Context) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = pattern;
    let mut part = 0;
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("${") {
            let (name, left) = after.split_once('}')?;
            tokens.extend(variable(name, context)?.chars().map(Token::Is));
            rest = left;
            continue;
        }
        rest = rest.get(c.len_utf8()..)?;
        let is_last = rest.is_empty() || rest.starts_with(':');
        tokens.push(match c {
            '*' => Token::Any { crosses: part >= 5 || is_last },
            '?' => Token::One { crosses: part >= 5 },
            c => Token::Is(c),
        });
        part += usize::from(c == ':');
    }
    Some(tokens)
}

/// Follows every possible position in the pattern at once.
fn fits(tokens: &[Token], text: &str) -> bool {
    let mut at = vec![false; tokens.len() + 1];
    at[0] = true;
    spread(tokens, &mut at);
    let mut part = 0;
    for c in text.chars() {
        let is_boundary = c == ':' && part < 5;
        let mut next = vec![false; tokens.len() + 1];
        for (position, token) in tokens.iter().enumerate().filter(|(position, _)| at[*position]) {
            match token {
                Token::Is(one) if *one == c => next[position + 1] = true,
                Token::One { crosses } if *crosses || !is_boundary => next[position + 1] = true,
                Token::Any { crosses } if *crosses || !is_boundary => next[position] = true,
                _ => {}
            }
        }
        spread(tokens, &mut next);
        at = next;
        part += usize::from(c == ':');
    }
    at[tokens.len()]
}

/// A `*` may also match nothing.
fn spread(tokens: &[Token], at: &mut [bool]) {
    for (position, token) in tokens.iter().enumerate() {
        if at[position] && matches!(token, Token::Any { .. }) {
            at[position + 1] = true;
        }
    }
}

/// Values of a variable with which a pattern can match this text; `rest` of the pattern may have wildcards.
pub(super) fn values_of_variable(pattern: &str, key: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut searched = 0;
    while let Some((start, name, end)) = variable_at(pattern, searched) {
        searched = end;
        if name != key {
            continue;
        }
        let open = |part: &str| {
            variables(part).iter().fold(part.to_owned(), |text, _| match variable_at(&text, 0) {
                Some((start, _, end)) => format!("{}*{}", &text[..start], &text[end..]),
                None => text,
            })
        };
        let (before, after) = (open(&pattern[..start]), open(&pattern[end..]));
        let bounds: Vec<usize> =
            text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        for from in bounds.iter().filter(|at| matches(&before, &text[..**at])) {
            for to in bounds.iter().filter(|to| *to > from && matches(&after, &text[**to..])) {
                found.push(text[*from..*to].to_owned());
                if found.len() >= MAX_VALUES {
                    return found;
                }
            }
        }
    }
    found
}

/// More values of one variable would not be tried anyway.
const MAX_VALUES: usize = 16;

/// The next variable: where it starts, its key in lower case, and where it ends.
fn variable_at(text: &str, from: usize) -> Option<(usize, String, usize)> {
    let start = from + text.get(from..)?.find("${")?;
    let end = start + text.get(start..)?.find('}')?;
    let name = text.get(start + 2..end)?.split(',').next()?.trim().to_ascii_lowercase();
    Some((start, name, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const ARN: &str = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:app/db-AbCdEf";

    #[rstest]
    #[case(ARN, true)]
    #[case("*", true)]
    #[case("arn:aws:secretsmanager:*", true)]
    #[case("arn:aws:secretsmanager:eu-west-1:*", true)]
    #[case("arn:aws:secretsmanager:*:secret:app/db-??????", true)]
    #[case("arn:aws:secretsmanager:*:*:secret:app/*", true)]
    #[case("arn:aws:secretsmanager:e*:111122223333:secret:app/*", true)]
    #[case("arn:aws:secretsmanager:e*1:111122223333:secret:app/*", true)]
    // In the middle of a part, a wildcard ends with the part.
    #[case("arn:aws:secretsmanager:e*3:secret:app/*", false)]
    #[case("arn:aws:secretsmanager:eu-west-1:111122223333:secret:app/db", false)]
    #[case("arn:aws:secretsmanager:eu-west-1:111122223333:secret:APP/*", false)]
    #[case("arn:aws:secretsmanager:eu-west-1:111122223333:secret:${aws:username}/*", false)]
    fn patterns_of_resources(#[case] pattern: &str, #[case] covered: bool) {
        assert_eq!(covers_resource(pattern, ARN, &Context::new()), covered);
    }

    #[test]
    fn a_variable_is_solved_for_the_text() {
        let pattern = "arn:aws:secretsmanager:*:*:secret:${aws:PrincipalTag/team}/${aws:username}*";
        assert!(values_of_variable(pattern, "aws:principaltag/team", ARN).contains(&"app".into()));
        assert!(values_of_variable(pattern, "aws:other", ARN).is_empty());
    }
}
