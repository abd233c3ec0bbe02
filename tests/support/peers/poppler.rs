//! pdfsig of poppler, as a judge.

use std::path::Path;

use super::tools::{Said, run};

/// What pdfsig says about a file. It judges signatures, not signers.
pub async fn pdfsig(file: &Path) -> Said {
    run("pdfsig", [Path::new("-nocert"), file]).await
}
