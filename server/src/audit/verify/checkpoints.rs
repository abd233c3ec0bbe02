//! The signed checkpoints: are they ours, do they hang together, and does the chain have the hashes that they pin?

use std::collections::BTreeMap;

use certs::public_key::PublicKey;
use sha2::{Digest as _, Sha256};

use super::{
    super::{
        checkpoint::opened,
        store::{self, CheckpointRow, Row},
    },
    Finding, PAGE, Verdict,
};
use crate::platform::database::{DatabaseError, Reader};

/// The hashes that checkpoints pin, by the number of their entry.
#[derive(Default)]
pub(super) struct Pins {
    heads: BTreeMap<i64, Vec<String>>,
    confirmed: i64,
    rewritten: bool,
}

impl Pins {
    /// Reads and checks the database's own checkpoints.
    pub async fn read(reader: &mut Reader, key: Option<&PublicKey>, verdict: &mut Verdict) -> Result<Self, DatabaseError> {
        let (mut pins, mut after, mut previous) = (Self::default(), i64::MIN, String::new());
        loop {
            let page = store::checkpoints_after(reader, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(pins) };
            after = last.sequence;
            for row in page {
                verdict.checkpoints += 1;
                pins.check(&row, key, &previous, verdict);
                previous = hex::encode(Sha256::digest(&row.body));
            }
        }
    }

    fn check(&mut self, row: &CheckpointRow, key: Option<&PublicKey>, previous: &str, verdict: &mut Verdict) {
        let sequence = row.sequence;
        let body = key.and_then(|key| opened(&row.body, &row.signature, key));
        let Some(body) =
            body.filter(|body| body.sequence == sequence && body.at == row.made_at.millis() && body.head == hex::encode(&row.head))
        else {
            verdict.note(Finding::CheckpointChanged { sequence });
            return;
        };
        if body.previous != previous {
            verdict.note(Finding::CheckpointRemoved { before: sequence });
        }
        self.keep(sequence, body.head);
    }

    /// Pins a number to a hash.
    pub fn keep(&mut self, sequence: i64, head: String) {
        self.heads.entry(sequence).or_default().push(head);
    }

    /// Compares an entry with what is pinned at its place.
    pub fn compare(&mut self, place: i64, row: &Row, verdict: &mut Verdict) {
        let Some(heads) = self.heads.get(&place) else { return };
        let hash = hex::encode(row.hash.as_deref().unwrap_or_default());
        if heads.iter().all(|head| *head == hash) {
            self.confirmed = place;
        } else if !self.rewritten {
            // Every later checkpoint says so too.
            self.rewritten = true;
            verdict.note(Finding::Rewritten { after: self.confirmed, sequence: place });
        }
    }

    /// Notes a checkpoint beyond the last entry.
    pub fn end(&self, last: i64, verdict: &mut Verdict) {
        if let Some((&checkpoint, _)) = self.heads.last_key_value()
            && checkpoint > last
        {
            verdict.note(Finding::Truncated { last, checkpoint });
        }
    }
}
