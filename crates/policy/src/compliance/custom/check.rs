//! The type checker of expressions, before any evaluation: a subset of CEL over the documented facts.

use super::facts::{FACTS, Type};
use cel::{
    IdedExpr,
    common::ast::{CallExpr, ComprehensionExpr, Expr, LiteralValue, SourceInfo, operators as op},
};

/// The maximum depth of nested loops: with AWS's limits on tags and versions each evaluation ends soon.
const MAX_COMPREHENSIONS: usize = 2;

/// The maximum depth of nested expressions: each level is a stack frame.
const MAX_DEPTH: usize = 64;

/// Why an expression is invalid, and at which node.
pub(crate) struct Wrong {
    pub(crate) id: u64,
    pub(crate) reason: String,
}

/// The variables in scope, from the innermost; and the facts that were used.
pub(crate) struct Checker {
    scope: Vec<(String, Type)>,
    loops: usize,
    depth: usize,
    pub(crate) used: Vec<&'static str>,
}

type Checked = Result<Type, Wrong>;

fn wrong<T>(at: &IdedExpr, reason: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong { id: at.id, reason: reason.into() })
}

/// Line and column of a node, from 1.
pub(crate) fn location(source: &SourceInfo, id: u64) -> String {
    let Some((start, _)) = source.offset_for(id) else { return "the expression".into() };
    let start = usize::try_from(start).unwrap_or(usize::MAX);
    let before: String = source.source.chars().take(start).collect();
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    format!("line {line}, column {column} of the expression")
}

impl Checker {
    pub(super) fn new() -> Self {
        Self { scope: Vec::new(), loops: 0, depth: 0, used: Vec::new() }
    }

    /// The type of an expression.
    pub(super) fn type_of(&mut self, at: &IdedExpr) -> Checked {
        if self.depth >= MAX_DEPTH {
            return wrong(at, "this lies too deep; divide the rule");
        }
        self.depth += 1;
        let found = self.type_within(at);
        self.depth -= 1;
        found
    }

    fn type_within(&mut self, at: &IdedExpr) -> Checked {
        match &at.expr {
            Expr::Literal(literal) => Ok(match literal {
                LiteralValue::Boolean(_) => Type::Bool,
                LiteralValue::Int(_) => Type::Int,
                LiteralValue::String(_) => Type::Text,
                LiteralValue::Null => {
                    return wrong(at, "null is not a fact: what is unknown decides nothing");
                }
                _ => return wrong(at, "use whole numbers, texts, true and false"),
            }),
            Expr::Ident(name) => self.name(at, name),
            Expr::List(list) => {
                let mut of = None;
                for element in &list.elements {
                    let found = self.type_of(element)?;
                    if *of.get_or_insert_with(|| found.clone()) != found {
                        return wrong(element, "a list holds values of one type");
                    }
                }
                Ok(Type::List(Box::new(of.unwrap_or(Type::Text))))
            }
            Expr::Select(select) => {
                let of = self.type_of(&select.operand)?;
                let Type::Map(value) = of else {
                    return wrong(at, format!("{of} has no fields; maps have, such as tags.owner"));
                };
                Ok(if select.test { Type::Bool } else { *value })
            }
            Expr::Call(call) => self.call(at, call),
            Expr::Comprehension(looped) => self.looped(at, looped),
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                wrong(at, "maps and structures cannot be made here")
            }
        }
    }

    fn name(&mut self, at: &IdedExpr, name: &str) -> Checked {
        if let Some((_, found)) = self.scope.iter().rev().find(|(known, _)| known == name) {
            return Ok(found.clone());
        }
        let Some(fact) = FACTS.iter().find(|fact| fact.name == name) else {
            let known: Vec<&str> = FACTS.iter().map(|fact| fact.name).collect();
            return wrong(at, format!("there is no fact {name}; known are {}", known.join(", ")));
        };
        if !self.used.contains(&fact.name) {
            self.used.push(fact.name);
        }
        Ok(fact.of.into_type())
    }

    fn wants(&mut self, at: &IdedExpr, wanted: &Type, why: &str) -> Result<(), Wrong> {
        let found = self.type_of(at)?;
        if found == *wanted {
            Ok(())
        } else {
            wrong(at, format!("{why} {wanted}, and this is {found}"))
        }
    }

    fn call(&mut self, at: &IdedExpr, call: &CallExpr) -> Checked {
        let mut all: Vec<&IdedExpr> = call.target.as_deref().into_iter().collect();
        all.extend(&call.args);
        match (call.func_name.as_str(), all.as_slice()) {
            (op::LOGICAL_AND | op::LOGICAL_OR, [a, b]) => {
                self.wants(a, &Type::Bool, "&& and || take")?;
                self.wants(b, &Type::Bool, "&& and || take")?;
                Ok(Type::Bool)
            }
            (op::LOGICAL_NOT | op::NOT_STRICTLY_FALSE, [a]) => {
                self.wants(a, &Type::Bool, "! takes")?;
                Ok(Type::Bool)
            }
            (op::EQUALS | op::NOT_EQUALS, [a, b]) => {
                let of = self.type_of(a)?;
                self.wants(b, &of, "both sides are of one type: this has to be")?;
                Ok(Type::Bool)
            }
            (op::LESS | op::LESS_EQUALS | op::GREATER | op::GREATER_EQUALS, [a, b]) => {
                let of = self.type_of(a)?;
                if !matches!(of, Type::Int | Type::Text) {
                    return wrong(a, format!("numbers and texts have an order, and this is {of}"));
                }
                self.wants(b, &of, "both sides are of one type: this has to be")?;
                Ok(Type::Bool)
            }
            (op::ADD | op::SUBSTRACT | op::MULTIPLY | op::DIVIDE | op::MODULO, [a, b]) => {
                // Only the macros use a list that grows.
                let of = self.type_of(a)?;
                let may = match of {
                    Type::Int => true,
                    Type::List(_) => call.func_name == op::ADD && self.loops > 0,
                    _ => false,
                };
                if !may {
                    return wrong(a, format!("arithmetic is for whole numbers, and this is {of}"));
                }
                self.wants(b, &of, "both sides are of one type: this has to be")?;
                Ok(of)
            }
            (op::NEGATE, [a]) => {
                self.wants(a, &Type::Int, "- takes")?;
                Ok(Type::Int)
            }
            (op::CONDITIONAL, [condition, a, b]) => {
                self.wants(condition, &Type::Bool, "? takes")?;
                let of = self.type_of(a)?;
                self.wants(b, &of, "both choices are of one type: this has to be")?;
                Ok(of)
            }
            (op::IN, [a, b]) => {
                let of = self.type_of(a)?;
                match self.type_of(b)? {
                    Type::List(element) if *element == of => Ok(Type::Bool),
                    Type::Map(_) if of == Type::Text => Ok(Type::Bool),
                    other => {
                        wrong(b, format!("{of} can be in a list of such, and this is {other}"))
                    }
                }
            }
            (op::INDEX, [a, b]) => match self.type_of(a)? {
                Type::Map(value) => {
                    self.wants(b, &Type::Text, "a key is")?;
                    Ok(*value)
                }
                Type::List(element) => {
                    self.wants(b, &Type::Int, "an index is")?;
                    Ok(*element)
                }
                other => wrong(a, format!("lists and maps have an index, and this is {other}")),
            },
            ("size", [a]) => match self.type_of(a)? {
                Type::Text | Type::List(_) | Type::Map(_) => Ok(Type::Int),
                other => {
                    wrong(a, format!("texts, lists and maps have a size, and this is {other}"))
                }
            },
            ("contains" | "startsWith" | "endsWith", [a, b]) => {
                self.wants(a, &Type::Text, "it is asked of")?;
                self.wants(b, &Type::Text, "it takes")?;
                Ok(Type::Bool)
            }
            ("matches", [a, b]) => {
                self.wants(a, &Type::Text, "it is asked of")?;
                let Expr::Literal(LiteralValue::String(pattern)) = &b.expr else {
                    return wrong(b, "a pattern is written out, so that it can be checked");
                };
                match crate::compliance::rules::pattern(pattern.inner()) {
                    Ok(_) => Ok(Type::Bool),
                    Err(error) => wrong(b, format!("this is not a regular expression: {error}")),
                }
            }
            (name, _) => wrong(
                at,
                format!(
                    "{name} cannot be called so; known are size, contains, startsWith, endsWith, matches, has, all, exists, exists_one, filter, map"
                ),
            ),
        }
    }

    /// The expansion of the macros `all`, `exists`, `exists_one`, `filter` and `map`.
    fn looped(&mut self, at: &IdedExpr, looped: &ComprehensionExpr) -> Checked {
        if self.loops >= MAX_COMPREHENSIONS {
            return wrong(at, format!("at most {MAX_COMPREHENSIONS} loops stand in each other"));
        }
        let element = match self.type_of(&looped.iter_range)? {
            Type::List(element) => *element,
            Type::Map(_) => Type::Text,
            other => {
                return wrong(
                    &looped.iter_range,
                    format!("lists and maps can be gone through, and this is {other}"),
                );
            }
        };
        let depth = self.scope.len();
        self.loops += 1;
        let empty_list =
            matches!(&looped.accu_init.expr, Expr::List(list) if list.elements.is_empty());
        self.scope.push((looped.iter_var.clone(), element.clone()));
        // An initially empty list contains what the step appends.
        let begins = if empty_list {
            self.put_in(&looped.loop_step, element)?
        } else {
            self.type_of(&looped.accu_init)?
        };
        self.scope.push((looped.accu_var.clone(), begins.clone()));
        self.wants(&looped.loop_cond, &Type::Bool, "a loop goes on by")?;
        self.wants(&looped.loop_step, &begins, "a step gives")?;
        let result = self.type_of(&looped.result)?;
        self.scope.truncate(depth);
        self.loops -= 1;
        Ok(result)
    }

    /// The element type that a step appends.
    fn put_in(&mut self, step: &IdedExpr, element: Type) -> Checked {
        match &step.expr {
            Expr::Call(call) if call.func_name == op::ADD => match call.args.as_slice() {
                [_, added] => self.type_of(added),
                _ => Ok(Type::List(Box::new(element))),
            },
            Expr::Call(call) if call.func_name == op::CONDITIONAL => match call.args.as_slice() {
                [_, then, _] => self.put_in(then, element),
                _ => Ok(Type::List(Box::new(element))),
            },
            _ => Ok(Type::List(Box::new(element))),
        }
    }
}
