//! After a restore nothing one-time may work again: every table that holds such a thing is ended by an epoch, or says here why it is not.
//!
//! What is one-time is told by its columns: a span that ends, a mark that it was used, tries that are counted, the hash of something that
//! somebody holds, or something sealed.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{self, none};

/// A column with such a name, or such an end of its name, makes its table one to look at.
const SIGNS: [&str; 17] = [
    "expires_at",
    "lapses_at",
    "until_at",
    "until",
    "used_at",
    "claimed_at",
    "answered_by",
    "asked_at",
    "fetched_at",
    "passed_at",
    "run_at",
    "renew_by",
    "tries",
    "token_hash",
    "link_hash",
    "challenge_id",
    "sealed",
];

/// Tables with such a column that a restore leaves as they are, and why.
const LASTING: [(&str, &str); 18] = [
    ("certificate_hold", "until when a certificate waits: the epoch of `reissues` gives the certificate itself up"),
    ("account_attempt", "counts of wrong passwords: a restore forgives nobody"),
    ("agreement", "a text that somebody agreed to, under its hash"),
    ("archived_copy", "the archive itself: keys that old mail needs, sealed to their holders"),
    ("audit_entry", "the audit itself, chained by hashes"),
    ("company_key_share", "the archive itself: a holder's share, used again and again"),
    ("employee", "renew_by and suspended_until are days of the person's own, and give nothing that was taken"),
    ("holder_key", "the archive itself: opened by its holder's password as long as that lasts"),
    ("import_try", "counts of files that were opened within the hour: a restore forgives nobody"),
    ("job", "what is to be done; a job carries no secret, and doing it twice changes nothing"),
    ("key_opener", "a signing key's secret under the person's password, as long as that lasts"),
    ("keycard_lost_try", "counts of reported cards within the hour: a restore forgives nobody"),
    ("lease", "who works on what: it lapses within seconds"),
    ("letter", "letters that wait: cards and temporary passwords in them are dead in their own tables"),
    ("message", "mail that waits: links in it are dead in their own tables"),
    ("revocation_code", "on paper with its holder: that a certificate can be revoked must survive everything"),
    ("sealed_document", "what was sealed, by digest: counted for an hour, and evidence afterwards"),
    ("signing_key", "a signing key, as long as its certificate lasts"),
];

/// Tables whose rows are a part of another's, which is ended.
const PARTS: [(&str, &str); 2] = [("keycard_key", "keycard"), ("succession_signature", "succession")];

/// Table -> columns, as the steps of SQLite leave them.
fn tables() -> BTreeMap<String, BTreeSet<String>> {
    let mut tables: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in source::files("migrations/sqlite").iter().filter(|path| path.ends_with("up.sql")) {
        let mut inside = None::<String>;
        for line in source::read(path).lines() {
            let words: Vec<&str> = line.split([' ', '(', ',', ';']).filter(|word| !word.is_empty()).collect();
            match words.as_slice() {
                ["CREATE", "TABLE", table, ..] => inside = Some((*table).to_owned()),
                [")", ..] => inside = None,
                ["ALTER", "TABLE", table, "ADD", "COLUMN", column, ..] => {
                    tables.entry((*table).to_owned()).or_default().insert((*column).to_owned());
                }
                ["ALTER", "TABLE", table, "RENAME", "TO", name, ..] => {
                    if let Some(columns) = tables.remove(*table) {
                        tables.insert((*name).to_owned(), columns);
                    }
                }
                ["ALTER", "TABLE", table, "DROP", "COLUMN", column, ..] => {
                    tables.entry((*table).to_owned()).or_default().remove(*column);
                }
                [column, ..] => {
                    if let Some(table) = &inside {
                        tables.entry(table.clone()).or_default().insert((*column).to_owned());
                    }
                }
                [] => {}
            }
        }
    }
    assert!(tables.len() > 30, "the tables are not found: {}", tables.len());
    tables
}

fn is_one_time(columns: &BTreeSet<String>) -> bool {
    let has = |column: &str, sign: &str| column == sign || column.strip_suffix(sign).is_some_and(|rest| rest.ends_with('_'));
    columns.iter().any(|column| column == "hash" || SIGNS.iter().any(|sign| has(column, sign)))
}

/// The slices whose epoch a restore begins.
fn begun() -> BTreeSet<String> {
    let text = source::read("server/src/commands/restore/epoch.rs");
    let mut before: Vec<&str> = text.split("::begin_epoch(").collect();
    before.pop();
    let paths = before.into_iter().filter_map(|before| before.rsplit([' ', '(']).next());
    paths.filter_map(|path| path.split("::").next()).map(str::to_owned).collect()
}

/// The tables that the functions of a slice's store, called by its epoch, change.
fn ended_by(slice: &str, epoch: &str) -> BTreeSet<String> {
    let epoch = source::read(epoch);
    let epoch = epoch.split_once("fn begin_epoch(").unwrap_or_else(|| panic!("{slice}: no begin_epoch")).1;
    let epoch = &epoch[..epoch.find("\n}").unwrap()];
    let stores = source::files("server/src")
        .into_iter()
        .filter(|path| *path == format!("server/src/{slice}/store.rs") || path.starts_with(&format!("server/src/{slice}/store/")));
    let stores: String = stores.map(|path| source::read(&path)).collect();
    let mut ended = BTreeSet::new();
    for call in epoch.split("store::").skip(1).filter_map(|rest| rest.split_once("(unit")).map(|(name, _)| name) {
        let body = stores.split_once(&format!("fn {call}(")).unwrap_or_else(|| panic!("{slice}: no {call} in its store")).1;
        let body = &body[..body.find("\n}").unwrap()];
        for (verb, before) in [("UPDATE ", "SET"), ("DELETE FROM ", "")] {
            let changed =
                body.split(verb).skip(1).filter(|rest| rest.split_whitespace().nth(1).is_some_and(|next| next.starts_with(before)));
            ended.extend(changed.filter_map(|rest| rest.split([' ', '"']).next()).map(str::to_owned));
        }
    }
    ended
}

#[test]
fn every_epoch_of_a_slice_is_begun_by_a_restore() {
    let begun = begun();
    let epochs = source::files("server/src").into_iter().filter(|path| path.ends_with("/epoch.rs") && !path.contains("/commands/"));
    let slices: Vec<String> = epochs.map(|path| path.split('/').nth(2).unwrap().to_owned()).collect();
    assert!(slices.len() > 6, "the epochs are not found: {slices:?}");
    none(&slices.into_iter().filter(|slice| !begun.contains(slice)).collect::<Vec<_>>());
}

#[test]
fn every_one_time_thing_ends_with_its_epoch() {
    let mut ended: BTreeSet<String> = BTreeSet::new();
    for slice in begun() {
        let own = format!("server/src/{slice}/epoch.rs");
        let epoch = if source::root().join(&own).exists() { own } else { format!("server/src/{slice}/restore.rs") };
        ended.extend(ended_by(&slice, &epoch));
    }
    ended.extend(PARTS.iter().filter(|(_, whole)| ended.contains(*whole)).map(|(part, _)| (*part).to_owned()).collect::<Vec<_>>());
    let tables = tables();
    let one_time: BTreeSet<&str> = tables.iter().filter(|(_, columns)| is_one_time(columns)).map(|(table, _)| table.as_str()).collect();
    assert!(one_time.contains("session") && one_time.contains("activation") && one_time.len() > 15, "they are not found: {one_time:?}");
    let lasting: BTreeSet<&str> = LASTING.iter().map(|(table, _)| *table).collect();
    let mut faults = Vec::new();
    for table in &one_time {
        match (ended.contains(*table), lasting.contains(table)) {
            (false, false) => {
                faults.push(format!("{table} has one-time things, and no epoch ends them (nor is it said here why it lasts)"))
            }
            (true, true) => faults.push(format!("{table} is said to last, and an epoch ends it")),
            (true, false) | (false, true) => {}
        }
    }
    faults.extend(
        lasting.iter().filter(|table| !one_time.contains(*table)).map(|table| format!("{table} has nothing one-time: its line is stale")),
    );
    none(&faults);
}

#[test]
fn a_new_table_with_links_would_be_noticed() {
    let columns = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    for one_time in [["id", "link_hash"], ["id", "used_at"], ["id", "closed_until"], ["id", "sealed"], ["id", "hash"]] {
        assert!(is_one_time(&columns(&one_time)), "{one_time:?}");
    }
    assert!(!is_one_time(&columns(&["id", "name", "created_at", "agreement_hash"])));
}
