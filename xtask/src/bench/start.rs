//! How soon a server answers, and how much memory it holds when nothing happens.

use std::thread::sleep;
use std::time::Duration;

use anyhow::Result;

use super::{Programs, Row, quantile};
use crate::desk::Desk;

const STARTS: usize = 9;

pub fn run(programs: &Programs) -> Result<Vec<Row>> {
    let mut desk = Desk::new(programs.server()?, None)?;
    let mut times = Vec::new();
    for _ in 0..STARTS {
        times.push(desk.start()?.as_secs_f64() * 1000.0);
        desk.kill()?;
    }
    desk.start()?;
    sleep(Duration::from_secs(3));
    let memory = desk.resident_kb()? as f64 / 1024.0;
    times.sort_by(f64::total_cmp);
    Ok(vec![
        Row::at_most("resident memory, idle after start", memory, "MB", (60.0, "≤ 60 MB")),
        Row::at_most(
            "start to first answer, median of 9",
            quantile(&times, 0.5),
            "ms",
            (300.0, "≤ 300 ms"),
        ),
        Row::note(
            "start to first answer, slowest of 9",
            format!("{:.1} ms", quantile(&times, 1.0)),
        ),
    ])
}
