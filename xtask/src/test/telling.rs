//! The published library for Python, as a server uses it, against the real server.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::run::Run;
use crate::counts::Counts;
use crate::desk::Desk;
use crate::{python, workspace};

/// What a shop's server does with the library.
const SCRIPT: &str = r#"
import sys
import segment.analytics as analytics

analytics.host, analytics.write_key = sys.argv[1], sys.argv[2]
analytics.gzip = sys.argv[3] == "gzip"
refused = []
analytics.on_error = lambda error, items: refused.append(error)
user = "python-" + sys.argv[3]
analytics.identify(user, {"name": "Pia Python", "plan": "gold"})
analytics.page(user, "Booking", "Rooms", {"url": "https://shop.example/rooms"})
analytics.screen(user, "App", "Map")
analytics.track(user, "Order Completed", {"total": 12.5, "note": "naïve ☕"})
analytics.group(user, "acme", {"size": 3})
analytics.alias("before-" + user, user)
analytics.track(anonymous_id="before-" + user, event="Came back")
for number in range(250):
    analytics.track(user, "Looked", {"number": number})
analytics.flush()
analytics.shutdown()
sys.exit(f"refused: {refused}" if refused else 0)
"#;

/// Lets the library tell, plain and packed, and counts what is on the timelines.
pub fn python(run: &mut Run) -> Result<Counts> {
    let python = python::program("python")?;
    let mut desk = Desk::new(&workspace::build_server(false)?, None)?;
    desk.start()?;
    let source = desk.api("POST", "/api/sources", &json!({"name": "Shop server"}))?;
    let key = source["keys"][0]["write_key"]
        .as_str()
        .context("a source has a key")?
        .to_owned();
    let mut counts = Counts::default();
    for way in ["plain", "gzip"] {
        let mut command = Command::new(&python);
        command.args(["-c", SCRIPT, &format!("http://{}", desk.address), &key, way]);
        run.check(command)?;
        arrived(&desk, &format!("python-{way}"))?;
        counts += Counts::PASS;
    }
    Ok(counts)
}

/// Fails unless all that was told of a user is on the timeline, each call once.
fn arrived(desk: &Desk, user: &str) -> Result<()> {
    let found = desk.get(&format!("/api/customers?identity=user_id:{user}"))?;
    let file = &found["items"][0];
    ensure!(
        file["name"] == "Pia Python" && file["traits"]["plan"] == "gold",
        "the file says {file}"
    );
    let told = desk.list(&format!("/api/customers/{}/timeline", file["id"]))?;
    let count = |kind: &str, name: &str| {
        let is_one = |event: &&Value| event["kind"] == kind && (name.is_empty() || event["data"]["name"] == name);
        told.iter().filter(is_one).count()
    };
    for (kind, name, expected) in [
        ("customer_identified", "", 1),
        ("page_viewed", "Rooms", 1),
        ("screen_viewed", "Map", 1),
        ("action_tracked", "Order Completed", 1),
        ("group_joined", "", 1),
        ("action_tracked", "Came back", 1),
        ("action_tracked", "Looked", 250),
    ] {
        let there = count(kind, name);
        ensure!(there == expected, "{there} of {expected}: {kind} {name}");
    }
    let order = told.iter().find(|event| event["data"]["name"] == "Order Completed");
    let properties = order.map(|event| &event["data"]["properties"]);
    ensure!(
        properties == Some(&json!({"total": 12.5, "note": "naïve ☕"})),
        "an order says {properties:?}"
    );
    Ok(())
}
