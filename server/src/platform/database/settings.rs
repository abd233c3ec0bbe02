//! Where the database is. Configured in parts; both drivers' addresses are built from them here.

use std::{
    path::{Path, PathBuf},
    str::FromStr as _,
    time::Duration,
};

use sqlx::{
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use super::DatabaseError;

/// Where the database is.
#[derive(Clone)]
pub enum Settings {
    /// One file on this machine.
    Sqlite {
        /// The file.
        file: PathBuf,
    },
    /// A PostgreSQL server.
    Postgres {
        /// For sqlx.
        options: Box<PgConnectOptions>,
        /// For diesel's migrations (libpq).
        url: String,
        /// The most connections of this process.
        connections: u32,
    },
}

impl Settings {
    /// PostgreSQL by its URL (`postgres://user:password@host:port/database?sslmode=...`), which libpq and sqlx both read.
    ///
    /// # Errors
    /// When the URL is not one.
    pub fn postgres(url: &str, connections: u32) -> Result<Self, DatabaseError> {
        let options = PgConnectOptions::from_str(url).map_err(|error| DatabaseError::Open(format!("the database's URL: {error}")))?;
        Ok(Self::Postgres { options: Box::new(options), url: url.to_owned(), connections })
    }
}

/// WAL, every commit durable, foreign keys on.
pub(super) fn sqlite_options(file: &Path) -> SqliteConnectOptions {
    sqlite_as_it_is(file)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        // A page that many commits change is copied from the log into the file once for all of them: 16 MB of log instead of 4.
        .pragma("wal_autocheckpoint", "4000")
        // The rows of one statement of many come without waiting for who reads them.
        .row_buffer_size(256)
}

/// The one connection that writes: 4 MB of pages at hand, so that most of what a commit changes need not be read again. (More are dearer than
/// reading some anew: where a page was split, a commit looks through all that are at hand.) What a savepoint may have to take back is kept in
/// memory.
pub(super) fn sqlite_writer_options(file: &Path) -> SqliteConnectOptions {
    sqlite_options(file).pragma("cache_size", "-4096").pragma("temp_store", "memory")
}

/// The file in the journal mode that it has: naming one is a write, which a reader of an older file must not need.
pub(super) fn sqlite_as_it_is(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(false)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .statement_cache_capacity(256)
}
