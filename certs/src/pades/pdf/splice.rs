//! Changing a dictionary or array by its bytes: untouched values keep their spelling.

use super::object::{Object, Value};
use crate::pades::PdfError;

/// The spelling of `dictionary` with these keys set; everything else stays as it is.
pub(crate) fn set(dictionary: &Object<'_>, changes: &[(&str, Vec<u8>)]) -> Result<Vec<u8>, PdfError> {
    let malformed = PdfError::Malformed { number: dictionary.id.map_or(0, |id| id.number) };
    let Value::Dictionary(entries) = &dictionary.item.value else {
        return Err(malformed);
    };
    let (start, raw) = (dictionary.item.span.start, dictionary.raw());
    let closing = raw.len().checked_sub(2).ok_or(malformed)?;
    let mut patches: Vec<(usize, usize, Vec<u8>)> = Vec::new();
    let mut added = Vec::new();
    for (name, value) in changes {
        match entries.get(name.as_bytes()) {
            Some(item) => patches.push((item.span.start - start, item.span.end - start, spaced(value))),
            None => added.extend([b"/", name.as_bytes(), b" ", value, b"\n"].concat()),
        }
    }
    if !added.is_empty() {
        patches.push((closing, closing, [b"\n", &added[..]].concat()));
    }
    patches.sort();
    Ok(apply(raw, &patches))
}

/// The spelling of `array` with one more element at its end.
pub(crate) fn append(array: &Object<'_>, element: &[u8]) -> Result<Vec<u8>, PdfError> {
    let malformed = PdfError::Malformed { number: array.id.map_or(0, |id| id.number) };
    let (Value::Array(_), Some(closing)) = (&array.item.value, array.raw().len().checked_sub(1)) else {
        return Err(malformed);
    };
    Ok(apply(array.raw(), &[(closing, closing, [b" ", element].concat())]))
}

/// A value needs white space before it where the old one began with a delimiter, and after it where a comment may follow.
fn spaced(value: &[u8]) -> Vec<u8> {
    [b" ", value, b" "].concat()
}

fn apply(raw: &[u8], patches: &[(usize, usize, Vec<u8>)]) -> Vec<u8> {
    let (mut spelled, mut at) = (Vec::with_capacity(raw.len() + 64), 0);
    for (from, to, replacement) in patches {
        spelled.extend_from_slice(raw.get(at..*from).unwrap_or_default());
        spelled.extend_from_slice(replacement);
        at = *to;
    }
    spelled.extend_from_slice(raw.get(at..).unwrap_or_default());
    spelled
}
