//! Furnishing: people, teams, channels, partners, menus, canned replies and views.

use std::collections::HashMap;

use anyhow::Context;
use channel::chat;
use domain::{
    CannedId, ChannelId, PartnerId, TeamId, Time, UserId, ViewId,
    channel::ChannelKind,
    conversation::ReopenRule,
    desk::{CannedReply, Filter, View},
    people::Role,
    request::PartnerWay,
    settings::{CompanyTexts, Settings, SurveySettings},
};
use serde::Deserialize;
use store::{
    Tx, canned_replies,
    channels::{self, Channel},
    flows,
    people::{teams, users},
    requests::{self, Partner},
    settings, views,
};

use super::endpoints;
use crate::app::App;

/// The menus, in the order they are listed.
const FLOWS: [&str; 8] = [
    include_str!("../../../../demo/flows/requests.yaml"),
    include_str!("../../../../demo/flows/change-travel.yaml"),
    include_str!("../../../../demo/flows/invoice.yaml"),
    include_str!("../../../../demo/flows/companions.yaml"),
    include_str!("../../../../demo/flows/feedback.yaml"),
    include_str!("../../../../demo/flows/hours.yaml"),
    include_str!("../../../../demo/flows/welcome.yaml"),
    include_str!("../../../../demo/flows/reception.yaml"),
];

/// How long the company has had this desk.
const AGE_DAYS: i64 = 130;

/// What `demo/company.toml` says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    company: String,
    time_zone: String,
    opens: String,
    closes: String,
    contact_cost: i64,
    currency: String,
    /// What everyone signs in with.
    pub password: String,
    texts: Texts,
    /// Who works there.
    pub users: Vec<Worker>,
    canned: Vec<Canned>,
    views: Vec<SavedView>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    help: String,
    opted_out: String,
    opted_in: String,
    survey: String,
    thanks: String,
    /// What the chat says before the first message, and outside business hours.
    greeting: String,
    away: String,
}

/// Someone who works there.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Worker {
    name: String,
    /// What they sign in with.
    pub email: String,
    /// What they may do.
    pub role: Role,
    teams: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Canned {
    shortcut: String,
    title: String,
    body: String,
    team: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedView {
    name: String,
    team: Option<String>,
    tag: Option<String>,
    waiting: Option<bool>,
}

impl Plan {
    /// Reads the plan.
    pub fn read() -> anyhow::Result<Plan> {
        toml::from_str(include_str!("../../../../demo/company.toml")).context("demo/company.toml")
    }

    /// Gives the mail address of the owner.
    pub fn owner(&self) -> &str {
        let owner = self.users.iter().find(|user| user.role == Role::Owner);
        owner.map_or("", |user| &user.email)
    }
}

/// The company as it stands.
pub struct Company {
    /// Its settings.
    pub settings: Settings,
    /// The simulated number and the one at the simulated carrier.
    pub channels: [Channel; 2],
    /// Who answers in each team.
    pub agents: HashMap<TeamId, Vec<UserId>>,
    /// Who answers anything.
    pub all_agents: Vec<UserId>,
}

impl Company {
    /// Gives the channel that a customer writes by: every fourth the carrier's.
    pub fn channel_of(&self, person: usize) -> &Channel {
        &self.channels[usize::from(person % 4 == 3)]
    }
}

/// Furnishes an empty store.
pub fn furnish(
    tx: &mut Tx,
    app: &App,
    plan: &Plan,
    (password_hash, secret): (&str, &str),
    now: Time,
) -> anyhow::Result<Company> {
    let founded = now.plus_seconds(-AGE_DAYS * 86_400);
    let (teams, agents, all_agents) = hire(tx, plan, password_hash, founded)?;
    let company = settings_of(plan, teams.get("Front desk").copied());
    settings::put(tx, &company)?;
    let url = app.public_url(&company);
    partners(tx, &url, secret, founded)?;
    for source in FLOWS {
        let definition = flow::Definition::parse(source)
            .map_err(|problems| anyhow::anyhow!("a menu of the demo has mistakes: {problems:?}"))?;
        let first = flows::NewVersion {
            name: &definition.name,
            title: &definition.title,
            source,
            by: None,
        };
        flows::insert(tx, first, true, founded)?;
    }
    for reply in &plan.canned {
        let reply = CannedReply {
            id: CannedId(0),
            shortcut: reply.shortcut.clone(),
            title: reply.title.clone(),
            body: reply.body.clone(),
            team_id: reply.team.as_ref().and_then(|name| teams.get(name)).copied(),
        };
        canned_replies::insert(tx, &reply, founded)?;
    }
    save_views(tx, plan, &teams, founded)?;
    let channels = [
        channel(tx, simulator(), founded)?,
        channel(tx, carrier(&url, secret), founded)?,
    ];
    channel(tx, website_chat(plan), founded)?;
    Ok(Company {
        settings: company,
        channels,
        agents,
        all_agents,
    })
}

type Staff = (HashMap<String, TeamId>, HashMap<TeamId, Vec<UserId>>, Vec<UserId>);

fn hire(tx: &mut Tx, plan: &Plan, password_hash: &str, at: Time) -> anyhow::Result<Staff> {
    let mut teams = HashMap::new();
    let mut members: HashMap<TeamId, Vec<UserId>> = HashMap::new();
    let mut agents = Vec::new();
    for worker in &plan.users {
        let user = users::NewUser {
            email: worker.email.clone(),
            name: worker.name.clone(),
            role: worker.role,
            password_hash: password_hash.to_owned(),
            locale: "en".to_owned(),
        };
        let id = users::insert(tx, &user, at)?.context("two workers have one address")?;
        if worker.role == Role::Agent {
            agents.push(id);
        }
        for name in &worker.teams {
            let team = match teams.get(name) {
                Some(team) => *team,
                None => teams::insert(tx, name, at)?.context("a team has that name")?,
            };
            teams.insert(name.clone(), team);
            members.entry(team).or_default().push(id);
        }
    }
    for (team, members) in &members {
        teams::set_members(tx, *team, members)?;
    }
    // The manager looks after the desk and leaves the answering to the agents.
    members
        .values_mut()
        .for_each(|members| members.retain(|user| agents.contains(user)));
    Ok((teams, members, agents))
}

fn settings_of(plan: &Plan, front_desk: Option<TeamId>) -> Settings {
    let day = vec![(plan.opens.clone(), plan.closes.clone())];
    let week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    Settings {
        company: plan.company.clone(),
        time_zone: plan.time_zone.clone(),
        business_hours: week.map(|name| (name.to_owned(), day.clone())).into(),
        undo_seconds: 5,
        survey: SurveySettings {
            enabled: true,
            delay_seconds: 60,
            text: plan.texts.survey.clone(),
            thanks: plan.texts.thanks.clone(),
        },
        texts: CompanyTexts {
            help: plan.texts.help.clone(),
            opted_out: plan.texts.opted_out.clone(),
            opted_in: plan.texts.opted_in.clone(),
            ..CompanyTexts::default()
        },
        default_team_id: front_desk,
        contact_cost: plan.contact_cost,
        currency: plan.currency.clone(),
        ..Settings::default()
    }
}

fn partners(tx: &mut Tx, url: &str, secret: &str, at: Time) -> store::Result<()> {
    for (name, path) in endpoints::PARTNERS {
        let partner = Partner {
            id: PartnerId(0),
            name: name.to_owned(),
            way: PartnerWay::Webhook,
            address: format!("{url}{path}"),
            secret: secret.to_owned(),
        };
        requests::insert_partner(tx, &partner, at)?;
    }
    Ok(())
}

fn save_views(tx: &mut Tx, plan: &Plan, teams: &HashMap<String, TeamId>, at: Time) -> store::Result<()> {
    for view in &plan.views {
        let filter = Filter {
            team_id: view.team.as_ref().and_then(|name| teams.get(name)).copied(),
            tag: view.tag.clone(),
            waiting: view.waiting,
            ..Filter::default()
        };
        let view = View {
            id: ViewId(0),
            name: view.name.clone(),
            shared: true,
            filter,
        };
        views::insert(tx, &views::Saved { owner: None, view }, at)?;
    }
    Ok(())
}

fn channel(tx: &mut Tx, channel: Channel, at: Time) -> store::Result<Channel> {
    let channel = Channel {
        created_at: at,
        ..channel
    };
    let id = channels::insert(tx, &channel)?;
    Ok(Channel { id, ..channel })
}

fn simulator() -> Channel {
    Channel {
        id: ChannelId(0),
        name: "Texts (simulated)".to_owned(),
        kind: "simulator".to_owned(),
        address: "+12025550199".to_owned(),
        hook: "demo-phone".to_owned(),
        config: serde_json::json!({}),
        team_id: None,
        reopen: ReopenRule::Within,
        reopen_days: 5,
        segments_per_second: 50,
        created_at: Time(0),
        disabled_at: None,
    }
}

/// A number at a service that speaks Twilio's protocol: here one that the demo simulates itself.
fn carrier(url: &str, secret: &str) -> Channel {
    let config = serde_json::json!({
        "account_sid": endpoints::ACCOUNT,
        "auth_token": secret,
        "base_url": format!("{url}{}", endpoints::CARRIER),
    });
    Channel {
        name: "Texts (Twilio)".to_owned(),
        kind: "twilio".to_owned(),
        address: "+13035550199".to_owned(),
        hook: "demo-twilio".to_owned(),
        config,
        ..simulator()
    }
}

/// The chat on the demo company's website. Guests of the history texted; whoever tries the demo chats.
fn website_chat(plan: &Plan) -> Channel {
    let texts = chat::Texts {
        title: plan.company.clone(),
        greeting: plan.texts.greeting.clone(),
        away: plan.texts.away.clone(),
    };
    Channel {
        name: "Website chat".to_owned(),
        kind: ChannelKind::Chat.to_string(),
        address: String::new(),
        hook: "demo-chat".to_owned(),
        config: serde_json::json!({ "texts": texts }),
        ..simulator()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_menus_name_teams_and_partners_that_are_there() {
        let plan = Plan::read().expect("demo/company.toml can be read");
        let teams: Vec<&String> = plan.users.iter().flat_map(|worker| &worker.teams).collect();
        let named = |word: &'static str| {
            let lines = FLOWS.iter().flat_map(|source| source.lines());
            lines.filter_map(move |line| line.trim().strip_prefix(word))
        };
        for team in named("handoff: ") {
            assert!(teams.iter().any(|known| *known == team), "there is no team {team}");
        }
        for partner in named("submit: ") {
            assert!(
                endpoints::PARTNERS.iter().any(|(known, _)| *known == partner),
                "there is no partner {partner}"
            );
        }
    }
}
