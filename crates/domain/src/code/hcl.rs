//! HCL, as `terraform fmt` writes it.

use super::{below, in_comment, words};
use serde_json::Value;
use std::{collections::BTreeMap, fmt::Write as _};

/// A name of Terraform: words in lower case, joined by `_`. `before` goes before a name that does not begin with a letter.
pub fn label(name: &str, before: &str) -> String {
    let label = words(name).collect::<Vec<_>>().join("_").to_ascii_lowercase();
    if label.starts_with(|c: char| c.is_ascii_alphabetic()) {
        label
    } else if label.is_empty() {
        before.to_owned()
    } else {
        format!("{before}_{label}")
    }
}

/// A string in quotes. Terraform reads fewer escapes than JSON has.
pub fn quoted(text: &str) -> String {
    let mut written = String::from("\"");
    each_part(text, |part| match part {
        Part::Template(sign, before) => template(&mut written, sign, before),
        Part::Other('\\') => written.push_str("\\\\"),
        Part::Other('"') => written.push_str("\\\""),
        Part::Other('\n') => written.push_str("\\n"),
        Part::Other('\r') => written.push_str("\\r"),
        Part::Other('\t') => written.push_str("\\t"),
        Part::Other(c) if c.is_control() => {
            let _ = write!(written, "\\u{:04x}", u32::from(c));
        }
        Part::Other(c) => written.push(c),
    });
    written.push('"');
    written
}

/// A JSON document as a heredoc, for an attribute of a block that is not indented.
pub fn document(value: &Value) -> String {
    let mut written = String::new();
    // Signs of templates are within JSON strings only, which have the same escape for a sign.
    each_part(&below(value, 4), |part| match part {
        Part::Template(sign, before) => template(&mut written, sign, before),
        Part::Other(c) => written.push(c),
    });
    format!("<<-JSON\n    {written}\n  JSON")
}

/// The settings of a configuration: the versions of Terraform and of the AWS provider that know the blocks of our exports.
pub fn settings() -> Block {
    let aws = [("source", "hashicorp/aws"), ("version", ">= 5.33")];
    let mut providers = Block::new("required_providers");
    providers.object("aws", aws.map(|(name, text)| (name.to_owned(), quoted(text))));
    let mut settings = Block::new("terraform");
    settings.text("required_version", ">= 1.5").block(providers);
    settings
}

/// A part of a text.
enum Part {
    /// `${` or `%{`, which begin a template of Terraform: the sign, and how many more of it are before.
    Template(char, usize),
    Other(char),
}

fn each_part(text: &str, mut take: impl FnMut(Part)) {
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '$' && c != '%' {
            take(Part::Other(c));
            continue;
        }
        let mut before = 0;
        while rest.next_if_eq(&c).is_some() {
            before += 1;
        }
        if rest.next_if_eq(&'{').is_some() {
            take(Part::Template(c, before));
        } else {
            for _ in 0..=before {
                take(Part::Other(c));
            }
        }
    }
}

/// A doubled sign stands for itself; more of them before it would make that ambiguous.
fn template(written: &mut String, sign: char, before: usize) {
    for _ in 0..before {
        let _ = write!(written, "\\u{:04x}", u32::from(sign));
    }
    let _ = write!(written, "{sign}{sign}{{");
}

/// A block that is being written.
#[derive(Debug, Clone)]
pub struct Block {
    head: String,
    items: Vec<Item>,
}

#[derive(Debug, Clone)]
enum Item {
    /// A name, and an expression of one line.
    Attribute(String, String),
    /// A name, and an expression of several lines, those after the first with their indent in a block that is not indented.
    Tall(String, String),
    Block(Block),
    Comment(String),
}

impl Block {
    /// Such as `resource "aws_kms_key" "this"`.
    pub fn new(head: impl Into<String>) -> Self {
        Self { head: head.into(), items: Vec::new() }
    }

    /// An attribute with an expression, which may have several lines.
    pub fn set(&mut self, name: &str, expression: impl Into<String>) -> &mut Self {
        let (name, expression) = (name.to_owned(), expression.into());
        self.items.push(if expression.contains('\n') {
            Item::Tall(name, expression)
        } else {
            Item::Attribute(name, expression)
        });
        self
    }

    /// An attribute with a string.
    pub fn text(&mut self, name: &str, text: &str) -> &mut Self {
        self.set(name, quoted(text))
    }

    /// A map of strings; none if it is empty.
    pub fn map<'a>(
        &mut self,
        name: &str,
        map: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> &mut Self {
        let map: BTreeMap<String, &str> =
            map.into_iter().map(|(key, value)| (quoted(key), value)).collect();
        let map = map.into_iter().map(|(key, value)| (key, quoted(value)));
        self.object(name, map)
    }

    /// An object: keys as they are written, with their expressions; none if it is empty.
    pub fn object(
        &mut self,
        name: &str,
        object: impl IntoIterator<Item = (String, String)>,
    ) -> &mut Self {
        let object: BTreeMap<String, String> = object.into_iter().collect();
        if object.is_empty() {
            return self;
        }
        let width = object.keys().map(|key| key.chars().count()).max().unwrap_or_default();
        let mut text = String::from("{\n");
        for (key, expression) in object {
            let _ = writeln!(text, "    {key:width$} = {expression}");
        }
        text.push_str("  }");
        self.set(name, text)
    }

    /// A list of strings in one line; none if it is empty.
    pub fn list<'a>(&mut self, name: &str, list: impl IntoIterator<Item = &'a str>) -> &mut Self {
        let list: Vec<String> = list.into_iter().map(quoted).collect();
        if list.is_empty() { self } else { self.set(name, format!("[{}]", list.join(", "))) }
    }

    pub fn block(&mut self, block: Self) -> &mut Self {
        self.items.push(Item::Block(block));
        self
    }

    /// A line of comment before the next item.
    pub fn comment(&mut self, text: &str) -> &mut Self {
        self.items.push(Item::Comment(in_comment(text)));
        self
    }

    /// The block with its line's end. Nothing else is aligned with what has several lines, so empty lines are around that.
    pub fn render(&self) -> String {
        self.lines(0)
    }

    fn lines(&self, indent: usize) -> String {
        let inner = indent + 2;
        let mut text = format!("{:indent$}{} {{\n", "", self.head);
        let mut rest = self.items.as_slice();
        let mut before: Option<&Item> = None;
        while let Some((item, others)) = rest.split_first() {
            if !matches!(before, None | Some(Item::Comment(_))) {
                text.push('\n');
            }
            (before, rest) = (Some(item), others);
            match item {
                Item::Attribute(..) => {
                    let run: Vec<(&str, &str)> =
                        std::iter::once(item).chain(others).map_while(Item::attribute).collect();
                    let widths = run.iter().map(|(name, _)| name.chars().count());
                    let width = widths.max().unwrap_or_default();
                    for (name, expression) in &run {
                        let _ = writeln!(text, "{:inner$}{name:width$} = {expression}", "");
                    }
                    rest = &others[run.len() - 1..];
                }
                Item::Tall(name, expression) => {
                    let lines = expression.replace('\n', &format!("\n{:indent$}", ""));
                    let _ = writeln!(text, "{:inner$}{name} = {lines}", "");
                }
                Item::Block(block) => text.push_str(&block.lines(inner)),
                Item::Comment(comment) => {
                    let _ = writeln!(text, "{:inner$}# {comment}", "");
                }
            }
        }
        let _ = writeln!(text, "{:indent$}}}", "");
        text
    }
}

impl Item {
    fn attribute(&self) -> Option<(&str, &str)> {
        match self {
            Self::Attribute(name, expression) => Some((name, expression)),
            _ => None,
        }
    }
}
