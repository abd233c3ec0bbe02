//! `[register]`: where companies are looked up by their CVR number, in a file of the operator's or at a register service.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use super::{Faults, secret_line, under};
use crate::platform::{
    outgoing::{Inside, Target},
    secret::Secret,
};

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Raw {
    file: Option<PathBuf>,
    url: Option<String>,
    token_file: Option<PathBuf>,
    trust_file: Option<PathBuf>,
    inner_addresses: bool,
    timeout_seconds: Option<u64>,
}

/// The checked section.
#[derive(Clone)]
pub struct Register {
    /// Where companies are looked up; none: they are not.
    pub source: Option<RegisterSource>,
}

/// Where companies are looked up.
#[derive(Clone)]
pub enum RegisterSource {
    /// A file (JSON) of the operator's, read at each look-up.
    File(PathBuf),
    /// A service.
    Service(RegisterService),
}

/// How a register service is asked.
#[derive(Clone)]
pub struct RegisterService {
    /// Where it is.
    pub url: Target,
    /// What it wants to be shown (RFC 6750).
    pub token: Option<Secret<String>>,
    /// Roots beside those of the machine, PEM.
    pub trust_file: Option<PathBuf>,
    /// Whether it may stand at an inner address.
    pub inside: Inside,
    /// How long an answer may take.
    pub timeout: Duration,
}

impl Raw {
    pub(super) fn check(self, data: &Path, faults: &mut Faults) -> Register {
        let seconds = self.timeout_seconds.unwrap_or(5);
        if !(1..=8).contains(&seconds) {
            faults.note("register.timeout_seconds", "must be 1 to 8");
        }
        if self.file.is_some() && self.url.is_some() {
            faults.note("register.url", "stands beside register.file: name one of the two");
        }
        if let Some(file) = self.file {
            let path = under(data, Some(file), "");
            if let Err(error) = std::fs::metadata(&path) {
                faults.note("register.file", format!("{} cannot be read: {error}", path.display()));
            }
            return Register { source: Some(RegisterSource::File(path)) };
        }
        let Some(url) = self.url else { return Register { source: None } };
        let inside = if self.inner_addresses { Inside::Allowed } else { Inside::Refused };
        let trust_file = self.trust_file.map(|file| under(data, Some(file), ""));
        if let Some(path) = &trust_file
            && let Err(error) = std::fs::metadata(path)
        {
            faults.note("register.trust_file", format!("{} cannot be read: {error}", path.display()));
        }
        let token = self.token_file.and_then(|file| secret_line(&under(data, Some(file), ""), "register.token_file", faults));
        match Target::parse(&url, inside) {
            Ok(url) => {
                let service = RegisterService { url, token, trust_file, inside, timeout: Duration::from_secs(seconds) };
                Register { source: Some(RegisterSource::Service(service)) }
            }
            Err(error) => {
                faults.note("register.url", error.to_string());
                Register { source: None }
            }
        }
    }
}
