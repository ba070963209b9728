//! How long a file and a function may be.

use super::rust_source::{Keep, functions, mask};
use super::tree::{File, Tree};
use super::{Excess, Finding};

/// Lines a file may have, by the end of its name.
const FILE_LIMITS: [(&str, usize); 3] = [(".rs", 500), (".svelte", 400), (".ts", 400)];

/// Lines a Rust function may have.
const FUNCTION_LIMIT: usize = 70;

/// Files that a program writes.
const GENERATED: [&str; 1] = ["web/src/lib/api/schema.d.ts"];

/// No file and no function is longer than its limit.
pub fn files_and_functions_are_small(tree: &Tree) -> Vec<Finding> {
    let files = FILE_LIMITS.iter().flat_map(|(end, limit)| {
        let written = tree.ending(end).filter(|file| !GENERATED.contains(&file.path.as_str()));
        written.filter_map(|file| check_file(file, *limit))
    });
    files.chain(tree.ending(".rs").flat_map(check_functions)).collect()
}

fn check_file(file: &File, limit: usize) -> Option<Finding> {
    let lines = file.text.lines().count();
    let finding = Finding::new(&file.path, 0, format!("has {lines} lines; split it below {limit}"));
    (lines > limit).then(|| Finding {
        excess: Some(Excess {
            what: "file".to_owned(),
            lines,
        }),
        ..finding
    })
}

fn check_functions(file: &File) -> Vec<Finding> {
    let long = functions(&mask(&file.text, Keep::Code))
        .into_iter()
        .filter(|function| function.lines > FUNCTION_LIMIT);
    long.map(|function| {
        let message = format!(
            "fn {} has {} lines; split it below {FUNCTION_LIMIT}",
            function.name, function.lines
        );
        let excess = Excess {
            what: function.name,
            lines: function.lines,
        };
        Finding {
            excess: Some(excess),
            ..Finding::new(&file.path, function.line, message)
        }
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_is_found() {
        let long = "x\n".repeat(401);
        let tree = Tree::of(&[
            ("web/src/a.ts", &long),
            ("web/src/lib/api/schema.d.ts", &long),
            ("crates/a/src/a.rs", &long),
        ]);
        let found: Vec<_> = files_and_functions_are_small(&tree)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(found, ["web/src/a.ts: has 401 lines; split it below 400"]);
    }

    #[test]
    fn a_long_function_is_found() {
        let body = "    x;\n".repeat(69);
        let tree = Tree::of(&[(
            "crates/a/src/a.rs",
            &format!("fn short() {{\n}}\nfn long() {{\n{body}}}\n"),
        )]);
        let found: Vec<_> = files_and_functions_are_small(&tree)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(found, ["crates/a/src/a.rs:3: fn long has 71 lines; split it below 70"]);
    }
}
