//! What a pipeline found in its repository without knowing the inventory, and what it can mean there.

use super::declared::{
    InvalidDeclaration, MAX_DECLARED, NamedBy, NamedResource, check_place, check_text,
};
use crate::{
    facts::Kind,
    ids::{Arn, ResourceId},
};
use serde::{Deserialize, Serialize};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
};

/// A place that names a secret or parameter, by an ARN or behind a word that reads one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FoundReference {
    /// From the root of the repository, with slashes.
    pub path: String,
    /// The first is 1.
    pub line: u32,
    pub kind: Kind,
    /// An ARN, also without the characters that AWS appends, or a name.
    pub named: String,
}

/// What one scan of a pipeline found. It replaces what an earlier one found there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PipelineUpload {
    /// The token names the repository. If this is given, it has to be the same.
    pub repository: Option<String>,
    /// The same for the commit.
    pub commit: Option<String>,
    pub references: Vec<FoundReference>,
}

/// The answer to a pipeline: the same whether or not the inventory has what was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    pub references: u64,
}

/// Why a pipeline may not upload.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PipelineRefusal {
    #[error("this pipeline may not upload")]
    NotListed,
    #[error("the token is of {token}, and the upload names {named:?}")]
    OtherRepository { token: String, named: String },
    #[error("the token is of the commit {token}, and the upload names {named:?}")]
    OtherCommit { token: String, named: String },
}

impl PipelineUpload {
    /// Checks everything but who uploads.
    ///
    /// # Errors
    ///
    /// The first fault, in words for the person who reads the log of the pipeline.
    pub fn check(&self) -> Result<(), InvalidDeclaration> {
        if self.references.len() > MAX_DECLARED {
            return Err(InvalidDeclaration::TooManyReferences(self.references.len()));
        }
        for one in &self.references {
            check_place(&one.path, one.line)?;
            check_text(&one.named)?;
        }
        Ok(())
    }

    /// Compares what the upload names with the token.
    pub fn agrees(&self, repository: &str, commit: &str) -> Result<(), PipelineRefusal> {
        let other = |named: &Option<String>, token: &str| {
            named
                .as_ref()
                .filter(|named| !named.eq_ignore_ascii_case(token))
                .map(|named| (token.to_owned(), named.chars().take(80).collect::<String>()))
        };
        if let Some((token, named)) = other(&self.repository, repository) {
            return Err(PipelineRefusal::OtherRepository { token, named });
        }
        if let Some((token, named)) = other(&self.commit, commit) {
            return Err(PipelineRefusal::OtherCommit { token, named });
        }
        Ok(())
    }
}

/// What a text can mean.
#[derive(Debug, PartialEq, Eq)]
enum Meaning<'a> {
    /// An ARN, and of a secret the names without AWS's characters that it can end with.
    Arn {
        arn: Arn,
        names: Vec<&'a str>,
    },
    Name(&'a str),
}

impl FoundReference {
    /// Without what can follow an ARN: a JSON key, a version, and the rest of a pattern.
    fn meaning(&self) -> Option<Meaning<'_>> {
        let text = self.named.as_str();
        if !text.starts_with("arn:") {
            return Some(Meaning::Name(text));
        }
        let mut parts = text.splitn(6, ':');
        let (service, resource) = (parts.nth(2)?, parts.nth(2)?);
        let base = &text[..text.len() - resource.len()];
        if service == "ssm" {
            let resource = resource.split(':').next()?;
            let arn = format!("{base}{resource}").parse().ok()?;
            return Some(Meaning::Arn { arn, names: Vec::new() });
        }
        let name = resource.strip_prefix("secret:")?.split(':').next()?;
        let arn = format!("{base}secret:{name}").parse().ok()?;
        let names = [Some(name), name.strip_suffix('-')].into_iter().flatten().collect();
        Some(Meaning::Arn { arn, names })
    }

    fn by(&self) -> NamedBy {
        if self.named.starts_with("arn:") { NamedBy::Arn } else { NamedBy::Name }
    }
}

/// What the inventory is asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sought {
    pub arns: BTreeSet<Arn>,
    pub names: BTreeSet<String>,
}

impl Sought {
    pub fn of(references: &BTreeSet<&FoundReference>) -> Self {
        let mut sought = Self::default();
        for meaning in references.iter().filter_map(|one| one.meaning()) {
            match meaning {
                Meaning::Arn { arn, names } => {
                    sought.arns.insert(arn);
                    sought.names.extend(names.into_iter().map(ToOwned::to_owned));
                }
                Meaning::Name(name) => {
                    sought.names.insert(name.to_owned());
                }
            }
        }
        sought
    }
}

/// A place with a resource of the inventory that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match<'a> {
    pub reference: &'a FoundReference,
    pub resource: ResourceId,
    pub by: NamedBy,
}

type ByName<'a> = HashMap<&'a str, Vec<&'a NamedResource>>;
/// Secrets by Region, account and name.
type ByPlace<'a> = HashMap<(&'a str, &'a str, &'a str), Vec<&'a NamedResource>>;

/// Resources, by what a reference can mean.
#[derive(Debug, Default)]
pub struct Known<'a> {
    by_arn: HashMap<&'a Arn, &'a NamedResource>,
    secrets: ByName<'a>,
    secrets_in: ByPlace<'a>,
    parameters: ByName<'a>,
}

impl<'a> FromIterator<&'a NamedResource> for Known<'a> {
    fn from_iter<T: IntoIterator<Item = &'a NamedResource>>(resources: T) -> Self {
        let mut known = Self::default();
        for one in resources {
            known.by_arn.insert(&one.arn, one);
            let by_name = match one.kind {
                Kind::Secret => {
                    let place = (one.arn.region(), one.arn.account(), one.name.as_str());
                    known.secrets_in.entry(place).or_default().push(one);
                    &mut known.secrets
                }
                Kind::Parameter => &mut known.parameters,
            };
            by_name.entry(one.name.as_str()).or_default().push(one);
        }
        known
    }
}

impl<'a> Known<'a> {
    /// What the place names. A name that several accounts or Regions have stands for all of them.
    fn meant(&self, reference: &FoundReference) -> Cow<'_, [&'a NamedResource]> {
        match reference.meaning() {
            None => Cow::default(),
            Some(Meaning::Name(name)) => {
                let by_name = match reference.kind {
                    Kind::Secret => &self.secrets,
                    Kind::Parameter => &self.parameters,
                };
                by_name.get(name).map_or_else(Cow::default, |all| Cow::Borrowed(all.as_slice()))
            }
            Some(Meaning::Arn { arn, names }) => {
                if let Some(one) = self.by_arn.get(&arn) {
                    return Cow::Owned(vec![*one]);
                }
                let mut found = Vec::new();
                for name in names {
                    let there = self.secrets_in.get(&(arn.region(), arn.account(), name));
                    found.extend(there.into_iter().flatten().copied());
                }
                Cow::Owned(found)
            }
        }
    }

    /// How many matches there are. A name that many have makes this the product of both lists, so nothing is built.
    pub fn count(&self, references: &BTreeSet<&FoundReference>) -> usize {
        references.iter().map(|one| self.meant(one).len()).sum()
    }

    /// The resources that at least one place names.
    pub fn named(
        &self,
        references: &BTreeSet<&FoundReference>,
    ) -> BTreeMap<ResourceId, &'a NamedResource> {
        // Each text once, in however many places it is.
        let mut seen = BTreeSet::new();
        let mut named = BTreeMap::new();
        for one in references {
            if seen.insert((one.kind, one.named.as_str())) {
                named.extend(self.meant(one).iter().map(|&resource| (resource.id, resource)));
            }
        }
        named
    }

    /// The places with what they name, one after the other and [`MAX_DECLARED`] at most.
    pub fn matches<'r>(
        &self,
        references: &BTreeSet<&'r FoundReference>,
    ) -> impl Iterator<Item = Match<'r>> {
        let each = references.iter().flat_map(move |&reference| {
            let by = reference.by();
            let meant = self.meant(reference).into_owned().into_iter();
            meant.map(move |one| Match { reference, resource: one.id, by })
        });
        each.take(MAX_DECLARED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use uuid::Uuid;

    const ACCOUNT: &str = "111122223333";

    fn resource(id: u128, kind: Kind, region: &str, name: &str) -> NamedResource {
        let arn = match kind {
            Kind::Secret => {
                format!("arn:aws:secretsmanager:{region}:{ACCOUNT}:secret:{name}-AbCd0{id}")
            }
            Kind::Parameter => {
                format!("arn:aws:ssm:{region}:{ACCOUNT}:parameter/{}", name.trim_start_matches('/'))
            }
        };
        NamedResource {
            id: ResourceId(Uuid::from_u128(id)),
            arn: arn.parse().unwrap(),
            name: name.into(),
            kind,
            owner_team: None,
        }
    }

    fn reference(kind: Kind, named: &str) -> FoundReference {
        FoundReference { path: "a".into(), line: 1, kind, named: named.into() }
    }

    #[rstest]
    #[case(Kind::Secret, "pay/db", &[1, 2])]
    #[case(Kind::Parameter, "pay/db", &[])]
    #[case(Kind::Parameter, "/pay/host", &[3])]
    #[case(Kind::Secret, "/pay/host", &[])]
    #[case(Kind::Secret, "arn:aws:secretsmanager:us-east-1:111122223333:secret:pay/db-AbCd01", &[1])]
    #[case(Kind::Secret, "arn:aws:secretsmanager:us-east-1:111122223333:secret:pay/db", &[1])]
    #[case(Kind::Secret, "arn:aws:secretsmanager:us-east-1:111122223333:secret:pay/db-", &[1])]
    #[case(
        Kind::Secret,
        "arn:aws:secretsmanager:us-east-1:111122223333:secret:pay/db-AbCd01:password::",
        &[1]
    )]
    #[case(Kind::Secret, "arn:aws:secretsmanager:us-east-1:999999999999:secret:pay/db", &[])]
    #[case(Kind::Secret, "arn:aws:secretsmanager:ap-south-1:111122223333:secret:pay/db", &[])]
    #[case(Kind::Parameter, "arn:aws:ssm:us-east-1:111122223333:parameter/pay/host", &[3])]
    #[case(Kind::Parameter, "arn:aws:ssm:us-east-1:111122223333:parameter/pay/host:7", &[3])]
    #[case(Kind::Parameter, "arn:aws:ssm:us-east-1:111122223333:parameter/pay", &[])]
    #[case(Kind::Secret, "arn:aws:kms:us-east-1:111122223333:key/x", &[])]
    #[case(Kind::Secret, "arn:", &[])]
    fn a_text_means_what_the_inventory_has(
        #[case] kind: Kind,
        #[case] named: &str,
        #[case] ids: &[u128],
    ) {
        let known = [
            resource(1, Kind::Secret, "us-east-1", "pay/db"),
            resource(2, Kind::Secret, "eu-west-1", "pay/db"),
            resource(3, Kind::Parameter, "us-east-1", "/pay/host"),
        ];
        let one = reference(kind, named);
        let references = BTreeSet::from([&one]);
        let by_meaning: Known<'_> = known.iter().collect();
        let found: Vec<u128> =
            by_meaning.matches(&references).map(|one| one.resource.0.as_u128()).collect();
        assert_eq!(found, ids);
        assert_eq!(by_meaning.count(&references), ids.len());
        let named: Vec<u128> =
            by_meaning.named(&references).keys().map(|id| id.0.as_u128()).collect();
        assert_eq!(named, ids);
        // Everything that is found was sought.
        let sought = Sought::of(&references);
        for id in found {
            let one = known.iter().find(|one| one.id.0.as_u128() == id).unwrap();
            assert!(sought.arns.contains(&one.arn) || sought.names.contains(&one.name));
        }
    }

    /// 10 million matches are counted, and no more than the bound is built.
    #[test]
    fn a_name_of_many_resources_in_many_places_is_bounded() {
        let known: Vec<NamedResource> =
            (1..=1_000).map(|id| resource(id, Kind::Secret, "us-east-1", "pay/db")).collect();
        let all: Vec<FoundReference> = (1..=10_000)
            .map(|line| FoundReference { line, ..reference(Kind::Secret, "pay/db") })
            .collect();
        let references: BTreeSet<&FoundReference> = all.iter().collect();
        let known: Known<'_> = known.iter().collect();
        assert_eq!(known.count(&references), 10_000_000);
        assert_eq!(known.named(&references).len(), 1_000);
        assert_eq!(known.matches(&references).count(), MAX_DECLARED);
    }

    #[test]
    fn an_upload_is_bounded() {
        let upload = |references| PipelineUpload { references, ..PipelineUpload::default() };
        let one = reference(Kind::Secret, "pay/db");
        assert_eq!(upload(vec![one.clone(); MAX_DECLARED]).check(), Ok(()));
        let refused = upload(vec![one.clone(); MAX_DECLARED + 1]).check();
        assert_eq!(refused, Err(InvalidDeclaration::TooManyReferences(MAX_DECLARED + 1)));
        for named in ["", "a\nb", &"x".repeat(2_049)] {
            let bad = FoundReference { named: named.into(), ..one.clone() };
            assert!(upload(vec![bad]).check().is_err(), "{named:?}");
        }
        let bad = FoundReference { path: "../x".into(), ..one };
        assert!(upload(vec![bad]).check().is_err());
    }

    #[test]
    fn an_upload_names_the_tokens_repository_or_none() {
        let of = |repository: Option<&str>, commit: Option<&str>| {
            let upload = PipelineUpload {
                repository: repository.map(Into::into),
                commit: commit.map(Into::into),
                references: Vec::new(),
            };
            upload.agrees("github.com/acme/shop", "0123abc").is_ok()
        };
        assert!(of(None, None) && of(Some("github.com/Acme/shop"), Some("0123ABC")));
        assert!(!of(Some("github.com/acme/other"), None));
        assert!(!of(None, Some("0123abd")));
    }
}
