//! Someone at the door who may not be known yet: from where, with which browser.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, Method, header, request::Parts},
};
use ipnet::IpNet;

use super::{
    caller::{self, must_be_our_page},
    problem::Problem,
};
use crate::app::Shared;

/// Someone at the door. A change must come from our own page, although there is no cookie to abuse yet: nobody shall
/// be signed in as somebody else by a link.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The network address that failures count against; a network of IPv6 counts as one.
    pub address: String,
    /// The browser in words.
    pub device: String,
    /// The hash of the session cookie that the browser has already.
    pub cookie_hash: Option<String>,
}

impl FromRequestParts<Shared> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Visitor, Problem> {
        if parts.method != Method::GET {
            must_be_our_page(&parts.headers)?;
        }
        let agent = parts
            .headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok());
        Ok(Visitor {
            address: origin(parts, app).map_or_else(String::new, network),
            device: device(agent.unwrap_or_default()),
            cookie_hash: caller::cookie(&parts.headers).map(caller::hash),
        })
    }
}

/// Where a request really came from, where that is known.
#[derive(Debug, Clone, Copy)]
pub struct Origin(pub Option<IpAddr>);

impl Origin {
    /// Gives what floods count against; a network of IPv6 counts as one.
    pub fn network(self) -> Option<String> {
        self.0.map(network)
    }
}

impl FromRequestParts<Shared> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Origin, Infallible> {
        Ok(Origin(origin(parts, app)))
    }
}

fn origin(parts: &Parts, app: &Shared) -> Option<IpAddr> {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>()?.0.ip();
    Some(traced(peer, &parts.headers, &app.config.trusted_proxies))
}

/// Goes back from the one who calls, proxy by proxy, to the first who is none that is believed: one on this machine or a
/// trusted one. Each proxy adds from where it was called, so the last word is read first.
fn traced(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_proxy = |address: IpAddr| address.is_loopback() || trusted.iter().any(|net| net.contains(&address));
    let told = headers
        .get_all("x-forwarded-for")
        .iter()
        .flat_map(|value| value.to_str().unwrap_or_default().split(','));
    let told: Vec<Option<IpAddr>> = told.map(|address| address.trim().parse().ok()).collect();
    let mut address = peer.to_canonical();
    for told in told.into_iter().rev() {
        match told {
            Some(told) if is_proxy(address) => address = told.to_canonical(),
            _ => break,
        }
    }
    address
}

/// Whoever has one IPv6 address has 2^64 of them.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// Names of browsers by what they say of themselves; many claim to be another one too, so the order matters.
const BROWSERS: [(&str, &str); 6] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

const SYSTEMS: [(&str, &str); 6] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
];

fn device(agent: &str) -> String {
    let name = |table: &[(&str, &'static str)]| {
        table
            .iter()
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, name)| *name)
    };
    match (name(&BROWSERS), name(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "Unknown browser".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_named_in_words() {
        let table = [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
                "Safari on iPhone",
            ),
            ("curl/8.0", "Unknown browser"),
        ];
        for (agent, words) in table {
            assert_eq!(device(agent), words);
        }
    }

    #[test]
    fn only_proxies_that_are_trusted_are_believed() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let trusted = ["172.16.0.0/12".parse().unwrap(), "fd00::1/128".parse().unwrap()];
        let table = [
            ("127.0.0.1", "1.1.1.1, 203.0.113.7", "203.0.113.7"),
            ("198.51.100.1", "203.0.113.7", "198.51.100.1"),
            ("::1", "", "::1"),
            ("172.18.0.2", "1.1.1.1, 203.0.113.7", "203.0.113.7"),
            ("::ffff:172.18.0.2", "203.0.113.7", "203.0.113.7"),
            ("fd00::1", "1.1.1.1, 203.0.113.7, 172.18.0.3", "203.0.113.7"),
            ("172.18.0.2", "203.0.113.7, nonsense", "172.18.0.2"),
        ];
        for (peer, told, from) in table {
            let headers = HeaderMap::from_iter([("x-forwarded-for".parse().unwrap(), told.parse().unwrap())]);
            assert_eq!(traced(ip(peer), &headers, &trusted), ip(from), "{peer} said {told}");
        }
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2:ffff::1"));
        assert_eq!(of("::ffff:203.0.113.7"), "203.0.113.7");
    }
}
