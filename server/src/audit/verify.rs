//! Reads the whole memory again, entry by entry, and names whatever was edited, removed, moved or inserted.
//!
//! Three proofs, each for what the others cannot show: the hashes chain the bodies; the signed checkpoints pin the hashes (so that
//! nobody without the keystore can compute the chain anew); a checkpoint kept elsewhere pins the whole (so that not even the keystore
//! helps to shorten it). Memory in use does not grow with the number of entries.

mod chain;
mod checkpoints;
mod entry;
mod finding;

use std::{
    collections::{HashMap, VecDeque},
    fmt,
};

pub use self::finding::Finding;
use self::{chain::ChainCheck, checkpoints::Pins};
use super::{
    checkpoint::{self, Published},
    error::AuditError,
    model::Personal,
    store::{self, Row},
};
use crate::platform::{
    database::{DatabaseError, Reader},
    ground::Ground,
    id::AuditEntryId,
};

/// How many entries are read at once.
const PAGE: i64 = 1000;
/// After so many findings the rest is not listed.
const MOST_FINDINGS: usize = 1000;

/// What was found.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Entries in the chain.
    pub entries: u64,
    /// Entries that the sequencer has not reached yet.
    pub waiting: i64,
    /// Checkpoints of this database.
    pub checkpoints: u64,
    /// Personal values that were erased.
    pub erased: u64,
    /// Number and hash (hexadecimal) of the last entry.
    pub head: Option<(i64, String)>,
    /// The number at which a checkpoint kept elsewhere pins the chain.
    pub pinned_at: Option<i64>,
    /// Whatever is wrong.
    pub findings: Vec<Finding>,
    /// Findings that are not listed.
    pub unlisted: u64,
}

impl Verdict {
    /// Whether nothing is wrong.
    pub fn holds(&self) -> bool {
        self.findings.is_empty()
    }

    fn note(&mut self, finding: Finding) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(finding);
        } else {
            self.unlisted += 1;
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { entries, waiting, checkpoints, erased, .. } = self;
        writeln!(
            formatter,
            "{entries} entries, {checkpoints} checkpoints, {erased} personal values erased, {waiting} entries not chained yet"
        )?;
        if let Some((sequence, hash)) = &self.head {
            writeln!(formatter, "the chain ends with entry {sequence}, hash {hash}")?;
        }
        if let Some(sequence) = self.pinned_at {
            writeln!(formatter, "the given checkpoint pins entry {sequence}")?;
        }
        for finding in &self.findings {
            writeln!(formatter, "- {finding}")?;
        }
        if self.unlisted > 0 {
            writeln!(formatter, "- and {} findings more", self.unlisted)?;
        }
        formatter.write_str(if self.holds() { "nothing was changed" } else { "THE AUDIT WAS CHANGED" })
    }
}

/// Verifies everything; `kept` is a checkpoint kept elsewhere, which the chain must extend.
///
/// # Errors
/// When database or keystore fail, or the given checkpoint is not one of this installation. What was tampered with is no error but
/// a [`Finding`].
pub async fn verify(ground: &Ground, kept: Option<&Published>) -> Result<Verdict, AuditError> {
    let key = checkpoint::known_key(ground).await?;
    let mut verdict = Verdict::default();
    let mut reader = ground.database.read().await?;
    verdict.waiting = store::count_waiting(&mut reader).await?;
    let mut pins = Pins::read(&mut reader, key.as_ref(), &mut verdict).await?;
    if let Some(kept) = kept {
        let body = key.as_ref().ok_or(AuditError::CheckpointForeign).and_then(|key| kept.open(key))?;
        verdict.pinned_at = Some(body.sequence);
        pins.keep(body.sequence, body.head);
    }
    let mut chain = ChainCheck::default();
    let mut entries = Entries::default();
    while let Some((row, personal)) = entries.next(&mut reader).await? {
        verdict.entries += 1;
        entry::check(&row, &personal, &mut verdict);
        let place = chain.check(&row, &mut verdict);
        pins.compare(place, &row, &mut verdict);
        verdict.head = row.sequence.map(|sequence| (sequence, hex::encode(row.hash.unwrap_or_default())));
    }
    chain.end(&mut verdict);
    pins.end(chain.last(), &mut verdict);
    Ok(verdict)
}

/// The chain's entries in order, read page by page.
#[derive(Default)]
struct Entries {
    page: VecDeque<Row>,
    personal: HashMap<AuditEntryId, Vec<Personal>>,
    after: Option<i64>,
}

impl Entries {
    async fn next(&mut self, reader: &mut Reader) -> Result<Option<(Row, Vec<Personal>)>, DatabaseError> {
        if self.page.is_empty() {
            let after = self.after.unwrap_or(i64::MIN);
            self.page = store::chained_after(reader, after, PAGE).await?.into();
            let Some(last) = self.page.back().and_then(|row| row.sequence) else { return Ok(None) };
            self.personal.clear();
            for value in store::personal_between(reader, after, last).await? {
                self.personal.entry(value.entry_id).or_default().push(value.personal);
            }
            self.after = Some(last);
        }
        let Some(row) = self.page.pop_front() else { return Ok(None) };
        let personal = self.personal.remove(&row.id).unwrap_or_default();
        Ok(Some((row, personal)))
    }
}
