//! The touchpoints that bring calls for help by the friction kernel's verdict. It takes long to reach, so it is kept for a while.

use std::sync::{Arc, Mutex, PoisonError};

use domain::{Time, TouchpointId};

/// How long a verdict is kept.
const FRESH_SECONDS: i64 = 3_600;

/// A verdict, and when it was reached.
#[derive(Default)]
pub struct Suspects {
    kept: Mutex<Option<(Time, Arc<[TouchpointId]>)>>,
    /// Whose turn it is to reach the next one.
    pub turn: tokio::sync::Mutex<()>,
}

impl Suspects {
    /// Gives the verdict, unless it is too old.
    pub fn get(&self, now: Time) -> Option<Arc<[TouchpointId]>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, guilty) = kept.as_ref()?;
        (now < at.plus_seconds(FRESH_SECONDS)).then(|| guilty.clone())
    }

    /// Keeps a verdict.
    pub fn set(&self, now: Time, guilty: Arc<[TouchpointId]>) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, guilty));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_is_kept_for_an_hour() {
        let (suspects, at) = (Suspects::default(), Time(0));
        assert_eq!(suspects.get(at), None);
        suspects.set(at, [TouchpointId(4)].into());
        assert_eq!(
            suspects.get(at.plus_seconds(3_599)).as_deref(),
            Some(&[TouchpointId(4)][..])
        );
        assert_eq!(suspects.get(at.plus_seconds(3_600)), None);
    }
}
