//! What is read at a scrape: the database, the pools and the process.

use super::{
    catalog::{
        ACCOUNTS_UNSCANNED, BUILD_INFO, CONNECTIONS, CONNECTIONS_LIMIT, DATABASE_REACHABLE,
        DELIVERIES_WAITING, DISK_FULL, EVALUATED, FINDINGS, FINDINGS_OVERDUE, GRANTS, Metric,
        MetricType, PROCESS_CPU, PROCESS_FDS, PROCESS_MAX_FDS, PROCESS_MEMORY, PROCESS_START,
        QUEUE_AGE, QUEUE_JOBS, REVOCATION_AGE, REVOCATIONS_UNCONFIRMED, ROTATION_AGE,
        ROTATION_FAILED, ROTATION_OVERDUE, SCAN_COMPLETE,
    },
    process::ProcessUse,
    teams::by_team,
};
use claviger_domain::{VariantArray, compliance::Severity, job::Job, notifications::Channel};
use claviger_services::{JobCount, MetricsSnapshot, PoolUse};
use claviger_store::disk_full_errors;
use prometheus_client::{
    encoding::text::encode_registry,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};
use std::{collections::BTreeMap, fmt, sync::atomic::AtomicU64};
use time::OffsetDateTime;

type Labels = Vec<(&'static str, String)>;

/// The samples of one scrape.
#[derive(Default)]
pub(super) struct Reading {
    registry: Registry,
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn float(count: u64) -> f64 {
    count as f64
}

fn timestamp(at: OffsetDateTime) -> f64 {
    (at - OffsetDateTime::UNIX_EPOCH).as_seconds_f64()
}

fn age(since: Option<OffsetDateTime>, now: OffsetDateTime) -> f64 {
    since.map_or(0.0, |since| (now - since).as_seconds_f64().max(0.0))
}

impl Reading {
    /// Samples of a metric, each with the values of its labels. Without samples the metric is absent.
    fn put(&mut self, metric: &Metric, samples: impl IntoIterator<Item = (Vec<String>, f64)>) {
        let labels =
            |values: Vec<String>| -> Labels { metric.labels.iter().copied().zip(values).collect() };
        let mut samples = samples.into_iter().peekable();
        if samples.peek().is_none() {
            return;
        }
        if metric.kind == MetricType::Counter {
            let family = Family::<Labels, Counter<f64, AtomicU64>>::default();
            for (values, value) in samples {
                family.get_or_create(&labels(values)).inc_by(value);
            }
            self.registry.register(metric.base_name(), metric.help, family);
        } else {
            let family = Family::<Labels, Gauge<f64, AtomicU64>>::default();
            for (values, value) in samples {
                family.get_or_create(&labels(values)).set(value);
            }
            self.registry.register(metric.base_name(), metric.help, family);
        }
    }

    fn put_one(&mut self, metric: &Metric, value: impl Into<Option<f64>>) {
        self.put(metric, value.into().map(|value| (Vec::new(), value)));
    }

    pub(super) fn put_process(&mut self, started: OffsetDateTime) {
        let used = ProcessUse::read();
        self.put_one(&DISK_FULL, float(disk_full_errors()));
        self.put(&BUILD_INFO, [(vec![env!("CARGO_PKG_VERSION").to_owned()], 1.0)]);
        self.put_one(&PROCESS_START, timestamp(started));
        self.put_one(&PROCESS_CPU, used.cpu_seconds);
        self.put_one(&PROCESS_MEMORY, used.memory_bytes);
        self.put_one(&PROCESS_FDS, used.open_fds);
        self.put_one(&PROCESS_MAX_FDS, used.max_fds);
    }

    pub(super) fn put_pools(&mut self, pools: &[(&'static str, PoolUse)]) {
        let each = pools.iter().flat_map(|(pool, connections)| {
            [("used", connections.used), ("idle", connections.idle)].map(|(state, count)| {
                (vec![(*pool).to_owned(), state.to_owned()], f64::from(count))
            })
        });
        self.put(&CONNECTIONS, each);
        let limits =
            pools.iter().map(|(pool, used)| (vec![(*pool).to_owned()], f64::from(used.limit)));
        self.put(&CONNECTIONS_LIMIT, limits);
    }

    pub(super) fn put_reachable(&mut self, is_reachable: bool) {
        self.put_one(&DATABASE_REACHABLE, f64::from(u8::from(is_reachable)));
    }

    pub(super) fn put_snapshot(&mut self, snapshot: &MetricsSnapshot) {
        let now = snapshot.at;
        let accounts = &snapshot.accounts;
        let each = accounts.iter().filter_map(|account| {
            Some((vec![account.account.to_string()], timestamp(account.complete_as_of?)))
        });
        self.put(&SCAN_COMPLETE, each);
        let unscanned = accounts.iter().filter(|account| account.complete_as_of.is_none());
        self.put_one(&ACCOUNTS_UNSCANNED, float(unscanned.count() as u64));
        let each = accounts.iter().filter(|account| account.holds_any).filter_map(|account| {
            Some((vec![account.account.to_string()], timestamp(account.evaluated_at?)))
        });
        self.put(&EVALUATED, each);
        self.put_jobs(&snapshot.jobs, now);
        let each = snapshot.grants.iter();
        self.put(&GRANTS, each.map(|(state, count)| (vec![state.to_string()], float(*count))));
        self.put_one(&REVOCATIONS_UNCONFIRMED, float(snapshot.revocations.count));
        self.put_one(&REVOCATION_AGE, age(snapshot.revocations.oldest_asked_at, now));
        let each = Channel::VARIANTS.iter().map(|channel| {
            let waiting = snapshot.deliveries.get(channel).copied().unwrap_or_default();
            (vec![channel.to_string()], float(waiting))
        });
        self.put(&DELIVERIES_WAITING, each);
        if let Some(findings) = &snapshot.findings {
            for (metric, counts) in
                [(&FINDINGS, &findings.open), (&FINDINGS_OVERDUE, &findings.overdue)]
            {
                let each = Severity::VARIANTS.iter().map(|severity| {
                    let count = counts.get(severity).copied().unwrap_or_default();
                    (vec![severity.to_string()], float(count))
                });
                self.put(metric, each);
            }
        }
        if let Some(rotation) = &snapshot.rotation {
            let teams = by_team(rotation);
            let each = |of: fn(&super::teams::TeamNumbers, OffsetDateTime) -> f64| {
                teams.iter().map(move |(team, numbers)| (vec![team.clone()], of(numbers, now)))
            };
            self.put(&ROTATION_OVERDUE, each(|numbers, _| float(numbers.overdue)));
            self.put(&ROTATION_FAILED, each(|numbers, _| float(numbers.stuck)));
            self.put(&ROTATION_AGE, each(|numbers, now| age(numbers.overdue_since, now)));
        }
    }

    /// Of every kind; kinds of other releases count as `other`.
    fn put_jobs(&mut self, jobs: &[JobCount], now: OffsetDateTime) {
        let mut counts: BTreeMap<&str, ([u64; 4], f64)> =
            Job::KINDS.iter().map(|kind| (*kind, ([0; 4], 0.0))).collect();
        for job in jobs {
            let known = Job::KINDS.iter().find(|kind| **kind == job.kind);
            let (sums, oldest) = counts.entry(known.copied().unwrap_or("other")).or_default();
            for (sum, count) in sums.iter_mut().zip([job.due, job.later, job.running, job.given_up])
            {
                *sum += count;
            }
            *oldest = oldest.max(age(job.due_since, now));
        }
        let each = counts.iter().flat_map(|(kind, (sums, _))| {
            ["due", "later", "running", "given_up"]
                .into_iter()
                .zip(sums)
                .map(|(state, sum)| (vec![(*kind).to_owned(), state.to_owned()], float(*sum)))
        });
        self.put(&QUEUE_JOBS, each);
        let each = counts.iter().map(|(kind, (_, oldest))| (vec![(*kind).to_owned()], *oldest));
        self.put(&QUEUE_AGE, each);
    }

    pub(super) fn encode(&self, text: &mut String) -> fmt::Result {
        encode_registry(text, &self.registry)
    }
}
