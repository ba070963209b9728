//! `cargo xtask test`: every check and every test, step by step, with one plain count at the end.

mod fuzz;
mod run;
mod steps;
mod telling;

use anyhow::{Context, Result, bail};

use crate::counts::Counts;
use crate::tools;
use run::{Outcome, Run};
use steps::{STEPS, Step};

/// Runs the chosen steps and fails when anything failed.
pub fn run(arguments: &[String]) -> Result<()> {
    let Some(Chosen { steps, fuzz_seconds }) = choose(arguments)? else {
        STEPS
            .iter()
            .for_each(|step| println!("{:12} {}", step.name, step.about));
        return Ok(());
    };
    tools::check()?;
    let mut run = Run::new(fuzz_seconds)?;
    steps.iter().for_each(|step| run.step(step));
    let outcomes = run.finish();
    let total = summarize(&outcomes);
    if total.failed > 0 {
        bail!("some tests failed; the logs are in {}", run::logs().display())
    } else {
        Ok(())
    }
}

/// For how long requests are made up that nobody would think of, where nothing else is said.
const FUZZ_SECONDS: u64 = 80;

/// What to run.
struct Chosen {
    steps: Vec<&'static Step>,
    fuzz_seconds: u64,
}

/// What to run, or nothing when the steps shall only be listed.
fn choose(arguments: &[String]) -> Result<Option<Chosen>> {
    let mut steps: Vec<&Step> = STEPS.iter().collect();
    let mut fuzz_seconds = FUZZ_SECONDS;
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--list" => return Ok(None),
            "--only" => {
                let names = step_names(rest.next())?;
                steps.retain(|step| names.contains(&step.name));
            }
            "--skip" => {
                let names = step_names(rest.next())?;
                steps.retain(|step| !names.contains(&step.name));
            }
            "--fuzz-seconds" => {
                let seconds = rest.next().and_then(|seconds| seconds.parse().ok());
                fuzz_seconds = seconds.context("say how many seconds, as in --fuzz-seconds 600")?;
            }
            other => {
                bail!("unknown flag '{other}'; flags are --only STEP,… --skip STEP,… --list --fuzz-seconds N")
            }
        }
    }
    Ok(Some(Chosen { steps, fuzz_seconds }))
}

fn step_names(list: Option<&String>) -> Result<Vec<&'static str>> {
    let Some(list) = list else {
        bail!("name the steps, as in --only rust,browser")
    };
    list.split(',')
        .map(|name| match STEPS.iter().find(|step| step.name == name) {
            Some(step) => Ok(step.name),
            None => bail!("there is no step '{name}'; `cargo xtask test --list` shows them"),
        })
        .collect()
}

/// Prints what became of each step and, as the last line, the sum.
fn summarize(outcomes: &[Outcome]) -> Counts {
    let mut total = Counts::default();
    println!();
    for outcome in outcomes {
        println!(
            "{:12} {:>7.1} s   {}",
            outcome.step,
            outcome.took.as_secs_f64(),
            outcome.counts
        );
        outcome.fault.iter().for_each(|fault| println!("{:12} {fault}", ""));
        total += outcome.counts;
    }
    println!("\n{total}");
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(line: &str) -> Result<Option<Vec<&'static str>>> {
        let arguments: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let chosen = choose(&arguments)?;
        Ok(chosen.map(|chosen| chosen.steps.iter().map(|step| step.name).collect()))
    }

    #[test]
    fn steps_are_chosen_by_name_and_keep_their_order() {
        assert_eq!(names("--only rust,format").unwrap().unwrap(), ["format", "rust"]);
        assert_eq!(
            names("--only format,tidy,rust --skip tidy").unwrap().unwrap(),
            ["format", "rust"]
        );
        assert_eq!(names("").unwrap().unwrap().len(), STEPS.len());
        assert_eq!(names("--list").unwrap(), None);
    }

    #[test]
    fn an_unknown_step_or_flag_is_refused() {
        assert!(names("--only nonsense").is_err());
        assert!(names("--only").is_err());
        assert!(names("--fast").is_err());
        assert!(names("--fuzz-seconds long").is_err());
        assert_eq!(names("--fuzz-seconds 600 --only fuzz").unwrap().unwrap(), ["fuzz"]);
    }
}
