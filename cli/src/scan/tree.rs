//! The files of a working tree: those that Git tracks or would track, otherwise all in the folder.

use super::results::is_result;
use crate::error::CliError;
use std::{
    ffi::{OsStr, OsString},
    fmt,
    fs::{self, File},
    io::{self, BufRead, BufReader, Read},
    os::unix::ffi::OsStringExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Larger files are skipped: they are data.
pub(super) const MAX_FILE_BYTES: u64 = 1024 * 1024;
/// A NUL byte in so many first bytes makes a file binary, as for Git.
const BINARY_BYTES: usize = 8_000;

/// The files that were not read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Skipped {
    pub(super) binary: u64,
    pub(super) large: u64,
    pub(super) unreadable: u64,
    /// The results of scans.
    pub(super) results: u64,
}

/// Such as `Skipped: binary: 1, over 1 MB: 0`.
impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { binary, large, unreadable, results } = self;
        write!(f, "Skipped: binary: {binary}, over 1 MB: {large}")?;
        if *results > 0 {
            write!(f, ", results of scans: {results}")?;
        }
        if *unreadable > 0 {
            write!(f, ", files or folders that cannot be read: {unreadable}")?;
        }
        Ok(())
    }
}

/// A folder to scan.
pub(super) struct Tree {
    root: PathBuf,
    git: Option<Repository>,
}

/// What Git says about the folder.
struct Repository {
    /// From the root of the repository to the folder, with a slash at its end.
    prefix: String,
    commit: Option<String>,
    remote: Option<String>,
}

impl Tree {
    pub(super) fn open(root: &Path) -> Result<Self, CliError> {
        let absolute =
            fs::canonicalize(root).map_err(|error| CliError::file(root.display(), error))?;
        if !absolute.is_dir() {
            return Err(CliError::Input(format!("{}: name a folder", root.display())));
        }
        let is_repository = absolute.ancestors().any(|folder| folder.join(".git").exists());
        let git = if is_repository { Some(Repository::read(&absolute)?) } else { None };
        Ok(Self { root: absolute, git })
    }

    /// From the root of the repository; empty at its root, and where there is none.
    pub(super) fn prefix(&self) -> &str {
        self.git.as_ref().map_or("", |git| git.prefix.as_str())
    }

    pub(super) fn commit(&self) -> Option<&str> {
        self.git.as_ref()?.commit.as_deref()
    }

    /// The repository's name by its remote, such as `github.com/example/shop`.
    pub(super) fn repository(&self) -> Option<String> {
        self.git.as_ref()?.remote.as_deref().and_then(repository_name)
    }

    /// Reads each text file, with its path from the root of the repository.
    pub(super) fn read(&self, mut each: impl FnMut(&str, &[u8])) -> Result<Skipped, CliError> {
        let mut skipped = Skipped::default();
        let mut bytes = Vec::new();
        let mut one = |relative: &Path| match read_file(&self.root.join(relative), &mut bytes) {
            Ok(Content::Text) => {
                let path = format!("{}{}", self.prefix(), relative.to_string_lossy());
                if is_result(&path, &bytes) {
                    skipped.results += 1;
                } else {
                    each(&path, &bytes);
                }
            }
            Ok(Content::Binary) => skipped.binary += 1,
            Ok(Content::Large) => skipped.large += 1,
            // A link, a folder of another repository, or a file that is deleted in the working tree.
            Ok(Content::Other) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(_) => skipped.unreadable += 1,
        };
        if self.git.is_some() {
            self.each_tracked(&mut one)?;
        } else {
            let unread = walk(&self.root, Path::new(""), &mut one)?;
            skipped.unreadable += unread;
        }
        Ok(skipped)
    }

    fn each_tracked(&self, each: &mut impl FnMut(&Path)) -> Result<(), CliError> {
        let mut command = git(&self.root);
        command.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let failed = |error| CliError::file("git ls-files", error);
        let mut child = command.stdout(Stdio::piped()).spawn().map_err(failed)?;
        let Some(out) = child.stdout.take() else { return Ok(()) };
        let mut last = Vec::new();
        for path in BufReader::new(out).split(0) {
            let path = path.map_err(failed)?;
            // A file with conflicts is listed several times, one after the other.
            if path != last {
                each(Path::new(&OsString::from_vec(path.clone())));
                last = path;
            }
        }
        if child.wait().map_err(failed)?.success() {
            return Ok(());
        }
        Err(CliError::Input(format!("git cannot list the files of {}", self.root.display())))
    }
}

/// Git in this folder, without programs that the repository's own settings name.
fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(["-c", "core.fsmonitor=false"]).stdin(Stdio::null());
    command
}

impl Repository {
    fn read(folder: &Path) -> Result<Self, CliError> {
        let ask = |arguments: &[&str]| {
            let done = git(folder).args(arguments).output().map_err(|error| {
                let what = "git, which lists the files of a repository";
                CliError::file(what, error)
            })?;
            let text = String::from_utf8_lossy(&done.stdout).trim().to_owned();
            let fault = String::from_utf8_lossy(&done.stderr).trim().to_owned();
            Ok::<_, CliError>(if done.status.success() { Ok(text) } else { Err(fault) })
        };
        let prefix = ask(&["rev-parse", "--show-prefix"])?
            .map_err(|fault| CliError::Input(format!("{}: {fault}", folder.display())))?;
        let commit = ask(&["rev-parse", "--verify", "HEAD"])?.ok();
        let remote = ask(&["config", "--get", "remote.origin.url"])?.ok();
        Ok(Self { prefix, commit, remote })
    }
}

/// Host and path of a remote's URL, without credentials; `None` for a folder.
fn repository_name(remote: &str) -> Option<String> {
    let (host, path) = match remote.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?,
        // As ssh has it: user@host:path.
        None => remote.split_once(':').filter(|(host, _)| !host.contains('/'))?,
    };
    let host = host.rsplit('@').next()?.split(':').next()?;
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    (!host.is_empty() && !path.is_empty()).then(|| format!("{host}/{path}"))
}

enum Content {
    Text,
    Binary,
    Large,
    Other,
}

fn read_file(path: &Path, bytes: &mut Vec<u8>) -> io::Result<Content> {
    let about = fs::symlink_metadata(path)?;
    if !about.is_file() {
        return Ok(Content::Other);
    }
    if about.len() > MAX_FILE_BYTES {
        return Ok(Content::Large);
    }
    bytes.clear();
    // The file may grow while it is read.
    File::open(path)?.take(MAX_FILE_BYTES + 1).read_to_end(bytes)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Ok(Content::Large);
    }
    let is_binary = bytes[..bytes.len().min(BINARY_BYTES)].contains(&0);
    Ok(if is_binary { Content::Binary } else { Content::Text })
}

/// All files in a folder, by name; links are not followed. Returns how many folders and entries inside cannot be read.
fn walk(root: &Path, folder: &Path, each: &mut impl FnMut(&Path)) -> Result<u64, CliError> {
    let at = root.join(folder);
    let entries = fs::read_dir(&at).map_err(|error| CliError::file(at.display(), error))?;
    let mut names: Vec<(OsString, bool)> = Vec::new();
    let mut unreadable = 0;
    for entry in entries {
        let known = entry.and_then(|entry| Ok((entry.file_name(), entry.file_type()?.is_dir())));
        match known {
            Ok(known) => names.push(known),
            Err(_) => unreadable += 1,
        }
    }
    names.sort();
    for (name, is_folder) in names {
        let path = folder.join(&name);
        if !is_folder {
            each(&path);
        } else if name != OsStr::new(".git") {
            unreadable += walk(root, &path, each).unwrap_or(1);
        }
    }
    Ok(unreadable)
}

#[cfg(test)]
mod tests {
    use super::{Skipped, repository_name};

    #[test]
    fn what_was_skipped_is_counted() {
        let mut skipped = Skipped { binary: 1, large: 2, ..Skipped::default() };
        assert_eq!(skipped.to_string(), "Skipped: binary: 1, over 1 MB: 2");
        skipped.unreadable = 3;
        assert!(skipped.to_string().ends_with("MB: 2, files or folders that cannot be read: 3"));
        skipped.results = 4;
        assert!(skipped.to_string().contains("MB: 2, results of scans: 4, files or folders"));
    }

    #[test]
    fn a_remote_names_its_repository_without_credentials() {
        for (remote, name) in [
            ("https://github.com/example/shop.git", Some("github.com/example/shop")),
            (
                "https://x-access-token:CANARY@github.com/example/shop",
                Some("github.com/example/shop"),
            ),
            ("git@github.com:example/shop.git", Some("github.com/example/shop")),
            ("ssh://git@git.example.com:2222/a/b/c.git/", Some("git.example.com/a/b/c")),
            ("/srv/git/shop.git", None),
            ("../shop", None),
            ("file:///srv/git/shop", None),
            ("", None),
        ] {
            assert_eq!(repository_name(remote).as_deref(), name, "{remote}");
        }
    }
}
