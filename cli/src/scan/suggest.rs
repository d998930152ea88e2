//! Which secret should replace a hard-coded credential: by the words of its name and of its team, held against the words of
//! the file's path and of the rule that found the credential. The credential itself plays no part.

use claviger_domain::consumers::declared::NamedResource;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Secrets that are suggested at most.
const MAX_SUGGESTED: usize = 3;
/// A word of more than one in so many resources says little.
const COMMON: usize = 50;
/// Words that say what a credential is, and not whose.
const EMPTY: [&str; 28] = [
    "access",
    "api",
    "app",
    "cert",
    "client",
    "conf",
    "config",
    "credential",
    "credentials",
    "generic",
    "id",
    "json",
    "key",
    "keys",
    "main",
    "password",
    "private",
    "prod",
    "secret",
    "secrets",
    "service",
    "services",
    "src",
    "test",
    "tests",
    "token",
    "url",
    "yaml",
];

/// A resource with the words for which it was chosen.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Suggestion {
    /// The number of the resource.
    pub(super) resource: usize,
    pub(super) words: Vec<String>,
}

/// The words of all resources.
pub(super) struct Words {
    resources: HashMap<String, Vec<usize>>,
    count: usize,
}

impl Words {
    pub(super) fn new(resources: &[NamedResource]) -> Self {
        let mut all: HashMap<String, Vec<usize>> = HashMap::new();
        for (number, resource) in resources.iter().enumerate() {
            let team = resource.owner_team.as_deref().unwrap_or_default();
            for word in words(&resource.name).chain(words(team)).collect::<BTreeSet<_>>() {
                all.entry(word).or_default().push(number);
            }
        }
        Self { resources: all, count: resources.len() }
    }

    /// The best ones: two words in common, or a word that few resources have. Of equals, none is chosen by chance: if more
    /// than three are equally good, the place does not say which is meant, and there is no suggestion.
    pub(super) fn suggest(&self, path: &str, rule: &str) -> Vec<Suggestion> {
        let mut scores: BTreeMap<usize, (u64, Vec<String>)> = BTreeMap::new();
        for word in words(path).chain(words(rule)).collect::<BTreeSet<_>>() {
            let Some(with) = self.resources.get(&word) else { continue };
            let is_rare = with.len() * COMMON <= self.count.max(COMMON);
            for number in with {
                let (score, shared) = scores.entry(*number).or_default();
                *score += if is_rare { 3 } else { 2 };
                shared.push(word.clone());
            }
        }
        let best = scores.values().map(|(score, _)| *score).max().filter(|best| *best >= 3);
        let Some(best) = best else { return Vec::new() };
        let chosen: Vec<Suggestion> = scores
            .into_iter()
            .filter(|(_, (score, _))| *score == best)
            .map(|(resource, (_, words))| Suggestion { resource, words })
            .collect();
        if chosen.len() > MAX_SUGGESTED { Vec::new() } else { chosen }
    }
}

/// Words in lower case, also of `camelCase`; without numbers and the words that say nothing.
fn words(text: &str) -> impl Iterator<Item = String> {
    let mut all = Vec::new();
    let mut word = String::new();
    let mut was_lower = false;
    for c in text.chars().chain([' ']) {
        if !c.is_alphanumeric() || (c.is_uppercase() && was_lower) {
            all.push(std::mem::take(&mut word));
        }
        was_lower = c.is_lowercase();
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
    }
    all.into_iter().filter(|word| {
        word.len() > 1
            && !EMPTY.contains(&word.as_str())
            && !word.bytes().all(|b| b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::{Suggestion, Words, words};
    use claviger_domain::{consumers::declared::NamedResource, facts::Kind, ids::ResourceId};

    fn resource(number: u128, name: &str, team: Option<&str>) -> NamedResource {
        NamedResource {
            id: ResourceId(uuid::Uuid::from_u128(number)),
            arn: format!("arn:aws:secretsmanager:us-east-1:111122223333:secret:{name}-AbCdEf")
                .parse()
                .unwrap(),
            name: name.into(),
            kind: Kind::Secret,
            owner_team: team.map(Into::into),
        }
    }

    #[test]
    fn words_of_paths_and_names() {
        let of = |text| words(text).collect::<Vec<_>>();
        assert_eq!(
            of("services/payCheckout/stripe_v2.config.py"),
            ["pay", "checkout", "stripe", "v2", "py"]
        );
        assert_eq!(of("prod/42/api-key"), Vec::<String>::new());
    }

    #[test]
    fn words_in_common_choose_the_secret() {
        let all = [
            resource(0, "payments/stripe/api-key", Some("checkout")),
            resource(1, "payments/adyen/merchant", Some("checkout")),
            resource(2, "growth/mailer", Some("growth")),
            resource(3, "core/kafka-a", None),
            resource(4, "core/kafka-b", None),
            resource(5, "core/kafka-c", None),
            resource(6, "core/kafka-d", None),
        ];
        let chosen = |path: &str, rule: &str| {
            let found = Words::new(&all).suggest(path, rule);
            found.into_iter().map(|one| one.resource).collect::<Vec<_>>()
        };
        assert_eq!(chosen("checkout/settings.py", "stripe-access-token"), [0]);
        assert_eq!(chosen("payments/adyen.rb", "generic-api-key"), [1]);
        assert_eq!(chosen("growth/mailer/send.go", "generic-api-key"), [2]);
        assert_eq!(chosen("other/send.go", "generic-api-key"), Vec::<usize>::new());
        // Four are equally good.
        assert_eq!(chosen("core/kafka/main.go", "generic-api-key"), Vec::<usize>::new());
        let why = Words::new(&all).suggest("checkout/settings.py", "stripe-access-token");
        let words = vec!["checkout".to_owned(), "stripe".to_owned()];
        assert_eq!(why, [Suggestion { resource: 0, words }]);
    }
}
