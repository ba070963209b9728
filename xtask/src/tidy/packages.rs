//! Files that go with every release: the changelog, the lists of packages.

use super::Finding;
use super::tree::Tree;

/// A change that a user sees finds its place in the changelog at once.
pub fn changelogs_have_a_place_for_new_lines(tree: &Tree) -> Vec<Finding> {
    let path = "CHANGELOG.md";
    let Some(text) = tree.text(path) else {
        return vec![Finding::new(path, 0, "is missing")];
    };
    let has_place = text.lines().any(|line| line.trim() == "## Unreleased");
    if has_place {
        Vec::new()
    } else {
        vec![Finding::new(path, 0, "lacks the heading `## Unreleased`")]
    }
}

/// A list of packages says what is installed, not from which server: that is for whoever installs to say.
pub fn lock_files_name_no_host(tree: &Tree) -> Vec<Finding> {
    tree.ending("package-lock.json")
        .flat_map(|file| {
            let lines = file
                .text
                .lines()
                .enumerate()
                .filter(|(_, line)| line.trim_start().starts_with("\"resolved\""));
            lines.map(|(index, _)| Finding::new(&file.path, index + 1, "names the server a package came from"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changelog_without_a_place_for_new_lines_is_found() {
        let found = |text: &str| changelogs_have_a_place_for_new_lines(&Tree::of(&[("CHANGELOG.md", text)])).len();
        assert_eq!(found("# Changes\n\n## Unreleased\n"), 0);
        assert_eq!(found("# Changes\n\n## 1.0\n"), 1);
        assert_eq!(changelogs_have_a_place_for_new_lines(&Tree::of(&[])).len(), 1);
    }

    #[test]
    fn a_lock_file_that_names_a_server_is_found() {
        let lock = "{\n  \"resolved\": \"https://example.org/a.tgz\",\n  \"integrity\": \"sha512-x\"\n}";
        let found = lock_files_name_no_host(&Tree::of(&[("web/package-lock.json", lock)]));
        assert_eq!(found.iter().map(|finding| finding.line).collect::<Vec<_>>(), [2]);
    }
}
