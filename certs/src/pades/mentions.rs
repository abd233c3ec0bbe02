//! Which objects of a document mention which: read once, asked for every signature.

use super::PdfError;
use super::pdf::document::Document;
use super::pdf::object::Value;
use super::pdf::xref::Location;
use std::cell::OnceCell;
use std::collections::BTreeMap;

/// Object number to the numbers of the objects that refer to it, in the newest revision; twice where one refers twice.
/// An object that is used in two ways (as the form's fields and as the page tree, say) can so be told from an honest one.
#[derive(Debug, Default)]
pub(super) struct Mentions {
    by: OnceCell<BTreeMap<u32, Vec<u32>>>,
}

impl Mentions {
    pub fn of(&self, document: &Document<'_>, number: u32) -> Result<&[u32], PdfError> {
        let by = match self.by.get() {
            Some(by) => by,
            None => {
                let collected = collect(document)?;
                self.by.get_or_init(|| collected)
            }
        };
        Ok(by.get(&number).map(Vec::as_slice).unwrap_or_default())
    }
}

fn collect(document: &Document<'_>) -> Result<BTreeMap<u32, Vec<u32>>, PdfError> {
    let mut by: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (number, location) in &document.chain.locations {
        // A cross-reference stream is a trailer: that it names the catalog is no use of the catalog.
        if matches!(location, Location::At { offset, .. } if document.chain.stream_positions.contains(offset)) {
            continue;
        }
        if let Some(object) = document.load_number(*number)? {
            mention(&object.item.value, *number, &mut by);
        }
    }
    Ok(by)
}

fn mention(value: &Value, holder: u32, by: &mut BTreeMap<u32, Vec<u32>>) {
    match value {
        Value::Reference(id) => {
            by.entry(id.number).or_default().push(holder);
        }
        Value::Array(items) => items.iter().for_each(|item| mention(&item.value, holder, by)),
        Value::Dictionary(dictionary) => dictionary.entries.iter().for_each(|entry| mention(&entry.item.value, holder, by)),
        Value::Null | Value::Boolean(_) | Value::Integer(_) | Value::Real(_) | Value::Text(_) | Value::Name(_) => {}
    }
}
