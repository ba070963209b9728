//! What managers keep about journeys: questions under a name, rules that are tried first, and what is done about friction.

use domain::people::Role;
use serde_json::{Value, json};

use crate::{company::Company, harness::on_each_database, journeys::SEASON};

#[tokio::test]
async fn a_question_is_kept_under_a_name_for_everybody() {
    on_each_database(async |desk| {
        let mara = desk.sign_in_as(Role::Manager).await;
        let ada = desk.sign_in("Ada", Role::Agent).await;
        let question = json!({"page": "funnels", "name": "To the booking", "query": "?steps=1,2&days=30"});
        let saved = ada.post("/api/saved-questions", question.clone()).await.expect(201);
        assert_eq!(
            (&saved["query"], &saved["by"]["name"]),
            (&json!("steps=1,2&days=30"), &json!("Ada"))
        );
        mara.post("/api/saved-questions", question.clone())
            .await
            .refused(409, "conflict");
        let elsewhere = json!({"page": "paths", "name": "To the booking", "query": ""});
        let other = mara.post("/api/saved-questions", elsewhere).await.expect(201);
        let list = desk
            .sign_in("Vic", Role::Viewer)
            .await
            .get("/api/saved-questions")
            .await
            .expect(200);
        let names: Vec<&Value> = list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["page"])
            .collect();
        assert_eq!(names, ["funnels", "paths"]);
        for (wrong, field) in [
            (json!({"page": "funnels", "name": " ", "query": ""}), "name"),
            (json!({"page": "nowhere", "name": "a", "query": ""}), "page"),
            (json!({"page": "map", "name": "a", "query": "x".repeat(2_001)}), "query"),
        ] {
            let refused = mara.post("/api/saved-questions", wrong).await.refused(422, "invalid");
            assert!(refused["fields"][field].is_string(), "{refused}");
        }
        // One's own may be forgotten, a colleague's only by a manager.
        let path = |saved: &Value| format!("/api/saved-questions/{}", saved["id"]);
        ada.delete(&path(&other)).await.refused(403, "forbidden");
        ada.delete(&path(&saved)).await.expect(204);
        mara.delete(&path(&other)).await.expect(204);
        mara.delete(&path(&other)).await.refused(404, "not_found");
    })
    .await;
}

#[tokio::test]
async fn a_rule_is_tried_before_it_is_saved() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        company.tell(&SEASON).await;
        company.reaches(8).await;
        let attempt = async |trial: Value| company.mara.post("/api/rule-checks", trial).await.expect(200);
        let rooms = attempt(json!({"rule": "name == 'Rooms'"})).await;
        assert_eq!(
            (&rooms["taken"], &rooms["elsewhere"], &rooms["fault"]),
            (&json!(4), &json!(0), &Value::Null)
        );
        assert_eq!(rooms["examples"].as_array().unwrap().len(), 4);
        assert_eq!(rooms["examples"][0]["data"]["name"], "Rooms");

        let first = json!({"name": "Late looks", "rule": "name == 'Rooms' && properties.minutes < 10"});
        let first = company.mara.post("/api/touchpoints", first).await.expect(201);
        let rooms = attempt(json!({"rule": "name == 'Rooms'"})).await;
        assert_eq!((&rooms["taken"], &rooms["elsewhere"]), (&json!(3), &json!(1)));
        let in_its_place = attempt(json!({"rule": "name == 'Rooms'", "touchpoint": first["id"]})).await;
        assert_eq!(
            (&in_its_place["taken"], &in_its_place["elsewhere"]),
            (&json!(4), &json!(0))
        );

        let fault = &attempt(json!({"rule": "name == 'a' &&\n nmae == 'b'"})).await["fault"];
        assert_eq!((&fault["line"], &fault["column"]), (&json!(2), &json!(2)));
        assert!(
            fault["reason"].as_str().unwrap().starts_with("knows no 'nmae'"),
            "{fault}"
        );
        let agent = desk.sign_in("Ada", Role::Agent).await;
        agent
            .post("/api/rule-checks", json!({"rule": "true"}))
            .await
            .refused(403, "forbidden");
    })
    .await;
}

#[tokio::test]
async fn a_fix_has_an_owner_and_days_and_is_looked_at_before_and_after() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        company.tell(&SEASON).await;
        company.reaches(8).await;
        let rooms = company.number("Rooms").await;
        let path = format!("/api/touchpoints/{rooms}/fix");
        let mara = &company.mara;
        mara.get(&format!("{path}/effect")).await.refused(404, "not_found");
        let owner = mara.get("/api/session").await.expect(200)["user"]["id"].clone();
        let plan = json!({"owner": owner, "due_on": "2026-03-20", "fixed_on": null, "note": " A new picture "});
        let planned = mara.put(&path, plan.clone()).await.expect(200);
        assert_eq!(
            (&planned["owner"]["id"], &planned["note"]),
            (&owner, &json!("A new picture"))
        );
        mara.get(&format!("{path}/effect")).await.refused(409, "conflict");

        let done = json!({"owner": owner, "due_on": "2026-03-20", "fixed_on": "2026-03-04", "note": ""});
        mara.put(&path, done).await.expect(200);
        let list = mara.get("/api/fixes").await.expect(200);
        assert_eq!(list["items"][0]["fixed_on"], "2026-03-04");
        let effect = mara.get(&format!("{path}/effect")).await.expect(200);
        // Nobody met it the day before, and today is too young to judge.
        assert_eq!(
            effect,
            json!({"days": 1, "before": null, "after": null, "change": null})
        );

        for (wrong, field) in [
            (json!({"owner": 99}), "owner"),
            (json!({"due_on": "2026-02-30"}), "due_on"),
            (json!({"note": "x".repeat(2_001)}), "note"),
        ] {
            let refused = mara.put(&path, wrong).await.refused(422, "invalid");
            assert!(refused["fields"][field].is_string(), "{refused}");
        }
        mara.put("/api/touchpoints/77/fix", json!({}))
            .await
            .refused(404, "not_found");
        let agent = desk.sign_in("Ada", Role::Agent).await;
        agent.put(&path, plan).await.refused(403, "forbidden");
        mara.delete(&path).await.expect(204);
        mara.delete(&path).await.refused(404, "not_found");
    })
    .await;
}
