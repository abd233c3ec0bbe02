//! Judges a PDF against this service's own roots: for the public page, the API, and the demonstration.

use super::{
    error::DocumentError,
    revocations::OwnRows,
    verdict::{self, Report},
};
use crate::{authorities, certificates::CertificateError, platform::ground::Ground};

/// Judges at the present moment. Nothing is stored.
///
/// # Errors
/// [`DocumentError::Pdf`] when the file cannot be read as far as its signatures, [`DocumentError::TooLarge`].
pub async fn verify(ground: &Ground, pdf: Vec<u8>) -> Result<Report, DocumentError> {
    let most = ground.config.policy.document_bytes;
    if pdf.len() > most {
        return Err(DocumentError::TooLarge { most });
    }
    let anchors = authorities::anchors(ground).await.map_err(CertificateError::from)?;
    Ok(verdict::judge(pdf, &anchors, &OwnRows(ground), ground.clock().now()).await?)
}
