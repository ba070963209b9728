//! Which conversations a list shows: the views of the inbox, saved views, and single filters, which narrow each other.

use std::collections::BTreeMap;

use domain::{
    ChannelId, ConversationId, CustomerId, TeamId, Time, UserId, ViewId,
    conversation::ConversationStatus,
    desk::{self, Assignee, AssigneeWord},
    words,
};
use serde::Deserialize;
use store::{
    Tx,
    conversation_list::{self, Filter, Place, Sort, With},
    views,
};

use super::{Conversation, shown};
use crate::http::{
    caller::Caller,
    page::{Page, PageQuery},
    problem::{Answer, Problem},
};

words! {
    /// A list of the inbox.
    InboxView {
        Mine = "mine",
        Unassigned = "unassigned",
        Waiting = "waiting",
        All = "all",
        Snoozed = "snoozed",
        Closed = "closed",
        Automated = "automated",
    }
}

words! {
    /// The order of a list.
    InboxSort { Waiting = "waiting", Newest = "newest" }
}

/// Which conversations are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// A list of the inbox.
    #[param(inline)]
    view: Option<InboxView>,
    /// A saved view.
    saved: Option<ViewId>,
    /// In this team's queue.
    team: Option<TeamId>,
    /// With this user; `me` and `nobody` are understood.
    assignee: Option<String>,
    /// On this channel.
    channel: Option<ChannelId>,
    /// With this tag.
    tag: Option<String>,
    /// Of this customer.
    customer: Option<CustomerId>,
    /// In this state.
    status: Option<ConversationStatus>,
    /// With these words in one of its messages, in any order; the last one may be the beginning of a word.
    text: Option<String>,
    /// These ones and nothing else, joined by commas: no other filter, order or cursor goes with it.
    ids: Option<String>,
    /// Who has waited longest first, or the newest message first [default: newest].
    #[param(inline)]
    sort: Option<InboxSort>,
    /// How many items, 1 to 200 [default: 50].
    limit: Option<i64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

impl ListQuery {
    /// Says whether it asks for anything besides `ids` and a limit.
    fn narrows(&self) -> bool {
        let ids = ListQuery {
            ids: self.ids.clone(),
            limit: self.limit,
            ..ListQuery::default()
        };
        *self != ids
    }
}

/// How far a saved view is counted.
const COUNTED: i64 = 1_000;
/// How many conversations can be asked for by id.
const MAX_IDS: usize = 200;

/// Gives a page of conversations.
pub fn page(tx: &mut Tx, query: &ListQuery, caller: &Caller, now: Time) -> Answer<Page<Conversation>> {
    if let Some(ids) = &query.ids {
        if query.narrows() {
            let words = "names the conversations themselves: leave out the other filters, sort and cursor";
            return Err(Problem::invalid("ids", words));
        }
        return Ok(Page::whole(shown(tx, &read_ids(ids)?, caller, now)?));
    }
    let filter = filter(tx, query, caller)?;
    let paging = PageQuery {
        limit: query.limit,
        cursor: query.cursor.clone(),
    };
    let limit = paging.limit()?;
    let after = paging.cursor::<3>()?.map(|[waits, at, id]| Place {
        waits: waits == 1,
        at: Time(at),
        id: ConversationId(id),
    });
    let sort = match query.sort.unwrap_or(InboxSort::Newest) {
        InboxSort::Waiting => Sort::Waiting,
        InboxSort::Newest => Sort::Newest,
    };
    let places = conversation_list::page(tx, &filter, sort, after, limit + 1)?;
    let page = Page::cut(places, limit, |place| [i64::from(place.waits), place.at.0, place.id.0]);
    let ids: Vec<_> = page.items.iter().map(|place| place.id).collect();
    let items = shown(tx, &ids, caller, now)?;
    Ok(Page { items, next: page.next })
}

/// Counts the saved views that a user sees.
pub fn count_saved(tx: &mut Tx, user: Option<UserId>) -> Answer<BTreeMap<ViewId, i64>> {
    let mut counts = BTreeMap::new();
    for views::Saved { view, .. } in views::list(tx, user)? {
        let filter = saved(&view.filter, user);
        let number = filter.map_or(Ok(0), |filter| conversation_list::count(tx, &filter, COUNTED))?;
        counts.insert(view.id, number);
    }
    Ok(counts)
}

fn read_ids(text: &str) -> Answer<Vec<ConversationId>> {
    let ids: Result<Vec<ConversationId>, _> = text.split(',').filter(|id| !id.is_empty()).map(str::parse).collect();
    let wrong = || Problem::invalid("ids", format!("must be at most {MAX_IDS} numbers joined by commas"));
    ids.ok().filter(|ids| ids.len() <= MAX_IDS).ok_or_else(wrong)
}

fn filter(tx: &mut Tx, query: &ListQuery, caller: &Caller) -> Answer<Filter> {
    let user = caller.user().ok();
    let mut filter = match query.saved {
        Some(id) => {
            let found = views::get(tx, id)?.filter(|found| found.owner.is_none() || found.owner == user);
            let found = found.ok_or_else(|| Problem::not_found(format!("view {id}")))?;
            saved(&found.view.filter, user).ok_or_else(nobody)?
        }
        None => Filter::default(),
    };
    if let Some(view) = query.view {
        narrow(&mut filter, view, user)?;
    }
    match query.assignee.as_deref() {
        None => {}
        Some("me") => filter.assignee = Some(With::User(user.ok_or_else(nobody)?)),
        Some("nobody") => filter.assignee = Some(With::Nobody),
        Some(id) => {
            let id = id
                .parse()
                .map_err(|_| Problem::invalid("assignee", "must be me, nobody or a user's id"))?;
            filter.assignee = Some(With::User(id));
        }
    }
    filter.status = query.status.or(filter.status);
    filter.team = query.team.or(filter.team);
    filter.channel = query.channel.or(filter.channel);
    filter.customer = query.customer.or(filter.customer);
    filter.tag = query.tag.clone().or(filter.tag);
    filter.text = query
        .text
        .clone()
        .filter(|text| !text.trim().is_empty())
        .or(filter.text);
    Ok(filter)
}

fn narrow(filter: &mut Filter, view: InboxView, user: Option<UserId>) -> Answer<()> {
    filter.status = Some(match view {
        InboxView::Snoozed => ConversationStatus::Snoozed,
        InboxView::Closed => ConversationStatus::Closed,
        _ => ConversationStatus::Open,
    });
    match view {
        InboxView::Mine => {
            filter.assignee = Some(With::User(user.ok_or_else(nobody)?));
            filter.automated = Some(false);
        }
        InboxView::Unassigned => {
            filter.assignee = Some(With::Nobody);
            filter.automated = Some(false);
        }
        InboxView::Waiting => filter.waiting = Some(true),
        InboxView::Automated => filter.automated = Some(true),
        InboxView::All | InboxView::Snoozed | InboxView::Closed => {}
    }
    Ok(())
}

/// Reads a saved view for a user; `None` when it is about whoever looks, and that is nobody.
fn saved(view: &desk::Filter, user: Option<UserId>) -> Option<Filter> {
    let assignee = match view.assignee {
        None => None,
        Some(Assignee::Word(AssigneeWord::Nobody)) => Some(With::Nobody),
        Some(Assignee::Word(AssigneeWord::Me)) => Some(With::User(user?)),
        Some(Assignee::User(id)) => Some(With::User(id)),
    };
    let waits = view.waiting == Some(true);
    Some(Filter {
        status: view.status.or(waits.then_some(ConversationStatus::Open)),
        automated: None,
        waiting: view.waiting,
        assignee,
        team: view.team_id,
        channel: view.channel_id,
        tag: view.tag.clone(),
        customer: None,
        text: view.text.clone().filter(|text| !text.trim().is_empty()),
    })
}

fn nobody() -> Problem {
    Problem::forbidden("this belongs to a person: sign in rather than use a token")
}
