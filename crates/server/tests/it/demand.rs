//! Why customers write: what conversations are marked as, what shows it, and whose word is above the mark.

use domain::people::Role;
use serde_json::{Value, json};

use crate::{
    company::Company,
    harness::{Caller, Desk, on_each_database},
    identity::customer,
    scene::{self, ZOE, text},
};

/// Zoe's payment fails at half past nine, and she texts at ten. Gives her file, her conversation and the touchpoint.
async fn failed_payment(desk: &Desk, company: &Company<'_>) -> (i64, i64, i64) {
    let (zoe, touchpoint, _) = unanswered_failure(desk, company).await;
    let (conversation, _) = text(desk, ZOE, "My card was charged").await;
    (zoe, conversation, touchpoint)
}

/// Zoe's payment fails at half past nine. Gives her file, the touchpoint and the channel on which she is texted.
async fn unanswered_failure(desk: &Desk, company: &Company<'_>) -> (i64, i64, i64) {
    let channel = scene::channel(desk).await;
    company.tell(&[("zoe", "Payment failed", 30)]).await;
    company.reaches(1).await;
    let zoe = customer(&company.mara, "user_id:zoe").await;
    let phone = json!({"kind": "phone", "value": ZOE});
    let path = format!("/api/customers/{zoe}/identities");
    company.mara.post(&path, phone).await.expect(201);
    (zoe, company.number("Payment failed").await, channel.0)
}

async fn mark(mara: &Caller, conversation: i64) -> Value {
    mara.get(&format!("/api/conversations/{conversation}/demand"))
        .await
        .expect(200)
}

/// What somebody plans about the touchpoint.
async fn plan(company: &Company<'_>, touchpoint: i64, fixed_on: Value) {
    let plan = json!({"owner": null, "due_on": null, "fixed_on": fixed_on, "note": ""});
    let path = format!("/api/touchpoints/{touchpoint}/fix");
    company.mara.put(&path, plan).await.expect(200);
}

#[tokio::test]
async fn a_conversation_is_put_down_to_the_trouble_before_it() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        let (zoe, conversation, touchpoint) = failed_payment(desk, &company).await;
        let mara = &company.mara;
        let unclear = mark(mara, conversation).await;
        assert_eq!(
            (&unclear["demand"], &unclear["because"], &unclear["at"]),
            (&json!("unclear"), &json!("nothing"), &Value::Null)
        );

        plan(&company, touchpoint, Value::Null).await;
        let failure = mark(mara, conversation).await;
        assert_eq!(
            (&failure["demand"], &failure["because"], &failure["touchpoint"]),
            (&json!("failure"), &json!("trouble"), &json!(touchpoint))
        );
        assert_eq!(failure["at"], "2026-03-04T09:30:00.000000Z");
        let timeline = mara.get(&format!("/api/customers/{zoe}/timeline")).await.expect(200);
        let shown = timeline["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|event| event["id"] == failure["event"]);
        assert_eq!(shown.unwrap()["data"]["name"], "Payment failed", "{timeline}");

        // What was put right before she met it cannot have been it.
        plan(&company, touchpoint, json!("2026-03-04")).await;
        assert_eq!(mark(mara, conversation).await["demand"], "unclear");
        plan(&company, touchpoint, json!("2026-03-05")).await;
        assert_eq!(mark(mara, conversation).await["demand"], "failure");
    })
    .await;
}

#[tokio::test]
async fn a_persons_word_is_above_the_mark_until_it_is_taken_back() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        let (_, conversation, touchpoint) = failed_payment(desk, &company).await;
        plan(&company, touchpoint, Value::Null).await;
        let path = format!("/api/conversations/{conversation}/demand");
        let (ada, vic) = (
            desk.sign_in("Ada", Role::Agent).await,
            desk.sign_in("Vic", Role::Viewer).await,
        );
        vic.put(&path, json!({"demand": "value"}))
            .await
            .refused(403, "forbidden");
        vic.delete(&path).await.refused(403, "forbidden");
        for (wrong, field) in [
            (json!({"demand": "trouble"}), "demand"),
            (json!({"demand": "value", "touchpoint": touchpoint}), "touchpoint"),
            (json!({"demand": "failure", "touchpoint": 999}), "touchpoint"),
        ] {
            let refused = ada.put(&path, wrong).await.refused(422, "invalid");
            assert!(refused["fields"][field].is_string(), "{refused}");
        }
        ada.put("/api/conversations/999/demand", json!({"demand": "value"}))
            .await
            .refused(404, "not_found");
        ada.get("/api/conversations/999/demand").await.refused(404, "not_found");

        for _ in 0..2 {
            let said = ada.put(&path, json!({"demand": "value"})).await.expect(200);
            assert_eq!(
                (&said["demand"], &said["by_rules"]),
                (&json!("value"), &json!("failure"))
            );
            assert_eq!(
                (&said["said"]["by"]["name"], &said["touchpoint"]),
                (&json!("Ada"), &Value::Null)
            );
        }
        let told = async || scene::told(&company.mara, conversation).await;
        let said = told().await.iter().filter(|line| line.contains("demand_said")).count();
        assert_eq!(said, 1, "the same word is no news: {:?}", told().await);

        let counts = async || {
            let report = company.ask("demand").await["found"].clone();
            let shares = report["shares"].as_array().unwrap().iter();
            let shares: Vec<i64> = shares.map(|share| share["count"].as_i64().unwrap()).collect();
            (shares, report["said"].clone(), report["causes"].clone())
        };
        assert_eq!(counts().await, (vec![1, 0, 0], json!(1), json!([])));
        let rows = company.ask("demand/conversations?demand=value").await;
        assert_eq!(
            (
                &rows["total"],
                &rows["items"][0]["conversation"],
                &rows["items"][0]["words"]
            ),
            (&json!(1), &json!(conversation), &json!("My card was charged"))
        );
        let caused = format!("demand/conversations?cause={touchpoint}");
        assert_eq!(company.ask(&caused).await["total"], 0);

        let back = ada.delete(&path).await.expect(200);
        assert_eq!((&back["demand"], &back["said"]), (&json!("failure"), &Value::Null));
        let causes = json!([{"touchpoint": touchpoint, "count": 1}]);
        assert_eq!(counts().await, (vec![0, 1, 0], json!(0), causes));
        assert_eq!(company.ask(&caused).await["items"][0]["mark"]["because"], "trouble");
    })
    .await;
}

#[tokio::test]
async fn a_text_of_ours_is_no_contact_of_the_customer() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        let (zoe, touchpoint, channel) = unanswered_failure(desk, &company).await;
        plan(&company, touchpoint, Value::Null).await;
        let ada = desk.sign_in("Ada", Role::Agent).await;
        let start = json!({"customer_id": zoe, "channel_id": channel, "body": "We saw your payment fail."});
        let ours = ada.post("/api/conversations", start).await.expect(201)["id"]
            .as_i64()
            .unwrap();
        let began = mark(&company.mara, ours).await;
        assert_eq!(
            (&began["demand"], &began["because"], &began["touchpoint"]),
            (&json!("unclear"), &json!("we_wrote"), &Value::Null)
        );
        assert!(began["event"].is_i64(), "{began}");
        assert_eq!(company.ask("demand").await["found"]["conversations"], 0);
        assert_eq!(company.ask("demand/conversations").await["total"], 0);
    })
    .await;
}

#[tokio::test]
async fn a_report_says_what_it_cannot_be_asked() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        let refused = async |question: &str, field: &str| {
            let answer = company.mara.get(&format!("/api/journey/{question}")).await;
            let fields = answer.refused(422, "invalid")["fields"].clone();
            assert!(fields[field].is_string(), "{question}: {fields}");
        };
        refused("demand?from=2026-03-04&to=2026-03-03", "to").await;
        refused("demand?from=2024-03-04", "from").await;
        refused("demand?segment=7", "segment").await;
        refused("demand/conversations?limit=201", "limit").await;
        let empty = company.ask("demand?from=2026-02-23&to=2026-03-04").await;
        assert_eq!(empty["found"]["conversations"], 0);
        assert_eq!(empty["found"]["weeks"].as_array().unwrap().len(), 2);
        assert_eq!(empty["found"]["shares"][0]["share"], Value::Null);
    })
    .await;
}

#[tokio::test]
async fn a_persons_word_goes_along_when_conversations_are_merged() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let (first, _) = text(desk, ZOE, "Where is my room?").await;
        let (_, parking) = text(desk, ZOE, "And may I park here?").await;
        let split = json!({"message_id": parking});
        let second = ada.post(&format!("/api/conversations/{first}/split"), split).await;
        let second = second.expect(201)["id"].as_i64().unwrap();
        let word = json!({"demand": "value"});
        ada.put(&format!("/api/conversations/{second}/demand"), word)
            .await
            .expect(200);
        ada.post(&format!("/api/conversations/{second}/merge"), json!({"into_id": first}))
            .await
            .expect(200);
        let stays = mark(&ada, first).await;
        assert_eq!(stays["demand"], "value", "{stays}");
    })
    .await;
}
