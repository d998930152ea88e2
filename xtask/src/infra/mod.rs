//! `cargo xtask infra`: the roles' JSON, CloudFormation and Terraform, rendered from the table of permissions; with `--check`
//! compared with what is committed, and held by the tools that know the formats.

mod manifests;
mod promtool;
mod terraform;

pub use terraform::Terraform;

use crate::{
    setup::python,
    shell::{cargo, root, run, run_quiet},
};
use anyhow::{Result, bail};
use clap::Args;
use promtool::Promtool;
use std::{path::PathBuf, process::Command, time::Instant};

/// Partitions differ in which resources and properties there are.
const REGIONS: [&str; 3] = ["us-east-1", "us-gov-west-1", "cn-north-1"];

#[derive(Args)]
pub struct Options {
    /// Write nothing: compare the files with the table, and run cfn-lint, checkov and Terraform on them.
    #[arg(long)]
    check: bool,
}

/// How a part of the check ended.
pub enum Outcome {
    Passed,
    /// With the tool's own words.
    Failed(String),
    /// The tool is not to be had here, for this reason. It is never taken for a pass.
    NotRun(String),
}

/// A part of the check.
pub struct Part {
    name: &'static str,
    outcome: Outcome,
    seconds: f32,
}

pub fn run_with(options: &Options) -> Result<()> {
    if options.check { close(&check(true)) } else { render(&[]) }
}

/// The renderer is an example of `claviger-policy`: so `xtask` itself compiles without the product.
fn render(arguments: &[&str]) -> Result<()> {
    let mut command = cargo();
    command.args(["run", "--quiet", "--locked", "-p", "claviger-policy", "--example", "infra"]);
    run(command.arg("--").args(arguments))
}

/// Every tool that can be had finds nothing in the files; with `compare`, they also equal the table. The tests of
/// `claviger-policy` compare them as well, so that `cargo xtask test` need not compile the renderer.
pub fn check(compare: bool) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut part = |name: &'static str, work: &dyn Fn() -> Outcome| {
        let began = Instant::now();
        let outcome = work();
        parts.push(Part { name, outcome, seconds: began.elapsed().as_secs_f32() });
    };
    if compare {
        part("files equal the table", &|| match render(&["--check"]) {
            Ok(()) => Outcome::Passed,
            Err(error) => Outcome::Failed(format!("{error:#}")),
        });
    }
    let linters = linters();
    let lint = |program: &str, arguments: &[&str]| match &linters {
        Err(error) => Outcome::NotRun(format!("{program} cannot be installed: {error:#}")),
        Ok(folder) => {
            let mut command = Command::new(folder.join(program));
            match run_quiet(command.args(arguments).current_dir(root())) {
                Ok(_) => Outcome::Passed,
                Err(error) => Outcome::Failed(format!("{error:#}")),
            }
        }
    };
    part("cfn-lint", &|| {
        let mut arguments = vec!["--include-checks", "I", "--regions"];
        arguments.extend(REGIONS);
        arguments.extend(["--", "infra/cloudformation/*.yaml"]);
        lint("cfn-lint", &arguments)
    });
    part("checkov", &|| {
        lint(
            "checkov",
            &[
                "--directory",
                "infra",
                "--framework",
                "cloudformation",
                "terraform",
                "--compact",
                "--quiet",
                "--skip-download",
            ],
        )
    });
    part("event patterns", &event_patterns);
    let tools = manifests::Manifests::prepare();
    for name in manifests::PARTS {
        part(name, &|| tools.run(name));
    }
    match terraform::Terraform::prepare() {
        Err(reason) => {
            for name in terraform::PARTS {
                part(name, &|| Outcome::NotRun(format!("{reason:#}")));
            }
        }
        Ok(terraform) => {
            part(terraform::PARTS[0], &|| terraform.format());
            part(terraform::PARTS[1], &|| terraform.validate());
            part(terraform::PARTS[2], &|| terraform.test());
        }
    }
    match Promtool::prepare() {
        Err(reason) => {
            for name in promtool::PARTS {
                part(name, &|| Outcome::NotRun(reason.clone()));
            }
        }
        Ok(promtool) => {
            part(promtool::PARTS[0], &|| promtool.check());
            part(promtool::PARTS[1], &|| promtool.test());
        }
    }
    parts
}

/// The folder of the programs `cfn-lint` and `checkov`.
pub fn linters() -> Result<PathBuf> {
    let (name, stamp) = ("venv-infra", "infra.stamp");
    python::environment(name, stamp, "infra/requirements.txt", "cfn-lint and checkov")
}

/// An emulator's `TestEventPattern` says of each rule which sample events it matches.
fn event_patterns() -> Outcome {
    let emulators = match python::ensure() {
        Ok(folder) => folder,
        Err(error) => {
            return Outcome::NotRun(format!("the emulator cannot be installed: {error:#}"));
        }
    };
    let mut command = Command::new(emulators.join("python"));
    match run_quiet(command.arg("infra/events/check.py").current_dir(root())) {
        Ok(_) => Outcome::Passed,
        Err(error) => Outcome::Failed(format!("{error:#}")),
    }
}

/// Prints what ran; an error if a part failed.
pub fn close(parts: &[Part]) -> Result<()> {
    println!("  what the check of infra ran");
    for part in parts {
        let (word, detail) = match &part.outcome {
            Outcome::Passed => ("passed", None),
            Outcome::Failed(detail) => ("FAILED", Some(detail)),
            Outcome::NotRun(reason) => ("NOT RUN", Some(reason)),
        };
        println!("{word:>9}  {:<22} {:>6.1} s", part.name, part.seconds);
        for line in detail.iter().flat_map(|detail| detail.trim().lines()) {
            println!("             {line}");
        }
    }
    let count = |is: fn(&Outcome) -> bool| parts.iter().filter(|part| is(&part.outcome)).count();
    let failed = count(|outcome| matches!(outcome, Outcome::Failed(_)));
    let not_run = count(|outcome| matches!(outcome, Outcome::NotRun(_)));
    let passed = parts.len() - failed - not_run;
    println!("  infra: {passed} passed, {failed} failed, {not_run} not run");
    if failed > 0 {
        bail!("{failed} parts of the check of infra failed");
    }
    if not_run > 0 {
        println!("  What was not run is not known to be clean.");
    }
    Ok(())
}
