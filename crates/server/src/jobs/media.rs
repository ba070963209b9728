//! Fetching an attachment from the provider that a customer sent.

use channel::Provider;
use domain::Time;
use object_store::{ObjectStoreExt, PutPayload, path::Path};
use store::{
    jobs::{self, Job},
    messages,
};

use super::Outcome;
use crate::{
    app::Shared,
    desk::{attached::FetchMedia, erasing},
};

/// The largest attachment that is fetched.
const LIMIT: usize = 25 * 1024 * 1024;

/// Fetches the attachment of a job. Doing it twice only fetches it twice.
pub async fn run(app: &Shared, owner: &str, job: &Job) -> store::Result<Outcome> {
    let FetchMedia { attachment } = job.payload()?;
    let found = app.store.read(move |tx| {
        let file = messages::attachment(tx, attachment)?.ok_or(store::Error::NotFound)?;
        let message =
            messages::get(tx, file.message_id.ok_or(store::Error::NotFound)?)?.ok_or(store::Error::NotFound)?;
        let channel = store::channels::get(tx, message.channel_id)?.ok_or(store::Error::NotFound)?;
        Ok::<_, store::Error>((file, channel))
    });
    let (file, channel) = found.await?;
    let provider = match Provider::from_config(&channel.kind, &channel.config) {
        Ok(provider) => provider,
        Err(error) => return Ok(Outcome::Retry(error.to_string())),
    };
    let key = format!("{}/{attachment}", day(file.created_at));
    let stored = match provider
        .fetch_media(
            &app.http,
            &app.outside,
            file.source_url.as_deref().unwrap_or_default(),
            LIMIT,
        )
        .await
    {
        Ok(fetched) => {
            let size = i64::try_from(fetched.bytes.len()).unwrap_or(i64::MAX);
            let put = app
                .files
                .put(&Path::from(key.as_str()), PutPayload::from(fetched.bytes))
                .await;
            match put {
                Ok(_) => Ok((key, size)),
                Err(error) => return Ok(Outcome::Retry(error.to_string())),
            }
        }
        Err(error) if !error.is_retryable() => Err(error.to_string()),
        Err(error) => return Ok(Outcome::Retry(error.to_string())),
    };
    let (id, owner, now) = (job.id, owner.to_owned(), app.universe.now());
    app.store
        .write(move |tx| {
            let stored = stored
                .as_ref()
                .map(|(key, size)| (key.as_str(), *size))
                .map_err(String::as_str);
            if !messages::fetched(tx, attachment, stored)?
                && let Ok((key, _)) = stored
            {
                // The customer was erased meanwhile.
                erasing::plan_removal(tx, vec![key.to_owned()], now)?;
            }
            jobs::done(tx, id, &owner)?;
            Ok(Outcome::Ended)
        })
        .await
}

/// Gives the folder of a day, so that no folder grows without end.
fn day(at: Time) -> String {
    at.to_string()[..10].to_owned()
}
