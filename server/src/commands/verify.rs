//! `segl verify FILE`: judges a PDF. Exit 0 valid, 1 invalid, 2 indeterminate, 3 no signature, 64 usage.
//!
//! With `--trust` it needs no installation: revocation comes from the CRLs that the certificates name. Without, it trusts this
//! installation's roots and asks its own rows.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, anyhow, ensure};
use openssl::x509::X509;

use super::{
    arguments::VerifyArguments,
    terminal::{complain, say},
};
use crate::{
    documents::{
        revocations::{OwnRows, PublishedLists},
        trust::{Trust, TrustSource},
        verdict::{self, Judgement, Report, Verdict},
    },
    platform::{ground::Ground, limits, moment::Moment},
};

/// Judges and prints.
///
/// # Errors
/// When the file cannot be read, or is no PDF.
pub async fn verify<F>(arguments: VerifyArguments, now: Moment, open: F) -> anyhow::Result<ExitCode>
where
    F: AsyncFnOnce() -> anyhow::Result<Ground>,
{
    let given = match Given::read(&arguments, now) {
        Ok(given) => given,
        Err(error) => {
            complain(&error);
            return Ok(ExitCode::from(super::USAGE));
        }
    };
    let Given { at, pdf, anchors } = given;
    let report = if anchors.is_empty() {
        let ground = open().await.context("without --trust, an installation's roots are needed")?;
        let trust = Trust::own(&ground).await?;
        verdict::judge(pdf, &trust, &OwnRows::of(&ground), at).await
    } else {
        verdict::judge(pdf, &Trust::given(anchors), &PublishedLists::at(at), at).await
    };
    let report = report.with_context(|| arguments.file.display().to_string())?;
    if arguments.json {
        say(serde_json::to_string_pretty(&report)?)?;
    } else {
        say(words(&report))?;
    }
    Ok(ExitCode::from(code(report.verdict)))
}

/// The arguments, read: a file that is not there, a time or PEM that is none, is wrong usage.
struct Given {
    at: Moment,
    pdf: Vec<u8>,
    anchors: Vec<Vec<u8>>,
}

impl Given {
    fn read(arguments: &VerifyArguments, now: Moment) -> anyhow::Result<Self> {
        let at = match &arguments.at {
            Some(text) => parse_time(text)?,
            None => now,
        };
        Ok(Self { at, pdf: read(&arguments.file)?, anchors: anchors(&arguments.trust)? })
    }
}

/// The exit code of a verdict.
const fn code(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Valid => 0,
        Verdict::Invalid => 1,
        Verdict::Indeterminate => 2,
        Verdict::NoSignature => 3,
    }
}

fn parse_time(text: &str) -> anyhow::Result<Moment> {
    let at = time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339)
        .map_err(|_| anyhow!("--at {text}: write it as 2026-11-22T20:00:00Z"))?;
    Ok(Moment::from_datetime(at))
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let size = std::fs::metadata(file).with_context(|| file.display().to_string())?.len();
    let most = limits::DOCUMENT_BYTES;
    ensure!(usize::try_from(size).is_ok_and(|size| size <= most), "{}: more than {most} bytes", file.display());
    std::fs::read(file).with_context(|| file.display().to_string())
}

fn anchors(files: &[PathBuf]) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut anchors = Vec::new();
    for file in files {
        let text = std::fs::read(file).with_context(|| format!("--trust {}", file.display()))?;
        let certificates = X509::stack_from_pem(&text).with_context(|| format!("--trust {}: not PEM", file.display()))?;
        ensure!(!certificates.is_empty(), "--trust {}: holds no certificate", file.display());
        for certificate in certificates {
            anchors.push(certificate.to_der()?);
        }
    }
    Ok(anchors)
}

fn words(report: &Report) -> String {
    let mut lines = vec![verdict_words(report.verdict).to_owned()];
    lines.extend(report.signatures.iter().map(|judgement| line(judgement, report.trust)));
    lines.join("\n")
}

const fn verdict_words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Valid => "valid",
        Verdict::Invalid => "invalid",
        Verdict::Indeterminate => "indeterminate",
        Verdict::NoSignature => "no signature",
    }
}

/// Whom the verdict rests on.
fn trusted_by(judgement: &Judgement, source: TrustSource) -> String {
    let whose = match judgement.trust_source.unwrap_or(source) {
        TrustSource::AddedRoots => "the roots added to this installation",
        TrustSource::GivenFiles => "the roots given by --trust",
        TrustSource::OwnRoots => "this installation's roots",
    };
    match judgement.root.as_ref().filter(|name| !name.is_empty()).or(judgement.root_subject.as_ref()) {
        Some(root) => format!("; trusted by {root:?} of {whose}"),
        None => format!("; none of {whose} vouches for it"),
    }
}

fn line(judgement: &Judgement, source: TrustSource) -> String {
    let who = match (&judgement.signer, judgement.trusted) {
        (Some(signer), true) => {
            format!("{}{}", signer.name, signer.organisation.as_ref().map_or_else(String::new, |company| format!(", {company}")))
        }
        (Some(signer), false) => format!("somebody who claims to be {:?}", signer.name),
        (None, _) => "an unknown signer".to_owned(),
    };
    let when = match (judgement.proven_at, &judgement.claimed_at) {
        (Some(at), _) => format!("time-stamped {at}"),
        (None, Some(at)) => format!("at a claimed time, {at}"),
        (None, None) => "at an unknown time".to_owned(),
    };
    let detail = judgement.detail.as_ref().map_or_else(String::new, |detail| format!(" ({detail})"));
    let stamped = judgement.stamped_by.as_ref().map_or_else(String::new, |by| format!(" by {:?} of {:?}", by.unit, by.root));
    let trusted = trusted_by(judgement, source);
    let indication = judgement.sub_indication.map_or_else(String::new, |word| format!(", {word}"));
    format!(
        "  {}: {} by {who}, {when}{stamped}: {}{indication}{detail}{trusted}",
        judgement.field,
        verdict_words(judgement.verdict),
        judgement.why.word()
    )
}
