//! `segl verify-approval FILE`: checks the evidence of an answer on a phone, offline, piece against piece.
//!
//! Exit codes: 0 everything holds and the person said yes, 1 something does not hold, 3 everything holds and the person said no, 64 no such
//! file or no such identity key. Trusted is the service's identity key alone: those that are given, or those of this installation. With vendors'
//! roots, the phone's keys must also rest in hardware where the service's record says so; whose app had them made is judged where one is named.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use keycard::{
    Protection, PublicKey, Verdict,
    evidence::{EVIDENCE_BYTES, Evidence, Outcome, Report},
};
use openssl::x509::X509;

use super::{USAGE, arguments::VerifyApprovalArguments, terminal::complain, terminal::say};
use crate::{
    config::AndroidApp,
    phones::{self, identity},
    platform::{ground::Ground, moment::Moment},
};

/// The exit code for a no that everything proves.
const SAID_NO: u8 = 3;

/// Runs it. `open` opens this installation; only called without an identity key.
///
/// # Errors
/// When the terminal, or this installation, cannot be used.
pub async fn verify(arguments: &VerifyApprovalArguments, open: impl AsyncFn() -> anyhow::Result<Ground>) -> anyhow::Result<ExitCode> {
    let read = read_evidence(&arguments.file)
        .and_then(|evidence| Ok((evidence, given(&arguments.identity)?, roots(&arguments.vendor_root)?, apps(arguments)?)));
    let (evidence, mut trusted, roots, apps) = match read {
        Ok(read) => read,
        Err(error) => {
            complain(&error);
            return Ok(ExitCode::from(USAGE));
        }
    };
    if trusted.is_empty() {
        trusted = identity::all(&open().await?).await?;
    }
    let Some(evidence) = evidence else {
        say("form           fails")?;
        return Ok(ExitCode::FAILURE);
    };
    let report = evidence.verify(&trusted);
    print(&report)?;
    if !roots.is_empty() && !hardware_holds(&evidence, &report, &roots, &apps)? {
        return Ok(ExitCode::FAILURE);
    }
    Ok(match (report.is_sound(), report.shows_approval()) {
        (true, true) => ExitCode::SUCCESS,
        (true, false) => ExitCode::from(SAID_NO),
        (false, _) => ExitCode::FAILURE,
    })
}

/// The evidence; none when the file is no evidence.
fn read_evidence(file: &Path) -> anyhow::Result<Option<Evidence>> {
    let size = std::fs::metadata(file).with_context(|| format!("{} cannot be read", file.display()))?.len();
    if size > u64::try_from(EVIDENCE_BYTES)? {
        return Ok(None);
    }
    let bytes = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    Ok(Evidence::from_json(&bytes).ok())
}

/// The vendors' roots that were given, DER.
fn roots(files: &[PathBuf]) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut found = Vec::new();
    for file in files {
        let pem = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
        let roots = X509::stack_from_pem(&pem).with_context(|| format!("{} holds no certificates (PEM)", file.display()))?;
        anyhow::ensure!(!roots.is_empty(), "{} holds no certificate (PEM)", file.display());
        for root in roots {
            found.push(root.to_der()?);
        }
    }
    Ok(found)
}

/// The apps that may have had the keys made.
struct Apps {
    apple: Option<String>,
    android: Option<AndroidApp>,
}

fn apps(arguments: &VerifyApprovalArguments) -> anyhow::Result<Apps> {
    let android = match (&arguments.android_package, &arguments.android_signer) {
        (Some(package), Some(signer)) => Some(AndroidApp::read(package, signer).context("no package with the SHA-256 of its signer")?),
        (None, _) | (_, None) => None,
    };
    Ok(Apps { apple: arguments.apple_app.clone(), android })
}

/// Whether the keys rest where the record says, by what attests it and these roots, at the time of pairing.
fn hardware_holds(evidence: &Evidence, report: &Report, roots: &[Vec<u8>], apps: &Apps) -> anyhow::Result<bool> {
    let Some(record) = &report.pairing else {
        say("hardware       unjudged")?;
        return Ok(false);
    };
    if record.protection == Protection::SoftwarePin {
        say("hardware       none: the record speaks of none")?;
        return Ok(true);
    }
    let chain: Vec<Vec<u8>> = evidence.attestation().map_or_else(Vec::new, |all| all.items().iter().map(|one| one.0.clone()).collect());
    let paired = Moment::from_millis(i64::try_from(record.paired_ms).unwrap_or(i64::MAX));
    let (apple, android) = (apps.apple.as_deref(), apps.android.as_ref());
    let expected = phones::ExpectedAttestation { keys: &record.keys, challenge: None, apple, android };
    let (holds, said) = match phones::verify_attestation(&chain, roots, &expected, paired) {
        Ok(proven) if proven.level == record.protection => (true, format!("holds: {}{}", proven.level.word(), limits(&proven, apps))),
        Ok(proven) => (false, format!("fails: it proves {}, the record says {}", proven.level.word(), record.protection.word())),
        Err(why) => (false, format!("fails: {why}")),
    };
    say(format_args!("hardware       {said}"))?;
    Ok(holds)
}

/// What was not judged, in brackets: the key that agrees where it is not attested, and the app where none was named.
fn limits(proven: &phones::ProvenAttestation, apps: &Apps) -> &'static str {
    let app_judged = match proven.level {
        Protection::SecureEnclave => apps.apple.is_some(),
        Protection::SoftwarePin | Protection::StrongBox | Protection::Tee => apps.android.is_some(),
    };
    match (proven.of, app_judged) {
        (phones::AttestationOf::BothKeys, true) => "",
        (phones::AttestationOf::BothKeys, false) => " (app not judged)",
        (phones::AttestationOf::SigningKey, true) => " (the signing key)",
        (phones::AttestationOf::SigningKey, false) => " (the signing key; app not judged)",
    }
}

/// The identity keys that were given, each in hexadecimal or as a file that holds it so.
fn given(keys: &[String]) -> anyhow::Result<Vec<PublicKey>> {
    keys.iter().map(|key| key_of(key)).collect()
}

fn key_of(text: &str) -> anyhow::Result<PublicKey> {
    let parsed = |text: &str| hex::decode(text.trim()).ok().and_then(|bytes| PublicKey::from_sec1("identity", &bytes).ok());
    if let Some(key) = parsed(text) {
        return Ok(key);
    }
    let content = std::fs::read_to_string(text).with_context(|| format!("{text} is neither a key in hexadecimal nor a file"))?;
    parsed(&content).with_context(|| format!("{text} holds no identity key in hexadecimal"))
}

fn print(report: &Report) -> anyhow::Result<()> {
    for finding in &report.findings {
        let outcome = match finding.outcome {
            Outcome::Fails => "fails",
            Outcome::Holds => "holds",
            Outcome::Unjudged => "unjudged",
        };
        say(format_args!("{:<14} {outcome}", finding.check.word()))?;
    }
    if let Some(payload) = &report.payload {
        let asked = payload.parts();
        let at = |milliseconds: u64| Moment::from_millis(i64::try_from(milliseconds).unwrap_or(i64::MAX));
        say(format_args!("asked          {} {}: {}", asked.purpose.word(), asked.id, asked.title))?;
        for line in &asked.lines {
            say(format_args!("               {line}"))?;
        }
        say(format_args!("of             {}, {}", asked.account, asked.company))?;
        say(format_args!("by             {}, from the network {}", asked.service, asked.network))?;
        say(format_args!("between        {} and {}", at(asked.issued_ms), at(asked.expires_ms)))?;
    }
    if let Some(decision) = &report.decision {
        let word = match decision.verdict {
            Verdict::Approve { .. } => "approved",
            Verdict::NotMe => "not me",
            Verdict::Reject => "rejected",
        };
        say(format_args!("decided        {word}, on phone {}", decision.phone))?;
    }
    Ok(())
}
