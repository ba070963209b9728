//! Signatures: proof that a request comes from the provider.
//!
//! Twilio signs the address it was told to post to, followed by each form field's name and value in the order of names,
//! with HMAC-SHA1 and the auth token. Its traps: the port is there or not as the sender pleases; a repeated name counts
//! once with each different value, in order; a body that is not a form is signed by its hash in the query instead.
//! The test vectors come from Twilio's own validator.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::{Refusal, form};

/// The header that carries the signature.
pub const HEADER: &str = "X-Twilio-Signature";

/// Checks the signature of a form, posted to one of `urls`: each is tried as it is, without and with its port.
///
/// The comparison takes the same time wherever the first wrong byte is. `params` are the raw pairs, repeated names and
/// all, in any order. An empty token lets nobody in.
pub fn verify(auth_token: &str, urls: &[&str], params: &[(String, String)], header: &str) -> Result<(), Refusal> {
    if auth_token.is_empty() {
        return Err(Refusal::NoSecret);
    }
    let claimed = BASE64_STANDARD
        .decode(header.trim())
        .map_err(|_| Refusal::WrongSignature)?;
    let fields = joined(params);
    let fits = |url: String| mac(auth_token, &url, &fields).verify_slice(&claimed).is_ok();
    match urls.iter().flat_map(|url| spellings(url)).any(fits) {
        true => Ok(()),
        false => Err(Refusal::WrongSignature),
    }
}

/// Checks the signature of a body that is not a form: the signed query holds its SHA-256.
pub fn verify_body(auth_token: &str, urls: &[&str], body: &[u8], header: &str) -> Result<(), Refusal> {
    verify(auth_token, urls, &[], header)?;
    let hash: String = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
    let is_hash = |url: &&str| {
        let query = url.split_once('?').map_or("", |(_, query)| query);
        let query = form::pairs(query.as_bytes()).unwrap_or_default();
        form::value(&query, "bodySHA256").is_some_and(|signed| signed.eq_ignore_ascii_case(&hash))
    };
    match urls.iter().any(is_hash) {
        true => Ok(()),
        false => Err(Refusal::WrongBody),
    }
}

/// Signs a form as Twilio does, for tests and load drivers.
pub fn sign(auth_token: &str, url: &str, params: &[(String, String)]) -> String {
    BASE64_STANDARD.encode(mac(auth_token, url, &joined(params)).finalize().into_bytes())
}

fn mac(auth_token: &str, url: &str, fields: &str) -> Hmac<Sha1> {
    let mut mac = Hmac::<Sha1>::new_from_slice(auth_token.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(url.as_bytes());
    mac.update(fields.as_bytes());
    mac
}

/// Joins the fields in the order of their names, each name with each of its different values in their order.
fn joined(params: &[(String, String)]) -> String {
    let mut fields: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, value) in params {
        fields.entry(name).or_default().insert(value);
    }
    let pairs = fields
        .iter()
        .flat_map(|(name, values)| values.iter().map(move |value| [*name, *value]));
    pairs.flatten().collect()
}

/// Gives the two ways one address may have been signed: as it is, and with its port put in or taken out.
fn spellings(url: &str) -> [String; 2] {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find(['/', '?', '#']).map_or(url.len(), |at| start + at);
    let is_port = |at: &usize| url[start + at + 1..end].bytes().all(|byte| byte.is_ascii_digit());
    let other = match url[start..end].rfind(':').filter(is_port) {
        Some(port) => format!("{}{}", &url[..start + port], &url[end..]),
        None if url.starts_with("https") => format!("{}:443{}", &url[..end], &url[end..]),
        None => format!("{}:80{}", &url[..end], &url[end..]),
    };
    [url.to_owned(), other]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Vector {
        why: String,
        token: String,
        url: String,
        params: Vec<(String, String)>,
        body: Option<String>,
        signature: String,
        valid: bool,
    }

    #[test]
    fn the_vectors_of_twilios_validator_hold() {
        let vectors: Vec<Vector> = serde_json::from_str(include_str!("../../testdata/twilio_signatures.json")).unwrap();
        assert!(vectors.len() > 12);
        for vector in vectors {
            let urls = [vector.url.as_str()];
            let verdict = match &vector.body {
                Some(body) => verify_body(&vector.token, &urls, body.as_bytes(), &vector.signature),
                None => verify(&vector.token, &urls, &vector.params, &vector.signature),
            };
            assert_eq!(verdict.is_ok(), vector.valid, "{}", vector.why);
        }
    }

    #[test]
    fn without_a_token_or_a_signature_nobody_comes_in() {
        let signed = sign("", "https://a/", &[]);
        assert_eq!(verify("", &["https://a/"], &[], &signed), Err(Refusal::NoSecret));
        for header in ["", "not base64!", "AAAA"] {
            assert_eq!(
                verify("token", &["https://a/"], &[], header),
                Err(Refusal::WrongSignature),
                "{header}"
            );
        }
    }

    #[test]
    fn the_port_is_put_in_or_taken_out_where_it_belongs() {
        let table = [
            ("https://a.example/x", "https://a.example:443/x"),
            ("http://a.example?b=c:9", "http://a.example:80?b=c:9"),
            ("https://a.example:8443/x:1", "https://a.example/x:1"),
            ("https://[::1]/x", "https://[::1]:443/x"),
            ("https://[::1]:80/x", "https://[::1]/x"),
            ("https://a.example", "https://a.example:443"),
        ];
        for (url, other) in table {
            assert_eq!(spellings(url), [url.to_owned(), other.to_owned()]);
        }
    }

    fn params() -> impl Strategy<Value = Vec<(String, String)>> {
        prop::collection::vec(("[a-zA-Z]{1,8}", "\\PC{0,12}"), 0..8)
    }

    proptest! {
        #[test]
        fn what_was_signed_is_let_in_in_any_order(token in "[a-z0-9]{1,32}", mut fields in params()) {
            let url = "https://desk.example/hooks/abc?x=1";
            let signature = sign(&token, url, &fields);
            fields.reverse();
            prop_assert_eq!(verify(&token, &["https://other.example/", url], &fields, &signature), Ok(()));
        }

        #[test]
        fn any_change_is_refused(fields in params(), at in any::<prop::sample::Index>(), tail in "[^\\pC]{1,3}") {
            prop_assume!(!fields.is_empty());
            let url = "https://desk.example/hooks/abc";
            let signature = sign("token", url, &fields);
            let mut changed = fields.clone();
            // A name of its own, so that the change is not a repeated pair, which rightly counts once.
            changed[at.index(fields.len())] = ("_changed".to_owned(), tail.clone());
            prop_assert!(verify("token", &[url], &changed, &signature).is_err());
            prop_assert!(verify("other", &[url], &fields, &signature).is_err());
            let longer = format!("{url}{tail}");
            prop_assert!(verify("token", &[&longer], &fields, &signature).is_err());
        }
    }
}
