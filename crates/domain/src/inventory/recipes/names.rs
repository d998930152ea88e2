//! Names that a recipe needs besides the resource's own.

use super::Subject;
use crate::code::hyphenated;

/// The name of an environment variable: the last part of the resource's name and the JSON key, as GitHub's action forms it.
pub(super) fn variable(subject: &Subject) -> String {
    let own = upper(last_part(&subject.name));
    let name = match &subject.json_key {
        Some(key) => format!("{own}_{}", upper(key)),
        None => own,
    };
    if RESERVED.contains(&name.as_str()) { format!("{name}_VALUE") } else { name }
}

/// Variables that shells and loaders use themselves.
const RESERVED: [&str; 16] = [
    "BASH_ENV",
    "CDPATH",
    "ENV",
    "EUID",
    "HOME",
    "IFS",
    "LANG",
    "LD_PRELOAD",
    "OPTIND",
    "PATH",
    "PPID",
    "PS4",
    "PWD",
    "SHELL",
    "UID",
    "USER",
];

/// The same without the key: the alias to which GitHub's action adds the keys of the JSON.
pub(super) fn alias(subject: &Subject) -> String {
    upper(last_part(&subject.name))
}

fn last_part(name: &str) -> &str {
    name.rsplit('/').find(|part| !part.is_empty()).unwrap_or("value")
}

fn upper(text: &str) -> String {
    let name: String = text
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' })
        .collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("_{name}") } else { name }
}

/// A name as Kubernetes takes it for objects: lower-case letters, digits and hyphens, at most 50, so that a suffix fits.
pub(super) fn object(subject: &Subject) -> String {
    let name = hyphenated(&subject.name, 50).to_ascii_lowercase();
    if name.is_empty() { "value".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::recipes::samples;

    #[test]
    fn names_are_ones_that_shells_and_kubernetes_take() {
        let mut subject = samples::secret();
        subject.name = "payments/2nd-db".to_owned();
        assert_eq!(variable(&subject), "_2ND_DB");
        subject.json_key = Some("pass word".to_owned());
        assert_eq!(variable(&subject), "_2ND_DB_PASS_WORD");
        assert_eq!(alias(&subject), "_2ND_DB");
        // GitHub's action makes a name of the key by itself.
        subject.json_key = Some("2fa".to_owned());
        assert_eq!(variable(&subject), "_2ND_DB__2FA");
        assert_eq!(object(&subject), "payments-2nd-db");
        subject.name = "/".to_owned();
        subject.json_key = None;
        assert_eq!((variable(&subject).as_str(), object(&subject).as_str()), ("VALUE", "value"));
        subject.name = "app/path".to_owned();
        assert_eq!(variable(&subject), "PATH_VALUE");
        subject.name = "a/".repeat(80);
        assert!(object(&subject).len() <= 50 && !object(&subject).ends_with('-'));
    }
}
