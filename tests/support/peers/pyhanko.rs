//! pyHanko, as a judge and as a signer: one process for many files.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::tools::{python, run};
use crate::papers::tests_folder;

/// What the judge goes by.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// Roots, PEM files.
    pub roots: Vec<PathBuf>,
    /// Other certificates, PEM files.
    pub others: Vec<PathBuf>,
    /// Lists, DER files. With lists, revocation must be known.
    pub lists: Vec<PathBuf>,
    /// The time to judge at, as 2026-11-22T20:00:00Z.
    pub at: String,
}

/// pyHanko's verdict on every signature of every file, in order.
///
/// # Errors
/// With pyHanko's words when it ends otherwise.
pub async fn judge(trust: &Trust, files: &[PathBuf]) -> anyhow::Result<Vec<Value>> {
    let mut arguments = vec![script("judge.py"), format!("--at={}", trust.at)];
    for (name, paths) in [("root", &trust.roots), ("other", &trust.others), ("list", &trust.lists)] {
        arguments.extend(paths.iter().map(|path| format!("--{name}={}", path.display())));
    }
    arguments.extend(files.iter().map(|file| file.display().to_string()));
    let said = run(python(), &arguments).await;
    ensure!(said.is_content(), "pyHanko: {}", said.words);
    said.words.lines().map(|line| serde_json::from_str(line).with_context(|| said.words.clone())).collect()
}

/// Signs a file with pyHanko, a key and certificate made for this once; gives the PEM of the certificate.
///
/// # Errors
/// With pyHanko's words.
pub async fn sign(from: &Path, to: &Path) -> anyhow::Result<Vec<u8>> {
    let certificate = to.with_extension("pem");
    let arguments = [script("sign.py"), from.display().to_string(), to.display().to_string(), certificate.display().to_string()];
    let said = run(python(), &arguments).await;
    ensure!(said.is_content(), "pyHanko: {}", said.words);
    Ok(std::fs::read(certificate)?)
}

fn script(name: &str) -> String {
    tests_folder().join("interop").join(name).display().to_string()
}
