//! Writing one more revision: new and changed objects, a cross-reference section of the kind the newest has, a trailer.

use super::document::Document;
use super::object::Id;
use super::xref::Kind;
use crate::pades::PdfError;
use std::collections::BTreeMap;

/// The largest offset that a cross-reference table can hold (section 7.5.4).
const MAXIMUM_TABLE_OFFSET: usize = 9_999_999_999;
/// Trailer keys that belong to one section alone.
const OWN_KEYS: [&[u8]; 11] = [b"XRefStm", b"Prev", b"Index", b"W", b"Filter", b"DecodeParms", b"Length", b"Type", b"Size", b"ID", b"F"];

pub(crate) struct Increment {
    objects: BTreeMap<Id, Vec<u8>>,
    next_number: u32,
}

/// The bytes to append, and where in them each object's value begins.
pub(crate) struct Written {
    pub bytes: Vec<u8>,
    pub positions: BTreeMap<Id, usize>,
}

impl Increment {
    pub fn new(document: &Document<'_>) -> Self {
        Self { objects: BTreeMap::new(), next_number: document.chain.next_number }
    }

    /// A name that no revision has used.
    pub fn fresh(&mut self) -> Result<Id, PdfError> {
        let id = Id { number: self.next_number, generation: 0 };
        self.next_number = self.next_number.checked_add(1).ok_or(PdfError::TooComplex)?;
        Ok(id)
    }

    pub fn put(&mut self, id: Id, value: Vec<u8>) {
        self.objects.insert(id, value);
    }

    /// `revision` becomes the second half of the file identifier (section 14.4).
    pub fn write(mut self, document: &Document<'_>, revision: &[u8; 16]) -> Result<Written, PdfError> {
        let section = document.newest()?;
        let (base, shift) = (document.bytes.len(), document.chain.shift);
        let mut bytes = if matches!(document.bytes.last(), Some(b'\n' | b'\r')) { Vec::new() } else { vec![b'\n'] };
        let (mut positions, mut entries) = (BTreeMap::new(), BTreeMap::new());
        for (id, value) in &self.objects {
            entries.insert(*id, base + bytes.len() - shift);
            bytes.extend(format!("{} {} obj\n", id.number, id.generation).bytes());
            positions.insert(*id, bytes.len());
            bytes.extend_from_slice(value);
            bytes.extend_from_slice(b"\nendobj\n");
        }
        let start = base + bytes.len() - shift;
        if start > MAXIMUM_TABLE_OFFSET {
            return Err(PdfError::TooLarge { limit_bytes: MAXIMUM_TABLE_OFFSET });
        }
        let previous = section.position - shift;
        match section.kind {
            Kind::Table | Kind::Hybrid => {
                let trailer = trailer(document, revision, self.next_number, previous)?;
                bytes.extend(table(&entries));
                bytes.extend([b"trailer\n<<\n", &trailer[..], b">>\n"].concat());
            }
            Kind::Stream => {
                let own = self.fresh()?;
                entries.insert(own, start);
                let trailer = trailer(document, revision, self.next_number, previous)?;
                bytes.extend(stream(own, &entries, &trailer));
            }
        }
        bytes.extend(format!("startxref\n{start}\n%%EOF\n").bytes());
        Ok(Written { bytes, positions })
    }
}

/// The trailer's entries: all of the newest section's but its own, their spelling kept.
fn trailer(document: &Document<'_>, revision: &[u8; 16], size: u32, previous: usize) -> Result<Vec<u8>, PdfError> {
    let section = document.newest()?;
    let mut spelled = Vec::new();
    let mut copy = |name: &[u8], raw: &[u8]| spelled.extend([name, b" ", raw, b"\n"].concat());
    for entry in &section.dictionary().entries {
        let newest = section.dictionary().get(&entry.name).is_some_and(|item| item.span == entry.item.span);
        if newest && !OWN_KEYS.contains(&&entry.name[..]) {
            let name = document.bytes.get(entry.name_start..entry.item.span.start).unwrap_or_default();
            copy(name.trim_ascii_end(), document.bytes.get(entry.item.span.clone()).unwrap_or_default());
        }
    }
    if !section.dictionary().has(b"Root") {
        copy(b"/Root", &document.root()?.reference());
    }
    copy(b"/Size", size.to_string().as_bytes());
    copy(b"/Prev", previous.to_string().as_bytes());
    copy(b"/ID", &identifier(document, revision)?);
    Ok(spelled)
}

/// The file identifier: its first half as it was, its second of this revision.
fn identifier(document: &Document<'_>, revision: &[u8; 16]) -> Result<Vec<u8>, PdfError> {
    let new = format!("<{}>", hex::encode_upper(revision)).into_bytes();
    let catalog = document.catalog()?;
    let mut first = new.clone();
    if let Some(item) = document.trailer(b"ID") {
        let holder = super::object::Object { id: None, source: super::object::Source::File(document.bytes), ..catalog };
        if let Some(array) = document.resolve(&holder, item)? {
            let half = array.item.value.array().and_then(|halves| halves.first());
            if let Some(half) = half.filter(|half| half.value.text().is_some()) {
                first = array.source.bytes().get(half.span.clone()).unwrap_or_default().to_vec();
            }
        }
    }
    Ok([b"[", &first[..], b" ", &new[..], b"]"].concat())
}

/// Runs of consecutive object numbers.
fn runs(entries: &BTreeMap<Id, usize>) -> Vec<Vec<(Id, usize)>> {
    let mut runs: Vec<Vec<(Id, usize)>> = Vec::new();
    for (id, offset) in entries {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|(last, _)| last.number + 1 == id.number) => run.push((*id, *offset)),
            Some(_) | None => runs.push(vec![(*id, *offset)]),
        }
    }
    runs
}

fn table(entries: &BTreeMap<Id, usize>) -> Vec<u8> {
    let mut table = b"xref\n".to_vec();
    for run in runs(entries) {
        let first = run.first().map_or(0, |(id, _)| id.number);
        table.extend(format!("{first} {}\n", run.len()).bytes());
        for (id, offset) in run {
            table.extend(format!("{offset:010} {:05} n \n", id.generation).bytes());
        }
    }
    table
}

/// An uncompressed cross-reference stream (section 7.5.8) with fields of 1, 8 and 2 bytes.
fn stream(own: Id, entries: &BTreeMap<Id, usize>, trailer: &[u8]) -> Vec<u8> {
    let (mut index, mut data) = (Vec::new(), Vec::new());
    for run in runs(entries) {
        let first = run.first().map_or(0, |(id, _)| id.number);
        index.push(format!("{first} {}", run.len()));
        for (id, offset) in run {
            data.push(1);
            data.extend(offset.to_be_bytes());
            data.extend(id.generation.to_be_bytes());
        }
    }
    let own_keys = format!("/Type /XRef\n/W [1 8 2]\n/Index [{}]\n/Length {}\n", index.join(" "), data.len());
    let head = format!("{} 0 obj\n<<\n", own.number);
    [head.as_bytes(), own_keys.as_bytes(), trailer, b">>\nstream\n", &data, b"\nendstream\nendobj\n"].concat()
}
