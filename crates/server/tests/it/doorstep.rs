//! Coming in: set-up, signing in, invitations, sign-ins; and everyone who is turned away.

use domain::people::Role;
use serde_json::{Value, json};
use tokio::join;

use crate::harness::{Desk, PUBLIC_URL, Reply, on_each_database, snapshot};

const PASSWORD: &str = "correct horse battery";

fn first_owner() -> Value {
    json!({"company": "Wander", "name": "Olive", "email": "Olive@Example.com", "password": PASSWORD})
}

async fn set_up(desk: &Desk) -> Reply {
    desk.nobody().post("/api/setup", first_owner()).await
}

async fn sign_in(desk: &Desk, email: &str, password: &str) -> Reply {
    let form = json!({"email": email, "password": password});
    desk.nobody().post("/api/session", form).await
}

#[tokio::test]
async fn the_first_owner_names_the_company_and_is_signed_in() {
    on_each_database(async |desk| {
        let nobody = desk.nobody();
        snapshot("setup needed", &nobody.get("/api/setup").await.expect(200));
        let answer = set_up(desk).await;
        let set_cookie = answer.headers["set-cookie"].to_str().unwrap().to_owned();
        assert!(
            set_cookie.ends_with("; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure"),
            "{set_cookie}"
        );
        let mut owner = desk.nobody();
        owner.cookie = answer.cookie();
        snapshot("first owner", &answer.expect(201));
        snapshot(
            "session of the first owner",
            &owner.get("/api/session").await.expect(200),
        );
        snapshot("setup done", &nobody.get("/api/setup").await.expect(200));
        set_up(desk).await.refused(409, "already_set_up");
    })
    .await;
}

#[tokio::test]
async fn of_two_first_owners_one_wins() {
    on_each_database(async |desk| {
        let other = json!({"company": "Other", "name": "Otto", "email": "otto@example.com", "password": PASSWORD});
        let nobody = desk.nobody();
        let (one, two) = join!(set_up(desk), nobody.post("/api/setup", other));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409]);
    })
    .await;
}

#[tokio::test]
async fn a_set_up_that_is_not_right_says_why() {
    on_each_database(async |desk| {
        let form = json!({"company": " ", "name": "Olive", "email": "olive", "password": "short"});
        let problem = desk.nobody().post("/api/setup", form).await.refused(422, "invalid");
        snapshot("set-up not right", &problem);
        let guessable = json!({"company": "Wander Hotels", "name": "Olive", "email": "olive@example.com", "password": "wander hotels"});
        desk.nobody().post("/api/setup", guessable).await.refused(422, "invalid");
        let elsewhere = desk.nobody().lured();
        elsewhere.post("/api/setup", first_owner()).await.refused(403, "csrf");
    })
    .await;
}

#[tokio::test]
async fn who_signs_in_is_known_until_signing_out() {
    on_each_database(async |desk| {
        set_up(desk).await.expect(201);
        sign_in(desk, "olive@example.com", "wrong horse battery")
            .await
            .refused(401, "wrong_sign_in");
        sign_in(desk, "nobody@example.com", PASSWORD)
            .await
            .refused(401, "wrong_sign_in");
        let mut olive = desk.nobody();
        olive.cookie = sign_in(desk, " OLIVE@example.com", PASSWORD).await.cookie();
        assert_eq!(olive.get("/api/session").await.expect(200)["user"]["name"], "Olive");
        let answer = olive.delete("/api/session").await;
        assert!(answer.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
        answer.expect(204);
        olive.get("/api/session").await.refused(401, "not_signed_in");
    })
    .await;
}

#[tokio::test]
async fn another_site_cannot_act_for_anyone() {
    on_each_database(async |desk| {
        set_up(desk).await.expect(201);
        let olive = desk.sign_in_as(Role::Owner).await.lured();
        let form = json!({"email": "olive@example.com", "password": PASSWORD});
        desk.nobody()
            .lured()
            .post("/api/session", form)
            .await
            .refused(403, "csrf");
        olive
            .post("/api/teams", json!({"name": "Rooms"}))
            .await
            .refused(403, "csrf");
        olive.delete("/api/session").await.refused(403, "csrf");
        olive.get("/api/teams").await.expect(200);
    })
    .await;
}

#[tokio::test]
async fn five_wrong_passwords_lock_an_address_for_a_while() {
    on_each_database(async |desk| {
        set_up(desk).await.expect(201);
        for _ in 0..5 {
            sign_in(desk, "olive@example.com", "wrong horse battery")
                .await
                .refused(401, "wrong_sign_in");
            desk.advance(60);
        }
        let answer = sign_in(desk, "olive@example.com", PASSWORD).await;
        // The oldest of the five is five minutes old; ten more and it no longer counts.
        assert_eq!(answer.headers["retry-after"], "600");
        snapshot("too many tries", &answer.refused(429, "too_many_tries"));
        desk.advance(600);
        sign_in(desk, "olive@example.com", PASSWORD).await.expect(201);
        // Having come in wipes the slate clean.
        for _ in 0..4 {
            sign_in(desk, "olive@example.com", "wrong horse battery")
                .await
                .refused(401, "wrong_sign_in");
        }
        sign_in(desk, "olive@example.com", PASSWORD).await.expect(201);
    })
    .await;
}

#[tokio::test]
async fn twenty_failures_lock_a_network_address_whomever_they_are_for() {
    on_each_database(async |desk| {
        set_up(desk).await.expect(201);
        for n in 0..20 {
            sign_in(desk, &format!("guess{n}@example.com"), PASSWORD)
                .await
                .refused(401, "wrong_sign_in");
        }
        sign_in(desk, "olive@example.com", PASSWORD)
            .await
            .refused(429, "too_many_tries");
        // Somebody else, behind the same proxy, is not locked out.
        let form = json!({"email": "olive@example.com", "password": PASSWORD});
        let elsewhere = desk
            .nobody()
            .request(reqwest::Method::POST, "/api/session")
            .header("x-forwarded-for", "203.0.113.7");
        Reply::to(elsewhere.json(&form)).await.expect(201);
    })
    .await;
}

#[tokio::test]
async fn an_invitation_lets_one_person_join_once() {
    on_each_database(async |desk| {
        let owner = desk.sign_in_as(Role::Owner).await;
        let invited = owner
            .post("/api/invitations", json!({"email": "New@Example.com", "role": "agent"}))
            .await
            .expect(201);
        snapshot("invited", &invited);
        let link = invited["link"].as_str().unwrap();
        let token = link
            .strip_prefix(&format!("{PUBLIC_URL}/join/"))
            .expect("the link leads to the desk");
        let path = format!("/api/invitations/by-token/{token}");
        snapshot("invitation followed", &desk.nobody().get(&path).await.expect(200));
        let weak = desk
            .nobody()
            .post(&path, json!({"name": "Nia", "password": "new@example.com"}))
            .await;
        weak.refused(422, "invalid");
        let form = json!({"name": "Nia", "password": PASSWORD});
        desk.nobody()
            .lured()
            .post(&path, form.clone())
            .await
            .refused(403, "csrf");
        let joined = desk.nobody().post(&path, form.clone()).await;
        let mut nia = desk.nobody();
        nia.cookie = joined.cookie();
        snapshot("joined", &joined.expect(201));
        nia.get("/api/session").await.expect(200);
        sign_in(desk, "new@example.com", PASSWORD).await.expect(201);
        desk.nobody().post(&path, form).await.refused(404, "not_found");
        desk.nobody().get(&path).await.refused(404, "not_found");
        snapshot("invitations", &owner.get("/api/invitations").await.expect(200));
        let again = owner
            .post(
                "/api/invitations",
                json!({"email": "new@example.com", "role": "viewer"}),
            )
            .await;
        again.refused(409, "conflict");
    })
    .await;
}

#[tokio::test]
async fn an_invitation_runs_out_or_is_withdrawn() {
    on_each_database(async |desk| {
        let owner = desk.sign_in_as(Role::Owner).await;
        let path = async |email: &str| {
            let made = owner
                .post("/api/invitations", json!({"email": email, "role": "agent"}))
                .await
                .expect(201);
            let link = made["link"].as_str().unwrap().to_owned();
            let path = link.replace(&format!("{PUBLIC_URL}/join/"), "/api/invitations/by-token/");
            (made["id"].as_i64().unwrap(), path)
        };
        let form = json!({"name": "Nia", "password": PASSWORD});
        let (id, withdrawn) = path("a@example.com").await;
        owner.delete(&format!("/api/invitations/{id}")).await.expect(204);
        owner
            .delete(&format!("/api/invitations/{id}"))
            .await
            .refused(404, "not_found");
        desk.nobody()
            .post(&withdrawn, form.clone())
            .await
            .refused(404, "not_found");
        let (_, replaced) = path("b@example.com").await;
        let (_, late) = path("b@example.com").await;
        desk.nobody().get(&replaced).await.refused(404, "not_found");
        desk.nobody().get(&late).await.expect(200);
        desk.advance(7 * 86_400);
        desk.nobody().get(&late).await.refused(404, "not_found");
        desk.nobody().post(&late, form).await.refused(404, "not_found");
    })
    .await;
}

#[tokio::test]
async fn one_sees_and_ends_one_s_own_sign_ins_only() {
    on_each_database(async |desk| {
        let laptop = desk.sign_in("Ada", Role::Agent).await;
        desk.advance(60);
        let phone = desk.sign_in("Ada", Role::Agent).await;
        let other = desk.sign_in("Ben", Role::Agent).await;
        let list = phone.get("/api/sign-ins").await.expect(200);
        snapshot("sign-ins", &list);
        let id = |n: usize| format!("/api/sign-ins/{}", list["items"][n]["id"]);
        other.delete(&id(1)).await.refused(404, "not_found");
        laptop.get("/api/session").await.expect(200);
        phone.delete(&id(1)).await.expect(204);
        laptop.get("/api/session").await.refused(401, "not_signed_in");
        phone.get("/api/session").await.expect(200);
    })
    .await;
}

#[tokio::test]
async fn a_new_password_ends_all_other_sign_ins() {
    on_each_database(async |desk| {
        let mut olive = desk.nobody();
        olive.cookie = set_up(desk).await.cookie();
        let mut elsewhere = desk.nobody();
        elsewhere.cookie = sign_in(desk, "olive@example.com", PASSWORD).await.cookie();
        let change = |current: &str, new: &str| json!({"password": {"current": current, "new": new}});
        olive
            .patch("/api/session", change("wrong horse battery", "another horse"))
            .await
            .refused(422, "invalid");
        olive
            .patch("/api/session", change(PASSWORD, "short"))
            .await
            .refused(422, "invalid");
        elsewhere.get("/api/session").await.expect(200);
        olive
            .patch("/api/session", change(PASSWORD, "another horse"))
            .await
            .expect(200);
        olive.get("/api/session").await.expect(200);
        elsewhere.get("/api/session").await.refused(401, "not_signed_in");
        sign_in(desk, "olive@example.com", PASSWORD)
            .await
            .refused(401, "wrong_sign_in");
        sign_in(desk, "olive@example.com", "another horse").await.expect(201);
    })
    .await;
}

#[tokio::test]
async fn a_browser_that_is_used_stays_signed_in_and_one_that_is_not_does_not() {
    on_each_database(async |desk| {
        let ada = desk.sign_in_as(Role::Agent).await;
        desk.advance(20 * 86_400);
        ada.get("/api/session").await.expect(200);
        // The note that Ada was seen is written behind the answer.
        let noted = async {
            while ada.get("/api/sign-ins").await.expect(200)["items"][0]["seen_at"] != "2026-03-24T10:00:00.000000Z" {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), noted)
            .await
            .expect("it is noted");
        desk.advance(20 * 86_400);
        ada.get("/api/session").await.expect(200);
        let ben = desk.sign_in("Ben", Role::Agent).await;
        desk.advance(30 * 86_400);
        ben.get("/api/session").await.refused(401, "not_signed_in");
    })
    .await;
}
