//! pdfsig of poppler, as a judge.

use std::path::Path;

use super::tools::{Said, run};

/// What pdfsig says about a file. Its certificate store is empty: it judges signatures, not signers.
pub async fn pdfsig(file: &Path) -> Said {
    let store = tempfile::tempdir().unwrap();
    let (store, file) = (store.path().display().to_string(), file.display().to_string());
    run("pdfsig", ["-nssdir", &store, "-nocert", &file]).await
}
