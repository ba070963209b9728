//! The way out: one kind of HTTP client for everything that leaves this server.

mod outside;

use std::{sync::Arc, time::Duration};

use rustls::{ClientConfig, RootCertStore, crypto::ring, version};

pub use self::outside::{Inside, Outside};

/// How long a connection may take to come about.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an answer may take in all.
pub const TOTAL_TIMEOUT: Duration = Duration::from_secs(30);

/// Builds a client that follows no redirects and repeats nothing by itself.
///
/// The root certificates are built in, so that the program needs nothing installed. Idle connections are dropped early:
/// a request written to one that the other side is just closing could not be told from one that arrived.
pub fn client() -> reqwest::Client {
    builder().build().expect("the TLS settings are fixed and valid")
}

pub(crate) fn builder() -> reqwest::ClientBuilder {
    let roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&version::TLS13, &version::TLS12])
        .expect("ring has ciphers for both versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TOTAL_TIMEOUT)
        .pool_idle_timeout(Duration::from_secs(15))
        .user_agent(concat!("rapport/", env!("CARGO_PKG_VERSION")))
}

/// Reads an answer's body, or `None` when it breaks off or is longer than `limit`.
pub(crate) async fn body(mut response: reqwest::Response, limit: usize) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if body.len() + chunk.len() > limit {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(body)
}
