//! The world around the demo company, simulated and only there in the demo: a hotel and an accounts desk that get requests,
//! and a carrier that speaks Twilio's protocol and delivers every text to nobody.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use axum::{
    Extension, Form, Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, Redirect},
    routing::{get, post},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{app::Shared, hooks::Raw};

/// The partners and where each gets its requests.
pub const PARTNERS: [(&str, &str); 2] = [("hotel", "/demo/hotel"), ("accounts", "/demo/accounts")];
/// Where the carrier is.
pub const CARRIER: &str = "/demo/carrier";
/// The company's account at the carrier.
pub const ACCOUNT: &str = "ACdemo00000000000000000000000000000";

/// How many requests the partners remember.
const REMEMBERED: usize = 200;
/// How long the carrier takes to deliver.
const DELIVERY: Duration = Duration::from_millis(1500);

/// What came in at the partners, the newest first; forgotten when the server stops.
type Desk = Arc<Mutex<VecDeque<Value>>>;

/// Gives the routes of the simulated world.
pub fn routes() -> Router<Shared> {
    let desk = Desk::default();
    Router::new()
        .route("/demo/hotel", get(show).post(take))
        .route("/demo/accounts", get(show).post(take))
        .route("/demo/hotel/{number}", post(answer))
        .route("/demo/carrier/2010-04-01/Accounts/{account}/Messages.json", post(carry))
        .layer(Extension(desk))
}

fn lock(desk: &Desk) -> MutexGuard<'_, VecDeque<Value>> {
    desk.lock().expect("no one panics while holding it")
}

/// A request comes in; one that comes again, with a new link, takes the place of the first.
async fn take(Extension(desk): Extension<Desk>, Json(request): Json<Value>) -> StatusCode {
    let mut desk = lock(&desk);
    desk.retain(|known| known["data"]["id"] != request["data"]["id"]);
    desk.push_front(request);
    desk.truncate(REMEMBERED);
    StatusCode::NO_CONTENT
}

/// What the people at the hotel see.
async fn show(Extension(desk): Extension<Desk>) -> ([(header::HeaderName, &'static str); 1], Html<String>) {
    let rows: String = lock(&desk).iter().map(|request| row(&request["data"])).collect();
    let rows = if rows.is_empty() {
        "<p>No request has come since the server started.</p>".to_owned()
    } else {
        rows
    };
    let page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Simulated hotel</title>\
         <meta name=viewport content=\"width=device-width\">\
         <style>body{{font:15px system-ui;max-width:40rem;margin:2rem auto;padding:0 1rem}}\
         form{{border-top:1px solid #ccc;padding:.5rem 0}}button{{margin-right:.5rem}}</style>\
         <h1>Simulated hotel</h1>\
         <p>What a partner of the demo company got. Its answer goes the way a real partner's goes.</p>{rows}</html>"
    );
    let policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'";
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(page))
}

fn row(data: &Value) -> String {
    let text = |value: &Value| escape(value.as_str().unwrap_or_default());
    format!(
        "<form method=post action=\"/demo/hotel/{}\"><p><b>{}</b> for {}</p>\
         <button name=status value=confirmed>Confirm</button><button name=status value=declined>Decline</button></form>",
        data["id"],
        text(&data["summary"]),
        text(&data["customer"]),
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// What the people at the hotel decide.
#[derive(Deserialize)]
struct Decision {
    status: String,
}

/// The hotel answers by the link that came with the request.
async fn answer(
    State(app): State<Shared>,
    Extension(desk): Extension<Desk>,
    Path(number): Path<i64>,
    Form(decision): Form<Decision>,
) -> Result<Redirect, StatusCode> {
    let url = {
        let desk = lock(&desk);
        let request = desk.iter().find(|request| request["data"]["id"] == number);
        request.and_then(|request| request["data"]["answer_url"].as_str().map(str::to_owned))
    };
    let body = json!({ "status": decision.status }).to_string();
    let call = app.http.post(url.ok_or(StatusCode::NOT_FOUND)?).body(body);
    let answered = call.header(header::CONTENT_TYPE, "application/json").send().await;
    match answered {
        // Answered elsewhere is answered, too: the hotel puts it away.
        Ok(response) if response.status().is_success() || response.status() == StatusCode::CONFLICT => {
            lock(&desk).retain(|request| request["data"]["id"] != number);
            Ok(Redirect::to("/demo/hotel"))
        }
        _ => Err(StatusCode::BAD_GATEWAY),
    }
}

/// The carrier takes a text and soon says that it has been delivered.
async fn carry(
    State(app): State<Shared>,
    Path(account): Path<String>,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<(StatusCode, Json<Value>), StatusCode> {
    let token = token_of(&headers, &account).ok_or(StatusCode::UNAUTHORIZED)?;
    let sid = format!("SM{}", &app.universe.token()[..32]);
    let field = |name: &str| {
        fields
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
    };
    if let Some(callback) = field("StatusCallback") {
        let news = [
            ("AccountSid", account),
            ("MessageSid", sid.clone()),
            ("MessageStatus", "delivered".to_owned()),
            ("To", field("To").unwrap_or_default()),
        ];
        let news: Vec<(String, String)> = news.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let signature = channel::twilio::signature::sign(&token, &callback, &news);
        tokio::spawn(async move {
            tokio::time::sleep(DELIVERY).await;
            let call = app
                .http
                .post(callback)
                .form(&news)
                .header("X-Twilio-Signature", signature);
            if let Err(error) = call.send().await {
                tracing::warn!(%error, "the simulated carrier cannot tell what it delivered");
            }
        });
    }
    Ok((StatusCode::CREATED, Json(json!({ "sid": sid, "status": "queued" }))))
}

/// Gives the secret that a caller shows, if it is for this account.
fn token_of(headers: &HeaderMap, account: &str) -> Option<String> {
    let shown = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .strip_prefix("Basic ")?;
    let shown = String::from_utf8(BASE64_STANDARD.decode(shown).ok()?).ok()?;
    let (user, token) = shown.split_once(':')?;
    (user == account).then(|| token.to_owned())
}

/// Gives what the carrier would post for a text.
pub fn text_from_carrier(number: usize, from: &str, to: &str, body: &str) -> Raw {
    let fields = [
        ("MessageSid", format!("SMpast{number:026}")),
        ("AccountSid", ACCOUNT.to_owned()),
        ("From", from.to_owned()),
        ("To", to.to_owned()),
        ("Body", body.to_owned()),
        ("NumMedia", "0".to_owned()),
        ("SmsStatus", "received".to_owned()),
    ];
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    Raw {
        query: String::new(),
        content_type: "application/x-www-form-urlencoded".to_owned(),
        body: pairs.join("&").into(),
    }
}

fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
