//! Times the kernels for `cargo xtask bench journey`: makes events from a seed, saves them as Parquet, reads them back, and
//! prints, as one line of JSON, what each kernel took and what it found.
//!
//! `bench EVENTS CUSTOMERS FOLDER [MEMORY_MB]`

use std::path::Path;
use std::time::Instant;

use domain::CustomerId;
use journey::*;
use serde_json::{Value, json};

const TOUCHPOINTS: usize = 30;
const DAY_MS: i64 = 86_400_000;
/// 2026-01-01.
const START_MS: i64 = 1_767_225_600_000;
const WINDOW_MS: i64 = 14 * DAY_MS;
const FUNNEL: [u16; 5] = [0, 3, 7, 12, 20];
/// The touchpoint that is taken for a call for help.
const CONTACT: u16 = 29;
const RUNS: usize = 9;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [events, customers, folder, memory @ ..] = &arguments[..] else {
        panic!("bench EVENTS CUSTOMERS FOLDER [MEMORY_MB]");
    };
    let (events, customers): (u64, u64) = (
        events.parse().expect("a number of events"),
        customers.parse().expect("a number of customers"),
    );
    rayon::ThreadPoolBuilder::new()
        .num_threads(2)
        .build_global()
        .expect("the pool is made once");
    let start = Instant::now();
    let mut log = make(events, customers);
    let made_s = start.elapsed().as_secs_f64();
    let folder = Path::new(folder);
    let start = Instant::now();
    let saved = write(&log, folder);
    let saved_s = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let memory = memory
        .first()
        .map(|megabytes| megabytes.parse::<usize>().expect("a number of megabytes") << 20);
    log = Log::open(folder, &saved, memory.unwrap_or(usize::MAX)).expect("what was written can be read");
    let opened_s = start.elapsed().as_secs_f64();
    let result = json!({
        "events": log.len(),
        "customers": log.customers(),
        "made_s": made_s,
        "saved_s": saved_s,
        "opened_s": opened_s,
        "log_mb": log.size() as f64 / 1e6,
        "funnel": FUNNEL,
        "window_ms": WINDOW_MS,
        "bounds": bounds(),
        "contact": CONTACT,
        "horizon_ms": friction_query().horizon_ms,
        "kernels": kernels(&log),
        "peak_mb": peak_mb(),
    });
    println!("{result}");
}

/// Steps of a random walk: from each touchpoint some are likely and most are not, and the times between spread widely.
fn make(events: u64, customers: u64) -> Log {
    let mut log = Log::new(TOUCHPOINTS);
    let mut chance = Chance(7);
    let mut made = 0;
    let mut batch = Vec::with_capacity(1 << 20);
    for customer in 0..customers {
        // What is left is dealt evenly, so that the sum is met; most have few events and some have many.
        let mean = (events - made) / (customers - customer);
        let many = if customer + 1 == customers {
            mean
        } else {
            (chance.below(mean.max(1)) + chance.below(mean.max(1)) + 1).min(events - made)
        };
        let mut touchpoint = chance.below(4) as u16;
        let mut time = START_MS + chance.below(90 * DAY_MS as u64) as i64;
        for _ in 0..many {
            batch.push((CustomerId(customer as i64), Touchpoint(touchpoint), time));
            let jump = [1, 3, 4, 5, 8, 13, 2, 29][(chance.below(64) as f64).sqrt() as usize];
            touchpoint = ((u64::from(touchpoint) + jump) % TOUCHPOINTS as u64) as u16;
            let most = 1 << (10 + chance.below(20));
            time += 1 + chance.below(most) as i64;
        }
        made += many;
        if batch.len() > (1 << 20) - 1_000 || customer + 1 == customers {
            log.add(&batch);
            batch.clear();
        }
    }
    log
}

/// Numbers that look like chance and are the same every time (SplitMix64, Steele et al. 2014).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ mixed >> 31) % end
    }
}

fn write(log: &Log, folder: &Path) -> Saved {
    std::fs::create_dir_all(folder).expect("the folder can be made");
    log.save(folder).expect("the files can be written")
}

fn bounds() -> Vec<i64> {
    (0..13).map(|week| START_MS + week * 7 * DAY_MS).collect()
}

/// Five stages of six touchpoints.
fn friction_query() -> FrictionQuery {
    let contacts = [Touchpoint(CONTACT)].into_iter().collect();
    let stages = (0..TOUCHPOINTS).map(|number| Some((number / 6) as u8)).collect();
    FrictionQuery::new(contacts, stages, i64::MAX / 2)
}

fn kernels(log: &Log) -> Value {
    let filter = Filter::default;
    let counts = MapQuery {
        filter: filter(),
        durations: false,
    };
    let timed = MapQuery {
        filter: filter(),
        durations: true,
    };
    let step = |touchpoint: &u16| FunnelStep {
        touchpoints: [Touchpoint(*touchpoint)].into_iter().collect(),
        is_optional: false,
    };
    let funnel_query = FunnelQuery {
        filter: filter(),
        steps: FUNNEL.iter().map(step).collect(),
        order: FunnelOrder::Ordered,
        window_ms: WINDOW_MS,
        exclusions: Vec::new(),
        breakdown: FunnelBreakdown::None,
        durations: false,
    };
    let funnel_timed = FunnelQuery {
        durations: true,
        ..funnel_query.clone()
    };
    let path_query = PathsQuery {
        filter: filter(),
        anchor: PathAnchor::Start,
        pause_ms: None,
        collapses_repeats: false,
        steps: 5,
        limit: TOUCHPOINTS,
    };
    let retention_query = RetentionQuery {
        filter: filter(),
        starts: None,
        returns: None,
        bounds: bounds(),
        cohort: RetentionCohortRule::FirstEver,
        rolling_ms: None,
        minimum: 1,
        or_later: false,
        now: i64::MAX,
    };
    let variants_query = VariantsQuery {
        filter: filter(),
        collapses_repeats: false,
        limit: 100,
    };
    let mut kernels = json!({
        "map_counts": timed_run(|| map(log, &counts)),
        "map_durations": timed_run(|| map(log, &timed)),
        "funnel": timed_run(|| funnel(log, &funnel_query)),
        "funnel_durations": timed_run(|| funnel(log, &funnel_timed)),
        "paths": timed_run(|| paths(log, &path_query)),
        "retention": timed_run(|| retention(log, &retention_query)),
        "variants": timed_run(|| variants(log, &variants_query)),
    });
    // It takes some passes for each touchpoint that it finds something about: minutes where there are more events.
    if log.len() <= 10_000_000 {
        kernels["friction"] = timed_runs(3, || friction(log, &friction_query()));
    }
    kernels
}

fn timed_run<R: serde::Serialize>(kernel: impl Fn() -> R) -> Value {
    timed_runs(RUNS, kernel)
}

/// Runs a kernel once to warm up and so many times more; gives the median time and what came out.
fn timed_runs<R: serde::Serialize>(runs: usize, kernel: impl Fn() -> R) -> Value {
    let mut result = kernel();
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            result = kernel();
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    json!({ "seconds": times[runs / 2], "best": times[0], "result": result })
}

/// The most memory that this process has had, where the system tells.
fn peak_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim()
        .trim_end_matches(" kB")
        .parse::<f64>()
        .ok()
        .map(|kilobytes| kilobytes / 1e3)
}
