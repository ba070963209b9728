//! The demo company: a hotel and travel firm with its people, menus, customers and months of history.
//!
//! An empty store is filled by the very commands that webhooks, agents and jobs use, only with times in the past. What
//! the firm is made of lies in the folder `demo/` at the root; this room turns it into rows. Nothing outside the demo
//! knows this room, but for the site, which adds the simulated hotel and carrier.

mod card;
mod chance;
mod company;
pub mod crowd;
pub mod endpoints;
mod history;
mod insight;
mod season;
mod stories;

use anyhow::{Context, bail};
use clap::Args;
use store::{Tx, people::users, sources};

use crate::{
    alone,
    app::{App, Shared},
    config::ServeArgs,
    people::passwords,
    serve,
    universe::Universe,
};

/// The most simulated customers.
const MAX_CROWD: usize = 200;

/// What `rapport demo` takes.
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    #[command(flatten)]
    serve: ServeArgs,
    /// How many simulated customers text at a human pace, until the server is stopped (at most 200).
    #[arg(long, default_value_t = 0)]
    crowd: usize,
}

/// Serves the demo company; on an empty store it is made first. Blocks.
pub fn run(args: DemoArgs) -> anyhow::Result<()> {
    let config = args.serve.settle(true)?;
    let _alone = alone::hold(&config)?;
    let app = App::open(config, Universe::system())?;
    serve::block(async move {
        let card = open(&app).await?;
        println!("{card}");
        let crowd = crowd::start(&app, args.crowd.min(MAX_CROWD));
        serve::serve(app).await?;
        crowd.await;
        Ok(())
    })
}

/// Makes the company on an empty store, and writes `demo.json` for where it runs now.
pub async fn open(app: &Shared) -> anyhow::Result<card::Card> {
    let plan = company::Plan::read()?;
    match app.store.read(state).await? {
        State::Empty => make(app, plan.clone()).await.context("making the demo company")?,
        State::Demo => {}
        State::Other => bail!("this store holds a company of its own: give the demo another folder with --data"),
    }
    card::write(app, &plan).await
}

/// What a store holds.
enum State {
    Empty,
    Demo,
    Other,
}

fn state(tx: &mut Tx) -> anyhow::Result<State> {
    if users::owners(tx)? == 0 {
        return Ok(State::Empty);
    }
    let owner = company::Plan::read()?.owner().to_owned();
    Ok(match users::credentials(tx, &owner)? {
        Some(_) => State::Demo,
        None => State::Other,
    })
}

/// Everything in one transaction: a demo that was stopped half-way begins anew.
async fn make(app: &Shared, plan: company::Plan) -> anyhow::Result<()> {
    let (inner, now) = (app.clone(), app.universe.now());
    let password_hash = passwords::hash(&plan.password)?;
    let secret = app.universe.token();
    let keys = season::SOURCES.map(|_| app.universe.token());
    let made = app.store.write(move |tx| {
        let company = company::furnish(tx, &inner, &plan, (&password_hash, &secret), now)?;
        for (name, key) in season::SOURCES.iter().zip(&keys) {
            let source = sources::insert(tx, name, &[], now)?.context("the source is new")?;
            sources::add_key(tx, source, key, now)?;
        }
        history::live(tx, &inner, &company, now)?;
        insight::set_up(tx, &inner, now)
    });
    made.await
}
