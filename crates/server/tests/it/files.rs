//! Attachments: taken by what they are, given out so that no browser runs them.

use domain::people::Role;
use reqwest::{Method, multipart};
use serde_json::{Value, json};

use crate::{
    harness::{Caller, Reply, on_each_database, on_each_demo, snapshot},
    scene::{self, ZOE, text},
};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

async fn upload(caller: &Caller, name: &str, mime: &str, bytes: Vec<u8>) -> Reply {
    let part = multipart::Part::bytes(bytes)
        .file_name(name.to_owned())
        .mime_str(mime)
        .unwrap();
    let form = multipart::Form::new().part("file", part);
    Reply::to(caller.request(Method::POST, "/api/attachments").multipart(form)).await
}

#[tokio::test]
async fn a_file_goes_up_and_comes_down_safely() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let page = b"<!doctype html><script>alert(1)</script>".to_vec();
        let file = upload(&ada, "../pa\"ge.html", "image/png", page.clone())
            .await
            .expect(201);
        assert_eq!(file["content_type"], "text/plain", "the client is not believed");
        assert_eq!(file["size_bytes"], page.len());
        let id = file["id"].as_i64().unwrap();

        let down = ada.get(&format!("/api/attachments/{id}")).await;
        assert_eq!(down.headers["x-content-type-options"], "nosniff");
        assert!(
            down.headers["content-security-policy"]
                .to_str()
                .unwrap()
                .contains("sandbox")
        );
        let saved = down.headers["content-disposition"].to_str().unwrap().to_owned();
        assert!(saved.starts_with("attachment; filename=\"pa"), "{saved}");
        assert_eq!(down.expect(200).as_str().unwrap().as_bytes(), page);
        ada.get(&format!("/api/attachments/{id}/preview"))
            .await
            .refused(415, "no_preview");

        let image = upload(&ada, "bed.png", "text/html", PNG.to_vec()).await.expect(201);
        snapshot("an image that was uploaded", &image);
        let preview = ada.get(&format!("/api/attachments/{}/preview", image["id"])).await;
        assert_eq!(preview.headers["content-type"], "image/png");
        assert_eq!(preview.headers["content-disposition"], "inline");
        assert_eq!(preview.headers["x-content-type-options"], "nosniff");

        let (conversation, _) = text(desk, ZOE, "Show me").await;
        let reply = json!({"body": "", "attachment_ids": [image["id"]]});
        let path = format!("/api/conversations/{conversation}/messages");
        let message = ada.post(&path, reply.clone()).await.expect(201);
        assert_eq!(message["attachments"], json!([image]));
        ada.post(&path, reply).await.refused(422, "invalid");

        let token = desk
            .app
            .store
            .read(move |tx| store::messages::attachment(tx, domain::AttachmentId(id)))
            .await
            .unwrap();
        let media = desk
            .nobody()
            .get(&format!("/media/{}", token.unwrap().public_token))
            .await;
        assert_eq!(media.headers["x-content-type-options"], "nosniff");
        assert_eq!(media.status, 200);
        desk.nobody().get("/media/guess").await.refused(404, "not_found");
        desk.nobody()
            .get(&format!("/api/attachments/{id}"))
            .await
            .refused(401, "not_signed_in");
        ada.get("/api/attachments/999").await.refused(404, "not_found");
    })
    .await;
}

#[tokio::test]
async fn what_is_no_file_or_too_large_a_one_is_refused() {
    on_each_database(async |desk| {
        let ada = desk.sign_in_as(Role::Agent).await;
        let vic = desk.sign_in_as(Role::Viewer).await;
        upload(&ada, "a.txt", "text/plain", Vec::new())
            .await
            .refused(422, "invalid");
        upload(&vic, "a.txt", "text/plain", b"a".to_vec())
            .await
            .refused(403, "forbidden");
        upload(&ada, "big", "text/plain", vec![b'a'; 25 * 1024 * 1024 + 1])
            .await
            .refused(413, "too_large");
        upload(&ada, "most", "text/plain", vec![b'a'; 25 * 1024 * 1024])
            .await
            .expect(201);
        let none = multipart::Form::new().text("other", "x");
        Reply::to(ada.request(Method::POST, "/api/attachments").multipart(none))
            .await
            .refused(422, "invalid");
    })
    .await;
}

#[tokio::test]
async fn what_is_not_sent_yet_belongs_to_who_uploaded_it() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let cleo = desk.sign_in("Cleo", Role::Agent).await;
        let image = upload(&ada, "bed.png", "image/png", PNG.to_vec()).await.expect(201);
        let file = format!("/api/attachments/{}", image["id"]);
        cleo.get(&file).await.refused(404, "not_found");
        cleo.get(&format!("{file}/preview")).await.refused(404, "not_found");
        let (conversation, _) = text(desk, ZOE, "Show me").await;
        let path = format!("/api/conversations/{conversation}/messages");
        let reply = json!({"body": "", "attachment_ids": [image["id"]]});
        cleo.post(&path, reply.clone()).await.refused(422, "invalid");
        ada.post(&path, reply).await.expect(201);
        cleo.get(&file).await.expect(200);
    })
    .await;
}

#[tokio::test]
async fn a_phone_sends_a_picture_of_its_own_and_nobody_elses() {
    on_each_database(async |desk| {
        let channel = scene::channel(desk).await;
        let (phone, ada) = (desk.phone().await, desk.sign_in_as(Role::Agent).await);
        let line = format!("/api/phone/{channel}/{ZOE}");
        let upload = async |line: &str, bytes: &[u8]| {
            let form = multipart::Form::new().part("file", multipart::Part::bytes(bytes.to_vec()).file_name("bed.png"));
            let path = format!("{line}/attachments");
            Reply::to(phone.request(Method::POST, &path).multipart(form)).await
        };
        let send = async |token: &Value| {
            let text = json!({"body": "", "attachments": [token]});
            phone.post(&format!("{line}/messages"), text).await
        };

        let file = upload(&line, PNG).await.expect(201);
        assert_eq!(
            (&file["name"], &file["content_type"]),
            (&json!("bed.png"), &json!("image/png"))
        );
        send(&file["token"]).await.expect(202);
        send(&file["token"]).await.refused(422, "invalid");
        let thread = ada.get("/api/conversations/1/messages").await.expect(200);
        let shown = &thread["items"][0]["attachments"][0];
        assert_eq!(
            (&shown["name"], &shown["size_bytes"]),
            (&json!("bed.png"), &json!(PNG.len()))
        );
        let preview = ada.get(&format!("/api/attachments/{}/preview", shown["id"])).await;
        assert_eq!(preview.headers["content-type"], "image/png");
        let own = phone.get(&format!("{line}/messages")).await.expect(200);
        assert_eq!(own["items"][0]["attachments"], json!([file]));

        let agents = self::upload(&ada, "plan.png", "image/png", PNG.to_vec())
            .await
            .expect(201);
        let id = domain::AttachmentId(agents["id"].as_i64().unwrap());
        let kept = desk
            .app
            .store
            .read(move |tx| store::messages::attachment(tx, id))
            .await
            .unwrap();
        send(&json!(kept.unwrap().public_token)).await.refused(422, "invalid");
        send(&json!(agents["id"].to_string())).await.refused(422, "invalid");
        send(&json!("guess")).await.refused(422, "invalid");

        upload(&line, &[]).await.refused(422, "invalid");
        upload(&line, &vec![b'a'; 25 * 1024 * 1024 + 1])
            .await
            .refused(413, "too_large");
        upload(&format!("/api/phone/{channel}/me"), PNG)
            .await
            .refused(422, "invalid");
        upload(&format!("/api/phone/99/{ZOE}"), PNG)
            .await
            .refused(404, "not_found");
        let close = move |tx: &mut store::Tx| {
            tx.execute(
                "UPDATE channels SET kind = 'twilio' WHERE id = ?1",
                store::params![channel],
            )
        };
        desk.app.store.write(close).await.unwrap();
        upload(&line, PNG).await.refused(404, "not_found");
    })
    .await;
}

#[tokio::test]
async fn a_phone_sees_the_texts_of_its_number_and_of_no_other() {
    on_each_demo(async |desk| {
        let channel = scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let (first, second) = ("+12025550143", "+12025550177");
        let new = |number: &str| json!({"kind": "phone", "value": number});
        let both = json!({"name": "Zoë", "identities": [new(first), new(second)]});
        ada.post("/api/customers", both).await.expect(201);
        let phone = |number: &str| format!("/api/phone/{channel}/{number}/messages");
        for number in [first, second] {
            let text = json!({"body": format!("This is {number}")});
            desk.nobody().post(&phone(number), text).await.expect(202);
        }
        for number in [first, second] {
            let texts = desk.nobody().get(&phone(number)).await.expect(200);
            let bodies: Vec<_> = texts["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|text| &text["body"])
                .collect();
            assert_eq!(bodies, [&format!("This is {number}")]);
        }
        let odd = desk.nobody().post(&phone("+1"), json!({"body": "Hi"})).await;
        odd.refused(422, "invalid");
    })
    .await;
}

#[tokio::test]
async fn outside_the_demo_a_phone_takes_an_agent() {
    on_each_database(async |desk| {
        let channel = scene::channel(desk).await;
        let line = format!("/api/phone/{channel}/{ZOE}");
        let (nobody, vic) = (desk.nobody(), desk.sign_in_as(Role::Viewer).await);
        let stop = json!({"body": "STOP"});
        for path in [
            "/api/phone/channels",
            &format!("{line}/messages"),
            &format!("{line}/live"),
        ] {
            nobody.get(path).await.refused(401, "not_signed_in");
            vic.get(path).await.refused(403, "forbidden");
        }
        let messages = format!("{line}/messages");
        nobody.post(&messages, stop.clone()).await.refused(401, "not_signed_in");
        vic.post(&messages, stop.clone()).await.refused(403, "forbidden");
        let ada = desk.sign_in_as(Role::Agent).await;
        ada.lured().post(&messages, stop).await.refused(403, "csrf");
        let form = multipart::Form::new().part("file", multipart::Part::bytes(PNG.to_vec()).file_name("bed.png"));
        let upload = nobody.request(Method::POST, &format!("{line}/attachments"));
        Reply::to(upload.multipart(form)).await.refused(401, "not_signed_in");
        for (text, field) in [
            (json!({"body": "Hi", "id": "x".repeat(201)}), "id"),
            (json!({"body": "Hi", "attachments": vec!["guess"; 11]}), "attachments"),
        ] {
            let refusal = ada.post(&messages, text).await.refused(422, "invalid");
            assert!(refusal["fields"][field].is_string(), "{refusal}");
        }
        ada.post(&messages, json!({"body": "Hello"})).await.expect(202);
    })
    .await;
}
