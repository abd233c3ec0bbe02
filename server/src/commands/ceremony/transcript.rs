//! The transcript of a session: what a witness reads, and the same for a program, signed by the root.
//!
//! The text is made from the machine part and from nothing else, so that the two cannot differ: verifying makes it again and compares.

use std::{fmt::Write as _, path::Path, process::ExitCode};

use anyhow::{Context as _, bail, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use certs::{
    ca::Issuer,
    keystore::{KeyLabel, Keystore, RsaPadding, Scheme},
};
use openssl::x509::X509;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::commands::terminal::say;

const MACHINE: &str = "-----BEGIN SEGL CEREMONY-----\n";
const MACHINE_END: &str = "\n-----END SEGL CEREMONY-----\n";
const SIGNATURE: &str = "-----BEGIN SIGNATURE-----\n";
const SIGNATURE_END: &str = "\n-----END SIGNATURE-----\n";
const PURPOSE: &[u8] = b"segl/ceremony/transcript/v1\n";

/// What happened in a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transcript {
    /// Format.
    pub version: u32,
    /// Which session of this ceremony.
    pub session: u32,
    /// In one sentence.
    pub what: String,
    /// When, RFC 3339.
    pub at: String,
    /// Program and version.
    pub program: String,
    /// Who was there.
    pub present: Vec<String>,
    /// The root's certificate, DER in base64.
    pub root: String,
    /// The certificates that were made.
    pub certificates: Vec<Certificate>,
    /// The list that was made.
    pub crl: Option<List>,
    /// The rule by which the passphrase is split.
    pub shares: Option<String>,
    /// SHA-256 of the transcript before.
    pub previous: Option<String>,
    /// Every file that was written.
    pub files: Vec<Written>,
}

/// A certificate that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// Its file.
    pub file: String,
    /// Its subject.
    pub subject: String,
    /// Its serial number.
    pub serial: String,
    /// The kind of its key.
    pub key: String,
    /// Where the key is.
    pub keystore: String,
    /// First and last second.
    pub valid: (String, String),
    /// SHA-256 over the certificate.
    pub sha256: String,
}

/// A list that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// Its number.
    pub number: i64,
    /// Made, and to be followed, at.
    pub current: (String, String),
    /// Serial numbers on it.
    pub revoked: Vec<String>,
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// Its name, beside the transcript.
    pub name: String,
    /// SHA-256.
    pub sha256: String,
}

impl Written {
    /// Of these bytes.
    pub fn of(name: &str, bytes: &[u8]) -> Self {
        Self { name: name.to_owned(), sha256: hex::encode(Sha256::digest(bytes)) }
    }
}

impl Transcript {
    fn text(&self) -> String {
        let mut text = format!(
            "TRANSCRIPT OF A KEY CEREMONY, session {}\n\n{}\n\nAt       {}\nBy       {}\n",
            self.session, self.what, self.at, self.program
        );
        let mut line = |line: String| {
            let _never_fails = writeln!(text, "{line}");
        };
        for person in &self.present {
            line(format!("Present  {person}"));
        }
        if let Some(rule) = &self.shares {
            line(format!("The passphrase of the root's key is split {rule}; no share stands here."));
        }
        for one in &self.certificates {
            line(format!("\nCertificate {}\n  subject   {}\n  serial    {}", one.file, one.subject, one.serial));
            line(format!("  key       {}, in {}\n  valid     {} to {}", one.key, one.keystore, one.valid.0, one.valid.1));
            line(format!("  SHA-256   {}", grouped(&one.sha256)));
        }
        if let Some(list) = &self.crl {
            line(format!("\nRevocation list number {}\n  current   {} to {}", list.number, list.current.0, list.current.1));
            line(format!("  revoked   {}", if list.revoked.is_empty() { "none".to_owned() } else { list.revoked.join(", ") }));
        }
        line("\nFiles".to_owned());
        for file in &self.files {
            line(format!("  {}  {}", file.sha256, file.name));
        }
        if let Some(previous) = &self.previous {
            line(format!("\nThe transcript before has SHA-256 {previous}"));
        }
        line("\nCheck with: segl ceremony verify FILE. Signatures of those present, on paper:\n".to_owned());
        text
    }

    /// The whole file, signed.
    ///
    /// # Errors
    /// When the root does not sign.
    pub fn sign(&self, root: &Issuer, keystore: &dyn Keystore) -> anyhow::Result<String> {
        let body = format!("{}{MACHINE}{}{MACHINE_END}", self.text(), serde_json::to_string_pretty(self)?);
        let scheme = Scheme::of(root.public_key().kind(), RsaPadding::Pss);
        let digest = scheme.digest(&[PURPOSE, body.as_bytes()].concat());
        let signature = keystore.sign_with(root.label(), scheme.padding(), &digest)?;
        ensure!(root.public_key().verifies(&digest, &signature), "the root's signature does not verify");
        Ok(format!("{body}{SIGNATURE}{}{SIGNATURE_END}", STANDARD.encode(signature)))
    }

    /// Reads a transcript and checks signature and text.
    ///
    /// # Errors
    /// Says what does not fit.
    pub fn open(whole: &str) -> anyhow::Result<(Self, Vec<u8>)> {
        let (body, signature) = whole.split_once(SIGNATURE).context("there is no signature in it")?;
        let signature = signature.strip_suffix(SIGNATURE_END).context("something stands after the signature")?;
        let signature = STANDARD.decode(signature).context("the signature is not base64")?;
        let (text, machine) = body.split_once(MACHINE).context("there is no machine part in it")?;
        let machine = machine.strip_suffix(MACHINE_END).context("something stands after the machine part")?;
        let transcript: Self = serde_json::from_str(machine).context("the machine part")?;
        ensure!(transcript.version == 1, "it has format {}, which this release does not know", transcript.version);
        let der = STANDARD.decode(&transcript.root).context("the root's certificate")?;
        let root = Issuer::without_key(&der, KeyLabel::parse("offline.root")?).context("the root's certificate")?;
        let digest = Scheme::of(root.public_key().kind(), RsaPadding::Pss).digest(&[PURPOSE, body.as_bytes()].concat());
        ensure!(root.public_key().verifies(&digest, &signature), "it is not signed by its root: it was changed");
        ensure!(text == transcript.text(), "the text is not what the machine part says");
        Ok((transcript, der))
    }
}

fn grouped(hexadecimal: &str) -> String {
    hexadecimal.as_bytes().chunks(8).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ")
}

/// `segl ceremony verify`: signature, text, and every file beside it.
///
/// # Errors
/// When it cannot be read; what is wrong is printed.
pub fn verify(file: &Path, root: Option<&Path>) -> anyhow::Result<ExitCode> {
    let whole = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let (transcript, root_der) = Transcript::open(&whole).with_context(|| file.display().to_string())?;
    if let Some(given) = root {
        let bytes = std::fs::read(given).with_context(|| format!("{} cannot be read", given.display()))?;
        let der = X509::from_der(&bytes).or_else(|_| X509::from_pem(&bytes)).and_then(|certificate| certificate.to_der());
        ensure!(der.with_context(|| given.display().to_string())? == root_der, "it is signed by another root than {}", given.display());
    }
    say(format_args!("ok    signed by the root with SHA-256 {}", grouped(&hex::encode(Sha256::digest(&root_der)))))?;
    say(format_args!("ok    session {} at {}: {}", transcript.session, transcript.at, transcript.what))?;
    let mut wrong = 0;
    for written in &transcript.files {
        if written.name.contains('/') {
            bail!("a file's name has a slash in it: {}", written.name);
        }
        let found = std::fs::read(file.with_file_name(&written.name)).ok().map(|bytes| Written::of(&written.name, &bytes));
        wrong += usize::from(found.as_ref() != Some(written));
        match found {
            None => say(format_args!("BAD   {} is missing beside the transcript", written.name))?,
            Some(found) if found == *written => say(format_args!("ok    {}", written.name))?,
            Some(_) => say(format_args!("BAD   {} was changed", written.name))?,
        }
    }
    say(if wrong == 0 { "all is as the transcript says" } else { "something is wrong: see above" })?;
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
