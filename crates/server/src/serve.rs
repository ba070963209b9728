//! Serving: from a listener to the last request, and a graceful end in between.

use std::{net::SocketAddr, time::Duration};

use axum::serve::ListenerExt;
use tokio::{net::TcpListener, signal};

use crate::{
    alone,
    app::{App, Shared},
    config::Config,
    http, jobs, journeys, live, segments,
    universe::Universe,
    upkeep,
};

/// How long requests that run may go on after the server was told to stop.
const GRACE: Duration = Duration::from_secs(10);
/// How long jobs that run may go on then: longer than a provider may take to answer, or the text is left unconfirmed.
const JOB_GRACE: Duration = Duration::from_secs(35);
const _: () = assert!(JOB_GRACE.as_secs() > channel::http::TOTAL_TIMEOUT.as_secs());

/// Opens the application and serves it until the process is told to stop. Blocks.
pub fn run(config: Config) -> anyhow::Result<()> {
    let _alone = alone::hold(&config)?;
    let app = App::open(config, Universe::system())?;
    block(serve(app))
}

/// Does the work of a server on threads of its own, until it ends. Blocks.
pub fn block(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(work);
    // Whatever still runs in the background has had its time.
    runtime.shutdown_timeout(Duration::from_secs(1));
    ended
}

/// Serves until the process is told to stop.
pub async fn serve(app: Shared) -> anyhow::Result<()> {
    let adopted = app.store.write(store::events::adopt).await?;
    if adopted > 0 {
        tracing::info!(adopted, "the events come from another cluster and were put in order");
    }
    let listener = TcpListener::bind(app.config.listen).await?;
    tracing::info!(listen = %listener.local_addr()?, "listening");
    let stopping = app.stopping.clone();
    tokio::spawn(async move {
        told_to_stop().await;
        tracing::info!("stopping");
        stopping.send_replace(true);
    });
    let working = tokio::spawn(jobs::work(app.clone(), app.stopping.subscribe()));
    tokio::spawn(live::follow(app.clone(), app.stopping.subscribe()));
    tokio::spawn(upkeep::run(app.clone(), app.stopping.subscribe()));
    tokio::spawn(segments::follow(app.clone(), app.stopping.subscribe()));
    let following = tokio::spawn(journeys::follow(app.clone(), app.stopping.subscribe()));
    answer(listener, app).await?;
    // The journey log is being saved; what is not is read from the events again.
    let _ = tokio::time::timeout(GRACE, following).await;
    // What has begun is finished: a text that is being handed over gets its outcome noted.
    let _ = tokio::time::timeout(JOB_GRACE, working).await;
    Ok(())
}

/// Answers requests on `listener` until the application is stopping and those that run have ended, or their time is up.
pub async fn answer(listener: TcpListener, app: Shared) -> std::io::Result<()> {
    let stopping = app.stopping.subscribe();
    let site = http::site(app).into_make_service_with_connect_info::<SocketAddr>();
    // Small answers and live updates must not wait for the acknowledgement of those before them.
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::warn!(%error, "a connection sends in larger pieces");
        }
    });
    let serving = axum::serve(listener, site).with_graceful_shutdown(stopped(stopping.clone()));
    let out_of_patience = async {
        stopped(stopping).await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        ended = serving => ended,
        () = out_of_patience => Ok(()),
    }
}

/// Ends when the application is stopping. Streams that would never end by themselves wait for it too.
pub async fn stopped(mut stopping: tokio::sync::watch::Receiver<bool>) {
    // An error means that the application is gone, which is as good a reason to stop.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

#[cfg(unix)]
async fn told_to_stop() {
    let terminate = async {
        match signal::unix::signal(signal::unix::SignalKind::terminate()) {
            Ok(mut terminate) => terminate.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = terminate => {}
        _ = signal::ctrl_c() => {}
    }
}

#[cfg(not(unix))]
async fn told_to_stop() {
    let _ = signal::ctrl_c().await;
}
