//! The connections that read an SQLite file. A pool for servers asks a connection whether it is still there, before it lends it and when it comes
//! back: here each such question is two changes of thread, as many as the statement itself, and the answer is always yes.
//!
//! A reader that is dropped in the midst of a statement leaves nothing behind: nobody takes its rows, so the statement ends with the next row that it
//! finds. A statement that finds none until its end goes on until then, and whoever is lent its connection waits for it.

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::{ConnectOptions as _, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::DatabaseError;

/// So long one waits for a connection when all are lent.
const PATIENCE: Duration = Duration::from_secs(30);

/// Lends at most so many connections at once as it was opened for; who comes then waits, in the order of coming.
pub(super) struct Readers {
    options: SqliteConnectOptions,
    idle: Arc<Mutex<Vec<SqliteConnection>>>,
    places: Arc<Semaphore>,
}

impl Readers {
    /// Opens the first, so that a file that cannot be read is told at once.
    pub(super) async fn open(options: SqliteConnectOptions, most: usize) -> Result<Self, DatabaseError> {
        let first = options.connect().await?;
        Ok(Self { options, idle: Arc::new(Mutex::new(vec![first])), places: Arc::new(Semaphore::new(most)) })
    }

    /// The connection that was used last, whose pages are at hand; a new one when all are lent.
    pub(super) async fn lend(&self) -> Result<Lent, DatabaseError> {
        let place = tokio::time::timeout(PATIENCE, self.places.clone().acquire_owned()).await.map_err(|_| sqlx::Error::PoolTimedOut)?;
        let place = place.map_err(|_| sqlx::Error::PoolClosed)?;
        let idle = lock(&self.idle).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.options.connect().await?,
        };
        Ok(Lent { connection: Some(connection), is_broken: false, home: self.idle.clone(), _place: place })
    }
}

fn lock(idle: &Mutex<Vec<SqliteConnection>>) -> std::sync::MutexGuard<'_, Vec<SqliteConnection>> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A connection that goes back when it is dropped.
pub struct Lent {
    connection: Option<SqliteConnection>,
    is_broken: bool,
    home: Arc<Mutex<Vec<SqliteConnection>>>,
    _place: OwnedSemaphorePermit,
}

#[expect(clippy::expect_used, reason = "the connection leaves only when it is dropped")]
impl Deref for Lent {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        self.connection.as_ref().expect("lent until dropped")
    }
}

#[expect(clippy::expect_used, reason = "the connection leaves only when it is dropped")]
impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        self.connection.as_mut().expect("lent until dropped")
    }
}

impl Lent {
    /// It does not go back: its thread ended, or its file cannot be read by it.
    pub(super) fn give_up(&mut self) {
        self.is_broken = true;
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if !self.is_broken {
            lock(&self.home).extend(self.connection.take());
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use std::{
        pin::pin,
        task::{Context, Waker},
    };

    use crate::{fetch, platform::testing};

    /// A question that goes on for seconds, unless nobody takes its rows.
    const LONG: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000) SELECT i FROM n";

    #[actix_web::test]
    async fn more_than_are_lent_at_once_wait_and_all_are_answered() {
        let world = testing::ground().await.unwrap();
        let held = futures_util::future::join_all((0..8).map(async |_| world.database.read().await.unwrap())).await;
        let mut ninth = pin!(world.database.read());
        assert!(ninth.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop(held);
        let mut reader = ninth.await.unwrap();
        let one: i64 = fetch!(&mut reader, |c| sqlx::query_scalar("SELECT CAST(1 AS BIGINT)").fetch_one(c)).unwrap();
        assert_eq!(one, 1);
    }

    #[actix_web::test]
    async fn whoever_gives_up_in_the_midst_of_a_statement_leaves_nothing_behind() {
        let world = testing::ground().await.unwrap();
        // Of all eight connections at once, so that none of those below is a fresh one.
        for _ in 0..2 {
            let abandoned = (0..8).map(async |_| {
                let mut reader = world.database.read().await.unwrap();
                let rows = async { fetch!(&mut reader, |c| sqlx::query_scalar::<_, i64>(LONG).fetch_all(c)) };
                tokio::time::timeout(std::time::Duration::from_millis(20), rows).await.is_err()
            });
            assert_eq!(futures_util::future::join_all(abandoned).await, [true; 8]);
        }
        world
            .database
            .write(async |unit| {
                crate::execute!(unit, sqlx::query("INSERT INTO installation (name, value) VALUES ('after', 'x')")).map(drop)
            })
            .await
            .unwrap();
        // Every connection sees what was written since: none is left in an older state.
        let mut readers = futures_util::future::join_all((0..8).map(async |_| world.database.read().await.unwrap())).await;
        for reader in &mut readers {
            let found: i64 =
                fetch!(reader, |c| sqlx::query_scalar("SELECT count(*) FROM installation WHERE name = 'after'").fetch_one(c)).unwrap();
            assert_eq!(found, 1);
        }
    }
}
