//! What is asked for wrongly is refused in plain words that name it, whichever noun it is about.

use domain::people::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    harness::{Reply, on_each_database, snapshot},
    scene,
};

/// Gives all operations of the description that `fit`: method, path with ones for what is in it, and the operation.
fn operations(description: &Value, fit: impl Fn(&Value) -> bool) -> Vec<(Method, String, Value)> {
    let paths = description["paths"].as_object().unwrap().iter();
    let all = paths.flat_map(|(path, item)| {
        let filled = path
            .split('/')
            .map(|part| if part.starts_with('{') { "1" } else { part });
        let filled = filled
            .collect::<Vec<_>>()
            .join("/")
            .replace("/service/1/", "/service/csat/");
        let operations = item.as_object().unwrap().iter();
        operations.map(move |(method, operation)| {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            (method, filled.clone(), operation.clone())
        })
    });
    all.filter(|(_, _, operation)| fit(operation)).collect()
}

#[tokio::test]
async fn every_operation_refuses_a_field_it_does_not_know() {
    on_each_database(async |desk| {
        let olive = desk.sign_in_as(Role::Owner).await;
        let description = olive.get("/api/openapi.json").await.expect(200);
        let takes_json = |operation: &Value| !operation["requestBody"]["content"]["application/json"].is_null();
        let found = operations(&description, takes_json);
        assert!(found.len() > 40, "{}", found.len());
        for (method, path, _) in found {
            let request = olive.request(method.clone(), &path).json(&json!({"last_seen": 1}));
            let problem = Reply::to(request).await;
            assert_eq!(problem.status, 422, "{method} {path}: {}", problem.body);
            assert_eq!(
                problem.body["fields"]["last_seen"], "is not known here",
                "{method} {path}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn every_list_refuses_a_filter_it_does_not_know() {
    on_each_database(async |desk| {
        let olive = desk.sign_in_as(Role::Owner).await;
        let description = olive.get("/api/openapi.json").await.expect(200);
        let has_query = |operation: &Value| {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            parameters.clone().any(|parameter| parameter["in"] == "query")
        };
        let found = operations(&description, has_query);
        assert!(found.len() > 15, "{}", found.len());
        for (method, path, _) in found {
            let request = olive.request(method.clone(), &format!("{path}?colour=red"));
            let problem = Reply::to(request).await;
            assert_eq!(problem.status, 422, "{method} {path}: {}", problem.body);
            assert_eq!(problem.body["fields"]["colour"], "is not known here", "{method} {path}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_in_plain_words() {
    on_each_database(async |desk| {
        let mara = desk.sign_in_as(Role::Manager).await;
        let table = [
            ("/api/conversations?limit=many", "limit must be a whole number"),
            (
                "/api/conversations?view=blue",
                "view must be one of mine, unassigned, waiting, all, snoozed, closed, automated",
            ),
            ("/api/conversations?team=1&team=2", "team must be given once"),
            (
                "/api/reports/service?from=yesterday",
                "from must be a day such as 2026-03-04, or a moment such as 2026-03-04T10:00:00Z",
            ),
            (
                "/api/reports/service?from=2026-03-05&to=2026-03-01",
                "to is 2026-03-01, before 'from', which is 2026-03-05",
            ),
            ("/api/search?q=%00", "q must not hold the character U+0000"),
        ];
        for (path, detail) in table {
            assert_eq!(mara.get(path).await.refused(422, "invalid")["detail"], detail, "{path}");
        }
        mara.get("/answers/a%00").await.refused(404, "not_found");
        let post = |body: &str| mara.request(Method::POST, "/api/teams").body(body.to_owned());
        let json = |body: &str| post(body).header("content-type", "application/json");
        snapshot(
            "malformed json",
            &Reply::to(json("{\"name\": ")).await.refused(400, "malformed_json"),
        );
        snapshot(
            "not json",
            &Reply::to(post("name=Rooms")).await.refused(415, "not_json"),
        );
        let long = format!("{{\"name\": \"{}\"}}", "x".repeat(3_000_000));
        snapshot("too large", &Reply::to(json(&long)).await.refused(413, "too_large"));
        let longer = "x".repeat(27 * 1024 * 1024);
        Reply::to(json(&longer)).await.refused(413, "too_large");
        let file = mara.request(Method::POST, "/api/attachments").body("file");
        Reply::to(file).await.refused(415, "not_a_form");
    })
    .await;
}

#[tokio::test]
async fn a_text_with_a_zero_character_is_refused_by_name() {
    on_each_database(async |desk| {
        let ada = desk.sign_in_as(Role::Agent).await;
        let customer = json!({"name": "Zoë", "traits": {"room": "1\u{0}2"}});
        let problem = ada.post("/api/customers", customer).await.refused(422, "invalid");
        assert_eq!(
            problem["fields"],
            json!({"traits.room": "must not hold the character U+0000"})
        );
        let escaped = ada.post("/api/customers", json!({"name": r"\u0000"})).await.expect(201);
        assert_eq!(escaped["name"], r"\u0000");
    })
    .await;
}

#[tokio::test]
async fn a_name_is_no_number_to_text() {
    on_each_database(async |desk| {
        let channel = scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let named = json!({"name": "Zebra", "identities": [{"kind": "phone", "value": "zebra"}]});
        ada.post("/api/customers", named).await.refused(422, "invalid");
        for number in ["abc", "017112", "zebra", "90210"] {
            let start = json!({"phone": number, "channel_id": channel, "body": "Hi"});
            let problem = ada.post("/api/conversations", start).await.refused(422, "invalid");
            let words = format!(
                "'{number}' is not a phone number in US; with + and the country's code in front, any country's is read"
            );
            assert_eq!(problem["fields"], json!({"phone": words}));
        }

        // What a provider brings is kept, can be read and found, and cannot be answered.
        for sender in ["90210", "Acme Shoes"] {
            let (id, _) = scene::text(desk, sender, "Your code is 123").await;
            let conversation = ada.get(&format!("/api/conversations/{id}")).await.expect(200);
            assert_eq!(conversation["customer"]["address"], sender);
            let reply = ada
                .post(&format!("/api/conversations/{id}/messages"), json!({"body": "Hi"}))
                .await;
            reply.refused(422, "not_textable");
            let customer = &conversation["customer"]["id"];
            let file = ada.get(&format!("/api/customers/{customer}")).await.expect(200);
            assert_eq!(file["may_text"], json!({"ok": false, "reason": "no_phone"}));
            let found = scene::ids(&ada, &format!("/api/customers?identity=phone:{sender}")).await;
            assert_eq!(found, [customer.as_i64().unwrap()]);
        }
    })
    .await;
}
