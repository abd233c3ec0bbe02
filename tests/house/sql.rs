//! Each statement once, in the store of the slice that owns its tables, in words that both engines understand.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{self, Source, none};

/// Where SQL may stand beside `store.rs`, and why.
const ELSEWHERE: [(&str, &str); 5] = [
    ("server/src/platform/database/", "opening, migrating, beginning and ending units"),
    ("server/src/platform/queue", "jobs and leases are rows of the ground"),
    ("server/src/platform/installation.rs", "what this installation is, is a row of the ground"),
    ("server/src/platform/testing.rs", "what somebody with access to the disk can do"),
    ("server/src/http/idempotency.rs", "replays are rows of the ground"),
];

/// One statement.
struct Statement {
    text: String,
    path: String,
    line: usize,
    slice: String,
}

fn is_statement(text: &str) -> bool {
    let text = text.trim_start();
    let begins = |word: &str| text.starts_with(word);
    let update = begins("UPDATE ") && text.contains(" SET ");
    begins("SELECT ") || begins("INSERT INTO ") || begins("DELETE FROM ") || begins("WITH ") || begins("PRAGMA ") || update
}

fn is_elsewhere(path: &str) -> bool {
    ELSEWHERE.iter().any(|(place, _)| path.starts_with(place))
}

fn is_store(source: &Source) -> bool {
    source.room().1.split('/').next() == Some("store")
}

fn statements() -> Vec<Statement> {
    let mut found = Vec::new();
    for source in source::rust("server/src") {
        for (text, line, _) in source.texts().filter(|(text, ..)| is_statement(text)) {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            found.push(Statement { text, path: source.path.clone(), line, slice: source.room().0.to_owned() });
        }
    }
    assert!(found.len() > 20, "the statements are not found: {}", found.len());
    found
}

/// Tables that a migration of another slice makes.
const MADE_ELSEWHERE: [(&str, &str); 1] = [("timestamp_unit", "timestamps")];

/// Table -> slice, from the names of the migrations: `..._audit/up.sql` makes the tables of audit.
fn owners() -> BTreeMap<String, String> {
    let mut owners = BTreeMap::new();
    for path in source::files("migrations/sqlite").iter().filter(|path| path.ends_with("up.sql")) {
        let step = path.split('/').nth(2).unwrap();
        let slice = step.split_once('_').unwrap().1;
        for line in source::read(path).lines() {
            if let Some(table) = line.strip_prefix("CREATE TABLE ") {
                owners.insert(table.split([' ', '(']).next().unwrap().to_owned(), slice.to_owned());
            }
        }
    }
    owners.extend(MADE_ELSEWHERE.map(|(table, slice)| (table.to_owned(), slice.to_owned())));
    owners
}

/// The words that follow FROM, JOIN, INTO and UPDATE: the tables of a statement. Names that it makes itself (`WITH name AS`) are left out.
fn tables(statement: &str) -> BTreeSet<String> {
    let words: Vec<&str> = statement.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty()).collect();
    let own: Vec<&str> = words.windows(2).filter(|pair| pair[1] == "AS").map(|pair| pair[0]).collect();
    let leads = words.windows(2).filter(|pair| matches!(pair[0], "FROM" | "JOIN" | "INTO" | "UPDATE"));
    let named = leads.map(|pair| pair[1]).filter(|word| !matches!(*word, "SET" | "SELECT" | "DISTINCT"));
    named.filter(|word| !(statement.starts_with("WITH ") && own.contains(word))).map(str::to_owned).collect()
}

#[test]
fn sql_stands_in_stores_only() {
    let mut faults = Vec::new();
    for source in source::rust("server/src").iter().filter(|source| !is_store(source) && !is_elsewhere(&source.path)) {
        for (text, line, _) in source.texts().filter(|(text, ..)| is_statement(text)) {
            faults.push(format!("{}:{line}: SQL outside a store: {text:.60}", source.path));
        }
    }
    none(&faults);
}

#[test]
fn each_statement_is_written_once() {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    let mut faults = Vec::new();
    for statement in statements() {
        let place = format!("{}:{}", statement.path, statement.line);
        if let Some(first) = seen.insert(statement.text.clone(), place.clone()) {
            faults.push(format!("{place}: stands at {first} already: {:.80}", statement.text));
        }
    }
    none(&faults);
}

#[test]
fn a_slice_reads_and_writes_its_own_tables_only() {
    let owners = owners();
    let mut faults = Vec::new();
    for statement in statements().iter().filter(|statement| !statement.path.contains("/database/")) {
        let place = format!("{}:{}", statement.path, statement.line);
        for table in tables(&statement.text) {
            match owners.get(&table).map(String::as_str) {
                None => faults.push(format!("{place}: no migration makes the table {table}")),
                Some("ground") if matches!(statement.slice.as_str(), "platform" | "http") => {}
                Some(owner) if owner == statement.slice => {}
                Some(owner) => faults.push(format!("{place}: {table} belongs to {owner}")),
            }
        }
    }
    none(&faults);
}

/// What a statement says that only one engine understands, or that means another thing on the other.
fn one_sided(text: &str, booleans: &BTreeSet<String>) -> Option<String> {
    const NEVER: [(&str, &str); 9] = [
        ("?", "placeholders are $1, $2, ..."),
        ("FOR UPDATE", "guard the old state in the WHERE"),
        ("= ANY", "SQLite has no arrays"),
        ("lower(", "letters are folded in Rust, into a column of their own"),
        ("OFFSET ", "pages go by key"),
        ("INSERT OR ", "say ON CONFLICT ... DO NOTHING"),
        ("::", "say CAST(... AS ...)"),
        ("now()", "the moment is the unit's"),
        ("CURRENT_TIMESTAMP", "the moment is the unit's"),
    ];
    for (word, instead) in NEVER {
        if text.contains(word) {
            return Some(format!("{word}: {instead}"));
        }
    }
    let lower = text.to_lowercase();
    if lower.contains("sum(") && !(lower.contains("cast(") && lower.contains(" as bigint)")) {
        return Some("a sum is CAST(sum(x) AS BIGINT)".to_owned());
    }
    let compared = |column: &String| {
        ["= 1", "= 0", "= TRUE", "= FALSE", "= true", "= false"].iter().any(|value| {
            let wanted = format!("{column} {value}");
            text.match_indices(&wanted).any(|(at, _)| !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
        })
    };
    booleans.iter().find(|column| compared(column)).map(|column| format!("{column} is a truth: say WHERE {column}"))
}

/// The columns that are BOOLEAN on PostgreSQL.
fn booleans() -> BTreeSet<String> {
    let steps = source::files("migrations/postgres").into_iter().filter(|path| path.ends_with("up.sql"));
    let text: String = steps.map(|path| source::read(&path)).collect();
    text.lines().filter_map(|line| line.trim().split_once(" BOOLEAN")).map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn each_statement_means_the_same_on_both_engines() {
    let booleans = booleans();
    let mut faults = Vec::new();
    for statement in statements().iter().filter(|statement| !statement.path.contains("/database/")) {
        if let Some(fault) = one_sided(&statement.text, &booleans) {
            faults.push(format!("{}:{}: {fault}", statement.path, statement.line));
        }
    }
    none(&faults);
}

#[test]
fn the_rules_of_sql_catch_what_they_are_for() {
    let booleans = BTreeSet::from(["open".to_owned()]);
    for wrong in [
        "SELECT a FROM t WHERE b = ?",
        "SELECT a FROM t WHERE id = $1 FOR UPDATE",
        "SELECT a FROM t WHERE id = ANY($1)",
        "SELECT a FROM t WHERE open = 1",
        "SELECT sum(a) FROM t",
        "SELECT a FROM t WHERE lower(a) = $1",
    ] {
        assert!(one_sided(wrong, &booleans).is_some(), "{wrong}");
    }
    assert_eq!(one_sided("SELECT a FROM t WHERE open AND reopen = $1", &booleans), None);
    assert_eq!(tables("INSERT INTO a (x) VALUES ($1) ON CONFLICT (x) DO UPDATE SET x = $1"), BTreeSet::from(["a".to_owned()]));
    assert_eq!(tables("SELECT x FROM a JOIN b ON a.x = b.x WHERE y IN (SELECT y FROM c)").len(), 3);
}
