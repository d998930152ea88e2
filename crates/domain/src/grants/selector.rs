//! How a person identifies a secret or parameter: by name, by ARN, or by Claviger's id.

use super::{GrantResource, view::Candidate};
use crate::ids::{Arn, ResourceId};

/// The suffix that Secrets Manager appends to a secret's name in its ARN: a hyphen and six characters.
const SUFFIX: usize = 7;

/// A name or an ARN, narrowed by account and Region.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Selector<'a> {
    /// A name, a full ARN, a secret's ARN without the six characters that AWS appends, or Claviger's id.
    pub text: &'a str,
    /// The account's number or its name.
    pub account: Option<&'a str>,
    pub region: Option<&'a str>,
}

/// A candidate of a selector.
pub trait Selectable {
    fn id(&self) -> ResourceId;
    fn name(&self) -> &str;
    fn arn(&self) -> &Arn;
    /// Empty if it is unknown.
    fn account_name(&self) -> &str;
}

impl<'a> Selector<'a> {
    /// Only a text, without account and Region.
    pub fn of(text: &'a str) -> Self {
        Self { text, ..Self::default() }
    }

    /// Whether the text is an ARN, full or partial.
    pub fn is_arn(&self) -> bool {
        self.text.starts_with("arn:")
    }

    /// All candidates that match. A full ARN or id matches alone.
    pub fn choose<T: Selectable>(&self, from: impl IntoIterator<Item = T>) -> Vec<T> {
        let within: Vec<T> = from.into_iter().filter(|item| self.is_within(item)).collect();
        let (exact, other): (Vec<T>, Vec<T>) = within.into_iter().partition(|item| {
            item.arn().as_str() == self.text || item.id().to_string() == self.text
        });
        if !exact.is_empty() {
            return exact;
        }
        let is_meant = |item: &T| item.name() == self.text || is_partial(self.text, item.arn());
        other.into_iter().filter(is_meant).collect()
    }

    fn is_within(&self, item: &impl Selectable) -> bool {
        let account = |account| item.arn().account() == account || item.account_name() == account;
        self.account.is_none_or(account)
            && self.region.is_none_or(|region| item.arn().region() == region)
    }
}

/// Whether the text is a secret's ARN without the characters that AWS appends to its name.
fn is_partial(text: &str, arn: &Arn) -> bool {
    let suffix = arn.as_str().strip_prefix(text).and_then(|rest| rest.strip_prefix('-'));
    arn.service() == "secretsmanager"
        && suffix.is_some_and(|rest| {
            rest.len() == SUFFIX - 1 && rest.bytes().all(|b| b.is_ascii_alphanumeric())
        })
}

/// The name in a secret's or parameter's ARN: the complete one for a parameter; for a secret also the name that the ARN
/// has if it is full.
pub fn names_in(arn: &str) -> Vec<String> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let (Some(service), Some(rest)) = (parts.get(2), parts.get(5)) else { return Vec::new() };
    match (*service, rest.split_once(':'), rest.strip_prefix("parameter")) {
        ("secretsmanager", Some(("secret", name)), _) => {
            let full = name.len().checked_sub(SUFFIX).and_then(|end| {
                let (short, suffix) = name.split_at_checked(end)?;
                suffix.starts_with('-').then(|| short.to_owned())
            });
            full.into_iter().chain([name.to_owned()]).collect()
        }
        ("ssm", _, Some(name)) => {
            vec![name.to_owned(), name.trim_start_matches('/').to_owned()]
        }
        _ => Vec::new(),
    }
}

impl Selectable for GrantResource {
    fn id(&self) -> ResourceId {
        self.id
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn arn(&self) -> &Arn {
        &self.arn
    }

    fn account_name(&self) -> &'static str {
        ""
    }
}

impl Selectable for Candidate {
    fn id(&self) -> ResourceId {
        self.id
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn arn(&self) -> &Arn {
        &self.arn
    }

    fn account_name(&self) -> &str {
        &self.account_name
    }
}

impl<T: Selectable> Selectable for &T {
    fn id(&self) -> ResourceId {
        (*self).id()
    }

    fn name(&self) -> &str {
        (*self).name()
    }

    fn arn(&self) -> &Arn {
        (*self).arn()
    }

    fn account_name(&self) -> &str {
        (*self).account_name()
    }
}

#[cfg(test)]
mod tests {
    use super::{Selector, names_in};
    use crate::{facts::Kind, grants::view::Candidate, ids::ResourceId};
    use rstest::rstest;
    use uuid::Uuid;

    fn candidate(n: u128, kind: Kind, account: &str, region: &str, name: &str) -> Candidate {
        let arn = match kind {
            Kind::Secret => {
                format!("arn:aws:secretsmanager:{region}:{account}:secret:{name}-AbCd{n:02}")
            }
            Kind::Parameter => {
                let slash = if name.starts_with('/') { "" } else { "/" };
                format!("arn:aws:ssm:{region}:{account}:parameter{slash}{name}")
            }
        };
        Candidate {
            id: ResourceId(Uuid::from_u128(n)),
            arn: arn.parse().unwrap(),
            name: name.into(),
            kind,
            account_id: account.parse().unwrap(),
            account_name: format!("Account {}", &account[..1]),
            region: region.parse().unwrap(),
        }
    }

    const A: &str = "111122223333";
    const B: &str = "444455556666";

    fn all() -> Vec<Candidate> {
        vec![
            candidate(1, Kind::Secret, A, "us-east-1", "pay/db"),
            candidate(2, Kind::Secret, A, "eu-west-1", "pay/db"),
            candidate(3, Kind::Secret, B, "us-east-1", "pay/db"),
            candidate(4, Kind::Parameter, A, "us-east-1", "/pay/db"),
            candidate(5, Kind::Parameter, A, "us-east-1", "flag"),
            // The name that looks like another secret's ARN with its six characters.
            candidate(6, Kind::Secret, A, "us-east-1", "pay/db-AbCd01"),
        ]
    }

    #[rstest]
    #[case("pay/db", None, None, &[1, 2, 3])]
    #[case("pay/db", Some(A), None, &[1, 2])]
    #[case("pay/db", Some("Account 4"), None, &[3])]
    #[case("pay/db", None, Some("eu-west-1"), &[2])]
    #[case("pay/db", Some(B), Some("eu-west-1"), &[])]
    #[case("/pay/db", None, None, &[4])]
    #[case("flag", None, None, &[5])]
    #[case("arn:aws:ssm:us-east-1:111122223333:parameter/flag", None, None, &[5])]
    #[case("arn:aws:ssm:us-east-1:111122223333:parameter/pay/db", None, None, &[4])]
    #[case("arn:aws:secretsmanager:eu-west-1:111122223333:secret:pay/db-AbCd02", None, None, &[2])]
    #[case("arn:aws:secretsmanager:eu-west-1:111122223333:secret:pay/db", None, None, &[2])]
    #[case("arn:aws:secretsmanager:us-east-1:111122223333:secret:pay/db-AbCd01", None, None, &[1])]
    #[case("arn:aws:secretsmanager:us-east-1:111122223333:secret:pay/db-AbCd01-AbCd06", None, None, &[6])]
    #[case("arn:aws:secretsmanager:us-east-1:111122223333:secret:pay", None, None, &[])]
    #[case("arn:aws:secretsmanager:us-east-1:444455556666:secret:pay/db", Some(A), None, &[])]
    #[case("00000000-0000-0000-0000-000000000003", None, None, &[3])]
    #[case("pay", None, None, &[])]
    #[case("PAY/DB", None, None, &[])]
    #[case("", None, None, &[])]
    fn what_a_text_can_mean(
        #[case] text: &str,
        #[case] account: Option<&str>,
        #[case] region: Option<&str>,
        #[case] means: &[u128],
    ) {
        let chosen = Selector { text, account, region }.choose(all());
        let numbers: Vec<u128> = chosen.iter().map(|one| one.id.0.as_u128()).collect();
        assert_eq!(numbers, means);
        // The name that the database query uses finds it.
        if text.starts_with("arn:") {
            for one in chosen {
                assert!(names_in(text).contains(&one.name), "{:?}", names_in(text));
            }
        }
    }
}
