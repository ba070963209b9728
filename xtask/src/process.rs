//! Runs a program with its output shown, kept in a log file and read line by line, all at once.

use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result};

/// Runs `command` to its end; every line of its output is printed, appended to `log` and given to `on_line`.
pub fn stream(mut command: Command, log: &Path, mut on_line: impl FnMut(&str)) -> Result<ExitStatus> {
    let mut log = File::options()
        .create(true)
        .append(true)
        .open(log)
        .with_context(|| format!("{}", log.display()))?;
    let program = command.get_program().to_string_lossy().into_owned();
    if std::io::stdout().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always").env("FORCE_COLOR", "1");
    }
    // One pipe for both streams keeps their lines in the order they were written.
    let (reader, writer) = std::io::pipe()?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .spawn()
        .with_context(|| format!("cannot start '{program}'"))?;
    // The command holds the pipe's other end: as long as it lives, the pipe never closes.
    drop(command);

    let mut reader = BufReader::new(reader);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        print!("{}", String::from_utf8_lossy(&line));
        log.write_all(&line)?;
        on_line(&plain(&line));
        line.clear();
    }
    Ok(child.wait()?)
}

/// A line as text, without its end and without colours.
fn plain(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let mut parts = text.trim_end().split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part
            .find(|c: char| c.is_ascii_alphabetic())
            .map_or(part.len(), |end| end + 1);
        plain.push_str(&part[code..]);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_taken_out_of_a_line() {
        assert_eq!(
            plain(b"\x1b[2m  Tests \x1b[22m \x1b[1m\x1b[32m3 passed\x1b[39m (3)\n"),
            "  Tests  3 passed (3)"
        );
    }

    #[test]
    fn both_streams_are_read_and_logged_in_order() {
        let log = std::env::temp_dir().join(format!("xtask-stream-{}.log", std::process::id()));
        let mut command = Command::new("sh");
        command.args(["-c", "echo one; echo two >&2; echo three; exit 3"]);
        let mut lines = Vec::new();
        let status = stream(command, &log, |line| lines.push(line.to_owned())).unwrap();
        let logged = std::fs::read_to_string(&log).unwrap();
        std::fs::remove_file(&log).unwrap();
        assert_eq!(lines, ["one", "two", "three"]);
        assert_eq!(logged, "one\ntwo\nthree\n");
        assert_eq!(status.code(), Some(3));
    }
}
