//! Rows into an empty database of either engine: one transaction, so that all of them are there or none.

use std::collections::HashMap;

use sqlx::{
    Arguments as _, AssertSqlSafe, ConnectOptions as _, Executor as _, PgConnection, Postgres, Sqlite, SqliteConnection,
    postgres::PgArguments, sqlite::SqliteArguments,
};

use super::{
    DatabaseError, Settings,
    cell::{Cell, Table},
    dump::quoted,
    settings,
};

/// The most rows of one statement.
const MOST_ROWS: usize = 200;
/// The most placeholders of one statement: both engines take 32,766 and more.
const MOST_VALUES: usize = 16_000;
/// The most octets of one statement, but for a row that alone is larger.
const MOST_BYTES: usize = 1024 * 1024;

const POSTGRES_TYPES: &str = "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT), CAST(data_type AS TEXT)
     FROM information_schema.columns WHERE table_schema = current_schema()";

enum Connected {
    Sqlite(SqliteConnection),
    Postgres(PgConnection, HashMap<(String, String), Kind>),
}

/// What a column of PostgreSQL takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Boolean,
    Bytes,
    Integer,
    Real,
    Text,
    Uuid,
}

impl Kind {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "bigint" => Self::Integer,
            "boolean" => Self::Boolean,
            "bytea" => Self::Bytes,
            "double precision" => Self::Real,
            "text" => Self::Text,
            "uuid" => Self::Uuid,
            _ => return None,
        })
    }
}

/// A transaction that only inserts.
pub struct Loading {
    connected: Connected,
    table: Option<(Table, Vec<Kind>)>,
    waiting: Vec<Vec<Cell>>,
    waiting_bytes: usize,
}

impl Loading {
    /// Begins.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn begin(settings: &Settings) -> Result<Self, DatabaseError> {
        let connected = match settings {
            Settings::Sqlite { file } => {
                let mut connection = settings::sqlite_options(file).connect().await?;
                connection.execute("BEGIN IMMEDIATE").await?;
                connection.execute("PRAGMA defer_foreign_keys = ON").await?;
                Connected::Sqlite(connection)
            }
            Settings::Postgres { options, .. } => {
                let mut connection = options.connect().await?;
                connection.execute("BEGIN").await?;
                let columns: Vec<(String, String, String)> = sqlx::query_as(POSTGRES_TYPES).fetch_all(&mut connection).await?;
                let kinds = columns.into_iter().filter_map(|(table, column, kind)| Some(((table, column), Kind::of(&kind)?))).collect();
                Connected::Postgres(connection, kinds)
            }
        };
        Ok(Self { connected, table: None, waiting: Vec::new(), waiting_bytes: 0 })
    }

    /// Removes what the schema's steps themselves put into a table: its rows follow. Rows whose `column` is `but` stay.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn empty(&mut self, table: &Table, but: Option<(&str, &str)>) -> Result<(), DatabaseError> {
        let rest = but.map_or_else(String::new, |(column, value)| format!(" WHERE {} <> '{}'", quoted(column), value.replace('\'', "''")));
        let statement = AssertSqlSafe(format!("DELETE FROM {}{rest}", quoted(&table.name)));
        match &mut self.connected {
            Connected::Sqlite(connection) => connection.execute(statement).await.map(drop)?,
            Connected::Postgres(connection, _) => connection.execute(statement).await.map(drop)?,
        }
        Ok(())
    }

    /// The rows that follow belong to this table.
    ///
    /// # Errors
    /// When the schema has no such column.
    pub async fn table(&mut self, table: Table) -> Result<(), DatabaseError> {
        self.flush().await?;
        let mut kinds = Vec::new();
        if let Connected::Postgres(_, known) = &self.connected {
            for column in &table.columns {
                let kind = known.get(&(table.name.clone(), column.clone())).copied();
                kinds.push(kind.ok_or_else(|| DatabaseError::Corrupt { what: "column", value: format!("{}.{column}", table.name) })?);
            }
        }
        self.table = Some((table, kinds));
        Ok(())
    }

    /// Inserts a row.
    ///
    /// # Errors
    /// When it does not fit its table, or the database fails.
    pub async fn row(&mut self, cells: Vec<Cell>) -> Result<(), DatabaseError> {
        let columns = self.table.as_ref().map_or(0, |(table, _)| table.columns.len());
        if columns == 0 || cells.len() != columns {
            return Err(DatabaseError::Corrupt { what: "row", value: format!("{} cells for {columns} columns", cells.len()) });
        }
        self.waiting_bytes += cells.iter().map(Cell::size_bytes).sum::<usize>();
        self.waiting.push(cells);
        let most = (MOST_VALUES / columns).clamp(1, MOST_ROWS);
        if self.waiting.len() >= most || self.waiting_bytes >= MOST_BYTES {
            self.flush().await?;
        }
        Ok(())
    }

    /// Ends: all rows are there.
    ///
    /// # Errors
    /// When the database fails; then none is.
    pub async fn commit(mut self) -> Result<(), DatabaseError> {
        self.flush().await?;
        match &mut self.connected {
            Connected::Sqlite(connection) => connection.execute("COMMIT").await.map(drop)?,
            Connected::Postgres(connection, _) => connection.execute("COMMIT").await.map(drop)?,
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), DatabaseError> {
        let rows = std::mem::take(&mut self.waiting);
        self.waiting_bytes = 0;
        let (Some((table, kinds)), false) = (&self.table, rows.is_empty()) else { return Ok(()) };
        let full = rows.len() == (MOST_VALUES / table.columns.len()).clamp(1, MOST_ROWS);
        let statement = AssertSqlSafe(insertion(table, rows.len()));
        match &mut self.connected {
            Connected::Sqlite(connection) => {
                let arguments = sqlite_arguments(rows)?;
                sqlx::query_with::<Sqlite, _>(statement, arguments).persistent(full).execute(connection).await?;
            }
            Connected::Postgres(connection, _) => {
                let arguments = postgres_arguments(rows, kinds)?;
                sqlx::query_with::<Postgres, _>(statement, arguments).persistent(full).execute(connection).await?;
            }
        }
        Ok(())
    }
}

fn insertion(table: &Table, rows: usize) -> String {
    let columns: Vec<String> = table.columns.iter().map(|column| quoted(column)).collect();
    let width = columns.len();
    let row = |number: usize| {
        let places: Vec<String> = (1..=width).map(|place| format!("${}", number * width + place)).collect();
        format!("({})", places.join(", "))
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    format!("INSERT INTO {} ({}) VALUES {}", quoted(&table.name), columns.join(", "), rows.join(", "))
}

fn sqlite_arguments(rows: Vec<Vec<Cell>>) -> Result<SqliteArguments, DatabaseError> {
    let mut arguments = SqliteArguments::default();
    for cell in rows.into_iter().flatten() {
        let added = match cell {
            Cell::Bytes(octets) => arguments.add(octets),
            Cell::Integer(number) => arguments.add(number),
            Cell::Null => arguments.add(None::<i64>),
            Cell::Real(number) => arguments.add(number),
            Cell::Text(text) => arguments.add(text),
        };
        added.map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

fn postgres_arguments(rows: Vec<Vec<Cell>>, kinds: &[Kind]) -> Result<PgArguments, DatabaseError> {
    let mut arguments = PgArguments::default();
    for row in rows {
        for (cell, kind) in row.into_iter().zip(kinds) {
            let added = match (kind, cell) {
                (Kind::Boolean, Cell::Integer(number)) => arguments.add(number != 0),
                (Kind::Boolean, Cell::Null) => arguments.add(None::<bool>),
                (Kind::Bytes, Cell::Bytes(octets)) => arguments.add(octets),
                (Kind::Bytes, Cell::Null) => arguments.add(None::<Vec<u8>>),
                (Kind::Integer, Cell::Integer(number)) => arguments.add(number),
                (Kind::Integer, Cell::Null) => arguments.add(None::<i64>),
                (Kind::Real, Cell::Real(number)) => arguments.add(number),
                (Kind::Real, Cell::Null) => arguments.add(None::<f64>),
                (Kind::Text, Cell::Text(text)) => arguments.add(text),
                (Kind::Text, Cell::Null) => arguments.add(None::<String>),
                (Kind::Uuid, Cell::Bytes(octets)) => {
                    let octets = <[u8; 16]>::try_from(octets).map_err(|octets| misfit(*kind, &Cell::Bytes(octets)))?;
                    arguments.add(uuid::Uuid::from_bytes(octets))
                }
                (Kind::Uuid, Cell::Null) => arguments.add(None::<uuid::Uuid>),
                (kind, cell) => return Err(misfit(*kind, &cell)),
            };
            added.map_err(sqlx::Error::Encode)?;
        }
    }
    Ok(arguments)
}

fn misfit(kind: Kind, cell: &Cell) -> DatabaseError {
    DatabaseError::Corrupt { what: "cell", value: format!("{} octet(s) for a column of kind {kind:?}", cell.size_bytes()) }
}

/// Empties a database whose restoring was interrupted: every table goes, the notes of schema steps too.
///
/// # Errors
/// When the database fails.
pub async fn clear(settings: &Settings) -> Result<(), DatabaseError> {
    let mut snapshot = super::dump::Snapshot::begin(settings).await?;
    let mut tables = snapshot.tables().await?;
    drop(snapshot);
    tables.push(Table { name: "__diesel_schema_migrations".to_owned(), columns: Vec::new() });
    let mut loading = Loading::begin(settings).await?;
    for table in tables {
        let statement = AssertSqlSafe(format!("DROP TABLE IF EXISTS {}", quoted(&table.name)));
        match &mut loading.connected {
            Connected::Sqlite(connection) => connection.execute(statement).await.map(drop)?,
            Connected::Postgres(connection, _) => connection.execute(statement).await.map(drop)?,
        }
    }
    loading.commit().await
}
