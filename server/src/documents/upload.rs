//! Takes a PDF into keeping, as it is: what could not be signed later is refused now, by its reason.

use certs::pades::{self, SignatureRequest};
use sha2::{Digest as _, Sha256};

use super::{
    error::DocumentError,
    model::{Document, DocumentState},
    seats::{Whose, seated},
    store as rows,
};
use crate::{
    audit::{self, Event},
    platform::{
        actor::Actor,
        database::Unit,
        ground::Ground,
        id::{CompanyId, EmployeeId},
        limits,
        moment::Moment,
        text,
    },
};

/// A PDF that was looked at and can be signed.
#[derive(Clone, Debug)]
pub struct Checked {
    title: String,
    bytes: Vec<u8>,
    sha256: [u8; 32],
    pages: i64,
}

impl Checked {
    /// SHA-256 of the bytes.
    pub fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }
}

/// Looks at a PDF: size, readability, pages, and whether a signature could be added. Busy with large files: it goes to a blocking thread.
///
/// # Errors
/// [`DocumentError::Pdf`] with the reason, [`DocumentError::TooLarge`], [`DocumentError::Text`] for the title.
pub async fn check(ground: &Ground, title: &str, bytes: Vec<u8>) -> Result<Checked, DocumentError> {
    let most = ground.config.policy.document_bytes;
    if bytes.len() > most {
        return Err(DocumentError::TooLarge { most });
    }
    let title = text::line(title, limits::TITLE_CHARACTERS).map_err(|fault| DocumentError::text("title", fault))?;
    let now = ground.clock().now();
    let look = move || {
        let pages = rehearse(&bytes, now)?;
        let sha256 = Sha256::digest(&bytes).into();
        Ok(Checked { title, bytes, sha256, pages })
    };
    seated(ground, Whose::Person, look).await
}

/// Prepares a signature and throws it away, so that nobody is asked to approve what cannot be signed.
fn rehearse(bytes: &[u8], now: Moment) -> Result<i64, DocumentError> {
    let request = SignatureRequest {
        field_name: None,
        description: None,
        name: None,
        reason: None,
        location: None,
        signing_time: now.to_datetime(),
        contents_bytes: 1024,
    };
    pades::reserve(bytes, &request)?;
    let pdf = hayro_syntax::Pdf::new(bytes.to_vec()).map_err(|_| pades::PdfError::NotPdf)?;
    match i64::try_from(pdf.pages().len()) {
        Ok(pages) if pages > 0 => Ok(pages),
        _ => Err(pades::PdfError::NoPages.into()),
    }
}

/// Stores a checked PDF as the employee's document.
///
/// # Errors
/// When the database fails.
pub async fn store(unit: &mut Unit, actor: &Actor, owner: (CompanyId, EmployeeId), checked: &Checked) -> Result<Document, DocumentError> {
    let now = unit.now();
    let document = Document {
        id: unit.id(),
        company: owner.0,
        employee: owner.1,
        title: checked.title.clone(),
        state: DocumentState::Uploaded,
        content_sha256: hex::encode(checked.sha256),
        size_bytes: i64::try_from(checked.bytes.len()).unwrap_or(i64::MAX),
        pages: checked.pages,
        newest_revision: 0,
        uploaded_at: now,
        changed_at: now,
    };
    rows::insert(unit, &document, &checked.sha256, &checked.bytes).await?;
    let event = Event::new("document.uploaded", actor.author(), format!("document:{}", document.id))
        .company(document.company)
        .fact("sha256", &document.content_sha256)
        .fact("size_bytes", document.size_bytes)
        .personal("title", &document.title);
    audit::record(unit, event).await?;
    Ok(document)
}
