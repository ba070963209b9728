//! Flows as maps: drawn while they are written, and with the numbers of those who went through.

use std::collections::BTreeMap;

use super::*;

/// A source to look at.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CheckRequest {
    /// The definition.
    source: String,
}

/// What was found in a source.
#[derive(Debug, Serialize, ToSchema)]
pub struct Checked {
    /// What is wrong with it, in the order of the lines.
    problems: Vec<Fault>,
    /// As much of its map as can be read; null when nothing can.
    graph: Option<Graph>,
}

/// Checks a source while it is written, and draws as much of it as can be read. Nothing is kept.
#[utoipa::path(post, path = "/api/flows/check", tag = "flows", request_body = CheckRequest,
    responses((status = 200, body = Checked)))]
pub async fn check(_: Caller, Body(request): Body<CheckRequest>) -> Answer<Json<Checked>> {
    let (problems, graph) = flow::draw(&request.source);
    Ok(Json(Checked { problems, graph }))
}

/// Over which time to count.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GraphQuery {
    /// Sessions that began in the last so many days, 1 to 365 [default: 30].
    days: Option<i64>,
}

/// A flow's map with the numbers of those who went through it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountedGraph {
    /// The map.
    #[serde(flatten)]
    graph: Graph,
    /// By step: what became of the sessions that came to it.
    counts: BTreeMap<String, StepCounts>,
}

/// What became of the sessions that came to a step. Who is neither gone on nor stopped is at the step now.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepCounts {
    /// Sessions that came to it, each once.
    entered: i64,
    /// Of these, the ones that went on: to another step, to a person or to the flow's end.
    left: i64,
    /// Of these, the ones that ended here otherwise: nobody answered, something interrupted, the flow failed.
    stopped_here: i64,
}

/// Draws the newest version of a flow, with what became of the sessions of the last days at each step.
#[utoipa::path(
    get, path = "/api/flows/{id}/graph", tag = "flows", params(GraphQuery),
    responses((status = 200, body = CountedGraph), (status = 404), (status = 422))
)]
pub async fn graph(
    State(app): State<Shared>,
    _: Caller,
    Path(id): Path<FlowId>,
    Query(query): Query<GraphQuery>,
) -> Answer<Json<CountedGraph>> {
    let days = query.days.unwrap_or(30);
    if !(1..=365).contains(&days) {
        return Err(Problem::invalid("days", "must be from 1 to 365"));
    }
    let since = app.universe.now().plus_seconds(-days * 86_400);
    let look = move |tx: &mut Tx| {
        let flow = find(tx, id)?;
        Ok::<_, Problem>((flow.source, flow_stats::step_counts(tx, id, since)?))
    };
    let (source, counts) = app.store.read(look).await?;
    let counts = counts.into_iter().map(|(step, count)| {
        let counts = StepCounts {
            entered: count.entered,
            left: count.entered - count.stopped - count.waiting,
            stopped_here: count.stopped,
        };
        (step, counts)
    });
    Ok(Json(CountedGraph {
        graph: flow::graph(&read(&source)?),
        counts: counts.collect(),
    }))
}
