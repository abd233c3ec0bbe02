//! What this installation is: demonstration or real. A normal `serve` refuses a demonstration's database.

use super::database::{Database, DatabaseError, Unit};
use crate::{config::Mode, execute, fetch};

/// Reads a value of the installation.
///
/// # Errors
/// When the database fails.
pub async fn value(database: &Database, name: &str) -> Result<Option<String>, DatabaseError> {
    let mut reader = database.read().await?;
    fetch!(&mut reader, |c| sqlx::query_scalar("SELECT value FROM installation WHERE name = $1").bind(name).fetch_optional(c))
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
