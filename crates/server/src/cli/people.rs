//! `rapport user add` and `rapport token create`: how the first people and programs come in without a browser.

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use domain::{
    Actor, Event,
    people::{Role, clean_email, password_problem},
};
use store::{
    Tx,
    people::users::{self, NewUser},
    settings,
};

use crate::{
    api::{invitations, tokens},
    app::{App, Shared},
    config::ServeArgs,
    desk::Moment,
    http::problem::Problem,
    people::passwords,
    universe::Universe,
};

/// `rapport user …`
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Invites someone and prints the link to join, or adds them at once with --password-stdin.
    Add(UserArgs),
}

/// Who is added.
#[derive(Debug, Args)]
pub struct UserArgs {
    /// The mail address, typed to sign in.
    email: String,
    /// owner, manager, agent or viewer.
    #[arg(long)]
    role: Role,
    /// The name others read [default: the mail address up to the @].
    #[arg(long)]
    name: Option<String>,
    /// Reads the password from standard input and adds the user without an invitation.
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    serve: ServeArgs,
}

/// `rapport token …`
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Makes an API token and prints it, alone. It is shown this once.
    Create(TokenArgs),
}

/// What the token is for.
#[derive(Debug, Args)]
pub struct TokenArgs {
    /// What it is for.
    name: String,
    /// owner, manager, agent or viewer.
    #[arg(long)]
    role: Role,
    #[command(flatten)]
    serve: ServeArgs,
}

/// Does what was asked about users.
pub fn user(command: UserCommand) -> anyhow::Result<()> {
    let UserCommand::Add(args) = command;
    let password = if args.password_stdin {
        Some(read_password()?)
    } else {
        None
    };
    let app = open(args.serve.clone())?;
    let said = block_on(async {
        match password {
            Some(password) => add(&app, &args, password).await,
            None => invite(&app, &args).await,
        }
    })?;
    println!("{said}");
    Ok(())
}

/// Does what was asked about tokens.
pub fn token(command: TokenCommand) -> anyhow::Result<()> {
    let TokenCommand::Create(args) = command;
    let app = open(args.serve)?;
    let made = block_on(tokens::make(&app, moment(&app), &args.name, args.role))?;
    println!("{}", made.token);
    Ok(())
}

fn open(args: ServeArgs) -> anyhow::Result<Shared> {
    App::open(args.settle(false)?, Universe::system())
}

fn block_on<T, E: Into<anyhow::Error>>(work: impl Future<Output = Result<T, E>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(work).map_err(Into::into)
}

fn moment(app: &App) -> Moment {
    Moment {
        now: app.universe.now(),
        actor: Actor::SYSTEM,
    }
}

fn read_password() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin()
        .read_line(&mut line)
        .context("cannot read the password")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

async fn invite(app: &Shared, args: &UserArgs) -> anyhow::Result<String> {
    let made = invitations::make(app, moment(app), &args.email, args.role).await?;
    Ok(made.link)
}

async fn add(app: &Shared, args: &UserArgs, password: String) -> anyhow::Result<String> {
    let email = clean_email(&args.email).with_context(|| format!("{} is not an email address", args.email))?;
    let settings = app.store.read(settings::get).await?;
    if let Some(problem) = password_problem(&password, &email, &settings.company) {
        bail!("the password {problem}");
    }
    let local = email.split('@').next().unwrap_or_default();
    let user = NewUser {
        name: args.name.clone().unwrap_or_else(|| local.to_owned()),
        role: args.role,
        password_hash: passwords::hash(&password)?,
        locale: settings.locale,
        email,
    };
    let (moment, email) = (moment(app), user.email.clone());
    let write = move |tx: &mut Tx| {
        let taken = || Problem::conflict("conflict", format!("{} works here already", user.email));
        users::insert(tx, &user, moment.now)?.ok_or_else(taken)?;
        let (name, role) = (user.name.clone(), user.role);
        moment.record_for_company(tx, Event::UserJoined { name, role })?;
        Ok::<_, Problem>(())
    };
    app.store.write(write).await?;
    Ok(format!("{email} can sign in"))
}
