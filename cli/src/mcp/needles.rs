//! What is looked for in a command's output: a value, and the parts of it that programs print alone.

use claviger_domain::value::{Member, members};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

/// A part of a value that is shorter cannot be taken out of the output without destroying the output.
pub(super) const MIN_PART: usize = 4;
/// Objects and lists within each other.
const MAX_DEPTH: usize = 64;
/// In the names of settings whose right side is a secret, also within a line.
const SECRET_WORDS: [&str; 9] =
    ["pass", "pwd", "secret", "token", "key", "auth", "sig", "credential", "user"];

/// A value, or a member of its JSON at any depth.
struct Part {
    /// The keys that lead to it; empty for the whole value.
    path: String,
    content: Zeroizing<String>,
    depth: usize,
}

impl Part {
    /// An ordinary word of every output.
    fn is_word(&self) -> bool {
        self.depth > 0
            && matches!(self.content.as_str(), "" | "true" | "false" | "null" | "[]" | "{}")
    }
}

/// The whole value and all members of objects and lists, also of those that are written in strings.
fn parts(value: &str) -> Vec<Part> {
    let of =
        |path: String, member: &Member<'_>, depth| Part { path, content: member.content(), depth };
    let content = Zeroizing::new(value.to_owned());
    let mut stack = vec![Part { path: String::new(), content, depth: 0 }];
    let mut all = Vec::new();
    while let Some(part) = stack.pop() {
        if part.depth < MAX_DEPTH {
            let path = |name: &str| match part.path.as_str() {
                "" => name.to_owned(),
                path => format!("{path}.{name}"),
            };
            if let Some(inside) = members(&part.content) {
                let inside: Vec<Part> =
                    inside.iter().map(|one| of(path(&one.name), one, part.depth + 1)).collect();
                stack.extend(inside);
            } else if let Ok(inside) = serde_json::from_str::<Vec<&RawValue>>(&part.content) {
                let inside: Vec<Part> = (0..)
                    .zip(inside)
                    .map(|(number, one): (usize, _)| {
                        let name = path(&number.to_string());
                        let member = Member { name: String::new(), json: one.get() };
                        of(name, &member, part.depth + 1)
                    })
                    .collect();
                stack.extend(inside);
            }
        }
        all.push(part);
    }
    all
}

/// The part of a value that could not be taken out of the output, in words and without its content.
pub(super) fn unredactable(value: &str) -> Option<String> {
    parts(value).iter().find_map(|part| {
        let named = match part.path.as_str() {
            "" => "the value".to_owned(),
            path => format!("the key {path:?}"),
        };
        let is_short = |text: &str| !text.is_empty() && text.trim().len() < MIN_PART;
        if part.depth == MAX_DEPTH {
            return Some(format!("a member at more than {MAX_DEPTH} levels"));
        }
        if part.is_word() {
            return None;
        }
        if is_short(&part.content) {
            return Some(format!("{named}, which is shorter than {MIN_PART} characters,"));
        }
        let password = userinfo(&part.content).into_iter().filter_map(|(_, password)| password);
        let mut short = password.filter(|password| is_short(password));
        short.next().map(|_| {
            format!("the password, shorter than {MIN_PART} characters, in the URL of {named}")
        })
    })
}

/// Everything to look for, without repetitions of one part.
pub(super) fn needles(value: &str) -> Vec<Zeroizing<Vec<u8>>> {
    let mut all = Vec::new();
    for part in parts(value) {
        if part.depth > 0 && (part.content.len() < MIN_PART || part.is_word()) {
            continue;
        }
        let content = part.content.as_str();
        let mut add = |text: &str| {
            if !text.is_empty() {
                all.push(Zeroizing::new(text.as_bytes().to_vec()));
            }
        };
        add(content);
        // Shells leave trailing line breaks out.
        add(content.trim());
        let mut long = |text: &str| {
            if text.len() >= MIN_PART {
                add(text);
            }
        };
        for line in content.lines().map(str::trim) {
            long(line);
            settings(line, &mut long);
        }
        for (user, password) in userinfo(content) {
            long(user);
            long(&percent_decoded(user));
            if let Some(password) = password {
                long(password);
                long(&percent_decoded(password));
                long(&Zeroizing::new(format!("{user}:{password}")));
                let (user, password) = (percent_decoded(user), percent_decoded(password));
                long(&Zeroizing::new(format!("{}:{}", *user, *password)));
            }
        }
    }
    all
}

/// The right side of `KEY=value`, with and without quotes: of the line, and of its parts that are named like a secret.
fn settings(line: &str, each: &mut impl FnMut(&str)) {
    let mut right = |text: &str| {
        let text = text.trim();
        each(text);
        for quote in ['"', '\''] {
            if let Some(inside) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote))
            {
                each(inside);
            }
        }
    };
    let is_name = |name: &str| {
        let name = name.strip_prefix("export ").unwrap_or(name).trim();
        name.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c))
    };
    if let Some((_, value)) = line.split_once('=').filter(|(name, _)| is_name(name)) {
        right(value);
    }
    for part in line.split([';', '&', '?', ' ', '\t']) {
        if let Some((name, value)) = part.split_once('=') {
            let name = name.to_lowercase();
            if SECRET_WORDS.iter().any(|word| name.contains(word)) {
                right(value);
                right(&percent_decoded(value));
            }
        }
    }
}

/// User and password of the URLs in a text, as they are written.
fn userinfo(text: &str) -> Vec<(&str, Option<&str>)> {
    fn of(rest: &str) -> Option<(&str, Option<&str>)> {
        let is_end = |c: char| c.is_whitespace() || "/?#\"'<>`".contains(c);
        let (info, _) = rest.split(is_end).next()?.rsplit_once('@')?;
        Some(match info.split_once(':') {
            Some((user, password)) => (user, Some(password)),
            None => (info, None),
        })
    }
    // What is before the first separator is a scheme.
    text.split("://").skip(1).filter_map(of).collect()
}

fn percent_decoded(text: &str) -> Zeroizing<String> {
    let view = super::view::View::new(text.as_bytes()).percent_decoded(false);
    Zeroizing::new(String::from_utf8_lossy(&view.bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::{needles, unredactable};

    fn has(value: &str, needle: &str) -> bool {
        needles(value).iter().any(|one| one.as_slice() == needle.as_bytes())
    }

    #[test]
    fn members_are_found_at_each_depth() {
        let value = r#"{"a":[{"password":"d33per"},["in-a-list",1234]],"b":"{\"c\":[\"in-a-string\"]}","t":true}"#;
        for needle in ["d33per", "in-a-list", "1234", "in-a-string", r#"{"password":"d33per"}"#] {
            assert!(has(value, needle), "{needle}");
        }
        assert!(has(r#"["list-of","values"]"#, "values") && !has(value, "true"));
        // Neither the time nor the memory is without bounds.
        let deep = format!("{}1{}", "[".repeat(30_000), "]".repeat(30_000));
        assert!(needles(&deep).len() < 1_000);
        assert!(unredactable(&deep).is_some());
    }

    #[test]
    fn urls_and_settings_have_secrets_of_their_own() {
        let url = "postgres://app-user:p%40ss%2Fword@db.example.com:5432/app?sslmode=require";
        for needle in ["p%40ss%2Fword", "p@ss/word", "app-user:p%40ss%2Fword", "app-user:p@ss/word"]
        {
            assert!(has(url, needle), "{needle}");
            assert!(has(&format!(r#"{{"url":"{url}"}}"#), needle), "{needle}");
        }
        assert!(!has(url, "require"));
        assert!(has("https://a:p@ssword@host/", "p@ssword"));
        let lines = "export A='s3cr3t-one'\nB=s3cr3t=two\n";
        for needle in ["s3cr3t-one", "'s3cr3t-one'", "s3cr3t=two"] {
            assert!(has(lines, needle), "{needle}");
        }
        assert!(has("Server=db;Password=s3cr3t;Timeout=1000", "s3cr3t"));
        assert!(has("jdbc:x://db/a?user=app&password=s3%2Fcret&x=1", "s3/cret"));
    }

    #[test]
    fn what_is_too_short_is_named_without_its_content() {
        for (value, says) in [
            ("abc", "the value"),
            (" ab\n", "the value"),
            (r#"{"user":"app","password":"long enough"}"#, "\"user\""),
            (r#"{"db":{"port":[443]}}"#, "\"db.port.0\""),
            ("https://user:pw@host/", "the URL of the value"),
        ] {
            let what = unredactable(value).unwrap();
            assert!(what.contains(says), "{what}");
            assert!(
                !what.contains("app") && !what.contains("443") && !what.contains("pw"),
                "{what}"
            );
        }
        for value in ["", "four", r#"{"a":"long","t":true,"n":null,"e":"","x":[],"y":{},"p":5432}"#]
        {
            assert_eq!(unredactable(value), None, "{value}");
        }
    }
}
