//! Running the server: whether it lives, what it measures, how it describes itself, which pages it gives.

use domain::people::Role;
use reqwest::Method;

use crate::harness::{Caller, Reply, on_each_database};

#[tokio::test]
async fn the_server_lives_and_can_serve() {
    on_each_database(async |desk| {
        assert_eq!(desk.nobody().get("/healthz").await.expect(200), "ok");
        assert_eq!(desk.nobody().get("/readyz").await.expect(200), "ready");
    })
    .await;
}

#[tokio::test]
async fn a_monitor_is_told_what_happens() {
    on_each_database(async |desk| {
        desk.nobody().get("/api/users").await.refused(401, "not_signed_in");
        let metrics = desk.nobody().get("/metrics").await.expect(200);
        let metrics = metrics.as_str().unwrap();
        assert!(
            metrics.contains("rapport_http_answers_total{status=\"401\"} 1\n"),
            "{metrics}"
        );
        assert!(metrics.contains("# TYPE rapport_jobs gauge\n"), "{metrics}");
        // Every line is a comment or a name with a number.
        for line in metrics.lines().filter(|line| !line.starts_with('#')) {
            let (_, number) = line.rsplit_once(' ').expect("a name and a number");
            number.parse::<u64>().unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn a_monitor_elsewhere_needs_a_token() {
    on_each_database(async |desk| {
        let asked = |caller: &Caller| {
            let request = caller.request(Method::GET, "/metrics");
            Reply::to(request.header("x-forwarded-for", "203.0.113.7"))
        };
        asked(&desk.nobody()).await.refused(401, "not_signed_in");
        let olive = desk.sign_in_as(Role::Owner).await;
        let wish = serde_json::json!({"name": "Monitor", "role": "viewer"});
        let made = olive.post("/api/tokens", wish).await.expect(201);
        asked(&desk.program(made["token"].as_str().unwrap())).await.expect(200);
    })
    .await;
}

#[tokio::test]
async fn the_api_describes_itself() {
    on_each_database(async |desk| {
        let description = desk.nobody().get("/api/openapi.json").await.expect(200);
        assert_eq!(description["info"]["title"], "Rapport");
        assert!(description["paths"]["/api/invitations/by-token/{token}"]["post"].is_object());
        assert!(description["components"]["schemas"]["User"]["properties"]["team_ids"].is_object());
    })
    .await;
}

#[tokio::test]
async fn what_is_not_there_is_refused_and_pages_belong_to_the_app() {
    on_each_database(async |desk| {
        let nobody = desk.nobody();
        nobody.get("/api/nonsense").await.refused(404, "not_found");
        nobody.get("/_app/immutable/gone.js").await.refused(404, "not_found");
        nobody.get("/favicon.nope").await.refused(404, "not_found");
        nobody.get("/../../Cargo.toml").await.refused(404, "not_found");
        nobody
            .put("/api/session", serde_json::json!({}))
            .await
            .refused(405, "method_not_allowed");
        nobody.get("/api/users/nonsense").await.refused(401, "not_signed_in");
        let viewer = desk.sign_in_as(Role::Viewer).await;
        viewer.get("/api/users/nonsense").await.refused(404, "not_found");
        for page in ["/", "/inbox", "/join/abc"] {
            let answer = nobody.get(page).await;
            assert!(
                answer.headers["content-type"]
                    .to_str()
                    .unwrap()
                    .starts_with("text/html")
            );
            answer.expect(200);
        }
    })
    .await;
}

#[tokio::test]
async fn every_answer_says_what_browsers_may_do_with_it() {
    on_each_database(async |desk| {
        for path in ["/", "/api/setup", "/api/users", "/api/nonsense", "/healthz"] {
            let answer = desk.nobody().get(path).await;
            let header = |name: &str| answer.headers[name].to_str().unwrap();
            assert!(
                header("content-security-policy").contains("frame-ancestors 'none'"),
                "{path}"
            );
            assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(header("referrer-policy"), "same-origin", "{path}");
        }
        assert_eq!(
            desk.nobody().get("/api/setup").await.headers["cache-control"],
            "no-store"
        );
    })
    .await;
}

#[tokio::test]
async fn a_large_answer_is_packed_for_who_can_unpack_it() {
    on_each_database(async |desk| {
        let request = desk.nobody().request(Method::GET, "/api/openapi.json");
        let answer = request.header("accept-encoding", "gzip").send().await.unwrap();
        assert_eq!(answer.headers()["content-encoding"], "gzip");
        let plain = Reply::to(desk.nobody().request(Method::GET, "/api/openapi.json")).await;
        assert!(plain.headers.get("content-encoding").is_none());
    })
    .await;
}
