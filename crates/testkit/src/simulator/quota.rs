//! AWS's quotas as token buckets, per account, Region and API. They are AWS's figures, not a share of them.

use super::Call;
use std::{collections::HashMap, sync::Mutex, time::Instant};

#[derive(Default)]
pub(crate) struct Quotas {
    buckets: Mutex<HashMap<(u64, String, &'static str), Bucket>>,
}

struct Bucket {
    tokens: f64,
    at: Instant,
}

/// The API whose quota a call uses, and its rate per second.
fn quota(operation: &str) -> Option<(&'static str, f64)> {
    Some(match operation {
        "ListSecrets" => ("ListSecrets", 100.0),
        "DescribeSecret" => ("DescribeSecret", 40_000.0),
        "GetResourcePolicy" => ("ResourcePolicy", 50.0),
        "ListSecretVersionIds" => ("ListSecretVersionIds", 50.0),
        "DescribeParameters" => ("DescribeParameters", 20.0),
        "GetResources" => ("GetResources", 10.0),
        _ => return None,
    })
}

impl Quotas {
    pub(super) fn allows(&self, call: &Call<'_>) -> bool {
        let Some((api, rate)) = quota(call.operation) else { return true };
        let key = (call.account.unwrap_or_default(), call.region.clone(), api);
        let mut buckets = self.buckets.lock().expect("nobody panics while holding it");
        let now = Instant::now();
        let bucket = buckets.entry(key).or_insert(Bucket { tokens: rate, at: now });
        bucket.tokens = (bucket.tokens + (now - bucket.at).as_secs_f64() * rate).min(rate);
        bucket.at = now;
        let allowed = bucket.tokens >= 1.0;
        if allowed {
            bucket.tokens -= 1.0;
        }
        allowed
    }
}
