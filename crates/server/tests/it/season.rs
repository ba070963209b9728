//! What is planted in the demo's season is found by the pages that look for it: `demo/season.toml` says what that is.

use serde_json::{Value, json};

use crate::{company::Company, harness::on_each_database};

#[tokio::test(flavor = "multi_thread")]
async fn every_page_tells_what_was_planted() {
    on_each_database(async |desk| {
        let company = Company::open_demo(desk).await;
        let found = Found {
            catalogue: company.catalogue().await,
            company,
        };
        found.friction().await;
        found.surge().await;
        found.growing_calls().await;
        found.designed_journey().await;
    })
    .await;
}

/// What the demo's owner is told.
struct Found<'d> {
    company: Company<'d>,
    catalogue: Vec<Value>,
}

impl Found<'_> {
    fn name(&self, touchpoint: &Value) -> &str {
        let row = self.catalogue.iter().find(|row| row["id"] == *touchpoint);
        let row = row.unwrap_or_else(|| panic!("{touchpoint} is not in the catalogue"));
        row["name"].as_str().unwrap()
    }

    async fn friction(&self) {
        let found = self.company.ask("friction").await;
        let row = |name: &str| {
            let rows = found["touchpoints"].as_array().unwrap().iter();
            rows.clone()
                .find(|row| self.name(&row["touchpoint"]) == name)
                .unwrap()
                .clone()
        };
        let verdict = |name: &str| row(name)["contact_verdict"].clone();
        for guilty in ["Payment failed", "Room not ready"] {
            assert_eq!(verdict(guilty)["verdict"], "guilty", "{guilty}: {:#}", row(guilty));
        }
        let explained = verdict("Saved card used");
        assert_eq!(explained["verdict"], "explained_by", "{explained}");
        assert_eq!(self.name(&explained["touchpoint"]), "Payment failed");
        let why = json!({"verdict": "not_estimable", "why": "everybody_meets"});
        assert_eq!(verdict("Checkout"), why);
        for innocent in ["Breakfast", "City tax added"] {
            assert_eq!(verdict(innocent)["verdict"], "clear", "{innocent}: {:#}", row(innocent));
        }
        assert_eq!(row("City tax added")["is_silent"], true, "{:#}", row("City tax added"));
        assert_eq!(row("Breakfast")["is_silent"], false);

        let segments = self.company.mara.get("/api/segments").await.expect(200);
        let alike = &segments["items"][0]["id"];
        let within = self.company.ask(&format!("friction?alike={alike}")).await;
        assert_eq!(within["moments"], found["moments"]);
    }

    async fn surge(&self) {
        let found = self.company.ask("incidents").await;
        let first = &found["items"][0];
        assert_eq!(self.name(&first["touchpoint"]), "Checkout", "{found:#}");
        let now = self.company.desk.app.universe.now().0 / 1_000;
        let day = |ms: &Value| (now - ms.as_i64().unwrap()) / 86_400_000;
        assert!(
            (8..=11).contains(&day(&first["start"])) && first["is_open"] == false,
            "{first:#}"
        );
    }

    async fn growing_calls(&self) {
        let found = self.company.ask("service").await;
        let stages = self.company.mara.get("/api/stages").await.expect(200);
        let attention = &found["stages"][found["attention"].as_u64().expect("a stage grew") as usize];
        let stage = &stages["items"][attention["stage"].as_u64().unwrap() as usize];
        assert_eq!(stage["name"], "Stay", "{attention:#}");
    }

    async fn designed_journey(&self) {
        let found = self.company.ask("conformance").await;
        let (ways, customers) = (found["all"]["ways"].as_u64(), found["customers"].as_u64());
        assert!(ways > customers, "some guests come again: {ways:?} {customers:?}");
        let late = found["deviations"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["kind"] == "late")
            .unwrap();
        assert_eq!(late["stage"], 1, "{late:#}");
        assert!(late["customers"].as_u64() > Some(100), "{late:#}");
    }
}
