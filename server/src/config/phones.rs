//! `[phones]`: what a phone must be to serve as a key card.

use std::path::{Path, PathBuf};

use openssl::x509::X509;

use super::{Faults, Mode, under};
use crate::platform::places::Places;

/// At most so many roots of vendors.
const MOST_ROOTS: usize = 20;

/// What counts of a phone's attestation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attestation {
    /// It is not looked at: every phone is shown as one whose keys are guarded by a PIN alone.
    Ignore,
    /// It raises the level that is shown; a phone without it is taken too.
    #[default]
    Prefer,
    /// A phone without a good one is refused.
    Require,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Raw {
    wait_hours: Option<i64>,
    attestation: Attestation,
    attestation_roots: Vec<PathBuf>,
    apple_app: Option<String>,
    places: Option<PathBuf>,
}

/// The checked section.
#[derive(Clone, Debug)]
pub struct Phones {
    /// A new phone signs nothing for so long; it logs in at once.
    pub wait_hours: i64,
    /// What counts of its attestation.
    pub attestation: Attestation,
    /// The vendors' roots, DER.
    pub roots: Vec<Vec<u8>>,
    /// Apple's name of the app, whose attestation is taken: the team's id, a dot, the bundle's.
    pub apple_app: Option<String>,
    /// Roughly where networks are; none: phones are shown no place.
    pub places: Option<Places>,
}

impl Raw {
    pub(super) fn check(self, mode: Mode, data: &Path, faults: &mut Faults) -> Phones {
        let wait_hours = self.wait_hours.unwrap_or(match mode {
            Mode::Demonstration => 0,
            Mode::Real => 24,
        });
        if !(0..=720).contains(&wait_hours) {
            faults.note("phones.wait_hours", "must be 0 to 720");
        }
        let mut roots = Vec::new();
        for file in self.attestation_roots {
            let path = under(data, Some(file), "");
            let read = std::fs::read(&path).map_err(|error| error.to_string());
            let parsed = read.and_then(|pem| X509::stack_from_pem(&pem).map_err(|error| error.to_string()));
            match parsed
                .and_then(|found| found.iter().map(|root| root.to_der().map_err(|error| error.to_string())).collect::<Result<Vec<_>, _>>())
            {
                Ok(found) if !found.is_empty() => roots.extend(found),
                Ok(_) => faults.note("phones.attestation_roots", format!("{} holds no certificate (PEM)", path.display())),
                Err(error) => faults.note("phones.attestation_roots", format!("{} cannot be read: {error}", path.display())),
            }
        }
        if roots.len() > MOST_ROOTS {
            faults.note("phones.attestation_roots", format!("at most {MOST_ROOTS} certificates"));
        }
        if self.attestation == Attestation::Require && roots.is_empty() {
            faults.note("phones.attestation_roots", "must be given with attestation = \"require\"");
        }
        if self.apple_app.as_deref().is_some_and(|app| !is_apple_app(app)) {
            faults.note("phones.apple_app", "is a team's id of ten letters and digits, a dot, and a bundle's id");
        }
        let places = self.places.and_then(|file| {
            let path = under(data, Some(file), "");
            let opened = Places::open(&path);
            if let Err(error) = &opened {
                faults.note("phones.places", format!("{}: {error}", path.display()));
            }
            opened.ok()
        });
        Phones { wait_hours, attestation: self.attestation, roots, apple_app: self.apple_app, places }
    }
}

/// `A1B2C3D4E5.dk.segl.phone`: Apple gives the first part, ten capital letters and digits.
fn is_apple_app(text: &str) -> bool {
    let is_team = |team: &str| team.len() == 10 && team.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let is_bundle = |bundle: &str| {
        let sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
        (1..=155).contains(&bundle.len()) && bundle.bytes().all(sign)
    };
    text.split_once('.').is_some_and(|(team, bundle)| is_team(team) && is_bundle(bundle))
}
