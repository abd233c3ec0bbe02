//! Rows in bulk: plain INSERTs of many rows as text, which both engines read; a commit each 10,000.

use std::fmt::Write as _;

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions};
use support::world::Plot;
use uuid::Uuid;

/// A transaction holds so many rows.
const ROWS: usize = 10_000;
/// A statement is sent when it is so long.
const STATEMENT_BYTES: usize = 256 * 1024;

/// A value, as both engines write it in their own way.
pub enum Value<'a> {
    Blob(&'a [u8]),
    Id(Uuid),
    Integer(i64),
    Nothing,
    Text(&'a str),
    Truth(bool),
}

enum Engine {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

/// A way into the database that does without the service.
pub struct Filler {
    engine: Engine,
    head: String,
    statement: String,
    rows: usize,
}

impl Filler {
    /// Into the database of a world that stands still.
    pub async fn open(plot: &Plot) -> Self {
        let engine = match plot.postgres() {
            Some(url) => Engine::Postgres(PgConnection::connect(&url).await.unwrap()),
            None => {
                let options = SqliteConnectOptions::new().filename(plot.data().join("segl.db"));
                let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
                connection.execute("PRAGMA synchronous = OFF; PRAGMA cache_size = -2000000").await.unwrap();
                Engine::Sqlite(connection)
            }
        };
        Self { engine, head: String::new(), statement: String::new(), rows: 0 }
    }

    /// Runs statements as they are.
    pub async fn run(&mut self, text: &str) {
        let query = sqlx::raw_sql(AssertSqlSafe(text.to_owned()));
        let done = match &mut self.engine {
            Engine::Postgres(connection) => query.execute(connection).await.map(drop),
            Engine::Sqlite(connection) => query.execute(connection).await.map(drop),
        };
        done.unwrap_or_else(|error| panic!("{error}: {text:.400}"));
    }

    /// The rows that follow are of this table: `certificate (id, state)`.
    pub async fn into(&mut self, table: &str) {
        self.head = format!("INSERT INTO {table} VALUES ");
        self.run("BEGIN").await;
    }

    /// Adds a row.
    pub async fn add(&mut self, values: &[Value<'_>]) {
        let opens = if self.statement.is_empty() { self.head.clone() } else { ",".to_owned() };
        self.statement.push_str(&opens);
        for (at, value) in values.iter().enumerate() {
            self.statement.push(if at == 0 { '(' } else { ',' });
            self.write(value);
        }
        self.statement.push(')');
        self.rows += 1;
        if self.statement.len() >= STATEMENT_BYTES {
            self.send().await;
        }
        if self.rows.is_multiple_of(ROWS) {
            self.send().await;
            self.run("COMMIT; BEGIN").await;
        }
    }

    /// No more rows of this table.
    pub async fn end(&mut self) {
        self.send().await;
        self.run("COMMIT").await;
    }

    /// What whoever runs the database does at times by itself: PostgreSQL gathers what its planner must know, SQLite empties its log.
    pub async fn settle(mut self) {
        match &self.engine {
            Engine::Postgres(_) => self.run("VACUUM ANALYZE").await,
            Engine::Sqlite(_) => self.run("PRAGMA wal_checkpoint(TRUNCATE)").await,
        }
    }

    async fn send(&mut self) {
        if !self.statement.is_empty() {
            let text = std::mem::take(&mut self.statement);
            self.run(&text).await;
        }
    }

    fn write(&mut self, value: &Value<'_>) {
        let (text, is_sqlite) = (&mut self.statement, matches!(self.engine, Engine::Sqlite(_)));
        match value {
            Value::Blob(octets) if is_sqlite => hexadecimal(text, "X'", octets),
            Value::Blob(octets) => hexadecimal(text, "'\\x", octets),
            Value::Id(id) if is_sqlite => hexadecimal(text, "X'", id.as_bytes()),
            Value::Id(id) => write!(text, "'{id}'").unwrap(),
            Value::Integer(number) => write!(text, "{number}").unwrap(),
            Value::Nothing => text.push_str("NULL"),
            Value::Text(words) => {
                text.push('\'');
                text.push_str(&words.replace('\'', "''"));
                text.push('\'');
            }
            Value::Truth(truth) if is_sqlite => text.push(if *truth { '1' } else { '0' }),
            Value::Truth(truth) => text.push_str(if *truth { "TRUE" } else { "FALSE" }),
        }
    }
}

fn hexadecimal(text: &mut String, opens: &str, octets: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    text.push_str(opens);
    for octet in octets {
        text.push(char::from(DIGITS[usize::from(octet >> 4)]));
        text.push(char::from(DIGITS[usize::from(octet & 15)]));
    }
    text.push('\'');
}

impl Filler {
    /// A number that a statement gives.
    pub async fn count(&mut self, text: &str) -> i64 {
        match &mut self.engine {
            Engine::Postgres(connection) => sqlx::query_scalar(AssertSqlSafe(text.to_owned())).fetch_one(connection).await.unwrap(),
            Engine::Sqlite(connection) => sqlx::query_scalar(AssertSqlSafe(text.to_owned())).fetch_one(connection).await.unwrap(),
        }
    }

    /// Number and hash of the audit's last entry.
    pub async fn audit_tail(&mut self) -> (i64, Vec<u8>) {
        const LAST: &str = "SELECT sequence, hash FROM audit_entry WHERE sequence IS NOT NULL ORDER BY sequence DESC LIMIT 1";
        match &mut self.engine {
            Engine::Postgres(connection) => sqlx::query_as(LAST).fetch_one(connection).await.unwrap(),
            Engine::Sqlite(connection) => sqlx::query_as(LAST).fetch_one(connection).await.unwrap(),
        }
    }
}
