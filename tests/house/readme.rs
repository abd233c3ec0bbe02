//! README is short and true: every path that it names exists.

use crate::source;

const LONGEST: usize = 200;

/// What stands between backticks, code blocks included, split at spaces.
fn words(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut in_block = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
            continue;
        }
        let pieces: Vec<&str> = if in_block { vec![line] } else { line.split('`').skip(1).step_by(2).collect() };
        found.extend(pieces.iter().flat_map(|piece| piece.split_whitespace()).map(str::to_owned));
        // Links: [text](path).
        found.extend(line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target.to_owned()));
    }
    found
}

/// Whether a word names something of the tree: its first part stands in the root.
fn is_path(word: &str) -> bool {
    let plain = !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c));
    let first = word.trim_start_matches("./").split('/').next().unwrap_or("");
    plain
        && !word.starts_with('/')
        && (word.contains('/') || word.ends_with(".md"))
        && (source::root().join(first).exists() || word.contains(".rs"))
}

#[test]
fn every_path_that_the_readme_names_exists() {
    let text = source::read("README.md");
    let mut named = 0;
    for word in words(&text) {
        let word = word.trim_end_matches([',', ';', ':', ')']).trim_start_matches('(');
        if is_path(word) {
            named += 1;
            assert!(source::root().join(word).exists(), "README.md names {word}, which does not exist");
        }
    }
    assert!(named > 30, "only {named} paths were found in README.md");
}

#[test]
fn the_readme_is_short_and_begins_with_the_two_commands() {
    let text = source::read("README.md");
    assert!(text.lines().count() <= LONGEST, "README.md has {} lines; at most {LONGEST}", text.lines().count());
    let beginning: String = text.lines().take(30).collect::<Vec<_>>().join("\n");
    for command in ["./dev run", "./dev test"] {
        assert!(beginning.contains(command), "{command} does not stand at the beginning of README.md");
    }
}
