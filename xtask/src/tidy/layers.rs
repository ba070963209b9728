//! Which crate may know which: the table of ARCHITECTURE.md.

use super::Finding;
use super::tree::{File, Tree};

/// Each crate and the crates of this workspace that it may depend on.
const LAYERS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("flow", &["domain"]),
    ("journey", &["domain"]),
    ("store", &["domain"]),
    ("channel", &["domain"]),
    ("mail", &[]),
    ("rapport", &["domain", "flow", "journey", "store", "channel", "mail"]),
    ("xtask", &[]),
];

/// A crate depends on another only where the table says so; a new crate takes its place in the table first.
pub fn crates_stay_apart(tree: &Tree) -> Vec<Finding> {
    manifests(tree).flat_map(check_manifest).collect()
}

/// Every crate keeps the workspace's lints: one that forgets them would be checked by none.
pub fn crates_share_lints(tree: &Tree) -> Vec<Finding> {
    let lacks =
        |file: &&File| !entries(&file.text).any(|entry| entry.section == "lints" && entry.line == "workspace = true");
    manifests(tree)
        .filter(lacks)
        .map(|file| Finding::new(&file.path, 0, "lacks `[lints]` with `workspace = true`"))
        .collect()
}

/// The manifests of the workspace's crates.
pub fn manifests(tree: &Tree) -> impl Iterator<Item = &File> {
    tree.ending("/Cargo.toml")
        .filter(|file| file.path.starts_with("crates/") || file.path.starts_with("xtask/"))
}

fn check_manifest(file: &File) -> Vec<Finding> {
    let name = entries(&file.text).find_map(|entry| match (entry.section, entry.key()) {
        ("package", "name") => entry.line.split('"').nth(1),
        _ => None,
    });
    let Some((name, allowed)) = LAYERS.iter().find(|(known, _)| Some(*known) == name) else {
        let name = name.unwrap_or("without a name");
        return vec![Finding::new(
            &file.path,
            0,
            format!("the crate {name} has no place in the table of layers"),
        )];
    };
    dependencies(&file.text)
        .filter(|(_, on)| on != name && LAYERS.iter().any(|(known, _)| known == on) && !allowed.contains(on))
        .map(|(line, on)| Finding::new(&file.path, line, format!("{name} must not know {on}")))
        .collect()
}

/// The names of all dependencies of a manifest, of every kind, with their lines.
pub fn dependencies(manifest: &str) -> impl Iterator<Item = (usize, &str)> {
    entries(manifest).filter_map(|entry| {
        if entry.section.ends_with("dependencies") {
            return Some((entry.number, entry.key()));
        }
        // `[dependencies.name]` is a section of its own; its entries tell nothing about other crates.
        let (kind, name) = entry.section.rsplit_once('.')?;
        kind.ends_with("dependencies").then_some((entry.number, name))
    })
}

struct Entry<'a> {
    section: &'a str,
    number: usize,
    line: &'a str,
}

impl<'a> Entry<'a> {
    fn key(&self) -> &'a str {
        self.line
            .split(['=', '.', ' '])
            .next()
            .unwrap_or_default()
            .trim_matches('"')
    }
}

/// The lines of a manifest that set something, each with its section.
fn entries(manifest: &str) -> impl Iterator<Item = Entry<'_>> {
    let mut section = "";
    manifest.lines().enumerate().filter_map(move |(index, line)| {
        let line = line.trim();
        if let Some(rest) = line.strip_prefix('[') {
            section = rest.trim_start_matches('[').split(']').next().unwrap_or_default();
            return None;
        }
        (line.contains('=') && !line.starts_with('#')).then_some(Entry {
            section,
            number: index + 1,
            line,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINTS: &str = "\n[lints]\nworkspace = true\n";

    fn messages(path: &str, manifest: &str) -> Vec<String> {
        crates_stay_apart(&Tree::of(&[(path, manifest)]))
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn an_edge_outside_the_table_is_found() {
        let manifest = "[package]\nname = \"flow\"\n[dependencies]\ndomain.workspace = true\nstore.workspace = true\n";
        assert_eq!(
            messages("crates/flow/Cargo.toml", manifest),
            ["crates/flow/Cargo.toml:5: flow must not know store"]
        );
    }

    #[test]
    fn every_way_to_name_a_dependency_is_read() {
        for section in [
            "[dev-dependencies]\nrapport = { path = \"../server\" }",
            "[dependencies.rapport]\npath = \"../server\"",
            "[target.'cfg(unix)'.build-dependencies]\nrapport.workspace = true",
        ] {
            let manifest = format!("[package]\nname = \"domain\"\n{section}\n");
            assert_eq!(
                messages("crates/domain/Cargo.toml", &manifest),
                ["crates/domain/Cargo.toml:4: domain must not know rapport"]
            );
        }
    }

    #[test]
    fn edges_in_the_table_and_crates_from_elsewhere_are_fine() {
        let manifest = "[package]\nname = \"rapport\"\n[dependencies]\ndomain.workspace = true\nstore.workspace = true\nserde = \"1\"\n";
        assert_eq!(messages("crates/server/Cargo.toml", manifest), Vec::<String>::new());
    }

    #[test]
    fn a_crate_may_use_itself_in_its_tests() {
        let manifest =
            "[package]\nname = \"store\"\n[dev-dependencies]\nstore = { path = \".\", features = [\"testing\"] }\n";
        assert_eq!(messages("crates/store/Cargo.toml", manifest), Vec::<String>::new());
    }

    #[test]
    fn a_crate_outside_the_table_is_found() {
        let found = messages("crates/extra/Cargo.toml", "[package]\nname = \"extra\"\n");
        assert_eq!(
            found,
            ["crates/extra/Cargo.toml: the crate extra has no place in the table of layers"]
        );
    }

    #[test]
    fn a_crate_without_the_shared_lints_is_found() {
        let manifest = format!("[package]\nname = \"flow\"\n{LINTS}");
        assert_eq!(
            crates_share_lints(&Tree::of(&[("crates/flow/Cargo.toml", &manifest)])),
            []
        );
        let own = "[package]\nname = \"flow\"\nversion.workspace = true\n";
        assert_eq!(
            crates_share_lints(&Tree::of(&[("crates/flow/Cargo.toml", own)])).len(),
            1
        );
    }
}
