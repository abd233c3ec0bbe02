//! New passwords that wait for their phone: as argon2id made them, in the memory of the process that asked, and nowhere else. Whoever copies
//! what rests finds none; where the process stops, the person chooses again.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use super::model::Reset;
use crate::{
    accounts::{Protected, UserId},
    platform::{ground::Ground, id::ApprovalId, moment::Moment},
};

/// So many wait in one process. When there are more, the one that ends first goes: its person chooses again.
const MOST: usize = 1_000;

/// A new password, and what it takes the place of.
pub(super) struct Pending {
    pub reset: Reset,
    pub user_id: UserId,
    pub protected: Protected,
    pub old_salt: Vec<u8>,
    /// The keys that the phone opens, by serial number, in the order of the request.
    pub keys: Vec<Vec<u8>>,
    /// From where it was chosen.
    pub network: String,
    /// Nobody can answer then.
    pub until: Moment,
}

#[derive(Default)]
struct Held(Mutex<HashMap<ApprovalId, Pending>>);

impl Held {
    fn with<T>(&self, act: impl FnOnce(&mut HashMap<ApprovalId, Pending>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Keeps one until its phone has answered.
pub(super) fn keep(ground: &Ground, approval: ApprovalId, pending: Pending) {
    let now = ground.clock().now();
    ground.kept.of::<Held>().with(|all| {
        all.retain(|_, one| one.until > now);
        if all.len() >= MOST
            && let Some(first) = all.iter().min_by_key(|(_, one)| one.until).map(|(id, _)| *id)
        {
            all.remove(&first);
        }
        all.insert(approval, pending);
    });
}

/// Takes it, once.
pub(super) fn take(ground: &Ground, approval: ApprovalId) -> Option<Pending> {
    ground.kept.of::<Held>().with(|all| all.remove(&approval))
}
