//! The interactive form (section 12.7): its fields by name, and which of them are signatures.

use super::PdfError;
use super::pdf::document::Document;
use super::pdf::object::Object;
use std::collections::HashSet;

const MAXIMUM_FIELDS: usize = 50_000;

/// A field that has no fields below it.
pub(crate) struct Field<'a> {
    /// The full name, its parts joined by full stops.
    pub name: String,
    pub object: Object<'a>,
    pub is_signature: bool,
    /// The signature dictionary, or another field's value.
    pub value: Option<Object<'a>>,
}

struct Node<'a> {
    object: Object<'a>,
    prefix: String,
    is_signature: bool,
}

pub(crate) fn form<'a>(document: &Document<'a>) -> Result<Option<Object<'a>>, PdfError> {
    let catalog = document.catalog()?;
    Ok(document.get(&catalog, b"AcroForm")?.filter(|form| form.dictionary().is_some()))
}

/// All terminal fields, in the order of the form.
pub(crate) fn fields<'a>(document: &Document<'a>) -> Result<Vec<Field<'a>>, PdfError> {
    let Some(form) = form(document)? else {
        return Ok(Vec::new());
    };
    let Some(top) = document.get(&form, b"Fields")? else {
        return Ok(Vec::new());
    };
    let node = |object| Node { object, prefix: String::new(), is_signature: false };
    let mut stack: Vec<Node<'a>> = document.elements(&top)?.into_iter().rev().map(node).collect();
    let (mut found, mut seen, mut visited) = (Vec::new(), HashSet::new(), 0_usize);
    while let Some(Node { object, prefix, is_signature }) = stack.pop() {
        visited += 1;
        if visited > MAXIMUM_FIELDS {
            return Err(PdfError::TooComplex);
        }
        let Some(dictionary) = object.dictionary() else {
            continue;
        };
        if object.id.is_some_and(|id| !seen.insert(id)) {
            continue;
        }
        let is_signature = match document.get(&object, b"FT")? {
            Some(kind) => kind.item.value.name() == Some(b"Sig"),
            None => is_signature,
        };
        let name = match dictionary.get(b"T") {
            Some(_) => join(&prefix, &text(document.get(&object, b"T")?.as_ref())),
            None => prefix,
        };
        let kids = match document.get(&object, b"Kids")? {
            Some(kids) => document.elements(&kids)?,
            None => Vec::new(),
        };
        let below: Vec<_> = kids.into_iter().filter(|kid| kid.dictionary().is_some_and(|kid| kid.has(b"T"))).collect();
        if below.is_empty() {
            let value = document.get(&object, b"V")?;
            found.push(Field { name, object, is_signature, value });
        } else {
            stack.extend(below.into_iter().rev().map(|object| Node { object, prefix: name.clone(), is_signature }));
        }
    }
    Ok(found)
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}

/// What a text object says.
pub(crate) fn text(object: Option<&Object<'_>>) -> String {
    words(object.and_then(|object| object.item.value.text()).unwrap_or_default())
}

/// A text string (section 7.9.2.2): UTF-16 or UTF-8 with a mark, else PDFDocEncoding read as Latin-1.
pub(crate) fn words(bytes: &[u8]) -> String {
    match bytes {
        [0xfe, 0xff, rest @ ..] => {
            let units: Vec<u16> = rest.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        plain => plain.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// Whether an earlier signature forbids every change: DocMDP with P = 1 (sections 12.8.2.2 and 12.7.5.5).
pub(crate) fn is_locked<'a>(document: &Document<'a>, fields: &[Field<'a>]) -> Result<bool, PdfError> {
    let catalog = document.catalog()?;
    let mut signatures: Vec<Object<'_>> = Vec::new();
    if let Some(permissions) = document.get(&catalog, b"Perms")? {
        signatures.extend(document.get(&permissions, b"DocMDP")?);
    }
    for field in fields.iter().filter(|field| field.is_signature) {
        let Some(signature) = &field.value else {
            continue;
        };
        signatures.push(signature.clone());
        if let Some(lock) = document.get(&field.object, b"Lock")?
            && permission(document, &lock)? == Some(1)
        {
            return Ok(true);
        }
    }
    for signature in &signatures {
        let Some(references) = document.get(signature, b"Reference")? else {
            continue;
        };
        for reference in document.elements(&references)? {
            let method = document.get(&reference, b"TransformMethod")?;
            if method.as_ref().and_then(|method| method.item.value.name()) != Some(b"DocMDP") {
                continue;
            }
            let Some(parameters) = document.get(&reference, b"TransformParams")? else {
                continue;
            };
            if permission(document, &parameters)? == Some(1) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn permission<'a>(document: &Document<'a>, holder: &Object<'a>) -> Result<Option<i64>, PdfError> {
    Ok(document.get(holder, b"P")?.and_then(|object| object.item.value.integer()))
}
