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
    android_package: Option<String>,
    android_signer: Option<String>,
    places: Option<PathBuf>,
}

/// An app as Android's system names it to the hardware that makes its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AndroidApp {
    /// The package's name.
    pub package: String,
    /// SHA-256 of the certificate that signed it.
    pub signer: [u8; 32],
}

impl AndroidApp {
    /// Reads a package's name, and the digest in 64 hexadecimal digits, with colons between or without.
    pub fn read(package: &str, signer: &str) -> Option<Self> {
        let part = |part: &str| {
            let sign = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            part.bytes().next().is_some_and(|first| first.is_ascii_alphabetic()) && part.bytes().all(sign)
        };
        let named = package.len() <= 223 && package.contains('.') && package.split('.').all(part);
        let signer: [u8; 32] = hex::decode(signer.replace(':', "")).ok()?.try_into().ok()?;
        named.then(|| Self { package: package.to_owned(), signer })
    }
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
    /// The app as Android names it, whose attestation alone is taken; none: any app's is.
    pub android_app: Option<AndroidApp>,
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
        let android_app = match (self.android_package, self.android_signer) {
            (None, None) => None,
            (package, signer) => {
                let read = package.zip(signer).and_then(|(package, signer)| AndroidApp::read(&package, &signer));
                if read.is_none() {
                    let rule =
                        "is a package's name, and goes with android_signer: the SHA-256 of the certificate that signed it, in hexadecimal";
                    faults.note("phones.android_package", rule);
                }
                read
            }
        };
        let places = self.places.and_then(|file| {
            let path = under(data, Some(file), "");
            let opened = Places::open(&path);
            if let Err(error) = &opened {
                faults.note("phones.places", format!("{}: {error}", path.display()));
            }
            opened.ok()
        });
        Phones { wait_hours, attestation: self.attestation, roots, apple_app: self.apple_app, android_app, places }
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const SIGNER: &str = "FA:C6:17:45:DC:09:03:78:6F:B9:ED:E6:2A:96:2B:39:9F:73:48:F0:BB:6F:89:9B:83:32:66:75:91:03:3B:9C";

    fn checked(raw: Raw) -> (Phones, Vec<String>) {
        let mut faults = Faults::default();
        let phones = raw.check(Mode::Real, Path::new("/nowhere"), &mut faults);
        (phones, faults.0.into_iter().map(|fault| fault.key).collect())
    }

    #[test]
    fn apples_app_is_a_team_of_ten_and_a_bundle() {
        let app = |app: &str| checked(Raw { apple_app: Some(app.to_owned()), ..Raw::default() });
        for good in ["A1B2C3D4E5.dk.segl.phone", "0352187391.com.apple.example-app", "A1B2C3D4E5.x"] {
            let (phones, faults) = app(good);
            assert_eq!((phones.apple_app.as_deref(), faults), (Some(good), vec![]));
        }
        let long = format!("A1B2C3D4E5.{}", "x".repeat(156));
        for bad in [
            "",
            "dk.segl.phone",
            "A1B2C3D4E5",
            "A1B2C3D4E5.",
            "A1B2C3D4E.dk.segl.phone",
            "A1B2C3D4E5F.dk.segl.phone",
            "a1b2c3d4e5.dk.segl.phone",
            "A1B2C3D4E5.dk segl",
            "A1B2C3D4E5.dk.segl_phone",
            " A1B2C3D4E5.dk.segl.phone",
            "A1B2C3D4E5.dk.sægl",
            &long,
        ] {
            assert_eq!(app(bad).1, ["phones.apple_app"], "{bad}");
        }
    }

    #[test]
    fn androids_app_is_a_package_and_its_signer_and_never_one_alone() {
        let app = |package: Option<&str>, signer: Option<&str>| {
            checked(Raw { android_package: package.map(str::to_owned), android_signer: signer.map(str::to_owned), ..Raw::default() })
        };
        let plain = SIGNER.replace(':', "").to_lowercase();
        for signer in [SIGNER, &plain] {
            let (phones, faults) = app(Some("dk.segl.phone"), Some(signer));
            assert_eq!((hex::encode(phones.android_app.unwrap().signer), faults), (plain.clone(), vec![]));
        }
        assert!(app(None, None).1.is_empty());
        let bad = [
            (Some("dk.segl.phone"), None),
            (None, Some(SIGNER)),
            (Some("phone"), Some(SIGNER)),
            (Some("dk..phone"), Some(SIGNER)),
            (Some("dk.1segl"), Some(SIGNER)),
            (Some("dk.segl phone"), Some(SIGNER)),
            (Some("dk.segl.phone"), Some("fac6")),
            (Some("dk.segl.phone"), Some(&SIGNER[..93])),
        ];
        for (package, signer) in bad {
            let (phones, faults) = app(package, signer);
            assert_eq!((phones.android_app, faults), (None, vec!["phones.android_package".to_owned()]), "{package:?} {signer:?}");
        }
    }
}
