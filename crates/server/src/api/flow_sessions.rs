//! Sessions: who went through a flow, how far, and what they answered.

use axum::{Json, extract::State};
use domain::{
    ConversationId, FlowId, SessionId, Time,
    session::{SessionEnd, SessionStatus},
};
use serde::Serialize;
use serde_json::Value;
use store::{
    Tx, customers,
    flows::{self, Session},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{flows::find, shapes::Ref};
use crate::{
    app::Shared,
    http::{
        ask::{Path, Query},
        caller::Caller,
        page::{Page, PageQuery},
        problem::{Answer, Problem},
    },
};

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get))
}

/// One run of a flow with one customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct FlowSession {
    /// The id.
    id: SessionId,
    /// With whom.
    customer: Ref,
    /// Where.
    conversation_id: ConversationId,
    /// The version of the flow that it runs.
    version: i64,
    /// Where it stands.
    status: SessionStatus,
    /// Why it ended; null while it runs.
    ended_because: Option<SessionEnd>,
    /// The step it is at, or was at when it ended.
    step: Option<String>,
    /// When it began.
    started_at: Time,
    /// When it ended.
    ended_at: Option<Time>,
}

/// A session with the way it took.
#[derive(Debug, Serialize, ToSchema)]
pub struct FlowSessionDetail {
    /// The session.
    #[serde(flatten)]
    session: FlowSession,
    /// The flow.
    flow: Ref,
    /// The steps it entered, in order.
    steps: Vec<SessionStep>,
    /// What the customer answered, by the name each answer is saved under.
    #[schema(value_type = Object)]
    answers: Value,
}

/// A step that a session entered.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionStep {
    /// The step.
    step: String,
    /// When.
    at: Time,
}

/// Lists a flow's sessions, newest first.
#[utoipa::path(
    get, path = "/api/flows/{id}/sessions", tag = "flows", params(PageQuery),
    responses((status = 200, body = Page<FlowSession>), (status = 404), (status = 422))
)]
async fn list(
    State(app): State<Shared>,
    _: Caller,
    Path(id): Path<FlowId>,
    Query(page): Query<PageQuery>,
) -> Answer<Json<Page<FlowSession>>> {
    let limit = page.limit()?;
    let before = page.cursor::<1>()?.map_or(SessionId(i64::MAX), |[id]| SessionId(id));
    let look = move |tx: &mut Tx| {
        find(tx, id)?;
        let sessions = flows::sessions_of(tx, id, before, limit + 1)?;
        let page = Page::cut(sessions, limit, |session| [session.id.0]);
        let customers: Vec<_> = page.items.iter().map(|session| session.customer_id).collect();
        let names = customers::called(tx, &customers)?;
        Ok::<_, Problem>(page.map(|session| {
            let name = names.get(&session.customer_id).cloned().unwrap_or_default();
            view(session, name)
        }))
    };
    Ok(Json(app.store.read(look).await?))
}

/// Gives a session with the steps it took and the answers it got.
#[utoipa::path(
    get, path = "/api/flow-sessions/{id}", tag = "flows",
    responses((status = 200, body = FlowSessionDetail), (status = 404))
)]
async fn get(State(app): State<Shared>, _: Caller, Path(id): Path<SessionId>) -> Answer<Json<FlowSessionDetail>> {
    let look = move |tx: &mut Tx| {
        let session = flows::session(tx, id)?.ok_or_else(|| Problem::not_found(format!("session {id}")))?;
        let state: flow::Session = serde_json::from_str(&session.state).map_err(anyhow::Error::from)?;
        let flow = find(tx, session.flow_id)?;
        let names = customers::called(tx, &[session.customer_id])?;
        let steps = flows::steps(tx, id)?;
        Ok::<_, Problem>(FlowSessionDetail {
            flow: Ref::new(flow.id.0, flow.name),
            session: view(session, names.into_values().next().unwrap_or_default()),
            steps: steps.into_iter().map(|(step, at)| SessionStep { step, at }).collect(),
            answers: Value::Object(state.answers),
        })
    };
    Ok(Json(app.store.read(look).await?))
}

fn view(session: Session, name: String) -> FlowSession {
    FlowSession {
        id: session.id,
        customer: Ref::new(session.customer_id.0, name),
        conversation_id: session.conversation_id,
        version: session.version,
        status: session.status,
        ended_because: session.ended_because,
        step: Some(session.step).filter(|step| !step.is_empty()),
        started_at: session.started_at,
        ended_at: session.ended_at,
    }
}
