//! Brings the schema up to this program's version (diesel_migrations), and refuses a schema newer than the program.

use diesel::{Connection as _, PgConnection, RunQueryDsl as _, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{DatabaseError, Settings};

const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");

/// Only one node migrates at a time: the key of PostgreSQL's advisory lock ("segl").
const LOCK: &str = "SELECT pg_advisory_lock(1936025452)";

/// Runs what is pending. Blocks: call it before the pool opens, on a blocking thread. Gives the number of steps taken.
///
/// # Errors
/// When the database cannot be reached, a step fails, or the schema is newer than this program.
pub fn run(settings: &Settings) -> Result<usize, DatabaseError> {
    match settings {
        Settings::Sqlite { file } => {
            let mut connection = SqliteConnection::establish(&file.to_string_lossy()).map_err(opening)?;
            diesel::sql_query("PRAGMA busy_timeout = 10000").execute(&mut connection).map_err(opening)?;
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
