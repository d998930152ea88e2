//! Ranges of addresses, and whether the remaining Internet addresses are so many that anyone may call from them.

use std::net::{IpAddr, Ipv4Addr};

/// A range for `aws:SourceIp`: an address, or a CIDR block. Both bounds are inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) is_v6: bool,
    pub(crate) first: u128,
    pub(crate) last: u128,
}

/// Private ranges of RFC 1918, from which nobody can call over the Internet.
const PRIVATE: [(Ipv4Addr, u8); 3] = [
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
];

/// Amazon S3's definition of public: more than a /8 of IPv4, more than a /32 of IPv6.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>
const WIDE_V4: u128 = 1 << 24;
const WIDE_V6: u128 = 1 << 96;

fn number(address: IpAddr) -> (bool, u128) {
    match address {
        IpAddr::V4(v4) => (false, u128::from(v4.to_bits())),
        IpAddr::V6(v6) => (true, v6.to_bits()),
    }
}

impl Range {
    pub(super) fn read(text: &str) -> Option<Self> {
        let (address, bits) = match text.trim().split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u32>().ok()?)),
            None => (text.trim(), None),
        };
        let (is_v6, at) = number(address.parse().ok()?);
        let width = if is_v6 { 128 } else { 32 };
        let host = width - bits.unwrap_or(width).min(width);
        if bits.is_some_and(|bits| bits > width) {
            return None;
        }
        let mask = if host == 128 { u128::MAX } else { (1_u128 << host) - 1 };
        Some(Self { is_v6, first: at & !mask, last: at | mask })
    }

    fn of_v4(address: Ipv4Addr, bits: u8) -> Self {
        let first = u128::from(address.to_bits());
        Self { is_v6: false, first, last: first + (1_u128 << (32 - bits)) - 1 }
    }

    pub(super) fn holds(&self, atom: &Self) -> bool {
        self.is_v6 == atom.is_v6 && self.first <= atom.first && atom.last <= self.last
    }

    /// The number of its addresses that reach AWS over the Internet.
    fn size(&self) -> u128 {
        let is_private = !self.is_v6
            && PRIVATE.iter().any(|(address, bits)| Self::of_v4(*address, *bits).holds(self));
        if is_private { 0 } else { (self.last - self.first).saturating_add(1) }
    }
}

/// All addresses, split wherever a range begins or ends: each range contains all or nothing of each piece.
pub(crate) fn atoms(ranges: &[Range]) -> Vec<Range> {
    let mut all = Vec::new();
    for is_v6 in [false, true] {
        let end = if is_v6 { u128::MAX } else { u128::from(u32::MAX) };
        let private = PRIVATE.iter().map(|(address, bits)| Range::of_v4(*address, *bits));
        let of_kind = ranges.iter().copied().chain(private).filter(|range| range.is_v6 == is_v6);
        let mut starts: Vec<u128> = of_kind
            .flat_map(|range| [Some(range.first), range.last.checked_add(1)])
            .flatten()
            .filter(|start| *start <= end)
            .chain([0])
            .collect();
        starts.sort_unstable();
        starts.dedup();
        for (at, first) in starts.iter().enumerate() {
            let last = starts.get(at + 1).map_or(end, |next| next - 1);
            all.push(Range { is_v6, first: *first, last });
        }
    }
    all
}

/// Whether the pieces together are so wide that anyone may call from them.
pub(crate) fn is_wide<'a>(pieces: impl Iterator<Item = &'a Range>) -> bool {
    let (mut v4, mut v6) = (0_u128, 0_u128);
    for piece in pieces {
        let sum = if piece.is_v6 { &mut v6 } else { &mut v4 };
        *sum = sum.saturating_add(piece.size());
    }
    v4 > WIDE_V4 || v6 > WIDE_V6
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn wide(ranges: &[&str]) -> bool {
        let ranges: Vec<Range> = ranges.iter().map(|text| Range::read(text).unwrap()).collect();
        let all = atoms(&ranges);
        is_wide(all.iter().filter(|atom| ranges.iter().any(|range| range.holds(atom))))
    }

    #[rstest]
    #[case(&["192.0.2.0/24"], false)]
    #[case(&["8.0.0.0/8"], false)]
    #[case(&["8.0.0.0/7"], true)]
    #[case(&["0.0.0.0/1"], true)]
    // As a union.
    #[case(&["8.0.0.0/8", "9.0.0.0/8"], true)]
    #[case(&["8.0.0.0/8", "8.1.0.0/16"], false)]
    // RFC 1918 does not count.
    #[case(&["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "8.0.0.0/8"], false)]
    #[case(&["2001:db8::/32"], false)]
    #[case(&["2001::/31"], true)]
    #[case(&["::/0"], true)]
    #[case(&["0.0.0.0/0"], true)]
    fn width_is_as_amazon_s3_has_it(#[case] ranges: &[&str], #[case] is_wide: bool) {
        assert_eq!(wide(ranges), is_wide);
    }

    #[rstest]
    #[case("300.1.1.1")]
    #[case("10.0.0.0/33")]
    #[case("vpc-1")]
    #[case("")]
    fn what_is_no_range_is_not_read(#[case] text: &str) {
        assert_eq!(Range::read(text), None);
    }
}
