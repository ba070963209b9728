//! Measures the floor for inbound texts: records every statement that the server runs for each of them, and replays these
//! statements on a bare connection to the same database, in groups that share one durable commit.
//!
//! `floor TEXTS GROUP` prints one line of JSON.

use std::path::Path;

use anyhow::Context;
use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue},
};
use channel::{Provider, twilio::signature};
use domain::{ChannelId, Time, conversation::ReopenRule};
use rapport::{
    app::{App, Shared},
    config::Config,
    hooks,
    http::ask::Path as UrlPath,
    universe::Universe,
};
use store::{
    Store,
    channels::{self, Channel},
    sql::floor::{self, Statement},
};

const SECRET: &str = "0123456789abcdef0123456789abcdef";
/// How many customers share the texts.
const CUSTOMERS: usize = 500;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1).map(|word| word.parse::<usize>());
    let texts = arguments.next().context("how many texts?")??;
    let group = arguments.next().context("in groups of how many?")??;
    let (warm, before) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let units = runtime.block_on(record(warm.path(), before.path(), texts))?;
    let statements: usize = units.iter().map(Vec::len).sum();
    let took = floor::replay(before.path(), &units, group)?;
    let answer = serde_json::json!({
        "texts": texts, "group": group, "statements_per_text": statements / texts,
        "texts_per_second": texts as f64 / took.as_secs_f64(),
    });
    println!("{answer}");
    Ok(())
}

/// Takes texts as the server does and gives the statements of each; `before` gets the database as it was before them.
async fn record(warm: &Path, before: &Path, texts: usize) -> anyhow::Result<Vec<Vec<Statement>>> {
    let config = Config {
        data: warm.to_owned(),
        listen: "127.0.0.1:80".parse()?,
        database: None,
        public_url: None,
        trusted_proxies: Vec::new(),
        allow_private_addresses: false,
        message_ids_days: rapport::config::MESSAGE_IDS_DAYS,
        journey_memory_mb: 64,
        demo: false,
    };
    let app = App::open(config, Universe::system())?;
    app.store.write(|tx| channels::insert(tx, &number())).await?;
    for n in 0..CUSTOMERS {
        post(&app, n, n).await?;
    }
    Store::copy(warm, &before.join("rapport.db"))?;
    floor::record();
    let mut units = Vec::with_capacity(texts);
    for n in 0..texts {
        post(&app, CUSTOMERS + n, n % CUSTOMERS).await?;
        let mut unit = floor::record();
        unit.retain(|statement| !["BEGIN", "BEGIN IMMEDIATE", "COMMIT"].contains(&statement.sql.as_str()));
        units.push(unit);
    }
    Ok(units)
}

fn number() -> Channel {
    Channel {
        id: ChannelId(0),
        name: "Texts".to_owned(),
        kind: "twilio".to_owned(),
        address: "+12025550199".to_owned(),
        hook: "floor".to_owned(),
        config: serde_json::json!({ "account_sid": "AC1", "auth_token": SECRET }),
        team_id: None,
        reopen: ReopenRule::Within,
        reopen_days: 5,
        segments_per_second: 10,
        created_at: Time(0),
        disabled_at: None,
    }
}

async fn post(app: &Shared, number: usize, customer: usize) -> anyhow::Result<()> {
    let fields = [
        ("Body", format!("Is the room still free on day {number}?")),
        ("From", format!("+1212555{customer:04}")),
        ("MessageSid", format!("SM{number:032}")),
        ("To", "+12025550199".to_owned()),
    ];
    let body = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", value.replace('+', "%2B").replace(' ', "+")));
    let body = body.collect::<Vec<_>>().join("&").replace('?', "%3F");
    let fields: Vec<(String, String)> = fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    let signed = signature::sign(SECRET, "http://127.0.0.1:80/hooks/floor", &fields);
    let mut headers = HeaderMap::new();
    headers.insert(
        "content-type",
        HeaderValue::from_static("application/x-www-form-urlencoded"),
    );
    headers.insert(
        Provider::signature_header()
            .to_lowercase()
            .parse::<axum::http::HeaderName>()?,
        signed.parse()?,
    );
    let answer = hooks::post(
        State(app.clone()),
        UrlPath("floor".to_owned()),
        RawQuery(None),
        headers,
        body.into(),
    );
    let answer = answer
        .await
        .map_err(|problem| anyhow::anyhow!("{}", problem.detail()))?;
    anyhow::ensure!(answer.status() == 200, "a webhook was answered {}", answer.status());
    Ok(())
}
