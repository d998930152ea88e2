//! Rate limits of sign-ins: for each client address, and in total.

use crate::{AppState, pages::public, settings::Settings};
use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use claviger_app::public::PublicPage;
use governor::{
    DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _,
    clock::DefaultClock,
};
use ipnet::IpNet;
use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// With more addresses than this, those with their full allowance are removed.
const MANY_ADDRESSES: usize = 10_000;
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The limits, shared by all requests of this replica.
pub(crate) struct SignInLimits {
    each: DefaultKeyedRateLimiter<IpAddr>,
    all: DefaultDirectRateLimiter,
    trusted: Vec<IpNet>,
    has_warned: AtomicBool,
}

impl SignInLimits {
    pub(crate) fn new(settings: &Settings) -> Self {
        // A sign-in has two requests: start and callback.
        let quota = |sign_ins: NonZeroU32| Quota::per_minute(sign_ins.saturating_mul(TWO));
        Self {
            each: RateLimiter::keyed(quota(settings.sign_in_per_minute)),
            all: RateLimiter::direct(quota(settings.sign_in_total_per_minute)),
            trusted: settings.trusted_proxies.clone(),
            has_warned: AtomicBool::new(false),
        }
    }

    /// How long to wait, if the limit is exceeded. The address's own limit comes first, so that one address alone does not
    /// exhaust the total.
    fn check(&self, address: Option<IpAddr>) -> Result<(), Duration> {
        let now = DefaultClock::default().now();
        if let Some(address) = address {
            if self.each.len() > MANY_ADDRESSES {
                self.each.retain_recent();
            }
            self.each.check_key(&of_one_client(address)).map_err(|no| no.wait_time_from(now))?;
        }
        self.all.check().map_err(|no| no.wait_time_from(now))
    }

    /// The client's address: that of the connection, or the one that trusted proxies report. From right to left, the first
    /// address of `X-Forwarded-For` that is not a trusted proxy's; a client can forge those to its left.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let is_trusted = |address: &IpAddr| self.trusted.iter().any(|net| net.contains(address));
        if !is_trusted(&peer) {
            if headers.contains_key(FORWARDED_FOR) && !self.has_warned.swap(true, Ordering::Relaxed)
            {
                tracing::warn!(
                    proxy.address = %peer,
                    "a request has X-Forwarded-For, but its sender is not in trusted_proxies: sign-ins are limited by the \
                     sender's address. Set trusted_proxies if this is your load balancer"
                );
            }
            return peer;
        }
        let lines = headers.get_all(FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok());
        let hops: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
        let mut client = peer;
        for hop in hops.into_iter().rev() {
            let Some(address) = read_address(hop) else { break };
            client = address;
            if !is_trusted(&address) {
                break;
            }
        }
        client
    }
}

const TWO: NonZeroU32 = NonZeroU32::MIN.saturating_add(1);

/// An address, with or without a port, as proxies write it.
fn read_address(text: &str) -> Option<IpAddr> {
    let address = text
        .parse::<IpAddr>()
        .or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip()))
        .or_else(|_| text.trim_matches(['[', ']']).parse::<IpAddr>())
        .ok()?;
    Some(address.to_canonical())
}

/// A client with an IPv6 network has 2^64 addresses.
fn of_one_client(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// Responds with 429 if the limit is exceeded.
pub(crate) async fn limit(
    State((state, limits)): State<(AppState, Arc<SignInLimits>)>,
    request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let address = peer.map(|peer| limits.client(peer.0.ip().to_canonical(), request.headers()));
    let Err(wait) = limits.check(address) else { return next.run(request).await };
    let seconds = wait.as_secs() + 1;
    tracing::warn!(client.address = ?address, "too many sign-ins");
    let page = PublicPage {
        title: "Too many sign-ins".into(),
        text: "You are not signed in.".into(),
        fault: Some(format!(
            "There were too many sign-ins from your network. Wait {seconds} seconds, then try again."
        )),
        action: Some(("/sign-in".into(), "Go to sign-in".into())),
    };
    let mut answer = public(&state, request.headers(), StatusCode::TOO_MANY_REQUESTS, page);
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(trusted: &[&str]) -> SignInLimits {
        let n = |n| NonZeroU32::new(n).unwrap();
        SignInLimits {
            each: RateLimiter::keyed(Quota::per_minute(n(4))),
            all: RateLimiter::direct(Quota::per_minute(n(10))),
            trusted: trusted.iter().map(|net| net.parse().unwrap()).collect(),
            has_warned: AtomicBool::new(false),
        }
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn forwarded(lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| (FORWARDED_FOR.parse().unwrap(), line.parse().unwrap())).collect()
    }

    #[test]
    fn an_address_that_is_no_proxy_says_nothing_about_others() {
        let limits = limits(&["10.0.0.0/8"]);
        assert_eq!(
            limits.client(ip("198.51.100.7"), &forwarded(&["203.0.113.9"])),
            ip("198.51.100.7")
        );
    }

    #[test]
    fn the_last_address_that_is_no_proxy_of_ours_counts() {
        let limits = limits(&["10.0.0.0/8", "fd00::/8"]);
        for (lines, client) in [
            (vec!["203.0.113.9"], "203.0.113.9"),
            (vec!["1.2.3.4, 203.0.113.9"], "203.0.113.9"),
            (vec!["1.2.3.4, 203.0.113.9, 10.0.0.2"], "203.0.113.9"),
            (vec!["1.2.3.4", "203.0.113.9:4711", "fd00::1"], "203.0.113.9"),
            (vec!["[2001:db8::1]:443"], "2001:db8::1"),
            (vec!["::ffff:203.0.113.9"], "203.0.113.9"),
            (vec!["unknown, 10.0.0.3"], "10.0.0.3"),
            (vec![], "10.0.0.1"),
        ] {
            assert_eq!(limits.client(ip("10.0.0.1"), &forwarded(&lines)), ip(client), "{lines:?}");
        }
    }

    #[test]
    fn one_address_uses_up_its_own_share_alone() {
        let limits = limits(&[]);
        let one = Some(ip("203.0.113.9"));
        let passed = (0..20).filter(|_| limits.check(one).is_ok()).count();
        assert_eq!(passed, 4);
        assert!(limits.check(Some(ip("203.0.113.10"))).is_ok(), "another address goes on");
        let passed =
            (0..100).filter(|n| limits.check(Some(ip(&format!("198.51.100.{n}")))).is_ok()).count();
        assert_eq!(passed, 5, "all together have 10");
    }

    #[test]
    fn a_network_of_ipv6_is_one_client() {
        assert_eq!(of_one_client(ip("2001:db8::1")), of_one_client(ip("2001:db8::ffff:1")));
        assert_ne!(of_one_client(ip("2001:db8::1")), of_one_client(ip("2001:db8:0:1::1")));
        assert_eq!(of_one_client(ip("::ffff:203.0.113.9")), ip("203.0.113.9"));
    }
}
