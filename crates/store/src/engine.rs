//! Which database engine answers.

use crate::{Store, StoreError};

/// PostgreSQL 15, in the format of `server_version_num`.
const OLDEST: i32 = 150_000;

/// Engines that speak PostgreSQL's protocol, by what their `version()` contains.
const OTHERS: [(&str, &str); 2] = [("CockroachDB", "CockroachDB"), ("-YB-", "YugabyteDB")];

impl Store {
    /// Fails unless this is PostgreSQL 15 or newer. Other engines lack, or only recently got, LISTEN and NOTIFY, advisory locks or
    /// snapshots that we rely on: a lock that does nothing could lose a revocation.
    pub(crate) async fn check_engine(&self) -> Result<(), StoreError> {
        // On the search path, so that a test can be another engine.
        let (version, number): (String, i32) =
            sqlx::query_as("select version(), current_setting('server_version_num')::integer")
                .fetch_one(&self.pool)
                .await?;
        check(&version, number)
    }
}

fn check(version: &str, number: i32) -> Result<(), StoreError> {
    if let Some((_, engine)) = OTHERS.iter().find(|(word, _)| version.contains(word)) {
        return Err(StoreError::OtherEngine(engine));
    }
    if number < OLDEST {
        let release = version.split(" on ").next().unwrap_or(version);
        return Err(StoreError::OldServer(release.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_engines_and_old_servers_are_refused_by_name() {
        let fault = |version: &str, number| check(version, number).unwrap_err().to_string();
        let cockroach = "CockroachDB CCL v24.1.0 (x86_64-pc-linux-gnu, built 2024/05/15, go1.22.2)";
        assert!(fault(cockroach, 130_000).contains("CockroachDB"));
        let yugabyte = "PostgreSQL 15.2-YB-2025.1.0.0-b0 on x86_64-pc-linux-gnu, compiled by clang";
        assert!(fault(yugabyte, 150_002).contains("YugabyteDB"));
        let old = fault("PostgreSQL 14.11 on x86_64-pc-linux-gnu, compiled by gcc", 140_011);
        assert!(old.contains("PostgreSQL 14.11") && old.contains("15 or newer"), "{old}");
        check("PostgreSQL 15.8 (Debian 15.8-0+deb12u1) on x86_64-pc-linux-gnu", 150_008).unwrap();
        check("PostgreSQL 16.4 on aarch64-unknown-linux-gnu", 160_004).unwrap();
    }
}
