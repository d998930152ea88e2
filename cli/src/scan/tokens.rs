//! Finds names and ARNs in the bytes of a file: each word of the file is looked up, so the time does not depend on how many
//! names there are.
//!
//! A word is a run of the characters that names of AWS consist of. A name counts only as a whole word: `pay/db` is not in
//! `pay/db-old`, `x/pay/db` or `pay/db.json`. `=` divides words (`SECRET=pay/db`), and a full stop at the end of a sentence
//! is none of the name's. A name that is shorter than 6 characters, or has neither `/` nor `-`, is too often an ordinary word,
//! and counts only where it fills a pair of quotes.

use std::collections::HashMap;

pub(super) const MIN_BARE: usize = 6;
/// What Secrets Manager appends to a name in its ARN: a hyphen and six characters.
const SUFFIX: usize = 7;
/// The longest ARN; longer words are neither an ARN nor a name.
const MAX_WORD: usize = 2_048;

/// What is looked for: the numbers of the resources by name and by ARN.
#[derive(Default)]
pub(super) struct Names {
    by_name: HashMap<Box<[u8]>, Vec<u32>>,
    by_arn: HashMap<Box<[u8]>, Vec<u32>>,
    /// Names with other characters, which no word can be.
    pub(super) unsearchable: usize,
}

/// A word of a file that names resources.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found<'a> {
    pub(super) line: u32,
    pub(super) is_arn: bool,
    /// Numbers of resources.
    pub(super) resources: &'a [u32],
}

impl Names {
    pub(super) fn add(&mut self, number: u32, name: &str, arn: &str) {
        if name.is_empty() || !name.bytes().all(is_word) {
            self.unsearchable += 1;
        } else {
            self.by_name.entry(name.as_bytes().into()).or_default().push(number);
        }
        let arn = arn.as_bytes();
        self.by_arn.entry(arn.into()).or_default().push(number);
        if let Some(short) = without_suffix(arn).filter(|_| is_secret(arn)) {
            self.by_arn.entry(short.into()).or_default().push(number);
        }
    }

    /// All places in a text, in order.
    pub(super) fn find<'a>(&'a self, text: &[u8], mut each: impl FnMut(Found<'a>)) {
        let (mut at, mut line) = (0, 1);
        while at < text.len() {
            if !is_word(text[at]) {
                line += u32::from(text[at] == b'\n');
                at += 1;
                continue;
            }
            let end = end_of(text, at, is_word);
            if let Some(begin) = arn_begin(&text[at..end], text.get(end)) {
                let begin = at + begin;
                let arn_end = end_of(text, end, |byte| is_word(byte) || byte == b':');
                let is_pattern = matches!(text.get(arn_end), Some(b'?' | b'*'));
                // A template's ARN goes on behind a variable; what follows is looked up as a name.
                if arn_end - begin <= MAX_WORD
                    && let Some(resources) = self.of_arn(&text[begin..arn_end], is_pattern)
                {
                    each(Found { line, is_arn: true, resources });
                }
                at = arn_end;
                continue;
            }
            if end - at <= MAX_WORD
                && let Some(resources) = self.of_word(text, at, end)
            {
                each(Found { line, is_arn: false, resources });
            }
            at = end;
        }
    }

    /// Of an ARN with what may follow it: a JSON key as Amazon ECS writes it (`:password::`), or a pattern for the suffix.
    fn of_arn(&self, text: &[u8], is_pattern: bool) -> Option<&[u32]> {
        let mut arn = text;
        while let [rest @ .., b':' | b'.'] = arn {
            arn = rest;
        }
        if is_pattern {
            arn = arn.strip_suffix(b"-").unwrap_or(arn);
        }
        loop {
            if let Some(found) = self.by_arn.get(arn) {
                return Some(found);
            }
            let cut = arn.iter().rposition(|byte| *byte == b':')?;
            arn = &arn[..cut];
        }
    }

    fn of_word(&self, text: &[u8], begin: usize, end: usize) -> Option<&[u32]> {
        let word = &text[begin..end];
        let before = begin.checked_sub(1).map(|at| text[at]);
        let quote = before.filter(|byte| matches!(byte, b'"' | b'\'' | b'`'));
        let is_quoted = quote.is_some() && quote == text.get(end).copied();
        let of = |name: &[u8], is_quoted: bool| {
            let counts = is_quoted
                || (name.len() >= MIN_BARE && name.iter().any(|byte| matches!(byte, b'/' | b'-')));
            if counts { self.by_name.get(name).map(Vec::as_slice) } else { None }
        };
        if let Some(found) = of(word, is_quoted) {
            return Some(found);
        }
        let trimmed = word.trim_ascii_end();
        let trimmed = trimmed.strip_suffix(b".").unwrap_or(trimmed);
        let parts = || trimmed.split(|byte| *byte == b'=');
        if let Some(found) = of(trimmed, false).or_else(|| parts().find_map(|part| of(part, false)))
        {
            return Some(found);
        }
        // The end of an ARN whose account and Region are variables.
        let is_end_of = |kind: &[u8]| before == Some(b':') && text[..begin].ends_with(kind);
        if is_end_of(b"secret:") {
            return without_suffix(trimmed).and_then(|name| of(name, false));
        }
        let name = word.strip_prefix(b"parameter").filter(|_| before == Some(b':'))?;
        of(name, false).or_else(|| of(name.strip_prefix(b"/")?, false))
    }
}

pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/_+=.@-".contains(&byte)
}

pub(super) fn end_of(text: &[u8], from: usize, is_inside: impl Fn(u8) -> bool) -> usize {
    text[from..].iter().position(|byte| !is_inside(*byte)).map_or(text.len(), |count| from + count)
}

/// Where an ARN begins in a word that ends with `arn`, and before which follows a colon.
fn arn_begin(word: &[u8], next: Option<&u8>) -> Option<usize> {
    let before = word.strip_suffix(b"arn").filter(|_| next == Some(&b':'))?;
    (before.is_empty() || before.ends_with(b"=")).then_some(before.len())
}

fn is_secret(arn: &[u8]) -> bool {
    arn.split(|byte| *byte == b':').nth(2) == Some(b"secretsmanager")
}

/// Without a hyphen and six letters or digits.
fn without_suffix(text: &[u8]) -> Option<&[u8]> {
    let (short, suffix) = text.split_at_checked(text.len().checked_sub(SUFFIX)?)?;
    let is_suffix = suffix[0] == b'-' && suffix[1..].iter().all(u8::is_ascii_alphanumeric);
    is_suffix.then_some(short)
}

#[cfg(test)]
mod tests {
    use super::Names;

    fn names() -> Names {
        let mut names = Names::default();
        for (number, name) in ["pay/db", "pay/db-replica", "db", "payments", "a=b/c-d", "it's"]
            .into_iter()
            .enumerate()
        {
            let arn = format!(
                "arn:aws:secretsmanager:us-east-1:111122223333:secret:{name}-AbCd0{number}"
            );
            names.add(u32::try_from(number).unwrap(), name, &arn);
        }
        names.add(6, "/pay/host", "arn:aws:ssm:us-east-1:111122223333:parameter/pay/host");
        names.add(7, "log-level", "arn:aws:ssm:us-east-1:111122223333:parameter/log-level");
        names.add(
            8,
            "pay/db",
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:pay/db-AbCd08",
        );
        names
    }

    /// The lines, with what each names.
    fn found(text: &str) -> Vec<(u32, bool, Vec<u32>)> {
        let names = names();
        let mut all = Vec::new();
        names.find(text.as_bytes(), |found| {
            all.push((found.line, found.is_arn, found.resources.to_vec()));
        });
        all
    }

    #[test]
    fn a_name_is_a_whole_word() {
        for text in [
            "pay/db",
            "\"pay/db\"",
            "SECRET=pay/db",
            "--secret-id=pay/db,",
            "Read pay/db.",
            "(pay/db)",
            "pay/db:password",
            "secret: pay/db\n",
            "secret:pay/db-AbCdEf",
        ] {
            assert_eq!(found(text), [(1, false, vec![0, 8])], "{text}");
        }
        for text in [
            "pay/db2",
            "pay/dbs",
            "x/pay/db",
            "pay/db/x",
            "pay/db.json",
            "pay/db-old",
            "my-pay/db",
            "PAY/DB",
            "https://example.com/pay/db",
            "pay/ db",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
        assert_eq!(found("pay/db-replica"), [(1, false, vec![1])]);
        assert_eq!(found("x\n\n a=b/c-d"), [(3, false, vec![4])]);
        assert_eq!(found("url = https://x/pay/host\nhost = /pay/host"), [(2, false, vec![6])]);
    }

    #[test]
    fn short_and_plain_names_count_in_quotes_only() {
        for text in ["db", "payments", "(db)", "db: payments", "\"db'", "'the db'", "db=\"x\""] {
            assert_eq!(found(text), [], "{text}");
        }
        assert_eq!(found("\"db\""), [(1, false, vec![2])]);
        assert_eq!(found("x='payments' `db`"), [(1, false, vec![3]), (1, false, vec![2])]);
        assert_eq!(names().unsearchable, 1);
    }

    #[test]
    fn arns_are_found_full_short_and_with_keys() {
        let secret = "arn:aws:secretsmanager:us-east-1:111122223333:secret:pay/db";
        for text in [
            format!("{secret}-AbCd00"),
            secret.to_owned(),
            format!("\"{secret}-AbCd00:password::\""),
            format!("ARN={secret}-AbCd00."),
            format!("{secret}-??????"),
            format!("{secret}-*"),
        ] {
            assert_eq!(found(&text), [(1, true, vec![0])], "{text}");
        }
        let parameter = "arn:aws:ssm:us-east-1:111122223333:parameter";
        assert_eq!(found(&format!("{parameter}/pay/host")), [(1, true, vec![6])]);
        // Another account's, another Region's, and another secret's.
        for text in [
            secret.replace('1', "9"),
            secret.replace("us-east", "ap-south"),
            format!("{secret}-other-AbCdEf"),
            format!("{parameter}/pay"),
        ] {
            assert_eq!(found(&text), [], "{text}");
        }
        let template =
            "arn:aws:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:pay/db-AbCdEf";
        assert_eq!(found(template), [(1, false, vec![0, 8])]);
        let template = "arn:aws:ssm:*:${id}:parameter/log-level and :parameter/pay/host";
        assert_eq!(found(template), [(1, false, vec![7]), (1, false, vec![6])]);
    }

    #[test]
    fn lines_are_counted_and_odd_bytes_are_no_obstacle() {
        let text = b"\xff\xfe\r\npay/db\r\n\0\npay/db-replica";
        let names = names();
        let mut lines = Vec::new();
        names.find(text, |found| lines.push(found.line));
        assert_eq!(lines, [2, 4]);
        for text in ["=".repeat(1_000_000), "arn:".repeat(250_000)] {
            names.find(text.as_bytes(), |_| panic!("no name"));
        }
    }
}
