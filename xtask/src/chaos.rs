//! `cargo xtask chaos`: kills the server at random moments while customers text and chat, and proves afterwards that no text
//! was lost and none left twice.
//!
//! The real binary runs on a real database; only Twilio is a mock. A provider repeats what was not acknowledged, as the chat's
//! widget does, and so do the customers here.

mod company;
mod crowd;
mod mock;
mod verdict;
mod visitor;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::chance::Chance;
use crate::desk::Desk;
use crate::postgres::Postgres;
use crate::workspace;

/// How long the last texts may take to leave: longer than a lease that a killed server left behind.
const PATIENCE: Duration = Duration::from_secs(90);

struct Plan {
    kills: usize,
    databases: Vec<&'static str>,
    seed: u64,
}

/// Runs the trial on each database; an error says what was lost or doubled.
pub fn run(arguments: &[String]) -> Result<()> {
    let plan = parse(arguments)?;
    let binary = workspace::build_server(false)?;
    let mut broken = 0;
    for database in &plan.databases {
        let postgres = if *database == "postgres" {
            Some(Postgres::start()?)
        } else {
            None
        };
        let url = postgres.as_ref().map(|postgres| postgres.url().to_owned());
        println!("{database}: seed {}", plan.seed);
        let desk = Desk::new(&binary, url)?;
        broken += trial(desk, &plan)?;
    }
    if broken > 0 {
        bail!("{broken} things are not as they must be (seed {})", plan.seed)
    }
    Ok(())
}

/// Gives how much is wrong after one trial.
fn trial(mut desk: Desk, plan: &Plan) -> Result<usize> {
    let start = Instant::now();
    let mut chance = Chance::new(plan.seed);
    let mock = mock::Mock::start(chance.clone())?;
    desk.start()?;
    let company = company::set_up(&desk, &mock)?;
    let enough = Arc::new(AtomicBool::new(false));
    let crowd = crowd::Crowd::start(desk.address, &company, &enough, &mut chance)?;
    let mut waiting = Vec::new();
    for kill in 0..plan.kills {
        // Something that is due only after the server has died and come back.
        waiting.push(company::Waiting::begin(&desk, &company.hook, kill)?);
        std::thread::sleep(chance.pause(150, 900));
        desk.kill()?;
        std::thread::sleep(chance.pause(20, 120));
        desk.start().with_context(|| format!("after kill {}", kill + 1))?;
    }
    enough.store(true, Ordering::Relaxed);
    let said = crowd.finish()?;
    verdict::wait_until_quiet(&desk, &mock, &waiting, PATIENCE)?;
    let verdict = verdict::judge(&desk, &mock, &said, &waiting)?;
    println!(
        "{} kills, {verdict} ({:.1} s)",
        plan.kills,
        start.elapsed().as_secs_f64()
    );
    verdict.faults.iter().for_each(|fault| println!("  {fault}"));
    Ok(verdict.faults.len())
}

fn parse(arguments: &[String]) -> Result<Plan> {
    let mut plan = Plan {
        kills: 20,
        databases: vec!["sqlite", "postgres"],
        seed: Chance::new_seed(),
    };
    let mut rest = arguments.iter().map(String::as_str);
    while let Some(argument) = rest.next() {
        let value = rest.next().with_context(|| format!("{argument} needs a value"));
        match argument {
            "--kills" => plan.kills = value?.parse().context("--kills needs a number")?,
            "--seed" => plan.seed = value?.parse().context("--seed needs a number")?,
            "--database" => {
                plan.databases = match value? {
                    "sqlite" => vec!["sqlite"],
                    "postgres" => vec!["postgres"],
                    "both" => vec!["sqlite", "postgres"],
                    other => bail!("there is no database '{other}': sqlite, postgres or both"),
                }
            }
            other => bail!("unknown flag '{other}'; flags are --kills N --database sqlite|postgres|both --seed N"),
        }
    }
    Ok(plan)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_say_how_often_and_where() {
        let parse = |line: &str| parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        let plan = parse("--kills 3 --database postgres --seed 7").unwrap();
        assert_eq!(
            (plan.kills, plan.databases.as_slice(), plan.seed),
            (3, ["postgres"].as_slice(), 7)
        );
        assert_eq!(parse("").unwrap().databases.len(), 2);
        assert!(parse("--kills").is_err() && parse("--database oracle").is_err() && parse("--fast 1").is_err());
    }
}
