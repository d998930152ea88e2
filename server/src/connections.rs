//! Whether PostgreSQL allows as many connections as all replicas may open.

use crate::{StartError, settings::Settings};
use claviger_store::{ConnectionLimits, Store};

/// Compares the configuration with the database's limits. If one replica does not fit, that is an error; if all
/// replicas do not fit, or the server is nearly full now, that is a warning.
pub(crate) async fn check(
    store: &Store,
    settings: &Settings,
    for_jobs: u32,
) -> Result<(), StartError> {
    let limits = store.connection_limits().await?;
    let wanted = Wanted {
        people: settings.database_connections.into(),
        jobs: for_jobs.into(),
        replicas: settings.replicas.into(),
    };
    if let Some(warning) = validate(&limits, wanted).map_err(StartError::Connections)? {
        tracing::warn!(
            connections.wanted = wanted.each() * wanted.replicas,
            connections.most = limits.most(),
            connections.in_use = limits.in_use,
            "{warning}"
        );
    }
    Ok(())
}

#[derive(Debug, Clone, Copy)]
struct Wanted {
    people: i64,
    jobs: i64,
    replicas: i64,
}

impl Wanted {
    fn each(self) -> i64 {
        self.people + self.jobs
    }
}

/// A warning, nothing, or an error.
fn validate(limits: &ConnectionLimits, wanted: Wanted) -> Result<Option<String>, String> {
    let (each, most) = (wanted.each(), limits.most());
    let of = format!(
        "max_connections {} of which {} are reserved{}{}",
        limits.server,
        limits.reserved,
        limits.role.map(|limit| format!(", the role's limit {limit}")).unwrap_or_default(),
        limits.database.map(|limit| format!(", the database's limit {limit}")).unwrap_or_default(),
    );
    let what = format!(
        "a replica opens up to {each} connections ({} of database_connections, {} for its jobs)",
        wanted.people, wanted.jobs
    );
    let advice = "Lower database_connections or jobs, or raise the limit in PostgreSQL";
    if each > most {
        return Err(format!("{what}, and the database allows {most} ({of}). {advice}"));
    }
    let all = each * wanted.replicas;
    if all > most {
        return Ok(Some(format!(
            "{} replicas open up to {all} connections: {what}, and the database allows {most} ({of}). {advice}",
            wanted.replicas
        )));
    }
    let free = limits.server - limits.reserved - limits.in_use;
    if free < each {
        return Ok(Some(format!(
            "{what}, and only {free} are free now: others use {} of {} ({of}). {advice}",
            limits.in_use,
            limits.server - limits.reserved
        )));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: ConnectionLimits =
        ConnectionLimits { server: 100, reserved: 3, role: None, database: None, in_use: 0 };
    const DEFAULT: Wanted = Wanted { people: 20, jobs: 24, replicas: 1 };

    #[test]
    fn what_fits_is_not_mentioned() {
        assert_eq!(validate(&LIMITS, DEFAULT), Ok(None));
        assert_eq!(validate(&LIMITS, Wanted { replicas: 2, ..DEFAULT }), Ok(None));
    }

    #[test]
    fn too_many_replicas_are_a_warning_with_the_numbers() {
        let warning = validate(&LIMITS, Wanted { replicas: 3, ..DEFAULT }).unwrap().unwrap();
        for part in ["132", "97", "44", "database_connections", "max_connections 100"] {
            assert!(warning.contains(part), "{warning}");
        }
    }

    #[test]
    fn a_server_that_is_nearly_full_is_a_warning() {
        let warning =
            validate(&ConnectionLimits { in_use: 60, ..LIMITS }, DEFAULT).unwrap().unwrap();
        assert!(warning.contains("only 37 are free"), "{warning}");
    }

    #[test]
    fn one_replica_that_cannot_fit_is_refused_whatever_bounds_it() {
        for limits in [
            ConnectionLimits { server: 40, ..LIMITS },
            ConnectionLimits { role: Some(43), ..LIMITS },
            ConnectionLimits { database: Some(10), ..LIMITS },
        ] {
            let refusal = validate(&limits, DEFAULT).unwrap_err();
            assert!(
                refusal.contains("44") && refusal.contains(&limits.most().to_string()),
                "{refusal}"
            );
        }
    }
}
