//! Passwords are kept as argon2id hashes with the parameters that OWASP names.
//!
//! Each hash takes 19 MiB while it is made, so only two are made at a time, however many people sign in at once; and
//! that memory goes back to the system at once, so that a morning's sign-ins do not stay in the server all day.

use std::sync::Arc;

use anyhow::Context;
use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many hashes are made at a time.
const AT_A_TIME: usize = 2;

/// What a password is held against when nobody has the address: the same work, never the same hash.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlz$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Room for the largest block that glibc's allocator may keep for itself when it is freed (32 MiB), and some more.
/// A larger one comes from the system and goes back there; pages that are never touched cost nothing.
const GIVEN_BACK_BLOCKS: usize = 33 * 1024 * 1024 / Block::SIZE;

/// Whose turn it is to make a hash.
pub struct Passwords(Arc<Semaphore>);

/// Someone's turn. It ends when this is dropped and the hash is made, also when the one who asked has gone away.
pub struct Turn(Arc<OwnedSemaphorePermit>);

impl Default for Passwords {
    fn default() -> Passwords {
        Passwords(Arc::new(Semaphore::new(AT_A_TIME)))
    }
}

impl Passwords {
    /// Waits for a turn.
    pub async fn turn(&self) -> Turn {
        let permit = self.0.clone().acquire_owned().await;
        Turn(Arc::new(permit.expect("nobody closes the semaphore")))
    }
}

impl Turn {
    /// Gives what is kept of a password.
    pub async fn hash(&self, password: String) -> anyhow::Result<String> {
        self.run(move || hash(&password)).await?
    }

    /// Says whether the password is the one that `kept` was made of; `None` takes as long and never is.
    pub async fn matches(&self, password: String, kept: Option<String>) -> anyhow::Result<bool> {
        self.run(move || matches(&password, kept.as_deref())).await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> anyhow::Result<T> {
        let permit = self.0.clone();
        let work = move || {
            let result = work();
            drop(permit);
            result
        };
        tokio::task::spawn_blocking(work).await.context("hashing broke off")
    }
}

/// Gives what is kept of a password. Takes its time: not for a thread that serves others.
pub fn hash(password: &str) -> anyhow::Result<String> {
    let (params, salt) = (Params::default(), Salt::generate());
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params).context("the parameters are not right")?,
        salt: Some(salt),
        hash: Some(output(password, &salt, params)?),
    };
    Ok(hash.to_string())
}

fn matches(password: &str, kept: Option<&str>) -> bool {
    let again = || {
        let kept = PasswordHash::new(kept.unwrap_or(NOBODY)).ok()?;
        let params = Params::try_from(&kept).ok()?;
        let output = output(password, kept.salt.as_ref()?, params).ok()?;
        // Outputs are compared in constant time.
        Some(output == kept.hash?)
    };
    again().unwrap_or(false)
}

fn output(password: &str, salt: &Salt, params: Params) -> anyhow::Result<Output> {
    let mut memory = Vec::with_capacity(params.block_count().max(GIVEN_BACK_BLOCKS));
    memory.resize(params.block_count(), Block::default());
    let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(password.as_bytes(), salt, &mut output, &mut memory)
        .context("cannot hash a password")?;
    Ok(Output::new(&output)?)
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::PasswordVerifier;

    use super::*;

    #[test]
    fn only_the_right_password_matches() {
        let kept = hash("correct horse").unwrap();
        assert!(matches("correct horse", Some(&kept)));
        assert!(!matches("correct horses", Some(&kept)));
        assert!(!matches("correct horse", Some("not a hash")));
        assert!(!matches("correct horse", None));
        // The library itself understands what is kept.
        assert!(
            Argon2::default()
                .verify_password(b"correct horse", kept.as_str())
                .is_ok()
        );
    }

    #[test]
    fn an_unknown_address_costs_as_much_as_a_known_one() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let known = PasswordHash::new(&hash("correct horse").unwrap()).unwrap();
        let work = |hash: &PasswordHash| (Params::try_from(hash).unwrap(), hash.hash.unwrap().len());
        assert_eq!(work(&nobody).0.m_cost(), work(&known).0.m_cost());
        assert_eq!(work(&nobody).0.t_cost(), work(&known).0.t_cost());
        assert_eq!(work(&nobody).1, work(&known).1);
    }

    #[tokio::test]
    async fn two_turns_are_given_at_a_time() {
        let passwords = Passwords::default();
        let (first, _second) = (passwords.turn().await, passwords.turn().await);
        assert_eq!(passwords.0.available_permits(), 0);
        drop(first);
        assert_eq!(passwords.0.available_permits(), 1);
    }
}
