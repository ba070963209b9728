//! Cloud events over HTTP, in the three ways that the standard has.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    collect::Site,
    harness::{Desk, Reply, on_each_database},
};

fn event(id: &str, changes: Value) -> Value {
    let mut event = json!({
        "specversion": "1.0", "id": id, "source": "/till/7", "type": "Order Placed", "subject": "ada",
        "time": "2026-03-04T09:00:00Z", "data": {"total": 12.5},
    });
    event
        .as_object_mut()
        .unwrap()
        .extend(changes.as_object().unwrap().clone());
    event
}

async fn post(desk: &Desk, site: &Site, headers: &[(&str, &str)], body: impl Into<reqwest::Body>) -> Reply {
    let request = desk
        .nobody()
        .request(Method::POST, "/v1/cloudevents")
        .bearer_auth(&site.key);
    let request = headers
        .iter()
        .fold(request, |request, (name, value)| request.header(*name, *value));
    Reply::to(request.body(body)).await
}

const STRUCTURED: &[(&str, &str)] = &[("content-type", "application/cloudevents+json; charset=utf-8")];
const BATCHED: &[(&str, &str)] = &[("content-type", "application/cloudevents-batch+json")];

#[tokio::test]
async fn an_event_is_taken_once_in_whichever_way_it_comes() {
    on_each_database(async |desk| {
        let site = Site::open(desk).await;
        let taken = json!({"taken": 1, "repeated": 0, "refused": 0});
        let again = json!({"taken": 0, "repeated": 1, "refused": 0});
        let order = event("1", json!({}));
        assert_eq!(
            post(desk, &site, STRUCTURED, order.to_string()).await.expect(200),
            taken
        );
        assert_eq!(
            post(desk, &site, STRUCTURED, order.to_string()).await.expect(200),
            again
        );
        let binary = [
            ("content-type", "application/json"),
            ("ce-specversion", "1.0"),
            ("ce-id", "1"),
            ("ce-source", "/till/7"),
            ("ce-type", "Order Placed"),
            ("ce-subject", "ada"),
            ("ce-time", "2026-03-04T09:00:00Z"),
        ];
        assert_eq!(
            post(desk, &site, &binary, r#"{"total": 12.5}"#).await.expect(200),
            again
        );
        // The same id of another source is another event.
        let elsewhere = event("1", json!({"source": "/till/8", "type": "Paid"}));
        assert_eq!(
            post(desk, &site, STRUCTURED, elsewhere.to_string()).await.expect(200),
            taken
        );
        let known = event(
            "2",
            json!({"type": "com.example.identify", "data": {"name": "Ada", "plan": "gold"}}),
        );
        post(desk, &site, STRUCTURED, known.to_string()).await.expect(200);
        assert_eq!(site.done_by("user_id:ada").await, ["Order Placed", "Paid"]);
        let file = site.mara.get("/api/customers?identity=user_id:ada").await.expect(200)["items"][0].clone();
        assert_eq!(
            (&file["name"], &file["traits"]["plan"]),
            (&json!("Ada"), &json!("gold"))
        );
        assert_eq!(site.tally().await, [3, 2, 0]);
    })
    .await;
}

#[tokio::test]
async fn bad_events_of_a_batch_are_refused_one_by_one() {
    on_each_database(async |desk| {
        let site = Site::open(desk).await;
        let batch = json!([
            event("1", json!({"type": "First"})),
            event("2", json!({"specversion": "0.3"})),
            event("3", json!({"source": ""})),
            "nonsense",
            event("4", json!({"subject": "null"})),
            event("1", json!({"type": "Another"})),
            event("5", json!({"data_base64": "AQI="})),
            event("6", json!({"data": {"text": "x".repeat(40_000)}})),
            event("", json!({})),
            event(
                "7",
                json!({"type": "Last", "subject": "anonymous:b", "time": "2200-01-01T00:00:00Z"})
            ),
        ]);
        let answer = post(desk, &site, BATCHED, batch.to_string()).await.expect(200);
        assert_eq!(answer, json!({"taken": 2, "repeated": 0, "refused": 8}));
        let reasons = [
            "bad_version",
            "no_source",
            "not_an_object",
            "no_identity",
            "other_body",
            "two_data",
            "too_large",
            "no_id",
        ];
        assert_eq!(site.refusals().await, reasons);
        assert_eq!(site.done_by("user_id:ada").await, ["First"]);
        assert_eq!(site.done_by("anonymous_id:b").await, ["Last"]);
        assert_eq!(post(desk, &site, BATCHED, "[]").await.expect(200)["taken"], 0);
    })
    .await;
}

#[tokio::test]
async fn what_is_no_cloud_event_is_told_why() {
    on_each_database(async |desk| {
        let site = Site::open(desk).await;
        let alone = event("1", json!({"subject": ""})).to_string();
        let refused = post(desk, &site, STRUCTURED, alone).await.refused(400, "refused");
        assert_eq!(refused["reason"], "no_identity");
        let json_body = &[("content-type", "application/json")];
        post(desk, &site, json_body, event("1", json!({})).to_string())
            .await
            .refused(400, "not_json");
        post(desk, &site, STRUCTURED, vec![0xff]).await.refused(400, "not_json");
        post(desk, &site, BATCHED, "{}").await.refused(400, "not_json");
        post(desk, &site, BATCHED, "[{]").await.refused(400, "not_json");
        let avro = &[("content-type", "application/cloudevents+avro")];
        post(desk, &site, avro, "x").await.refused(415, "not_json");
        let binary = &[("ce-specversion", "1.0"), ("content-type", "application/json")];
        post(desk, &site, binary, "{nonsense").await.refused(400, "not_json");
        post(desk, &site, BATCHED, " ".repeat(5_000_000))
            .await
            .refused(413, "too_large");
        let nobody = desk.nobody().request(Method::POST, "/v1/cloudevents").body("{}");
        Reply::to(nobody).await.refused(401, "unknown_key");
        let wrong = desk
            .nobody()
            .request(Method::POST, "/v1/cloudevents")
            .bearer_auth("wrong");
        Reply::to(wrong.header("content-type", BATCHED[0].1).body("[]"))
            .await
            .refused(401, "unknown_key");
        assert_eq!(site.tally().await, [0, 0, 8], "an event, and seven whole requests");
    })
    .await;
}

#[tokio::test]
async fn data_that_is_no_json_is_kept_too() {
    on_each_database(async |desk| {
        let site = Site::open(desk).await;
        let told = async |id: &str, kind: &str, body: Vec<u8>| {
            let headers = [
                ("content-type", kind),
                ("ce-specversion", "1.0"),
                ("ce-id", id),
                ("ce-source", "/door"),
                ("ce-type", "Door%20%E2%82%AC"),
                ("ce-subject", "ada"),
                ("ce-lane", "left"),
            ];
            post(desk, &site, &headers, body).await.expect(200);
        };
        told("1", "text/plain", b"open".to_vec()).await;
        told("2", "application/octet-stream", vec![1, 2]).await;
        told("3", "application/json", Vec::new()).await;
        let timeline = site
            .mara
            .get("/api/customers/1/timeline?kinds=action_tracked")
            .await
            .expect(200);
        let items = timeline["items"].as_array().unwrap();
        let properties: Vec<&Value> = items.iter().rev().map(|item| &item["data"]["properties"]).collect();
        assert_eq!(
            properties,
            [&json!({"data": "open"}), &json!({"data_base64": "AQI="}), &json!({})]
        );
        assert_eq!(items[0]["data"]["name"], "Door €");
        assert_eq!(items[0]["data"]["context"]["cloud_event"]["lane"], "left");
    })
    .await;
}
