//! Reads Rust sources just closely enough for the rules: comments and strings apart from code, functions, test code.

use super::Finding;
use super::tree::Tree;

/// Every Rust file begins by saying what it is for.
pub fn modules_say_what_they_are_for(tree: &Tree) -> Vec<Finding> {
    tree.ending(".rs")
        .filter(|file| !file.text.trim_start().starts_with("//!"))
        .map(|file| {
            Finding::new(
                &file.path,
                1,
                "begins without a `//!` line that says what the module is for",
            )
        })
        .collect()
}

/// What a scan keeps of a source; all else becomes spaces, so that lines and columns stay.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Code alone.
    Code,
    /// Code and what is inside strings.
    CodeAndStrings,
}

/// A source with its comments, and its strings where they are not kept, replaced by spaces.
pub fn mask(source: &str, keep: Keep) -> String {
    let chars: Vec<char> = source.chars().collect();
    let mut masked = String::with_capacity(source.len());
    let mut at = 0;
    while at < chars.len() {
        let (kind, length) = token(&chars[at..]);
        let is_kept = match kind {
            Kind::Code => true,
            Kind::Comment => false,
            Kind::Text => keep == Keep::CodeAndStrings,
        };
        let visible = |c: &char| if is_kept || *c == '\n' { *c } else { ' ' };
        masked.extend(chars[at..at + length].iter().map(visible));
        at += length;
    }
    masked
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Code,
    Comment,
    Text,
}

/// What stands at the beginning of `rest`, and how many characters it takes.
fn token(rest: &[char]) -> (Kind, usize) {
    match rest {
        ['/', '/', ..] => (
            Kind::Comment,
            rest.iter().position(|c| *c == '\n').unwrap_or(rest.len()),
        ),
        ['/', '*', ..] => (Kind::Comment, block_comment(rest)),
        ['"', ..] => (Kind::Text, quoted(rest, '"')),
        ['\'', '\\', ..] => (Kind::Text, quoted(rest, '\'')),
        ['\'', _, '\'', ..] => (Kind::Text, 3),
        [first, ..] if is_word(*first) => {
            // A word is taken whole: the `r` of `for"` begins no raw string, the `r` of `r#"` does.
            let word = rest.iter().position(|c| !is_word(*c)).unwrap_or(rest.len());
            let is_prefix = matches!(rest[..word], ['r'] | ['b', 'r'] | ['c', 'r']);
            match is_prefix.then(|| raw_string(&rest[word..])).flatten() {
                Some(length) => (Kind::Text, word + length),
                None => (Kind::Code, word),
            }
        }
        _ => (Kind::Code, 1),
    }
}

fn block_comment(rest: &[char]) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at + 1 < rest.len() {
        match (rest[at], rest[at + 1]) {
            ('/', '*') => depth += 1,
            ('*', '/') => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

fn quoted(rest: &[char], quote: char) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            '\\' => at += 2,
            c if c == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// The length of `#"…"#` with any number of hashes, if that is what stands here.
fn raw_string(rest: &[char]) -> Option<usize> {
    let hashes = rest.iter().take_while(|c| **c == '#').count();
    if rest.get(hashes) != Some(&'"') {
        return None;
    }
    let is_end =
        |at: &usize| rest[*at] == '"' && rest[at + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes;
    let end = (hashes + 1..rest.len()).find(is_end);
    Some(end.map_or(rest.len(), |at| at + 1 + hashes))
}

pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// A function in a source.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The line of its `fn`.
    pub line: usize,
    /// Lines from its `fn` to its closing brace.
    pub lines: usize,
}

/// The functions with a body in a source masked to code alone.
pub fn functions(code: &str) -> Vec<Function> {
    let starts = code
        .match_indices("fn ")
        .filter(|(at, _)| !code[..*at].ends_with(is_word));
    starts.filter_map(|(at, _)| function_at(code, at)).collect()
}

fn function_at(code: &str, at: usize) -> Option<Function> {
    let name: String = code[at + 3..]
        .trim_start()
        .chars()
        .take_while(|c| is_word(*c))
        .collect();
    if name.is_empty() {
        return None;
    }
    let mut nested = 0usize;
    let mut open = 0usize;
    for (offset, c) in code[at..].char_indices() {
        match c {
            '(' | '[' => nested += 1,
            ')' | ']' => nested = nested.saturating_sub(1),
            ';' if nested == 0 && open == 0 => return None,
            '{' => open += 1,
            '}' => {
                open = open.saturating_sub(1);
                if open == 0 {
                    let lines = code[at..at + offset].matches('\n').count() + 1;
                    return Some(Function {
                        name,
                        line: line_of(code, at),
                        lines,
                    });
                }
            }
            _ => {}
        }
    }
    None
}

/// The number, from 1, of the line that holds a byte.
pub fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(source: &str) -> String {
        mask(source, Keep::Code)
    }

    #[test]
    fn comments_and_strings_become_spaces() {
        assert_eq!(code("a // b\nc"), "a     \nc");
        assert_eq!(code("a /* /* b */ \n */ c"), "a            \n    c");
        assert_eq!(code(r#"x("}\"{", 'y')"#), "x(      ,    )");
        assert_eq!(mask(r#"x("FROM t") // y"#, Keep::CodeAndStrings), r#"x("FROM t")     "#);
    }

    #[test]
    fn raw_strings_lifetimes_and_characters_are_told_apart() {
        assert_eq!(code(r##"r#"a " b"# + c"##), "           + c");
        assert_eq!(code("fn f<'a>(x: &'a str) { '{' }"), "fn f<'a>(x: &'a str) {     }");
        assert_eq!(
            code(r"['\'', '\n', '}']")
                .trim_matches(['[', ']'])
                .replace([' ', ','], ""),
            ""
        );
        assert_eq!(code("let for_r = 1; r.len()"), "let for_r = 1; r.len()");
    }

    #[test]
    fn a_function_is_measured_from_its_name_to_its_closing_brace() {
        let source = "impl A {\n    pub fn one(x: [u8; 4]) -> B\n    where\n        C: D,\n    {\n        if x { y }\n    }\n}\nfn two() {}\n";
        assert_eq!(
            functions(&code(source)),
            [
                Function {
                    name: "one".into(),
                    line: 2,
                    lines: 6
                },
                Function {
                    name: "two".into(),
                    line: 9,
                    lines: 1
                }
            ]
        );
    }

    #[test]
    fn a_signature_or_a_function_type_has_no_body() {
        assert_eq!(
            functions("trait T { fn a(&self) -> u8; }\ntype F = fn (u8) -> u8;\nlet often = 1;"),
            []
        );
    }

    #[test]
    fn a_module_without_a_purpose_is_found() {
        let tree = Tree::of(&[
            ("crates/a/src/lib.rs", "//! Words.\n"),
            ("crates/a/src/b.rs", "use a;\n"),
        ]);
        let paths: Vec<_> = modules_say_what_they_are_for(&tree)
            .into_iter()
            .map(|finding| finding.path)
            .collect();
        assert_eq!(paths, ["crates/a/src/b.rs"]);
    }
}
