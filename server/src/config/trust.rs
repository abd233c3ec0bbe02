//! `[trust]`: who runs this service, as `/trust` tells those who must decide whether to trust its certificates; and whom verdicts trust
//! beside our own roots.

use std::path::{Path, PathBuf};

use openssl::x509::X509;

use super::{Faults, under};

/// So many roots may be added: each signature's path may lead to any of them.
const MOST_ROOTS: usize = 20;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Raw {
    operator: Option<String>,
    contact: Option<String>,
    practice_url: Option<String>,
    roots: Vec<PathBuf>,
}

/// The checked section.
#[derive(Clone, Debug)]
pub struct Trust {
    /// Who runs the service; none: the organisation in the root's name.
    pub operator: Option<String>,
    /// The e-mail address for questions, such as whether a fingerprint is right.
    pub contact: Option<String>,
    /// Where the certification practice statement stands (RFC 3647).
    pub practice_url: Option<String>,
    /// Roots of signers that verdicts trust beside our own, DER.
    pub added_roots: Vec<Vec<u8>>,
}

impl Raw {
    pub(super) fn check(self, data: &Path, faults: &mut Faults) -> Trust {
        if self.operator.as_ref().is_some_and(|name| name.trim().is_empty() || name.chars().count() > 200) {
            faults.note("trust.operator", "must have 1 to 200 characters");
        }
        if self.contact.as_ref().is_some_and(|address| certs::name::EmailAddress::parse(address).is_err()) {
            faults.note("trust.contact", "must be an e-mail address, as \"ca@example.dk\"");
        }
        let is_link = |url: &String| url.starts_with("https://") && url.len() <= 500 && url.bytes().all(|byte| byte.is_ascii_graphic());
        if self.practice_url.as_ref().is_some_and(|url| !is_link(url)) {
            faults.note("trust.practice_url", "must begin with https:// and be plain ASCII");
        }
        let added_roots = added(self.roots, data, faults);
        Trust { operator: self.operator, contact: self.contact, practice_url: self.practice_url, added_roots }
    }
}

/// The certificates of all files, each once.
fn added(files: Vec<PathBuf>, data: &Path, faults: &mut Faults) -> Vec<Vec<u8>> {
    const KEY: &str = "trust.roots";
    let mut roots = Vec::new();
    for file in files {
        let file = under(data, Some(file), "");
        let read = std::fs::read(&file).map_err(|error| format!("{} cannot be read: {error}", file.display()));
        let read = read.and_then(|text| X509::stack_from_pem(&text).map_err(|_| format!("{} is not PEM", file.display())));
        match read {
            Ok(found) if found.is_empty() => faults.note(KEY, format!("{} holds no certificate", file.display())),
            Ok(found) => roots.extend(found.iter().filter_map(|one| one.to_der().ok())),
            Err(fault) => faults.note(KEY, fault),
        }
    }
    roots.sort();
    roots.dedup();
    if roots.len() > MOST_ROOTS {
        faults.note(KEY, format!("must hold at most {MOST_ROOTS} certificates"));
    }
    roots
}
