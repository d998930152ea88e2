//! `claviger policy`: policies as files, so that they can be kept in Git.

use crate::{
    StartError, SystemClock, database, http_client::http_client, policy_diff, serve::services,
    settings::Settings,
};
use clap::Subcommand;
use claviger_aws::AwsGateway;
use claviger_domain::compliance::view::DryRun;
use claviger_policy::compliance::{PACKS, PolicyCases, json_schema, read_policies};
use claviger_services::{ServiceError, Services};
use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Save the policies of a file, all or none; with --pack, a pack that ships with Claviger.
    Import {
        /// YAML, one policy per document.
        #[arg(required_unless_present = "pack")]
        file: Option<PathBuf>,
        /// baseline, strict, security-hub, nist-800-53 or pci-dss.
        #[arg(long, conflicts_with = "file")]
        pack: Option<String>,
    },
    /// Print every enabled policy; with --pack, a pack that ships with Claviger.
    Export {
        /// baseline, strict, security-hub, nist-800-53 or pci-dss.
        #[arg(long)]
        pack: Option<String>,
    },
    /// Validate a file, and report errors.
    Validate {
        /// YAML, one policy per document.
        file: PathBuf,
    },
    /// Test policies with a table of cases.
    Test {
        /// The table: a TOML file of `[[case]]` entries.
        cases: PathBuf,
        /// YAML, one policy per document.
        #[arg(long, required_unless_present = "pack")]
        policies: Option<PathBuf>,
        /// baseline, strict, security-hub, nist-800-53 or pci-dss.
        #[arg(long, conflicts_with = "policies")]
        pack: Option<String>,
    },
    /// Show what a file would change in the current inventory. It writes nothing.
    DryRun {
        /// YAML, one policy per document.
        file: PathBuf,
    },
    /// Compare policy files with another version of them in Git, offline: which policies are added, removed and changed, and
    /// which findings open and close.
    Diff(policy_diff::Diff),
    /// Print the JSON schema of a policy.
    Schema,
}

pub(crate) fn schema() -> Result<(), StartError> {
    Ok(writeln!(io::stdout(), "{}", json_schema())?)
}

pub(crate) fn validate(file: &Path) -> Result<(), StartError> {
    let policies = read_policies(&read(file)?)
        .map_err(|fault| StartError::Policy(format!("{}: {fault}", file.display())))?;
    eprintln!("{} policies can be used.", policies.len());
    Ok(())
}

pub(crate) fn test(
    cases: &Path,
    file: Option<&Path>,
    pack: Option<&str>,
) -> Result<(), StartError> {
    let policies = match (file, pack) {
        (Some(file), _) => read_policies(&read(file)?),
        (None, pack) => {
            let known = PACKS.iter().find(|(name, _)| Some(*name) == pack);
            let (_, text) = known.ok_or_else(|| {
                let names: Vec<&str> = PACKS.iter().map(|(name, _)| *name).collect();
                StartError::Policy(format!("there is no such pack; known are {}", names.join(", ")))
            })?;
            read_policies(text)
        }
    }
    .map_err(|fault| StartError::Policy(fault.to_string()))?;
    let table =
        PolicyCases::read(&read(cases)?).map_err(|error| StartError::Policy(error.to_string()))?;
    let faults = table.run(&policies);
    for fault in &faults {
        eprintln!("{fault}");
    }
    eprintln!("{} of {} cases as expected", table.len() - faults.len(), table.len());
    if faults.is_empty() { Ok(()) } else { Err(StartError::Cases(faults.len())) }
}

pub(crate) async fn run(command: PolicyCommand, settings: &Settings) -> Result<(), StartError> {
    let store = database::connect(&settings.database(), 4).await?;
    // This command makes no AWS calls; the jobs that need AWS are queued for the server.
    let aws = Arc::new(AwsGateway::new(&settings.aws()).await);
    let services = services(
        settings,
        store,
        aws,
        Arc::new(SystemClock),
        &http_client(settings.ca_bundle.as_ref())?,
    )?;
    match command {
        PolicyCommand::Import { file, pack } => {
            let text = match (file, pack) {
                (Some(file), _) => read(&file)?,
                (None, pack) => {
                    services.policies().export_policies(pack.as_deref()).await.map_err(said)?
                }
            };
            let saved = services.policies().import_policies(&text).await.map_err(said)?;
            eprintln!("{} saved; the server re-evaluates everything.", saved.len());
            for id in saved {
                writeln!(io::stdout(), "{id}")?;
            }
            Ok(())
        }
        PolicyCommand::Export { pack } => {
            let text = services.policies().export_policies(pack.as_deref()).await.map_err(said)?;
            Ok(io::stdout().write_all(text.as_bytes())?)
        }
        PolicyCommand::DryRun { file } => dry_run(&services, &file).await,
        PolicyCommand::Validate { file } => validate(&file),
        PolicyCommand::Test { cases, policies, pack } => {
            test(&cases, policies.as_deref(), pack.as_deref())
        }
        PolicyCommand::Diff(diff) => diff.print(),
        PolicyCommand::Schema => schema(),
    }
}

async fn dry_run(services: &Services, file: &Path) -> Result<(), StartError> {
    let run: DryRun = services.policies().try_policies(&read(file)?).await.map_err(said)?;
    let mut out = io::stdout().lock();
    writeln!(out, "policy\tfails before\tafter\tunknown before\tafter")?;
    for row in &run.policies {
        let (before, after) = (row.before, row.after);
        writeln!(
            out,
            "{}\t{}\t{}\t{}\t{}",
            row.id, before.fail, after.fail, before.unknown, after.unknown
        )?;
    }
    eprintln!(
        "{} findings would open, {} would be resolved, over {} secrets and parameters.",
        run.opens_count, run.resolves_count, run.resources
    );
    Ok(())
}

fn read(file: &Path) -> Result<String, StartError> {
    std::fs::read_to_string(file)
        .map_err(|error| StartError::Policy(format!("{}: {error}", file.display())))
}

/// The error for the person.
fn said(error: ServiceError) -> StartError {
    StartError::Policy(error.into_problem().to_string())
}
