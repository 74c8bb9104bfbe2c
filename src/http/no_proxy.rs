//! The hosts that need no proxy, as `NO_PROXY` lists them.

use std::net::IpAddr;

/// A list of hosts, read as curl reads it: names cover all below them, addresses may have a prefix
/// length (CIDR), and a lone `*` is every host. Commas or blanks stand between entries (curl since
/// 8.9 stops at a blank without a comma).
pub(super) struct NoProxy(String);

impl NoProxy {
    pub fn new(list: String) -> Self {
        Self(list)
    }

    /// Returns true if `host` is reached without a proxy. An IPv6 address has no brackets here.
    pub fn covers(&self, host: &str) -> bool {
        if self.0 == "*" {
            return true;
        }
        match host.parse() {
            Ok(address) => self.entries().any(|entry| covers_address(entry, address)),
            Err(_) => self.entries().any(|entry| covers_name(entry, host)),
        }
    }

    /// Returns the entries that no host can match, each with the reason.
    pub fn useless(&self) -> Vec<(&str, &'static str)> {
        let alone = self.0 == "*";
        self.entries().filter(|_| !alone).filter_map(|entry| Some((entry, flaw(entry)?))).collect()
    }

    fn entries(&self) -> impl Iterator<Item = &str> {
        self.0.split([',', ' ', '\t']).filter(|entry| !entry.is_empty())
    }
}

/// A dot before or after either name changes nothing; `ample.com` does not cover `example.com`.
fn covers_name(entry: &str, host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let entry = entry.strip_suffix('.').unwrap_or(entry);
    let entry = entry.strip_prefix('.').unwrap_or(entry);
    let Some(above) = host.len().checked_sub(entry.len()) else { return false };
    let (below, tail) = host.as_bytes().split_at(above);
    !entry.is_empty()
        && tail.eq_ignore_ascii_case(entry.as_bytes())
        && (below.is_empty() || below.ends_with(b"."))
}

/// Compares an address with an entry. A prefix length of 0 counts as none, as in curl: then the
/// address must be equal.
fn covers_address(entry: &str, address: IpAddr) -> bool {
    let Some((network, bits)) = network(entry) else { return false };
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let differing = network.to_bits() ^ address.to_bits();
            differing.checked_shr(32 - bits.unwrap_or(32)).unwrap_or(0) == 0
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let differing = network.to_bits() ^ address.to_bits();
            differing.checked_shr(128 - bits.unwrap_or(128)).unwrap_or(0) == 0
        }
        _ => false,
    }
}

/// An address, and how many of its first bits count where not all do.
fn network(entry: &str) -> Option<(IpAddr, Option<u32>)> {
    let (address, bits) = entry.split_once('/').map_or((entry, None), |(a, b)| (a, Some(b)));
    let address: IpAddr = address.parse().ok()?;
    let Some(bits) = bits else { return Some((address, None)) };
    let all = if address.is_ipv4() { 32 } else { 128 };
    // A sign is not a digit.
    let is_number = !bits.is_empty() && bits.bytes().all(|byte| byte.is_ascii_digit());
    let bits: u32 = bits.parse().ok().filter(|bits| is_number && *bits <= all)?;
    Some((address, (bits > 0).then_some(bits)))
}

fn flaw(entry: &str) -> Option<&'static str> {
    if network(entry).is_some() {
        return None;
    }
    if entry.contains("://") {
        return Some("name the host alone, without a scheme");
    }
    if entry.contains('*') {
        return Some("a * counts only on its own; a name covers all below it anyway");
    }
    if entry.starts_with('[') {
        return Some("write an IPv6 address without brackets");
    }
    if entry.contains('/') {
        return Some("a / follows an address alone, with at most 32 bits, or 128 of IPv6");
    }
    if entry.contains(':') {
        return Some("name the host alone, without a port");
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    (!entry.chars().all(is_name) || entry.trim_matches('.').is_empty())
        .then_some("it is neither a host's name nor an address")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(list: &str, host: &str) -> bool {
        NoProxy::new(list.into()).covers(host)
    }

    #[test]
    fn a_name_covers_itself_and_all_below_it_whatever_dots_stand_around() {
        for list in ["example.com", ".example.com", "example.com.", "a, EXAMPLE.com ,b", "*"] {
            for host in ["example.com", "ims.Example.com", "example.com.", "ims.example.com."] {
                assert!(covers(list, host), "{list} {host}");
            }
        }
        for list in ["", ",", "com.example", "ample.com", "ims.example.com", ".", "example.co"] {
            assert!(!covers(list, "example.com"), "{list}");
        }
    }

    #[test]
    fn entries_stand_apart_by_commas_or_blanks() {
        for list in [
            "a b example.com",
            "a\texample.com",
            " example.com",
            "a,,example.com,",
            "a , example.com",
        ] {
            assert!(covers(list, "example.com"), "{list}");
        }
    }

    #[test]
    fn an_address_covers_itself_and_a_network_all_in_it() {
        for (list, host) in [
            ("192.0.2.1", "192.0.2.1"),
            ("192.0.2.1/32", "192.0.2.1"),
            ("192.0.0.0/16", "192.0.2.1"),
            ("10.0.0.0/8,192.0.2.128/25", "192.0.2.200"),
            ("::1", "::1"),
            ("0:0::1", "::1"),
            ("fd00::/8", "fd12::1"),
            ("2001:db8::/33", "2001:db8:7fff::1"),
        ] {
            assert!(covers(list, host), "{list} {host}");
        }
        for (list, host) in [
            ("192.0.2.1", "192.0.2.11"),
            ("2.1", "192.0.2.1"),
            ("192.0.2.0/25", "192.0.2.200"),
            ("192.0.2.0/33", "192.0.2.0"),
            ("192.0.2.0/+8", "192.0.2.0"),
            ("192.0.2.0/", "192.0.2.0"),
            ("0.0.0.0/0", "192.0.2.1"),
            ("2001:db8::/33", "2001:db8:8000::1"),
            ("::1", "127.0.0.1"),
            ("[::1]", "::1"),
        ] {
            assert!(!covers(list, host), "{list} {host}");
        }
    }

    #[test]
    fn a_port_a_star_among_others_and_a_scheme_match_nothing() {
        for list in ["example.com:443", "*.example.com", "a,*", "https://example.com"] {
            assert!(!covers(list, "example.com") && !covers(list, "ims.example.com"), "{list}");
        }
    }

    #[test]
    fn entries_that_can_never_match_are_named_with_the_reason() {
        let list =
            "example.com:443, *.example.com [::1],192.0.2.0/33 https://a,b.example/8,ä.example,.,*";
        let list = NoProxy::new(list.into());
        let useless: Vec<&str> = list.useless().into_iter().map(|(entry, _)| entry).collect();
        let all: Vec<&str> = list.entries().collect();
        assert_eq!(useless, all);
        let good = "example.com, .example.com.,a_b.example 192.0.2.1,10.0.0.0/8,::1,fd00::/8";
        for good in [good, "*", ""] {
            assert!(NoProxy::new(good.into()).useless().is_empty(), "{good}");
        }
    }
}
