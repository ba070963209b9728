//! Links between the documents.

use std::collections::HashSet;

use super::Finding;
use super::tree::{File, Tree};

/// Every link from a document leads to a file of the repository, and to a heading that is there.
pub fn links_lead_somewhere(tree: &Tree) -> Vec<Finding> {
    tree.ending(".md").flat_map(|file| check_file(tree, file)).collect()
}

fn check_file(tree: &Tree, file: &File) -> Vec<Finding> {
    let lines = prose(&file.text);
    let links = lines
        .iter()
        .flat_map(|(number, line)| targets(line).map(move |target| (*number, target)));
    links
        .filter(|(_, target)| !leads_somewhere(tree, file, target))
        .map(|(number, target)| Finding::new(&file.path, number, format!("the link to '{target}' leads nowhere")))
        .collect()
}

fn leads_somewhere(tree: &Tree, file: &File, target: &str) -> bool {
    if ["http://", "https://", "mailto:"]
        .iter()
        .any(|scheme| target.starts_with(scheme))
    {
        return true;
    }
    let (path, heading) = target.split_once('#').unwrap_or((target, ""));
    let path = if path.is_empty() {
        Some(file.path.clone())
    } else {
        resolve(&file.path, path)
    };
    let Some(path) = path.filter(|path| tree.holds(path)) else {
        return false;
    };
    heading.is_empty() || tree.text(&path).is_some_and(|text| headings(text).contains(heading))
}

/// The path that a link from a file means, or nothing when it leaves the repository.
fn resolve(from: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// The lines outside code blocks, with what stands in backquotes taken out.
fn prose(text: &str) -> Vec<(usize, String)> {
    let mut is_code = false;
    let mut lines = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            lines.push((index + 1, line.split('`').step_by(2).collect::<Vec<_>>().join("`")));
        }
    }
    lines
}

/// The targets of the links in a line, as in `[text](target)`.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .filter_map(|(inside, _)| inside.split_whitespace().next())
}

/// The names by which a document's headings are linked: lower case, no punctuation, hyphens for spaces.
fn headings(text: &str) -> HashSet<String> {
    let is_heading = |line: &&str| line.starts_with('#');
    let slug = |line: &str| {
        let kept = line
            .trim_start_matches('#')
            .trim()
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.collect::<String>().to_lowercase().replace(' ', "-")
    };
    text.lines().filter(is_heading).map(slug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(text: &str) -> Vec<String> {
        let files = [
            ("docs/a.md", text),
            ("docs/recipes/b.md", "# One way\n## Two, three\n"),
            ("README.md", ""),
            ("docs/x.png", ""),
        ];
        links_lead_somewhere(&Tree::of(&files))
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn links_to_files_folders_headings_and_other_sites_are_fine() {
        let text = "# Top\n[a](recipes/b.md) ![b](x.png) [c](../README.md)\n[d](recipes) [e](https://example.org/x)\n[f](#top) [g](recipes/b.md#two-three)\n";
        assert_eq!(broken(text), Vec::<String>::new());
    }

    #[test]
    fn a_link_to_nothing_is_found() {
        let nowhere = |line: usize, target: &str| format!("docs/a.md:{line}: the link to '{target}' leads nowhere");
        assert_eq!(broken("x\n[a](gone.md)\n"), [nowhere(2, "gone.md")]);
        assert_eq!(broken("[a](recipes/b.md#three)"), [nowhere(1, "recipes/b.md#three")]);
        assert_eq!(broken("[a](../../outside.md)"), [nowhere(1, "../../outside.md")]);
    }

    #[test]
    fn what_only_looks_like_a_link_is_fine() {
        assert_eq!(broken("`[a](gone.md)`\n```\n[b](gone.md)\n```\n"), Vec::<String>::new());
    }
}
