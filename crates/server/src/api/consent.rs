//! Consent: the ledger, changing it, and the texts that a person must decide about.

use std::collections::BTreeSet;

use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::{
    ChannelId, ConsentId, ConversationId, CustomerId, MessageId, ReviewId, Time,
    consent::{ConsentBasis, ConsentChange, ConsentSource},
    people::Role,
    words,
};
use serde::{Deserialize, Serialize};
use store::{
    Tx, channels, consent as rows, conversations, customers, messages,
    names::{self, Named},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    shapes::Ref,
    timeline::{ActorView, actor_name, actor_view},
};
use crate::{
    app::Shared,
    desk::{
        consent::{self, Change},
        customer_file, find,
    },
    http::{
        ask::{Body, Path, Query},
        caller::Caller,
        csv::download,
        page::{Page, PageQuery},
        problem::{Answer, Problem},
    },
};

mod csv;
pub mod standing;

/// Gives the routes of this noun.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, post))
        .routes(routes!(export))
        .routes(routes!(reviews))
        .routes(routes!(decide))
}

/// A row of the ledger.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ConsentEntry {
    id: ConsentId,
    address: String,
    change: ConsentChange,
    basis: ConsentBasis,
    source: ConsentSource,
    /// What the customer was shown or wrote.
    wording: String,
    evidence_message_id: Option<MessageId>,
    /// Who changed it.
    actor: ActorView,
    at: Time,
}

/// Gives a customer's part of the ledger, newest first.
#[utoipa::path(get, path = "/api/customers/{id}/consent", tag = "consent",
    responses((status = 200, body = Page<ConsentEntry>), (status = 404)))]
async fn list(
    State(app): State<Shared>,
    _caller: Caller,
    Path(id): Path<CustomerId>,
) -> Answer<Json<Page<ConsentEntry>>> {
    let look = move |tx: &mut Tx| {
        find::customer(tx, id)?;
        let entries = rows::of_customer(tx, id)?;
        Ok::<_, Problem>(views(tx, entries)?)
    };
    Ok(Json(Page::whole(app.store.read(look).await?)))
}

fn views(tx: &mut Tx, entries: Vec<rows::Entry>) -> store::Result<Vec<ConsentEntry>> {
    let actor = |entry: &rows::Entry| domain::Actor {
        kind: entry.actor,
        id: entry.actor_id,
    };
    let wanted: BTreeSet<_> = entries.iter().filter_map(|entry| actor_name(actor(entry))).collect();
    let names = names::get(tx, &wanted)?;
    let view = |entry: rows::Entry| ConsentEntry {
        actor: actor_view(actor(&entry), &names),
        id: entry.id,
        address: entry.address,
        change: entry.change,
        basis: entry.basis,
        source: entry.source,
        wording: entry.wording,
        evidence_message_id: entry.evidence_message_id,
        at: entry.at,
    };
    Ok(entries.into_iter().map(view).collect())
}

/// A change of consent that a customer asked for.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
pub struct NewConsent {
    /// A phone number on the customer's file.
    address: String,
    change: ConsentChange,
    /// What the customer was shown, or said.
    wording: String,
    /// The channel it is about, where an opt-out reaches one channel only; the customer's newest when it is left out.
    channel_id: Option<ChannelId>,
}

/// Changes what a customer agreed to, by hand. What the customer refused, only the customer can allow again.
#[utoipa::path(post, path = "/api/customers/{id}/consent", tag = "consent", request_body = NewConsent,
    responses((status = 201, body = Page<ConsentEntry>), (status = 409, description = "customer_opted_out"), (status = 422)))]
async fn post(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<CustomerId>,
    Body(new): Body<NewConsent>,
) -> Answer<(StatusCode, Json<Page<ConsentEntry>>)> {
    caller.must_be(Role::Agent)?;
    let moment = caller.moment(&app);
    if new.wording.trim().is_empty() || new.wording.chars().count() > 2_000 {
        return Err(Problem::invalid(
            "wording",
            "must say in 1 to 2000 characters what the customer was shown or said",
        ));
    }
    let write = move |tx: &mut Tx| {
        find::customer(tx, id)?;
        let settings = store::settings::get(tx)?;
        let (_, address) = customer_file::spell("phone", &new.address, &settings)
            .map_err(|_| Problem::invalid("address", "is not a phone number"))?;
        if customers::by_identity(tx, "phone", &address)? != Some(id) {
            return Err(Problem::invalid("address", "is not on this customer's file"));
        }
        let change = Change {
            customer: id,
            address,
            channel: channel(tx, id, new.channel_id)?,
            source: ConsentSource::Agent,
            wording: new.wording.trim().to_owned(),
            evidence: None,
        };
        match new.change {
            ConsentChange::OptedIn => consent::opt_in(tx, &moment, &settings, &change)?,
            ConsentChange::OptedOut => {
                consent::opt_out(tx, &moment, &settings, &change)?;
            }
        }
        let entries = rows::of_customer(tx, id)?;
        Ok::<_, Problem>(views(tx, entries)?)
    };
    Ok((StatusCode::CREATED, Json(Page::whole(app.store.write(write).await?))))
}

fn channel(tx: &mut Tx, customer: CustomerId, given: Option<ChannelId>) -> Answer<ChannelId> {
    if let Some(given) = given {
        return find::channel(tx, given).map(|channel| channel.id);
    }
    let newest = conversations::newest_of_customer(tx, customer)?;
    let newest = newest.map(|id| find::conversation(tx, id)).transpose()?;
    let first = channels::list(tx)?.first().map(|channel| channel.id);
    let channel = newest.map(|conversation| conversation.channel_id).or(first);
    channel.ok_or_else(|| Problem::conflict("no_channel", "there is no channel to text by yet"))
}

/// Gives the whole ledger as a table, oldest first.
#[utoipa::path(get, path = "/api/consent/export.csv", tag = "consent",
    responses((status = 200, content_type = "text/csv", body = String)))]
async fn export(State(app): State<Shared>, _caller: Caller) -> Answer<Response> {
    Ok(download("consent.csv", csv::ledger(app)))
}

/// A text that may be a wish to get no more texts.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ConsentReview {
    id: ReviewId,
    #[schema(inline)]
    customer: Ref,
    conversation_id: ConversationId,
    message_id: MessageId,
    /// What the customer wrote.
    body: String,
    /// The words that made it look so.
    reason: String,
    at: Time,
}

/// Lists the texts that wait for a decision, oldest first.
#[utoipa::path(get, path = "/api/consent/reviews", tag = "consent", params(PageQuery),
    responses((status = 200, body = Page<ConsentReview>)))]
async fn reviews(
    State(app): State<Shared>,
    _caller: Caller,
    Query(paging): Query<PageQuery>,
) -> Answer<Json<Page<ConsentReview>>> {
    let (limit, cursor) = (paging.limit()?, paging.cursor::<1>()?);
    let after = ReviewId(cursor.map_or(0, |[id]| id));
    let look = move |tx: &mut Tx| {
        let page = Page::cut(rows::open_reviews(tx, after, limit + 1)?, limit, |review| [review.id.0]);
        let ids: Vec<_> = page.items.iter().map(|review| review.message_id).collect();
        let texts = messages::get_all(tx, &ids)?;
        let wanted: BTreeSet<_> = page
            .items
            .iter()
            .map(|review| (Named::Customer, review.customer_id.0))
            .collect();
        let names = names::get(tx, &wanted)?;
        Ok::<_, store::Error>(page.map(|review| {
            ConsentReview {
                id: review.id,
                customer: Ref::new(review.customer_id.0, names.get(Named::Customer, review.customer_id.0)),
                conversation_id: review.conversation_id,
                message_id: review.message_id,
                body: texts
                    .iter()
                    .find(|text| text.id == review.message_id)
                    .map_or_else(String::new, |text| text.body.clone()),
                reason: review.reason,
                at: review.at,
            }
        }))
    };
    Ok(Json(app.store.read(look).await?))
}

words! {
    /// What a person decides about a text.
    ReviewWord { OptedOut = "opted_out", Kept = "kept" }
}

/// What a person decides about a text.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
pub struct ReviewDecision {
    decision: ReviewWord,
}

/// Decides whether a text was a wish to get no more texts.
#[utoipa::path(post, path = "/api/consent/reviews/{id}", tag = "consent", request_body = ReviewDecision,
    responses((status = 204), (status = 409, description = "decided")))]
async fn decide(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<ReviewId>,
    Body(decision): Body<ReviewDecision>,
) -> Answer<StatusCode> {
    caller.must_be(Role::Agent)?;
    caller.user()?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let settings = store::settings::get(tx)?;
        consent::decide(tx, &moment, &settings, id, decision.decision == ReviewWord::OptedOut)
    };
    app.store.write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}
