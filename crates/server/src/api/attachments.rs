//! Attachments: uploaded, kept in the object store, given out so that a browser never runs them.

use axum::{
    Json,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Multipart, State, multipart::Field},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use domain::{AttachmentId, UserId};
use object_store::{ObjectStoreExt, WriteMultipart, path::Path as Key};
use serde::Serialize;
use store::messages::{self, Attachment as Row};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::Shared,
    http::{
        ask::{Path, Upload},
        caller::Caller,
        problem::{Answer, Problem},
    },
};

mod kind;

/// Gives the routes of this noun.
pub fn routes() -> OpenApiRouter<Shared> {
    // The handler counts for itself, and says how much is too much.
    let upload = OpenApiRouter::new()
        .routes(routes!(post))
        .layer(DefaultBodyLimit::disable());
    OpenApiRouter::new()
        .routes(routes!(get))
        .routes(routes!(preview))
        .routes(routes!(media))
        .merge(upload)
}

/// The largest file that is taken.
pub const MAX_BYTES: usize = 25 * 1024 * 1024;

/// A file that goes with a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the names say what they hold")]
pub struct Attachment {
    pub id: AttachmentId,
    pub name: String,
    pub content_type: String,
    pub size_bytes: i64,
    /// Where its bytes are; null until they have been fetched from the provider.
    pub url: Option<String>,
    /// Why they could not be fetched.
    pub error: Option<String>,
}

impl From<Row> for Attachment {
    fn from(row: Row) -> Attachment {
        Attachment {
            url: row.object_key.map(|_| format!("/api/attachments/{}", row.id)),
            id: row.id,
            name: row.name,
            content_type: row.content_type,
            size_bytes: row.size_bytes,
            error: row.error,
        }
    }
}

/// Takes a file, at most 25 MB, in the field `file` of a form. What it is, is read from its first bytes.
#[utoipa::path(post, path = "/api/attachments", tag = "messages",
    request_body(content_type = "multipart/form-data", content = String),
    responses((status = 201, body = Attachment), (status = 413, description = "too_large"), (status = 422)))]
async fn post(
    State(app): State<Shared>,
    caller: Caller,
    Upload(mut form): Upload,
) -> Answer<(StatusCode, Json<Attachment>)> {
    caller.must_be(domain::people::Role::Agent)?;
    let row = receive(&app, caller.moment(&app).user(), &mut form).await?;
    Ok((StatusCode::CREATED, Json(row.into())))
}

/// A file of a form that is kept.
pub(super) struct Kept {
    /// What it was called.
    pub name: String,
    /// Its size.
    pub size_bytes: i64,
    content_type: &'static str,
}

/// Keeps the file of a form under a key.
pub(super) async fn keep_form(app: &Shared, key: &str, form: &mut Multipart) -> Answer<Kept> {
    let field = loop {
        match form.next_field().await.map_err(refuse_form)? {
            Some(field) if field.name() == Some("file") => break field,
            Some(_) => {}
            None => return Err(Problem::invalid("file", "must be given")),
        }
    };
    let name = kind::clean_name(field.file_name().unwrap_or_default());
    let (size_bytes, content_type) = keep(app, key, field).await?;
    Ok(Kept {
        name,
        size_bytes,
        content_type,
    })
}

/// Takes the file of a form and keeps it, free to be put on a message.
pub(crate) async fn receive(app: &Shared, by: Option<UserId>, form: &mut Multipart) -> Answer<Row> {
    let (now, token) = (app.universe.now(), app.universe.token());
    let key = format!("{}/{token}", &now.to_string()[..10]);
    let kept = keep_form(app, &key, form).await?;
    let row = Row {
        id: AttachmentId(0),
        message_id: None,
        name: kept.name,
        content_type: kept.content_type.to_owned(),
        size_bytes: kept.size_bytes,
        object_key: Some(key),
        source_url: None,
        public_token: token,
        uploaded_by: by,
        created_at: now,
        error: None,
    };
    let write = move |tx: &mut store::Tx| {
        let id = messages::insert_attachment(tx, &row)?;
        Ok::<_, store::Error>(Row { id, ..row.clone() })
    };
    Ok(app.store.write(write).await?)
}

/// Streams a field into the object store; gives its size and what it is. A file that is refused leaves nothing.
async fn keep(app: &Shared, key: &str, mut field: Field<'_>) -> Answer<(i64, &'static str)> {
    let upload = app
        .files
        .put_multipart(&Key::from(key))
        .await
        .map_err(anyhow::Error::from)?;
    let mut writer = WriteMultipart::new(upload);
    let mut head: Vec<u8> = Vec::new();
    let mut size = 0;
    let refused = loop {
        match field.chunk().await {
            Ok(Some(chunk)) => {
                size += chunk.len();
                if size > MAX_BYTES {
                    break Some(too_large());
                }
                head.extend(chunk.iter().take(kind::HEAD_BYTES.saturating_sub(head.len())));
                writer.write(&chunk);
            }
            Ok(None) if size == 0 => break Some(Problem::invalid("file", "is empty")),
            Ok(None) => break None,
            Err(error) => break Some(refuse_form(error)),
        }
    };
    if let Some(problem) = refused {
        writer.abort().await.map_err(anyhow::Error::from)?;
        return Err(problem);
    }
    writer.finish().await.map_err(anyhow::Error::from)?;
    Ok((i64::try_from(size).unwrap_or(i64::MAX), kind::sniff(&head)))
}

fn refuse_form(error: axum::extract::multipart::MultipartError) -> Problem {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        status => Problem::new(status, "invalid", error.body_text()),
    }
}

fn too_large() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_large",
        "a file must not be larger than 25 MB",
    )
}

/// Gives a file to be saved, never to be shown: a browser runs nothing of it.
#[utoipa::path(get, path = "/api/attachments/{id}", tag = "messages",
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>), (status = 404)))]
async fn get(State(app): State<Shared>, caller: Caller, Path(id): Path<AttachmentId>) -> Answer<Response> {
    download(&app, find(&app, caller, id).await?).await
}

/// Finds a file that the caller may see: until it is sent, only who uploaded it may.
async fn find(app: &Shared, caller: Caller, id: AttachmentId) -> Answer<Row> {
    let row = app.store.read(move |tx| messages::attachment(tx, id)).await?;
    let is_of_another = |row: &Row| row.uploaded_by.is_some() && row.uploaded_by != caller.actor.user_id();
    row.filter(|row| row.message_id.is_some() || !is_of_another(row))
        .ok_or_else(|| Problem::not_found(format!("attachment {id}")))
}

/// Gives a file to a provider that knows its token.
#[utoipa::path(get, path = "/media/{token}", tag = "messages",
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>), (status = 404)))]
async fn media(State(app): State<Shared>, Path(token): Path<String>) -> Answer<Response> {
    let row = app
        .store
        .read(move |tx| messages::attachment_by_token(tx, &token))
        .await?;
    download(&app, row.ok_or_else(|| Problem::not_found("the file"))?).await
}

/// Shows an image (PNG, JPEG, GIF, WebP by its first bytes); 415 `no_preview` for anything else.
#[utoipa::path(get, path = "/api/attachments/{id}/preview", tag = "messages",
    responses((status = 200, content_type = "image/png", body = Vec<u8>), (status = 404), (status = 415, description = "no_preview")))]
async fn preview(State(app): State<Shared>, caller: Caller, Path(id): Path<AttachmentId>) -> Answer<Response> {
    let row = find(&app, caller, id).await?;
    let (key, size) = stored(&row)?;
    let head: Bytes = (app.files.get_range(&key, 0..size.min(kind::HEAD_BYTES as u64)).await).map_err(missing)?;
    let Some(image) = kind::image(&head) else {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "no_preview",
            "this is not an image that is shown",
        ));
    };
    answer(&app, &key, image, "inline".to_owned()).await
}

async fn download(app: &Shared, row: Row) -> Answer<Response> {
    let (key, _) = stored(&row)?;
    answer(app, &key, &row.content_type, kind::disposition(&row.name)).await
}

fn stored(row: &Row) -> Answer<(Key, u64)> {
    let key = row.object_key.as_deref();
    let key = key.ok_or_else(|| Problem::not_found(format!("the content of attachment {}", row.id)))?;
    Ok((Key::from(key), u64::try_from(row.size_bytes).unwrap_or(0)))
}

async fn answer(app: &Shared, key: &Key, content_type: &str, disposition: String) -> Answer<Response> {
    let found = app.files.get(key).await.map_err(missing)?;
    let size = found.meta.size;
    let mut response = Response::new(Body::from_stream(found.into_stream()));
    let headers = response.headers_mut();
    let plain = HeaderValue::from_static("application/octet-stream");
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_str(content_type).unwrap_or(plain),
    );
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(size));
    let saved = HeaderValue::from_static("attachment");
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_str(&disposition).unwrap_or(saved),
    );
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; sandbox; frame-ancestors 'none'"),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, max-age=86400, immutable"),
    );
    Ok(response)
}

fn missing(error: object_store::Error) -> Problem {
    match error {
        object_store::Error::NotFound { .. } => Problem::not_found("the file"),
        error => anyhow::Error::from(error).into(),
    }
}
