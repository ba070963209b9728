//! The timeline: what happened with a customer, each event with who did it and what it names. Facts only: who shows them
//! puts them in words.

mod found;

use std::collections::{BTreeSet, HashMap};

use axum::{Json, extract::State};
use domain::{
    Actor, ConversationId, CustomerId, Event, EventId, MessageId, TeamId, Time,
    event::{ActorKind, Happening},
    message::line,
};
use serde::{Deserialize, Serialize};
use store::{
    Tx,
    events::{self, Recorded},
    messages,
    names::{self, Named, Names},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::Shared,
    desk::find,
    http::{
        ask::{self, Path, Query},
        caller::Caller,
        page::{Page, PageQuery},
        problem::{Answer, Problem},
    },
};

/// Gives the routes of this noun.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Something that happened: the facts, which a reader puts in words of the own language.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the names say what they hold")]
pub struct TimelineEvent {
    pub id: EventId,
    pub at: Time,
    pub actor: ActorView,
    pub conversation_id: Option<ConversationId>,
    pub customer_id: Option<CustomerId>,
    /// What happened: its kind, and the event's own fields as data.
    #[serde(flatten)]
    pub event: Event,
    pub names: EventNames,
}

/// Who made something happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = Actor)]
#[expect(missing_docs, reason = "the names say what they hold")]
pub struct ActorView {
    pub kind: ActorKind,
    pub id: Option<i64>,
    /// Empty for Rapport itself, and for whom nobody knows any more.
    pub name: String,
}

/// What the ids in an event are called now; null where there is none, or nothing of that id any more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct EventNames {
    team: Option<String>,
    user: Option<String>,
    channel: Option<String>,
    /// The menu's title.
    flow: Option<String>,
    /// The website, app or till that told.
    source: Option<String>,
    /// The first words of the message whose status changed.
    message: Option<String>,
}

/// Gives events as they are shown, in the same order; a fixed number of statements for all of them.
pub fn views(tx: &mut Tx, events: Vec<Recorded>) -> store::Result<Vec<TimelineEvent>> {
    let happenings = || events.iter().map(|event| &event.happening);
    let mut wanted: BTreeSet<_> = happenings().flat_map(|happening| named(&happening.event)).collect();
    wanted.extend(happenings().filter_map(|happening| actor_name(happening.actor)));
    let names = names::get(tx, &wanted)?;
    let moved: Vec<MessageId> = happenings().filter_map(|happening| moved(&happening.event)).collect();
    let messages = messages::get_all(tx, &moved)?;
    let lines: HashMap<MessageId, String> = messages.into_iter().map(|row| (row.id, line(&row.body))).collect();
    Ok(events.into_iter().map(|event| view(event, &names, &lines)).collect())
}

fn view(event: Recorded, names: &Names, lines: &HashMap<MessageId, String>) -> TimelineEvent {
    let Happening {
        at,
        customer,
        conversation,
        actor,
        event: what,
    } = event.happening;
    let mut called = EventNames {
        message: moved(&what).and_then(|id| lines.get(&id).cloned()),
        ..EventNames::default()
    };
    for (kind, id) in named(&what) {
        let name = Some(names.get(kind, id))
            .filter(|name| !name.is_empty())
            .map(str::to_owned);
        match kind {
            Named::Team => called.team = name,
            Named::User => called.user = name,
            Named::Channel => called.channel = name,
            Named::Flow | Named::Session => called.flow = name,
            Named::Source => called.source = name,
            Named::Customer | Named::Partner | Named::Token => {}
        }
    }
    TimelineEvent {
        id: event.id,
        at,
        actor: actor_view(actor, names),
        conversation_id: conversation,
        customer_id: customer,
        event: what,
        names: called,
    }
}

/// Lists what must be named to tell an event.
fn named(event: &Event) -> Vec<(Named, i64)> {
    let of_team = |team: &Option<TeamId>| team.map(|team| (Named::Team, team.0));
    match event {
        Event::ConversationOpened { channel, .. } => vec![(Named::Channel, channel.0)],
        Event::ConversationAssigned { team, assignee, .. } => {
            let of_user = assignee.map(|user| (Named::User, user.0));
            of_team(team).into_iter().chain(of_user).collect()
        }
        Event::HandedOff { team, .. } => of_team(team).into_iter().collect(),
        Event::UserChanged { user, .. } | Event::PasswordChanged { user } => vec![(Named::User, user.0)],
        Event::FlowStarted { session, .. }
        | Event::FlowPaused { session, .. }
        | Event::FlowResumed { session, .. }
        | Event::FlowEnded { session, .. }
        | Event::FlowFailed { session, .. } => vec![(Named::Session, session.0)],
        Event::FlowSaved { flow, .. } => vec![(Named::Flow, flow.0)],
        Event::CustomerIdentified { source, .. }
        | Event::ActionTracked { source, .. }
        | Event::PageViewed { source, .. }
        | Event::ScreenViewed { source, .. }
        | Event::GroupJoined { source, .. } => vec![(Named::Source, source.0)],
        Event::CustomerMerged { source, .. } => source.iter().map(|source| (Named::Source, source.0)).collect(),
        _ => Vec::new(),
    }
}

fn moved(event: &Event) -> Option<MessageId> {
    match event {
        Event::MessageStatusChanged { message, .. } => Some(*message),
        _ => None,
    }
}

/// Gives what must be named to say who an actor is.
pub fn actor_name(actor: Actor) -> Option<(Named, i64)> {
    let kind = match actor.kind {
        ActorKind::Customer => Named::Customer,
        ActorKind::User => Named::User,
        ActorKind::Flow => Named::Flow,
        ActorKind::Partner => Named::Partner,
        ActorKind::Api => Named::Token,
        ActorKind::System => return None,
    };
    actor.id.map(|id| (kind, id))
}

/// Gives an actor as it is shown.
pub fn actor_view(actor: Actor, names: &Names) -> ActorView {
    ActorView {
        kind: actor.kind,
        id: actor.id,
        name: actor_name(actor)
            .map_or("", |(kind, id)| names.get(kind, id))
            .to_owned(),
    }
}

/// The most characters that are looked for.
const MAX_QUERY: usize = 200;

/// Which events are asked for.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TimelineQuery {
    /// Only these kinds, joined by commas.
    kinds: Option<String>,
    /// Only events that say all of these words, or name somebody or something that is called so. A page may then be
    /// short, and even empty, while there is a `next`.
    q: Option<String>,
    /// How many items, 1 to 200 [default: 50].
    limit: Option<i64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// Gives what happened with a customer, newest first.
#[utoipa::path(get, path = "/api/customers/{id}/timeline", tag = "customers", params(TimelineQuery),
    responses((status = 200, body = Page<TimelineEvent>), (status = 404)))]
async fn list(
    State(app): State<Shared>,
    _caller: Caller,
    Path(id): Path<CustomerId>,
    Query(query): Query<TimelineQuery>,
) -> Answer<Json<Page<TimelineEvent>>> {
    let paging = PageQuery {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = paging.limit()?;
    let before = paging.cursor::<2>()?.map(|[at, id]| (Time(at), EventId(id)));
    let kinds: Vec<String> = query
        .kinds
        .iter()
        .flat_map(|kinds| kinds.split(','))
        .map(str::to_owned)
        .collect();
    let query = query.q.unwrap_or_default();
    ask::must_fit("q", &query, MAX_QUERY)?;
    let look = move |tx: &mut Tx| {
        find::customer(tx, id)?;
        if !query.trim().is_empty() {
            return found::Search::new(&query, kinds.clone(), before).page(tx, id, limit);
        }
        let events = events::timeline(tx, id, &kinds, before, limit + 1)?;
        let page = Page::cut(events, limit, |event| [event.happening.at.0, event.id.0]);
        Ok::<_, Problem>(Page {
            items: views(tx, page.items)?,
            next: page.next,
        })
    };
    Ok(Json(app.store.read(look).await?))
}
