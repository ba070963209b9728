//! Whether the server lives and can serve.

use crate::harness::on_each_database;

#[tokio::test]
async fn the_server_lives_and_can_serve() {
    on_each_database(async |desk| {
        assert_eq!(desk.nobody().get("/healthz").await.expect(200), "ok");
        assert_eq!(desk.nobody().get("/readyz").await.expect(200), "ready");
    })
    .await;
}
