//! How entries hang together.

use sha2::{Digest as _, Sha256};

/// The hash before the first entry.
pub(super) const BEGINNING: [u8; 32] = [0; 32];

/// SHA-256("segl/audit/chain/v1" | previous hash | sequence, 8 octets | SHA-256(body)).
pub(super) fn link(previous: &[u8], sequence: i64, body_hash: &[u8; 32]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"segl/audit/chain/v1");
    hash.update(previous);
    hash.update(sequence.to_be_bytes());
    hash.update(body_hash);
    hash.finalize().into()
}

/// SHA-256(body).
pub(super) fn body_hash(body: &[u8]) -> [u8; 32] {
    Sha256::digest(body).into()
}
