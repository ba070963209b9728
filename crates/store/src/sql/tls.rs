//! What the URL of a PostgreSQL says about encryption, in the words of its own programs, which `pg_dump` gets too.
//!
//! The driver knows fewer of them. Where encryption is asked for, the server's certificate is always checked: an
//! encrypted connection to nobody knows whom protects nothing.

use std::{path::PathBuf, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
    version,
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{Error, Result};

/// What a URL asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Wish {
    /// Whether the connection must be encrypted.
    pub encrypted: bool,
    /// A file with the certificates to trust, in place of those that are built in.
    roots: Option<PathBuf>,
}

/// Takes what is said about encryption out of a URL.
pub(crate) fn split(url: &str) -> (String, Wish) {
    let mut wish = Wish::default();
    let Some((base, query)) = url.split_once('?') else {
        return (url.to_owned(), wish);
    };
    let mut rest = Vec::new();
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some(("sslmode", mode)) => wish.encrypted = matches!(mode, "require" | "verify-ca" | "verify-full"),
            Some(("sslrootcert", file)) => wish.roots = Some(PathBuf::from(file.replace("%2F", "/"))),
            _ => rest.push(pair),
        }
    }
    let joint = if rest.is_empty() { "" } else { "?" };
    (format!("{base}{joint}{}", rest.join("&")), wish)
}

impl Wish {
    /// Gives what encrypts the connection.
    pub(crate) fn connector(&self) -> Result<MakeRustlsConnect> {
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&version::TLS13, &version::TLS12])
            .expect("ring has ciphers for both versions")
            .with_root_certificates(self.trusted()?)
            .with_no_client_auth();
        Ok(MakeRustlsConnect::new(tls))
    }

    fn trusted(&self) -> Result<RootCertStore> {
        let Some(file) = &self.roots else {
            return Ok(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect());
        };
        let wrong =
            |error: &dyn std::fmt::Display| Error::Unavailable(format!("sslrootcert {}: {error}", file.display()));
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(file).map_err(|error| wrong(&error))? {
            let certificate = certificate.map_err(|error| wrong(&error))?;
            roots.add(certificate).map_err(|error| wrong(&error))?;
        }
        if roots.is_empty() {
            return Err(wrong(&"holds no certificate"));
        }
        Ok(roots)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_told_apart_from_its_wish_for_encryption() {
        let table = [
            ("postgres://h/d", "postgres://h/d", false),
            ("postgres://h/d?sslmode=prefer", "postgres://h/d", false),
            (
                "postgres://h/d?sslmode=require&options=-ca%3Db",
                "postgres://h/d?options=-ca%3Db",
                true,
            ),
            (
                "postgres://h/d?user=u&sslmode=verify-full",
                "postgres://h/d?user=u",
                true,
            ),
        ];
        for (url, rest, encrypted) in table {
            let wish = Wish { encrypted, roots: None };
            assert_eq!(split(url), (rest.to_owned(), wish), "{url}");
        }
        let (rest, wish) = split("postgres://h/d?sslrootcert=%2Fetc%2Fca.pem&sslmode=verify-ca");
        assert_eq!(rest, "postgres://h/d");
        assert_eq!(wish.roots, Some(PathBuf::from("/etc/ca.pem")));
    }

    #[test]
    fn a_file_without_certificates_is_named() {
        let (_, wish) = split("postgres://h/d?sslmode=require&sslrootcert=/nowhere/ca.pem");
        let error = wish.connector().err().expect("there is no such file").to_string();
        assert!(error.contains("sslrootcert /nowhere/ca.pem"), "{error}");
    }
}
