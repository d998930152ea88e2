//! `claviger revoke-all`: pauses access, ends every session, and waits until AWS denies each.

use crate::{
    StartError, SystemClock, database, http_client::http_client, serve::services,
    settings::Settings,
};
use claviger_aws::AwsGateway;
use claviger_domain::authz::Person;
use claviger_services::{EndedSessions, ServiceError};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
    sync::Arc,
    time::{Duration, Instant},
};

/// Accounts whose statements are changed at a time, each with two connections to the database.
const SETTLED_AT_ONCE: usize = 8;
const CONNECTIONS: u32 = 24;
/// Between two rounds of asking AWS about what it did not confirm.
const PAUSE: Duration = Duration::from_secs(5);

/// What the operator asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct RevokeAll {
    /// Why, for the audit log, the holders and everyone who sees the console. At most 1,000 characters.
    #[arg(long)]
    reason: String,
    /// Your name, for the audit log.
    #[arg(long, env = "USER", default_value = "an operator")]
    by: String,
    /// Also deny every older session of the access role in all accounts, whether the database knows it or not: after a
    /// restore, or if the hub's role was stolen.
    #[arg(long)]
    every_session: bool,
    /// How long to wait for AWS's confirmation.
    #[arg(long, value_name = "MINUTES", default_value_t = 10)]
    wait_minutes: u32,
}

impl RevokeAll {
    /// Succeeds only if AWS has confirmed the end of every session.
    pub(crate) async fn run(self, settings: &Settings) -> Result<(), StartError> {
        let store = database::connect(&settings.database(), CONNECTIONS).await?;
        let aws = Arc::new(AwsGateway::new(&settings.aws()).await);
        let services = services(
            settings,
            store,
            aws,
            Arc::new(SystemClock),
            &http_client(settings.ca_bundle.as_ref())?,
        )?
        .with_settling(SETTLED_AT_ONCE);
        let incident = services.incident();
        let operator = Person {
            subject: format!("operator:{}", self.by),
            name: format!("{} (operator)", self.by),
            email: None,
        };
        let ending =
            incident.end_all_grants(&operator, &self.reason).await.map_err(|error| said(&error))?;
        eprintln!(
            "Access {} paused. {} active grants are revoked.",
            if ending.paused { "is now" } else { "was already" },
            ending.grants
        );
        let probes = if self.every_session {
            let probes = incident
                .cut_off_accounts(&operator, &self.reason)
                .await
                .map_err(|error| said(&error))?;
            eprintln!("Every older session of {} is to be denied.", settings.access_role);
            probes
        } else {
            BTreeMap::new()
        };

        let until = Instant::now() + Duration::from_secs(u64::from(self.wait_minutes) * 60);
        let mut told = BTreeSet::new();
        loop {
            let sessions = incident
                .confirm(&probes, &settings.aws_region)
                .await
                .map_err(|error| said(&error))?;
            report(&sessions, &mut told)?;
            let open: Vec<&EndedSessions> =
                sessions.iter().filter(|ended| ended.confirmed_at.is_none()).collect();
            if open.is_empty() {
                eprintln!(
                    "AWS has confirmed the end of all {} (grants and accounts).",
                    sessions.len()
                );
                return Ok(());
            }
            if Instant::now() + PAUSE >= until {
                for ended in &open {
                    line(ended, "not confirmed", ended.fault.as_deref())?;
                }
                return Err(StartError::NotConfirmed { open: open.len(), of: sessions.len() });
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Prints what AWS has confirmed since the last round.
fn report(
    sessions: &[EndedSessions],
    told: &mut BTreeSet<(String, Option<i64>)>,
) -> Result<(), StartError> {
    for ended in sessions {
        let Some(at) = ended.confirmed_at else { continue };
        if told.insert((ended.account.to_string(), ended.grant.map(|grant| grant.0))) {
            let took = format!("{:.1} s after the request", (at - ended.asked_at).as_seconds_f32());
            line(ended, "confirmed by AWS", Some(&took))?;
        }
    }
    Ok(())
}

/// One line for a grant or an account, separated by tabs.
fn line(ended: &EndedSessions, state: &str, more: Option<&str>) -> Result<(), StartError> {
    let what = ended.grant.map_or_else(|| "every session".to_owned(), |grant| grant.to_string());
    let holder = ended.holder.as_deref().unwrap_or("-");
    writeln!(
        io::stdout(),
        "{}\t{what}\t{holder}\t{state}\t{}",
        ended.account,
        more.unwrap_or("no answer from AWS yet")
    )?;
    Ok(())
}

fn said(error: &ServiceError) -> StartError {
    StartError::Incident(error.to_string())
}
