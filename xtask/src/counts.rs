//! Reads how many tests passed and failed from what the test runners print.

use std::fmt;
use std::ops::AddAssign;

/// How many tests passed, failed and were skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Tests that passed.
    pub passed: usize,
    /// Tests that failed, and what could not run because of it.
    pub failed: usize,
    /// Tests that their runner left out.
    pub skipped: usize,
}

impl Counts {
    /// One check that passed.
    pub const PASS: Counts = Counts {
        passed: 1,
        failed: 0,
        skipped: 0,
    };
    /// One check that failed.
    pub const FAIL: Counts = Counts {
        passed: 0,
        failed: 1,
        skipped: 0,
    };

    /// Gives both together.
    pub fn and(self, more: Counts) -> Counts {
        Counts {
            passed: self.passed + more.passed,
            failed: self.failed + more.failed,
            skipped: self.skipped + more.skipped,
        }
    }

    fn add(&mut self, number: usize, word: &str) {
        match word {
            "passed" => self.passed += number,
            // A test that passes only sometimes tells nothing: it counts as failed.
            "failed" | "flaky" | "interrupted" => self.failed += number,
            "skipped" | "ignored" | "todo" | "did not run" => self.skipped += number,
            _ => {}
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)
        } else {
            Ok(())
        }
    }
}

/// A program whose closing lines say how many tests it ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runner {
    /// `cargo test`: one `test result:` line a binary.
    Cargo,
    /// Vitest: one `Tests` line at the end.
    Vitest,
    /// Playwright: one line a word at the end.
    Playwright,
}

impl Runner {
    /// Adds what one line of the runner's output says.
    pub fn read(self, line: &str, counts: &mut Counts) {
        let line = line.trim();
        match self {
            Runner::Cargo => {
                let Some((_, numbers)) = line
                    .strip_prefix("test result: ")
                    .and_then(|rest| rest.split_once(". "))
                else {
                    return;
                };
                numbers.split("; ").for_each(|part| read_part(part, counts));
            }
            Runner::Vitest => {
                let Some(numbers) = line.strip_prefix("Tests ") else {
                    return;
                };
                let numbers = numbers.split(" (").next().unwrap_or_default();
                numbers.split('|').for_each(|part| read_part(part, counts));
            }
            Runner::Playwright => read_part(line.split(" (").next().unwrap_or_default(), counts),
        }
    }
}

fn read_part(part: &str, counts: &mut Counts) {
    if let Some((number, word)) = part.trim().split_once(' ')
        && let Ok(number) = number.parse()
    {
        counts.add(number, word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(runner: Runner, output: &str) -> (usize, usize, usize) {
        let mut counts = Counts::default();
        output.lines().for_each(|line| runner.read(line, &mut counts));
        (counts.passed, counts.failed, counts.skipped)
    }

    #[test]
    fn cargo_binaries_are_added_up() {
        let output = "
running 3 tests
test a::b ... ok
test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s
test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 7 filtered out; finished in 1.20s";
        assert_eq!(read(Runner::Cargo, output), (15, 2, 1));
    }

    #[test]
    fn vitest_counts_tests_and_not_files() {
        let output = "
 Test Files  1 failed | 2 passed (3)
      Tests  3 failed | 12 passed | 1 skipped | 1 todo (17)
   Start at  10:00:00";
        assert_eq!(read(Runner::Vitest, output), (12, 3, 2));
    }

    #[test]
    fn playwright_counts_only_its_closing_lines() {
        let output = "
Running 8 tests using 2 workers
  ✓  1 inbox.spec.ts:3:1 › 5 passed through (1.0s)
  1 failed
    inbox.spec.ts:9:1 › opens ──────
  1 flaky
  2 skipped
  1 did not run
  3 passed (3.4s)";
        assert_eq!(read(Runner::Playwright, output), (3, 2, 3));
    }

    #[test]
    fn the_closing_line_names_skipped_tests_only_where_there_are_some() {
        assert_eq!(
            Counts {
                passed: 4,
                failed: 0,
                skipped: 0
            }
            .to_string(),
            "4 passed, 0 failed"
        );
        assert_eq!(
            Counts {
                passed: 4,
                failed: 1,
                skipped: 2
            }
            .to_string(),
            "4 passed, 1 failed, 2 skipped"
        );
    }
}
