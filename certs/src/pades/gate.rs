//! The last look before a signed document leaves: read again by another reader, compared with the original. Fails closed.

use super::PdfError;
use super::changes::ChangesAfter;
use super::verify::{Coverage, SignatureReport, verify};
use hayro_syntax::Pdf;

/// Why a signed document is not handed out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GateFault {
    /// An earlier signature is not what it was.
    #[error("the earlier signature {index} would be damaged")]
    EarlierSignature {
        /// Its place, counted from 0, oldest first.
        index: usize,
    },
    /// The new signature is missing, does not verify, or does not cover the whole file.
    #[error("the new signature does not verify")]
    NewSignature,
    /// Another reader sees another number of pages.
    #[error("the document had {before} pages and would have {after}")]
    Pages {
        /// In the original.
        before: usize,
        /// In the signed document.
        after: usize,
    },
    /// The original is not an exact prefix.
    #[error("the original bytes would be changed")]
    Prefix,
    /// Another reader cannot open the original or the signed document.
    #[error("the document cannot be opened by a second reader")]
    SecondReader,
    /// Our own reader refuses one of them.
    #[error("{0}")]
    Unreadable(#[from] PdfError),
}

/// Passes a signed document that other readers see as the original with one more valid signature.
///
/// # Errors
/// The first thing that is not so.
pub fn check(original: &[u8], signed: &[u8], field_name: &str) -> Result<(), GateFault> {
    if !signed.starts_with(original) {
        return Err(GateFault::Prefix);
    }
    let (before, after) = (pages(original)?, pages(signed)?);
    if before != after || before == 0 {
        return Err(GateFault::Pages { before, after });
    }
    let (earlier, now) = (verify(original)?, verify(signed)?);
    let newest = now.last().filter(|report| report.field_name == field_name).ok_or(GateFault::NewSignature)?;
    if !newest.is_intact() || newest.coverage != Some(Coverage::WholeFile) || now.len() != earlier.len() + 1 {
        return Err(GateFault::NewSignature);
    }
    match earlier.iter().zip(&now).position(|(before, after)| !is_kept(before, after)) {
        Some(index) => Err(GateFault::EarlierSignature { index }),
        None => Ok(()),
    }
}

/// The same verdict as before; what was changed after it may only have become one signature more.
fn is_kept(before: &SignatureReport, after: &SignatureReport) -> bool {
    let changes = match (&before.changes, &after.changes) {
        (ChangesAfter::None | ChangesAfter::OnlySignatures | ChangesAfter::OnlyValidationData, now) => *now == ChangesAfter::OnlySignatures,
        (ChangesAfter::Other(one), ChangesAfter::Other(two)) => one == two,
        (ChangesAfter::Unknown, ChangesAfter::Unknown) => true,
        (ChangesAfter::Other(_) | ChangesAfter::Unknown, _) => false,
    };
    before.field_name == after.field_name && before.integrity == after.integrity && changes
}

fn pages(pdf: &[u8]) -> Result<usize, GateFault> {
    Pdf::new(pdf.to_vec()).map(|pdf| pdf.pages().len()).map_err(|_| GateFault::SecondReader)
}
