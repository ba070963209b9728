//! Answers before campaigns: a backlog of texts that nobody waits for does not hold up one that somebody does.

use std::time::Duration;

use domain::message::{Author, Lane};
use rapport::{
    desk::{
        Moment,
        outbound::{self, Outgoing},
    },
    jobs,
};
use store::{Tx, conversations, params};
use tokio::{sync::watch, time::timeout};

use crate::{
    harness::{Desk, on_each_database},
    hooks::{self, MockTwilio},
};

/// More than are done side by side.
const BACKLOG: usize = 40;

/// Lets customers write, one from each of so many phones.
async fn customers(desk: &Desk, count: usize) {
    for n in 0..count {
        let mut text = hooks::inbound(&format!("SM{n}"), "hello");
        text[2].1 = format!("+1202555{:04}", 1_000 + n);
        hooks::post(desk, &text).await.expect(200);
    }
}

/// Queues a text in this lane for each of these conversations.
async fn queue(desk: &Desk, conversations: std::ops::RangeInclusive<i64>, lane: Lane, body: &'static str) {
    let moment = Moment {
        now: desk.app.universe.now(),
        actor: domain::Actor::SYSTEM,
    };
    let write = move |tx: &mut Tx| {
        for id in conversations.clone() {
            let conversation = conversations::get(tx, domain::ConversationId(id))?.ok_or(store::Error::NotFound)?;
            let text = Outgoing {
                lane,
                ..Outgoing::now(Author::System, None, body)
            };
            outbound::queue(tx, &moment, &conversation, text)?;
        }
        Ok::<_, rapport::http::problem::Problem>(())
    };
    desk.app.store.write(write).await.unwrap();
}

#[tokio::test]
async fn an_answer_leaves_while_the_provider_is_slow_with_a_campaign() {
    let twilio = MockTwilio::start().await;
    on_each_database(async |desk| {
        hooks::furnish(desk, &twilio.url).await;
        twilio.posts.lock().await.clear();
        customers(desk, BACKLOG + 1).await;
        let last = i64::try_from(BACKLOG).unwrap();
        queue(desk, 1..=last, Lane::Bulk, "An offer").await;
        let slow = twilio.pause().await;
        let (stop, stopped) = watch::channel(false);
        let worker = tokio::spawn(jobs::work(desk.app.clone(), stopped));
        twilio.posted(1).await;
        queue(desk, last + 1..=last + 1, Lane::Conversation, "An answer").await;
        let answered = async {
            for count in 2.. {
                twilio.posted(count).await;
                if twilio.posts.lock().await.iter().any(|post| post.contains("An+answer")) {
                    return;
                }
            }
        };
        let in_time = timeout(Duration::from_secs(20), answered).await;
        assert!(in_time.is_ok(), "the answer waits for a campaign");
        let look = |tx: &mut Tx| {
            tx.query_one("SELECT COUNT(*) FROM jobs WHERE state = 'leased'", params![])?
                .get::<i64>(0)
        };
        let leased = desk.app.store.read(look).await.unwrap();
        assert!(leased < 32, "{leased}: there is room for more answers");
        // The mock gives everything the same id, so what is left is not to be sent.
        stop.send_replace(true);
        worker.abort();
        drop(slow);
    })
    .await;
}
