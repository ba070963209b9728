//! Requests that are refused whole: nothing of them is kept, and they count at the source whose key they came with.

use axum::http::HeaderMap;
use domain::{
    SourceId,
    collection::{CallRefusal, Tally},
};
use store::{Tx, refusals, sources};

use super::ask;
use crate::{
    app::Shared,
    http::problem::{Answer, Problem},
};

/// Counts a request that could not be read, where its headers say whose it is.
pub async fn noted<T>(app: &Shared, headers: &HeaderMap, read: Answer<T>) -> Answer<T> {
    let why = read.as_ref().err().and_then(why);
    if let (Some(why), Some(key)) = (why, ask::key(headers)) {
        match app.store.read(move |tx| sources::by_key(tx, &key)).await {
            Ok(Some(source)) => note(app, source.id, why).await,
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "a refused request is not counted"),
        }
    }
    read
}

fn why(problem: &Problem) -> Option<CallRefusal> {
    match problem.code() {
        "not_json" | "unreadable" => Some(CallRefusal::UnreadableRequest),
        "too_large" => Some(CallRefusal::TooLargeRequest),
        _ => None,
    }
}

/// Counts a request that was refused. Where that cannot be, it is refused all the same.
pub async fn note(app: &Shared, source: SourceId, why: CallRefusal) {
    let now = app.universe.now();
    let write = move |tx: &mut Tx| {
        refusals::count(tx, source, why.as_str(), now)?;
        let tally = Tally {
            refused: 1,
            ..Tally::default()
        };
        sources::count(tx, source, tally, now)
    };
    if let Err(error) = app.store.write(write).await {
        tracing::error!(source.id = source.0, %error, "a refused request is not counted");
    }
}
