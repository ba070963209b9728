//! Collection: what sources tell under `/v1/`, as the published libraries tell it and as nobody should.

use std::io::Write;

use domain::people::Role;
use flate2::{Compression, write::GzEncoder};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Caller, Desk, Reply, on_each_database};

/// A website with its key.
pub struct Site {
    /// Its manager.
    pub mara: Caller,
    /// Its key.
    pub key: String,
}

impl Site {
    /// Opens it.
    pub async fn open(desk: &Desk) -> Site {
        let mara = desk.sign_in_as(Role::Manager).await;
        let made = mara.post("/api/sources", json!({"name": "Website"})).await.expect(201);
        let key = made["keys"][0]["write_key"].as_str().unwrap().to_owned();
        Site { mara, key }
    }

    pub async fn tell(&self, desk: &Desk, call: &str, body: Value) -> Reply {
        let request = desk.nobody().request(Method::POST, &format!("/v1/{call}"));
        Reply::to(request.basic_auth(&self.key, Some("")).json(&body)).await
    }

    /// Tells several calls at once.
    pub async fn batch(&self, desk: &Desk, calls: Value) {
        let answer = self.tell(desk, "batch", json!({"batch": calls})).await.expect(200);
        assert_eq!(answer, json!({"success": true}));
    }

    /// What has become of the calls so far: taken, repeated, refused.
    pub async fn tally(&self) -> [i64; 3] {
        let source = &self.mara.get("/api/sources").await.expect(200)["items"][0];
        ["taken", "repeated", "refused"].map(|what| source["hour"][what].as_i64().unwrap())
    }

    /// Why calls were refused, oldest first.
    pub async fn refusals(&self) -> Vec<String> {
        let list = self.mara.get("/api/sources/1/refusals").await.expect(200);
        let items = list["items"].as_array().unwrap().iter().rev();
        items.map(|item| item["reason"].as_str().unwrap().to_owned()).collect()
    }

    /// The kinds and names of what the customer with this id did, oldest first; empty when there is none.
    pub async fn done_by(&self, identity: &str) -> Vec<String> {
        let path = format!("/api/customers?identity={identity}");
        let found = self.mara.get(&path).await.expect(200);
        let Some(id) = found["items"][0]["id"].as_i64() else {
            return Vec::new();
        };
        let timeline = self
            .mara
            .get(&format!("/api/customers/{id}/timeline"))
            .await
            .expect(200);
        let told = timeline["items"].as_array().unwrap().iter().rev();
        let told = told.filter(|event| !event["kind"].as_str().unwrap().starts_with("customer_"));
        told.filter_map(|event| event["data"]["name"].as_str().filter(|name| !name.is_empty()))
            .map(str::to_owned)
            .collect()
    }
}

pub fn track(name: &str, ids: Value) -> Value {
    let mut call = json!({"type": "track", "event": name, "messageId": name});
    call.as_object_mut().unwrap().extend(ids.as_object().unwrap().clone());
    call
}

#[tokio::test]
async fn what_a_source_tells_is_on_the_timeline_once() {
    on_each_database(async |desk| {
        let site = Site::open(desk).await;
        let calls = json!([
            {"type": "identify", "userId": "u-1", "messageId": "1",
             "traits": {"name": "Zoë Quinn", "email": "zoe@example.com", "plan": "gold", "age": 41}},
            {"type": "page", "userId": "u-1", "messageId": "2", "name": "Rooms", "category": "Booking",
             "properties": {"url": "https://wander.example/rooms"}, "timestamp": "2026-03-04T09:59:00Z"},
            {"type": "track", "userId": "u-1", "messageId": "3", "event": "Order Completed", "properties": {"total": 120.5}},
            {"type": "screen", "userId": "u-1", "messageId": "4", "name": "Map"},
            {"type": "group", "userId": "u-1", "messageId": "5", "groupId": "acme", "traits": {"size": 3}},
        ]);
        site.batch(desk, calls.clone()).await;
        site.batch(desk, calls).await;
        assert_eq!(site.tally().await, [5, 5, 0], "a batch that comes twice takes effect once");

        let found = site.mara.get("/api/customers?identity=user_id:u-1").await.expect(200);
        let file = &found["items"][0];
        assert_eq!(file["name"], "Zoë Quinn");
        assert_eq!(
            (&file["traits"]["plan"], &file["traits"]["age"]),
            (&json!("gold"), &json!("41"))
        );
        let timeline = site.mara.get("/api/customers/1/timeline").await.expect(200);
        let told: Vec<(&str, &str)> = timeline["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| (event["kind"].as_str().unwrap(), event["at"].as_str().unwrap()))
            .collect();
        let now = "2026-03-04T10:00:00.000000Z";
        let expected = [
            ("group_joined", now),
            ("screen_viewed", now),
            ("action_tracked", now),
            ("customer_identified", now),
            ("identity_added", now),
            ("customer_created", now),
            ("page_viewed", "2026-03-04T09:59:00.000000Z"),
        ];
        assert_eq!(told, expected);
        assert_eq!(timeline["items"][2]["data"]["properties"], json!({"total": 120.5}));
        assert_eq!(timeline["items"][2]["names"]["source"], "Website");
    })
    .await;
}

#[tokio::test]
async fn a_bad_call_spoils_no_other() {
    on_each_database(async |desk| {
        let site = Site::open(desk).await;
        let deep = (0..300).fold(json!(1), |inner, _| json!([inner]));
        let ada = json!({"userId": "ada"});
        let calls = [
            track("First", ada.clone()),
            json!({"type": "track", "userId": "ada"}),
            json!("nonsense"),
            json!({"type": "track", "event": "Deep", "userId": "ada", "properties": {"deep": deep}}),
            json!({"type": "track", "event": "Large", "userId": "ada", "properties": {"text": "x".repeat(40_000)}}),
            json!({"type": "track", "event": "Nobody", "userId": "null"}),
            json!({"type": "track", "event": "Zero\u{0}", "userId": "ada", "properties": {"zero": "\u{0}"}}),
            json!({"type": "identify", "userId": "ada", "traits": {"zero": "a\u{0}b", "name": "Ada"}}),
            json!({"type": "track", "event": "Later", "userId": "ada", "timestamp": "2200-01-01T00:00:00Z"}),
            track("First", json!({"userId": "another"})),
            track("Last", ada),
        ];
        site.batch(desk, json!(calls)).await;
        let refusals = [
            "no_name",
            "not_an_object",
            "too_deep",
            "too_large",
            "no_identity",
            "other_body",
        ];
        assert_eq!(site.refusals().await, refusals);
        assert_eq!(site.tally().await, [5, 0, 6]);
        assert_eq!(
            site.done_by("user_id:ada").await,
            ["First", "Zero\u{0}", "Later", "Last"]
        );
        let timeline = site.mara.get("/api/customers/1/timeline").await.expect(200);
        let later = &timeline["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|event| event["data"]["name"] == "Later")
            .unwrap();
        assert_eq!(later["data"]["told_at"], "2200-01-01T00:00:00Z");
    })
    .await;
}

#[tokio::test]
async fn what_is_no_number_loses_only_itself() {
    on_each_database(async |desk| {
        let site = Site::open(desk).await;
        let body = r#"{"batch": [
            {"type": "track", "event": "NaN \"Infinity\"", "userId": "ada", "properties": {"price": NaN, "text": "é\\"}},
            {"type": "track", "event": "Last", "userId": "ada", "properties": {"low": -Infinity, "high": [Infinity, 1]}}
        ]}"#;
        let request = desk.nobody().request(Method::POST, "/v1/batch").body(body);
        Reply::to(request.basic_auth(&site.key, Some(""))).await.expect(200);
        assert_eq!(site.done_by("user_id:ada").await, ["NaN \"Infinity\"", "Last"]);
        let timeline = site.mara.get("/api/customers/1/timeline").await.expect(200);
        let told = timeline["items"].as_array().unwrap().iter();
        let told = told.map(|event| &event["data"]["properties"]).filter(|told| told.is_object());
        let told: Vec<&Value> = told.collect();
        assert_eq!(told, [&json!({"low": null, "high": [null, 1]}), &json!({"price": null, "text": "é\\"})]);
    })
    .await;
}

#[tokio::test]
async fn a_request_that_cannot_be_taken_is_told_why_and_changes_nothing() {
    on_each_database(async |desk| {
        let site = Site::open(desk).await;
        let call = json!({"userId": "ada", "event": "Paid"});
        let nobody = desk.nobody();
        nobody.post("/v1/track", call.clone()).await.refused(401, "unknown_key");
        let mut wrong = call.clone();
        wrong["writeKey"] = json!("wrong");
        nobody.post("/v1/track", wrong).await.refused(401, "unknown_key");
        site.tell(desk, "dance", call.clone()).await.refused(404, "not_found");
        site.tell(desk, "batch", call.clone()).await.refused(400, "not_json");
        let refused = site
            .tell(desk, "track", json!({"userId": "ada"}))
            .await
            .refused(400, "refused");
        assert_eq!(refused["reason"], "no_name");
        let large = json!({"batch": [], "text": "x".repeat(5_000_000)});
        site.tell(desk, "batch", large).await.refused(413, "too_large");
        let posted = |body: Vec<u8>, encoding: Option<&'static str>| {
            let request = desk
                .nobody()
                .request(Method::POST, "/v1/batch")
                .basic_auth(&site.key, Some(""));
            let request = encoding.iter().fold(request, |request, encoding| {
                request.header("content-encoding", *encoding)
            });
            Reply::to(request.body(body))
        };
        posted(b"{\"batch\": [{]}".to_vec(), None)
            .await
            .refused(400, "not_json");
        posted(vec![0xff, 0xfe], None).await.refused(400, "not_json");
        posted(b"no gzip".to_vec(), Some("gzip"))
            .await
            .refused(400, "unreadable");
        let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
        for _ in 0..64 {
            bomb.write_all(&[b' '; 1_000_000]).unwrap();
        }
        posted(bomb.finish().unwrap(), Some("gzip"))
            .await
            .refused(413, "too_large");
        assert_eq!(site.tally().await, [0, 0, 7], "a call, and six whole requests");

        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        let batch = json!({"batch": [track("Zipped", json!({"userId": "ada"}))], "writeKey": site.key});
        gzip.write_all(batch.to_string().as_bytes()).unwrap();
        posted(gzip.finish().unwrap(), Some("gzip")).await.expect(200);
        assert_eq!(site.done_by("user_id:ada").await, ["Zipped"]);
    })
    .await;
}

#[tokio::test]
async fn a_browser_becomes_the_person_who_signs_in_there() {
    on_each_database(async |desk| {
        let site = Site::open(desk).await;
        let (browser, phone) = (json!({"anonymousId": "b"}), json!({"anonymousId": "p"}));
        site.batch(
            desk,
            json!([
                track("Saw an ad", browser.clone()),
                track("Opened the app", phone.clone())
            ]),
        )
        .await;
        let both = |anonymous: &str, user: &str| json!({"anonymousId": anonymous, "userId": user});
        site.batch(desk, json!([track("Signed in", both("b", "ada"))])).await;
        assert_eq!(site.done_by("anonymous_id:b").await, ["Saw an ad", "Signed in"]);
        // What the phone did is hers from the moment that she signs in there too.
        site.batch(
            desk,
            json!([track("Signed in there", both("p", "ada")), track("Looked", phone)]),
        )
        .await;
        let hers = ["Saw an ad", "Opened the app", "Signed in", "Signed in there", "Looked"];
        let mut done = site.done_by("user_id:ada").await;
        done.sort_unstable();
        let mut expected = hers.map(str::to_owned);
        expected.sort_unstable();
        assert_eq!(done, expected);
        site.mara.get("/api/customers/2").await.refused(409, "merged");
        let listed = site.mara.get("/api/customers").await.expect(200);
        assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed:#}");

        // A second person at her browser is somebody else, and takes nothing of hers.
        site.batch(
            desk,
            json!([track("Came too", both("b", "bob")), track("Went on", browser)]),
        )
        .await;
        assert_eq!(site.done_by("user_id:bob").await, ["Came too"]);
        assert!(site.done_by("user_id:ada").await.contains(&"Went on".to_owned()));
        // Two who are known are never made one.
        let alias = json!({"type": "alias", "previousId": "bob", "userId": "ada"});
        site.batch(desk, json!([alias])).await;
        assert_eq!(site.done_by("user_id:bob").await, ["Came too"]);
    })
    .await;
}

#[tokio::test]
async fn a_source_is_told_apart_by_its_keys_and_origins() {
    on_each_database(async |desk| {
        let site = Site::open(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        ada.post("/api/sources", json!({"name": "Till"}))
            .await
            .refused(403, "forbidden");
        site.mara
            .post("/api/sources", json!({"name": "Website"}))
            .await
            .refused(409, "conflict");
        site.mara
            .post("/api/sources", json!({"name": " "}))
            .await
            .refused(422, "invalid");
        let origins = json!({"origins": ["wander.example"]});
        site.mara.patch("/api/sources/1", origins).await.refused(422, "invalid");

        let two = site.mara.post("/api/sources/1/keys", json!({})).await.expect(201);
        site.mara
            .post("/api/sources/1/keys", json!({}))
            .await
            .refused(409, "conflict");
        let next = two["keys"][1]["write_key"].as_str().unwrap().to_owned();
        let old = Site {
            key: site.key.clone(),
            mara: site.mara.clone(),
        };
        let new = Site {
            key: next.clone(),
            mara: site.mara.clone(),
        };
        for (site, name) in [(&old, "By the old key"), (&new, "By the new key")] {
            site.batch(desk, json!([track(name, json!({"userId": "zoe"}))])).await;
        }
        site.mara
            .delete(&format!("/api/sources/1/keys/{}", old.key))
            .await
            .expect(204);
        old.tell(desk, "track", json!({"userId": "zoe", "event": "Late"}))
            .await
            .refused(401, "unknown_key");
        site.mara
            .delete(&format!("/api/sources/1/keys/{next}"))
            .await
            .refused(409, "conflict");
        assert_eq!(site.done_by("user_id:zoe").await, ["By the old key", "By the new key"]);

        let origins = json!({"origins": ["https://wander.example/"]});
        site.mara.patch("/api/sources/1", origins).await.expect(200);
        let from = async |origin: &str| {
            let call = json!({"userId": "zoe", "event": "From a page", "writeKey": next});
            let request = desk.nobody().request(Method::POST, "/v1/t").header("origin", origin);
            // Browsers send it as plain text, which needs no question beforehand.
            Reply::to(request.header("content-type", "text/plain").body(call.to_string())).await
        };
        let taken = from("https://wander.example").await;
        assert_eq!(taken.headers["access-control-allow-origin"], "*");
        taken.expect(200);
        from("https://evil.example").await.refused(403, "forbidden");
        site.mara
            .patch("/api/sources/1", json!({"enabled": false}))
            .await
            .expect(200);
        from("https://wander.example").await.refused(403, "forbidden");
    })
    .await;
}

#[tokio::test]
async fn a_browser_s_library_finds_its_settings() {
    on_each_database(async |desk| {
        let site = Site::open(desk).await;
        let path = format!("/v1/projects/{}/settings", site.key);
        let settings = desk.nobody().get(&path).await.expect(200);
        let host = &settings["integrations"]["Segment.io"];
        assert_eq!(
            (&host["apiHost"], &host["protocol"]),
            (&json!("desk.example.com/v1"), &json!("https"))
        );
        desk.nobody()
            .get("/v1/projects/wrong/settings")
            .await
            .refused(401, "unknown_key");
        let ask = desk
            .nobody()
            .request(Method::OPTIONS, "/v1/batch")
            .header("origin", "https://a.example");
        let ask = ask
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,content-type,ce-id");
        let allowed = Reply::to(ask).await;
        assert_eq!(allowed.headers["access-control-allow-origin"], "*");
        assert_eq!(
            allowed.headers["access-control-allow-headers"],
            "authorization,content-type,ce-id"
        );
    })
    .await;
}
