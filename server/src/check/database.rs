//! The database: whether it answers, and whether this release can use it.

use super::{Line, in_time};
use crate::settings::Settings;
use claviger_store::{Diagnosis, Store};
use secrecy::ExposeSecret;

/// PostgreSQL 15, as `server_version_num` has it.
const OLDEST: i32 = 150_000;

pub(super) async fn test(settings: &Settings) -> Vec<Line> {
    let looked = in_time(async {
        Store::connect(settings.database_url.expose_secret(), 2).await?.diagnose().await
    });
    match looked.await {
        Ok(found) => judge(&found),
        Err(error) => vec![Line::failed(
            "Database",
            error,
            "Check DATABASE_URL, that PostgreSQL runs there, and the role's password and right to connect",
        )],
    }
}

fn judge(found: &Diagnosis) -> Vec<Line> {
    let version = format!("PostgreSQL {} as role {}", found.version, found.role);
    let database = if found.version_number < OLDEST {
        Line::failed("Database", version, "Use PostgreSQL 15 or newer")
    } else {
        Line::passed("Database", version)
    };
    vec![database, schema(found), privileges(found)]
}

fn schema(found: &Diagnosis) -> Line {
    const ABOUT: &str = "Database schema";
    let listed =
        |versions: &[i64]| versions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if !found.unknown.is_empty() {
        let what = format!("migrations {} are of a newer release", listed(&found.unknown));
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
        Line::warning(ABOUT, what, "`claviger migrate` runs them")
    } else {
        let to_do = "Run `claviger migrate` as a role that may create schemas and tables";
        Line::failed(ABOUT, format!("{what}, and the role {} may not run them", found.role), to_do)
    }
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
    Line::failed(ABOUT, what, "Grant it what docs/configuration.md lists")
}
