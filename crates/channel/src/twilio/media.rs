//! Attachments of inbound texts, fetched from where Twilio keeps them.

use reqwest::{Method, Url, header};

use super::{Twilio, send::authorization};
use crate::http::{self, Outside};

/// How many times the provider may point elsewhere: its store is behind one redirect.
const REDIRECTS: usize = 3;

/// An attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// What the provider says it is.
    pub content_type: Option<String>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Why an attachment was not fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MediaError {
    /// It is not kept by the provider.
    #[error("the attachment is not at the provider's address")]
    Elsewhere,
    /// It is gone, or the account may not have it.
    #[error("the provider does not give the attachment (status {0})")]
    Refused(u16),
    /// Larger than was asked for, or cut off.
    #[error("the attachment is too large or was cut off")]
    TooLarge,
    /// No answer.
    #[error("the provider cannot be reached")]
    Unreachable,
}

impl MediaError {
    /// Says whether it is worth another try later.
    pub const fn is_retryable(self) -> bool {
        match self {
            MediaError::Unreachable => true,
            MediaError::Refused(status) => status >= 500 || status == 429 || status == 404,
            MediaError::Elsewhere | MediaError::TooLarge => false,
        }
    }
}

impl Twilio {
    /// Fetches an attachment of at most `limit` bytes.
    ///
    /// Only from the API's own host, so that nobody can make us call another address; the account's secret goes there
    /// and not to the store that the API points on to, which is `outside`. A 404 may be one that is not ready yet.
    pub async fn fetch_media(
        &self,
        client: &reqwest::Client,
        outside: &Outside,
        url: &str,
        limit: usize,
    ) -> Result<Fetched, MediaError> {
        let base = Url::parse(&self.config.base_url).map_err(|_| MediaError::Elsewhere)?;
        let mut url = Url::parse(url).map_err(|_| MediaError::Elsewhere)?;
        if url.origin() != base.origin() {
            return Err(MediaError::Elsewhere);
        }
        for _ in 0..=REDIRECTS {
            let call = match url.origin() == base.origin() {
                true => client
                    .get(url.clone())
                    .header(header::AUTHORIZATION, authorization(&self.config)),
                false => (outside.request(Method::GET, url.clone())).map_err(|_| MediaError::Elsewhere)?,
            };
            let response = call.send().await.map_err(|_| MediaError::Unreachable)?;
            let status = response.status();
            if status.is_success() {
                return read(response, limit).await;
            }
            let place = response
                .headers()
                .get(header::LOCATION)
                .and_then(|place| place.to_str().ok());
            let next = place
                .filter(|_| status.is_redirection())
                .and_then(|place| url.join(place).ok());
            url = next.ok_or(MediaError::Refused(status.as_u16()))?;
        }
        Err(MediaError::Elsewhere)
    }
}

async fn read(response: reqwest::Response, limit: usize) -> Result<Fetched, MediaError> {
    let content_type = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .map(str::to_owned);
    let bytes = http::body(response, limit).await.ok_or(MediaError::TooLarge)?;
    Ok(Fetched { content_type, bytes })
}
