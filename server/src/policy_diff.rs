//! `claviger policy diff`: two versions of policy files, for a pull request. It needs Git, and no database or AWS.

use crate::StartError;
use clap::{Args, ValueEnum};
use claviger_policy::compliance::{
    Effect, Policy, PolicyDiff, RecordedInventory, policy_diff, read_policies,
};
use std::{
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::Command,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    /// A comment of a pull request.
    Markdown,
}

#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// Policy files: YAML, one policy per document. One that is in only one of the versions is added or removed.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The other version: a branch, a tag or a commit, such as origin/main.
    #[arg(long, value_name = "REVISION")]
    against: String,
    /// Evaluate both versions over the resources of this file: the JSON of `claviger scan`, or of the console's export of the
    /// inventory.
    #[arg(long, value_name = "FILE")]
    inventory: Option<PathBuf>,
    /// The format on standard output.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Diff {
    pub(crate) fn print(&self) -> Result<(), StartError> {
        let over = self.inventory.as_deref().map(inventory).transpose()?;
        revision(self.files.first().map_or(Path::new("."), PathBuf::as_path), &self.against)?;
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for file in &self.files {
            let old = in_git(file, &self.against)?;
            let new = match fs::read_to_string(file) {
                Ok(text) => Some(text),
                Err(error) if error.kind() == io::ErrorKind::NotFound && old.is_some() => None,
                Err(error) => return Err(fault(file, error)),
            };
            let at = format!("{} in {}", file.display(), self.against);
            before.extend(policies(&at, old)?);
            after.extend(policies(&file.display().to_string(), new)?);
        }
        unique(&before)?;
        unique(&after)?;
        let diff = policy_diff(&before, &after, over.as_ref());
        let text = match self.format {
            Format::Text => as_text(&diff),
            Format::Markdown => self.as_markdown(&diff, over.as_ref()),
        };
        Ok(io::stdout().write_all(text.as_bytes())?)
    }

    fn as_markdown(&self, diff: &PolicyDiff, over: Option<&RecordedInventory>) -> String {
        let mut text = format!("### Policies compared with `{}`\n\n", code(&self.against));
        if diff.differences.is_empty() {
            let _ = writeln!(text, "No policy differs. Unchanged: {}.", diff.unchanged);
            return text;
        }
        text.push_str("| policy | severity | rule | change | opens | closes | undecided |\n|---|---|---|---|--:|--:|--:|\n");
        for one in &diff.differences {
            let _ = writeln!(
                text,
                "| {} (`{}`) | {} | {} | {} | {} |",
                cell(&one.title),
                code(&one.id),
                one.severity,
                one.rule,
                one.change,
                numbers(over.is_some(), one.effect).join(" | ")
            );
        }
        let _ = writeln!(text, "\n{}", summary(diff));
        match over {
            None => text
                .push_str("\nWhich findings open and close is unknown: no inventory was given.\n"),
            Some(over) => {
                let what = if over.is_whole {
                    "a scan"
                } else {
                    "an export of the inventory, which decides rules about its columns only"
                };
                let _ = writeln!(
                    text,
                    "\nEvaluated over {} secrets and parameters of {}, {what}. Nothing was saved.",
                    over.resources.len(),
                    over.at.date()
                );
            }
        }
        text
    }
}

fn as_text(diff: &PolicyDiff) -> String {
    let mut text = String::new();
    for one in &diff.differences {
        let _ = write!(text, "{}\t{}\t{}", one.id, one.rule, one.change);
        if let Some(effect) = one.effect {
            let _ = write!(
                text,
                "\topens {}\tcloses {}\tundecided {}",
                effect.opens, effect.closes, effect.undecided
            );
        }
        text.push('\n');
    }
    let _ = writeln!(text, "{}", summary(diff));
    text
}

/// All differences in a sentence.
fn summary(diff: &PolicyDiff) -> String {
    let count = diff.differences.len();
    let mut text = format!("{count} of {} policies differ.", count + diff.unchanged);
    if let Some(total) = diff.total() {
        let _ = write!(
            text,
            " {} findings would open, {} would be resolved, {} stay; {} checks are undecided.",
            total.opens, total.closes, total.stays, total.undecided
        );
    }
    if diff.total().is_some() && diff.differences.iter().any(|one| one.effect.is_none()) {
        text.push_str(" Policies that are limited to OUs were not evaluated.");
    }
    text
}

fn numbers(has_inventory: bool, effect: Option<Effect>) -> [String; 3] {
    match effect {
        Some(effect) => [effect.opens, effect.closes, effect.undecided].map(|one| one.to_string()),
        None if has_inventory => ["limited to OUs", "", ""].map(ToOwned::to_owned),
        None => ["unknown", "unknown", ""].map(ToOwned::to_owned),
    }
}

/// Anyone can write a title: it makes no markup, and notifies no one.
fn cell(text: &str) -> String {
    let mut cell = String::new();
    for c in text.chars() {
        match c {
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '!' | '#' | '@' | '&' | '~' => {
                let _ = write!(cell, "&#{};", u32::from(c));
            }
            c if c.is_control() => cell.push(' '),
            c => cell.push(c),
        }
    }
    cell
}

/// Within backticks.
fn code(text: &str) -> String {
    text.chars().filter(|c| *c != '`' && *c != '|' && !c.is_control()).collect()
}

fn fault(file: &Path, why: impl std::fmt::Display) -> StartError {
    StartError::Policy(format!("{}: {why}", file.display()))
}

fn inventory(file: &Path) -> Result<RecordedInventory, StartError> {
    let text = fs::read_to_string(file).map_err(|error| fault(file, error))?;
    RecordedInventory::read(&text).map_err(|why| fault(file, why))
}

fn policies(source: &str, text: Option<String>) -> Result<Vec<Policy>, StartError> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(Vec::new()) };
    read_policies(&text).map_err(|error| StartError::Policy(format!("{source}: {error}")))
}

/// `read_policies` refuses an id twice in one file.
fn unique(policies: &[Policy]) -> Result<(), StartError> {
    let mut seen = std::collections::BTreeSet::new();
    match policies.iter().find(|policy| !seen.insert(&policy.id)) {
        Some(twice) => Err(StartError::Policy(format!("two files have the policy {}", twice.id))),
        None => Ok(()),
    }
}

/// The folder of a file, or the next above it that is there: with a file its folder may be removed as well.
fn folder_of(file: &Path) -> &Path {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut folders = folder.into_iter().flat_map(Path::ancestors);
    folders.find(|folder| folder.is_dir()).unwrap_or(Path::new("."))
}

/// Git in the folder of a file. Paths are relative to it.
fn git(file: &Path, arguments: &[&str]) -> Result<std::process::Output, StartError> {
    // A folder of a pull request can look like a bare repository, whose configuration Git would follow.
    Command::new("git")
        .args(["-c", "safe.bareRepository=explicit", "-C"])
        .arg(folder_of(file))
        .args(arguments)
        .output()
        .map_err(|error| StartError::Policy(format!("git cannot be started: {error}")))
}

/// Refuses what is no revision, so that a file that is missing there is known to be missing.
fn revision(file: &Path, against: &str) -> Result<(), StartError> {
    let commit = format!("{against}^{{commit}}");
    let output = git(file, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit])?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.trim();
    Err(StartError::Policy(if said.is_empty() {
        format!(
            "there is no revision {against:?}. Fetch it: git fetch origin, or in CI a checkout with its history"
        )
    } else {
        format!("git: {said}")
    }))
}

/// The text of a file in a revision; `None` if it has none.
fn in_git(file: &Path, against: &str) -> Result<Option<String>, StartError> {
    let relative = file.strip_prefix(folder_of(file)).unwrap_or(file);
    let object = format!("{against}:./{}", relative.display());
    if !git(file, &["cat-file", "-e", "--end-of-options", &object])?.status.success() {
        return Ok(None);
    }
    let output = git(file, &["show", "--end-of-options", &object])?;
    if !output.status.success() {
        return Err(fault(file, String::from_utf8_lossy(&output.stderr).trim()));
    }
    String::from_utf8(output.stdout)
        .map(Some)
        .map_err(|_| fault(file, format!("in {against} it is not text")))
}

#[cfg(test)]
mod tests;
