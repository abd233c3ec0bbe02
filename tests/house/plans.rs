//! How SQLite reads: no statement looks at every row of a table that grows, on an empty schema, where its planner knows nothing of how many
//! rows there are. What it chooses there it chooses with a million.
//!
//! Refused are a scan, and a search that only says what most rows are (`authority_id=?`, `state=?`), unless it goes on by key within a limit
//! in the order of its index, or the index holds few rows by its own WHERE.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{AssertSqlSafe, Connection as _, Row as _, SqliteConnection};

use crate::{
    engines::{Kind, Place},
    source::{self, Piece, Source, none},
};

/// Tables that stay small, whatever the number of companies, and why.
const SMALL: [(&str, &str); 19] = [
    ("agreement", "one row for each text"),
    ("audit_checkpoint", "read from its end"),
    ("authority", "a few CAs"),
    ("cross_certificate", "a few for each CA that was replaced"),
    ("crl", "one row for 2,000 certificates, the lists themselves apart"),
    ("employee_import_turn", "one row for each import that is running"),
    ("installation", "a few words"),
    ("lease", "one row for each round"),
    ("letter_batch", "read from its end"),
    ("operator_change", "a few a year, of a hundred operators at most"),
    ("release", "each waits thirty seconds for its process"),
    ("release_key", "one an hour for each process, forgotten soon after"),
    ("responder", "one for each CA"),
    ("revocation_try", "networks that were wrong within the hour"),
    ("share_passing", "forgotten after two weeks"),
    ("phone_identity", "one for each succession"),
    ("status_check", "one for each CA"),
    ("status_generation", "one row"),
    ("timestamp_unit", "one each year"),
];

/// Columns of which a value says little: most rows have it.
const BROAD: [&str; 5] = ["authority_id", "kind", "profile", "purpose", "state"];

/// Statements that may read much, by how they begin, and why.
const MAY: [(&str, &str); 44] = [
    ("SELECT serial FROM certificate_status WHERE authority_id = $1 ORDER BY serial", "by the first or the last row of the key alone"),
    ("SELECT id, account_id, ended_at FROM phone WHERE ended_at > $1", "what ended within the last ten seconds"),
    ("SELECT id, account_id, changed_at FROM approval WHERE changed_at > $1", "what changed within the last ten seconds"),
    ("UPDATE approval SET redeemed_at = $1 WHERE changed_at > $2 AND state = 'approved'", RESTORING),
    ("UPDATE approval SET state = 'withdrawn', slot = NULL, ended_at = $1, changed_at = $1 WHERE changed_at > $2", RESTORING),
    ("DELETE FROM device WHERE known_at IS NOT NULL", RESTORING),
    ("DELETE FROM employee_rest WHERE employee_id IN", RESTORING),
    ("DELETE FROM person_link WHERE expires_at IS NOT NULL", RESTORING),
    ("DELETE FROM person_signature WHERE linked_at IS NOT NULL", RESTORING),
    ("DELETE FROM recovery_share WHERE recovery_id IN", OPEN),
    ("SELECT DISTINCT account_id FROM keycard WHERE state = 'active'", RESTORING),
    ("SELECT id FROM job WHERE ((state = 'waiting' AND run_at <= $1)", UNFINISHED),
    ("SELECT id, kind, attempts, last_error, created_at FROM job WHERE state = 'given_up'", UNFINISHED),
    ("SELECT kind, state, COUNT(*) AS jobs, MIN(created_at) AS oldest FROM job WHERE state IN", UNFINISHED),
    ("UPDATE activation SET state = 'withdrawn' WHERE state = 'open'", RESTORING),
    ("UPDATE api_key SET ended_at = $1 WHERE ended_at IS NULL", RESTORING),
    ("UPDATE api_token SET ended_at = $1 WHERE ended_at IS NULL", RESTORING),
    ("UPDATE code_token SET counter = CASE", RESTORING),
    ("UPDATE code_token SET state = 'blocked' WHERE state = 'active'", RESTORING),
    ("UPDATE job SET state = 'running'", UNFINISHED),
    ("UPDATE keycard SET state = 'blocked' WHERE state <> 'blocked'", RESTORING),
    ("UPDATE keycard_challenge SET state = 'closed' WHERE state = 'open'", RESTORING),
    ("UPDATE login SET state = 'ended' WHERE state = 'waiting'", RESTORING),
    ("UPDATE letter SET state = 'given_up'", OPEN),
    ("UPDATE mandate SET state = 'lapsed', decided_at = $1 WHERE state = 'asked'", RESTORING),
    ("UPDATE message SET state = 'given_up'", OPEN),
    ("UPDATE password_reset SET state = 'ended' WHERE expires_at > $1", RESTORING),
    ("UPDATE phone SET state = 'blocked'", RESTORING),
    ("UPDATE phone_pairing SET state = 'refused', openers = NULL WHERE state IN", RESTORING),
    ("UPDATE recovery SET state = 'lapsed', ended_at = $1 WHERE state IN ('asked', 'approved') AND lapses_at <= $1", OPEN),
    ("UPDATE recovery SET state = 'lapsed', ended_at = $1 WHERE state IN ('asked', 'approved')", RESTORING),
    ("UPDATE reissue SET state = 'lapsed', ended_at = $1 WHERE state IN ('asked', 'approved') AND lapses_at <= $1", OPEN),
    ("UPDATE reissue SET state = 'lapsed', ended_at = $1 WHERE state IN ('asked', 'approved', 'given')", RESTORING),
    ("SELECT certificate.id FROM certificate_hold JOIN certificate", RESTORING),
    ("UPDATE sealed_document SET state = 'failed'", OPEN),
    ("UPDATE session SET ended_at = $1 WHERE ended_at IS NULL", RESTORING),
    ("SELECT moved_at, id, document_id, employee_id, certificate_id", OPEN),
    ("UPDATE signature SET state = 'lapsed'", OPEN),
    ("UPDATE signing_key SET due_at = COALESCE(due_at, $1)", RESTORING),
    ("UPDATE signatory SET link_expires_at = $1 WHERE accepted_at IS NULL", RESTORING),
    ("UPDATE signatory_link SET used_at = $1 WHERE used_at IS NULL", RESTORING),
    ("UPDATE succession SET state = 'lapsed', decided_at = $1 WHERE state IN ('asked', 'requested') AND lapses_at <= $1", OPEN),
    ("UPDATE succession SET state = 'lapsed', decided_at = $1 WHERE state IN ('asked', 'requested')", RESTORING),
    ("UPDATE webhook SET state = 'disabled', why = 'restored'", RESTORING),
];
const OPEN: &str = "by what still waits for somebody, which is little";
const RESTORING: &str = "a restore ends all of them, once, before anybody is served";
const UNFINISHED: &str = "by jobs that are not done, which are few";

/// A statement, put together where a macro of its file gives the head and its calls the rest.
struct Statement {
    text: String,
    place: String,
}

fn reads(text: &str) -> bool {
    ["SELECT ", "UPDATE ", "DELETE FROM ", "INSERT INTO "].iter().any(|word| text.trim_start().starts_with(word))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn statements(source: &Source) -> Vec<Statement> {
    let text = |at: usize| match source.tokens.get(at).map(|token| &token.piece) {
        Some(Piece::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    let is_word = |at: usize, word: &str| source.tokens.get(at).is_some_and(|token| token.piece == Piece::Word(word.to_owned()));
    let mut heads: BTreeMap<String, String> = BTreeMap::new();
    let mut found = Vec::new();
    for (at, token) in source.tokens.iter().enumerate() {
        let place = format!("{}:{}", source.path, token.line);
        match &token.piece {
            Piece::Word(name) if at >= 2 && is_word(at - 2, "macro_rules") => {
                let head = (at..at + 60).filter_map(text).find(|text| reads(text) && text.ends_with(' '));
                heads.extend(head.map(|head| (name.clone(), head.to_owned())));
            }
            Piece::Word(name) if heads.contains_key(name) => {
                found.extend(text(at + 3).map(|rest| Statement { text: one_line(&format!("{}{rest}", heads[name])), place }));
            }
            Piece::Text(text) if reads(text) && !text.ends_with(' ') => found.push(Statement { text: one_line(text), place }),
            Piece::Literal | Piece::Sign(_) | Piece::Text(_) | Piece::Word(_) => {}
        }
    }
    found
}

/// The table of a name in a plan: its own, or what an alias stands for.
fn table<'a>(name: &'a str, statement: &'a str, tables: &BTreeSet<String>) -> &'a str {
    if tables.contains(name) {
        return name;
    }
    let words: Vec<&str> = statement.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty()).collect();
    let stands_for = |at: usize| match words[at - 1] {
        "AS" => at.checked_sub(2).map(|at| words[at]),
        word => Some(word),
    };
    let mut aliases = (1..words.len()).rev().filter(|at| words[*at] == name).filter_map(stands_for);
    aliases.find(|word| tables.contains(*word)).unwrap_or(name)
}

/// What a step of a plan reads too much of; none when it is well.
fn too_much(step: &str, plan: &[String], statement: &str, partial: &BTreeSet<String>) -> bool {
    let is_few = partial.iter().any(|index| step.contains(&format!("INDEX {index}")));
    if step.starts_with("SCAN") {
        return !is_few;
    }
    let Some((_, constraints)) = step.split_once('(') else { return true };
    let terms: Vec<&str> = constraints.trim_end_matches(')').split(" AND ").collect();
    let column = |term: &str| term.split(['=', '<', '>']).next().unwrap_or("").to_owned();
    let bounds = |sign: char| terms.iter().filter(|term| term.contains(sign)).map(|term| column(term)).collect::<BTreeSet<_>>();
    let is_narrow = bounds('=').iter().any(|column| !BROAD.contains(&column.as_str()));
    let is_closed = bounds('>').intersection(&bounds('<')).next().is_some();
    let has_range = !(bounds('>').is_empty() && bounds('<').is_empty());
    let goes_on =
        (has_range || is_few) && statement.contains(" LIMIT ") && !plan.iter().any(|step| step.contains("TEMP B-TREE FOR ORDER BY"));
    !(is_narrow || is_closed || goes_on)
}

fn reason(statement: &str) -> Option<usize> {
    MAY.iter().position(|(begins, _)| statement.starts_with(begins))
}

async fn names(connection: &mut SqliteConnection, query: &'static str) -> BTreeSet<String> {
    let rows: Vec<String> = sqlx::query_scalar(query).fetch_all(connection).await.unwrap();
    rows.into_iter().collect()
}

async fn plan(connection: &mut SqliteConnection, statement: &Statement) -> Vec<String> {
    let explained = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", statement.text));
    let rows = sqlx::query(explained).fetch_all(connection).await;
    rows.unwrap_or_else(|error| panic!("{}: {error}", statement.place)).iter().map(|row| row.get("detail")).collect()
}

#[tokio::test]
async fn no_statement_reads_all_rows_of_a_table_that_grows() {
    let place = Place::new(Kind::Sqlite);
    place.migrate().await.unwrap();
    let segl::platform::database::Settings::Sqlite { file } = &place.settings else { unreachable!() };
    let mut connection = SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    let tables = names(&mut connection, "SELECT name FROM sqlite_master WHERE type = 'table'").await;
    let partial = names(&mut connection, "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'").await;
    let (mut looked_at, mut faults, mut used) = (0, Vec::new(), BTreeSet::new());
    let sources = source::rust("server/src");
    // Those of the ground's own that read everything on purpose (backup) or know the other engine alone.
    for source in sources.iter().filter(|source| !source.path.contains("/platform/database/")) {
        for statement in statements(source) {
            let plan = plan(&mut connection, &statement).await;
            looked_at += 1;
            for step in plan.iter().filter(|step| step.starts_with("SCAN ") || step.starts_with("SEARCH ")) {
                let name = table(step.split(' ').nth(1).unwrap(), &statement.text, &tables).to_owned();
                if !tables.contains(&name) || SMALL.iter().any(|(small, _)| *small == name) {
                    continue;
                }
                if too_much(step, &plan, &statement.text, &partial) {
                    match reason(&statement.text) {
                        Some(at) => drop(used.insert(at)),
                        None => faults.push(format!("{}: {step}: {:.160}", statement.place, statement.text)),
                    }
                }
            }
        }
    }
    assert!(looked_at > 200, "the statements are not found: {looked_at}");
    faults.extend((0..MAY.len()).filter(|at| !used.contains(at)).map(|at| format!("{}: needs no reason any more", MAY[at].0)));
    none(&faults);
}

#[test]
fn the_rule_of_plans_catches_what_it_is_for() {
    let partial = BTreeSet::from(["few".to_owned()]);
    let judged = |step: &str, statement: &str, more: &[&str]| {
        let plan: Vec<String> = std::iter::once(step).chain(more.iter().copied()).map(str::to_owned).collect();
        too_much(step, &plan, statement, &partial)
    };
    assert!(judged("SCAN certificate", "SELECT id FROM certificate", &[]));
    assert!(judged("SCAN certificate USING COVERING INDEX certificate_company", "SELECT id FROM certificate", &[]));
    assert!(judged("SEARCH certificate_status USING PRIMARY KEY (authority_id=?)", "SELECT", &[]), "that is every row");
    let open = "SEARCH certificate USING INDEX certificate_expires (state=? AND not_after>?)";
    assert!(
        judged(open, "SELECT id FROM certificate ORDER BY id LIMIT 1", &["USE TEMP B-TREE FOR ORDER BY"]),
        "all that is active is sorted"
    );
    assert!(judged(open, "SELECT id FROM certificate ORDER BY not_after", &[]), "without a limit");
    assert!(!judged(open, "SELECT id FROM certificate ORDER BY not_after LIMIT 50", &[]), "a page");
    assert!(!judged("SEARCH certificate USING INDEX certificate_company (company_id=? AND id<?)", "SELECT", &[]));
    assert!(!judged("SEARCH certificate USING INDEX ending (not_after>? AND not_after<?)", "SELECT", &["USE TEMP B-TREE FOR ORDER BY"]));
    assert!(!judged("SCAN account USING INDEX few", "SELECT id FROM account", &[]));
    let tables = BTreeSet::from(["audit_entry".to_owned(), "certificate".to_owned()]);
    assert_eq!(table("e", "SELECT 1 FROM audit_entry e WHERE e.sequence > $1", &tables), "audit_entry");
    assert_eq!(table("newer", "SELECT 1 FROM certificate AS newer WHERE newer.id > 1", &tables), "certificate");
}
