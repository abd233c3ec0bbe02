//! One transaction: what a verb writes through. It carries the moment and the randomness of the change.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use sqlx::{PgConnection, Postgres, SqliteConnection, Transaction};
use tokio::sync::OwnedMutexGuard;

use super::{Connection, DatabaseError, Engine, group::Shared};
use crate::platform::{id::Id, moment::Moment, random::Random};

enum Inner {
    Sqlite(Option<OwnedMutexGuard<Shared>>),
    Postgres(Transaction<'static, Postgres>),
}

/// One transaction. Nothing is stored until the whole verb succeeds.
pub struct Unit {
    inner: Inner,
    now: Moment,
    random: Arc<dyn Random>,
    run_again: bool,
    has_failed: bool,
    enqueued: Arc<AtomicBool>,
}

impl Unit {
    pub(super) fn sqlite(guard: OwnedMutexGuard<Shared>, now: Moment, random: Arc<dyn Random>, enqueued: Arc<AtomicBool>) -> Self {
        Self { inner: Inner::Sqlite(Some(guard)), now, random, run_again: false, has_failed: false, enqueued }
    }

    pub(super) fn postgres(
        transaction: Transaction<'static, Postgres>,
        now: Moment,
        random: Arc<dyn Random>,
        enqueued: Arc<AtomicBool>,
    ) -> Self {
        Self { inner: Inner::Postgres(transaction), now, random, run_again: false, has_failed: false, enqueued }
    }

    /// The moment of this change: the same for every row that it writes.
    pub fn now(&self) -> Moment {
        self.now
    }

    /// The randomness of this change.
    pub fn random(&self) -> &dyn Random {
        self.random.as_ref()
    }

    /// A fresh id.
    pub fn id<I: Id>(&self) -> I {
        I::fresh(self.now, self.random.as_ref())
    }

    /// Notes that a job is due once this is committed: only then do the workers look (`platform::wake`).
    pub(in crate::platform) fn note_enqueued(&self) {
        self.enqueued.store(true, Ordering::Relaxed);
    }

    pub(super) fn should_run_again(&self) -> bool {
        self.run_again
    }

    pub(super) fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// Gives the shared SQLite writer back.
    pub(super) fn into_shared(mut self) -> Option<OwnedMutexGuard<Shared>> {
        match &mut self.inner {
            Inner::Sqlite(guard) => guard.take(),
            Inner::Postgres(_) => None,
        }
    }

    /// Commits; `true` when PostgreSQL asks to run the unit again.
    pub(super) async fn commit_postgres(self) -> Result<bool, DatabaseError> {
        let Inner::Postgres(transaction) = self.inner else { return Ok(false) };
        // PostgreSQL answers the commit of a failed transaction by rolling back, and calls that success.
        if self.has_failed {
            transaction.rollback().await?;
            return if self.run_again { Ok(true) } else { Err(DatabaseError::Open("a unit went on after a failed statement".into())) };
        }
        match transaction.commit().await {
            Ok(()) => Ok(false),
            Err(error) if asks_to_run_again(&error) => Ok(true),
            Err(error) => Err(DatabaseError::Commit(Arc::new(error))),
        }
    }

    pub(super) async fn roll_back_postgres(self) -> Result<(), DatabaseError> {
        let Inner::Postgres(transaction) = self.inner else { return Ok(()) };
        Ok(transaction.rollback().await?)
    }
}

impl Connection for Unit {
    #[expect(clippy::expect_used, reason = "the guard leaves the unit only when the unit ends")]
    fn engine(&mut self) -> Engine<'_> {
        match &mut self.inner {
            Inner::Sqlite(guard) => {
                let connection: &mut SqliteConnection = guard.as_mut().expect("a unit holds the writer").connection();
                Engine::Sqlite(connection)
            }
            Inner::Postgres(transaction) => {
                let connection: &mut PgConnection = transaction;
                Engine::Postgres(connection)
            }
        }
    }

    fn failed(&mut self, error: sqlx::Error) -> DatabaseError {
        self.run_again |= asks_to_run_again(&error);
        self.has_failed = true;
        error.into()
    }
}

/// PostgreSQL's `serialization_failure`, `deadlock_detected`, and `unique_violation`: somebody stored the same between this unit's question
/// and its write; asked once more, the unit sees it and refuses in its own words.
fn asks_to_run_again(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|fault| fault.code());
    code.is_some_and(|code| ["40001", "40P01", "23505"].contains(&code.as_ref()))
}
