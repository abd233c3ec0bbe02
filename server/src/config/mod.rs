//! Configuration: one file per section, read raw, then checked; every fault is reported at once, unknown keys are errors.
//!
//! `segl serve --config FILE` reads TOML. Everything has a default but `server.public_url`, which `segl init` asks for.

mod backup;
mod keystores;
mod mail;
mod phones;
mod policy;
mod push;
mod register;
mod server;
mod storage;
mod texts;
mod timestamps;
mod tls;
mod tokens;
mod trust;
mod webhooks;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

pub use self::{
    backup::Backup,
    keystores::{FILE, Raw as RawToken, TokenSettings},
    mail::{Letters, Mail, Relay, RelayEncryption},
    phones::{AndroidApp, Attestation, Phones},
    policy::{CvrChecksum, Policy},
    push::{Apns, Fcm, Push},
    register::{Register, RegisterService, RegisterSource},
    server::{Log, Mode, Server},
    storage::{KeyPlaces, KeystoreSettings, MasterKeySource, Storage},
    texts::{TextGateway, TextLimits, Texts},
    timestamps::{ClockReference, Stamper, Timestamps},
    tls::{Tls, TlsSource},
    tokens::Tokens,
    trust::Trust,
    webhooks::Webhooks,
};

/// One fault of the configuration: where, and the rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// `section.key`.
    pub key: String,
    /// What is wrong and what would be right.
    pub rule: String,
}

/// Every fault found.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file does not follow the rules.
    #[error("the configuration has {} fault(s):{}", .0.len(), lines(.0))]
    Faults(Vec<Fault>),
    /// The file is not TOML, or a value is of another kind.
    #[error("{file}: {message}")]
    Syntax {
        /// Which file.
        file: String,
        /// What the TOML reader says.
        message: String,
    },
    /// The file cannot be read.
    #[error("{file}: {source}")]
    Unreadable {
        /// Which file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
}

fn lines(faults: &[Fault]) -> String {
    faults.iter().map(|fault| format!("\n  {}: {}", fault.key, fault.rule)).collect()
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Raw {
    backup: backup::Raw,
    server: server::Raw,
    storage: storage::Raw,
    keystores: BTreeMap<String, keystores::Raw>,
    mail: mail::Raw,
    phones: phones::Raw,
    policy: policy::Raw,
    push: push::Raw,
    register: register::Raw,
    sms: texts::Raw,
    timestamps: timestamps::Raw,
    tls: tls::Raw,
    tokens: tokens::Raw,
    trust: trust::Raw,
    webhooks: webhooks::Raw,
    log: Log,
}

/// The checked configuration.
#[derive(Clone)]
pub struct Config {
    /// To whom backups are sealed.
    pub backup: Backup,
    /// Addresses, mode, proxies.
    pub server: Server,
    /// Database and keystore.
    pub storage: Storage,
    /// Tokens beside the file keystore, by name.
    pub keystores: BTreeMap<String, TokenSettings>,
    /// How mail leaves.
    pub mail: Mail,
    /// Paired phones: waiting time, attestation.
    pub phones: Phones,
    /// Rules that an operator may choose.
    pub policy: Policy,
    /// How phones are woken.
    pub push: Push,
    /// Where companies are looked up.
    pub register: Register,
    /// How text messages leave.
    pub texts: Texts,
    /// Who stamps times, and whom the clock is compared with.
    pub timestamps: Timestamps,
    /// The HTTPS listener.
    pub tls: Tls,
    /// Code tokens: how long they serve, what one costs.
    pub tokens: Tokens,
    /// Who runs this.
    pub trust: Trust,
    /// Where companies may have themselves told what happens.
    pub webhooks: Webhooks,
    /// Log lines.
    pub log: Log,
    /// The directory of everything that the service keeps.
    pub data: PathBuf,
    /// The file that it was read from; none for defaults and tests.
    pub file: Option<PathBuf>,
}

impl Config {
    /// Reads and checks a file (or the defaults, without one) for a data directory.
    ///
    /// # Errors
    /// With every fault at once.
    pub fn load(file: Option<&Path>, data: &Path, mode: Mode) -> Result<Self, ConfigError> {
        let text = match file {
            Some(path) => {
                std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable { file: path.display().to_string(), source })?
            }
            None => String::new(),
        };
        let name = file.map_or_else(|| "defaults".to_owned(), |path| path.display().to_string());
        Ok(Self { file: file.map(Path::to_path_buf), ..Self::parse(&text, &name, data, mode)? })
    }

    /// Checks a TOML text.
    ///
    /// # Errors
    /// With every fault at once.
    pub fn parse(text: &str, name: &str, data: &Path, mode: Mode) -> Result<Self, ConfigError> {
        let mut faults = Faults::default();
        let note_unknown = |path: serde_ignored::Path<'_>| {
            faults.note(&path.to_string(), "is no setting; segl.example.toml names them all");
        };
        let read = toml::Deserializer::parse(text).and_then(|reader| serde_ignored::deserialize(reader, note_unknown));
        let raw: Raw = read.map_err(|error| ConfigError::Syntax { file: name.to_owned(), message: error.to_string().trim().to_owned() })?;
        let server = raw.server.check(mode, &mut faults);
        let config = Self {
            backup: raw.backup.check(data, &mut faults),
            tls: raw.tls.check(&server.public_url, mode, data, &mut faults),
            server,
            storage: raw.storage.check(data, raw.keystores.keys().map(String::as_str), &mut faults),
            keystores: keystores::check(raw.keystores, data, &mut faults),
            mail: raw.mail.check(data, &mut faults),
            phones: raw.phones.check(mode, data, &mut faults),
            policy: raw.policy.check(mode, &mut faults),
            push: raw.push.check(data, &mut faults),
            register: raw.register.check(data, &mut faults),
            texts: raw.sms.check(data, &mut faults),
            timestamps: raw.timestamps.check(mode, data, &mut faults),
            tokens: raw.tokens.check(&mut faults),
            trust: raw.trust.check(data, &mut faults),
            webhooks: raw.webhooks.check(data, &mut faults),
            log: raw.log,
            data: data.to_owned(),
            file: None,
        };
        if faults.0.is_empty() { Ok(config) } else { Err(ConfigError::Faults(faults.0)) }
    }
}

/// Checks tokens that stand in a file of their own; relative paths begin in `beside`.
///
/// # Errors
/// With every fault at once.
pub fn tokens(raw: BTreeMap<String, RawToken>, beside: &Path) -> Result<BTreeMap<String, TokenSettings>, ConfigError> {
    let mut faults = Faults::default();
    let checked = keystores::check(raw, beside, &mut faults);
    if faults.0.is_empty() { Ok(checked) } else { Err(ConfigError::Faults(faults.0)) }
}

/// Collects faults while the sections are checked.
#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn note(&mut self, key: &str, rule: impl Into<String>) {
        self.0.push(Fault { key: key.to_owned(), rule: rule.into() });
    }
}

/// A path of the configuration, relative ones from the data directory.
fn under(data: &Path, given: Option<PathBuf>, default: &str) -> PathBuf {
    match given {
        Some(path) if path.is_absolute() => path,
        Some(path) => data.join(path),
        None => data.join(default),
    }
}

/// A secret of one line from a file.
fn secret_line(path: &Path, key: &str, faults: &mut Faults) -> Option<crate::platform::secret::Secret<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Some(crate::platform::secret::Secret::new(text.trim_end_matches(['\r', '\n']).to_owned())),
        Err(error) => {
            faults.note(key, format!("{} cannot be read: {error}", path.display()));
            None
        }
    }
}
