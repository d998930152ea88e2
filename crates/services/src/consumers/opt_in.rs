//! The tag by which the owner of a workload allows a plan to give it a role.

use claviger_domain::remediation::ATTACH_TAG;
use std::collections::BTreeMap;

/// Why a workload with these tags gets no role, a sentence, if it does not have the tag. `workload` is its kind and name, such as
/// `function orders`; `command` sets the tag.
pub(super) fn opted_in(
    tags: &BTreeMap<String, String>,
    workload: &str,
    command: &str,
) -> Result<(), String> {
    let (key, value) = ATTACH_TAG;
    if tags.get(key).is_some_and(|own| own == value) {
        return Ok(());
    }
    Err(format!(
        "The {workload} has no tag {key}={value}. Its owner sets it to let Claviger attach roles: {command}"
    ))
}

/// A credential that is readable with the configuration of what gets the role. The role changes nothing of it.
pub(super) fn plaintext(variable: &str) -> String {
    format!(
        "Credential in the plaintext variable {variable}. The plan leaves it there: move its value to a secret, and remove the variable."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_tag_with_its_value_allows_it() {
        let tags = |key: &str, value: &str| BTreeMap::from([(key.to_owned(), value.to_owned())]);
        let (key, value) = ATTACH_TAG;
        let ask = |tags: &BTreeMap<String, String>| opted_in(tags, "function orders", "aws tag");
        assert_eq!(ask(&tags(key, value)), Ok(()));
        for other in [BTreeMap::new(), tags(key, "false"), tags("attach", value)] {
            let why = ask(&other).unwrap_err();
            assert!(why.starts_with("The function orders has no tag "), "{why}");
            assert!(why.ends_with(": aws tag"), "{why}");
        }
    }
}
