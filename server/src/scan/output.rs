//! Where results go: standard output, and files that are complete or not there.

use super::{
    error::ScanError,
    formats::{self, Format},
};
use claviger_services::AccountScan;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};
use tempfile::NamedTempFile;

/// The destinations of a result. Opening them shows whether they can be written.
#[derive(Debug)]
pub(super) struct Outputs {
    /// The format on standard output.
    pub(super) stdout: Format,
    files: Vec<(PathBuf, Format, Target)>,
}

#[derive(Debug)]
enum Target {
    /// Beside the file, until the scan ends.
    Beside(NamedTempFile),
    /// Not a regular file, such as a pipe: it cannot be replaced.
    Direct(File),
}

impl Outputs {
    pub(super) fn open(paths: &[PathBuf], formats: &[Format]) -> Result<Self, ScanError> {
        if paths.is_empty() {
            let stdout = match formats {
                [] => Format::Table,
                [format] => *format,
                _ => {
                    return Err(ScanError::Format("several --format need an --output each".into()));
                }
            };
            return Ok(Self { stdout, files: Vec::new() });
        }
        if !formats.is_empty() && formats.len() != paths.len() {
            return Err(ScanError::Format(format!(
                "there are {} --output and {} --format: give one --format for each --output, in the same order, or none",
                paths.len(),
                formats.len()
            )));
        }
        let mut files = Vec::new();
        for (at, path) in paths.iter().enumerate() {
            if paths[..at].contains(path) {
                return Err(ScanError::Format(format!("{} is named twice", path.display())));
            }
            let given = formats.get(at).copied();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let format = given.or_else(|| Format::of_ending(&name)).ok_or_else(|| {
                ScanError::Format(format!(
                    "the format of {} is not clear from its name. Give a --format for each --output",
                    path.display()
                ))
            })?;
            let target =
                open(path).map_err(|reason| ScanError::Output { path: path.clone(), reason })?;
            files.push((path.clone(), format, target));
        }
        Ok(Self { stdout: Format::Table, files })
    }

    /// Writes every file. Those before a failing one are complete.
    pub(super) fn write(&self, scan: &AccountScan) -> Result<(), ScanError> {
        for (path, format, target) in &self.files {
            let text = formats::render(scan, *format, None)?;
            target
                .write(path, text.as_bytes())
                .map_err(|reason| ScanError::Output { path: path.clone(), reason })?;
            eprintln!("Wrote {}", path.display());
        }
        Ok(())
    }
}

fn open(path: &Path) -> io::Result<Target> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(found) if !found.is_file() => {
            OpenOptions::new().write(true).open(path).map(Target::Direct)
        }
        found => {
            if found.is_ok() {
                OpenOptions::new().append(true).open(path)?;
            }
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).map(Target::Beside)
        }
    }
}

impl Target {
    fn write(&self, path: &Path, text: &[u8]) -> io::Result<()> {
        match self {
            Self::Direct(file) => (&*file).write_all(text),
            Self::Beside(file) => {
                file.as_file().write_all(text)?;
                file.as_file().sync_all()?;
                fs::rename(file.path(), path)
            }
        }
    }
}
