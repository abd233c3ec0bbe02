//! Brings the schema up to this program's version (diesel_migrations), and refuses a schema newer than the program.

use diesel::{Connection as _, PgConnection, RunQueryDsl as _, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{DatabaseError, Settings};

const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");

/// Only one node migrates at a time: the key of PostgreSQL's advisory lock ("segl").
const LOCK: &str = "SELECT pg_advisory_lock(1936025452)";

/// How long SQLite waits for another writer.
const PATIENCE: &str = "PRAGMA busy_timeout = 10000";

/// Runs what is pending. Blocks: call it before the pool opens, on a blocking thread. Gives the number of steps taken.
///
/// # Errors
/// When the database cannot be reached, a step fails, or the schema is newer than this program.
pub fn run(settings: &Settings) -> Result<usize, DatabaseError> {
    match settings {
        Settings::Sqlite { file } => {
            let mut connection = SqliteConnection::establish(&file.to_string_lossy()).map_err(opening)?;
            diesel::sql_query(PATIENCE).execute(&mut connection).map_err(opening)?;
            refuse_newer::<diesel::sqlite::Sqlite, _>(&mut connection, &SQLITE)?;
            let steps = connection.run_pending_migrations(SQLITE).map_err(opening)?.len();
            Ok(steps)
        }
        Settings::Postgres { url, .. } => {
            let mut connection = PgConnection::establish(url).map_err(opening)?;
            diesel::sql_query(LOCK).execute(&mut connection).map_err(opening)?;
            refuse_newer::<diesel::pg::Pg, _>(&mut connection, &POSTGRES)?;
            let steps = connection.run_pending_migrations(POSTGRES).map_err(opening)?.len();
            Ok(steps)
        }
    }
}

/// What a start would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ahead {
    /// How many steps were taken before: 0 in an empty database.
    pub taken: usize,
    /// The steps to be taken, in order.
    pub pending: Vec<String>,
}

/// Tells what [`run`] would do. Blocks.
///
/// # Errors
/// As [`run`].
pub fn ahead(settings: &Settings) -> Result<Ahead, DatabaseError> {
    match settings {
        Settings::Sqlite { file } if !file.exists() => Ok(Ahead { taken: 0, pending: Vec::new() }),
        Settings::Sqlite { file } => {
            let mut connection = SqliteConnection::establish(&file.to_string_lossy()).map_err(opening)?;
            diesel::sql_query(PATIENCE).execute(&mut connection).map_err(opening)?;
            looked_at::<diesel::sqlite::Sqlite, _>(&mut connection, SQLITE)
        }
        Settings::Postgres { url, .. } => {
            let mut connection = PgConnection::establish(url).map_err(opening)?;
            diesel::sql_query(LOCK).execute(&mut connection).map_err(opening)?;
            looked_at::<diesel::pg::Pg, _>(&mut connection, POSTGRES)
        }
    }
}

fn looked_at<D, C>(connection: &mut C, known: EmbeddedMigrations) -> Result<Ahead, DatabaseError>
where
    D: diesel::backend::Backend,
    C: MigrationHarness<D>,
{
    refuse_newer::<D, C>(connection, &known)?;
    let taken = connection.applied_migrations().map_err(opening)?.len();
    let pending = connection.pending_migrations(known).map_err(opening)?;
    Ok(Ahead { taken, pending: pending.iter().map(|step| step.name().version().to_string()).collect() })
}

/// Brings an empty schema to where exactly these steps lead: where the rows of a backup fit.
///
/// # Errors
/// [`DatabaseError::Open`] naming a step that this program does not know; else as [`run`].
pub fn run_only(settings: &Settings, steps: &[String]) -> Result<(), DatabaseError> {
    match settings {
        Settings::Sqlite { file } => {
            let mut connection = SqliteConnection::establish(&file.to_string_lossy()).map_err(opening)?;
            take::<diesel::sqlite::Sqlite, _>(&mut connection, SQLITE, steps)
        }
        Settings::Postgres { url, .. } => {
            let mut connection = PgConnection::establish(url).map_err(opening)?;
            diesel::sql_query(LOCK).execute(&mut connection).map_err(opening)?;
            take::<diesel::pg::Pg, _>(&mut connection, POSTGRES, steps)
        }
    }
}

fn take<D, C>(connection: &mut C, known: EmbeddedMigrations, steps: &[String]) -> Result<(), DatabaseError>
where
    D: diesel::backend::Backend,
    C: MigrationHarness<D>,
{
    for step in connection.pending_migrations(known).map_err(opening)? {
        if steps.contains(&step.name().version().to_string()) {
            connection.run_migration(step.as_ref()).map_err(opening)?;
        }
    }
    Ok(())
}

/// Every step that this program knows, in order; both engines have the same.
///
/// # Errors
/// When our own steps cannot be read.
pub fn known() -> Result<Vec<String>, DatabaseError> {
    let ours = <EmbeddedMigrations as diesel::migration::MigrationSource<diesel::sqlite::Sqlite>>::migrations(&SQLITE).map_err(opening)?;
    let mut known: Vec<String> = ours.iter().map(|step| step.name().version().to_string()).collect();
    known.sort();
    Ok(known)
}

/// The first of these steps that this program does not know: what has it comes from a newer program.
///
/// # Errors
/// When our own steps cannot be read.
pub fn first_unknown(steps: &[String]) -> Result<Option<String>, DatabaseError> {
    let known = known()?;
    Ok(steps.iter().find(|step| !known.contains(step)).cloned())
}

fn refuse_newer<D, C>(connection: &mut C, known: &EmbeddedMigrations) -> Result<(), DatabaseError>
where
    D: diesel::backend::Backend,
    C: MigrationHarness<D>,
{
    let ours = <EmbeddedMigrations as diesel::migration::MigrationSource<D>>::migrations(known).map_err(opening)?;
    let newest = ours.iter().map(|step| step.name().version().as_owned()).max();
    let applied = connection.applied_migrations().map_err(opening)?;
    match (applied.into_iter().max(), newest) {
        (Some(theirs), Some(ours)) if theirs > ours => {
            Err(DatabaseError::Open(format!("the database's schema ({theirs}) is newer than this program's ({ours}): update the program")))
        }
        _ => Ok(()),
    }
}

fn opening(error: impl std::fmt::Display) -> DatabaseError {
    DatabaseError::Open(format!("the database cannot be opened or migrated: {error}"))
}
