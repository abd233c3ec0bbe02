//! Is this PDF's signature valid? The verdicts of EN 319 102-1 in three words: valid, invalid, indeterminate; and why, by name.
//!
//! The integrity and later changes come from `certs::pades`, the path from `certs::path`; this file joins them with time and
//! revocation. A signer whose root we do not trust is never shown as known, whatever the certificate claims.

use certs::{
    pades::{self, ChangesAfter, Coverage, Integrity, PdfError, SignatureReport},
    path::{self, Budget, Chain, Material, Purpose},
    revocation::Reason,
    timestamp::TimeStamp,
};
use futures_util::future::LocalBoxFuture;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::{
    lists::PATIENCE,
    signer::{self, Signer},
    trust::{Trust, TrustSource},
};
use crate::platform::moment::Moment;

/// The three verdicts, and that there is nothing to judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every signature holds (TOTAL-PASSED).
    Valid,
    /// It cannot be said (INDETERMINATE).
    Indeterminate,
    /// At least one does not hold (TOTAL-FAILED).
    Invalid,
    /// The document has no signature.
    NoSignature,
}

/// Why a signature has its verdict. Words: `documents.why_<word>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Nothing is wrong.
    Holds,
    /// It holds; the certificate was revoked later than the signature.
    HoldsRevokedLater,
    /// The signed bytes are not those that were signed, or the signature value is wrong.
    Broken,
    /// Something other than signatures was changed after signing.
    ChangedAfter,
    /// The certificate was revoked before the signature.
    RevokedBefore,
    /// The certificate is revoked, and nothing proves that the signature is older.
    RevokedNoProof,
    /// The certificate had expired (or was not valid yet) at the only time that is proven.
    OutsideValidity,
    /// The signer's certificate leads to no root that is trusted here.
    UnknownSigner,
    /// Whether the certificate was revoked could not be found out.
    RevocationUnknown,
    /// Whether the certificate was revoked could not be found out in time: another try may.
    RevocationTooSlow,
    /// The certificate is not for signing documents.
    WrongPurpose,
    /// The signature has a format that is not judged here.
    UnknownFormat,
}

impl Why {
    /// The verdict that it makes (EN 319 102-1 section 5.1.4).
    pub const fn verdict(self) -> Verdict {
        match self {
            Self::Holds | Self::HoldsRevokedLater => Verdict::Valid,
            Self::Broken | Self::ChangedAfter | Self::RevokedBefore => Verdict::Invalid,
            Self::RevokedNoProof
            | Self::OutsideValidity
            | Self::UnknownSigner
            | Self::RevocationUnknown
            | Self::RevocationTooSlow
            | Self::WrongPurpose
            | Self::UnknownFormat => Verdict::Indeterminate,
        }
    }

    /// The sub-indication of EN 319 102-1 (section 5.1.3, table 6); none for what holds.
    pub const fn sub_indication(self) -> Option<&'static str> {
        match self {
            Self::Holds | Self::HoldsRevokedLater => None,
            Self::Broken => Some("SIG_CRYPTO_FAILURE"),
            Self::ChangedAfter | Self::UnknownFormat => Some("FORMAT_FAILURE"),
            Self::RevokedBefore => Some("REVOKED"),
            Self::RevokedNoProof => Some("REVOKED_NO_POE"),
            Self::OutsideValidity => Some("OUT_OF_BOUNDS_NO_POE"),
            Self::UnknownSigner => Some("NO_CERTIFICATE_CHAIN_FOUND"),
            Self::RevocationUnknown | Self::RevocationTooSlow => Some("TRY_LATER"),
            Self::WrongPurpose => Some("CHAIN_CONSTRAINTS_FAILURE"),
        }
    }

    /// The word for the texts.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::HoldsRevokedLater => "holds_revoked_later",
            Self::Broken => "broken",
            Self::ChangedAfter => "changed_after",
            Self::RevokedBefore => "revoked_before",
            Self::RevokedNoProof => "revoked_no_proof",
            Self::OutsideValidity => "outside_validity",
            Self::UnknownSigner => "unknown_signer",
            Self::RevocationUnknown => "revocation_unknown",
            Self::RevocationTooSlow => "revocation_too_slow",
            Self::WrongPurpose => "wrong_purpose",
            Self::UnknownFormat => "unknown_format",
        }
    }
}

/// One judged signature.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct Judgement {
    /// The signature field's name.
    pub field: String,
    /// Its verdict.
    pub verdict: Verdict,
    /// Why.
    pub why: Why,
    /// The sub-indication of EN 319 102-1, as NO_CERTIFICATE_CHAIN_FOUND; null for what holds.
    pub sub_indication: Option<&'static str>,
    /// More, in English, from the check that failed.
    pub detail: Option<String>,
    /// Who, from the certificate. Believe it only when `trusted`.
    pub signer: Option<Signer>,
    /// Whether the certificate leads to a trusted root.
    pub trusted: bool,
    /// The root's common name, when trusted.
    pub root: Option<String>,
    /// The root's whole subject, when trusted.
    pub root_subject: Option<String>,
    /// SHA-256 of the root's certificate, hexadecimal, when trusted.
    pub root_sha256: Option<String>,
    /// Where that root comes from, when trusted.
    pub trust_source: Option<TrustSource>,
    /// The time that a trusted time stamp proves.
    pub proven_at: Option<Moment>,
    /// The time-stamping unit that proves it, and the root that it leads to.
    pub stamped_by: Option<StampedBy>,
    /// The time that the signer only claims.
    pub claimed_at: Option<String>,
    /// When the certificate was revoked, if it was.
    pub revoked_at: Option<Moment>,
    /// Why it was revoked.
    pub revocation_reason: Option<String>,
    /// The reason that the signer gave.
    pub reason: Option<String>,
    /// The place that the signer gave.
    pub place: Option<String>,
    /// Whether the signature covers the file to its last byte.
    pub covers_whole_file: bool,
    /// What was changed later, each named; empty when nothing but signatures.
    pub changes: Vec<String>,
}

/// Who proves the time.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct StampedBy {
    /// The unit's common name.
    pub unit: String,
    /// The common name of the trusted certificate that it leads to.
    pub root: String,
}

/// The whole document's report.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct Report {
    /// The worst of the signatures' verdicts.
    pub verdict: Verdict,
    /// When it was judged.
    pub judged_at: Moment,
    /// Where the trusted roots come from.
    pub trust: TrustSource,
    /// The signatures, oldest first.
    pub signatures: Vec<Judgement>,
}

/// What is known of a certificate's revocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// Not revoked.
    Good,
    /// Revoked.
    Revoked {
        /// From when.
        at: Moment,
        /// Why.
        reason: String,
    },
    /// The list that could tell did not come in time.
    TooSlow {
        /// From where.
        url: String,
    },
    /// Nobody could tell.
    Unknown,
}

/// Where revocation is looked up.
pub trait Revocations {
    /// The state of a certificate (DER) that `issuer` (DER) issued.
    fn look_up<'a>(&'a self, certificate: &'a [u8], issuer: &'a [u8]) -> LocalBoxFuture<'a, Revocation>;
}

/// Judges every signature of a PDF.
///
/// # Errors
/// When the file cannot be read as far as its signatures.
pub async fn judge(pdf: Vec<u8>, trust: &Trust, revocations: &dyn Revocations, at: Moment) -> Result<Report, PdfError> {
    let read = tokio::task::spawn_blocking(move || pades::verify(&pdf)).await;
    let reports = read.map_err(|_| PdfError::TooComplex)??;
    Ok(judge_reports(&reports, trust, revocations, at).await)
}

/// Judges what was read of a PDF's signatures.
pub async fn judge_reports(reports: &[SignatureReport], trust: &Trust, revocations: &dyn Revocations, at: Moment) -> Report {
    let mut signatures = Vec::new();
    for report in reports {
        // Each path takes milliseconds of this thread, and a file may have hundreds of signatures: others' turn in between.
        tokio::task::yield_now().await;
        if let Some(judgement) = judge_one(report, trust, revocations, at).await {
            signatures.push(judgement);
        }
    }
    let verdict = signatures.iter().map(|judgement| judgement.verdict).max().unwrap_or(Verdict::NoSignature);
    Report { verdict, judged_at: at, trust: trust.source, signatures }
}

/// One signature; none for a document time stamp, which is evidence and not a signature.
async fn judge_one(report: &SignatureReport, trust: &Trust, revocations: &dyn Revocations, at: Moment) -> Option<Judgement> {
    let mut judgement = blank(report);
    match &report.integrity {
        Ok(Integrity::DocumentTimeStamp(_)) => return None,
        Err(pades::SignatureFault::Unsupported) => judgement.settle(Why::UnknownFormat, None),
        Err(fault) => judgement.settle(Why::Broken, Some(fault.to_string())),
        Ok(Integrity::Signature { message, time_stamp }) => {
            judgement.signer = signer::read(&message.signer_certificate);
            judgement.claimed_at = message.signing_time.map(|time| Moment::from_datetime(time).rfc3339()).or(judgement.claimed_at.take());
            let proven = match time_stamp {
                Some(Ok(stamp)) => proven_time(stamp, trust, revocations).await,
                Some(Err(_)) | None => None,
            };
            judgement.proven_at = proven.as_ref().map(|(at, _)| Moment::from_datetime(*at));
            let best = proven.as_ref().map(|(at, _)| *at);
            judgement.stamped_by = proven.map(|(_, by)| by);
            let anchors = trust.of_signers();
            let material = Material { leaf: &message.signer_certificate, intermediates: &message.certificates, anchors: &anchors };
            let best = best.unwrap_or_else(|| at.to_datetime());
            match path::verify(&material, best, Purpose::DocumentSignature, &Budget::default()) {
                Ok(chain) => judge_chain(&mut judgement, report, (&chain, trust), revocations).await,
                Err(error) => judgement.settle(why_not_trusted(&error), Some(error.to_string())),
            }
        }
    }
    Some(judgement)
}

fn blank(report: &SignatureReport) -> Judgement {
    let changes = match &report.changes {
        ChangesAfter::Other(changes) => changes.iter().take(50).map(|change| format!("{change:?}")).collect(),
        ChangesAfter::None | ChangesAfter::OnlySignatures | ChangesAfter::OnlyValidationData | ChangesAfter::Unknown => Vec::new(),
    };
    Judgement {
        field: report.field_name.clone(),
        verdict: Verdict::Indeterminate,
        why: Why::UnknownFormat,
        sub_indication: Why::UnknownFormat.sub_indication(),
        detail: None,
        signer: None,
        trusted: false,
        root: None,
        root_subject: None,
        root_sha256: None,
        trust_source: None,
        proven_at: None,
        stamped_by: None,
        claimed_at: report.claims.date.clone(),
        revoked_at: None,
        revocation_reason: None,
        reason: report.claims.reason.clone(),
        place: report.claims.location.clone(),
        covers_whole_file: report.coverage == Some(Coverage::WholeFile),
        changes,
    }
}

impl Judgement {
    fn settle(&mut self, why: Why, detail: Option<String>) {
        self.why = why;
        self.verdict = why.verdict();
        self.sub_indication = why.sub_indication();
        self.detail = detail;
    }
}

/// The stamped time, when the time-stamping unit leads to a trusted root too and was not revoked when it stamped. A unit whose key was
/// compromised proves nothing at all (RFC 3161 section 4).
async fn proven_time(stamp: &TimeStamp, trust: &Trust, revocations: &dyn Revocations) -> Option<(OffsetDateTime, StampedBy)> {
    let anchors = [trust.anchors.as_slice(), trust.stampers.as_slice()].concat();
    let material = Material { leaf: &stamp.certificate, intermediates: &stamp.certificates, anchors: &anchors };
    let chain = path::verify(&material, stamp.at, Purpose::TimeStamp, &Budget::default()).ok()?;
    for pair in chain.certificates().windows(2) {
        match revocations.look_up(&pair[0], &pair[1]).await {
            Revocation::Good => {}
            Revocation::Revoked { at, reason } if at > Moment::from_datetime(stamp.at) && reason != Reason::KeyCompromise.as_str() => {}
            Revocation::Revoked { .. } | Revocation::TooSlow { .. } | Revocation::Unknown => return None,
        }
    }
    let name = |der: &Vec<u8>| signer::read(der).map(|signer| signer.name).unwrap_or_default();
    let (unit, root) = (name(&stamp.certificate), chain.certificates().last().map(name).unwrap_or_default());
    Some((stamp.at, StampedBy { unit, root }))
}

fn why_not_trusted(error: &path::PathError) -> Why {
    match error {
        path::PathError::Expired { .. } | path::PathError::NotYetValid { .. } => Why::OutsideValidity,
        path::PathError::Purpose => Why::WrongPurpose,
        path::PathError::NoPath { .. }
        | path::PathError::Untrusted
        | path::PathError::BadSignature { .. }
        | path::PathError::NotAnAuthority { .. }
        | path::PathError::TooDeep { .. }
        | path::PathError::Rule { .. }
        | path::PathError::Encoding(_)
        | path::PathError::Budget
        | path::PathError::Library(_) => Why::UnknownSigner,
    }
}

/// Trusted so far: now revocation of every certificate below the root, and what happened to the document later.
async fn judge_chain(judgement: &mut Judgement, report: &SignatureReport, (chain, trust): (&Chain, &Trust), revocations: &dyn Revocations) {
    judgement.trusted = true;
    judgement.trust_source = chain.certificates().last().map(|root| trust.source_of(root));
    judgement.root_subject = chain.certificates().last().and_then(|root| signer::subject(root));
    judgement.root_sha256 = chain.certificates().last().map(|root| hex::encode(Sha256::digest(root)));
    judgement.root = chain.certificates().last().and_then(|root| signer::read(root)).map(|root| root.name);
    let (mut why, mut detail) = (Why::Holds, None);
    for pair in chain.certificates().windows(2) {
        match revocations.look_up(&pair[0], &pair[1]).await {
            Revocation::Good => {}
            Revocation::Unknown => why = worse(why, Why::RevocationUnknown),
            Revocation::TooSlow { url } => {
                why = worse(why, Why::RevocationTooSlow);
                detail = Some(format!("the revocation list {url} did not come within {} s", PATIENCE.as_secs()));
            }
            Revocation::Revoked { at, reason } => {
                judgement.revoked_at = Some(at);
                judgement.revocation_reason = Some(reason);
                why = worse(why, after_revocation(judgement.proven_at, at));
            }
        }
    }
    if !report.changes.leaves_pages_alone() {
        why = worse(why, Why::ChangedAfter);
    }
    judgement.settle(why, detail.filter(|_| why == Why::RevocationTooSlow));
}

/// A signature that is proven older than the revocation holds (EN 319 102-1 section 5.5).
fn after_revocation(proven: Option<Moment>, revoked: Moment) -> Why {
    match proven {
        Some(proven) if proven < revoked => Why::HoldsRevokedLater,
        Some(_) => Why::RevokedBefore,
        None => Why::RevokedNoProof,
    }
}

/// The reason with the worse verdict; the first of equals, but a remark wins over plain "holds".
fn worse(first: Why, second: Why) -> Why {
    if second.verdict() > first.verdict() || first == Why::Holds { second } else { first }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_proven_older_than_the_revocation_holds() {
        let (early, late) = (Moment::from_millis(1), Moment::from_millis(2));
        assert_eq!(after_revocation(Some(early), late), Why::HoldsRevokedLater);
        assert_eq!(after_revocation(Some(late), early), Why::RevokedBefore);
        assert_eq!(after_revocation(None, early), Why::RevokedNoProof);
    }

    #[test]
    fn the_worst_reason_decides() {
        assert_eq!(worse(Why::Holds, Why::HoldsRevokedLater), Why::HoldsRevokedLater);
        assert_eq!(worse(Why::HoldsRevokedLater, Why::ChangedAfter), Why::ChangedAfter);
        assert_eq!(worse(Why::ChangedAfter, Why::RevocationUnknown), Why::ChangedAfter);
    }
}
