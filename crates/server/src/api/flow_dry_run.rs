//! The dry run of a flow: over what customers really wrote, in the company of the other flows.
//!
//! The work of one request is bounded: the newest texts of the time asked for are looked at, up to [`MAX_TEXTS`], and the
//! answer says how far back that went. Nothing is stored and nobody is texted.

use std::collections::{BTreeMap, HashMap};

use axum::{Json, extract::State};
use domain::{
    ConversationId, CustomerId, Event, FlowId, Time,
    event::{ActorKind, Happening},
    message::line,
    people::Role,
    settings::Settings,
};
use flow::Definition;
use serde::{Deserialize, Serialize};
use store::{
    Tx, events,
    flow_rehearsal::{self, File},
    flows,
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::flows::{find, read};
use crate::{
    app::Shared,
    desk::rehearsal::{Act, Deed, Past, Stage, What},
    http::{
        ask::{Body, Path},
        caller::Caller,
        problem::{Answer, Problem},
    },
};

/// The most texts that one dry run looks at.
const MAX_TEXTS: usize = 5_000;
/// The most conversations that its answer lists.
const MAX_ITEMS: usize = 200;

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(go))
}

/// What to run over what.
#[derive(Debug, Deserialize, ToSchema)]
pub struct DryRunRequest {
    /// Over the texts of the last so many days, 1 to 365.
    days: i64,
    /// A definition that is not saved; left out, the saved one.
    source: Option<String>,
}

/// What a flow would have done.
#[derive(Debug, Serialize, ToSchema)]
pub struct DryRun {
    /// Conversations looked at.
    conversations: usize,
    /// Conversations in which it would have started.
    would_start: usize,
    /// Of these, the ones it would have brought to its end without a person.
    would_answer: usize,
    /// Of these, the ones in which it would have asked for a person.
    would_hand_off: usize,
    /// Texts looked at.
    texts: usize,
    /// The most texts that are looked at.
    max_texts: usize,
    /// How far back the texts go that were looked at.
    since: Time,
    /// Whether these are all texts of the days asked for; when not, only the newest were looked at.
    complete: bool,
    /// The conversations in which it would have started, newest first.
    items: Vec<DryRunItem>,
    /// How many more there are than `items` lists.
    items_left_off: usize,
}

/// What it would have done in a conversation.
#[derive(Debug, Serialize, ToSchema)]
pub struct DryRunItem {
    /// The conversation.
    conversation_id: ConversationId,
    /// When the text came that would have started it.
    at: Time,
    /// That text.
    text: String,
    /// What would have happened, in order.
    deeds: Vec<Deed>,
}

/// Runs a flow over what really came in the last days, in place of the saved one and beside the other flows that are
/// switched on. The flow itself counts as switched on.
#[utoipa::path(
    post, path = "/api/flows/{id}/dry-run", tag = "flows", request_body = DryRunRequest,
    responses((status = 200, body = DryRun), (status = 403), (status = 404),
        (status = 422, description = "`problems` says what is wrong with the source"))
)]
async fn go(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<FlowId>,
    Body(request): Body<DryRunRequest>,
) -> Answer<Json<DryRun>> {
    caller.must_be(Role::Manager)?;
    if !(1..=365).contains(&request.days) {
        return Err(Problem::invalid("days", "must be from 1 to 365"));
    }
    let now = app.universe.now();
    let window = (now.plus_seconds(-request.days * 86_400), Time(i64::MAX));
    let look = move |tx: &mut Tx| gather(tx, id, window);
    let material = app.store.read(look).await?;
    let source = request.source.unwrap_or_else(|| material.saved.clone());
    let run = tokio::task::spawn_blocking(move || Ok::<_, Problem>(material.play(&read(&source)?)));
    Ok(Json(run.await.map_err(anyhow::Error::from)??))
}

/// What a run is made from.
struct Material {
    settings: Settings,
    /// The source that is saved.
    saved: String,
    /// The other flows that are switched on, with where the one that is run stands among them.
    others: Vec<String>,
    place: usize,
    past: BTreeMap<CustomerId, Vec<Past>>,
    files: HashMap<CustomerId, File>,
    texts: usize,
    since: Time,
    complete: bool,
}

fn gather(tx: &mut Tx, id: FlowId, window: (Time, Time)) -> Answer<Material> {
    let flow = find(tx, id)?;
    let enabled: Vec<flows::Flow> = flows::list(tx)?
        .into_iter()
        .filter(|other| other.enabled && other.id != id)
        .collect();
    let limit = i64::try_from(MAX_TEXTS).unwrap_or(i64::MAX);
    let texts = events::newest_of_kind(tx, "message_received", window, limit + 1)?;
    let complete = texts.len() <= MAX_TEXTS;
    let mut happened: Vec<Happening> = texts.into_iter().take(MAX_TEXTS).map(|text| text.happening).collect();
    let texts = happened.len();
    let since = match happened.last() {
        Some(oldest) if !complete => oldest.at,
        _ => window.0,
    };
    let kinds = [
        "message_queued",
        "conversation_assigned",
        "conversation_closed",
        "conversation_reopened",
    ];
    let people = events::of_kinds(tx, &kinds, since, window.1)?;
    happened.extend(people.into_iter().map(|event| event.happening));
    // Of what happened at the same moment the text came first.
    happened.sort_by_key(|happening| (happening.at, !matches!(happening.event, Event::MessageReceived { .. })));
    let mut past: BTreeMap<CustomerId, Vec<Past>> = BTreeMap::new();
    for happening in happened {
        if let (Some(customer), Some(moment)) = (happening.customer, read_past(happening)) {
            past.entry(customer).or_default().push(moment);
        }
    }
    past.retain(|_, moments| moments.iter().any(|moment| matches!(moment.what, What::Text(..))));
    let customers: Vec<CustomerId> = past.keys().copied().collect();
    Ok(Material {
        settings: store::settings::get(tx)?,
        saved: flow.source,
        place: enabled.iter().filter(|other| other.id < id).count(),
        others: enabled.into_iter().map(|other| other.source).collect(),
        files: flow_rehearsal::files(tx, &customers)?,
        past,
        texts,
        since,
        complete,
    })
}

fn read_past(happening: Happening) -> Option<Past> {
    let is_person = matches!(happening.actor.kind, ActorKind::User | ActorKind::Api);
    let what = match happening.event {
        Event::MessageReceived { message, body, .. } => What::Text(message, body),
        Event::MessageQueued { .. } if is_person => What::Reply,
        Event::ConversationAssigned { assignee, .. } => What::Assigned(assignee.is_some()),
        Event::ConversationClosed {} => What::Closed(true),
        // A customer's text that opens it again is that text.
        Event::ConversationReopened {} if is_person => What::Closed(false),
        _ => return None,
    };
    Some(Past {
        at: happening.at,
        conversation: happening.conversation?,
        what,
    })
}

impl Material {
    fn play(&self, definition: &Definition) -> DryRun {
        // A flow that was saved by an older server and cannot be read any more does not run today either.
        let others: Vec<Option<Definition>> = self
            .others
            .iter()
            .map(|source| Definition::parse(source).ok())
            .collect();
        let (before, after) = others.split_at(self.place);
        let mut flows: Vec<&Definition> = before.iter().flatten().collect();
        let rehearsed = flows.len();
        flows.push(definition);
        flows.extend(after.iter().flatten());
        let stage = Stage {
            flows,
            rehearsed,
            settings: &self.settings,
        };
        let nobody = File::default();
        let mut acts: Vec<Act> = self
            .past
            .iter()
            .flat_map(|(customer, past)| stage.play(self.files.get(customer).unwrap_or(&nobody), past))
            .collect();
        acts.sort_by_key(|act| std::cmp::Reverse((act.at, act.conversation)));
        self.report(acts)
    }

    fn report(&self, acts: Vec<Act>) -> DryRun {
        let mut conversations: Vec<ConversationId> = self
            .past
            .values()
            .flatten()
            .filter(|moment| matches!(moment.what, What::Text(..)))
            .map(|moment| moment.conversation)
            .collect();
        conversations.sort_unstable();
        conversations.dedup();
        let count = |is: fn(&Act) -> bool| acts.iter().filter(|act| is(act)).count();
        DryRun {
            conversations: conversations.len(),
            would_start: acts.len(),
            would_answer: count(|act| act.completed && !act.handed_off),
            would_hand_off: count(|act| act.handed_off),
            texts: self.texts,
            max_texts: MAX_TEXTS,
            since: self.since,
            complete: self.complete,
            items_left_off: acts.len().saturating_sub(MAX_ITEMS),
            items: acts.into_iter().take(MAX_ITEMS).map(item).collect(),
        }
    }
}

fn item(act: Act) -> DryRunItem {
    DryRunItem {
        conversation_id: act.conversation,
        at: act.at,
        text: line(&act.text),
        deeds: act.done,
    }
}
