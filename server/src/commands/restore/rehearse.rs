//! `segl restore FILE --rehearse`: restores into a scratch place (always SQLite), checks it, and removes it.

use std::{fs, path::PathBuf, process::ExitCode};

use super::{Restoring, place, read::Found};
use crate::{
    app,
    commands::{audit, check, terminal::say},
    config::Config,
    platform::{
        database::Settings,
        random::{self, SystemRandom},
    },
    status,
};

/// A folder that goes away.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.0);
    }
}

/// Restores, checks, verifies, and removes. Exit 0 when everything is as it should be.
///
/// # Errors
/// As a restore.
pub async fn rehearse(found: &Found, restoring: &Restoring, mut config: Config) -> anyhow::Result<ExitCode> {
    let scratch = Scratch(std::env::temp_dir().join(format!("segl-rehearsal-{}", hex::encode(random::bytes::<8>(&SystemRandom)))));
    app::make_directory(&scratch.0)?;
    config.storage.database = Settings::Sqlite { file: scratch.0.join("segl.db") };
    config.storage.keystore.directory = scratch.0.join("keys");
    config.mail.spool = scratch.0.join("spool");
    config.data.clone_from(&scratch.0);
    place::place(found, &config).await?;
    let ground = app::open_restoring(config).await?;
    let checked = check::check(&ground).await?;
    let verified = audit::verify(&ground, restoring.checkpoint.as_deref()).await?;
    let lists = status::restore::awaited_lists(&ground).await?;
    say(format_args!("a restore will ask for {} revocation list(s) before it serves:", lists.len()))?;
    for list in lists {
        say(format_args!("  {}   number {} or higher", list.url, list.number))?;
    }
    drop(ground);
    drop(scratch);
    let all_well = checked == ExitCode::SUCCESS && verified == ExitCode::SUCCESS;
    say(if all_well { "rehearsed: all is well; nothing was kept" } else { "rehearsed: something is wrong, see above; nothing was kept" })?;
    Ok(if all_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
