//! A document as far as signing needs it: objects by name, the catalog, the first page, the form.

use super::budget::Budget;
use super::filter;
use super::object::{Dictionary, Id, Item, Object, Source, Value};
use super::parser::Parser;
use super::xref::{self, Chain, Location, Section, stream_range, stream_range_by_end};
use crate::pades::PdfError;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// The largest document that is read.
pub(crate) const MAXIMUM_BYTES: usize = 1024 * 1024 * 1024;
const MAXIMUM_REFERENCES: usize = 32;
const MAXIMUM_PAGE_NODES: usize = 100_000;
/// How much object streams may hold decoded at one time.
const MAXIMUM_CACHED_BYTES: usize = 256 * 1024 * 1024;

pub(crate) struct Document<'a> {
    pub bytes: &'a [u8],
    pub chain: Chain,
    budget: Budget,
    streams: RefCell<HashMap<u32, Rc<ObjectStream>>>,
    cached_bytes: RefCell<usize>,
}

/// Where the length of a stream may be.
#[derive(Clone, Copy, Debug)]
enum Lengths {
    Anywhere,
    /// Of an object stream itself (section 7.5.7): it could be asked for its own length without end.
    OutsideStreams,
}

struct ObjectStream {
    data: Rc<Vec<u8>>,
    /// Object number to position in the data.
    index: HashMap<u32, usize>,
}

impl<'a> Document<'a> {
    pub fn open(bytes: &'a [u8]) -> Result<Self, PdfError> {
        Self::open_within(bytes, Budget::new())
    }

    /// The document as it was when it had only `end` bytes; its work counts as this one's.
    pub fn revision(&self, end: usize) -> Result<Self, PdfError> {
        Self::open_within(self.bytes.get(..end).ok_or(PdfError::Truncated)?, self.budget.clone())
    }

    fn open_within(bytes: &'a [u8], budget: Budget) -> Result<Self, PdfError> {
        if bytes.len() > MAXIMUM_BYTES {
            return Err(PdfError::TooLarge { limit_bytes: MAXIMUM_BYTES });
        }
        let head = bytes.get(..bytes.len().min(1024)).unwrap_or_default();
        let header = head.windows(5).position(|window| window == b"%PDF-").ok_or(PdfError::NotPdf)?;
        match Self::with_shift(bytes, 0, budget.clone()) {
            Err(PdfError::CrossReferenceBroken { .. } | PdfError::Malformed { .. }) if header > 0 => {
                Self::with_shift(bytes, header, budget)
            }
            result => result,
        }
    }

    fn with_shift(bytes: &'a [u8], shift: usize, budget: Budget) -> Result<Self, PdfError> {
        let chain = xref::read(bytes, shift, &budget)?;
        let document = Self { bytes, chain, budget, streams: RefCell::default(), cached_bytes: RefCell::default() };
        if document.chain.sections.iter().any(|section| section.dictionary().has(b"Encrypt")) {
            return Err(PdfError::Encrypted);
        }
        document.catalog()?;
        Ok(document)
    }

    /// The newest section of the cross-reference chain.
    pub fn newest(&self) -> Result<&Section, PdfError> {
        self.chain.sections.first().ok_or(PdfError::Truncated)
    }

    /// An entry of the trailer, from the newest section that has it.
    pub fn trailer(&self, name: &[u8]) -> Option<&Item> {
        self.chain.sections.iter().find_map(|section| section.dictionary().get(name))
    }

    pub fn root(&self) -> Result<Id, PdfError> {
        let broken = PdfError::CrossReferenceBroken { offset: self.newest()?.position };
        self.trailer(b"Root").and_then(|item| item.value.reference()).ok_or(broken)
    }

    pub fn catalog(&self) -> Result<Object<'a>, PdfError> {
        let root = self.root()?;
        let catalog = self.load(root)?.ok_or(PdfError::Malformed { number: root.number })?;
        match catalog.dictionary() {
            Some(dictionary) if dictionary.has(b"Pages") => Ok(catalog),
            Some(_) | None => Err(PdfError::Malformed { number: root.number }),
        }
    }

    /// The indirect object of this name; `None` is the null object (section 7.3.10).
    pub fn load(&self, id: Id) -> Result<Option<Object<'a>>, PdfError> {
        match self.chain.locations.get(&id.number) {
            None | Some(Location::Free) => Ok(None),
            Some(Location::At { generation, .. }) if *generation != id.generation => Ok(None),
            Some(Location::At { offset, .. }) => self.load_at(id, *offset, Lengths::Anywhere).map(Some),
            Some(Location::Inside { .. }) if id.generation != 0 => Ok(None),
            Some(Location::Inside { stream }) => self.load_inside(id, *stream).map(Some),
        }
    }

    /// The object of this number, whatever its generation.
    pub fn load_number(&self, number: u32) -> Result<Option<Object<'a>>, PdfError> {
        match self.chain.locations.get(&number) {
            Some(Location::At { generation, .. }) => self.load(Id { number, generation: *generation }),
            Some(Location::Inside { .. }) => self.load(Id { number, generation: 0 }),
            Some(Location::Free) | None => Ok(None),
        }
    }

    fn load_at(&self, id: Id, offset: usize, lengths: Lengths) -> Result<Object<'a>, PdfError> {
        let mut parser = Parser::new(self.bytes, offset);
        // A comment here means that the offset is off, perhaps by the bytes before the header.
        let has_comment = self.bytes.get(offset..).is_some_and(|rest| rest.trim_ascii_start().starts_with(b"%"));
        if has_comment || parser.object_head() != Some(id) {
            return Err(PdfError::CrossReferenceBroken { offset });
        }
        let malformed = PdfError::Malformed { number: id.number };
        let item = parser.item().ok_or_else(|| malformed.clone())?;
        self.budget.spend(item.span.len())?;
        let mut stream = None;
        if let Value::Dictionary(dictionary) = &item.value
            && Parser::new(self.bytes, parser.at).keyword(b"stream").is_some()
        {
            let length = self.stream_length(dictionary, lengths)?;
            let (at, stated) = (parser.at, stream_range(self.bytes, &mut parser, length));
            let range = stated.or_else(|| stream_range_by_end(self.bytes, &mut Parser::new(self.bytes, at))).ok_or(malformed)?;
            self.budget.spend(range.len())?;
            stream = Some(range);
        }
        Ok(Object { id: Some(id), source: Source::File(self.bytes), item, stream })
    }

    fn stream_length(&self, dictionary: &Dictionary, lengths: Lengths) -> Result<Option<usize>, PdfError> {
        let Some(length) = dictionary.get(b"Length") else {
            return Ok(None);
        };
        let number = match length.value.reference() {
            // The length of a stream is a plain number. It may be inside an object stream, whose own length may not: one level down only.
            Some(id) => match self.chain.locations.get(&id.number) {
                Some(Location::At { offset, .. }) => {
                    let mut parser = Parser::new(self.bytes, *offset);
                    parser.object_head().and_then(|_| parser.item()).and_then(|item| item.value.integer())
                }
                Some(Location::Inside { .. }) => match lengths {
                    Lengths::Anywhere => self.load(id)?.and_then(|object| object.item.value.integer()),
                    Lengths::OutsideStreams => None,
                },
                None | Some(Location::Free) => None,
            },
            None => length.value.integer(),
        };
        Ok(number.and_then(|number| usize::try_from(number).ok()))
    }

    fn load_inside(&self, id: Id, stream: u32) -> Result<Object<'a>, PdfError> {
        let malformed = PdfError::Malformed { number: id.number };
        let container = self.object_stream(stream)?;
        let position = *container.index.get(&id.number).ok_or_else(|| malformed.clone())?;
        let item = Parser::new(&container.data, position).item().ok_or(malformed)?;
        self.budget.spend(item.span.len())?;
        Ok(Object { id: Some(id), source: Source::Decoded(Rc::clone(&container.data)), item, stream: None })
    }

    fn object_stream(&self, number: u32) -> Result<Rc<ObjectStream>, PdfError> {
        if let Some(known) = self.streams.borrow().get(&number) {
            return Ok(Rc::clone(known));
        }
        let malformed = PdfError::Malformed { number };
        let Some(Location::At { offset, generation }) = self.chain.locations.get(&number) else {
            return Err(malformed);
        };
        let object = self.load_at(Id { number, generation: *generation }, *offset, Lengths::OutsideStreams)?;
        let (Some(dictionary), Some(range)) = (object.dictionary(), object.stream.clone()) else {
            return Err(malformed);
        };
        let data = filter::decode(dictionary, self.bytes.get(range).unwrap_or_default())?;
        self.budget.spend(data.len())?;
        let index = stream_index(dictionary, &data).ok_or(malformed)?;
        let decoded = Rc::new(ObjectStream { data: Rc::new(data), index });
        self.remember(number, &decoded);
        Ok(decoded)
    }

    fn remember(&self, number: u32, decoded: &Rc<ObjectStream>) {
        let mut cached = self.cached_bytes.borrow_mut();
        let mut streams = self.streams.borrow_mut();
        if cached.saturating_add(decoded.data.len()) > MAXIMUM_CACHED_BYTES {
            streams.clear();
            *cached = 0;
        }
        *cached += decoded.data.len();
        streams.insert(number, Rc::clone(decoded));
    }

    /// What a value of `holder` means: itself, or the object that it refers to.
    pub fn resolve(&self, holder: &Object<'a>, item: &Item) -> Result<Option<Object<'a>>, PdfError> {
        let Some(mut id) = item.value.reference() else {
            return Ok(Some(Object { id: None, source: holder.source.clone(), item: item.clone(), stream: None }));
        };
        for _ in 0..MAXIMUM_REFERENCES {
            let Some(object) = self.load(id)? else {
                return Ok(None);
            };
            match object.item.value.reference() {
                Some(next) => id = next,
                None => return Ok(Some(object)),
            }
        }
        Err(PdfError::TooComplex)
    }

    /// The value of a key, references followed; null is absence (section 7.3.9).
    pub fn get(&self, holder: &Object<'a>, name: &[u8]) -> Result<Option<Object<'a>>, PdfError> {
        let Some(item) = holder.dictionary().and_then(|dictionary| dictionary.get(name)) else {
            return Ok(None);
        };
        let found = self.resolve(holder, item)?;
        Ok(found.filter(|object| !matches!(object.item.value, Value::Null)))
    }

    /// The elements of an array, references followed, nulls left out.
    pub fn elements(&self, array: &Object<'a>) -> Result<Vec<Object<'a>>, PdfError> {
        let items = array.item.value.array().unwrap_or_default();
        let resolved = items.iter().map(|item| self.resolve(array, item));
        Ok(resolved.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    /// The first page, with the media box that it has or inherits (section 7.7.3.4).
    pub fn first_page(&self) -> Result<(Object<'a>, Option<Object<'a>>), PdfError> {
        let catalog = self.catalog()?;
        let root = self.get(&catalog, b"Pages")?.ok_or(PdfError::NoPages)?;
        let (mut stack, mut seen, mut nodes) = (vec![(root, None)], HashSet::new(), 0_usize);
        while let Some((node, inherited)) = stack.pop() {
            nodes += 1;
            let id = node.id.ok_or(PdfError::NoPages)?;
            if !seen.insert(id) || nodes > MAXIMUM_PAGE_NODES {
                return Err(PdfError::NoPages);
            }
            let media_box = self.get(&node, b"MediaBox")?.or(inherited);
            let Some(kids) = self.get(&node, b"Kids")? else {
                let is_page = node.dictionary().is_some_and(|page| page.name(b"Type") != Some(b"Pages"));
                if is_page {
                    return Ok((node, media_box));
                }
                continue;
            };
            stack.extend(self.elements(&kids)?.into_iter().rev().map(|kid| (kid, media_box.clone())));
        }
        Err(PdfError::NoPages)
    }
}

/// Of a number given twice the first counts.
fn stream_index(dictionary: &Dictionary, data: &[u8]) -> Option<HashMap<u32, usize>> {
    if dictionary.name(b"Type") != Some(b"ObjStm") {
        return None;
    }
    let count = usize::try_from(dictionary.integer(b"N")?).ok()?;
    let first = usize::try_from(dictionary.integer(b"First")?).ok()?;
    if count > data.len() {
        return None;
    }
    let (mut parser, mut index) = (Parser::new(data, 0), HashMap::new());
    for _ in 0..count {
        let number = u32::try_from(parser.unsigned()?).ok()?;
        let position = usize::try_from(parser.unsigned()?).ok()?;
        index.entry(number).or_insert(first.checked_add(position)?);
    }
    Some(index)
}
