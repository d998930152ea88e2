//! Consumers that a repository declares: the places in its files that name a secret or parameter, as `clv scan` finds them.

use crate::{
    choice::InvalidChoice,
    facts::Kind,
    ids::{AccountId, Arn, ResourceId},
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// The most entries of one upload.
pub const MAX_DECLARED: usize = 10_000;
/// The most bytes of one upload.
pub const MAX_DECLARED_BYTES: usize = 1024 * 1024;
/// The longest ARN.
const MAX_NAMED: usize = 2_048;
/// The most repositories that declare consumers: an uploader cannot fill the table.
pub const MAX_REPOSITORIES: u32 = 5_000;
/// The same for those that name something of one account.
pub const MAX_REPOSITORIES_OF_ACCOUNT: u32 = 1_000;
/// Names on one page of the list that a scan reads.
pub const NAMES_PAGE: usize = 5_000;

/// How a file names a resource.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum NamedBy {
    /// By its ARN, full or without the characters that AWS appends.
    Arn,
    /// By its name, which resources of other accounts and Regions may have too.
    Name,
}

/// A place in a repository that names a secret or parameter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DeclaredConsumer {
    /// From the root of the repository, with slashes.
    pub path: String,
    /// The first is 1.
    pub line: u32,
    pub arn: Arn,
    pub kind: Kind,
    pub by: NamedBy,
}

/// What one scan of a repository found. It replaces what an earlier one found there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclaredConsumers {
    /// Such as `github.com/example/shop`.
    pub repository: String,
    /// The hash of the commit.
    pub commit: String,
    pub consumers: Vec<DeclaredConsumer>,
}

/// What an upload did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    pub stored: u64,
    /// Entries whose ARN is not in the inventory that the caller can see.
    pub unknown: u64,
}

/// A secret or parameter that a scan looks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedResource {
    pub id: ResourceId,
    pub arn: Arn,
    pub name: String,
    pub kind: Kind,
    pub owner_team: Option<String>,
}

/// A page of them, in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamesPage {
    pub rows: Vec<NamedResource>,
    /// The id behind which the next page begins; `None` on the last one.
    pub next: Option<ResourceId>,
}

/// An entry on the page of its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclaredRow {
    pub repository: String,
    pub commit: String,
    pub path: String,
    pub line: u32,
    pub by: NamedBy,
    /// Whether the repository's own pipeline uploaded it; otherwise a person did.
    pub is_by_pipeline: bool,
    pub at: OffsetDateTime,
}

/// The entries of a secret's page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclaredOf {
    pub rows: Vec<DeclaredRow>,
    /// Of all entries; the page shows the first ones.
    pub total: u64,
}

/// Why an upload cannot be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDeclaration {
    #[error(
        "{0:?} is not a repository: use its host and path, such as github.com/example/shop, with letters, digits and ./_-, in at most 200 characters"
    )]
    Repository(String),
    #[error("{0:?} is not a commit: use its hash, 7 to 64 hexadecimal digits")]
    Commit(String),
    #[error(
        "{0} entries are more than {MAX_DECLARED}: keep the list as a file with clv scan --consumers, without --upload"
    )]
    TooMany(usize),
    #[error(
        "{0} references are more than {MAX_DECLARED}, the most that a pipeline uploads: leave out generated files and copies (files in .gitignore are not read), or let a person run clv scan --upload, which uploads only what the inventory has"
    )]
    TooManyReferences(usize),
    #[error(
        "{0:?} is not a path in a repository: use slashes, at most 1024 characters, and no part that is . or .."
    )]
    Path(String),
    #[error("the line of {0:?} has to be at least 1")]
    Line(String),
    #[error("{0:?} names no secret or parameter: use an ARN or a name of at most 2048 characters")]
    Name(String),
    #[error("{MAX_REPOSITORIES} repositories have declared consumers, and Claviger keeps no more")]
    Repositories,
    #[error(
        "{MAX_REPOSITORIES_OF_ACCOUNT} repositories have declared consumers in the account {0}, and Claviger keeps no more"
    )]
    RepositoriesOfAccount(AccountId),
}

impl DeclaredConsumers {
    /// Checks everything but whether the ARNs are known.
    ///
    /// # Errors
    ///
    /// The first fault, in words for the person who uploads.
    pub fn check(&self) -> Result<(), InvalidDeclaration> {
        check_source(&self.repository, &self.commit)?;
        if self.consumers.len() > MAX_DECLARED {
            return Err(InvalidDeclaration::TooMany(self.consumers.len()));
        }
        self.consumers.iter().try_for_each(|one| check_place(&one.path, one.line))
    }
}

/// What an error repeats.
fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}

/// The repository's name, and the hash of a commit.
///
/// # Errors
///
/// What is wrong with one of them.
pub fn check_source(repository: &str, commit: &str) -> Result<(), InvalidDeclaration> {
    if !is_repository(repository) {
        return Err(InvalidDeclaration::Repository(shown(repository)));
    }
    let is_hash = commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_hash || !(7..=64).contains(&commit.len()) {
        return Err(InvalidDeclaration::Commit(shown(commit)));
    }
    Ok(())
}

pub(super) fn check_place(path: &str, line: u32) -> Result<(), InvalidDeclaration> {
    if !is_path(path) {
        return Err(InvalidDeclaration::Path(shown(path)));
    }
    if line == 0 || i32::try_from(line).is_err() {
        return Err(InvalidDeclaration::Line(shown(path)));
    }
    Ok(())
}

/// An ARN or a name, as a file has it.
pub(super) fn check_text(named: &str) -> Result<(), InvalidDeclaration> {
    let is_valid = (1..=MAX_NAMED).contains(&named.len()) && !named.chars().any(char::is_control);
    if is_valid { Ok(()) } else { Err(InvalidDeclaration::Name(shown(named))) }
}

/// Host and path as they are stored and compared: code hosts take names that differ in case for the same.
pub fn repository_key(repository: &str) -> String {
    repository.to_ascii_lowercase()
}

/// A host with a dot and a path. Without a scheme, and without credentials, which the URL of a remote can hold.
fn is_repository(text: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || "._-~+".contains(c);
    text.chars().count() <= 200
        && text.split_once('/').is_some_and(|(host, path)| {
            has_inner_dot(host)
                && host.chars().all(is_plain)
                && is_path(path)
                && path.chars().all(|c| c == '/' || is_plain(c))
        })
}

/// Whether a host can be that of a repository: with a dot, and not at its start or end.
pub(super) fn has_inner_dot(host: &str) -> bool {
    host.contains('.') && !host.starts_with('.') && !host.ends_with('.')
}

fn is_path(path: &str) -> bool {
    path.chars().count() <= 1024
        && !path.chars().any(char::is_control)
        && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn upload(path: &str, line: u32) -> DeclaredConsumers {
        let arn = "arn:aws:ssm:us-east-1:111122223333:parameter/pay/db".parse().unwrap();
        let by = NamedBy::Arn;
        DeclaredConsumers {
            repository: "github.com/example/shop".into(),
            commit: "0123abc".into(),
            consumers: vec![DeclaredConsumer {
                path: path.into(),
                line,
                arn,
                kind: Kind::Parameter,
                by,
            }],
        }
    }

    #[rstest]
    #[case("src/main.rs", 1, true)]
    #[case("a b/é.yml", 7, true)]
    #[case("", 1, false)]
    #[case("/etc/passwd", 1, false)]
    #[case("a//b", 1, false)]
    #[case("a/../b", 1, false)]
    #[case("a\nb", 1, false)]
    #[case("src/main.rs", 0, false)]
    #[case("src/main.rs", u32::MAX, false)]
    fn paths_and_lines(#[case] path: &str, #[case] line: u32, #[case] is_valid: bool) {
        assert_eq!(upload(path, line).check().is_ok(), is_valid);
    }

    #[rstest]
    #[case("github.com/example/shop", "0123abc", true)]
    #[case("gitlab.example.com/a/b/c", &"a".repeat(64), true)]
    #[case("", "0123abc", false)]
    #[case("https://token@github.com/example/shop", "0123abc", false)]
    #[case("git@github.com:example/shop", "0123abc", false)]
    #[case("G-12", "0123abc", false)]
    #[case("441205839201", "0123abc", false)]
    #[case("github.com", "0123abc", false)]
    #[case("github.com/", "0123abc", false)]
    #[case("github.com/example/", "0123abc", false)]
    #[case("github.com/../G-12", "0123abc", false)]
    #[case("example/shop", "0123abc", false)]
    #[case("./G-12", "0123abc", false)]
    #[case("/github.com/shop", "0123abc", false)]
    #[case("github.com/example/shop", "main", false)]
    #[case("github.com/example/shop", "0123ab", false)]
    #[case("github.com/example/shop", &"a".repeat(65), false)]
    fn repositories_and_commits(
        #[case] repository: &str,
        #[case] commit: &str,
        #[case] is_valid: bool,
    ) {
        let mut one = upload("a", 1);
        (one.repository, one.commit) = (repository.into(), commit.into());
        assert_eq!(one.check().is_ok(), is_valid);
    }

    #[test]
    fn an_upload_is_bounded() {
        let mut one = upload("a", 1);
        one.consumers = vec![one.consumers[0].clone(); MAX_DECLARED];
        assert_eq!(one.check(), Ok(()));
        one.consumers.push(one.consumers[0].clone());
        assert_eq!(one.check(), Err(InvalidDeclaration::TooMany(MAX_DECLARED + 1)));
    }
}
