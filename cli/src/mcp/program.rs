//! A program that the person allows, and the environment variables that an agent may set for it.

use crate::error::CliError;
use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// As it was typed, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Program {
    pub(super) name: String,
    pub(super) path: PathBuf,
}

impl Program {
    /// Looks it up once, so that a later change of PATH or of the folder selects no other program.
    pub(super) fn find(name: String) -> Result<Self, CliError> {
        let path = if name.contains('/') {
            std::path::absolute(&name).ok().filter(|path| is_program(path))
        } else {
            let folders = env::var_os("PATH").unwrap_or_default();
            env::split_paths(&folders)
                .filter(|folder| folder.is_absolute() && !name.is_empty())
                .map(|folder| folder.join(&name))
                .find(|path| is_program(path))
        };
        match path {
            Some(path) => Ok(Self { name, path }),
            None => Err(CliError::Input(format!(
                "--allow {name}: there is no such program. Name a program on PATH, or its file"
            ))),
        }
    }
}

fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}

/// Variables by which a shell, an interpreter, the loader or a client starts other programs or reads other files.
const RESERVED: [&str; 22] = [
    "PATH",
    "BASH_ENV",
    "ENV",
    "PAGER",
    "EDITOR",
    "VISUAL",
    "PSQLRC",
    "PSQL_EDITOR",
    "PSQL_PAGER",
    "IFS",
    "HOME",
    "SHELL",
    "SHELLOPTS",
    "BASHOPTS",
    "PS4",
    "PROMPT_COMMAND",
    "PERL5LIB",
    "PERL5OPT",
    "RUBYOPT",
    "RUBYLIB",
    "CDPATH",
    "TMPDIR",
];
const RESERVED_BEGINNINGS: [&str; 6] = ["LD_", "DYLD_", "GIT_", "PYTHON", "BASH_FUNC", "CLV_"];

/// Whether an agent must not set this variable.
pub(super) fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
        || RESERVED_BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
        || name.ends_with("_OPTIONS")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_looked_up_once() {
        let sh = Program::find("sh".into()).unwrap();
        assert!(sh.path.is_absolute() && sh.path.ends_with("sh"), "{sh:?}");
        let path = sh.path.to_str().unwrap().to_owned();
        assert_eq!(Program::find(path.clone()).unwrap(), Program { name: path, path: sh.path });
        for name in ["claviger-no-such-program", "", "/", "/dev/null", "./no-such-program"] {
            assert!(Program::find(name.into()).is_err(), "{name:?}");
        }
    }

    #[test]
    fn variables_that_start_other_programs_are_reserved() {
        for name in [
            "PATH",
            "LD_PRELOAD",
            "LD_LIBRARY_PATH",
            "DYLD_INSERT_LIBRARIES",
            "BASH_ENV",
            "ENV",
            "NODE_OPTIONS",
            "JAVA_TOOL_OPTIONS",
            "PAGER",
            "EDITOR",
            "PSQLRC",
            "GIT_SSH_COMMAND",
            "IFS",
            "HOME",
        ] {
            assert!(is_reserved(name), "{name}");
        }
        for name in ["PGPASSWORD", "DATABASE_URL", "A", "ENVIRONMENT", "MYSQL_PWD", "DIGIT_X"] {
            assert!(!is_reserved(name), "{name}");
        }
    }
}
