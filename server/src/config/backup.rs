//! `[backup]`: to whom backups are sealed, and where those made before migrating are put.

use std::path::{Path, PathBuf};

use super::{Faults, under};
use crate::platform::backup::key::PublicKey;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Raw {
    public_key: Option<String>,
    directory: Option<PathBuf>,
}

/// The checked section.
#[derive(Clone, Debug)]
pub struct Backup {
    /// The public half of the offline key; none before one is configured.
    pub public_key: Option<PublicKey>,
    /// Where the backups made before migrating are put.
    pub directory: PathBuf,
}

impl Raw {
    pub(super) fn check(self, data: &Path, faults: &mut Faults) -> Backup {
        let parsed = self.public_key.map(|text| PublicKey::parse(&text));
        let public_key = match parsed.transpose() {
            Ok(key) => key,
            Err(error) => {
                faults.note("backup.public_key", format!("{error}; `segl backup-key FILE` makes and prints one"));
                None
            }
        };
        Backup { public_key, directory: under(data, self.directory, "backups") }
    }
}
