//! The ceremony's own directory: what was made so far, the sealed keys, and one transcript for each session.
//!
//! `ceremony.json` is written last, and whole: a session that was interrupted before has not happened.

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use certs::{
    ca::Issuer,
    keystore::{FileKeystore, KeyLabel, Keyring, Keystore, KeystoreError, MasterKey, Pkcs11Keystore},
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::secrets::Passphrase;
use crate::{
    app,
    config::{FILE, TokenSettings},
};

const STATE: &str = "ceremony.json";

/// What was made so far.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Format.
    pub version: u32,
    /// Where the service publishes.
    pub pki_url: String,
    /// The root.
    pub root: Made,
    /// The issuing authorities, oldest first.
    pub issuing: Vec<Made>,
    /// The rule by which the passphrase is split, if it is.
    pub shares: Option<String>,
    /// Days between two lists.
    pub crl_days: u32,
    /// Number of the newest list.
    pub crl_number: i64,
    /// Sessions held.
    pub sessions: u32,
    /// SHA-256 of the transcript of the last session.
    pub last_transcript: String,
}

/// An authority that was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// Its name in URLs.
    pub name: String,
    /// Where its key is.
    pub label: String,
    /// Its certificate, DER in base64.
    pub certificate: String,
    /// When and why it was revoked.
    pub revoked: Option<Revoked>,
}

/// A revocation by the root.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revoked {
    /// Milliseconds since 1970.
    pub at: i64,
    /// Why.
    pub reason: String,
}

impl Made {
    /// Its certificate, DER.
    ///
    /// # Errors
    /// When it was changed by hand.
    pub fn der(&self) -> anyhow::Result<Vec<u8>> {
        STANDARD.decode(&self.certificate).with_context(|| format!("{STATE}: the certificate of {}", self.name))
    }
}

/// The directory, opened.
pub struct Room {
    directory: PathBuf,
    /// The keys that are sealed here.
    pub file: Arc<FileKeystore>,
    /// Those and the tokens.
    pub keys: Keyring,
}

impl Room {
    /// Whether a ceremony was held here.
    pub fn is_used(directory: &Path) -> bool {
        directory.join(STATE).exists()
    }

    /// What was made so far.
    ///
    /// # Errors
    /// When nothing was.
    pub fn state(directory: &Path) -> anyhow::Result<State> {
        let file = directory.join(STATE);
        let text =
            fs::read_to_string(&file).with_context(|| format!("{}: no ceremony was held here (segl ceremony make)", file.display()))?;
        let state: State = serde_json::from_str(&text).with_context(|| file.display().to_string())?;
        ensure!(state.version == 1, "{} has format {}, which this release does not know", file.display(), state.version);
        Ok(state)
    }

    /// Opens the keys.
    ///
    /// # Errors
    /// When the passphrase is wrong or a token cannot be used.
    pub fn open(directory: &Path, passphrase: &Passphrase, tokens: &BTreeMap<String, TokenSettings>) -> anyhow::Result<Self> {
        let keys = directory.join("keys");
        app::make_directory(&keys)?;
        let master = MasterKey::from_passphrase(passphrase, &keys.join("salt"))?;
        let file = FileKeystore::open(&keys, master).map_err(|error| {
            let wrong = matches!(error, KeystoreError::WrongMasterKey);
            let words = format!("the passphrase (or the shares) are not those of {}", directory.display());
            if wrong { anyhow::Error::msg(words) } else { anyhow::Error::from(error).context(keys.display().to_string()) }
        })?;
        let file = Arc::new(file);
        let mut named: BTreeMap<String, Arc<dyn Keystore>> = BTreeMap::from([(FILE.to_owned(), file.clone() as Arc<dyn Keystore>)]);
        for (name, token) in tokens {
            let pin = Zeroizing::new(token.pin.reveal().clone());
            let opened = Pkcs11Keystore::open(&token.module, token.token.clone(), pin, token.sessions);
            named.insert(name.clone(), Arc::new(opened.with_context(|| format!("the keystore {name}"))?));
        }
        Ok(Self { directory: directory.to_owned(), keys: Keyring::new(file.clone(), named), file })
    }

    /// The root, its key found to be its certificate's.
    ///
    /// # Errors
    /// When it is not.
    pub fn root(&self, state: &State) -> anyhow::Result<Issuer> {
        Ok(Issuer::load(&state.root.der()?, KeyLabel::parse(&state.root.label)?, &self.keys)?)
    }

    /// Writes a file of a session; one that an interrupted session left is written anew.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn put(&self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let path = self.directory.join(name);
        let file = fs::File::create(&path);
        let mut file = file.with_context(|| format!("{} cannot be made", path.display()))?;
        file.write_all(bytes)?;
        Ok(file.sync_all()?)
    }

    /// Writes what was made: the end of a session.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn save(&self, state: &State) -> anyhow::Result<()> {
        let draft = self.directory.join("ceremony.json.draft");
        let mut file = fs::File::create(&draft)?;
        file.write_all(serde_json::to_string_pretty(state)?.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, self.directory.join(STATE))?;
        Ok(fs::File::open(&self.directory)?.sync_all()?)
    }
}
