//! What a person's phone released for one approval, and who uses it: a trait, since whoever judges the phone's answer stands below whoever signs.

use futures_util::future::LocalBoxFuture;
use keycard::{Secret, payload::Payload};

use super::{
    ground::Ground,
    id::{AccountId, ApprovalId},
};

/// The secret of a signing key (for a new password: of each of the person's keys), in the memory of this process, for one approval. It is wiped when dropped.
pub struct Released {
    /// Names the request, however often its time was extended.
    pub approval: ApprovalId,
    /// Who said yes.
    pub account: AccountId,
    /// To what.
    pub payload: Payload,
    /// What opens the key of the payload's certificate.
    pub secret: Secret,
    /// What opens those of its further certificates, in its order.
    pub further: Vec<Secret>,
}

/// Uses a released secret, at once and once. What becomes of it stands in rows: nobody waits for an answer.
pub trait TakesRelease: Send + Sync {
    /// Uses it.
    fn take(&self, ground: Ground, released: Released) -> LocalBoxFuture<'static, ()>;
}
