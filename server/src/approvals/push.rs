//! Wakes the phones of whoever is asked, by a job after the commit that asked.
//!
//! Nobody is woken before a correct password or a known session, since nobody is asked before. A phone that listens to this node is told by its
//! stream; a stream may be dead without anybody knowing (the system stopped the app), so such a phone is pushed too when its request still waits
//! after eight seconds. What an answered or lapsed request still has in the queue does nothing.

use time::Duration;

use super::{
    ApprovalError, hub,
    jobs::{PUSH, Wakes},
    model::State,
    prepare::Prepared,
    store,
};
use crate::{
    phones,
    platform::{database::Unit, ground::Ground, queue},
    pushes::{self, Look, PushError},
};

/// So long a phone that seems to listen has, before it is pushed.
const LISTENING: Duration = Duration::seconds(8);

/// Enqueues a wake-up for each phone that said how.
pub(super) async fn enqueue(unit: &mut Unit, prepared: &Prepared) -> Result<(), ApprovalError> {
    let phones = phones::read::wakeable(unit, prepared.ask.account).await?;
    let jobs: Vec<_> = phones.into_iter().map(|phone| Wakes { approval: prepared.id, phone, again: false }).collect();
    let now = unit.now();
    Ok(queue::enqueue_all(unit, PUSH, &jobs, now).await?)
}

/// Wakes one phone about one request, while it waits.
///
/// # Errors
/// When the phone's server cannot be reached: the queue tries again.
pub(super) async fn push(ground: &Ground, wakes: &Wakes) -> Result<(), PushError> {
    let mut reader = ground.database.read().await.map_err(phones::PhoneError::from)?;
    let row = store::newest(&mut reader, wakes.approval).await.map_err(phones::PhoneError::from)?;
    drop(reader);
    let now = ground.clock().now();
    let waits = |row: &store::Row| row.state().is_ok_and(|state| state.at(now, row.expires_at) == State::Waiting);
    let Some(row) = row.filter(waits) else { return Ok(()) };
    let later = if !wakes.again && hub::listens(ground, wakes.phone) {
        Some(LISTENING)
    } else {
        pushes::send(ground, wakes.phone, Look { until: row.expires_at }).await?
    };
    let Some(at) = later.map(|after| now.plus(after)).filter(|at| *at < row.expires_at) else { return Ok(()) };
    let again = Wakes { again: true, ..*wakes };
    let enqueued = ground.database.write(async |unit| queue::enqueue(unit, PUSH, &again, at).await).await;
    Ok(enqueued.map(drop).map_err(phones::PhoneError::from)?)
}
