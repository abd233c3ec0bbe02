//! `[sms]`: the gateway that sends text messages to telephones.

use std::path::{Path, PathBuf};

use super::{Faults, secret_line, under};
use crate::platform::{
    outgoing::{Inside, Target},
    secret::Secret,
};

/// The longest sender name that networks show (3GPP TS 23.040 section 9.1.2.5: eleven characters).
const FROM_CHARACTERS: usize = 11;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Raw {
    url: Option<String>,
    token_file: Option<PathBuf>,
    from: Option<String>,
    inner_addresses: bool,
    trust_file: Option<PathBuf>,
}

/// The checked section.
#[derive(Clone)]
pub struct Texts {
    /// The gateway; none: there are no text messages, but for the spool of an installation without a mail relay.
    pub gateway: Option<TextGateway>,
}

/// How the gateway is spoken to.
#[derive(Clone)]
pub struct TextGateway {
    /// Where messages are posted.
    pub url: Target,
    /// What it knows us by.
    pub token: Secret<String>,
    /// Whom telephones show as the sender.
    pub from: String,
    /// Whether it may be an inner address.
    pub inside: Inside,
    /// Roots beside those of the machine, PEM.
    pub trust_file: Option<PathBuf>,
}

impl Raw {
    pub(super) fn check(self, data: &Path, faults: &mut Faults) -> Texts {
        let Some(url) = self.url else {
            if self.token_file.is_some() || self.from.is_some() {
                faults.note("sms.url", "must be given");
            }
            return Texts { gateway: None };
        };
        let inside = if self.inner_addresses { Inside::Allowed } else { Inside::Refused };
        let target = Target::parse(&url, inside);
        if let Err(error) = &target {
            faults.note("sms.url", format!("{url} is {error}"));
        }
        let token = match self.token_file {
            Some(file) => secret_line(&under(data, Some(file), ""), "sms.token_file", faults).filter(|token| {
                let fits = !token.reveal().is_empty() && token.reveal().bytes().all(|byte| byte.is_ascii_graphic());
                if !fits {
                    faults.note("sms.token_file", "must hold one line of visible signs");
                }
                fits
            }),
            None => {
                faults.note("sms.token_file", "must be given");
                None
            }
        };
        let from = self.from.unwrap_or_else(|| "Segl".to_owned());
        let plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, ' ' | '+' | '-' | '.');
        if from.trim().is_empty() || from.len() > FROM_CHARACTERS || !from.chars().all(plain) {
            faults.note("sms.from", "must be a number or a name of at most 11 letters and digits");
        }
        let trust_file = self.trust_file.map(|file| under(data, Some(file), ""));
        if let Some(path) = &trust_file
            && let Err(error) = std::fs::metadata(path)
        {
            faults.note("sms.trust_file", format!("{} cannot be read: {error}", path.display()));
        }
        let gateway = match (target, token) {
            (Ok(url), Some(token)) => Some(TextGateway { url, token, from, inside, trust_file }),
            (Ok(_) | Err(_), _) => None,
        };
        Texts { gateway }
    }
}
