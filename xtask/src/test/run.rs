//! One run of the tests: starts what the steps share, measures each step and keeps what became of it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::steps::Step;
use crate::counts::{Counts, Runner};
use crate::postgres::Postgres;
use crate::{process, workspace};

/// What became of one step.
pub struct Outcome {
    /// The step's name.
    pub step: &'static str,
    /// How long it took.
    pub took: Duration,
    /// What it counted.
    pub counts: Counts,
    /// Why it failed, where the counts alone do not say.
    pub fault: Option<String>,
}

/// A run under way.
pub struct Run {
    outcomes: Vec<Outcome>,
    postgres: Option<Postgres>,
    step: &'static str,
    /// For how long requests are made up that nobody would think of.
    pub fuzz_seconds: u64,
}

/// The folder that keeps every step's output.
pub fn logs() -> PathBuf {
    workspace::target_dir().join("xtask-logs")
}

impl Run {
    /// Begins a run with no logs from an earlier one.
    pub fn new(fuzz_seconds: u64) -> Result<Run> {
        if logs().exists() {
            fs::remove_dir_all(logs())?;
        }
        fs::create_dir_all(logs())?;
        Ok(Run {
            outcomes: Vec::new(),
            postgres: None,
            step: "",
            fuzz_seconds,
        })
    }

    /// Runs one step, unless a step it needs has failed: then it fails with it.
    pub fn step(&mut self, step: &'static Step) {
        println!("\n=== {}: {}", step.name, step.about);
        self.step = step.name;
        let start = Instant::now();
        let result = match self.failed_among(step.needs) {
            Some(need) => Err(anyhow::anyhow!("not run, because the step '{need}' failed")),
            None => (step.run)(self),
        };
        let (counts, fault) = match result {
            Ok(counts) => (counts, None),
            Err(error) => (Counts::FAIL, Some(format!("{error:#}"))),
        };
        fault.iter().for_each(|fault| println!("{}: {fault}", step.name));
        self.outcomes.push(Outcome {
            step: step.name,
            took: start.elapsed(),
            counts,
            fault,
        });
    }

    /// Ends the run and gives what became of its steps.
    pub fn finish(self) -> Vec<Outcome> {
        self.outcomes
    }

    /// The address of the run's own PostgreSQL, started when a step first asks.
    pub fn postgres(&mut self) -> Result<String> {
        if self.postgres.is_none() {
            self.postgres = Some(Postgres::start()?);
        }
        Ok(self.postgres.as_ref().expect("started above").url().to_owned())
    }

    /// Runs a command that either succeeds or fails as a whole.
    pub fn check(&self, command: Command) -> Result<Counts> {
        let described = describe(&command);
        if !process::stream(command, &self.log(), |_| {})?.success() {
            bail!("`{described}` failed");
        }
        Ok(Counts::PASS)
    }

    /// Runs a command that prints how many tests it ran.
    pub fn count(&self, runner: Runner, command: Command) -> Result<Counts> {
        let described = describe(&command);
        let mut counts = Counts::default();
        let status = process::stream(command, &self.log(), |line| runner.read(line, &mut counts))?;
        if status.success() && counts == Counts::default() {
            bail!("`{described}` ran no test");
        }
        if !status.success() && counts.failed == 0 {
            // It broke off before it could count: a build error, a crash, a server that did not start.
            println!("`{described}` failed without naming a test");
            counts += Counts::FAIL;
        }
        Ok(counts)
    }

    fn failed_among(&self, needs: &[&str]) -> Option<&'static str> {
        let failed = self
            .outcomes
            .iter()
            .find(|outcome| outcome.counts.failed > 0 && needs.contains(&outcome.step))?;
        Some(failed.step)
    }

    fn log(&self) -> PathBuf {
        logs().join(format!("{}.log", self.step))
    }
}

fn describe(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    command
        .get_args()
        .fold(program.to_string_lossy().into_owned(), |line, word| {
            format!("{line} {}", word.display())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    fn run() -> Run {
        fs::create_dir_all(logs()).unwrap();
        Run {
            outcomes: Vec::new(),
            postgres: None,
            step: "xtask-run-tests",
            fuzz_seconds: 0,
        }
    }

    #[test]
    fn a_runner_that_breaks_off_has_failed() {
        let broke = run()
            .count(Runner::Cargo, shell("echo 'error: could not compile'; exit 101"))
            .unwrap();
        assert_eq!(broke, Counts::FAIL);
        let line = "test result: ok. 2 passed; 0 failed; 0 ignored";
        let after_some = run()
            .count(Runner::Cargo, shell(&format!("echo '{line}'; exit 1")))
            .unwrap();
        assert_eq!(
            after_some,
            Counts {
                passed: 2,
                failed: 1,
                skipped: 0
            }
        );
    }

    #[test]
    fn a_runner_that_ran_nothing_has_failed() {
        assert!(run().count(Runner::Vitest, shell("echo 'no test files'")).is_err());
        assert!(run().check(shell("exit 2")).is_err());
    }

    #[test]
    fn a_step_fails_with_the_step_it_needs() {
        const FIRST: Step = Step {
            name: "first",
            about: "",
            needs: &[],
            run: |_| bail!("broken"),
        };
        const SECOND: Step = Step {
            name: "second",
            about: "",
            needs: &["first"],
            run: |_| Ok(Counts::PASS),
        };
        const THIRD: Step = Step {
            name: "third",
            about: "",
            needs: &[],
            run: |_| Ok(Counts::PASS),
        };
        let mut run = run();
        [&FIRST, &SECOND, &THIRD].into_iter().for_each(|step| run.step(step));
        let failed: Vec<usize> = run.finish().iter().map(|outcome| outcome.counts.failed).collect();
        assert_eq!(failed, [1, 1, 0]);
    }
}
