//! `claviger scan`: one account with the credentials at hand. No database, no roles, no configuration file.

mod error;
mod formats;
mod html;
mod output;
mod progress;
mod table;

use crate::{SystemClock, settings::CaBundle};
use clap::{Args, ValueEnum};
use claviger_aws::{AwsGateway, OwnAccountSettings};
use claviger_domain::{
    compliance::Severity,
    ids::{AccountId, Region},
};
use claviger_policy::compliance::{PACKS, Policy, read_policies};
use claviger_services::{AccountScan, AccountScanOrder, AccountScanService, NotRead};
use error::ScanError;
use formats::Format;
use output::Outputs;
use progress::ProgressLine;
use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};

/// The text after the help of the command; docs/scan.md has the same table.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0    everything was read, and no check of the severity of --fail-on or above fails
  1    such a check fails
  2    the command line is invalid, the scan was not possible, or a part of the account could not be read
  130  interrupted by Ctrl-C; no file was written";

/// The share of the account's quotas, as the server's default.
const QUOTA_PERCENT: u8 = 40;

/// A check of the severity of `--fail-on` or above fails.
const FOUND: u8 = 1;
/// The scan was not possible, or a part of the account could not be read.
const NOT_WHOLE: u8 = 2;
/// As a shell reports SIGINT.
const INTERRUPTED: u8 = 130;

#[derive(Debug, Args)]
pub(crate) struct ScanCommand {
    /// A profile of the AWS configuration files, also one of IAM Identity Center. Without it the default chain of the AWS SDK
    /// applies: the environment, the default profile, the role of the machine.
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// A PEM file with more root certificates to trust, in addition to the system's.
    #[arg(long, value_name = "FILE", env = "CLAVIGER_CA_BUNDLE")]
    ca_bundle: Option<PathBuf>,
    /// Scan this Region; repeat it for several. The default is every Region that is enabled in the account.
    #[arg(long = "region", value_name = "REGION")]
    regions: Vec<Region>,
    /// Evaluate a pack that ships with Claviger: baseline, strict, security-hub, nist-800-53 or pci-dss.
    #[arg(long, default_value = "baseline", conflicts_with = "policy")]
    pack: String,
    /// Evaluate the policies of this file instead: YAML, one policy per document.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Also write a file; repeat it for several. Its ending gives the format: .txt, .html, .csv, .json, .ndjson (OCSF) or
    /// .sarif.
    #[arg(long, value_name = "FILE")]
    output: Vec<PathBuf>,
    /// The format of each output, in order, if its ending does not give it. Without --output, the format on standard output.
    #[arg(long, value_enum)]
    format: Vec<Format>,
    /// Exit with 1 if a check of at least this severity fails.
    #[arg(long, value_enum, default_value_t = FailOn::High)]
    fail_on: FailOn,
    /// Exit with 0 instead of 2 if a part of the account could not be read and nothing else is wrong.
    #[arg(long)]
    allow_partial: bool,
}

/// From which severity on a failing check decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Critical,
    High,
    Medium,
    Low,
    Never,
}

impl FailOn {
    fn severity(self) -> Option<Severity> {
        match self {
            Self::Critical => Some(Severity::Critical),
            Self::High => Some(Severity::High),
            Self::Medium => Some(Severity::Medium),
            Self::Low => Some(Severity::Low),
            Self::Never => None,
        }
    }
}

impl ScanCommand {
    /// 0: no check of the severity fails. 1: one does. 2: the scan was not possible, or is not whole.
    pub(crate) async fn run(self) -> ExitCode {
        let ended = tokio::select! {
            // First, so that the signal is caught before anything is done.
            biased;
            _ = tokio::signal::ctrl_c() => Err(ScanError::Interrupted),
            ended = Box::pin(self.scan()) => ended,
        };
        match ended {
            Ok(code) => ExitCode::from(code),
            Err(error) => {
                progress::clear();
                eprintln!("claviger: {error}");
                ExitCode::from(match error {
                    ScanError::Interrupted => INTERRUPTED,
                    _ => NOT_WHOLE,
                })
            }
        }
    }

    async fn scan(&self) -> Result<u8, ScanError> {
        // Before AWS is called: whatever is wrong here needs no scan.
        let outputs = Outputs::open(&self.output, &self.format)?;
        let (policy_source, policies) = self.policies()?;
        let settings = OwnAccountSettings {
            profile: self.profile.clone(),
            region: self.regions.first().cloned(),
            quota_percent: QUOTA_PERCENT,
            root_certificates: match &self.ca_bundle {
                Some(file) => {
                    let bundle = CaBundle::read(file).map_err(ScanError::Certificates)?;
                    Some(bundle.pem().clone())
                }
                None => None,
            },
        };
        let (gateway, home) = AwsGateway::of_own_account(&settings).await?;
        let identity = gateway
            .caller_identity()
            .await
            .map_err(|error| ScanError::of_aws(&error, self.profile.as_deref()))?;
        let service = AccountScanService::new(Arc::new(gateway), Arc::new(SystemClock));
        let (regions, not_read) = self.regions(&service, &identity.account, home).await?;
        let progress = ProgressLine::begin(&identity.account, &regions);
        let account = identity.account;
        let order = AccountScanOrder { account, regions, policies, policy_source, not_read };
        let scan = Box::pin(service.scan(order, &|step| progress.note(step))).await;
        progress::clear();
        if !scan.has_read_any {
            for gap in &scan.not_read {
                eprintln!("{gap}");
            }
            return Err(ScanError::NothingRead);
        }
        let verdict = self.verdict(&scan);
        let is_table = outputs.stdout == Format::Table;
        let text = formats::render(&scan, outputs.stdout, is_table.then_some(verdict.as_str()))?;
        outputs.write(&scan)?;
        io::stdout().write_all(text.as_bytes()).map_err(ScanError::Stdout)?;
        if !is_table {
            eprintln!("{verdict}");
        }
        Ok(self.code(&scan))
    }

    fn policies(&self) -> Result<(String, Vec<Policy>), ScanError> {
        let (source, text) = if let Some(file) = &self.policy {
            let text = std::fs::read_to_string(file)
                .map_err(|error| ScanError::Policy(format!("{}: {error}", file.display())))?;
            (file.display().to_string(), text)
        } else {
            let known = PACKS.iter().find(|(name, _)| *name == self.pack);
            let (name, text) = known.ok_or_else(|| {
                let names: Vec<&str> = PACKS.iter().map(|(name, _)| *name).collect();
                ScanError::Policy(format!(
                    "there is no pack {:?}; known are {}",
                    self.pack,
                    names.join(", ")
                ))
            })?;
            (format!("pack {name}"), (*text).to_owned())
        };
        let policies = read_policies(&text)
            .map_err(|fault| ScanError::Policy(format!("{source}: {fault}")))?;
        Ok((source, policies))
    }

    /// The Regions to scan. Where AWS does not say which are enabled, the Regions that were asked for, or the profile's.
    async fn regions(
        &self,
        service: &AccountScanService,
        account: &AccountId,
        home: Region,
    ) -> Result<(Vec<Region>, Vec<NotRead>), ScanError> {
        let mut asked = self.regions.clone();
        asked.sort();
        asked.dedup();
        match service.enabled_regions(account).await {
            Ok(enabled) if asked.is_empty() => Ok((enabled, Vec::new())),
            Ok(enabled) => match asked.iter().find(|region| !enabled.contains(region)) {
                Some(unknown) => Err(ScanError::region(unknown, &enabled)),
                None => Ok((asked, Vec::new())),
            },
            // The lists will tell whether the Region exists.
            Err(_) if !asked.is_empty() => Ok((asked, Vec::new())),
            Err(error) => {
                let gap = NotRead {
                    region: None,
                    what: format!("Regions other than {home}"),
                    operation: error.operation.to_owned(),
                    error: error.word(),
                    to_do: "Allow account:ListRegions, or name the Regions with --region.".into(),
                };
                Ok((vec![home], vec![gap]))
            }
        }
    }

    /// What the exit code says, in a sentence.
    fn verdict(&self, scan: &AccountScan) -> String {
        let least = self.fail_on.severity();
        let failing = least.map_or(0, |least| {
            scan.failing.iter().filter(|row| row.severity.rank() <= least.rank()).count()
        });
        let mut says = match least {
            _ if failing > 0 => {
                let least = least.map(|least| least.to_string()).unwrap_or_default();
                format!("{failing} checks fail at severity {least} or above.")
            }
            Some(least) => format!("No check fails at severity {least} or above."),
            None => "Failing checks do not change the exit code (--fail-on never).".to_owned(),
        };
        if !scan.is_whole() {
            says.push_str(" The scan is incomplete: see what was not read.");
        }
        says
    }

    fn code(&self, scan: &AccountScan) -> u8 {
        match self.fail_on.severity() {
            Some(least) if scan.fails_at(least) => FOUND,
            _ if scan.is_whole() || self.allow_partial => 0,
            _ => NOT_WHOLE,
        }
    }
}
