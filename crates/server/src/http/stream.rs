//! Streams of server-sent events.

use std::{convert::Infallible, time::Duration};

use axum::response::{
    IntoResponse, Response,
    sse::{Event, KeepAlive, Sse},
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

/// How often a quiet stream says that it still stands, for proxies that cut what is silent.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How many events wait for a slow reader before its feeder does.
const QUEUE: usize = 256;

/// Where a stream is fed.
pub type Feed = mpsc::Sender<Result<Event, Infallible>>;

/// Gives a stream as an answer, and where to feed it. It ends when the feed is dropped.
pub fn stream() -> (Feed, Response) {
    let (feed, receiver) = mpsc::channel(QUEUE);
    let events = Sse::new(ReceiverStream::new(receiver)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    (feed, events.into_response())
}
