//! Sizes that are over their limit for now. The list may only shrink: an entry that is larger than what it excuses fails.

use super::{EXCEPTIONS, Excess, Finding};

struct Entry<'a> {
    line: usize,
    path: &'a str,
    excess: Excess,
}

/// Takes out what the list excuses, and adds what is wrong with the list.
///
/// An entry is a line `PATH file LINES` or `PATH FUNCTION LINES`; `#` begins a comment.
pub fn apply(findings: Vec<Finding>, list: &str) -> Vec<Finding> {
    let mut wrong = Vec::new();
    let mut entries = Vec::new();
    for (index, line) in list.lines().enumerate() {
        let words: Vec<&str> = line.split('#').next().unwrap_or_default().split_whitespace().collect();
        match words[..] {
            [] => {}
            [path, what, lines] if lines.parse::<usize>().is_ok() => {
                let lines = lines.parse().expect("checked above");
                entries.push(Entry {
                    line: index + 1,
                    path,
                    excess: Excess {
                        what: what.to_owned(),
                        lines,
                    },
                });
            }
            _ => wrong.push(Finding::new(
                EXCEPTIONS,
                index + 1,
                "is not `PATH file LINES` or `PATH FUNCTION LINES`",
            )),
        }
    }
    wrong.extend(entries.iter().filter_map(|entry| check_entry(entry, &findings)));
    let is_excused = |finding: &Finding| entries.iter().any(|entry| excuses(entry, finding));
    findings
        .into_iter()
        .filter(|finding| !is_excused(finding))
        .chain(wrong)
        .collect()
}

fn concerns(entry: &Entry, finding: &Finding) -> bool {
    entry.path == finding.path
        && finding
            .excess
            .as_ref()
            .is_some_and(|excess| excess.what == entry.excess.what)
}

fn excuses(entry: &Entry, finding: &Finding) -> bool {
    concerns(entry, finding)
        && finding
            .excess
            .as_ref()
            .is_some_and(|excess| excess.lines <= entry.excess.lines)
}

fn check_entry(entry: &Entry, findings: &[Finding]) -> Option<Finding> {
    let sizes = findings
        .iter()
        .filter(|finding| concerns(entry, finding))
        .filter_map(|finding| finding.excess.as_ref());
    match sizes.map(|excess| excess.lines).max() {
        None => Some(Finding::new(
            EXCEPTIONS,
            entry.line,
            "is no longer needed: remove the entry",
        )),
        Some(lines) if lines < entry.excess.lines => Some(Finding::new(
            EXCEPTIONS,
            entry.line,
            format!("excuses more than is there: lower it to {lines}"),
        )),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left_over(lines: Option<usize>, list: &str) -> Vec<String> {
        let finding = |lines| Finding {
            excess: Some(Excess {
                what: "file".to_owned(),
                lines,
            }),
            ..Finding::new("crates/a/src/a.rs", 0, "is long")
        };
        apply(lines.map(finding).into_iter().collect(), list)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn an_entry_excuses_exactly_what_it_names() {
        assert_eq!(
            left_over(Some(620), "# why\ncrates/a/src/a.rs file 620 # until split\n"),
            Vec::<String>::new()
        );
        assert_eq!(
            left_over(Some(621), "crates/a/src/a.rs file 620\n"),
            ["crates/a/src/a.rs: is long"]
        );
        assert_eq!(left_over(Some(620), "crates/a/src/b.rs file 620\n").len(), 2);
    }

    #[test]
    fn the_list_may_only_shrink() {
        let lower = "xtask/tidy-exceptions.txt:1: excuses more than is there: lower it to 600";
        assert_eq!(left_over(Some(600), "crates/a/src/a.rs file 620"), [lower]);
        let remove = "xtask/tidy-exceptions.txt:1: is no longer needed: remove the entry";
        assert_eq!(left_over(None, "crates/a/src/a.rs file 620"), [remove]);
        assert_eq!(left_over(None, "crates/a/src/a.rs file").len(), 1);
    }
}
