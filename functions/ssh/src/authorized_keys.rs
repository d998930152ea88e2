//! The text of an `authorized_keys` file, as sshd reads it.

use rotation_steps::Fault;

/// A line with a key. The options before it limit what the key may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<'a> {
    /// With the space after them; empty if there are none.
    pub options: &'a str,
    /// In base64.
    pub key: &'a str,
    pub comment: &'a str,
}

impl<'a> Entry<'a> {
    /// `None` for a comment, an empty line, and what sshd would not take.
    pub fn parse(line: &'a str) -> Option<Self> {
        let start = line.len() - line.trim_start().len();
        if line[start..].starts_with('#') {
            return None;
        }
        let first = field_end(line, start);
        let kind = if is_kind(&line[start..first]) {
            start
        } else {
            first + (line[first..].len() - line[first..].trim_start().len())
        };
        let kind_end = field_end(line, kind);
        if !is_kind(&line[kind..kind_end]) {
            return None;
        }
        let rest = line[kind_end..].trim_start();
        let (key, comment) = rest.split_once([' ', '\t']).unwrap_or((rest.trim_end(), ""));
        let options = &line[start..kind];
        (!key.is_empty()).then(|| Self { options, key: key.trim_end(), comment: comment.trim() })
    }
}

fn is_kind(field: &str) -> bool {
    ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"].iter().any(|start| field.starts_with(start))
        && !field.contains(['=', '"', ','])
}

/// Where a field ends: at a space that is not between quotes.
fn field_end(line: &str, start: usize) -> usize {
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, one) in line[start..].char_indices() {
        match one {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            ' ' | '\t' if !is_quoted => return start + at,
            _ => {}
        }
    }
    line.len()
}

/// The file with a new key, which may do what the old one may; `None` if it is there already.
///
/// `new` is a line such as `ssh-ed25519 AAAA… comment`.
pub fn added(text: &str, old: &str, new: &str) -> Result<Option<String>, Fault> {
    let entries = || text.lines().filter_map(Entry::parse);
    if Entry::parse(new).is_some_and(|new| entries().any(|entry| entry.key == new.key)) {
        return Ok(None);
    }
    let present = entries().find(|entry| entry.key == old).ok_or_else(|| {
        Fault::new(
            "the current key is not in ~/.ssh/authorized_keys, so the server takes it from elsewhere: add it there",
        )
    })?;
    let mut longer = text.to_owned();
    if !longer.is_empty() && !longer.ends_with('\n') {
        longer.push('\n');
    }
    longer.push_str(present.options);
    longer.push_str(new);
    longer.push('\n');
    Ok(Some(longer))
}

/// The file without some keys; `None` if it has none of them.
pub fn removed(text: &str, is_removed: impl Fn(&Entry<'_>) -> bool) -> Option<String> {
    let stays =
        |line: &&str| !Entry::parse(line.trim_end()).is_some_and(|entry| is_removed(&entry));
    let shorter: String = text.split_inclusive('\n').filter(stays).collect();
    (shorter != text).then_some(shorter)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# the team's\n\
        ssh-rsa BBBB person@laptop\n\
        from=\"10.0.0.0/8\",command=\"echo \\\"ssh-ed25519 OLD\\\" x\" ssh-ed25519 OLD deploy key\n\
        \n\
        ecdsa-sha2-nistp256 CCCC";

    #[test]
    fn the_new_key_gets_the_options_of_the_old_one() {
        let text = added(FILE, "OLD", "ssh-ed25519 NEW claviger").unwrap().unwrap();
        let new = text.lines().last().unwrap();
        assert_eq!(
            new,
            "from=\"10.0.0.0/8\",command=\"echo \\\"ssh-ed25519 OLD\\\" x\" ssh-ed25519 NEW claviger"
        );
        assert!(text.starts_with(FILE) && text.ends_with('\n'));
        assert_eq!(added(&text, "OLD", "ssh-ed25519 NEW claviger").unwrap(), None);
        let plain = added(FILE, "CCCC", "ssh-ed25519 NEW claviger").unwrap().unwrap();
        assert!(plain.ends_with("CCCC\nssh-ed25519 NEW claviger\n"));
    }

    #[test]
    fn only_the_old_key_is_removed() {
        let text = removed(FILE, |entry| entry.key == "OLD").unwrap();
        let rest: Vec<&str> = text.lines().collect();
        assert_eq!(
            rest,
            ["# the team's", "ssh-rsa BBBB person@laptop", "", "ecdsa-sha2-nistp256 CCCC"]
        );
        assert_eq!(removed(&text, |entry| entry.key == "OLD"), None);
        let last = removed(FILE, |entry| entry.key == "CCCC").unwrap();
        assert!(last.ends_with("deploy key\n\n"));
    }

    #[test]
    fn a_key_in_a_comment_or_an_option_is_none() {
        for line in
            ["# ssh-ed25519 OLD", "  #ssh-ed25519 OLD", "", "OLD", "command=\"ssh-ed25519 OLD\""]
        {
            assert_eq!(Entry::parse(line), None, "{line}");
            assert!(added(line, "OLD", "ssh-ed25519 NEW").is_err(), "{line}");
        }
        let entry = Entry::parse("no-pty\tssh-ed25519  KEY\ta b ").unwrap();
        assert_eq!(entry, Entry { options: "no-pty\t", key: "KEY", comment: "a b" });
    }
}
