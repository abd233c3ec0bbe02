//! `segl audit verify`: reads the whole chain again and names what does not fit. Exit 0 whole, 1 not.

use std::{path::Path, process::ExitCode};

use anyhow::Context as _;

use super::terminal::say;
use crate::{audit, platform::ground::Ground};

/// Verifies, optionally against a checkpoint that was kept elsewhere.
///
/// # Errors
/// When the database or the checkpoint file cannot be read.
pub async fn verify(ground: &Ground, checkpoint: Option<&Path>) -> anyhow::Result<ExitCode> {
    let kept = match checkpoint {
        Some(path) => {
            let bytes = std::fs::read(path).with_context(|| format!("--checkpoint {}", path.display()))?;
            Some(audit::Published::parse(&bytes).with_context(|| format!("--checkpoint {}", path.display()))?)
        }
        None => None,
    };
    let verdict = audit::verify(ground, kept.as_ref()).await?;
    say(&verdict)?;
    Ok(if verdict.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
