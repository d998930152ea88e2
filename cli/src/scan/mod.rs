//! `clv scan`: where a repository names secrets and parameters of the inventory, and which secrets should replace its
//! hard-coded credentials.

mod gitleaks;
mod pipeline;
mod readers;
mod results;
mod sarif;
mod suggest;
mod tokens;
mod tree;

use crate::{api::Api, error::CliError, say, without_controls};
use clap::Args;
use claviger_domain::consumers::declared::{
    Declared, DeclaredConsumer, DeclaredConsumers, MAX_DECLARED, MAX_DECLARED_BYTES, NamedBy,
    NamedResource, NamesPage, check_source,
};
use gitleaks::Leak;
use serde::Serialize;
use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};
use suggest::Words;
use tokens::Names;
use tree::{Skipped, Tree};
use url::Url;

/// More places are counted only: so many are in memory at once.
const MAX_REFERENCES: usize = 200_000;

/// Declared consumers in a file.
const MAX_LISTED: usize = 1_000_000;

const RULES: &str = "\
What counts as a name: a whole word of a file. pay/db is not in pay/db-old, x/pay/db or pay/db.json. A name that is
shorter than 6 characters, or has neither / nor -, counts only in quotes, where it is all that they hold. An ARN counts
with or without the characters that AWS appends. A name that several accounts or Regions have stands for all of them.

What is read: in a Git repository the files that Git tracks or would track (.gitignore), otherwise all files. Binary files,
files over 1 MB, links and the results of scans are skipped: SARIF files, and what --consumers wrote. No value is read,
from AWS or from Claviger.";

#[derive(Debug, Args)]
#[command(after_help = RULES)]
pub(crate) struct Scan {
    /// A folder, such as the root of a repository.
    path: PathBuf,
    /// Write what was found as SARIF 2.1.0, for code hosts.
    #[arg(long, value_name = "FILE")]
    sarif: Option<PathBuf>,
    /// Write the declared consumers as JSON: repository, commit, and path, line, ARN and kind of each.
    #[arg(long, value_name = "FILE")]
    consumers: Option<PathBuf>,
    /// Read hard-coded credentials from a SARIF file of gitleaks, and suggest a secret for each by names, path and team. The
    /// credentials themselves are dropped when the file is read.
    #[arg(long, value_name = "FILE")]
    gitleaks: Option<PathBuf>,
    /// Store the declared consumers in Claviger, which shows them on the pages of the secrets. They replace what was stored
    /// for the repository.
    #[arg(long)]
    upload: bool,
    /// In a pipeline of GitHub Actions or GitLab: upload to the console at this address with the id token of the job, without
    /// a sign-in. Nothing of the inventory is read: what is uploaded are ARNs, and names behind words that read secrets and
    /// parameters, such as `SecretId`. Repository and commit are those of the token.
    #[arg(
        long,
        value_name = "CONSOLE",
        conflicts_with_all = ["sarif", "consumers", "gitleaks", "upload"]
    )]
    pipeline: Option<Url>,
    /// The repository's name. Without it, host and path of the remote `origin`.
    #[arg(long, value_name = "HOST/PATH")]
    repository: Option<String>,
    /// The commit's hash. Without it, the one that is checked out.
    #[arg(long, value_name = "HASH")]
    commit: Option<String>,
}

/// A line that names resources.
struct Reference<'a> {
    path: String,
    line: u32,
    by: NamedBy,
    resources: Vec<&'a NamedResource>,
}

/// A hard-coded credential with the secrets that could replace it, each with the words for which it was chosen.
struct Hardcoded<'a> {
    leak: Leak,
    suggested: Vec<(&'a NamedResource, Vec<String>)>,
}

impl Hardcoded<'_> {
    fn advice(&self) -> String {
        if self.suggested.is_empty() {
            return "No secret of the inventory matches: create one with clv secret create."
                .to_owned();
        }
        let all: Vec<String> = self
            .suggested
            .iter()
            .map(|(resource, words)| format!("{} ({})", resource.name, words.join(", ")))
            .collect();
        format!("Revoke it, and read instead: {}.", all.join(" or "))
    }
}

/// What was found.
#[derive(Default)]
struct Found<'a> {
    references: Vec<Reference<'a>>,
    /// Places beyond those that are kept.
    left_out: u64,
    files: u64,
    skipped: Skipped,
}

pub(crate) async fn scan(scan: Scan) -> Result<(), CliError> {
    let tree = Tree::open(&scan.path)?;
    if (scan.upload || scan.pipeline.is_some()) && !tree.prefix().is_empty() {
        return Err(CliError::Input(
            "an upload replaces the list of the whole repository: scan the repository's root"
                .into(),
        ));
    }
    if let Some(console) = &scan.pipeline {
        return pipeline::upload(&scan, console, &tree).await;
    }
    // Before the server is asked and anything is searched.
    let source = scan.source(&tree)?;
    let leaks = scan.gitleaks.as_deref().map(gitleaks::read).transpose()?.unwrap_or_default();
    let api = Api::signed_in()?;
    let resources = inventory(&api).await?;
    let mut names = Names::default();
    for (number, resource) in (0..).zip(&resources) {
        names.add(number, &resource.name, resource.arn.as_str());
    }
    let found = search(&tree, &names, &resources)?;
    let hardcoded = hardcoded(leaks, &resources);
    for one in &found.references {
        let resource = one.resources[0];
        let several = match one.resources.len() {
            1 => resource.arn.to_string(),
            count => format!("{count} accounts and Regions"),
        };
        say(format_args!("{}:{}\t{}\t{several}", one.path, one.line, resource.name));
    }
    for one in &hardcoded {
        say(format_args!(
            "{}:{}\t{}\t{}",
            one.leak.path,
            one.leak.line,
            one.leak.rule,
            one.advice()
        ));
    }
    if let Some(file) = &scan.sarif {
        write(file, &sarif::log(&found.references, &hardcoded))?;
    }
    if let Some(source) = source {
        let declared = scan.declared(source, &found)?;
        if let Some(file) = &scan.consumers {
            write(file, &declared)?;
        }
        if scan.upload {
            upload(&api, &declared).await?;
        }
    }
    eprintln!("{}", summary(&found, resources.len(), names.unsearchable));
    Ok(())
}

/// All names that the person can see, page by page.
async fn inventory(api: &Api) -> Result<Vec<NamedResource>, CliError> {
    let mut all = Vec::new();
    let mut after = String::new();
    loop {
        let page: NamesPage = api.get(&format!("/v1/consumers/names{after}")).await?;
        all.extend(page.rows);
        let Some(next) = page.next else { return Ok(all) };
        after = format!("?after={next}");
    }
}

fn search<'a>(
    tree: &Tree,
    names: &Names,
    resources: &'a [NamedResource],
) -> Result<Found<'a>, CliError> {
    let mut found = Found::default();
    let skipped = tree.read(|path, text| {
        found.files += 1;
        let mut last: Option<(u32, &[u32])> = None;
        names.find(text, |word| {
            // Once for each line.
            if last.replace((word.line, word.resources)) == Some((word.line, word.resources)) {
                return;
            }
            if found.references.len() >= MAX_REFERENCES {
                found.left_out += 1;
                return;
            }
            let of = |number: &u32| usize::try_from(*number).ok().and_then(|at| resources.get(at));
            found.references.push(Reference {
                path: without_controls(path).collect(),
                line: word.line,
                by: if word.is_arn { NamedBy::Arn } else { NamedBy::Name },
                resources: word.resources.iter().filter_map(of).collect(),
            });
        });
    })?;
    found.skipped = skipped;
    Ok(found)
}

fn hardcoded(leaks: Vec<Leak>, resources: &[NamedResource]) -> Vec<Hardcoded<'_>> {
    if leaks.is_empty() {
        return Vec::new();
    }
    let words = Words::new(resources);
    leaks
        .into_iter()
        .map(|leak| {
            let suggested = words.suggest(&leak.path, &leak.rule);
            let of = |one: suggest::Suggestion| (&resources[one.resource], one.words);
            Hardcoded { suggested: suggested.into_iter().map(of).collect(), leak }
        })
        .collect()
}

/// What the declared consumers are of.
struct DeclaredSource {
    repository: String,
    commit: String,
}

impl Scan {
    /// Repository and commit of the declared consumers; `None` if nobody wants them.
    fn source(&self, tree: &Tree) -> Result<Option<DeclaredSource>, CliError> {
        if self.consumers.is_none() && !self.upload {
            return Ok(None);
        }
        let missing = |what: &str, option: &str| {
            CliError::Input(format!("Git does not say which {what} this is: name it with {option}"))
        };
        let repository = self.repository.clone().or_else(|| tree.repository());
        let commit = self.commit.clone().or_else(|| tree.commit().map(ToOwned::to_owned));
        let repository =
            repository.ok_or_else(|| missing("repository", "--repository HOST/PATH"))?;
        let commit = commit.ok_or_else(|| missing("commit", "--commit HASH"))?;
        if self.upload {
            check_source(&repository, &commit)
                .map_err(|fault| CliError::Input(fault.to_string()))?;
        }
        Ok(Some(DeclaredSource { repository, commit }))
    }

    fn declared(
        &self,
        source: DeclaredSource,
        found: &Found<'_>,
    ) -> Result<DeclaredConsumers, CliError> {
        // A name that several accounts or Regions have counts once for each: counted before anything is built.
        let count: usize = found.references.iter().map(|one| one.resources.len()).sum();
        let most = if self.upload { MAX_DECLARED } else { MAX_LISTED };
        if count > most {
            let advice = if self.upload {
                "Keep the list as a file with --consumers, without --upload"
            } else {
                "Scan a part of the repository"
            };
            return Err(CliError::Input(format!(
                "{count} declared consumers are more than {most}: a name that several accounts or Regions have counts once for each. {advice}"
            )));
        }
        let entries: BTreeSet<DeclaredConsumer> = found
            .references
            .iter()
            .flat_map(|one| one.resources.iter().map(move |resource| (one, resource)))
            .map(|(one, resource)| DeclaredConsumer {
                path: one.path.clone(),
                line: one.line,
                arn: resource.arn.clone(),
                kind: resource.kind,
                by: one.by,
            })
            .collect();
        let DeclaredSource { repository, commit } = source;
        let declared =
            DeclaredConsumers { repository, commit, consumers: entries.into_iter().collect() };
        if self.upload {
            declared.check().map_err(|fault| CliError::Input(fault.to_string()))?;
        }
        Ok(declared)
    }
}

async fn upload(api: &Api, declared: &DeclaredConsumers) -> Result<(), CliError> {
    let size = serde_json::to_vec(declared).map_or(0, |body| body.len());
    if size > MAX_DECLARED_BYTES {
        return Err(CliError::Input(format!(
            "the list has {size} bytes, and an upload has at most {MAX_DECLARED_BYTES} bytes and {MAX_DECLARED} entries. Keep it as a file with --consumers"
        )));
    }
    let Declared { stored, unknown } = api.post("/v1/consumers/declared", declared).await?;
    let unknown = match unknown {
        0 => String::new(),
        count => format!("; {count} are not in the inventory any more"),
    };
    eprintln!("clv: stored {stored} declared consumers of {}{unknown}", declared.repository);
    Ok(())
}

fn write(file: &Path, what: &impl Serialize) -> Result<(), CliError> {
    let failed = |error| CliError::file(file.display(), error);
    let mut out = BufWriter::new(File::create(file).map_err(failed)?);
    serde_json::to_writer_pretty(&mut out, what).map_err(|error| failed(error.into()))?;
    out.write_all(b"\n").and_then(|()| out.flush()).map_err(failed)
}

fn summary(found: &Found<'_>, resources: usize, unsearchable: usize) -> String {
    let mut text = format!(
        "clv: {} references in {} files ({resources} secrets and parameters checked). {}",
        found.references.len() as u64 + found.left_out,
        found.files,
        found.skipped
    );
    let not_listed = format!("references after the first {MAX_REFERENCES}, which are not listed");
    for (count, what) in [
        (found.left_out, not_listed.as_str()),
        (
            unsearchable as u64,
            "names with special characters, which are found only as part of an ARN",
        ),
    ] {
        if count > 0 {
            let _ = write!(text, ", {what}: {count}");
        }
    }
    text
}
