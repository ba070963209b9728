//! Tokens by which the company says who a visitor is: JWTs, signed HS256 with one of the chat's keys.

use std::sync::Once;

use channel::chat::Key;
use domain::{Time, identity::clean_id};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Validation,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    decode,
    errors::{ErrorKind, Result as JwtResult},
    signature::{self, Verifier},
};
use serde::Deserialize;
use sha2::Sha256;

use crate::desk::visiting::Person;

/// How far the company's clock may be from ours.
const LEEWAY_SECONDS: f64 = 60.0;

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: f64,
    iat: f64,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
}

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// It is no token, or says less than it must.
    Unreadable,
    /// No key of the chat's has signed it.
    Signature,
    /// Its time is over.
    Expired,
    /// It was signed later than now.
    TooEarly,
}

impl Wrong {
    /// Gives the word for programs.
    pub fn reason(self) -> &'static str {
        match self {
            Wrong::Unreadable => "unreadable",
            Wrong::Signature => "wrong_signature",
            Wrong::Expired => "expired",
            Wrong::TooEarly => "too_early",
        }
    }
}

/// Reads a token that one of these keys has signed.
pub fn read(token: &str, keys: &[Key], now: Time) -> Result<Person, Wrong> {
    install();
    let mut validation = Validation::new(Algorithm::HS256);
    // The time is ours to look at: in tests it is not the machine's.
    validation.validate_exp = false;
    validation.validate_aud = false;
    let mut wrong = Wrong::Signature;
    for key in keys {
        match decode::<Claims>(token, &DecodingKey::from_secret(key.secret.as_bytes()), &validation) {
            Ok(token) => return judge(token.claims, now),
            Err(error) if *error.kind() == ErrorKind::InvalidSignature => {}
            Err(_) => wrong = Wrong::Unreadable,
        }
    }
    Err(wrong)
}

fn judge(claims: Claims, now: Time) -> Result<Person, Wrong> {
    let now = now.seconds_since(Time(0));
    if claims.exp + LEEWAY_SECONDS <= now {
        return Err(Wrong::Expired);
    }
    if claims.iat > now + LEEWAY_SECONDS {
        return Err(Wrong::TooEarly);
    }
    let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    Ok(Person {
        user: clean_id(&claims.sub).ok_or(Wrong::Unreadable)?.to_owned(),
        name: filled(claims.name),
        email: filled(claims.email),
        phone: filled(claims.phone),
    })
}

/// Has tokens checked with the hashes that are here already, and not with a second set of them.
fn install() {
    static ONCE: Once = Once::new();
    static OURS: CryptoProvider = CryptoProvider {
        signer_factory: signer,
        verifier_factory: verifier,
        key_utils: KeyUtils::new_unimplemented(),
    };
    ONCE.call_once(|| {
        // Nothing else here installs one, so it cannot be refused.
        let _ = OURS.install_default();
    });
}

fn signer(_: &Algorithm, _: &EncodingKey) -> JwtResult<Box<dyn JwtSigner>> {
    Err(ErrorKind::InvalidAlgorithm.into())
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> JwtResult<Box<dyn JwtVerifier>> {
    if *algorithm != Algorithm::HS256 {
        return Err(ErrorKind::InvalidAlgorithm.into());
    }
    let mac = Hmac::new_from_slice(key.try_get_as_bytes()?).map_err(|_| ErrorKind::InvalidKeyFormat)?;
    Ok(Box::new(Hs256(mac)))
}

struct Hs256(Hmac<Sha256>);

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signed: &Vec<u8>) -> Result<(), signature::Error> {
        let mac = self.0.clone().chain_update(message);
        mac.verify_slice(signed).map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of <https://www.jwt.io>, which somebody else has signed.
    const JOHN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.\
        eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.\
        SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";

    #[test]
    fn a_signature_is_the_one_that_others_make() {
        install();
        let key = DecodingKey::from_secret(b"your-256-bit-secret");
        let (message, signed) = JOHN.rsplit_once('.').unwrap();
        let holds = |signed: &str| jsonwebtoken::crypto::verify(signed, message.as_bytes(), &key, Algorithm::HS256);
        assert!(holds(signed).unwrap());
        assert!(!holds(&signed.replace('S', "T")).unwrap());
    }

    #[test]
    fn a_token_without_an_end_is_refused() {
        let keys = [Key {
            id: 1,
            secret: "your-256-bit-secret".to_owned(),
        }];
        assert_eq!(read(JOHN, &keys, Time(0)), Err(Wrong::Unreadable));
        assert_eq!(read("a.b.c", &keys, Time(0)), Err(Wrong::Unreadable));
        assert_eq!(read(JOHN, &[], Time(0)), Err(Wrong::Signature));
    }
}
