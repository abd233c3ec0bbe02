//! The schema on SQLite, made once for all worlds of this process: its steps take longer than many a story.

use std::{path::Path, sync::OnceLock};

use segl::platform::database::{Settings, migrate};

static FILE: OnceLock<Vec<u8>> = OnceLock::new();

/// Puts a database with the schema and nothing in it there.
///
/// # Panics
/// When the schema cannot be made.
pub fn put(file: &Path) {
    let bytes = FILE.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("segl.db");
        migrate::run(&Settings::Sqlite { file: file.clone() }).unwrap();
        std::fs::read(file).unwrap()
    });
    std::fs::write(file, bytes).unwrap();
}
