//! `[push]`: how phones are woken that do not listen, through whom, and with which keys.

use std::path::{Path, PathBuf};

use openssl::pkey::{Id, PKey, Private};
use zeroize::Zeroizing;

use super::{Faults, under};
use crate::platform::{
    outgoing::{Inside, Target},
    secret::Secret,
};

const APPLE: &str = "https://api.push.apple.com";
const APPLE_SANDBOX: &str = "https://api.sandbox.push.apple.com";
const GOOGLE: &str = "https://fcm.googleapis.com";

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Raw {
    web_push: Option<bool>,
    contact: Option<String>,
    inner_addresses: bool,
    trust_file: Option<PathBuf>,
    apns: Option<RawApns>,
    fcm: Option<RawFcm>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct RawApns {
    key_file: Option<PathBuf>,
    key_id: String,
    team_id: String,
    topic: String,
    sandbox: bool,
    url: Option<String>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct RawFcm {
    service_account_file: Option<PathBuf>,
    url: Option<String>,
}

/// The checked section.
#[derive(Clone)]
pub struct Push {
    /// Whether phones may name a UnifiedPush or Web Push server.
    pub web_push: bool,
    /// Whom a push server may write to: `mailto:` or `https:`; none: the service's address.
    pub contact: Option<String>,
    /// Whether inner addresses may be spoken to.
    pub inside: Inside,
    /// Roots beside those of the machine, PEM.
    pub trust_file: Option<PathBuf>,
    /// Apple's service.
    pub apns: Option<Apns>,
    /// Google's service.
    pub fcm: Option<Fcm>,
}

/// How Apple's service is spoken to.
#[derive(Clone)]
pub struct Apns {
    /// Where it is.
    pub url: Target,
    /// The key of the developer's account, P-256.
    pub key: PKey<Private>,
    /// Its name there.
    pub key_id: String,
    /// The developer's team.
    pub team_id: String,
    /// The app.
    pub topic: String,
}

/// How Google's service is spoken to.
#[derive(Clone)]
pub struct Fcm {
    /// Where messages of the project are sent.
    pub url: Target,
    /// Where a token is asked for.
    pub token_url: Target,
    /// The same, as the assertion names it.
    pub audience: String,
    /// The service account.
    pub email: String,
    /// Its key, RSA.
    pub key: PKey<Private>,
}

#[derive(serde::Deserialize)]
struct ServiceAccount {
    project_id: String,
    client_email: String,
    private_key: Secret<String>,
    token_uri: String,
}

impl Raw {
    pub(super) fn check(self, data: &Path, faults: &mut Faults) -> Push {
        let inside = if self.inner_addresses { Inside::Allowed } else { Inside::Refused };
        if let Some(contact) = &self.contact
            && !(contact.starts_with("mailto:") || contact.starts_with("https://"))
        {
            faults.note("push.contact", "must begin with mailto: or https://");
        }
        let trust_file = self.trust_file.map(|file| under(data, Some(file), ""));
        if let Some(path) = &trust_file
            && let Err(error) = std::fs::metadata(path)
        {
            faults.note("push.trust_file", format!("{} cannot be read: {error}", path.display()));
        }
        Push {
            web_push: self.web_push.unwrap_or(true),
            contact: self.contact,
            inside,
            trust_file,
            apns: self.apns.and_then(|raw| raw.check(data, inside, faults)),
            fcm: self.fcm.and_then(|raw| raw.check(data, inside, faults)),
        }
    }
}

impl RawApns {
    fn check(self, data: &Path, inside: Inside, faults: &mut Faults) -> Option<Apns> {
        let word = |text: &str| text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !word(&self.key_id) {
            faults.note("push.apns.key_id", "must be ten letters and digits, as Apple gave them");
        }
        if !word(&self.team_id) {
            faults.note("push.apns.team_id", "must be ten letters and digits, as Apple gave them");
        }
        if self.topic.is_empty() || !self.topic.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte)) {
            faults.note("push.apns.topic", "must be the app's bundle id, such as dk.example.segl");
        }
        let key = pem(data, self.key_file, "push.apns.key_file", faults)
            .and_then(|pem| key(pem.as_bytes(), Id::EC, "push.apns.key_file", faults));
        let url = self.url.unwrap_or_else(|| if self.sandbox { APPLE_SANDBOX } else { APPLE }.to_owned());
        let url = target(&url, inside, "push.apns.url", faults);
        Some(Apns { url: url?, key: key?, key_id: self.key_id, team_id: self.team_id, topic: self.topic })
    }
}

impl RawFcm {
    fn check(self, data: &Path, inside: Inside, faults: &mut Faults) -> Option<Fcm> {
        let name = "push.fcm.service_account_file";
        let text = pem(data, self.service_account_file, name, faults)?;
        let Ok(account) = serde_json::from_str::<ServiceAccount>(&text) else {
            faults.note(name, "is no service account of Google's (JSON)");
            return None;
        };
        let named = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b':' || byte == b'.';
        if account.project_id.is_empty() || !account.project_id.bytes().all(named) {
            faults.note(name, "names no project_id");
            return None;
        }
        let key = key(account.private_key.reveal().as_bytes(), Id::RSA, name, faults);
        let url = self.url.unwrap_or_else(|| GOOGLE.to_owned());
        let url = format!("{}/v1/projects/{}/messages:send", url.trim_end_matches('/'), account.project_id);
        let url = target(&url, inside, "push.fcm.url", faults);
        let token_url = target(&account.token_uri, inside, name, faults);
        Some(Fcm { url: url?, token_url: token_url?, audience: account.token_uri, email: account.client_email, key: key? })
    }
}

fn pem(data: &Path, file: Option<PathBuf>, name: &str, faults: &mut Faults) -> Option<Zeroizing<String>> {
    let Some(file) = file else {
        faults.note(name, "must be given");
        return None;
    };
    let path = under(data, Some(file), "");
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(Zeroizing::new(text)),
        Err(error) => {
            faults.note(name, format!("{} cannot be read: {error}", path.display()));
            None
        }
    }
}

fn key(pem: &[u8], kind: Id, name: &str, faults: &mut Faults) -> Option<PKey<Private>> {
    let found = PKey::private_key_from_pem(pem).ok().filter(|key| key.id() == kind && (kind != Id::EC || key.bits() == 256));
    if found.is_none() {
        faults.note(name, if kind == Id::EC { "holds no P-256 key (PKCS#8, PEM)" } else { "holds no RSA key" });
    }
    found
}

fn target(text: &str, inside: Inside, name: &str, faults: &mut Faults) -> Option<Target> {
    let target = Target::parse(text, inside);
    if let Err(error) = &target {
        faults.note(name, format!("{text} is {error}"));
    }
    target.ok()
}
