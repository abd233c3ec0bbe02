//! Tools of poppler, as judges.

use std::path::Path;

use super::tools::{Said, run};

/// What pdfsig says about a file. It judges signatures, not signers.
pub async fn pdfsig(file: &Path) -> Said {
    run("pdfsig", [Path::new("-nocert"), file]).await
}

/// How many pages a file has.
///
/// # Panics
/// When it is no PDF.
pub async fn page_count(file: &Path) -> usize {
    let said = run("pdfinfo", [file]).await;
    let count = said.words.lines().find_map(|line| line.strip_prefix("Pages:")).and_then(|count| count.trim().parse().ok());
    count.unwrap_or_else(|| panic!("no PDF: {}", said.words))
}

/// What stands on pages of a file, from one to another, as it is laid out.
pub async fn text_of(file: &Path, first: usize, last: usize) -> String {
    let (first, last) = (first.to_string(), last.to_string());
    let before = ["-layout", "-f", &first, "-l", &last].map(std::ffi::OsStr::new);
    run("pdftotext", before.into_iter().chain([file.as_os_str(), std::ffi::OsStr::new("-")])).await.words
}
