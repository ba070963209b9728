//! How a channel does, in numbers and in what to do about it.

use domain::{
    Time,
    health::{self as rules, Advice, Condition},
};
use store::channel_health::{self, Signs};

use super::*;

/// How a channel does.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelHealth {
    /// When a text last came; null when none ever did.
    last_in: Option<Time>,
    /// When a text was last queued that the provider took.
    last_out: Option<Time>,
    /// Calls of the last 24 hours that were refused.
    refused_24h: Vec<RefusedCalls>,
    /// Texts that could leave and have not.
    queued: i64,
    /// Texts of the last 24 hours that were handed over, and those of them that failed.
    tried_24h: i64,
    failed_24h: i64,
    /// Addresses that have opted out of this channel's texts.
    opted_out: i64,
    /// Addresses that were texted in the last seven days, and those that opted out in them.
    texted_7d: i64,
    opted_out_7d: i64,
    /// What is wrong and what to do about it, the gravest first; empty when all is well.
    advice: Vec<Advice>,
}

/// Calls that were refused for one reason.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusedCalls {
    /// The reason.
    reason: String,
    /// How many.
    count: i64,
    /// The last one.
    last_at: Time,
}

/// Tells how a channel does, and what to do about what is wrong.
#[utoipa::path(
    get, path = "/api/channels/{id}/health", tag = "channels",
    responses((status = 200, body = ChannelHealth), (status = 404))
)]
pub async fn health(State(app): State<Shared>, _: Caller, Path(id): Path<ChannelId>) -> Answer<Json<ChannelHealth>> {
    let now = app.universe.now();
    let look = move |tx: &mut Tx| {
        let channel = find(tx, id)?;
        Ok::<_, Problem>((channel, store::settings::get(tx)?, channel_health::signs(tx, id, now)?))
    };
    let (channel, settings, signs) = app.store.read(look).await?;
    let channel = view(channel, &app.public_url(&settings));
    let advice = rules::advice(&condition(channel, &signs, now));
    let refused = signs.refused.into_iter().map(|refused| RefusedCalls {
        reason: refused.reason,
        count: refused.count,
        last_at: refused.last_at,
    });
    Ok(Json(ChannelHealth {
        last_in: signs.last_in,
        last_out: signs.last_out,
        refused_24h: refused.collect(),
        queued: signs.queued,
        tried_24h: signs.tried,
        failed_24h: signs.failed,
        opted_out: signs.opted_out,
        texted_7d: signs.texted_week,
        opted_out_7d: signs.opted_out_week,
        advice,
    }))
}

fn condition(channel: ChannelView, signs: &Signs, now: Time) -> Condition {
    let refused = signs.refused.iter().map(|refused| rules::Refused {
        reason: refused.reason.clone(),
        count: refused.count,
    });
    Condition {
        kind: channel.kind,
        disabled: channel.disabled,
        address: channel.address,
        hook: channel.hook,
        now,
        last_in: signs.last_in,
        refused: refused.collect(),
        queued: signs.queued,
        oldest_queued: signs.oldest_queued,
        segments_per_second: channel.segments_per_second,
        tried_24h: signs.tried,
        failed_24h: signs.failed,
        failure: signs.failure.clone(),
        unconfirmed: signs.unconfirmed,
        not_understood: signs.not_understood,
        texted_7d: signs.texted_week,
        opted_out_7d: signs.opted_out_week,
    }
}
