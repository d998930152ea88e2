//! Counts what this replica does.

use super::catalog::{AWS_DURATION, AWS_REQUESTS, DELIVERIES, Metric, REVOCATION_DURATION};
use claviger_aws::{RequestObserver, RequestReport};
use claviger_domain::{VariantArray, notifications::Channel};
use claviger_services::{DeliveryOutcome, ServiceObserver};
use prometheus_client::{
    encoding::text::encode_registry,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};
use std::{fmt, time::Duration};

/// In seconds: AWS answers most calls within 50 ms, and an attempt ends after 20 s.
const REQUEST_BUCKETS: [f64; 9] = [0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 20.0];
/// In seconds: AWS says that changes of IAM policies are eventually consistent; one job watches for 45 s.
const REVOCATION_BUCKETS: [f64; 9] = [1.0, 2.0, 5.0, 10.0, 20.0, 45.0, 90.0, 300.0, 900.0];

type Labels<const N: usize> = [(&'static str, String); N];

/// The counters of this process.
pub(crate) struct Recorder {
    registry: Registry,
    requests: Family<Labels<3>, Counter>,
    durations: Family<Labels<2>, Histogram>,
    deliveries: Family<Labels<2>, Counter>,
    revocations: Histogram,
}

impl Recorder {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::default();
        let requests = Family::default();
        let durations =
            Family::new_with_constructor((|| Histogram::new(REQUEST_BUCKETS)) as fn() -> Histogram);
        let deliveries = Family::default();
        let revocations = Histogram::new(REVOCATION_BUCKETS);
        let register = |metric: &Metric| (metric.base_name(), metric.help);
        let (name, help) = register(&AWS_REQUESTS);
        registry.register(name, help, Family::clone(&requests));
        let (name, help) = register(&AWS_DURATION);
        registry.register(name, help, Family::clone(&durations));
        let (name, help) = register(&DELIVERIES);
        registry.register(name, help, Family::clone(&deliveries));
        let (name, help) = register(&REVOCATION_DURATION);
        registry.register(name, help, revocations.clone());
        let recorder = Self { registry, requests, durations, deliveries, revocations };
        // The first failure is an increase only if 0 was there before.
        for channel in Channel::VARIANTS {
            for outcome in DeliveryOutcome::VARIANTS {
                let _ = recorder.deliveries.get_or_create(&delivery(*channel, *outcome));
            }
        }
        recorder
    }

    pub(super) fn encode(&self, text: &mut String) -> fmt::Result {
        encode_registry(text, &self.registry)
    }
}

fn delivery(channel: Channel, outcome: DeliveryOutcome) -> Labels<2> {
    [("channel", channel.to_string()), ("outcome", outcome.to_string())]
}

impl RequestObserver for Recorder {
    fn observe(&self, report: RequestReport<'_>) {
        let service = ("service", report.service.to_owned());
        let operation = ("operation", report.operation.to_owned());
        let outcome = ("outcome", report.outcome.to_string());
        self.durations
            .get_or_create(&[service.clone(), operation.clone()])
            .observe(report.elapsed.as_secs_f64());
        self.requests.get_or_create(&[service, operation, outcome]).inc();
    }
}

impl ServiceObserver for Recorder {
    fn revocation_confirmed(&self, took: Duration) {
        self.revocations.observe(took.as_secs_f64());
    }

    fn delivery_attempted(&self, channel: Channel, outcome: DeliveryOutcome) {
        self.deliveries.get_or_create(&delivery(channel, outcome)).inc();
    }
}
