//! The database: whether it responds, and whether this release can use it.

use super::{Line, TestError, in_time};
use crate::{
    SystemClock, database,
    settings::Settings,
    surroundings::{SYNCHRONISE, named, wrong_clock},
};
use claviger_domain::clock::{Clock as _, NOTICED_CLOCK_SKEW, clock_skew, describe_skew};
use claviger_store::{Diagnosis, InventorySize, Store, StoreError};
use std::collections::BTreeSet;

/// The same text as in the startup log.
pub(crate) const NEAR_THE_LIMIT: &str = "the inventory has reached four fifths of inventory_limit";
pub(crate) const RAISE_THE_LIMIT: &str = "Raise inventory_limit on servers with enough memory, some 320 bytes for each secret and parameter";
pub(crate) const OVER_THE_LIMIT: &str = "No list of the inventory or of findings is answered. Raise inventory_limit on servers \
     with enough memory, some 320 bytes for each secret and parameter, or divide the accounts between consoles";

pub(super) async fn test(settings: &Settings) -> Vec<Line> {
    let address = match database::address(&settings.database()).await {
        Ok(address) => address,
        Err(error) => {
            let to_do = "Give Claviger AWS credentials; tokens are signed with them";
            return vec![Line::failed("Database", error, to_do)];
        }
    };
    let looked = in_time(async {
        let store = Store::connect_to(&address, 2)
            .await?
            .with_inventory_limit(settings.inventory_limit.get().into());
        let found = store.diagnose().await?;
        // Without the table there is nothing to count; the line about the schema says so.
        let size =
            if found.has_inventory { Some(store.index().inventory_size().await?) } else { None };
        let before = SystemClock.now();
        let other = store.database().time().await?;
        let ahead = clock_skew(before, other, SystemClock.now());
        let releases = store.database().other_releases().await?;
        Ok::<_, StoreError>((found, size, ahead, releases))
    });
    match looked.await {
        Ok((found, size, ahead, releases)) => {
            let mut lines = validate(&found);
            lines.push(clock(ahead));
            lines.push(other_releases(&releases));
            lines.extend(size.map(inventory));
            lines
        }
        Err(TestError::Failed(error @ (StoreError::OtherEngine(_) | StoreError::OldServer(_)))) => {
            vec![Line::failed("Database", error, "Set DATABASE_URL to such a database")]
        }
        Err(error) => vec![Line::failed(
            "Database",
            error,
            "Check DATABASE_URL, that PostgreSQL runs there, and the role's password and right to connect",
        )],
    }
}

fn clock(ahead: time::Duration) -> Line {
    const ABOUT: &str = "Clock";
    match wrong_clock(ahead) {
        Some(why) => Line::failed(ABOUT, why, SYNCHRONISE),
        None if ahead.abs() > NOTICED_CLOCK_SKEW => {
            let what = format!("this machine is {} the database's", describe_skew(ahead));
            Line::warning(ABOUT, what, SYNCHRONISE)
        }
        None => Line::passed(ABOUT, "agrees with the database's"),
    }
}

fn other_releases(others: &BTreeSet<Option<String>>) -> Line {
    const ABOUT: &str = "Releases";
    let own = env!("CARGO_PKG_VERSION");
    if others.is_empty() {
        return Line::passed(ABOUT, format!("only {own} uses the database"));
    }
    let what = format!("this is {own}, and {} uses the database too", named(others));
    Line::warning(ABOUT, what, "Finish the upgrade or the rollback: see docs/operations.md")
}

fn validate(found: &Diagnosis) -> Vec<Line> {
    let version = format!("PostgreSQL {} as role {}", found.version, found.role);
    vec![Line::passed("Database", version), schema(found), privileges(found)]
}

fn schema(found: &Diagnosis) -> Line {
    const ABOUT: &str = "Database schema";
    let listed =
        |versions: &[i64]| versions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if !found.unknown.is_empty() {
        let what = format!("migrations {} are of a newer release", listed(&found.unknown));
        if found.may_run_on_newer_schema && found.damaged.is_empty() && found.pending.is_empty() {
            let to_do = "This release may use the schema; upgrade it, or finish the rollback";
            return Line::warning(ABOUT, what, to_do);
        }
        return Line::failed(
            ABOUT,
            what,
            "Start that release, or restore the backup from before it",
        );
    }
    if !found.damaged.is_empty() {
        let what = format!("migrations {} are incomplete or changed", listed(&found.damaged));
        return Line::failed(ABOUT, what, "Restore the database, or use the release that made it");
    }
    if found.pending.is_empty() {
        return Line::passed(ABOUT, "up to date");
    }
    let what = format!("{} migrations are pending", found.pending.len());
    if !found.has_trigrams {
        let to_do = "Install PostgreSQL's contrib package, which has the extension pg_trgm";
        return Line::failed(ABOUT, what, to_do);
    }
    if found.may_migrate {
        Line::warning(ABOUT, what, "Run `claviger migrate`")
    } else {
        let to_do = "Run `claviger migrate` as a role that may create schemas and tables";
        Line::failed(ABOUT, format!("{what}, and the role {} may not run them", found.role), to_do)
    }
}

fn inventory(size: InventorySize) -> Line {
    const ABOUT: &str = "Inventory size";
    if size.is_beyond() {
        return Line::failed(ABOUT, size, OVER_THE_LIMIT);
    }
    if size.is_near() {
        let what = format!("{} of {} rows: {NEAR_THE_LIMIT}", size.rows, size.limit);
        return Line::warning(ABOUT, what, RAISE_THE_LIMIT);
    }
    Line::passed(ABOUT, format!("{} of at most {} rows (inventory_limit)", size.rows, size.limit))
}

fn privileges(found: &Diagnosis) -> Line {
    const ABOUT: &str = "Database privileges";
    if found.forbidden.is_empty() {
        return Line::passed(ABOUT, "the role can read and add to every table");
    }
    let named: Vec<&str> = found.forbidden.iter().take(5).map(String::as_str).collect();
    let what = format!(
        "the role {} may not use {} tables: {}",
        found.role,
        found.forbidden.len(),
        named.join(", ")
    );
    Line::failed(ABOUT, what, "Grant the role the privileges that docs/configuration.md lists")
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::Duration;

    #[test]
    fn a_clock_is_said_to_be_wrong_from_a_minute_on_and_fails_from_five() {
        for (ahead, says) in [
            (Duration::seconds(20), "ok       Clock: agrees"),
            (
                Duration::seconds(-90),
                "warning  Clock: this machine is 90 seconds ahead of the database's",
            ),
            (
                Duration::minutes(10),
                "failed   Clock: the clock of this machine is 600 seconds behind",
            ),
        ] {
            let line = clock(ahead).to_string();
            assert!(line.starts_with(says), "{line}");
        }
    }
}
