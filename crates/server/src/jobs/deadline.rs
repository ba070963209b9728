//! Jobs that only wait for their time: each does its work and ends in one transaction, so it takes effect once.

use domain::{Actor, SessionId, session::SessionStatus};
use store::{
    Tx, conversations, flows,
    jobs::{self, Job},
};

use super::Outcome;
use crate::{
    app::Shared,
    desk::{
        Moment,
        following::{self, FollowVisitor},
        menu::{self, Menus, Scene},
        snooze::{self, WakeConversation},
        survey,
    },
    http::problem::Problem,
};

/// Comes back to a session whose customer has not answered.
pub async fn flow_timeout(app: &Shared, owner: &str, job: &Job) -> store::Result<Outcome> {
    let menu::FlowTimeout { session } = job.payload()?;
    let inner = app.clone();
    alone(app, owner, job, move |tx, moment| {
        time_out(tx, &inner.menus, moment, session)
    })
    .await
}

/// Goes on with a session whose customer has not answered, if its time has really run out.
pub(crate) fn time_out(tx: &mut Tx, menus: &Menus, moment: Moment, session: SessionId) -> store::Result<Outcome> {
    let live = flows::session(tx, session)?.filter(|session| session.status == SessionStatus::Waiting);
    let Some(live) = live else { return Ok(Outcome::Ended) };
    let settings = store::settings::get(tx)?;
    let mut conversation = conversations::get(tx, live.conversation_id)?.ok_or(store::Error::NotFound)?;
    let channel = store::channels::get(tx, conversation.channel_id)?.ok_or(store::Error::NotFound)?;
    let mut scene = Scene {
        menus,
        moment,
        settings: &settings,
        channel: &channel,
        conversation: &mut conversation,
    };
    if let Some(later) = menu::timed_out(tx, &mut scene, live)? {
        return Ok(Outcome::NotBefore(later));
    }
    conversations::update(tx, &conversation)?;
    Ok(Outcome::Ended)
}

/// Asks how it went, when a conversation has been closed for a while.
pub async fn send_survey(app: &Shared, owner: &str, job: &Job) -> store::Result<Outcome> {
    let survey::SendSurvey { conversation } = job.payload()?;
    alone(app, owner, job, move |tx, moment| {
        let settings = store::settings::get(tx)?;
        Ok(survey::send(tx, &moment, &settings, conversation).map_or_else(hopeless, |()| Outcome::Ended))
    })
    .await
}

/// Texts to a visitor who has left what they have not read.
pub async fn follow_visitor(app: &Shared, owner: &str, job: &Job) -> store::Result<Outcome> {
    let FollowVisitor { conversation } = job.payload()?;
    let inner = app.clone();
    alone(app, owner, job, move |tx, moment| {
        let settings = store::settings::get(tx)?;
        let public_url = inner.public_url(&settings);
        let followed = following::follow(tx, &moment, (&settings, &public_url), conversation);
        Ok(followed.map_or_else(hopeless, |later| later.map_or(Outcome::Ended, Outcome::NotBefore)))
    })
    .await
}

/// Brings a snoozed conversation back.
pub async fn wake_conversation(app: &Shared, owner: &str, job: &Job) -> store::Result<Outcome> {
    let WakeConversation { conversation } = job.payload()?;
    alone(app, owner, job, move |tx, moment| {
        snooze::due(tx, &moment, conversation)?;
        Ok(Outcome::Ended)
    })
    .await
}

/// Does a job's work and ends the job in one transaction, if it is still ours.
///
/// The job is ended first, so that its work may plan the same one anew; what does not end it takes that back.
async fn alone(
    app: &Shared,
    owner: &str,
    job: &Job,
    mut work: impl FnMut(&mut Tx, Moment) -> store::Result<Outcome> + Send + 'static,
) -> store::Result<Outcome> {
    let moment = Moment {
        now: app.universe.now(),
        actor: Actor::SYSTEM,
    };
    let (id, owner) = (job.id, owner.to_owned());
    app.store
        .write(move |tx| {
            let result = tx.savepoint(|tx| {
                if !jobs::done(tx, id, &owner)? {
                    return Ok(());
                }
                match work(tx, moment)? {
                    Outcome::Ended => Ok(()),
                    stays => Err(Stays::Because(stays)),
                }
            });
            match result {
                Ok(()) => Ok(Outcome::Ended),
                Err(Stays::Because(outcome)) => Ok(outcome),
                Err(Stays::Failed(error)) => Err(error),
            }
        })
        .await
}

/// Why a job is not ended.
enum Stays {
    Because(Outcome),
    Failed(store::Error),
}

impl From<store::Error> for Stays {
    fn from(error: store::Error) -> Stays {
        Stays::Failed(error)
    }
}

fn hopeless(problem: Problem) -> Outcome {
    Outcome::Hopeless(problem.detail().to_owned())
}
