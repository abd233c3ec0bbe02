//! The public truth about certificates: CRLs in shards, and OCSP. Fed from above in the unit of each change.
//!
//! Promise: a recorded revocation is never lost or undone; a revocation stands on the CRL within seconds and in OCSP at once; a serial that
//! was never fed is never called good. It does not know whose a certificate is, nor decides on revoking (`certificates`).
//!
//! Walk: [`note_revoked`] in the caller's unit -> `jobs` every five seconds -> [`publish`] -> `GET /pki/{issuer}/{shard}.crl`.

pub mod check;
mod error;
pub mod jobs;
mod kept;
mod model;
mod note;
pub mod ocsp;
pub mod publish;
mod read;
pub mod restore;
pub mod routes;
mod store;
mod turns;
mod witness;

pub use self::{
    error::StatusError,
    model::{FULL, Known, NewStatus, SHARD_SIZE, shard_of},
    note::{adopt_authorities, install_responder, note_all_issued, note_compromised, note_issued, note_revoked, open_shard},
    ocsp::{Answered, answer_ocsp},
    publish::bring_in_list,
    read::{Crl, checked, crl, known, next_list, responder_end, seen},
    witness::{Seen, witness, witness_soon},
};
