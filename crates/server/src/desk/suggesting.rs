//! Pointing out files that may be one person's: the same address on both. Nothing is joined by it; people decide.

use domain::{
    CustomerId, Time,
    identity::{JoinReason, MAX_SHARED, NamedId},
    settings::Settings,
};
use store::{Tx, suggestions};

use super::customer_file::spell;

/// The traits that are addresses; they go by the name of the identity that they would be.
pub const ADDRESSES: [&str; 2] = ["email", "phone"];

/// Looks who else has an address that is on a profile's file now. One that many have points to nobody.
pub fn found(tx: &mut Tx, profile: CustomerId, id: &NamedId, now: Time) -> store::Result<()> {
    let reason = match id.kind.as_str() {
        "email" => JoinReason::SameEmail,
        "phone" => JoinReason::SamePhone,
        _ => return Ok(()),
    };
    let sharing = suggestions::sharing(tx, id)?;
    if sharing.len() > MAX_SHARED {
        return suggestions::forget(tx, id);
    }
    for other in sharing.into_iter().filter(|other| *other != profile) {
        suggestions::add(tx, (profile, other), reason, id, now)?;
    }
    Ok(())
}

/// Notes that a trait was told of a profile: an address in it may be on somebody else's file.
pub fn told(
    tx: &mut Tx,
    settings: &Settings,
    profile: CustomerId,
    (key, value): (&str, &str),
    now: Time,
) -> store::Result<()> {
    if !ADDRESSES.contains(&key) {
        return Ok(());
    }
    // What is no address is a trait like any other.
    let Ok((kind, value)) = spell(key, value, settings) else {
        return Ok(());
    };
    let id = NamedId { kind, value };
    if suggestions::claim(tx, profile, &id, now)? {
        found(tx, profile, &id, now)?;
    }
    Ok(())
}
