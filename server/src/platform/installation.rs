//! What this installation is: demonstration or real. A normal `serve` refuses a demonstration's database.

use super::database::{Connection, Database, DatabaseError, Unit};
use crate::{config::Mode, execute, fetch};

/// Reads a value of the installation.
///
/// # Errors
/// When the database fails.
pub async fn value(database: &Database, name: &str) -> Result<Option<String>, DatabaseError> {
    value_in(&mut database.read().await?, name).await
}

/// The same, inside a unit.
///
/// # Errors
/// When the database fails.
pub async fn value_in<C: Connection>(connection: &mut C, name: &str) -> Result<Option<String>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar("SELECT value FROM installation WHERE name = $1").bind(name).fetch_optional(c))
}

/// Writes a value once: true when it was not there before.
///
/// # Errors
/// When the database fails.
pub async fn set_once(unit: &mut Unit, name: &str, value: &str) -> Result<bool, DatabaseError> {
    let written = execute!(
        unit,
        sqlx::query("INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING").bind(name).bind(value)
    )?;
    Ok(written == 1)
}

/// Writes a value, whatever was there before.
///
/// # Errors
/// When the database fails.
pub async fn set(unit: &mut Unit, name: &str, value: &str) -> Result<(), DatabaseError> {
    execute!(
        unit,
        sqlx::query("INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
            .bind(name)
            .bind(value)
    )
    .map(drop)
}

/// Removes a value.
///
/// # Errors
/// When the database fails.
pub async fn remove(unit: &mut Unit, name: &str) -> Result<(), DatabaseError> {
    execute!(unit, sqlx::query("DELETE FROM installation WHERE name = $1").bind(name)).map(drop)
}

/// The word for a mode.
pub const fn mode_word(mode: Mode) -> &'static str {
    match mode {
        Mode::Demonstration => "demonstration",
        Mode::Real => "real",
    }
}

/// The mode that the database was set up in; none before `init` or the first `serve --demo`.
///
/// # Errors
/// When the database fails.
pub async fn mode(database: &Database) -> Result<Option<Mode>, DatabaseError> {
    Ok(match value(database, "mode").await?.as_deref() {
        None => None,
        Some("demonstration") => Some(Mode::Demonstration),
        Some(_) => Some(Mode::Real),
    })
}
