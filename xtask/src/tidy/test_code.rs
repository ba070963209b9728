//! What tests must not do: sleep, or be left out.

use super::Finding;
use super::rust_source::{Keep, line_of, mask};
use super::tree::{File, Tree};

const SLEEPS: [&str; 3] = ["thread::sleep", "time::sleep", "waitForTimeout("];

const LEFT_OUT: [&str; 7] = [
    "#[ignore",
    "test.skip(",
    "test.only(",
    "test.fixme(",
    "describe.skip(",
    "describe.only(",
    "it.skip(",
];

/// A test waits for what it needs; one that sleeps is slow on a good day and wrong on a bad one.
pub fn tests_do_not_sleep(tree: &Tree) -> Vec<Finding> {
    named_in_tests(tree, &SLEEPS, "a test sleeps: wait for what it needs instead")
}

/// A test that does not run says nothing.
pub fn tests_are_not_left_out(tree: &Tree) -> Vec<Finding> {
    named_in_tests(tree, &LEFT_OUT, "a test is left out: repair it or delete it")
}

fn named_in_tests(tree: &Tree, phrases: &[&str], message: &str) -> Vec<Finding> {
    let files = tree.ending(".rs").chain(tree.ending(".ts"));
    files
        .flat_map(|file| {
            let is_rust = file.path.ends_with(".rs");
            let code = if is_rust {
                mask(&file.text, Keep::Code)
            } else {
                file.text.clone()
            };
            let start = test_code_start(file, &code);
            let found = phrases.iter().flat_map(|phrase| code[start..].match_indices(phrase));
            let mut lines: Vec<usize> = found.map(|(at, _)| line_of(&code, start + at)).collect();
            lines.sort_unstable();
            lines
                .into_iter()
                .map(|line| Finding::new(&file.path, line, message))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Where the tests of a file begin: at its start in a test file, else at its test module, else at its end.
fn test_code_start(file: &File, code: &str) -> usize {
    let is_test_file = file.path.contains("/tests/")
        || file.path.ends_with("/tests.rs")
        || file.path.ends_with(".test.ts")
        || file.path.ends_with(".spec.ts");
    if is_test_file {
        0
    } else {
        code.find("#[cfg(test)]\nmod ").unwrap_or(code.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(rule: fn(&Tree) -> Vec<Finding>, path: &str, text: &str) -> Vec<usize> {
        rule(&Tree::of(&[(path, text)]))
            .iter()
            .map(|finding| finding.line)
            .collect()
    }

    #[test]
    fn sleeping_is_found_in_tests_and_allowed_elsewhere() {
        let source = "fn wait() { std::thread::sleep(d); }\n#[cfg(test)]\nmod tests {\n    fn t() { tokio::time::sleep(d); }\n}\n";
        assert_eq!(lines(tests_do_not_sleep, "crates/a/src/a.rs", source), [4]);
        assert_eq!(lines(tests_do_not_sleep, "crates/a/tests/it/a.rs", source), [1, 4]);
        assert_eq!(
            lines(
                tests_do_not_sleep,
                "web/e2e/a.spec.ts",
                "await page.waitForTimeout(500);"
            ),
            [1]
        );
    }

    #[test]
    fn a_left_out_test_is_found() {
        let source = "#[cfg(test)]\nmod tests {\n    #[test]\n    #[ignore = \"slow\"]\n    fn t() {}\n}\n";
        assert_eq!(lines(tests_are_not_left_out, "crates/a/src/a.rs", source), [4]);
        assert_eq!(
            lines(
                tests_are_not_left_out,
                "web/src/a.test.ts",
                "describe.only('a', () => {});"
            ),
            [1]
        );
        assert_eq!(
            lines(tests_are_not_left_out, "crates/a/src/a.rs", "// #[ignore]\n"),
            Vec::<usize>::new()
        );
    }
}
