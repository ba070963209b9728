//! The way to addresses that others name, such as a partner's webhook: it leads out into the world and not to what stands
//! beside this server, unless the deployment says that it may.
//!
//! An address is looked at when it is saved, as far as it tells by itself, and a name again whenever it is connected to:
//! what a name stands for can change.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use reqwest::{
    Method, RequestBuilder, Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

/// An address leads to this machine or to a network that only this side can reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the address leads into this server's own network; where that is meant, set allow_private_addresses")]
pub struct Inside;

/// A client that reaches the outside, and follows no redirects.
#[derive(Debug, Clone)]
pub struct Outside {
    client: reqwest::Client,
    inside_too: bool,
}

impl Outside {
    /// Builds the client; with `inside_too` it goes wherever it is sent.
    pub fn new(inside_too: bool) -> Outside {
        let builder = match inside_too {
            true => super::builder(),
            false => super::builder().dns_resolver(Arc::new(OnlyOutside)),
        };
        Outside {
            client: builder.build().expect("the TLS settings are fixed and valid"),
            inside_too,
        }
    }

    /// Refuses an address that leads inside by its own words.
    pub fn allow(&self, url: &Url) -> Result<(), Inside> {
        match !self.inside_too && leads_inside(url) {
            true => Err(Inside),
            false => Ok(()),
        }
    }

    /// Begins a request.
    pub fn request(&self, method: Method, url: Url) -> Result<RequestBuilder, Inside> {
        self.allow(&url)?;
        Ok(self.client.request(method, url))
    }
}

/// Looks names up, and passes over what is inside.
struct OnlyOutside;

impl Resolve for OnlyOutside {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let outside: Vec<SocketAddr> = found.filter(|found| is_outside(found.ip())).collect();
            match outside.is_empty() {
                true => Err(Inside.into()),
                false => Ok(Box::new(outside.into_iter()) as Addrs),
            }
        })
    }
}

fn leads_inside(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    match host.trim_matches(['[', ']']).parse() {
        Ok(address) => !is_outside(address),
        Err(_) => host.is_empty() || host == "localhost" || host.ends_with(".localhost"),
    }
}

/// Says whether an address can be anybody's in the world.
fn is_outside(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_outside_v4(address),
        IpAddr::V6(address) => is_outside_v6(address),
    }
}

/// What the registry of special-purpose addresses (RFC 6890) does not set aside for machines and networks of one's own.
fn is_outside_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let measured = a == 198 && (18..20).contains(&b);
    let set_aside = a == 0 || a >= 224 || (a, b, c) == (192, 0, 0);
    !(address.is_loopback() || address.is_private() || address.is_link_local() || shared || measured || set_aside)
}

/// Only 2000::/3 is given out. Addresses that carry one of IPv4 are as good as that one; Teredo hides it.
fn is_outside_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match (a, b) {
        (0x64, 0xff9b) => (c, d, e, f) == (0, 0, 0, 0) && is_outside_v4(v4(g, h)),
        (0x2002, high) => is_outside_v4(v4(high, c)),
        (0x2001, 0) => false,
        _ => a & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_tells_whether_it_leads_inside() {
        let table = [
            ("https://hotel.example.com/hook", false),
            ("https://93.184.216.34:8443/", false),
            ("http://172.15.0.1/", false),
            ("http://[2606:2800:220:1::1]/", false),
            ("http://[64:ff9b::5db8:d822]/", false),
            ("http://localhost:8080/", true),
            ("http://LOCALHOST./", true),
            ("http://desk.localhost/", true),
            ("http://127.0.0.1/", true),
            ("http://127.1/", true),
            ("http://2130706433/", true),
            ("http://0x7f.0.0.1/", true),
            ("http://0.0.0.0/", true),
            ("http://10.1.2.3/", true),
            ("http://172.16.0.1/", true),
            ("http://192.168.0.1/", true),
            ("http://169.254.169.254/latest/meta-data", true),
            ("http://100.64.0.1/", true),
            ("http://198.18.0.1/", true),
            ("http://224.0.0.1/", true),
            ("http://255.255.255.255/", true),
            ("http://[::]/", true),
            ("http://[::1]/", true),
            ("http://[::ffff:127.0.0.1]/", true),
            ("http://[::ffff:10.0.0.1]/", true),
            ("http://[::127.0.0.1]/", true),
            ("http://[64:ff9b::7f00:1]/", true),
            ("http://[64:ff9b:1::808:808]/", true),
            ("http://[2002:7f00:1::]/", true),
            ("http://[2001:0:1::1]/", true),
            ("http://[fc00::1]/", true),
            ("http://[fd12::1]/", true),
            ("http://[fe80::1]/", true),
            ("http://[ff02::1]/", true),
        ];
        let (outside, anywhere) = (Outside::new(false), Outside::new(true));
        for (text, inside) in table {
            let url = Url::parse(text).unwrap();
            assert_eq!(outside.request(Method::POST, url.clone()).is_err(), inside, "{text}");
            assert!(anywhere.request(Method::POST, url).is_ok(), "{text}");
        }
    }

    #[tokio::test]
    async fn a_name_that_stands_for_an_inner_address_is_not_connected_to() {
        let inner = OnlyOutside.resolve("localhost".parse().unwrap()).await;
        let error = inner.err().expect("it stands for this machine");
        assert!(error.is::<Inside>(), "{error}");
        // The client asks it: an address by name gets no further either.
        let outside = Outside::new(false)
            .client
            .get("http://localhost:9/")
            .send()
            .await
            .unwrap_err();
        let mut cause: Option<&dyn std::error::Error> = Some(&outside);
        while let Some(error) = cause.filter(|error| !error.is::<Inside>()) {
            cause = error.source();
        }
        assert!(cause.is_some(), "{outside:?}");
    }
}
