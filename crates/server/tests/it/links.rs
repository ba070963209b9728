//! The short link in a text: only to the company's own pages, and it joins the first browser that comes by it.

use domain::people::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    collect::Site,
    harness::{Desk, Reply, on_each_database},
    identity::{call, customer, joins},
    scene::{self, ZOE, text},
};

const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1";
const PAGE: &str = "https://wander.example/rooms?beds=2#top";

/// A website, and a conversation in which a link is to be sent.
async fn open_site(desk: &Desk) -> (Site, String) {
    let site = Site::open(desk).await;
    scene::channel(desk).await;
    let (conversation, _) = text(desk, ZOE, "Which rooms?").await;
    allow(&site, "https://wander.example").await;
    (site, format!("/api/conversations/{conversation}/links"))
}

async fn allow(site: &Site, origin: &str) {
    let origins = json!({"origins": [origin]});
    site.mara.patch("/api/sources/1", origins).await.expect(200);
}

/// Makes a link and gives its token.
async fn token(site: &Site, path: &str) -> String {
    let link = site.mara.post(path, json!({"url": PAGE})).await.expect(201);
    let token = link["url"]
        .as_str()
        .unwrap()
        .strip_prefix("https://desk.example.com/l/");
    token.expect("it leads here").to_owned()
}

/// Opens a link as this program; gives the status and where it leads.
async fn open(desk: &Desk, token: &str, agent: &str) -> (u16, Option<String>) {
    let request = desk.nobody().request(Method::GET, &format!("/l/{token}"));
    let answer = Reply::to(request.header("user-agent", agent)).await;
    let to = answer.headers.get("location").map(|to| to.to_str().unwrap().to_owned());
    (answer.status, to)
}

/// The last letter is another one.
fn forged(token: &str) -> String {
    let (rest, last) = token.split_at(token.len() - 1);
    format!("{rest}{}", if last == "A" { "Q" } else { "A" })
}

#[tokio::test]
async fn a_link_leads_to_pages_of_the_company_only() {
    on_each_database(async |desk| {
        let (site, path) = open_site(desk).await;
        let foreign = [
            "https://evil.example/",
            "https://wander.example.evil.example/",
            "https://wander.example@evil.example/",
            "https://user@wander.example/",
            "//wander.example/",
            "javascript:alert(1)",
            "http://wander.example/",
            "https://wander.example:8443/",
        ];
        for url in foreign {
            site.mara.post(&path, json!({"url": url})).await.refused(422, "invalid");
        }
        let vic = desk.sign_in_as(Role::Viewer).await;
        vic.post(&path, json!({"url": PAGE})).await.refused(403, "forbidden");
        let token = token(&site, &path).await;
        assert!(token.len() <= 24, "{token} is short enough for a text");

        let with = format!("https://wander.example/rooms?beds=2&rapport_link={token}#top");
        assert_eq!(open(desk, &token, PHONE).await, (302, Some(with)));
        let bare = || (302, Some(PAGE.to_owned()));
        assert_eq!(
            open(desk, &token, "WhatsApp/2.23").await,
            bare(),
            "a preview gets no token"
        );
        for none in [forged(&token).as_str(), "AQ", "x", "..."] {
            assert_eq!(open(desk, none, PHONE).await, (404, None), "{none}");
        }
        desk.advance(8 * 86_400);
        assert_eq!(
            open(desk, &token, PHONE).await,
            bare(),
            "it leads on, and joins nobody any more"
        );
        allow(&site, "https://other.example").await;
        assert_eq!(
            open(desk, &token, PHONE).await,
            (404, None),
            "it is the company's no more"
        );
    })
    .await;
}

/// What the library of the page behind the link tells.
fn arrived(browser: &str, agent: &str, token: &str) -> Value {
    json!([{"type": "page", "anonymousId": browser, "messageId": format!("{browser}{agent}"), "name": "Rooms",
        "context": {"userAgent": agent, "page": {"search": format!("?beds=2&rapport_link={token}")}}}])
}

#[tokio::test]
async fn the_first_browser_that_comes_by_a_link_is_the_texting_customer_s() {
    on_each_database(async |desk| {
        let (site, path) = open_site(desk).await;
        let token = token(&site, &path).await;
        let zoe = customer(&site.mara, &format!("phone:{ZOE}")).await;
        site.batch(desk, json!([call("Saw an ad", None, Some("hers"))])).await;
        // Opening it joins nothing, nor does a program that runs pages, nor a token that is none.
        open(desk, &token, PHONE).await;
        let google = "Mozilla/5.0 (compatible; Googlebot/2.1)";
        site.batch(desk, arrived("program", google, &token)).await;
        site.batch(desk, arrived("forger", PHONE, &forged(&token))).await;
        assert_eq!(joins(&site.mara, zoe).await, []);
        site.batch(desk, arrived("hers", PHONE, &token)).await;
        // Who was sent the link by her is somebody else.
        site.batch(desk, arrived("a friend's", PHONE, &token)).await;
        let did = site.done_by(&format!("phone:{}", ZOE.replace('+', "%2B"))).await;
        assert_eq!(did, ["Saw an ad", "Rooms"]);
        assert_eq!(customer(&site.mara, "anonymous_id:hers").await, zoe);
        for other in ["program", "forger", "a friend's"] {
            assert_ne!(
                customer(&site.mara, &format!("anonymous_id:{other}")).await,
                zoe,
                "{other}"
            );
        }
        let join = ("link".to_owned(), format!("{ZOE} hers"), true);
        assert_eq!(joins(&site.mara, zoe).await, [join]);
    })
    .await;
}

#[tokio::test]
async fn two_files_with_conversations_are_joined_where_both_ids_are_certain() {
    on_each_database(async |desk| {
        let (site, path) = open_site(desk).await;
        let (mara, other) = (&site.mara, "+12025550199");
        let token = token(&site, &path).await;
        site.batch(desk, arrived("hers", PHONE, &token)).await;
        site.batch(desk, json!([call("Signed up", Some("zoe"), None)])).await;
        text(desk, other, "Hello").await;
        let user = customer(mara, "user_id:zoe").await;
        let texting = customer(mara, &format!("phone:{other}")).await;
        let body = json!({"other_id": user});
        mara.post(&format!("/api/customers/{texting}/joins"), body)
            .await
            .expect(200);
        let zoe = customer(mara, &format!("phone:{ZOE}")).await;
        assert_ne!(customer(mara, "user_id:zoe").await, zoe);
        // The user signs in where the link was opened: both numbers are of one person.
        site.batch(desk, json!([call("Signed in", Some("zoe"), Some("hers"))]))
            .await;
        let whole = customer(mara, "user_id:zoe").await;
        for number in [ZOE, other] {
            assert_eq!(customer(mara, &format!("phone:{number}")).await, whole);
        }
    })
    .await;
}
