//! The catalog equals what is exported, what the documentation says, and what the alerts and the dashboard ask for.

use super::{
    catalog::{CATALOG, MetricType, Source},
    reading::Reading,
    recorder::Recorder,
};
use claviger_aws::{RequestObserver, RequestOutcome, RequestReport};
use claviger_domain::{
    VariantArray, compliance::Severity, grants::GrantStateName, job::Job, notifications::Channel,
};
use claviger_services::{
    AccountAge, DeliveryOutcome, FindingNumbers, JobCount, MetricsSnapshot, OpenRevocations,
    PoolUse, ServiceObserver, TeamRotation,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};
use time::{OffsetDateTime, macros::datetime};

const NOW: OffsetDateTime = datetime!(2026-11-28 12:00 UTC);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn snapshot() -> MetricsSnapshot {
    let account = |id: &str, complete_as_of| AccountAge {
        account: id.parse().unwrap(),
        complete_as_of,
        evaluated_at: complete_as_of,
        holds_any: true,
    };
    let hour_ago = NOW - time::Duration::HOUR;
    MetricsSnapshot {
        at: NOW,
        accounts: vec![account("111122223333", Some(hour_ago)), account("444455556666", None)],
        jobs: vec![
            JobCount {
                kind: "scan".into(),
                due: 3,
                later: 0,
                running: 1,
                given_up: 0,
                due_since: Some(hour_ago),
            },
            JobCount {
                kind: "of_another_release".into(),
                due: 1,
                later: 0,
                running: 0,
                given_up: 0,
                due_since: Some(hour_ago),
            },
        ],
        grants: vec![(GrantStateName::Active, 2)],
        revocations: OpenRevocations { count: 1, oldest_asked_at: Some(hour_ago) },
        deliveries: BTreeMap::from([(Channel::Email, 4)]),
        findings: Some(FindingNumbers {
            open: BTreeMap::from([(Severity::High, 7)]),
            overdue: BTreeMap::new(),
        }),
        rotation: Some(vec![TeamRotation {
            team: Some("payments".into()),
            rotated: 5,
            overdue: 2,
            stuck: 1,
            overdue_since: Some(hour_ago),
        }]),
    }
}

fn text_of(snapshot: Option<&MetricsSnapshot>) -> String {
    let recorder = Recorder::new();
    recorder.observe(RequestReport {
        service: "Secrets Manager",
        operation: "ListSecrets",
        outcome: RequestOutcome::Throttled,
        elapsed: Duration::from_millis(30),
    });
    recorder.revocation_confirmed(Duration::from_secs(7));
    recorder.delivery_attempted(Channel::Chat, DeliveryOutcome::Failed);
    let mut reading = Reading::default();
    reading.put_reachable(snapshot.is_some());
    if let Some(snapshot) = snapshot {
        reading.put_snapshot(snapshot);
    }
    reading.put_pools(&[("people", PoolUse { used: 1, idle: 2, limit: 20 })]);
    reading.put_process(NOW);
    let mut text = String::new();
    recorder.encode(&mut text).unwrap();
    reading.encode(&mut text).unwrap();
    text
}

/// Of each exported metric: its type, and the labels of its samples.
fn exported(text: &str) -> BTreeMap<String, (String, BTreeSet<String>)> {
    let mut found: BTreeMap<String, (String, BTreeSet<String>)> = BTreeMap::new();
    for line in text.lines() {
        if let Some(line) = line.strip_prefix("# TYPE ") {
            let (name, of) = line.split_once(' ').unwrap();
            let name = if of == "counter" { format!("{name}_total") } else { name.to_owned() };
            found.insert(name, (of.to_owned(), BTreeSet::new()));
        } else if !line.starts_with('#') {
            let name = line.split(['{', ' ']).next().unwrap();
            let labels =
                line.split_once('{').map_or("", |(_, rest)| rest.split('}').next().unwrap());
            let owner = ["", "_bucket", "_sum", "_count"]
                .iter()
                .find_map(|end| name.strip_suffix(end).filter(|name| found.contains_key(*name)))
                .unwrap_or_else(|| panic!("no type of {name}"));
            let names = labels.split(',').filter_map(|label| label.split_once('='));
            let names = names.map(|(name, _)| name.to_owned()).filter(|name| name != "le");
            found.get_mut(owner).unwrap().1.extend(names);
        }
    }
    found
}

fn word(metric_type: MetricType) -> &'static str {
    match metric_type {
        MetricType::Counter => "counter",
        MetricType::Gauge => "gauge",
        MetricType::Histogram => "histogram",
    }
}

#[test]
fn what_is_exported_is_the_catalog() {
    let exported = exported(&text_of(Some(&snapshot())));
    let catalog: BTreeMap<_, _> = CATALOG
        .iter()
        .map(|metric| {
            let labels = metric.labels.iter().map(ToString::to_string).collect();
            (metric.name.to_owned(), (word(metric.kind).to_owned(), labels))
        })
        .collect();
    assert_eq!(exported, catalog);
}

#[test]
fn samples_have_the_values_of_the_snapshot() {
    let text = text_of(Some(&snapshot()));
    for sample in [
        "claviger_scan_complete_timestamp_seconds{account=\"111122223333\"} 1795863600.0",
        "claviger_accounts_unscanned 1.0",
        "claviger_queue_jobs{kind=\"scan\",state=\"due\"} 3.0",
        "claviger_queue_jobs{kind=\"other\",state=\"due\"} 1.0",
        "claviger_queue_oldest_job_age_seconds{kind=\"scan\"} 3600.0",
        "claviger_queue_oldest_job_age_seconds{kind=\"send\"} 0.0",
        "claviger_findings{severity=\"high\"} 7.0",
        "claviger_findings{severity=\"low\"} 0.0",
        "claviger_grants{state=\"active\"} 2.0",
        "claviger_revocation_oldest_unconfirmed_age_seconds 3600.0",
        "claviger_revocation_duration_seconds_bucket{le=\"10.0\"} 1",
        "claviger_notification_deliveries_waiting{channel=\"email\"} 4.0",
        "claviger_notification_deliveries_total{channel=\"chat\",outcome=\"failed\"} 1",
        "claviger_notification_deliveries_total{channel=\"email\",outcome=\"given_up\"} 0",
        "claviger_rotation_overdue_secrets{team=\"payments\"} 2.0",
        "claviger_rotation_overdue_max_seconds{team=\"payments\"} 3600.0",
        "claviger_aws_requests_total{service=\"Secrets Manager\",operation=\"ListSecrets\",outcome=\"throttled\"} 1",
        "claviger_database_connections_limit{pool=\"people\"} 20.0",
        "claviger_database_reachable 1.0",
    ] {
        assert!(text.lines().any(|line| line == sample), "{sample} in {text}");
    }
    assert!(!text.contains("of_another_release"));
}

#[test]
fn what_is_not_known_is_absent_and_not_zero() {
    let text = text_of(Some(&MetricsSnapshot { findings: None, rotation: None, ..snapshot() }));
    assert!(!text.contains("claviger_findings") && !text.contains("claviger_rotation"), "{text}");
    let text = text_of(None);
    assert!(text.contains("claviger_database_reachable 0.0"));
    let names = exported(&text);
    for metric in CATALOG {
        let is_there = names.contains_key(metric.name);
        assert_eq!(is_there, metric.source == Source::Replica, "{}", metric.name);
    }
}

#[test]
fn names_follow_the_conventions_and_labels_are_bounded() {
    const BOUNDED: [&str; 11] = [
        "account",
        "channel",
        "kind",
        "operation",
        "outcome",
        "pool",
        "service",
        "severity",
        "state",
        "team",
        "version",
    ];
    for metric in CATALOG {
        let name = metric.name;
        assert!(name.starts_with("claviger_") || name.starts_with("process_"), "{name}");
        assert_eq!(name.ends_with("_total"), metric.kind == MetricType::Counter, "{name}");
        assert!(!metric.help.ends_with('.') && !metric.help.is_empty(), "{name}");
        for label in metric.labels {
            assert!(BOUNDED.contains(label), "{label} of {name}");
        }
    }
    assert_eq!(Job::KINDS.len(), 14, "each kind is a series");
    assert_eq!(RequestOutcome::VARIANTS.len(), 4);
}

/// The table of the documentation.
fn table() -> String {
    let mut table = String::from(
        "| name | type | unit | labels | over replicas | meaning |\n|---|---|---|---|---|---|\n",
    );
    for metric in CATALOG {
        let labels = match metric.labels {
            [] => "–".to_owned(),
            labels => {
                labels.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", ")
            }
        };
        let over = match metric.source {
            Source::Replica => "sum",
            Source::Installation => "max",
        };
        let (name, unit) = (metric.name, metric.unit());
        let of = word(metric.kind);
        let help = metric.help;
        let _ = writeln!(table, "| `{name}` | {of} | {unit} | {labels} | {over} | {help} |");
    }
    table
}

#[test]
fn the_documentation_has_the_catalog() {
    let text = fs::read_to_string(root().join("docs/metrics.md")).unwrap();
    assert!(text.contains(&table()), "docs/metrics.md needs this table:\n{}", table());
}

/// Names of metrics in a text, without what histograms add.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let ours = words.filter(|word| word.starts_with("claviger_") || word.starts_with("process_"));
    let base = |word: &str| {
        let known = |name: &str| CATALOG.iter().any(|metric| metric.name == name);
        let of = ["_bucket", "_sum", "_count"].iter().find_map(|end| word.strip_suffix(end));
        of.filter(|name| known(name)).unwrap_or(word).to_owned()
    };
    ours.map(base).collect()
}

#[test]
fn alerts_and_the_dashboard_name_only_metrics_that_exist() {
    let folder = root().join("infra/monitoring");
    for file in ["alerts.yaml", "alerts.test.yaml", "dashboard.json"] {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        let named = named(&text);
        assert!(named.len() > 5, "{file}: {named:?}");
        for name in named {
            assert!(CATALOG.iter().any(|metric| metric.name == name), "{file}: {name}");
        }
    }
    let dashboard = fs::read_to_string(folder.join("dashboard.json")).unwrap();
    serde_json::from_str::<serde_json::Value>(&dashboard).unwrap();
    // Each alert names what to do.
    let alerts = fs::read_to_string(folder.join("alerts.yaml")).unwrap();
    let count = |what: &str| alerts.matches(what).count();
    assert_eq!(count("- alert: "), count("runbook_url: "), "each alert has a runbook");
    let guide = fs::read_to_string(root().join("docs/operations.md")).unwrap();
    let sections: Vec<String> = guide
        .lines()
        .filter_map(|line| line.strip_prefix("### "))
        .map(|title| title.to_lowercase().replace(' ', "-"))
        .collect();
    for runbook in alerts.lines().filter_map(|line| line.trim().strip_prefix("runbook_url: ")) {
        let section = runbook.strip_prefix("docs/operations.md#").unwrap().to_owned();
        assert!(sections.contains(&section), "{runbook}");
    }
}
