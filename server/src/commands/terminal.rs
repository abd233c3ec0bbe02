//! Words on the terminal. Whoever reads them may leave early (`segl openapi | head`): that ends a command quietly, and never a service.

use std::{fmt, io::Write as _};

/// Nobody reads standard output any more.
#[derive(Debug, thiserror::Error)]
#[error("nobody reads standard output any more")]
pub struct Unheard;

/// Writes a line to standard output.
///
/// # Errors
/// [`Unheard`] when its reader is gone; or why else it cannot be written.
pub fn say(line: impl fmt::Display) -> anyhow::Result<()> {
    let mut output = std::io::stdout().lock();
    match writeln!(output, "{line}").and_then(|()| output.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Err(Unheard.into()),
        other => Ok(other?),
    }
}

/// Writes what went wrong to standard error; when nobody reads that either, there is nobody left to tell.
pub fn complain(error: &anyhow::Error) {
    let _nobody_left = writeln!(std::io::stderr(), "segl: {error:#}");
}
