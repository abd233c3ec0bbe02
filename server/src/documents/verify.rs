//! Judges a PDF against this service's own roots: for the public page, the API, and the demonstration.

use certs::pades::{self, PdfError};

use super::{
    error::DocumentError,
    revocations::OwnRows,
    seats::{Whose, seat},
    trust::Trust,
    verdict::{self, Report},
};
use crate::{certificates::CertificateError, platform::ground::Ground};

/// Judges at the present moment. Nothing is stored.
///
/// # Errors
/// [`DocumentError::Pdf`] when the file cannot be read as far as its signatures, [`DocumentError::TooLarge`], [`DocumentError::Busy`].
pub async fn verify(ground: &Ground, whose: Whose, pdf: Vec<u8>) -> Result<Report, DocumentError> {
    let most = ground.config.policy.document_bytes;
    if pdf.len() > most {
        return Err(DocumentError::TooLarge { most });
    }
    let trust = Trust::own(ground).await.map_err(CertificateError::from)?;
    let seat = seat(ground, whose).await?;
    let reading = seat.clone();
    let read = tokio::task::spawn_blocking(move || {
        let reports = pades::verify(&pdf);
        drop(reading);
        reports
    });
    let reports = read.await.map_err(|_| PdfError::TooComplex)??;
    let report = verdict::judge_reports(&reports, &trust, &OwnRows::of(ground), ground.clock().now()).await;
    drop(seat);
    Ok(report)
}
