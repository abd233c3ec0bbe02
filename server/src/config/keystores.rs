//! `[keystores.NAME]`: PKCS#11 tokens beside the file keystore.

use std::{
    collections::BTreeMap,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use certs::keystore::{KeyLabel, TokenName, pkcs11::USUAL_SESSIONS};

use super::{Faults, secret_line, under};
use crate::platform::secret::Secret;

/// The name of the file keystore, which is always there.
pub const FILE: &str = "file";

/// A token as it is written.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Raw {
    module: Option<PathBuf>,
    token_label: Option<String>,
    slot: Option<u64>,
    pin_file: Option<PathBuf>,
    sessions: Option<usize>,
}

/// A PKCS#11 token.
#[derive(Clone)]
pub struct TokenSettings {
    /// The library.
    pub module: PathBuf,
    /// Which token of it.
    pub token: TokenName,
    /// The user's PIN.
    pub pin: Secret<String>,
    /// How many calls may run in it at once.
    pub sessions: usize,
}

pub(super) fn check(raw: BTreeMap<String, Raw>, data: &Path, faults: &mut Faults) -> BTreeMap<String, TokenSettings> {
    let mut checked = BTreeMap::new();
    for (name, one) in raw {
        let key = format!("keystores.{name}");
        if [FILE, KeyLabel::OFFLINE].contains(&name.as_str()) || name.len() > 16 || name.contains('.') || KeyLabel::parse(&name).is_err() {
            faults.note(&key, "a keystore's name is 1 to 16 lower-case letters, digits and '-', and neither \"file\" nor \"offline\"");
        } else if let Some(settings) = one.check(&key, data, faults) {
            checked.insert(name, settings);
        }
    }
    checked
}

impl Raw {
    fn check(self, key: &str, data: &Path, faults: &mut Faults) -> Option<TokenSettings> {
        let token = match (self.token_label, self.slot) {
            (Some(label), None) => Some(TokenName::Label(label)),
            (None, Some(slot)) => Some(TokenName::Slot(slot)),
            (Some(_), Some(_)) | (None, None) => {
                faults.note(key, "give either token_label or slot");
                None
            }
        };
        if self.module.is_none() {
            faults.note(&format!("{key}.module"), "must be the path of the PKCS#11 library, as \"/usr/lib/softhsm/libsofthsm2.so\"");
        }
        let sessions = self.sessions.unwrap_or(USUAL_SESSIONS);
        if !(1..=256).contains(&sessions) {
            faults.note(&format!("{key}.sessions"), "must be 1 to 256");
        }
        let pin = pin(&format!("{key}.pin_file"), self.pin_file.map(|file| under(data, Some(file), "")), faults);
        Some(TokenSettings { module: self.module?, token: token?, pin: pin?, sessions })
    }
}

fn pin(key: &str, file: Option<PathBuf>, faults: &mut Faults) -> Option<Secret<String>> {
    let Some(file) = file else {
        faults.note(key, "must be a file of mode 0600 that holds the user's PIN on one line");
        return None;
    };
    let mode = std::fs::metadata(&file).map_or(0, |found| found.permissions().mode() & 0o777);
    if mode & 0o077 != 0 {
        faults.note(key, format!("{} is open to others (mode {mode:o}); run chmod 600 on it", file.display()));
    }
    secret_line(&file, key, faults)
}
