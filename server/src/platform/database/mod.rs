//! One database interface, two engines: each statement is written once and runs on SQLite and PostgreSQL.
//!
//! [`Database::write`] runs a verb as one [`Unit`]: one transaction, which may be run again when PostgreSQL asks for it.
//! On SQLite waiting units share a commit (`group`). [`Database::read`] gives a [`Reader`], which never blocks on the writer.

pub mod cell;
pub mod dump;
mod group;
mod hints;
pub mod load;
pub mod migrate;
mod readers;
mod rows;
mod settings;
mod unit;

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use sqlx::{Connection as _, PgConnection, PgPool, Postgres, SqliteConnection, pool::PoolConnection, postgres::PgPoolOptions};

pub use self::{hints::Heard, rows::portions, settings::Settings, unit::Unit};
use super::{clock::Clock, random::Random};

/// How often a unit is run again after a serialization failure, a deadlock or a unique violation.
const RETRIES: u32 = 6;

/// So many rows a unit deletes of what is forgotten by age: others who write wait no longer than that takes.
pub const BATCH: i64 = 1000;

/// A connection of one of the two engines, as the macros of this module see it.
pub enum Engine<'a> {
    /// SQLite.
    Sqlite(&'a mut SqliteConnection),
    /// PostgreSQL.
    Postgres(&'a mut PgConnection),
}

/// What a statement can run on: a [`Unit`] or a [`Reader`].
pub trait Connection {
    /// The engine's connection.
    fn engine(&mut self) -> Engine<'_>;
    /// Notes a failure (whether the unit should run again) and turns it into our error.
    fn failed(&mut self, error: sqlx::Error) -> DatabaseError;
}

/// Runs one query on whichever engine the connection is: `fetch!(unit, |c| sqlx::query_as(...).bind(...).fetch_optional(c))`.
#[macro_export]
macro_rules! fetch {
    ($connection:expr, |$c:ident| $query:expr) => {{
        let result = match $crate::platform::database::Connection::engine($connection) {
            $crate::platform::database::Engine::Sqlite($c) => $query.await,
            $crate::platform::database::Engine::Postgres($c) => $query.await,
        };
        match result {
            Ok(value) => Ok(value),
            Err(error) => Err($crate::platform::database::Connection::failed($connection, error)),
        }
    }};
}

/// Runs one statement and gives the number of rows that it changed: `execute!(unit, sqlx::query(...).bind(...))`.
#[macro_export]
macro_rules! execute {
    ($connection:expr, $query:expr) => {{
        let result = match $crate::platform::database::Connection::engine($connection) {
            $crate::platform::database::Engine::Sqlite(c) => $query.execute(c).await.map(|done| done.rows_affected()),
            $crate::platform::database::Engine::Postgres(c) => $query.execute(c).await.map(|done| done.rows_affected()),
        };
        match result {
            Ok(value) => Ok(value),
            Err(error) => Err($crate::platform::database::Connection::failed($connection, error)),
        }
    }};
}

/// Why a statement or a commit failed. Slices pass it on as "unforeseen".
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// A group's shared commit failed; nothing of the unit is stored.
    #[error("the commit failed: {0}")]
    Commit(Arc<sqlx::Error>),
    /// A row holds what its type does not know.
    #[error("a row holds an unknown {what}: {value:?}")]
    Corrupt {
        /// The kind of value.
        what: &'static str,
        /// What the row holds.
        value: String,
    },
    /// Migrating or opening failed.
    #[error("{0}")]
    Open(String),
    /// A statement failed.
    #[error("a statement failed: {0}")]
    Statement(#[from] sqlx::Error),
}

impl DatabaseError {
    /// Whether the database has no room left: SQLite's `SQLITE_FULL` and what it says of its shared memory then, PostgreSQL's `disk_full`.
    /// Nothing of the unit is stored.
    pub fn is_full(&self) -> bool {
        self.has_code(&["13", "4874", "5130", "53100"])
    }

    /// Whether the database does not answer, or not now: PostgreSQL stops, starts, went down with its log's disk full, or has no connection left.
    /// Of a unit whose commit was under way nobody knows whether it is stored; of every other nothing is.
    pub fn is_away(&self) -> bool {
        let error = match self {
            Self::Commit(error) => error.as_ref(),
            Self::Statement(error) => error,
            Self::Corrupt { .. } | Self::Open(_) => return false,
        };
        // A proxy before it that finds nobody ends the greeting: a fault of the protocol.
        let is_cut_off = matches!(
            error,
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Protocol(_) | sqlx::Error::Tls(_)
        );
        is_cut_off || self.has_code(&["53300", "57P01", "57P02", "57P03"])
    }

    /// Whether it was given text that it cannot hold: PostgreSQL's `character_not_in_repertoire`, for a NUL.
    pub fn is_unstorable_text(&self) -> bool {
        self.has_code(&["22021"])
    }

    fn has_code(&self, codes: &[&str]) -> bool {
        let error = match self {
            Self::Commit(error) => error.as_ref(),
            Self::Statement(error) => error,
            Self::Corrupt { .. } | Self::Open(_) => return false,
        };
        let code = error.as_database_error().and_then(|fault| fault.code());
        code.is_some_and(|code| codes.contains(&code.as_ref()))
    }
}

/// So long a request waits for a connection to PostgreSQL: whoever asks is told soon that it is away.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

/// A connection to PostgreSQL that nobody used for so long is asked whether it is still there.
const RESTED: std::time::Duration = std::time::Duration::from_millis(500);

/// So many read SQLite at once.
const MOST_READERS: usize = 8;

enum Pools {
    Sqlite { readers: Box<readers::Readers>, writer: group::Writer },
    Postgres(PgPool),
}

/// The database, cheap to clone.
#[derive(Clone)]
pub struct Database {
    pools: Arc<Pools>,
    commits: Arc<AtomicU64>,
    enqueued: Arc<AtomicU64>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Database {
    /// Opens the database, its schema already migrated (see [`migrate::run`]).
    ///
    /// # Errors
    /// When it cannot be reached.
    pub async fn open(settings: &Settings, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Result<Self, DatabaseError> {
        let pools = match settings {
            Settings::Sqlite { file } => {
                let options = settings::sqlite_options(file);
                let writer = group::Writer::open(&settings::sqlite_writer_options(file)).await?;
                let readers = Box::new(readers::Readers::open(options.read_only(true), MOST_READERS).await?);
                Pools::Sqlite { readers, writer }
            }
            Settings::Postgres { options, connections, .. } => {
                let options = (**options).clone().statement_cache_capacity(256);
                let pool = PgPoolOptions::new().max_connections(*connections).acquire_timeout(PATIENCE).test_before_acquire(false);
                // Whoever rested may have been cut off meanwhile; who was used just now is asked when it comes back, and not once more.
                let pool = pool.before_acquire(|connection, used| {
                    Box::pin(async move { if used.idle_for < RESTED { Ok(true) } else { connection.ping().await.map(|()| true) } })
                });
                let pool = pool.connect_with(options).await?;
                Pools::Postgres(pool)
            }
        };
        Ok(Self { pools: Arc::new(pools), commits: Arc::default(), enqueued: Arc::default(), clock, random })
    }

    /// A connection that only reads.
    ///
    /// # Errors
    /// When none can be had.
    pub async fn read(&self) -> Result<Reader, DatabaseError> {
        Ok(match self.pools.as_ref() {
            Pools::Sqlite { readers, .. } => Reader::Sqlite(readers.lend().await?),
            Pools::Postgres(pool) => Reader::Postgres(pool.acquire().await?),
        })
    }

    /// Runs `work` as one transaction. It may run more than once, so it has no side effect but rows, and awaits nothing
    /// but the database: no network, no password hashing, no keystore.
    ///
    /// # Errors
    /// What `work` refuses with (nothing is stored then), or the database's own failure.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: AsyncFn(&mut Unit) -> Result<T, E>,
        E: From<DatabaseError>,
    {
        let enqueued = Arc::new(AtomicBool::new(false));
        let outcome = match self.pools.as_ref() {
            Pools::Sqlite { writer, .. } => writer.run(self, &work, &enqueued).await,
            Pools::Postgres(pool) => self.write_postgres(pool, &work, &enqueued).await,
        };
        if outcome.is_ok() && enqueued.load(Ordering::Relaxed) {
            self.enqueued.fetch_add(1, Ordering::SeqCst);
        }
        self.commits.fetch_add(1, Ordering::SeqCst);
        outcome
    }

    /// Runs a unit that deletes at most [`BATCH`] rows again and again, until fewer went. Gives how many went in all.
    ///
    /// # Errors
    /// As [`Database::write`].
    pub async fn in_batches<E, F>(&self, work: F) -> Result<u64, E>
    where
        F: AsyncFn(&mut Unit) -> Result<u64, E>,
        E: From<DatabaseError>,
    {
        let mut all = 0;
        loop {
            let gone = self.write(&work).await?;
            all += gone;
            if gone < BATCH.unsigned_abs() {
                return Ok(all);
            }
        }
    }

    /// How many units of this process have ended: while it is the same, whoever keeps rows in memory has missed none of them.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::SeqCst)
    }

    /// How many units of this process have enqueued a job that is due: while it is the same, the workers have nothing new to look for.
    pub fn enqueued(&self) -> u64 {
        self.enqueued.load(Ordering::SeqCst)
    }

    async fn write_postgres<T, E, F>(&self, pool: &PgPool, work: &F, enqueued: &Arc<AtomicBool>) -> Result<T, E>
    where
        F: AsyncFn(&mut Unit) -> Result<T, E>,
        E: From<DatabaseError>,
    {
        let mut attempt = 0;
        loop {
            #[expect(clippy::disallowed_methods, reason = "the unit is what begins transactions")]
            let transaction = pool.begin().await.map_err(DatabaseError::from)?;
            let mut unit = Unit::postgres(transaction, self.clock.now(), self.random.clone(), enqueued.clone());
            let outcome = work(&mut unit).await;
            let again = unit.should_run_again();
            let ended = match &outcome {
                Ok(_) => unit.commit_postgres().await,
                Err(_) => unit.roll_back_postgres().await.map(|()| false),
            };
            match (outcome, ended) {
                (Ok(value), Ok(false)) => return Ok(value),
                (_, Ok(true)) if attempt < RETRIES => {}
                (Err(_), Ok(false)) if again && attempt < RETRIES => {}
                (Err(refused), _) => return Err(refused),
                (Ok(_), Err(error)) => return Err(error.into()),
                (Ok(_), Ok(true)) => return Err(DatabaseError::Commit(Arc::new(sqlx::Error::PoolTimedOut)).into()),
            }
            attempt += 1;
            tokio::time::sleep(std::time::Duration::from_millis(u64::from(attempt) * 5)).await;
        }
    }

    /// How often SQLite's writer has committed: each is one fsync of the log that all its units share. None on PostgreSQL, which groups its own.
    pub fn shared_commits(&self) -> Option<u64> {
        match self.pools.as_ref() {
            Pools::Sqlite { writer, .. } => Some(writer.commits()),
            Pools::Postgres(_) => None,
        }
    }

    /// The clock that units read.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The randomness that units draw from.
    pub fn random(&self) -> &Arc<dyn Random> {
        &self.random
    }

    /// Whether other nodes may stand on the same database.
    pub fn is_shared(&self) -> bool {
        match self.pools.as_ref() {
            Pools::Sqlite { .. } => false,
            Pools::Postgres(_) => true,
        }
    }

    /// Which engine this is, for people to read.
    pub fn engine_name(&self) -> &'static str {
        match self.pools.as_ref() {
            Pools::Sqlite { .. } => "SQLite",
            Pools::Postgres(_) => "PostgreSQL",
        }
    }

    /// Answers when the database does.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), DatabaseError> {
        let mut reader = self.read().await?;
        let _one: i64 = crate::fetch!(&mut reader, |c| sqlx::query_scalar("SELECT CAST(1 AS BIGINT)").fetch_one(c))?;
        Ok(())
    }
}

/// A connection that only reads; it goes back to its pool when dropped.
pub enum Reader {
    /// SQLite.
    Sqlite(readers::Lent),
    /// PostgreSQL.
    Postgres(PoolConnection<Postgres>),
}

impl Connection for Reader {
    fn engine(&mut self) -> Engine<'_> {
        match self {
            Self::Sqlite(connection) => Engine::Sqlite(connection),
            Self::Postgres(connection) => Engine::Postgres(connection),
        }
    }

    fn failed(&mut self, error: sqlx::Error) -> DatabaseError {
        if let (Self::Sqlite(lent), sqlx::Error::WorkerCrashed | sqlx::Error::Io(_)) = (&mut *self, &error) {
            lent.give_up();
        }
        error.into()
    }
}
