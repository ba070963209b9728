//! The steps of a test run, in the order they run: quick ones first, each after what it needs.

use anyhow::Result;

use super::run::{self, Run};
use super::{fuzz, telling};
use crate::counts::{Counts, Runner};
use crate::server::Server;
use crate::web::{self, Work};
use crate::{api, chaos, tidy, tools, workspace};

/// One step of a test run.
pub struct Step {
    /// How `--only` and `--skip` call it.
    pub name: &'static str,
    /// What it does, in a few words.
    pub about: &'static str,
    /// Steps without which it cannot succeed.
    pub needs: &'static [&'static str],
    /// Does it, and gives what it counted.
    pub run: fn(&mut Run) -> Result<Counts>,
}

/// Every step.
pub const STEPS: &[Step] = &[
    Step {
        name: "format",
        about: "Rust sources are formatted",
        needs: &[],
        run: format,
    },
    Step {
        name: "tidy",
        about: "rules that no compiler knows",
        needs: &[],
        run: tidy,
    },
    Step {
        name: "web-install",
        about: "the web app's packages",
        needs: &[],
        run: web_install,
    },
    Step {
        name: "web-check",
        about: "the web app's types and style",
        needs: &["web-install"],
        run: web_check,
    },
    Step {
        name: "web-unit",
        about: "the web app's unit tests",
        needs: &["web-install"],
        run: web_unit,
    },
    Step {
        name: "web-build",
        about: "the web app as the server carries it",
        needs: &["web-install"],
        run: web_build,
    },
    Step {
        name: "lint",
        about: "clippy finds nothing",
        needs: &[],
        run: lint,
    },
    Step {
        name: "rust",
        about: "every crate's tests, on SQLite and PostgreSQL",
        needs: &[],
        run: rust,
    },
    Step {
        name: "crash",
        about: "nothing is lost or doubled when the server is killed",
        needs: &[],
        run: crash,
    },
    Step {
        name: "api",
        about: "server and web client agree on the API",
        needs: &["web-install"],
        run: api_drift,
    },
    Step {
        name: "python",
        about: "the published library for Python tells the server",
        needs: &[],
        run: telling::python,
    },
    Step {
        name: "fuzz",
        about: "no request makes the server fail",
        needs: &[],
        run: fuzz::fuzz,
    },
    Step {
        name: "browser",
        about: "people's journeys in a real browser",
        needs: &["web-build"],
        run: browser,
    },
    Step {
        name: "shared",
        about: "extra runs over real data beside the repository",
        needs: &[],
        run: shared,
    },
];

fn format(run: &mut Run) -> Result<Counts> {
    run.check(workspace::cargo(&["fmt", "--all", "--check"]))
}

fn tidy(_: &mut Run) -> Result<Counts> {
    tidy::check()?;
    Ok(Counts::PASS)
}

fn lint(run: &mut Run) -> Result<Counts> {
    run.check(workspace::cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))
}

fn web_install(run: &mut Run) -> Result<Counts> {
    web_work(run, Work::Install)
}

fn web_build(run: &mut Run) -> Result<Counts> {
    web_work(run, Work::Build)
}

fn web_work(run: &Run, work: Work) -> Result<Counts> {
    match work.due()? {
        None => println!("nothing has changed"),
        Some(command) => {
            run.check(command)?;
            work.done()?;
        }
    }
    Ok(Counts::PASS)
}

fn web_check(run: &mut Run) -> Result<Counts> {
    let mut counts = run.check(web::npm(&["run", "check"]))?;
    counts += run.check(web::npm_of_widget(&["run", "check"]))?;
    if web::has_script("lint")? {
        counts += run.check(web::npm(&["run", "lint"]))?;
    }
    Ok(counts)
}

fn web_unit(run: &mut Run) -> Result<Counts> {
    let app = run.count(Runner::Vitest, web::npm(&["run", "test"]))?;
    Ok(app.and(run.count(Runner::Vitest, web::npm_of_widget(&["run", "test"]))?))
}

fn rust(run: &mut Run) -> Result<Counts> {
    let mut command = workspace::cargo(&["test", "--workspace", "--no-fail-fast"]);
    // With the second variable a test that finds no PostgreSQL fails; without it, it would leave that database out.
    command
        .env("RAPPORT_TEST_POSTGRES", run.postgres()?)
        .env("RAPPORT_REQUIRE_POSTGRES", "1");
    run.count(Runner::Cargo, command)
}

fn crash(_: &mut Run) -> Result<Counts> {
    chaos::run(&["--kills".to_owned(), "3".to_owned()])?;
    Ok(Counts::PASS)
}

fn api_drift(_: &mut Run) -> Result<Counts> {
    api::check_drift(&workspace::build_server(false)?)?;
    Ok(Counts::PASS)
}

fn browser(run: &mut Run) -> Result<Counts> {
    let chromium = tools::ensure("Chromium", "chromium", || {
        tools::find("chromium").or_else(|| tools::find("google-chrome"))
    })?;
    let binary = workspace::build_server(false)?;
    let server = Server::start_demo(&binary, &run::logs().join("browser-server.log"))?;
    let mut command = web::npm(&["run", "e2e", "--", "--reporter=list"]);
    command
        .env("RAPPORT_BIN", &binary)
        .env("RAPPORT_URL", server.url())
        .env("RAPPORT_DEMO", server.demo_file())
        .env("CHROMIUM", chromium);
    run.count(Runner::Playwright, command)
}

fn shared(run: &mut Run) -> Result<Counts> {
    let folder = workspace::root().join("../shared/data");
    if !folder.is_dir() {
        println!("../shared/data is not there: the extra runs over it are left out");
        return Ok(Counts::default());
    }
    let mut counts = Counts::default();
    for (package, target, filter) in [
        ("domain", "shared_data", ""),
        ("mail", "shared_data", ""),
        ("rapport", "it", "real_"),
    ] {
        let arguments = [
            "test",
            "--package",
            package,
            "--features",
            "shared-data",
            "--test",
            target,
            filter,
        ];
        let arguments: Vec<&str> = arguments.into_iter().filter(|argument| !argument.is_empty()).collect();
        let mut command = workspace::cargo(&arguments);
        command
            .env("RAPPORT_SHARED_DATA", &folder)
            .env("RAPPORT_TEST_POSTGRES", run.postgres()?)
            .env("RAPPORT_REQUIRE_POSTGRES", "1");
        counts = counts.and(run.count(Runner::Cargo, command)?);
    }
    Ok(counts)
}
