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
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .statement_cache_capacity(256)
}
