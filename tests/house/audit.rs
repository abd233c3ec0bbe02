//! No change without its entry in the audit: a verb that writes rows records what it did, or says here why not.

use std::collections::BTreeSet;

use crate::{
    floors,
    source::{self, Source, none},
};

/// Verbs that write and record nothing themselves, and why.
const SILENT: &[(&str, &str)] = &[
    ("server/src/accounts/check_password.rs", "a right password ends a row of wrong ones, which are recorded where they are counted"),
    ("server/src/accounts/jobs.rs", "forgets counts of tries that no longer matter"),
    ("server/src/approvals/jobs.rs", "forgets after a year what nobody answered"),
    ("server/src/archives/rewrap.rs", "part of a change of password, which accounts records in the same unit"),
    ("server/src/authorities/read.rs", "a reserved ordinal is no change yet: the intention that uses it is recorded"),
    ("server/src/certificates/adopt.rs", "the archive records each key that it takes over, in the same unit"),
    ("server/src/certificates/rewrap.rs", "part of a change of password, which accounts records in the same unit"),
    ("server/src/companies/administrators.rs", "employees appoints and dismisses, and records it in the same unit"),
    ("server/src/cpr_numbers/jobs.rs", "forgets counts of wrong questions that no longer matter"),
    ("server/src/employees/cpr_number.rs", "cpr_numbers notes the number, and records it in the same unit"),
    ("server/src/directory/find.rs", "counts the questions of a network, over all nodes; a question changes nothing"),
    ("server/src/employees/change_telephone.rs", "notices records the change, in the same unit"),
    ("server/src/employees/import/there.rs", "part of a dry run, a start or a portion, which say how many rows in the same unit"),
    ("server/src/employees/import/jobs.rs", "forgets files whose time is over, and sets going what a lost job left behind"),
    ("server/src/employees/used.rs", "the log-in or the signature itself is recorded in the same unit"),
    ("server/src/keycards/ask.rs", "a question that is only shown is no change; its answer is recorded"),
    ("server/src/logins/factor.rs", "a part of opening a session and of a proof, which are recorded in the same unit"),
    ("server/src/logins/jobs.rs", "forgets logins and sessions that ended long ago"),
    ("server/src/logins/refusals.rs", "a refusal changes nothing; wrong tries are recorded where they are counted"),
    ("server/src/logins/who_is.rs", "a session was used: asked on each request, it moves the end of the session only"),
    ("server/src/notices/tell.rs", "what causes the message is recorded in the same unit; its end is recorded when it is sent"),
    ("server/src/phones/openers.rs", "certificates records what was tended, in the same unit"),
    ("server/src/phones/jobs.rs", "forgets pairings and counts of tries that no longer matter"),
    ("server/src/resets/jobs.rs", "forgets resets and askings that are over"),
    ("server/src/status/note.rs", "told by the slice that issues or revokes, which records it in the same unit"),
    ("server/src/companies/close.rs", "employees closes, and records it in the same unit"),
    ("server/src/successions/asking.rs", "start and open record what is asked for, in the same unit"),
    ("server/src/successions/scan.rs", "sign records the form and the digest of its scan, in the same unit"),
    ("server/src/status/witness.rs", "what was seen of a revocation is no change; the revocation was recorded"),
    ("server/src/timestamps/serials.rs", "a reserved block of serial numbers is no change yet"),
    ("server/src/timestamps/install.rs", "told by certificates, which records the new unit's certificate in the same unit"),
];

/// The functions of a slice's store that write: those that take a unit.
fn writers(source: &Source) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for at in 0..source.tokens.len() {
        if !source.is_word(at, "fn") {
            continue;
        }
        let name = source.word(at + 1).unwrap_or("");
        let end = (at..source.tokens.len()).find(|&at| source.is_sign(at, '{')).unwrap_or(source.tokens.len());
        if (at..end).any(|at| source.is_word(at, "Unit")) {
            found.insert(name.to_owned());
        }
    }
    found
}

/// Whether a verb's file calls a writing function of its own store.
fn writes(source: &Source, writers: &BTreeSet<String>) -> bool {
    (0..source.tokens.len()).any(|at| {
        source.is_word(at, "store")
            && source.is_sign(at + 1, ':')
            && source.is_sign(at + 2, ':')
            && source.word(at + 3).is_some_and(|name| writers.contains(name))
    })
}

fn records(source: &Source) -> bool {
    let one_of = ["record", "record_all"];
    let records = |named: &[String]| matches!(named, [.., slice, verb] if slice == "audit" && one_of.contains(&verb.as_str()));
    source.paths().iter().any(|named| records(&named.parts))
        || (0..source.tokens.len()).any(|at| source.is_word(at, "record") && source.is_sign(at + 1, '('))
}

/// The files of verbs that write and do not record.
fn silent() -> BTreeSet<String> {
    let slices = floors::slices();
    let sources = source::rust("server/src");
    let mut found = BTreeSet::new();
    let mut verbs = 0;
    for slice in slices.iter().filter(|slice| *slice != "audit") {
        let own: Vec<&Source> = sources.iter().filter(|source| source.room().0 == slice).collect();
        let is_store = |source: &Source| source.room().1.split('/').next() == Some("store");
        let writers: BTreeSet<String> = own.iter().filter(|source| is_store(source)).flat_map(|source| writers(source)).collect();
        for source in own.iter().filter(|source| !is_store(source) && writes(source, &writers)) {
            verbs += 1;
            if !records(source) {
                found.insert(source.path.clone());
            }
        }
    }
    assert!(verbs > 3, "the verbs that write are not found: {verbs}");
    found
}

#[test]
fn every_verb_that_writes_records_it() {
    let faults: Vec<String> = silent().into_iter().filter(|path| !SILENT.iter().any(|(known, _)| known == path)).collect();
    let faults: Vec<String> = faults.iter().map(|path| format!("{path}: writes rows and records nothing")).collect();
    none(&faults);
}

#[test]
fn every_excuse_for_silence_is_still_needed() {
    let silent = silent();
    let faults: Vec<String> = SILENT
        .iter()
        .filter(|(path, _)| !silent.contains(*path))
        .map(|(path, reason)| format!("{path} records, or is gone: it needs no excuse ({reason})"))
        .collect();
    none(&faults);
}
