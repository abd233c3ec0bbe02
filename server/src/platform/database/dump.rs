//! Everything that a database holds at one moment, row by row, while others go on writing.
//!
//! One read transaction: on SQLite a snapshot of the write-ahead log, on PostgreSQL `REPEATABLE READ READ ONLY`. The tables are the
//! catalogue's own, so that no table can be forgotten.

use futures_util::TryStreamExt as _;
use sqlx::{
    AssertSqlSafe, Column as _, ConnectOptions as _, Executor as _, PgConnection, Row as _, SqliteConnection, TypeInfo as _, ValueRef as _,
    postgres::PgRow, sqlite::SqliteRow,
};

use super::{
    DatabaseError, Settings,
    cell::{Cell, Table},
    settings,
};

/// Where diesel notes which schema steps were taken: it goes into the head of a backup and is no table of ours.
const STEPS: &str = "__diesel_schema_migrations";

/// Whoever sets up, restores or founds writes into one of these first.
const TELLING: [&str; 5] = ["account", "audit_entry", "authority", "company", "installation"];

const SQLITE_COLUMNS: &str = "SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c
     WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY t.name, c.cid";
const POSTGRES_COLUMNS: &str = "SELECT CAST(t.table_name AS TEXT), CAST(c.column_name AS TEXT)
     FROM information_schema.tables t JOIN information_schema.columns c ON c.table_schema = t.table_schema AND c.table_name = t.table_name
     WHERE t.table_schema = current_schema() AND t.table_type = 'BASE TABLE' ORDER BY t.table_name, c.ordinal_position";

/// One moment of a database.
pub enum Snapshot {
    /// Of a file.
    Sqlite(SqliteConnection),
    /// Of a server.
    Postgres(PgConnection),
}

impl Snapshot {
    /// Takes it: what is committed later is not in it.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn begin(settings: &Settings) -> Result<Self, DatabaseError> {
        let mut snapshot = match settings {
            Settings::Sqlite { file } => {
                // A few rows at a time: each may hold a whole document.
                let options = settings::sqlite_as_it_is(file).read_only(true).row_buffer_size(2);
                let mut connection = options.connect().await?;
                connection.execute("BEGIN").await?;
                Self::Sqlite(connection)
            }
            Settings::Postgres { options, .. } => {
                let mut connection = options.connect().await?;
                connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
                Self::Postgres(connection)
            }
        };
        // The snapshot is taken by the first read.
        snapshot.steps().await?;
        Ok(snapshot)
    }

    /// The schema steps that were taken, in order; none in an empty database.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn steps(&mut self) -> Result<Vec<String>, DatabaseError> {
        if !self.catalogue().await?.iter().any(|table| table.name == STEPS) {
            return Ok(Vec::new());
        }
        let statement = AssertSqlSafe(format!("SELECT version FROM {STEPS} ORDER BY version"));
        Ok(match self {
            Self::Sqlite(connection) => sqlx::query_scalar(statement).fetch_all(connection).await?,
            Self::Postgres(connection) => sqlx::query_scalar(statement).fetch_all(connection).await?,
        })
    }

    /// Every table of ours.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tables(&mut self) -> Result<Vec<Table>, DatabaseError> {
        let mut tables = self.catalogue().await?;
        tables.retain(|table| table.name != STEPS);
        Ok(tables)
    }

    /// Whether nothing was ever set up here: migrating alone may put rows into other tables.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_empty(&mut self) -> Result<bool, DatabaseError> {
        for table in self.tables().await?.into_iter().filter(|table| TELLING.contains(&table.name.as_str())) {
            let statement = AssertSqlSafe(format!("SELECT count(*) FROM (SELECT 1 AS one FROM {} LIMIT 1) found", quoted(&table.name)));
            let rows: i64 = match self {
                Self::Sqlite(connection) => sqlx::query_scalar(statement).fetch_one(connection).await?,
                Self::Postgres(connection) => sqlx::query_scalar(statement).fetch_one(connection).await?,
            };
            if rows > 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Gives every row of a table, one by one.
    ///
    /// # Errors
    /// When the database fails, or `take` does.
    pub async fn rows<E: From<DatabaseError>>(&mut self, table: &Table, mut take: impl FnMut(&[Cell]) -> Result<(), E>) -> Result<(), E> {
        let columns: Vec<String> = table.columns.iter().map(|column| quoted(column)).collect();
        let statement = AssertSqlSafe(format!("SELECT {} FROM {}", columns.join(", "), quoted(&table.name)));
        match self {
            Self::Sqlite(connection) => {
                let mut rows = sqlx::query(statement).fetch(connection);
                while let Some(row) = rows.try_next().await.map_err(DatabaseError::from)? {
                    take(&sqlite_cells(&row)?)?;
                }
            }
            Self::Postgres(connection) => {
                let mut rows = sqlx::query(statement).fetch(connection);
                while let Some(row) = rows.try_next().await.map_err(DatabaseError::from)? {
                    take(&postgres_cells(&row)?)?;
                }
            }
        }
        Ok(())
    }

    async fn catalogue(&mut self) -> Result<Vec<Table>, DatabaseError> {
        let columns: Vec<(String, String)> = match self {
            Self::Sqlite(connection) => sqlx::query_as(SQLITE_COLUMNS).fetch_all(connection).await?,
            Self::Postgres(connection) => sqlx::query_as(POSTGRES_COLUMNS).fetch_all(connection).await?,
        };
        let mut tables: Vec<Table> = Vec::new();
        for (name, column) in columns {
            match tables.last_mut().filter(|table| table.name == name) {
                Some(table) => table.columns.push(column),
                None => tables.push(Table { name, columns: vec![column] }),
            }
        }
        Ok(tables)
    }
}

/// A name of the catalogue in a statement.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn unknown(column: &str, kind: &str) -> DatabaseError {
    DatabaseError::Corrupt { what: "type of column", value: format!("{column}: {kind}") }
}

fn sqlite_cells(row: &SqliteRow) -> Result<Vec<Cell>, DatabaseError> {
    let mut cells = Vec::with_capacity(row.len());
    for (at, column) in row.columns().iter().enumerate() {
        let value = row.try_get_raw(at)?;
        let kind = value.type_info().name().to_owned();
        cells.push(match kind.as_str() {
            _ if value.is_null() => Cell::Null,
            "INTEGER" => Cell::Integer(row.try_get_unchecked(at)?),
            "TEXT" => Cell::Text(row.try_get_unchecked(at)?),
            "BLOB" => Cell::Bytes(row.try_get_unchecked(at)?),
            "REAL" => Cell::Real(row.try_get_unchecked(at)?),
            other => return Err(unknown(column.name(), other)),
        });
    }
    Ok(cells)
}

fn postgres_cells(row: &PgRow) -> Result<Vec<Cell>, DatabaseError> {
    let mut cells = Vec::with_capacity(row.len());
    for (at, column) in row.columns().iter().enumerate() {
        if row.try_get_raw(at)?.is_null() {
            cells.push(Cell::Null);
            continue;
        }
        cells.push(match column.type_info().name() {
            "INT8" => Cell::Integer(row.try_get(at)?),
            "INT4" => Cell::Integer(row.try_get::<i32, _>(at)?.into()),
            "BOOL" => Cell::Integer(row.try_get::<bool, _>(at)?.into()),
            "TEXT" => Cell::Text(row.try_get(at)?),
            "BYTEA" => Cell::Bytes(row.try_get(at)?),
            "UUID" => Cell::Bytes(row.try_get::<uuid::Uuid, _>(at)?.into_bytes().to_vec()),
            "FLOAT8" => Cell::Real(row.try_get(at)?),
            other => return Err(unknown(column.name(), other)),
        });
    }
    Ok(cells)
}

/// Copies an SQLite database into a new file, as it is at this moment, while others go on writing. False for PostgreSQL.
///
/// # Errors
/// When the file is there already or cannot be written.
pub async fn copy(settings: &Settings, to: &std::path::Path) -> Result<bool, DatabaseError> {
    let Settings::Sqlite { file } = settings else { return Ok(false) };
    let mut connection = settings::sqlite_options(file).connect().await?;
    sqlx::query("VACUUM INTO $1").bind(to.display().to_string()).execute(&mut connection).await?;
    Ok(true)
}
