//! Which addresses may be fetched: pages on the public web, and nothing inside the user's own network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;
use url::Url;

/// Whether an input is an address of the web rather than a file.
pub fn is_address(input: &str) -> bool {
    let starts = |scheme: &str| input.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme));
    starts("http://") || starts("https://")
}

/// The address in `words`, without a fragment; the error is the message.
pub fn parsed(words: &str) -> Result<Url, String> {
    let mut url = Url::parse(words.trim()).map_err(|error| format!("is no address: {error}"))?;
    url.set_fragment(None);
    Ok(url)
}

/// Whether `url` may be fetched where the user gave the address `typed`, whose port is then allowed too; the error is the message. Names
/// are looked up later, by [`Guard`].
pub fn allowed(url: &Url, typed: Option<&Url>) -> Result<(), String> {
    let same = |a: &Url, b: &Url| a.host() == b.host() && a.port_or_known_default() == b.port_or_known_default();
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("{}: is not fetched, only http and https are", url.scheme()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("addresses with a user name or password are not fetched; save the page and give the file".into());
    }
    match url.port_or_known_default() {
        Some(80 | 443) => Ok(()),
        _ if typed.is_some_and(|typed| same(url, typed)) => Ok(()),
        port => Err(format!("leads to port {}, expected 80 or 443", port.unwrap_or(0))),
    }
}

/// Whether an IP address belongs to the public internet: not to a private, local, shared (CGNAT), reserved, documentation or multicast
/// range (IANA special-purpose registries, RFC 6890), not to a cloud's metadata service, and not to an IPv6 range that carries an IPv4
/// address inside (mapped, 6to4, Teredo, NAT64, ISATAP), which could be any of those.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    /// First address and length of the prefix.
    const REFUSED: &[([u8; 4], u32)] = &[
        ([0, 0, 0, 0], 8),
        ([10, 0, 0, 0], 8),
        ([100, 64, 0, 0], 10),
        ([127, 0, 0, 0], 8),
        ([168, 63, 129, 16], 32), // Azure's metadata service, on a public address
        ([169, 254, 0, 0], 16),
        ([172, 16, 0, 0], 12),
        ([192, 0, 0, 0], 24),
        ([192, 0, 2, 0], 24),
        ([192, 88, 99, 0], 24),
        ([192, 168, 0, 0], 16),
        ([198, 18, 0, 0], 15),
        ([198, 51, 100, 0], 24),
        ([203, 0, 113, 0], 24),
        ([224, 0, 0, 0], 3), // multicast, reserved, broadcast
    ];
    let bits = u32::from(address);
    !REFUSED.iter().any(|&(first, length)| (bits ^ u32::from_be_bytes(first)) >> (32 - length) == 0)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let part = address.segments();
    let global = part[0] & 0xE000 == 0x2000;
    let protocols = part[0] == 0x2001 && part[1] < 0x0200; // Teredo, benchmarking, ORCHID
    let documentation = (part[0] == 0x2001 && part[1] == 0x0DB8) || (part[0] == 0x3FFF && part[1] < 0x1000);
    let six_to_four = part[0] == 0x2002;
    let isatap = part[4] & 0xFCFF == 0 && part[5] == 0x5EFE;
    global && !protocols && !documentation && !six_to_four && !isatap
}

/// What [`Guard`] says of a name with no public address.
#[derive(Debug)]
pub struct Refused(String);

impl std::fmt::Display for Refused {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// Looks names up for the client and keeps the public addresses only. The client connects to what it is given here and asks no second
/// time, so a name cannot answer differently between check and connection.
#[derive(Debug)]
pub struct Guard {
    lookup: Box<dyn Resolver>,
    /// Servers of tests.
    exceptions: Vec<std::net::SocketAddr>,
}

impl Guard {
    /// With the system's own look-up.
    pub fn new() -> Self {
        Guard { lookup: Box::new(DefaultResolver::default()), exceptions: Vec::new() }
    }

    /// With another look-up, and `exceptions` that need not be public.
    #[cfg(test)]
    pub fn of_tests(lookup: impl Resolver, exceptions: Vec<std::net::SocketAddr>) -> Self {
        Guard { lookup: Box::new(lookup), exceptions }
    }
}

impl Resolver for Guard {
    fn resolve(
        &self,
        uri: &ureq::http::Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.lookup.resolve(uri, config, timeout).map_err(|error| match error {
            ureq::Error::Io(_) => ureq::Error::HostNotFound,
            error => error,
        })?;
        let mut kept = self.empty();
        for address in found.iter().filter(|address| is_public(address.ip()) || self.exceptions.contains(address)) {
            kept.push(*address);
        }
        if kept.is_empty() {
            let (host, ip) = (uri.host().unwrap_or(""), found.first().map(|address| address.ip().to_string()));
            let message = match ip {
                Some(ip) if host.trim_matches(['[', ']']) != ip => {
                    format!("{host} is {ip}, which is not on the public internet")
                }
                _ => format!("{host} is not on the public internet"),
            };
            return Err(ureq::Error::Other(Box::new(Refused(format!("{message}; save the page and give the file")))));
        }
        Ok(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_public() {
        for address in
            ["1.1.1.1", "9.255.255.255", "100.63.0.1", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "2a00::1"]
        {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.9.9.9",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.168.1.1",
            "198.19.0.1",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:10::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2a00::5efe:7f00:1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn only_plain_web_addresses_are_allowed() {
        let refusal =
            |address: &str, typed: &str| allowed(&parsed(address).unwrap(), Some(&parsed(typed).unwrap())).err();
        let page = "https://town.example/a";
        for (address, typed) in
            [(page, page), ("http://other.example/", page), ("http://town.example:8080/b", "http://town.example:8080/")]
        {
            assert_eq!(refusal(address, typed), None);
        }
        assert_eq!(refusal("file:///etc/passwd", page).unwrap(), "file: is not fetched, only http and https are");
        assert!(refusal("gopher://town.example/", page).is_some());
        assert!(refusal("http://ada@town.example/", page).unwrap().contains("user name"));
        assert_eq!(refusal("http://town.example:22/", page).unwrap(), "leads to port 22, expected 80 or 443");
        assert!(refusal("http://other.example:8080/", "http://town.example:8080/").is_some());
        assert!(allowed(&parsed("http://town.example:8080/").unwrap(), None).is_err());
    }

    #[test]
    fn other_ways_to_write_loopback_are_seen_through() {
        for address in
            ["http://0x7f.1/", "http://2130706433/", "http://017700000001/", "http://127.1/", "http://①②⑦.0.0.1/"]
        {
            let url = parsed(address).unwrap();
            let Some(url::Host::Ipv4(ip)) = url.host() else { panic!("{address}: {url}") };
            assert!(!is_public(ip.into()), "{address}");
        }
    }
}
