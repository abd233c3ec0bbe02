//! Group commit on SQLite: one writer connection, one transaction and one `COMMIT` for all that were waiting. The first unit has the transaction
//! for itself; each that joins has a savepoint of its own.
//!
//! A durable commit costs an fsync (milliseconds); a savepoint costs microseconds, most of them changes of thread. A unit that ends while others
//! wait leaves the transaction open for them and is acknowledged after the shared commit. A transaction is open only while somebody
//! waits for the writer, or a flush is on its way: a caller that gives up (a dropped connection) leaves that to [`Pass`].
//! What opens and closes savepoint and transaction runs as a task of its own, so that no caller can give up in its midst:
//! `BEGIN` done and not noted would refuse every later unit, `COMMIT` done and not noted would tell the others a failure.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
};

use sqlx::{ConnectOptions as _, Executor as _, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use super::{Database, DatabaseError, unit::Unit};

/// The most units that share one commit.
const LARGEST_GROUP: usize = 256;

type Acknowledgement = oneshot::Sender<Result<(), Arc<sqlx::Error>>>;
type Receipt = oneshot::Receiver<Result<(), Arc<sqlx::Error>>>;

/// What a unit takes back when it fails.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// All that is open: it began it, and nobody joined.
    Transaction,
    /// What it did since it joined others.
    Savepoint,
}

/// The connection and what is open on it.
pub(super) struct Shared {
    connection: SqliteConnection,
    transaction_open: bool,
    unit_open: Option<Scope>,
    members: Vec<Acknowledgement>,
    commits: Arc<AtomicU64>,
}

impl Shared {
    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }

    async fn open_unit(&mut self) -> Result<(), sqlx::Error> {
        self.drop_abandoned_unit().await;
        let (statement, scope) = match self.transaction_open {
            false => ("BEGIN IMMEDIATE", Scope::Transaction),
            true => ("SAVEPOINT unit", Scope::Savepoint),
        };
        self.connection.execute(statement).await?;
        (self.transaction_open, self.unit_open) = (true, Some(scope));
        Ok(())
    }

    /// Takes back what the unit did.
    async fn take_back(&mut self, scope: Scope) -> Result<(), sqlx::Error> {
        let statement = match scope {
            Scope::Transaction => "ROLLBACK",
            Scope::Savepoint => "ROLLBACK TO unit; RELEASE unit",
        };
        let taken_back = self.connection.execute(statement).await.map(drop);
        self.unit_open = None;
        self.transaction_open = scope == Scope::Savepoint;
        if taken_back.is_err() {
            self.break_off().await;
        }
        taken_back
    }

    /// Keeps what the unit did, and commits it with what others did when nobody else shall join.
    async fn keep(&mut self, scope: Scope, member: Acknowledgement, commits: bool) -> Result<(), sqlx::Error> {
        self.unit_open = None;
        if scope == Scope::Savepoint
            && !commits
            && let Err(error) = self.connection.execute("RELEASE unit").await
        {
            self.break_off().await;
            return Err(error);
        }
        self.members.push(member);
        if commits {
            self.commit(if scope == Scope::Savepoint { "RELEASE unit; COMMIT" } else { "COMMIT" }).await;
        }
        Ok(())
    }

    /// SQLite itself rolls a whole transaction back when the disk is full or fails in the midst of a statement, and then there is no savepoint to
    /// close: nothing of the group is stored, all are told so, and the next unit begins anew.
    async fn break_off(&mut self) {
        let _nothing_may_be_open = self.connection.execute("ROLLBACK").await;
        (self.transaction_open, self.unit_open) = (false, None);
        let told = Arc::new(sqlx::Error::Protocol("the group's transaction was rolled back".into()));
        for member in self.members.drain(..) {
            let _gone = member.send(Err(told.clone()));
        }
    }

    /// A unit whose caller went away: nothing of it may be kept. Where that fails, everything was taken back, and a new transaction begins.
    async fn drop_abandoned_unit(&mut self) {
        if let Some(scope) = self.unit_open {
            let _broken_off = self.take_back(scope).await;
        }
    }

    async fn commit(&mut self, statement: &'static str) {
        if !self.transaction_open {
            return;
        }
        let outcome = match self.connection.execute(statement).await {
            Ok(_) => {
                self.commits.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
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
    commits: Arc<AtomicU64>,
}

impl Writer {
    pub(super) async fn open(options: &SqliteConnectOptions) -> Result<Self, DatabaseError> {
        let connection = options.connect().await?;
        let commits = Arc::new(AtomicU64::new(0));
        let shared = Shared { connection, transaction_open: false, unit_open: None, members: Vec::new(), commits: commits.clone() };
        Ok(Self { shared: Arc::new(Mutex::new(shared)), waiting: Arc::new(AtomicUsize::new(0)), commits })
    }

    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    pub(super) async fn run<T, E, F>(&self, database: &Database, work: &F, enqueued: &Arc<AtomicBool>) -> Result<T, E>
    where
        F: AsyncFn(&mut Unit) -> Result<T, E>,
        E: From<DatabaseError>,
    {
        let mut pass = Pass { writer: self, waits: true, needs_flush: true };
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let guard = self.shared.clone().lock_owned().await;
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        pass.waits = false;
        let guard = uninterrupted(begin_unit(guard)).await?;
        let mut unit = Unit::sqlite(guard, database.clock().now(), database.random().clone(), enqueued.clone());
        let mut outcome = work(&mut unit).await;
        // After a failed statement SQLite may have taken the whole transaction back; PostgreSQL always refuses to go on.
        if unit.has_failed() && outcome.is_ok() {
            outcome = Err(DatabaseError::Open("a unit went on after a failed statement".into()).into());
        }
        let Some(guard) = unit.into_shared() else {
            return Err(DatabaseError::Open("the unit lost its writer".into()).into());
        };
        let receipt = match (uninterrupted(self.clone().end_unit(guard, outcome.is_ok())).await, &outcome) {
            (Ok(receipt), _) => receipt,
            (Err(error), Ok(_)) => return Err(error.into()),
            // What the work itself met says more than that there was nothing left to take back.
            (Err(_), Err(_)) => return outcome,
        };
        pass.needs_flush = false;
        if let Some(receipt) = receipt {
            match receipt.await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return Err(DatabaseError::Commit(error).into()),
                Err(_) => return Err(DatabaseError::Open("the writer went away".into()).into()),
            }
        }
        outcome
    }

    /// Closes the unit, and the group when nobody waits for it. The receipt tells when the commit is durable.
    async fn end_unit(self, mut guard: OwnedMutexGuard<Shared>, keep: bool) -> Result<Option<Receipt>, sqlx::Error> {
        let Some(scope) = guard.unit_open else {
            return Err(sqlx::Error::Protocol("the unit was taken back".into()));
        };
        if !keep {
            guard.take_back(scope).await?;
            if self.waiting.load(Ordering::SeqCst) == 0 {
                guard.commit("COMMIT").await;
            }
            return Ok(None);
        }
        let (member, receipt) = oneshot::channel();
        let is_last = self.waiting.load(Ordering::SeqCst) == 0 || guard.members.len() + 1 >= LARGEST_GROUP;
        guard.keep(scope, member, is_last).await?;
        Ok(Some(receipt))
    }

    /// Commits what is open if nobody else will.
    async fn flush(self) {
        let mut guard = self.shared.clone().lock_owned().await;
        guard.drop_abandoned_unit().await;
        if self.waiting.load(Ordering::SeqCst) == 0 {
            guard.commit("COMMIT").await;
        }
    }
}

async fn begin_unit(mut guard: OwnedMutexGuard<Shared>) -> Result<OwnedMutexGuard<Shared>, sqlx::Error> {
    guard.open_unit().await?;
    Ok(guard)
}

/// Goes on to its end although the caller may give up.
async fn uninterrupted<T: Send + 'static>(step: impl Future<Output = Result<T, sqlx::Error>> + Send + 'static) -> Result<T, DatabaseError> {
    let ended = tokio::spawn(step).await.map_err(|_| DatabaseError::Open("the writer's task ended".into()))?;
    Ok(ended?)
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use std::{
        pin::pin,
        task::{Context, Waker},
        time::Duration,
    };

    use crate::{
        execute, fetch,
        platform::{
            database::{Database, DatabaseError},
            testing,
        },
    };

    async fn put(database: &Database, name: &str) -> Result<(), DatabaseError> {
        database
            .write(async |unit| {
                execute!(unit, sqlx::query("INSERT INTO installation (name, value) VALUES ($1, $2)").bind(name).bind("x")).map(drop)
            })
            .await
    }

    async fn stored(database: &Database, name: &str) -> i64 {
        let mut reader = database.read().await.unwrap();
        fetch!(&mut reader, |c| sqlx::query_scalar("SELECT count(*) FROM installation WHERE name = $1").bind(name).fetch_one(c)).unwrap()
    }

    #[actix_web::test]
    async fn a_caller_who_gives_up_at_any_step_harms_nobody_else() {
        let world = testing::ground().await.unwrap();
        for steps in 0..24 {
            let abandoned = format!("abandoned {steps}");
            {
                let mut attempt = pin!(put(&world.database, &abandoned));
                let mut context = Context::from_waker(Waker::noop());
                for _ in 0..steps {
                    if attempt.as_mut().poll(&mut context).is_ready() {
                        break;
                    }
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }
            let kept = format!("kept {steps}");
            put(&world.database, &kept).await.unwrap();
            assert_eq!(stored(&world.database, &kept).await, 1, "after {steps} steps");
        }
    }

    #[actix_web::test]
    async fn a_transaction_that_sqlite_took_back_is_told_to_all_of_it_and_the_next_begins_anew() {
        let world = testing::ground().await.unwrap();
        let database = &world.database;
        // As SQLite does by itself when the disk is full.
        let broken = async || {
            let lost = async |unit: &mut crate::platform::database::Unit| -> Result<(), DatabaseError> {
                execute!(unit, sqlx::query("INSERT INTO installation (name, value) VALUES ('lost', 'x')"))?;
                execute!(unit, sqlx::query("ROLLBACK")).map(drop)
            };
            database.write(lost).await
        };
        let (first, broken, last) = futures_util::join!(put(database, "first"), broken(), put(database, "last"));
        assert!(broken.is_err());
        assert_eq!(stored(database, "lost").await, 0);
        for (name, outcome) in [("first", first), ("last", last)] {
            assert_eq!(stored(database, name).await, i64::from(outcome.is_ok()), "{name}: {outcome:?}");
        }
        put(database, "after").await.unwrap();
        assert_eq!(stored(database, "after").await, 1);
    }

    #[actix_web::test]
    async fn a_caller_who_gives_up_while_the_group_commits_does_not_fail_the_others() {
        let world = testing::ground().await.unwrap();
        for round in 0..12_u64 {
            let names: Vec<String> = (0..8).map(|number| format!("{round} {number}")).collect();
            let impatient = tokio::time::timeout(Duration::from_micros(150 * round), async {
                futures_util::future::join_all(
                    (0..4).map(async |number| put(&world.database, &format!("{round} impatient {number}")).await),
                )
                .await
            });
            let (others, _) = futures_util::join!(
                futures_util::future::join_all(names.iter().map(async |name| put(&world.database, name).await)),
                impatient
            );
            for (name, outcome) in names.iter().zip(others) {
                outcome.unwrap();
                assert_eq!(stored(&world.database, name).await, 1, "{name}");
            }
        }
    }
}
