//! Every word that a person reads stands in both languages, and every word that stands is read by somebody.

use std::collections::{BTreeMap, BTreeSet};

use segl::{
    http::problem::Kind,
    platform::words::{Language, SLICES, Words},
};

use crate::source::{self, Source, none};

/// A key as it is used, and where.
struct Use {
    key: String,
    place: String,
}

/// The text of every key of a language.
fn catalogue(language: Language) -> BTreeMap<String, String> {
    let words = Words(language);
    words.keys().into_iter().map(|key| (key.clone(), words.say(&key))).collect()
}

/// The names between braces.
fn placeholders(text: &str) -> BTreeSet<String> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.to_owned()).collect()
}

/// Whether a text has the form `slice.key` of a slice that has words.
fn is_key(text: &str) -> bool {
    let Some((slice, key)) = text.split_once('.') else { return false };
    let plain = !key.is_empty() && key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    plain && SLICES.contains(&slice)
}

/// `Kind("notices.send")` is the kind of a job, `.round("..")` and `.job("..")` name the worker's tasks, `.note("phones.wait_hours")` a setting, `hold_lease(.., "..")` a lease, `Event::new("..")` an audit
/// action, `demo.json` a file: no words.
fn names_something_else(source: &Source, at: usize, text: &str) -> bool {
    let call = at >= 2 && source.is_sign(at - 1, '(');
    let task = call && matches!(source.word(at - 2), Some("Kind" | "job" | "note" | "round"));
    let lease = (at.saturating_sub(8)..at).any(|at| source.is_word(at, "hold_lease"));
    let event = call && at >= 5 && source.is_word(at - 5, "Event");
    task || lease || event || ["html", "json", "pdf", "rs", "toml", "txt"].iter().any(|kind| text.ends_with(&format!(".{kind}")))
}

fn uses_in_code() -> Vec<Use> {
    let mut uses = Vec::new();
    for source in source::rust("server/src") {
        for (text, line, at) in source.texts() {
            let place = || format!("{}:{line}", source.path);
            if is_key(text) && !names_something_else(&source, at, text) {
                uses.push(Use { key: text.to_owned(), place: place() });
            }
            let rule = text.strip_prefix("field_").is_some_and(|rest| rest.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
            if rule {
                uses.push(Use { key: format!("problems.{text}"), place: place() });
            }
        }
    }
    uses
}

fn uses_in_templates() -> Vec<Use> {
    let mut uses = Vec::new();
    for path in source::files("server/templates").iter().filter(|path| path.ends_with(".html") || path.ends_with(".txt")) {
        let mut in_comment = false;
        for (number, line) in source::read(path).lines().enumerate() {
            let mut shown = String::new();
            for (index, piece) in line.split_inclusive("#}").enumerate() {
                in_comment &= index == 0;
                let (before, comment) =
                    if in_comment { ("", true) } else { piece.split_once("{#").map_or((piece, false), |(b, _)| (b, true)) };
                shown.push_str(before);
                in_comment = comment;
                if piece.ends_with("#}") {
                    in_comment = false;
                }
            }
            for text in shown.split('"').filter(|text| is_key(text)) {
                uses.push(Use { key: text.to_owned(), place: format!("{path}:{}", number + 1) });
            }
        }
    }
    uses
}

/// Keys that are put together: `"notices.{}_subject"` uses every key of that form.
fn patterns() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut consider = |text: &str, place: String| {
        let Some((slice, key)) = text.split_once('.') else { return };
        let plain = key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '{' | '}'));
        if plain && key.contains('{') && SLICES.contains(&slice) {
            found.push((text.to_owned(), place));
        }
    };
    for source in source::rust("server/src") {
        source.texts().for_each(|(text, line, _)| consider(text, format!("{}:{line}", source.path)));
    }
    for path in source::files("server/templates") {
        for (number, line) in source::read(&path).lines().enumerate() {
            line.split('"').for_each(|text| consider(text, format!("{path}:{}", number + 1)));
        }
    }
    found
}

/// Whether a key has the form of a pattern: its fixed parts in order, first and last at the ends.
fn matches(pattern: &str, key: &str) -> bool {
    let mut fixed = vec![String::new()];
    let mut inside = false;
    for character in pattern.chars() {
        match character {
            '{' => inside = true,
            '}' => {
                inside = false;
                fixed.push(String::new());
            }
            _ if inside => {}
            _ => fixed.last_mut().unwrap().push(character),
        }
    }
    let (first, last) = (fixed.first().unwrap(), fixed.last().unwrap());
    let Some(mut rest) = key.strip_prefix(first.as_str()).and_then(|rest| rest.strip_suffix(last.as_str())) else { return false };
    for part in &fixed[1..fixed.len() - 1] {
        let Some((_, behind)) = rest.split_once(part.as_str()) else { return false };
        rest = behind;
    }
    true
}

#[test]
fn both_languages_have_the_same_keys_with_the_same_blanks() {
    let (danish, english) = (catalogue(Language::Da), catalogue(Language::En));
    let mut faults = Vec::new();
    for key in danish.keys().chain(english.keys()).collect::<BTreeSet<_>>() {
        match (danish.get(key), english.get(key)) {
            (Some(da), Some(en)) if da.trim().is_empty() || en.trim().is_empty() => faults.push(format!("{key}: says nothing")),
            (Some(da), Some(en)) if placeholders(da) != placeholders(en) => {
                faults.push(format!("{key}: Danish fills {:?}, English {:?}", placeholders(da), placeholders(en)));
            }
            (Some(_), Some(_)) => {}
            (Some(_), None) => faults.push(format!("{key}: English is missing")),
            (None, _) => faults.push(format!("{key}: Danish is missing")),
        }
    }
    none(&faults);
}

#[test]
fn each_file_of_words_is_loaded() {
    for folder in ["da", "en"] {
        let stored: BTreeSet<String> = source::files(&format!("server/locales/{folder}"))
            .iter()
            .map(|path| path.rsplit('/').next().unwrap().trim_end_matches(".toml").to_owned())
            .collect();
        let loaded: BTreeSet<String> = SLICES.iter().map(|&slice| slice.to_owned()).collect();
        assert_eq!(stored, loaded, "server/locales/{folder} and `catalogues!` in server/src/platform/words.rs differ");
    }
}

#[test]
fn every_key_that_is_used_exists() {
    let danish = catalogue(Language::Da);
    let uses = uses_in_code().into_iter().chain(uses_in_templates());
    let mut faults: Vec<String> =
        uses.filter(|used| !danish.contains_key(&used.key)).map(|used| format!("{}: no words for {}", used.place, used.key)).collect();
    for (pattern, place) in patterns() {
        if !danish.keys().any(|key| matches(&pattern, key)) {
            faults.push(format!("{place}: no words for {pattern}"));
        }
    }
    none(&faults);
}

#[test]
fn every_key_is_used() {
    let uses = uses_in_code().into_iter().chain(uses_in_templates());
    let mut used: BTreeSet<String> = uses.map(|used| used.key).collect();
    for kind in Kind::ALL {
        let slug = kind.slug().replace('-', "_");
        used.insert(format!("problems.{slug}_title"));
        used.insert(format!("problems.{slug}_meaning"));
    }
    // Problems and the rules of fields are named one by one; their patterns would cover every key.
    let patterns: Vec<String> = patterns().into_iter().map(|(pattern, _)| pattern).filter(|p| !p.starts_with("problems.{")).collect();
    let unused = catalogue(Language::Da).into_keys().filter(|key| !used.contains(key) && !patterns.iter().any(|p| matches(p, key)));
    let faults: Vec<String> = unused.map(|key| format!("nobody says {key}")).collect();
    none(&faults);
}

#[test]
fn the_rules_of_words_catch_what_they_are_for() {
    assert!(is_key("shared.home") && !is_key("shared.") && !is_key("nowhere.home") && !is_key("shared.home.html"));
    assert!(matches("notices.{}_subject", "notices.activated_subject"));
    assert!(!matches("notices.{}_subject", "notices.activated_body"));
    assert!(matches("demo.{role}_{part}_text", "demo.operator_first_text"));
    assert_eq!(placeholders("from {least} to {most}").len(), 2);
}
