//! `[storage]`: database and keystore.

use std::path::{Path, PathBuf};

use super::{Faults, keystores::FILE, under};
use crate::platform::database::Settings;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Raw {
    sqlite_file: Option<PathBuf>,
    postgres_url_file: Option<PathBuf>,
    postgres_connections: Option<u32>,
    keys_directory: Option<PathBuf>,
    master_key_file: Option<PathBuf>,
    master_passphrase_file: Option<PathBuf>,
    master_key_credential: Option<String>,
    main_keystore: Option<String>,
    root_keystore: Option<String>,
    issuing_keystore: Option<String>,
}

/// Where the master key of the file keystore comes from.
#[derive(Clone, Debug)]
pub enum MasterKeySource {
    /// A systemd credential of this name (`LoadCredential=`), 32 bytes.
    Credential(String),
    /// A file of mode 0600; made when missing.
    File(PathBuf),
    /// A passphrase in a file, stretched by argon2id.
    PassphraseFile(PathBuf),
}

/// The file keystore.
#[derive(Clone, Debug)]
pub struct KeystoreSettings {
    /// The directory of sealed keys.
    pub directory: PathBuf,
    /// Its master key.
    pub master: MasterKeySource,
}

/// Which keystore keeps what: `file`, or a name of `[keystores]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPlaces {
    /// Everything that is not named below.
    pub main: String,
    /// Where the key of a new root is made.
    pub root: String,
    /// Where the key of a new issuing authority is made.
    pub issuing: String,
}

/// The checked section.
#[derive(Clone)]
pub struct Storage {
    /// Database.
    pub database: Settings,
    /// Keystore.
    pub keystore: KeystoreSettings,
    /// Which keystore keeps what.
    pub places: KeyPlaces,
}

impl Raw {
    pub(super) fn check<'a>(self, data: &Path, keystores: impl Iterator<Item = &'a str> + Clone, faults: &mut Faults) -> Storage {
        let sqlite = Settings::Sqlite { file: under(data, self.sqlite_file.clone(), "segl.db") };
        let database = match self.postgres_url_file {
            Some(_) if self.sqlite_file.is_some() => {
                faults.note("storage", "sqlite_file and postgres_url_file exclude each other");
                sqlite
            }
            Some(path) => postgres(&under(data, Some(path), ""), self.postgres_connections.unwrap_or(16), faults).unwrap_or(sqlite),
            None => sqlite,
        };
        let mut place = |key: &str, given: Option<String>, otherwise: &str| {
            let name = given.unwrap_or_else(|| otherwise.to_owned());
            if name != FILE && !keystores.clone().any(|known| known == name) {
                faults
                    .note(&format!("storage.{key}"), format!("there is no keystore {name:?}: give \"file\" or a name of [keystores.NAME]"));
            }
            name
        };
        let main = place("main_keystore", self.main_keystore, FILE);
        let root = place("root_keystore", self.root_keystore, &main);
        let issuing = place("issuing_keystore", self.issuing_keystore, &main);
        let places = KeyPlaces { main, root, issuing };
        let given = [self.master_key_file.is_some(), self.master_passphrase_file.is_some(), self.master_key_credential.is_some()];
        if given.into_iter().filter(|given| *given).count() > 1 {
            faults.note("storage", "give one of master_key_file, master_passphrase_file, master_key_credential");
        }
        let master = match (self.master_passphrase_file, self.master_key_credential) {
            (Some(path), _) => MasterKeySource::PassphraseFile(under(data, Some(path), "")),
            (None, Some(name)) => MasterKeySource::Credential(name),
            (None, None) => MasterKeySource::File(under(data, self.master_key_file, "master.key")),
        };
        Storage { database, keystore: KeystoreSettings { directory: under(data, self.keys_directory, "keys"), master }, places }
    }
}

fn postgres(path: &Path, connections: u32, faults: &mut Faults) -> Option<Settings> {
    if !(1..=1000).contains(&connections) {
        faults.note("storage.postgres_connections", "must be 1 to 1000");
        return None;
    }
    let url = super::secret_line(path, "storage.postgres_url_file", faults)?;
    match Settings::postgres(url.reveal(), connections) {
        Ok(settings) => Some(settings),
        Err(_) => {
            faults.note("storage.postgres_url_file", "must hold postgres://user:password@host:port/database");
            None
        }
    }
}
