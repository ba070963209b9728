//! Who is who: which files a customer is joined from and why, undoing that, and files that may be one person's.

use std::collections::{BTreeSet, HashMap};

use axum::{Json, extract::State, http::StatusCode};
use domain::{
    CustomerId, JoinId, SuggestionId, Time,
    identity::{Apart, JoinReason, NamedId},
    people::Role,
};
use serde::{Deserialize, Serialize};
use store::{
    Tx, customers,
    joins::{self, Join},
    names::{self, Named, Names},
    suggestions::{self, Suggestion},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    customers::Customer,
    shapes::Ref,
    timeline::{ActorView, actor_name, actor_view},
};
use crate::{
    app::Shared,
    desk::{
        find,
        joining::{self, Evidence, Undoing},
    },
    http::{
        ask::{Body, Path, Query},
        caller::Caller,
        page::{Page, PageQuery},
        problem::{Answer, Problem},
    },
};

/// Gives the routes of this noun.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(of_customer, post))
        .routes(routes!(list))
        .routes(routes!(delete))
        .routes(routes!(suggested))
        .routes(routes!(suggestions))
        .routes(routes!(dismiss))
}

/// That two files are one customer's, or were.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Join)]
#[expect(missing_docs, reason = "the names say what they hold")]
pub struct JoinView {
    pub id: JoinId,
    pub at: Time,
    pub by: ActorView,
    pub reason: JoinReason,
    /// The ids that say so.
    pub ids: Vec<NamedId>,
    /// The website, app or till that told; null where none did.
    pub source: Option<String>,
    /// The file that went into the other one, by what it was called.
    pub from: Ref,
    /// Whether two files went together, and not only an id came onto a file.
    pub had_history: bool,
    /// The customer whose the files are, or whose the other file is since they were separated.
    pub customer: Ref,
    /// When it was undone, and by whom; null while it holds.
    pub ended: Option<Ended>,
}

/// That a join was undone.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = JoinEnded)]
#[expect(missing_docs, reason = "the names say what they hold")]
pub struct Ended {
    pub at: Time,
    pub by: ActorView,
}

fn views(tx: &mut Tx, joins: Vec<Join>) -> store::Result<Vec<JoinView>> {
    let mut wanted = BTreeSet::new();
    let mut files = Vec::new();
    let mut owners = HashMap::new();
    for join in &joins {
        let ended = join.ended.map(|(_, actor)| actor);
        wanted.extend([Some(join.actor), ended].into_iter().flatten().filter_map(actor_name));
        wanted.extend(join.source_id.map(|source| (Named::Source, source.0)));
        let other = if join.from_id == join.one_id {
            join.other_id
        } else {
            join.one_id
        };
        let owner = customers::whose(tx, other)?.customer;
        owners.insert(join.id, owner);
        files.extend([join.from_id, owner]);
    }
    let names = names::get(tx, &wanted)?;
    let called = customers::profiles_called(tx, &files)?;
    let view = |join: Join| {
        let owner = owners[&join.id];
        view(join, owner, &names, &called)
    };
    Ok(joins.into_iter().map(view).collect())
}

fn view(join: Join, owner: CustomerId, names: &Names, called: &HashMap<CustomerId, String>) -> JoinView {
    let named = |id: CustomerId| Ref::new(id.0, called.get(&id).cloned().unwrap_or_default());
    JoinView {
        id: join.id,
        at: join.at,
        by: actor_view(join.actor, names),
        reason: join.reason,
        source: join
            .source_id
            .map(|source| names.get(Named::Source, source.0).to_owned()),
        from: named(join.from_id),
        had_history: join.had_history,
        customer: named(owner),
        ids: join.ids,
        ended: join.ended.map(|(at, actor)| Ended {
            at,
            by: actor_view(actor, names),
        }),
    }
}

/// Gives what a customer's file is joined from and why, newest first, also what was undone.
#[utoipa::path(get, path = "/api/customers/{id}/joins", tag = "customers",
    responses((status = 200, body = Page<JoinView>), (status = 404)))]
async fn of_customer(
    State(app): State<Shared>,
    _caller: Caller,
    Path(id): Path<CustomerId>,
) -> Answer<Json<Page<JoinView>>> {
    let look = move |tx: &mut Tx| {
        find::customer(tx, id)?;
        let joins = joins::of_customer(tx, id)?;
        Ok::<_, Problem>(Page::whole(views(tx, joins)?))
    };
    Ok(Json(app.store.read(look).await?))
}

/// Gives the newest joins of all customers.
#[utoipa::path(get, path = "/api/joins", tag = "customers", params(PageQuery), responses((status = 200, body = Page<JoinView>)))]
async fn list(
    State(app): State<Shared>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Answer<Json<Page<JoinView>>> {
    caller.must_be(Role::Manager)?;
    let (limit, before) = (query.limit()?, query.cursor::<1>()?);
    let before = JoinId(before.map_or(i64::MAX, |[id]| id));
    let look = move |tx: &mut Tx| {
        let page = Page::cut(joins::newest(tx, before, limit + 1)?, limit, |join| [join.id.0]);
        let items = views(tx, page.items)?;
        Ok::<_, Problem>(Page { items, next: page.next })
    };
    Ok(Json(app.store.read(look).await?))
}

/// Which file is the same person's.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::ToSchema)]
pub struct NewJoin {
    other_id: CustomerId,
    /// What pointed to it.
    #[serde(default)]
    suggestion_id: Option<SuggestionId>,
}

/// Makes two files one customer's, because a person says so.
#[utoipa::path(post, path = "/api/customers/{id}/joins", tag = "customers", request_body = NewJoin,
    responses((status = 200, body = Customer), (status = 404), (status = 409, description = "two_users, too_many_browsers"), (status = 422)))]
async fn post(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<CustomerId>,
    Body(new): Body<NewJoin>,
) -> Answer<Json<Customer>> {
    caller.must_be(Role::Agent)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        find::customer(tx, id)?;
        find::customer(tx, new.other_id).map_err(|_| Problem::invalid("other_id", "is not a customer"))?;
        if id == new.other_id {
            return Err(Problem::invalid("other_id", "is this customer"));
        }
        let (profiles, evidence) = evidence(tx, id, new)?;
        match joining::join_by_hand(tx, &moment, profiles, &evidence)? {
            Ok(customer) => super::customers::one(tx, customer, moment.now),
            Err(why) => Err(refused(why)),
        }
    };
    Ok(Json(app.store.write(write).await?))
}

fn evidence(tx: &mut Tx, id: CustomerId, new: NewJoin) -> Answer<((CustomerId, CustomerId), Evidence)> {
    let suggestion = new
        .suggestion_id
        .map(|id| suggestions::get(tx, id))
        .transpose()?
        .flatten();
    let is_of_both = |suggestion: &Suggestion| {
        let both = (suggestion.one, suggestion.other);
        both == (id, new.other_id) || both == (new.other_id, id)
    };
    let by_hand = |reason, ids| Evidence {
        reason,
        ids,
        source: None,
        is_certain: true,
    };
    Ok(match suggestion.filter(is_of_both) {
        Some(found) => (
            (found.one_id, found.other_id),
            by_hand(found.reason, vec![found.shared]),
        ),
        None => ((id, new.other_id), by_hand(JoinReason::ByHand, Vec::new())),
    })
}

fn refused(why: Apart) -> Problem {
    let detail = match why {
        Apart::TwoUsers => "each has a user id of its own: two people have signed in",
        Apart::TooManyBrowsers => "together they have more browsers than a person has",
        Apart::ToldApart => "a person told them apart",
    };
    Problem::conflict(why.as_str(), detail)
}

/// Undoes a join: each side has its own history back, and the same evidence does not join them again.
#[utoipa::path(delete, path = "/api/joins/{id}", tag = "customers", responses((status = 204), (status = 404)))]
async fn delete(State(app): State<Shared>, caller: Caller, Path(id): Path<JoinId>) -> Answer<StatusCode> {
    caller.must_be(Role::Agent)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        joins::get(tx, id)?.ok_or_else(|| Problem::not_found(format!("join {id}")))?;
        Ok::<_, Problem>(joining::separate(tx, &moment, id, Undoing::ForGood)?)
    };
    app.store.write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// That two files may be one person's.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Suggestion)]
#[expect(missing_docs, reason = "the names say what they hold")]
pub struct SuggestionView {
    pub id: SuggestionId,
    pub at: Time,
    pub reason: JoinReason,
    /// What both have.
    pub shared: NamedId,
    /// Whether they go by the same name, too.
    pub same_name: bool,
    pub customer: Ref,
    pub other: Ref,
}

fn suggestion_views(
    tx: &mut Tx,
    found: Vec<Suggestion>,
    first: Option<CustomerId>,
) -> store::Result<Vec<SuggestionView>> {
    let ids: Vec<CustomerId> = found.iter().flat_map(|found| [found.one, found.other]).collect();
    let called = customers::called(tx, &ids)?;
    let view = |found: Suggestion| {
        let (customer, other) = match first {
            Some(first) if first == found.other => (found.other, found.one),
            _ => (found.one, found.other),
        };
        let name = |id: &CustomerId| called.get(id).cloned().unwrap_or_default();
        SuggestionView {
            id: found.id,
            at: found.at,
            reason: found.reason,
            shared: found.shared,
            same_name: name(&customer).to_lowercase() == name(&other).to_lowercase(),
            customer: Ref::new(customer.0, name(&customer)),
            other: Ref::new(other.0, name(&other)),
        }
    };
    let mut asked = BTreeSet::new();
    // Two customers may share an address by more than one of their files: that is one question.
    let is_new = |found: &Suggestion| {
        let pair = (found.one.min(found.other), found.one.max(found.other));
        asked.insert((pair, found.shared.clone()))
    };
    Ok(found.into_iter().filter(is_new).map(view).collect())
}

/// Gives the files that may be this customer's, too, each with the reason.
#[utoipa::path(get, path = "/api/customers/{id}/suggestions", tag = "customers",
    responses((status = 200, body = Page<SuggestionView>), (status = 404)))]
async fn suggested(
    State(app): State<Shared>,
    _caller: Caller,
    Path(id): Path<CustomerId>,
) -> Answer<Json<Page<SuggestionView>>> {
    let look = move |tx: &mut Tx| {
        find::customer(tx, id)?;
        let found = suggestions::of_customer(tx, id)?;
        Ok::<_, Problem>(Page::whole(suggestion_views(tx, found, Some(id))?))
    };
    Ok(Json(app.store.read(look).await?))
}

/// Gives all files that may be one person's, newest first.
#[utoipa::path(get, path = "/api/suggestions", tag = "customers", params(PageQuery),
    responses((status = 200, body = Page<SuggestionView>)))]
async fn suggestions(
    State(app): State<Shared>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Answer<Json<Page<SuggestionView>>> {
    caller.must_be(Role::Manager)?;
    let (limit, before) = (query.limit()?, query.cursor::<1>()?);
    let before = SuggestionId(before.map_or(i64::MAX, |[id]| id));
    let look = move |tx: &mut Tx| {
        let page = Page::cut(suggestions::open(tx, before, limit + 1)?, limit, |found| [found.id.0]);
        let items = suggestion_views(tx, page.items, None)?;
        Ok::<_, Problem>(Page { items, next: page.next })
    };
    Ok(Json(app.store.read(look).await?))
}

/// Says that the two are two people: nobody is asked about them again, and nothing joins them by itself.
#[utoipa::path(put, path = "/api/suggestions/{id}/dismissal", tag = "customers", responses((status = 204), (status = 404)))]
async fn dismiss(State(app): State<Shared>, caller: Caller, Path(id): Path<SuggestionId>) -> Answer<StatusCode> {
    caller.must_be(Role::Agent)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let found = suggestions::get(tx, id)?.ok_or_else(|| Problem::not_found(format!("suggestion {id}")))?;
        if found.one == found.other {
            return Err(Problem::conflict("joined", "the two are one customer by now"));
        }
        Ok::<_, Problem>(joining::tell_apart(tx, &moment, (found.one_id, found.other_id))?)
    };
    app.store.write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}
