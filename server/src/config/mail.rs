//! `[mail]`: how mail leaves: through a relay, or (by default) into a spool directory of .eml files.

use std::path::{Path, PathBuf};

use certs::name::EmailAddress;

use super::{Faults, secret_line, under};
use crate::platform::secret::Secret;

/// How the connection to the relay is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelayEncryption {
    /// STARTTLS, required.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// None: for a relay on this machine only.
    None,
}

/// Where letters go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Letters {
    /// Sealed, until an operator prints them.
    Queue,
    /// Into the spool, as files that can be read: for a print service that fetches them, and for trying things out.
    Spool,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Raw {
    from: Option<String>,
    operator: Option<String>,
    relay_host: Option<String>,
    relay_port: Option<u16>,
    relay_encryption: RelayEncryption,
    relay_user: Option<String>,
    relay_password_file: Option<PathBuf>,
    spool_directory: Option<PathBuf>,
    letters: Option<Letters>,
    letters_kept_days: Option<i64>,
}

/// A relay.
#[derive(Clone)]
pub struct Relay {
    /// Host name.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Protection.
    pub encryption: RelayEncryption,
    /// User and password, if it asks.
    pub login: Option<(String, Secret<String>)>,
}

/// The checked section.
#[derive(Clone)]
pub struct Mail {
    /// The sender of our own mail.
    pub from: String,
    /// Whom to tell about the service itself; none tells the operators who answer for its security.
    pub operator: Option<EmailAddress>,
    /// The relay; none spools.
    pub relay: Option<Relay>,
    /// Where mails (without a relay) and spooled letters are put.
    pub spool: PathBuf,
    /// Where letters go: queued beside a relay, spooled with the mails otherwise.
    pub letters: Letters,
    /// So many days after a queued letter was posted, given up or left out its name and address are deleted.
    pub letters_kept_days: i64,
}

impl Raw {
    pub(super) fn check(self, data: &Path, faults: &mut Faults) -> Mail {
        let from = self.from.unwrap_or_else(|| "segl@localhost.example".to_owned());
        if EmailAddress::parse(&from).is_err() {
            faults.note("mail.from", "must be an e-mail address, as \"segl@example.dk\"");
        }
        let operator = self.operator.and_then(|address| match EmailAddress::parse(&address) {
            Ok(address) => Some(address),
            Err(_) => {
                faults.note("mail.operator", "must be an e-mail address, as \"drift@example.dk\"");
                None
            }
        });
        let password =
            self.relay_password_file.and_then(|path| secret_line(&under(data, Some(path), ""), "mail.relay_password_file", faults));
        let login = match (self.relay_user, password) {
            (Some(user), Some(password)) => Some((user, password)),
            (None, None) => None,
            _ => {
                faults.note("mail.relay_user", "relay_user and relay_password_file belong together");
                None
            }
        };
        let encryption = self.relay_encryption;
        let relay = self.relay_host.map(|host| Relay { host, port: self.relay_port.unwrap_or(587), encryption, login });
        if let Some(relay) = &relay
            && relay.encryption == RelayEncryption::None
            && !matches!(relay.host.as_str(), "localhost" | "127.0.0.1" | "::1")
        {
            faults.note("mail.relay_encryption", "\"none\" is for a relay on this machine only");
        }
        let letters = self.letters.unwrap_or(if relay.is_some() { Letters::Queue } else { Letters::Spool });
        let letters_kept_days = self.letters_kept_days.unwrap_or(30);
        if !(1..=3650).contains(&letters_kept_days) {
            faults.note("mail.letters_kept_days", "must be 1 to 3650");
        }
        Mail { from, operator, relay, spool: under(data, self.spool_directory, "spool"), letters, letters_kept_days }
    }
}
