//! A partner's answer to a request, by the link that came with it: a page with two buttons for people, JSON for programs.
//!
//! The link is the key: whoever has it may answer, once. Looking at the page changes nothing, for mail programs look at links.

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use domain::{Actor, request::RequestStatus, words};
use serde::{Deserialize, Serialize};
use store::{Tx, requests as rows};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::Shared,
    desk::{Moment, request_status},
    http::{
        ask::{self, Path},
        caller::hash,
        problem::{Answer, Problem},
    },
};

/// Gives the routes of this noun.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(get, post))
}

words! {
    /// What a partner says.
    Decision { Confirmed = "confirmed", Declined = "declined" }
}

/// A partner's answer.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
pub struct PartnerAnswer {
    status: Decision,
    /// Told to the customer.
    #[serde(default)]
    note: String,
    /// The partner's own number for it.
    #[serde(default)]
    reference: String,
}

/// What has become of the request.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Answered {
    status: RequestStatus,
    summary: String,
    note: String,
}

const MAX_REFERENCE: usize = 200;

/// Shows a request to the partner, with a button to confirm it and one to decline it.
#[utoipa::path(get, path = "/answers/{token}", tag = "customers",
    responses((status = 200, content_type = "text/html", body = String),
        (status = 404, description = "the link leads nowhere", content_type = "text/html", body = String)))]
async fn get(State(app): State<Shared>, Path(token): Path<String>) -> Answer<Response> {
    seen(&app, token).await
}

/// The page as a person sees it, also where the link leads nowhere.
async fn seen(app: &Shared, token: String) -> Answer<Response> {
    let look = move |tx: &mut Tx| Ok::<_, Problem>((store::settings::get(tx)?.company, find(tx, &token)?));
    match app.store.read(look).await {
        Ok((company, request)) => Ok(page(&company, &request)),
        Err(problem) if problem.code() == "not_found" => {
            let text =
                "<h1>Not found</h1><p>This link leads to no request. Please take the one from the newest mail.</p>";
            Ok((StatusCode::NOT_FOUND, document("Not found", text)).into_response())
        }
        Err(problem) => Err(problem),
    }
}

/// Takes a partner's answer, as JSON or from the page's form. The same answer again changes nothing; another one is refused.
#[utoipa::path(post, path = "/answers/{token}", tag = "customers", request_body = PartnerAnswer,
    responses((status = 200, body = Answered), (status = 404), (status = 409, description = "answered"), (status = 422)))]
async fn post(
    State(app): State<Shared>,
    Path(token): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Response> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let is_form = kind.starts_with("application/x-www-form-urlencoded");
    let answer = read(&body, is_form)?;
    let now = app.universe.now();
    let link = token.clone();
    let write = move |tx: &mut Tx| {
        let mut request = find(tx, &link)?;
        settle(tx, now, &mut request, &answer)?;
        Ok::<_, Problem>(request)
    };
    match app.store.write(write).await {
        // A person is shown how it stands now, whether that is their doing or not.
        Err(problem) if is_form && problem.code() == "answered" => {
            Ok((StatusCode::CONFLICT, seen(&app, token).await?).into_response())
        }
        Err(problem) if is_form && problem.code() == "not_found" => seen(&app, token).await,
        Ok(_) if is_form => seen(&app, token).await,
        Ok(request) => {
            let (status, summary, note) = (request.status, request.summary, request.status_note);
            Ok(Json(Answered { status, summary, note }).into_response())
        }
        Err(problem) => Err(problem),
    }
}

fn read(body: &[u8], is_form: bool) -> Answer<PartnerAnswer> {
    if !is_form {
        return ask::json(body);
    }
    ask::form(body)
}

fn find(tx: &mut Tx, token: &str) -> Answer<rows::Request> {
    rows::by_answer_token(tx, &hash(token))?.ok_or_else(|| Problem::not_found("the request"))
}

fn settle(tx: &mut Tx, now: domain::Time, request: &mut rows::Request, answer: &PartnerAnswer) -> Answer<()> {
    let status = match answer.status {
        Decision::Confirmed => RequestStatus::Confirmed,
        Decision::Declined => RequestStatus::Declined,
    };
    if request.status == status {
        return Ok(());
    }
    if !request.status.is_open() {
        let detail = format!("this request is {} already", request.status);
        return Err(Problem::conflict("answered", detail).with("request_status", request.status.as_str()));
    }
    let reference = answer.reference.trim();
    if reference.chars().count() > MAX_REFERENCE {
        return Err(Problem::invalid(
            "reference",
            format!("must not be longer than {MAX_REFERENCE} characters"),
        ));
    }
    if !reference.is_empty() {
        request.partner_ref = Some(reference.to_owned());
    }
    let actor = request.partner_id.map_or(Actor::SYSTEM, Actor::partner);
    request_status::change(tx, &Moment { now, actor }, request, (status, &answer.note), true)
}

fn page(company: &str, request: &rows::Request) -> Response {
    let form = "<form method=\"post\"><p><label>Note for the customer<br><textarea name=\"note\" rows=\"3\" \
        maxlength=\"1000\"></textarea></label></p><p><label>Your reference<br><input name=\"reference\" maxlength=\"200\"></label></p>\
        <p><button name=\"status\" value=\"confirmed\">Confirm</button> \
        <button name=\"status\" value=\"declined\">Decline</button></p></form>";
    let state = format!(
        "<p>This request is <strong>{}</strong>. {}</p>",
        request.status,
        escape(&request.status_note)
    );
    let title = format!("Request {}", request.id);
    let text = format!(
        "<h1>Request {id}</h1><p>{company} asks on behalf of a customer:</p><blockquote>{summary}</blockquote>\
         <dl>{details}</dl>{rest}",
        id = request.id,
        company = escape(company),
        summary = escape(&request.summary),
        details = details(&request.details),
        rest = if request.status.is_open() { form } else { &state },
    );
    document(&title, &text)
}

fn document(title: &str, text: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"robots\" content=\"noindex\"><title>{title}</title><style>{STYLE}</style><main>{text}</main></html>"
    );
    let mut response = Html(html).into_response();
    let headers = response.headers_mut();
    let policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:34rem;padding:0 1rem}\
    textarea,input{font:inherit;width:100%;box-sizing:border-box}button{font:inherit;padding:.5rem 1.5rem;margin-right:.5rem}\
    blockquote{border-left:3px solid #999;margin:1rem 0;padding-left:1rem}dt{color:#555}dd{margin:0 0 .5rem}";

fn details(details: &serde_json::Value) -> String {
    let fields = details.as_object().into_iter().flatten();
    let told = fields.map(|(key, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("<dt>{}</dt><dd>{}</dd>", escape(&key.replace('_', " ")), escape(&value))
    });
    told.collect()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
