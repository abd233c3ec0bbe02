//! `[webhooks]`: where companies may have themselves told what happens.

use std::path::{Path, PathBuf};

use super::{Faults, under};
use crate::platform::outgoing::Inside;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Raw {
    inner_addresses: bool,
    trust_file: Option<PathBuf>,
}

/// The checked section.
#[derive(Clone, Debug)]
pub struct Webhooks {
    /// Whether inner addresses may be spoken to.
    pub inside: Inside,
    /// Roots beside those of the machine, PEM.
    pub trust_file: Option<PathBuf>,
}

impl Raw {
    pub(super) fn check(self, data: &Path, faults: &mut Faults) -> Webhooks {
        let inside = if self.inner_addresses { Inside::Allowed } else { Inside::Refused };
        let trust_file = self.trust_file.map(|file| under(data, Some(file), ""));
        if let Some(path) = &trust_file
            && let Err(error) = std::fs::metadata(path)
        {
            faults.note("webhooks.trust_file", format!("{} cannot be read: {error}", path.display()));
        }
        Webhooks { inside, trust_file }
    }
}
