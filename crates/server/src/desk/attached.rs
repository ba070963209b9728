//! What comes with a text: files, which are here already or still with the provider.
//!
//! This room notes what is to be fetched; the job that fetches it knows how.

use channel::Media;
use domain::{AttachmentId, MessageId};
use serde::{Deserialize, Serialize};
use store::{
    Tx,
    jobs::{self, NewJob},
    messages::{self, Attachment},
};

use super::inbound::Desk;

/// The job that fetches an attachment from the provider.
pub const FETCH: &str = "fetch_media";

/// What the job needs to know.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct FetchMedia {
    /// The attachment.
    pub attachment: AttachmentId,
}

/// How a phone of the simulator names a file that it has uploaded here already, before the file's token.
pub const UPLOADED: &str = "uploaded:";

/// Keeps what came with a text: a file of the simulator's is here already, any other is fetched by a job.
pub fn keep(tx: &mut Tx, desk: &Desk, message: MessageId, media: &[Media]) -> store::Result<Vec<AttachmentId>> {
    let mut ids = Vec::with_capacity(media.len());
    for (n, file) in media.iter().enumerate() {
        if let Some(token) = file.url.strip_prefix(UPLOADED) {
            let free = uploaded(tx, token)?;
            if let Some(id) = free {
                messages::attach(tx, id, message, None)?;
            }
            ids.extend(free);
            continue;
        }
        let extension = file.content_type.rsplit('/').next().unwrap_or("bin");
        let attachment = Attachment {
            id: AttachmentId(0),
            message_id: Some(message),
            name: format!("attachment-{}.{extension}", n + 1),
            content_type: file.content_type.clone(),
            size_bytes: 0,
            object_key: None,
            source_url: Some(file.url.clone()),
            public_token: (desk.token)(),
            uploaded_by: None,
            created_at: desk.moment.now,
            error: None,
        };
        let id = messages::insert_attachment(tx, &attachment)?;
        jobs::add(
            tx,
            &NewJob::now(FETCH, &FetchMedia { attachment: id }, desk.moment.now),
            desk.moment.now,
        )?;
        ids.push(id);
    }
    Ok(ids)
}

/// Gives the file with this token if a phone has uploaded it and no text has it yet. The token is only told to the phone: what
/// a colleague has uploaded, or another phone, cannot be named.
pub fn uploaded(tx: &mut Tx, token: &str) -> store::Result<Option<AttachmentId>> {
    let file = messages::attachment_by_token(tx, token)?;
    let free = |file: &Attachment| file.message_id.is_none() && file.uploaded_by.is_none();
    Ok(file.filter(free).map(|file| file.id))
}
