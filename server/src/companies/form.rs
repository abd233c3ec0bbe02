//! The agreement on paper: a tagged PDF that a signatory signs by hand, and the scan of it that an operator keeps with what was seen.

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{
    agreement,
    error::CompanyError,
    model::{Company, Signatory},
    store,
};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::Unit,
        fault::FieldFault,
        ground::Ground,
        id::{CompanyId, Id as _, SignatoryId},
        limits,
        paper::{Block, Paper, Print},
        text,
        words::{Language, Words},
    },
};

/// How many characters of the text's fingerprint stand on one line.
const FINGERPRINT_LINE: usize = 32;

/// The form of one signatory: whose it is, the agreement's whole text and fingerprint, who becomes administrator, and lines to sign on.
///
/// # Errors
/// When it cannot be drawn.
pub fn print(company: &Company, signatory: &Signatory, language: Language) -> Result<Zeroizing<Vec<u8>>, CompanyError> {
    let words = Words(language);
    let agreed = agreement::text(company, language);
    let paragraph = |text: String| Block::Paragraph(Zeroizing::new(text));
    let code = |text: &str| Block::Code(Zeroizing::new(text.to_owned()));
    let title = words.say("companies.form_title");
    let whom = [("name", signatory.name.as_str()), ("company", company.legal_name.as_str())];
    let mut blocks = vec![Block::Heading(title.clone()), paragraph(words.with("companies.agreement_for", &whom))];
    blocks.extend(agreed.content.lines().filter(|line| !line.trim().is_empty()).map(|line| paragraph(line.to_owned())));
    blocks.push(paragraph(words.say("companies.form_fingerprint")));
    let fingerprint = hex::encode(agreed.hash());
    blocks.extend([&fingerprint[..FINGERPRINT_LINE], &fingerprint[FINGERPRINT_LINE..]].map(code));
    blocks.push(Block::Heading(words.say("companies.agreement_administrator")));
    blocks.push(match &company.nominee {
        Some(nominee) => paragraph(words.with("companies.agreement_nominee", &[("name", &nominee.name())])),
        None => paragraph(words.say("companies.form_administrator")),
    });
    blocks.push(Block::Heading(words.say("companies.form_signature")));
    blocks.push(paragraph(words.with("companies.form_accept", &[("company", &company.legal_name)])));
    blocks.extend(["companies.form_line_place", "companies.form_line_signature"].map(|line| paragraph(words.say(line))));
    Ok(Paper { language: language.tag(), title, print: Print::Standard, envelope: None, blocks }.pdf()?)
}

/// Refuses a scan that is no PDF or too large.
///
/// # Errors
/// [`CompanyError::Invalid`], by the field `scan`.
pub fn check_scan(scan: &[u8]) -> Result<(), CompanyError> {
    let fault = if scan.len() > limits::SCAN_BYTES {
        FieldFault::new("scan", "field_scan_large").with("most", text::size(limits::SCAN_BYTES))
    } else if scan.starts_with(b"%PDF-") {
        return Ok(());
    } else {
        FieldFault::new("scan", "field_scan_pdf")
    };
    Err(CompanyError::Invalid(vec![fault]))
}

/// A scan as it rests: sealed under the keystore, bound to its signatory.
pub struct SealedScan {
    sealed: Vec<u8>,
    digest: [u8; 32],
    size_bytes: usize,
}

fn context(signatory: SignatoryId) -> Vec<u8> {
    [b"companies/form/v1".as_slice(), signatory.uuid().as_bytes()].concat()
}

/// Seals a scan.
///
/// # Errors
/// [`CompanyError::Invalid`] for the scan; when the keystore fails.
pub async fn seal_scan(ground: &Ground, signatory: SignatoryId, scan: &[u8]) -> Result<SealedScan, CompanyError> {
    check_scan(scan)?;
    let (digest, size_bytes) = (Sha256::digest(scan).into(), scan.len());
    let plain = Zeroizing::new(scan.to_vec());
    let sealed = ground.with_keystore(move |keystore| keystore.wrap(&plain, &context(signatory))).await?;
    Ok(SealedScan { sealed, digest, size_bytes })
}

/// Keeps the scan of a form that was recorded, once.
///
/// # Errors
/// [`CompanyError::NotFound`] when the company has no such signatory, or no form of theirs was recorded without a scan.
pub async fn keep_scan(
    unit: &mut Unit,
    (company, signatory): (CompanyId, SignatoryId),
    scan: &SealedScan,
    author: Author,
) -> Result<(), CompanyError> {
    let found = store::signatory(unit, company, signatory).await?.ok_or(CompanyError::NotFound)?;
    if !store::keep_scan(unit, found.id, &scan.sealed).await? {
        return Err(CompanyError::NotFound);
    }
    let event = audit::Event::new("agreement.scan_kept", author, format_args!("signatory:{signatory}"))
        .company(company)
        .fact("scan", hex::encode(scan.digest))
        .fact("size_bytes", scan.size_bytes);
    audit::record(unit, event).await?;
    Ok(())
}

/// The scan of the form that a signatory signed on paper.
///
/// # Errors
/// [`CompanyError::NotFound`] when none is kept; when the keystore fails.
pub async fn scan(ground: &Ground, signatory: SignatoryId) -> Result<Zeroizing<Vec<u8>>, CompanyError> {
    let sealed = store::scan(&mut ground.database.read().await?, signatory).await?.ok_or(CompanyError::NotFound)?;
    Ok(ground.with_keystore(move |keystore| keystore.unwrap(&sealed, &context(signatory))).await?)
}
