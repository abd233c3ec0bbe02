//! Few at a time: a file made for it costs seconds and hundreds of megabytes to read or draw, and anybody may send one.
//!
//! Strangers have seats of their own, so that a flood of theirs keeps nobody waiting who is logged in. A seat goes with the work to its
//! thread: whoever hangs up meanwhile frees nothing.

use std::{sync::Arc, time::Duration};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::error::DocumentError;
use crate::platform::ground::Ground;

/// So many files are worked on at once, in each lane.
const AT_ONCE: usize = 2;
/// So long somebody waits for a seat.
const PATIENCE: Duration = Duration::from_secs(20);

/// Whose file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Somebody's who is logged in.
    Person,
    /// Anybody's.
    Stranger,
}

impl Whose {
    /// So many may wait, each with a whole file in memory.
    const fn most_waiting(self) -> usize {
        match self {
            Self::Person => 64,
            Self::Stranger => 8,
        }
    }
}

struct Lane {
    line: Arc<Semaphore>,
    seats: Arc<Semaphore>,
}

impl Lane {
    fn of(whose: Whose) -> Self {
        Self { line: Arc::new(Semaphore::new(AT_ONCE + whose.most_waiting())), seats: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

struct Lanes {
    people: Lane,
    strangers: Lane,
}

impl Default for Lanes {
    fn default() -> Self {
        Self { people: Lane::of(Whose::Person), strangers: Lane::of(Whose::Stranger) }
    }
}

/// A seat, kept until its last clone is dropped.
#[derive(Clone, Debug)]
pub struct Seat(#[expect(dead_code, reason = "held for its drop")] Arc<(OwnedSemaphorePermit, OwnedSemaphorePermit)>);

/// Waits for a seat.
///
/// # Errors
/// [`DocumentError::Busy`] when too many wait already, or none gets free in time.
pub async fn seat(ground: &Ground, whose: Whose) -> Result<Seat, DocumentError> {
    let lanes = ground.kept.of::<Lanes>();
    let lane = match whose {
        Whose::Person => &lanes.people,
        Whose::Stranger => &lanes.strangers,
    };
    let place = lane.line.clone().try_acquire_owned().map_err(|_| DocumentError::Busy)?;
    match tokio::time::timeout(PATIENCE, lane.seats.clone().acquire_owned()).await {
        Ok(Ok(seat)) => Ok(Seat(Arc::new((place, seat)))),
        Ok(Err(_)) | Err(_) => Err(DocumentError::Busy),
    }
}

/// Works on a blocking thread, seated.
///
/// # Errors
/// [`DocumentError::Busy`], [`DocumentError::Undrawable`] when the work panics, and what the work refuses with.
pub async fn seated<T: Send + 'static>(
    ground: &Ground,
    whose: Whose,
    work: impl FnOnce() -> Result<T, DocumentError> + Send + 'static,
) -> Result<T, DocumentError> {
    let seat = seat(ground, whose).await?;
    let working = move || {
        let done = work();
        drop(seat);
        done
    };
    tokio::task::spawn_blocking(working).await.map_err(|_| DocumentError::Undrawable)?
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::platform::testing;

    #[actix_web::test]
    async fn strangers_wait_for_each_other_and_people_do_not_wait_for_them() {
        let world = testing::ground().await.unwrap();
        let (first, _second) = (seat(&world, Whose::Stranger).await.unwrap(), seat(&world, Whose::Stranger).await.unwrap());
        let soon = Duration::from_millis(50);
        assert!(tokio::time::timeout(soon, seat(&world, Whose::Stranger)).await.is_err());
        seat(&world, Whose::Person).await.unwrap();
        let kept = first.clone();
        drop(first);
        assert!(tokio::time::timeout(soon, seat(&world, Whose::Stranger)).await.is_err());
        drop(kept);
        seat(&world, Whose::Stranger).await.unwrap();
    }

    #[actix_web::test]
    async fn a_line_that_is_too_long_is_refused_at_once() {
        let world = testing::ground().await.unwrap();
        let _seats = (seat(&world, Whose::Stranger).await.unwrap(), seat(&world, Whose::Stranger).await.unwrap());
        let waiting = (0..Whose::Stranger.most_waiting()).map(|_| {
            let ground = world.ground.clone();
            actix_web::rt::spawn(async move { seat(&ground, Whose::Stranger).await.map(drop) })
        });
        let _waiting: Vec<_> = waiting.collect();
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(matches!(seat(&world, Whose::Stranger).await, Err(DocumentError::Busy)));
    }
}
