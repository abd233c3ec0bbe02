//! Group commit on SQLite: one writer connection, each unit a savepoint, one `COMMIT` for all that were waiting.
//!
//! A durable commit costs an fsync (milliseconds); a savepoint costs microseconds. A unit that ends while others wait leaves
//! the transaction open for them and is acknowledged after the shared commit. A transaction is open only while somebody
//! waits for the writer, or a flush is on its way: a caller that gives up (a dropped connection) leaves that to [`Pass`].

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use sqlx::{ConnectOptions as _, Executor as _, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use super::{Database, DatabaseError, unit::Unit};

/// The most units that share one commit.
const LARGEST_GROUP: usize = 256;

type Acknowledgement = oneshot::Sender<Result<(), Arc<sqlx::Error>>>;

/// The connection and what is open on it.
pub(super) struct Shared {
    connection: SqliteConnection,
    transaction_open: bool,
    savepoint_open: bool,
    members: Vec<Acknowledgement>,
}

impl Shared {
    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }

    async fn open_savepoint(&mut self) -> Result<(), sqlx::Error> {
        self.drop_abandoned_savepoint().await?;
        if !self.transaction_open {
            self.connection.execute("BEGIN IMMEDIATE").await?;
            self.transaction_open = true;
        }
        self.savepoint_open = true;
        self.connection.execute("SAVEPOINT unit").await.map(drop)
    }

    async fn close_savepoint(&mut self, keep: bool) -> Result<(), sqlx::Error> {
        if !keep {
            self.connection.execute("ROLLBACK TO unit").await?;
        }
        self.connection.execute("RELEASE unit").await?;
        self.savepoint_open = false;
        Ok(())
    }

    /// A unit whose caller went away left its savepoint open: nothing of it may be kept.
    async fn drop_abandoned_savepoint(&mut self) -> Result<(), sqlx::Error> {
        if !self.savepoint_open {
            return Ok(());
        }
        match self.close_savepoint(false).await {
            Ok(()) => Ok(()),
            // The savepoint may not have been made before the caller went away.
            Err(_) => {
                self.savepoint_open = false;
                Ok(())
            }
        }
    }

    async fn commit(&mut self) {
        if !self.transaction_open {
            return;
        }
        let outcome = match self.connection.execute("COMMIT").await {
            Ok(_) => Ok(()),
            Err(error) => {
                let _rolled_back = self.connection.execute("ROLLBACK").await;
                Err(Arc::new(error))
            }
        };
        self.transaction_open = false;
        for member in self.members.drain(..) {
            let _gone = member.send(outcome.clone());
        }
    }
}

/// The one writer of an SQLite database.
#[derive(Clone)]
pub(super) struct Writer {
    shared: Arc<Mutex<Shared>>,
    waiting: Arc<AtomicUsize>,
}

impl Writer {
    pub(super) async fn open(options: &SqliteConnectOptions) -> Result<Self, DatabaseError> {
        let connection = options.connect().await?;
        let shared = Shared { connection, transaction_open: false, savepoint_open: false, members: Vec::new() };
        Ok(Self { shared: Arc::new(Mutex::new(shared)), waiting: Arc::new(AtomicUsize::new(0)) })
    }

    pub(super) async fn run<T, E, F>(&self, database: &Database, work: &F) -> Result<T, E>
    where
        F: AsyncFn(&mut Unit) -> Result<T, E>,
        E: From<DatabaseError>,
    {
        let mut pass = Pass { writer: self, waits: true, needs_flush: true };
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let mut guard = self.shared.clone().lock_owned().await;
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        pass.waits = false;
        guard.open_savepoint().await.map_err(DatabaseError::from)?;
        let mut unit = Unit::sqlite(guard, database.clock().now(), database.random().clone());
        let outcome = work(&mut unit).await;
        let Some(mut guard) = unit.into_shared() else {
            return Err(DatabaseError::Open("the unit lost its writer".into()).into());
        };
        let receipt = self.end_unit(&mut guard, outcome.is_ok()).await.map_err(DatabaseError::from)?;
        pass.needs_flush = false;
        drop(guard);
        if let Some(receipt) = receipt {
            match receipt.await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return Err(DatabaseError::Commit(error).into()),
                Err(_) => return Err(DatabaseError::Open("the writer went away".into()).into()),
            }
        }
        outcome
    }

    /// Closes the savepoint, and the group when nobody waits for it. The receipt tells when the commit is durable.
    async fn end_unit(
        &self,
        guard: &mut OwnedMutexGuard<Shared>,
        keep: bool,
    ) -> Result<Option<oneshot::Receiver<Result<(), Arc<sqlx::Error>>>>, sqlx::Error> {
        guard.close_savepoint(keep).await?;
        let receipt = keep.then(|| {
            let (sender, receiver) = oneshot::channel();
            guard.members.push(sender);
            receiver
        });
        if self.waiting.load(Ordering::SeqCst) == 0 || guard.members.len() >= LARGEST_GROUP {
            guard.commit().await;
        }
        Ok(receipt)
    }

    /// Commits what is open if nobody else will.
    async fn flush(self) {
        let mut guard = self.shared.clone().lock_owned().await;
        let _abandoned = guard.drop_abandoned_savepoint().await;
        if self.waiting.load(Ordering::SeqCst) == 0 {
            guard.commit().await;
        }
    }
}

/// A caller's place in the queue. Dropped before its unit ended, it sees to it that the others' work is committed.
struct Pass<'a> {
    writer: &'a Writer,
    waits: bool,
    needs_flush: bool,
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if self.waits {
            self.writer.waiting.fetch_sub(1, Ordering::SeqCst);
        }
        if self.needs_flush
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(self.writer.clone().flush());
        }
    }
}
