//! The first phase: a revision with an empty signature field's worth of room, so that a digest exists to be approved.

use super::form::{self, Field};
use super::pdf::document::Document;
use super::pdf::increment::Increment;
use super::pdf::object::{Id, Object};
use super::pdf::splice;
use super::{Digested, PdfError};
use sha2::{Digest, Sha256};
use std::ops::Range;
use time::OffsetDateTime;

/// What the signature says about itself in the document, outside the signed message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureRequest {
    /// The name of the new field, without full stops; `None` takes the first free of Signature1, Signature2, ...
    pub field_name: Option<String>,
    /// What a screen reader says for the field; `None` takes its name.
    pub description: Option<String>,
    /// The signer's name, for readers that look here and not into the certificate.
    pub name: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Where.
    pub location: Option<String>,
    /// The claimed time, in `/M`.
    pub signing_time: OffsetDateTime,
    /// The room for the CMS message, in bytes; see [`crate::cms::estimated_bytes`].
    pub contents_bytes: usize,
}

/// A revision with room for a signature.
#[derive(Clone, Debug)]
pub struct Reserved {
    digested: Digested,
}

/// Numbers of this many digits fit each place of the byte range.
const RANGE_BYTES: usize = 4 * 20;
/// The largest room that is given.
const MAXIMUM_CONTENTS_BYTES: usize = 4 * 1024 * 1024;

/// Prepares an invisible PAdES signature on the first page (EN 319 142-1): the bytes to append to `original`.
///
/// # Errors
/// Names what is wrong with the document or the request, see [`PdfError`]; nothing is repaired.
pub fn reserve(original: &[u8], request: &SignatureRequest) -> Result<Reserved, PdfError> {
    if request.contents_bytes > MAXIMUM_CONTENTS_BYTES {
        return Err(PdfError::TooLarge { limit_bytes: MAXIMUM_CONTENTS_BYTES });
    }
    let document = Document::open(original)?;
    let fields = form::fields(&document)?;
    if form::is_locked(&document, &fields)? {
        return Err(PdfError::Locked);
    }
    let field_name = field_name(&fields, request.field_name.as_deref())?;
    let mut increment = Increment::new(&document);
    let (signature, field) = (increment.fresh()?, increment.fresh()?);
    let dictionary = signature_dictionary(request);
    increment.put(signature, dictionary.bytes);
    let widget = Widget { signature, name: &field_name, description: request.description.as_deref() };
    let has_signatures = fields.iter().any(|field| field.is_signature && field.value.is_some());
    widget.place(&document, &mut increment, field, has_signatures)?;
    list_field(&document, &mut increment, field)?;

    let original_sha256: [u8; 32] = Sha256::digest(original).into();
    let mut written = increment.write(&document, &revision_identifier(&original_sha256, request))?;
    let at = *written.positions.get(&signature).ok_or(PdfError::Paused)?;
    let contents = at + dictionary.contents.start..at + dictionary.contents.end;
    let base = original.len();
    let after = written.bytes.len() - contents.end;
    let range = format!("0 {} {} {after}", base + contents.start, base + contents.end);
    let range_start = at + dictionary.range_start;
    written.bytes[range_start..range_start + range.len()].copy_from_slice(range.as_bytes());

    let mut hash = Sha256::new_with_prefix(original);
    hash.update(&written.bytes[..contents.start]);
    hash.update(&written.bytes[contents.end..]);
    let digested =
        Digested { original_bytes: base, original_sha256, sha256: hash.finalize().into(), contents, field_name, increment: written.bytes };
    Ok(Reserved { digested })
}

impl Reserved {
    /// The name of the new field.
    #[must_use]
    pub fn field_name(&self) -> &str {
        &self.digested.field_name
    }

    /// The digest of what will be signed, with all that is needed to go on later.
    #[must_use]
    pub fn digest(self) -> Digested {
        self.digested
    }
}

fn field_name(fields: &[Field<'_>], wanted: Option<&str>) -> Result<String, PdfError> {
    // A name is taken by a field and by the parent of fields.
    let taken =
        |name: &str| fields.iter().any(|field| field.name.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')));
    match wanted {
        Some(name) if name.is_empty() || name.len() > 128 || name.contains('.') || taken(name) => Err(PdfError::FieldName),
        Some(name) => Ok(name.to_owned()),
        None => (1..).map(|number| format!("Signature{number}")).find(|name| !taken(name)).ok_or(PdfError::FieldName),
    }
}

struct SignatureDictionary {
    bytes: Vec<u8>,
    range_start: usize,
    /// With its angle brackets.
    contents: Range<usize>,
}

fn signature_dictionary(request: &SignatureRequest) -> SignatureDictionary {
    let mut bytes = b"<<\n/Type /Sig\n/Filter /Adobe.PPKLite\n/SubFilter /ETSI.CAdES.detached\n/ByteRange [".to_vec();
    let range_start = bytes.len();
    bytes.extend(std::iter::repeat_n(b' ', RANGE_BYTES));
    bytes.extend_from_slice(b"]\n/Contents ");
    let start = bytes.len();
    bytes.push(b'<');
    bytes.extend(std::iter::repeat_n(b'0', request.contents_bytes * 2));
    bytes.push(b'>');
    let contents = start..bytes.len();
    bytes.extend([b"\n/M ", &date(request.signing_time)[..], b"\n"].concat());
    for (key, value) in [("Name", &request.name), ("Reason", &request.reason), ("Location", &request.location)] {
        if let Some(value) = value {
            bytes.extend([b"/", key.as_bytes(), b" ", &text(value)[..], b"\n"].concat());
        }
    }
    bytes.extend_from_slice(b">>");
    SignatureDictionary { bytes, range_start, contents }
}

struct Widget<'r> {
    signature: Id,
    name: &'r str,
    description: Option<&'r str>,
}

impl Widget<'_> {
    /// Writes the field, which is its own widget, and lists it among the annotations of the first page.
    fn place(&self, document: &Document<'_>, increment: &mut Increment, field: Id, has_signatures: bool) -> Result<(), PdfError> {
        let (page, media_box) = document.first_page()?;
        let page_id = page.id.ok_or(PdfError::NoPages)?;
        increment.put(field, self.dictionary(page_id, media_box.as_ref()));
        let mut changes = Vec::new();
        match document.get(&page, b"Annots")? {
            Some(annotations) => match annotations.id {
                Some(id) => increment.put(id, splice::append(&annotations, &field.reference())?),
                None => changes.push(("Annots", splice::append(&annotations, &field.reference())?)),
            },
            None => changes.push(("Annots", [b"[", &field.reference()[..], b"]"].concat())),
        }
        // PDF/UA wants the tab order to follow the structure. After a signature only /Annots of a page may change.
        let has_tabs = page.dictionary().is_some_and(|page| page.has(b"Tabs"));
        if !has_tabs && !has_signatures {
            changes.push(("Tabs", b"/S".to_vec()));
        }
        if !changes.is_empty() {
            increment.put(page_id, splice::set(&page, &changes)?);
        }
        Ok(())
    }

    /// Flags: printed and locked (section 12.5.3). A rectangle without area, inside the page, shows nothing.
    fn dictionary(&self, page: Id, media_box: Option<&Object<'_>>) -> Vec<u8> {
        let corner = media_box.and_then(corner).unwrap_or_else(|| b"0 0".to_vec());
        let description = text(self.description.unwrap_or(self.name));
        [
            b"<<\n/Type /Annot\n/Subtype /Widget\n/FT /Sig\n/T ",
            &text(self.name)[..],
            b"\n/TU ",
            &description,
            b"\n/F 132\n/Rect [",
            &corner,
            b" ",
            &corner,
            b"]\n/P ",
            &page.reference(),
            b"\n/V ",
            &self.signature.reference(),
            b"\n>>",
        ]
        .concat()
    }
}

/// The lower left corner as it is spelled.
fn corner(media_box: &Object<'_>) -> Option<Vec<u8>> {
    let [left, bottom, ..] = media_box.item.value.array()? else {
        return None;
    };
    if left.value.reference().is_some() || bottom.value.reference().is_some() {
        return None;
    }
    let raw = |span: &Range<usize>| media_box.source.bytes().get(span.clone());
    Some([raw(&left.span)?, b" ", raw(&bottom.span)?].concat())
}

/// Adds the field to the form, making one where there is none, and touches as few objects as possible.
fn list_field(document: &Document<'_>, increment: &mut Increment, field: Id) -> Result<(), PdfError> {
    let catalog = document.catalog()?;
    let root = document.root()?;
    let Some(form) = form::form(document)? else {
        let form = increment.fresh()?;
        increment.put(form, [b"<<\n/Fields [", &field.reference()[..], b"]\n/SigFlags 3\n>>"].concat());
        increment.put(root, splice::set(&catalog, &[("AcroForm", form.reference())])?);
        return Ok(());
    };
    if document.get(&form, b"XFA")?.is_some() {
        return Err(PdfError::Xfa);
    }
    let mut changes = Vec::new();
    match document.get(&form, b"Fields")? {
        Some(list) => match list.id {
            Some(id) => increment.put(id, splice::append(&list, &field.reference())?),
            None => changes.push(("Fields", splice::append(&list, &field.reference())?)),
        },
        None => changes.push(("Fields", [b"[", &field.reference()[..], b"]"].concat())),
    }
    // Signatures exist, and only appending keeps them (section 12.7.3, table 225).
    let flags = form.dictionary().and_then(|form| form.integer(b"SigFlags")).unwrap_or(0);
    if flags & 3 != 3 {
        changes.push(("SigFlags", (flags | 3).to_string().into_bytes()));
    }
    if changes.is_empty() {
        return Ok(());
    }
    let spelled = splice::set(&form, &changes)?;
    match form.id {
        Some(id) => increment.put(id, spelled),
        None => increment.put(root, splice::set(&catalog, &[("AcroForm", spelled)])?),
    }
    Ok(())
}

fn revision_identifier(original_sha256: &[u8; 32], request: &SignatureRequest) -> [u8; 16] {
    let mut hash = Sha256::new_with_prefix(original_sha256);
    hash.update(request.signing_time.unix_timestamp_nanos().to_be_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    std::array::from_fn(|at| digest[at])
}

/// A date (section 7.9.4) in UTC.
fn date(at: OffsetDateTime) -> Vec<u8> {
    let at = at.to_offset(time::UtcOffset::UTC);
    let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
    let (hour, minute, second) = (at.hour(), at.minute(), at.second());
    format!("(D:{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z)").into_bytes()
}

/// A text string: plain where it can be, else UTF-16BE (section 7.9.2.2).
fn text(words: &str) -> Vec<u8> {
    if words.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        let escaped = words.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)");
        return format!("({escaped})").into_bytes();
    }
    let units: Vec<u8> = words.encode_utf16().flat_map(u16::to_be_bytes).collect();
    format!("<FEFF{}>", hex::encode_upper(units)).into_bytes()
}
