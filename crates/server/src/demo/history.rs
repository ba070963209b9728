//! Living through the past: every step of the stories is taken at its own time, and whatever fell due before it is done
//! first, as the workers would have done it.
//!
//! Carriers and partners of the past said yes; that is the one thing that is not the real code.

use std::collections::BTreeMap;

use anyhow::Context;
use channel::{Accepted, simulator::FromPhone};
use domain::{
    Actor, CustomerId, Event, NoteId, PartnerId, RequestId, Time, UserId,
    demand::Demand,
    message::MessageStatus,
    request::{PartnerWay, RequestStatus},
};
use store::{
    Tx,
    channels::Channel,
    conversations::{self, Conversation},
    customers, inbound,
    jobs::{self, Job, Room},
    notes::{self, Note},
    requests, touchpoints,
};

use super::{
    chance::Chance,
    company::Company,
    endpoints,
    insight::Browser,
    season::{self, Season},
    stories::{self, Act, Person, Step},
};
use crate::{
    app::App,
    desk::{
        Moment, closure, customer_file, demand, menu, outbound,
        reply::{self, Reply},
        request_status, requests as partner_requests, snooze, survey, tags,
    },
    hooks::{self, Raw},
    http::problem::Problem,
    jobs::{Outcome, deadline, send, submit},
};

/// One visitor in so many has a browser with a file of its own, that is joined with theirs.
const OWN_BROWSER: usize = 40;
/// One such browser in so many is not joined: somebody has to decide.
const DOUBTFUL: usize = 6;

/// Who does the work of the past.
const WORKER: &str = "the past";

/// Lives through all that happened until `now`.
pub fn live(tx: &mut Tx, app: &App, company: &Company, now: Time) -> anyhow::Result<()> {
    let (mut people, mut steps) = stories::plan(now)?;
    let (season, texts) = season::plan(now, people.len())?;
    steps.extend(texts);
    steps.sort_by_key(|step| step.at);
    let mut past = Past {
        app,
        company,
        chance: Chance::new(7),
        answers: Vec::new(),
        texts: 0,
    };
    for (n, person) in people.iter().enumerate().filter(|(_, person)| person.known) {
        let first = steps.iter().find(|step| step.person == n).map_or(now, |step| step.at);
        let since = past.chance.between(1, 20) * 86_400;
        past.open_file(tx, person, first.plus_seconds(-since))?;
    }
    past.meet(tx, &season, &mut people)?;
    for step in &steps {
        past.work_until(tx, step.at)?;
        let (person, channel) = (&people[step.person], company.channel_of(step.person));
        past.take(tx, channel, person, step)
            .with_context(|| format!("{} at {}: {:?}", person.name, step.at, step.act))?;
    }
    past.work_until(tx, now)?;
    past.strange_payload(tx, now)
}

struct Past<'a> {
    app: &'a App,
    company: &'a Company,
    chance: Chance,
    /// When partners answer, the request, and whether it is a yes.
    answers: Vec<(Time, RequestId, bool)>,
    /// How many texts came in, which names them.
    texts: usize,
}

impl Past<'_> {
    /// Puts everybody on file who came in the season, and records where they were.
    fn meet(&self, tx: &mut Tx, season: &Season, people: &mut Vec<Person>) -> anyhow::Result<()> {
        season.draw(tx)?;
        let from = Season::sources(tx)?;
        for (number, visit) in season.visits.iter().enumerate() {
            let Some((person, at)) = &visit.person else {
                let (customer, _) = season.stranger(tx, number, visit)?;
                season.record(tx, customer, &visit.way, &from)?;
                continue;
            };
            people.push(person.clone());
            let file = self.open_file(tx, person, *at)?;
            if number % OWN_BROWSER != 0 {
                season.record(tx, file, &visit.way, &from)?;
                continue;
            }
            let (before, after) = visit.parts();
            let (profile, id) = season.stranger(tx, number, visit)?;
            season.record(tx, profile, before, &from)?;
            season.record(tx, file, after, &from)?;
            let browser = Browser {
                profile,
                id,
                person,
                file,
            };
            if number % (OWN_BROWSER * DOUBTFUL) == 0 {
                browser.suggest(tx, &self.company.settings, *at)?;
            } else {
                browser.join(tx, *at)?;
            }
        }
        Ok(())
    }

    /// Puts a customer on file who booked before texting.
    fn open_file(&self, tx: &mut Tx, person: &Person, at: Time) -> anyhow::Result<CustomerId> {
        let moment = self.moment(at);
        let mut identities = vec![("phone".to_owned(), person.phone.clone())];
        if !person.email.is_empty() {
            identities.push(("email".to_owned(), person.email.clone()));
        }
        let traits = [
            ("booking", &person.booking),
            ("stay", &person.stay),
            ("home", &person.home),
            ("tier", &person.tier),
        ];
        let filled = traits.into_iter().filter(|(_, value)| !value.is_empty());
        let new = customer_file::New {
            name: person.name.clone(),
            identities,
            traits: filled.map(|(key, value)| (key.to_owned(), value.clone())).collect(),
        };
        let id = customer_file::create(tx, &moment, &self.company.settings, &new).map_err(plain)?;
        let changes = customer_file::Changes {
            time_zone: Some(person.time_zone.clone()),
            tags: Some(person.tags.clone()),
            traits: BTreeMap::new(),
            ..customer_file::Changes::default()
        };
        customer_file::change(tx, &moment, id, &changes).map_err(plain)?;
        Ok(id)
    }

    fn moment(&self, now: Time) -> Moment {
        Moment {
            now,
            actor: Actor::SYSTEM,
        }
    }

    fn take(&mut self, tx: &mut Tx, channel: &Channel, person: &Person, step: &Step) -> anyhow::Result<()> {
        if let Act::Text(text) = &step.act {
            return self.text(tx, channel, (&person.phone, text), step.at);
        }
        let customer = customers::by_identity(tx, "phone", &person.phone)?.context("nobody has this number")?;
        let newest = conversations::newest(tx, customer.into(), channel.id)?.context("there is no conversation")?;
        let mut conversation = conversations::get(tx, newest.id)?.context("it was there")?;
        let agent = self.agent_of(&conversation);
        let moment = self.moment(step.at).by(Actor::user(agent));
        let settings = &self.company.settings;
        match &step.act {
            Act::Text(_) => Ok(()),
            Act::Reply(body) => {
                let reply = Reply {
                    body: body.clone(),
                    attachments: Vec::new(),
                    send_at: None,
                    client_key: None,
                    close_after: false,
                };
                reply::send(tx, &moment, settings, &mut conversation, reply)
                    .map(drop)
                    .map_err(plain)
            }
            Act::Note(body) => note(tx, &moment, &conversation, agent, body),
            Act::Tag(tag) => {
                let mut all = conversations::tags(tx, conversation.id)?;
                all.push(tag.clone());
                tags::set(tx, &moment, &conversation, &all).map_err(plain)
            }
            Act::Close => Ok(closure::close(tx, &moment, settings, &mut conversation)?),
            Act::Judge(cause) => judge(tx, &moment, &conversation, cause.as_deref()),
            Act::Snooze => {
                let until = Some(step.at.plus_seconds(86_400));
                snooze::snooze(tx, &moment, &mut conversation, until).map_err(plain)
            }
        }
    }

    /// A text comes in, the way every text comes in.
    fn text(&mut self, tx: &mut Tx, channel: &Channel, (phone, body): (&str, &str), at: Time) -> anyhow::Result<()> {
        self.texts += 1;
        let raw = match channel.kind.as_str() {
            "twilio" => endpoints::text_from_carrier(self.texts, phone, &channel.address, body),
            _ => {
                let text = FromPhone {
                    id: format!("past-{}", self.texts),
                    from: phone.to_owned(),
                    to: channel.address.clone(),
                    body: body.to_owned(),
                    media: Vec::new(),
                };
                Raw {
                    query: String::new(),
                    content_type: "application/json".to_owned(),
                    body: serde_json::to_vec(&text)?.into(),
                }
            }
        };
        let parsed = hooks::parse(channel, &raw)?;
        hooks::keep(tx, self.app, channel, (&raw, &parsed), at)?;
        Ok(())
    }

    /// Whoever has the conversation, else someone of its team.
    fn agent_of(&mut self, conversation: &Conversation) -> UserId {
        if let Some(agent) = conversation.assignee_id {
            return agent;
        }
        let team = conversation.team_id.and_then(|team| self.company.agents.get(&team));
        *self.chance.pick(team.unwrap_or(&self.company.all_agents))
    }

    /// Does what falls due until `until`, each at its time.
    fn work_until(&mut self, tx: &mut Tx, until: Time) -> anyhow::Result<()> {
        loop {
            let answer = self.answers.iter().map(|(at, ..)| *at).min();
            let job = jobs::next_due(tx, Room::any(1))?;
            let Some(now) = [answer, job].into_iter().flatten().min().filter(|at| *at <= until) else {
                return Ok(());
            };
            if answer == Some(now) {
                self.partner_answers(tx, now)?;
                continue;
            }
            for job in jobs::lease(tx, WORKER, now, now.plus_seconds(60), Room::any(50))? {
                self.work(tx, &job, now)
                    .with_context(|| format!("{} {}", job.kind, job.payload))?;
            }
        }
    }

    fn work(&mut self, tx: &mut Tx, job: &Job, now: Time) -> anyhow::Result<()> {
        let moment = self.moment(now);
        // Ended first, so that the work may plan the same job anew.
        jobs::done(tx, job.id, WORKER)?;
        match job.kind.as_str() {
            outbound::SEND => hand_over(tx, &moment, job),
            survey::SEND => {
                let survey::SendSurvey { conversation } = job.payload()?;
                survey::send(tx, &moment, &self.company.settings, conversation).map_err(plain)
            }
            menu::TIMEOUT => {
                let menu::FlowTimeout { session } = job.payload()?;
                match deadline::time_out(tx, &self.app.menus, moment, session)? {
                    Outcome::NotBefore(later) => menu::set_timer(tx, moment, session, Some(later)).map_err(Into::into),
                    _ => Ok(()),
                }
            }
            partner_requests::SUBMIT => self.submit(tx, &moment, job),
            other => anyhow::bail!("nobody does {other} in the past"),
        }
    }

    /// A partner gets a request, and mostly says yes a few hours later.
    fn submit(&mut self, tx: &mut Tx, moment: &Moment, job: &Job) -> anyhow::Result<()> {
        let partner_requests::SubmitRequest { request } = job.payload()?;
        let known = requests::get(tx, request)?.context("the request is there")?;
        let partner =
            requests::partner(tx, known.partner_id.unwrap_or(PartnerId(0)))?.context("the partner is there")?;
        submit::tell_outcome(tx, moment, request, None)?;
        debug_assert_eq!(partner.way, PartnerWay::Webhook);
        let at = moment.now.plus_seconds(self.chance.between(3600, 30 * 3600));
        self.answers.push((at, request, self.chance.between(1, 10) <= 8));
        Ok(())
    }

    fn partner_answers(&mut self, tx: &mut Tx, now: Time) -> anyhow::Result<()> {
        let Some(n) = self.answers.iter().position(|(at, ..)| *at == now) else {
            return Ok(());
        };
        let (_, id, yes) = self.answers.swap_remove(n);
        let mut request = requests::get(tx, id)?.context("the request is there")?;
        let partner = request.partner_id.unwrap_or(PartnerId(0));
        let answer = match yes {
            true => (RequestStatus::Confirmed, "The house looks forward to it."),
            false => (RequestStatus::Declined, "The house is fully booked on these days."),
        };
        let moment = self.moment(now).by(Actor::partner(partner));
        request_status::change(tx, &moment, &mut request, answer, true).map_err(plain)
    }

    /// Something that nobody understands, for the queue where such things lie.
    fn strange_payload(&self, tx: &mut Tx, now: Time) -> anyhow::Result<()> {
        let channel = &self.company.channels[1];
        let raw = Raw {
            query: String::new(),
            content_type: "application/x-www-form-urlencoded".to_owned(),
            body: "From=%2B13035550155&To=%2B13035550199&Body=Is+this+the+right+number%3F".into(),
        };
        let at = now.plus_seconds(-5000);
        let problem = hooks::parse(channel, &raw)?.err().context("it cannot be read")?;
        let id = inbound::keep(tx, channel.id, "strange", (&raw.content_type, &raw.body), at)?.context("it is new")?;
        inbound::settle(tx, id, Err(&problem), at)?;
        Ok(())
    }
}

fn hand_over(tx: &mut Tx, moment: &Moment, job: &Job) -> anyhow::Result<()> {
    let outbound::SendMessage { message } = job.payload()?;
    let Some(message) = send::mark(tx, moment, message)? else {
        return Ok(());
    };
    let accepted = Accepted {
        provider_id: format!("sent-{}", message.id),
        status: MessageStatus::Delivered,
    };
    send::accept(tx, moment, &message, &accepted)?;
    Ok(())
}

fn judge(tx: &mut Tx, moment: &Moment, conversation: &Conversation, cause: Option<&str>) -> anyhow::Result<()> {
    let Some(name) = cause else {
        return Ok(demand::say(tx, moment, conversation, Demand::Value, None)?);
    };
    let all = touchpoints::list(tx)?;
    let met = all.into_iter().find(|row| row.default_name == name);
    let cause = met.map(|row| (row.id, row.default_name));
    Ok(demand::say(tx, moment, conversation, Demand::Failure, cause)?)
}

fn note(tx: &mut Tx, moment: &Moment, conversation: &Conversation, by: UserId, body: &str) -> anyhow::Result<()> {
    let note = Note {
        id: NoteId(0),
        conversation_id: conversation.id,
        customer_id: conversation.customer_id,
        author_id: Some(by),
        body: body.to_owned(),
        at: moment.now,
    };
    let note_id = notes::insert(tx, &note)?;
    let event = Event::NoteAdded {
        note: note_id,
        body: note.body,
    };
    moment.record(tx, conversation, event)?;
    Ok(())
}

fn plain(problem: Problem) -> anyhow::Error {
    anyhow::anyhow!("{}: {}", problem.code(), problem.detail())
}
