//! The cross-reference chain (sections 7.5.4, 7.5.5 and 7.5.8): from the last `startxref` back through every `/Prev`.

use super::budget::Budget;
use super::filter;
use super::object::{Dictionary, Item, Value};
use super::parser::{Parser, is_whitespace};
use crate::pades::PdfError;
use std::collections::{BTreeMap, BTreeSet, HashSet};

const MAXIMUM_SECTIONS: usize = 4096;
const MAXIMUM_OBJECTS: usize = 4_000_000;
/// How far a position may be off before it counts as broken.
const SLACK_BYTES: usize = 32;

/// Where an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Location {
    Free,
    At { offset: usize, generation: u16 },
    Inside { stream: u32 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Table,
    /// A table that hides part of its objects in a stream (`/XRefStm`, section 7.5.8.4).
    Hybrid,
    Stream,
}

/// One section of the chain; spans of the trailer are positions in the file.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    pub kind: Kind,
    /// Where it really begins in the file.
    pub position: usize,
    pub trailer: Item,
}

impl Section {
    pub fn dictionary(&self) -> &Dictionary {
        static EMPTY: Dictionary = Dictionary { entries: Vec::new() };
        self.trailer.value.dictionary().unwrap_or(&EMPTY)
    }
}

/// The whole chain, newest section first.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    pub sections: Vec<Section>,
    pub locations: BTreeMap<u32, Location>,
    /// One more than any object number in any revision, used or not.
    pub next_number: u32,
    /// Where cross-reference streams begin, hidden ones too.
    pub stream_positions: BTreeSet<usize>,
    /// What is added to every offset in the file: the bytes before the header.
    pub shift: usize,
}

struct Reading<'a> {
    bytes: &'a [u8],
    budget: &'a Budget,
    chain: Chain,
}

pub(crate) fn read(bytes: &[u8], shift: usize, budget: &Budget) -> Result<Chain, PdfError> {
    let start = last_start(bytes)?;
    let chain = Chain { sections: Vec::new(), locations: BTreeMap::new(), next_number: 1, stream_positions: BTreeSet::new(), shift };
    let mut reading = Reading { bytes, budget, chain };
    let (mut next, mut seen) = (Some(start), HashSet::new());
    while let Some(offset) = next {
        let position = reading.position(offset)?;
        if !seen.insert(position) || seen.len() > MAXIMUM_SECTIONS {
            return Err(PdfError::CrossReferenceBroken { offset: position });
        }
        next = reading.section(position)?;
    }
    Ok(reading.chain)
}

/// The number after the last `startxref`, which must be followed by `%%EOF`.
fn last_start(bytes: &[u8]) -> Result<usize, PdfError> {
    let tail_start = bytes.len().saturating_sub(2048);
    let tail = bytes.get(tail_start..).unwrap_or_default();
    let word = b"startxref";
    let found = tail.windows(word.len()).rposition(|window| window == word).ok_or(PdfError::Truncated)?;
    let mut parser = Parser::new(bytes, tail_start + found + word.len());
    let number = parser.unsigned().ok_or(PdfError::Truncated)?;
    let end = b"%%EOF";
    let after = bytes.get(parser.at..).unwrap_or_default();
    if !after.windows(end.len()).any(|window| window == end) {
        return Err(PdfError::Truncated);
    }
    usize::try_from(number).map_err(|_| PdfError::Truncated)
}

impl Reading<'_> {
    /// The true position of the section that is said to be at `offset`.
    fn position(&self, offset: usize) -> Result<usize, PdfError> {
        let broken = PdfError::CrossReferenceBroken { offset };
        let offset = offset.checked_add(self.chain.shift).ok_or_else(|| broken.clone())?;
        if offset >= self.bytes.len() {
            return Err(broken);
        }
        let mut parser = Parser::new(self.bytes, offset);
        while parser.peek().is_some_and(is_whitespace) {
            parser.at += 1;
        }
        let at = parser.at;
        let at_digit_start = at == 0 || !self.bytes[at - 1].is_ascii_digit();
        if parser.keyword(b"xref").is_some() || (at_digit_start && Parser::new(self.bytes, at).object_head().is_some()) {
            return Ok(at);
        }
        let from = offset.saturating_sub(SLACK_BYTES).max(self.chain.shift);
        let window = self.bytes.get(from..(offset + SLACK_BYTES).min(self.bytes.len())).unwrap_or_default();
        let found = window
            .windows(4)
            .enumerate()
            .filter(|(at, word)| *word == b"xref" && !window.get(..*at).unwrap_or_default().ends_with(b"start"));
        found.map(|(at, _)| from + at).next().ok_or(broken)
    }

    /// Reads one section and gives the offset of the one before it.
    fn section(&mut self, position: usize) -> Result<Option<usize>, PdfError> {
        let broken = PdfError::CrossReferenceBroken { offset: position };
        let is_table = Parser::new(self.bytes, position).keyword(b"xref").is_some();
        let section = if is_table { self.table(position) } else { self.stream(position) }?;
        let dictionary = section.dictionary();
        let previous = match dictionary.get(b"Prev").map(|item| &item.value) {
            None | Some(Value::Integer(0)) => None,
            Some(Value::Integer(number)) => Some(usize::try_from(*number).map_err(|_| broken)?),
            Some(Value::Real(number)) if number.fract() == 0.0 && *number > 0.0 => {
                let text = format!("{number:.0}");
                Some(text.parse::<usize>().map_err(|_| broken)?)
            }
            Some(
                Value::Null
                | Value::Boolean(_)
                | Value::Real(_)
                | Value::Text(_)
                | Value::Name(_)
                | Value::Array(_)
                | Value::Dictionary(_)
                | Value::Reference(_),
            ) => return Err(broken),
        };
        if let Some(size) = dictionary.integer(b"Size").and_then(|size| u32::try_from(size).ok()) {
            self.chain.next_number = self.chain.next_number.max(size);
        }
        self.chain.sections.push(section);
        Ok(previous)
    }

    fn table(&mut self, position: usize) -> Result<Section, PdfError> {
        let broken = PdfError::CrossReferenceBroken { offset: position };
        let mut parser = Parser::new(self.bytes, position);
        parser.keyword(b"xref").ok_or_else(|| broken.clone())?;
        let mut entries = Vec::new();
        while parser.keyword(b"trailer").is_none() {
            self.subsection(&mut parser, &mut entries).ok_or_else(|| broken.clone())?;
            if entries.len() > MAXIMUM_OBJECTS {
                return Err(PdfError::TooComplex);
            }
        }
        self.budget.spend(parser.at - position)?;
        let trailer = parser.item().ok_or_else(|| broken.clone())?;
        let hidden = trailer.value.dictionary().ok_or_else(|| broken.clone())?.integer(b"XRefStm");
        let (free, used): (Vec<_>, Vec<_>) = entries.into_iter().partition(|(_, location)| *location == Location::Free);
        self.note(used)?;
        let kind = match hidden {
            Some(offset) => {
                let offset = usize::try_from(offset).map_err(|_| broken)?;
                let position = self.position(offset)?;
                self.stream(position)?;
                Kind::Hybrid
            }
            None => Kind::Table,
        };
        self.note(free)?;
        Ok(Section { kind, position, trailer })
    }

    fn subsection(&self, parser: &mut Parser<'_>, entries: &mut Vec<(u32, Location)>) -> Option<()> {
        let mut number = u32::try_from(parser.unsigned()?).ok()?;
        let count = usize::try_from(parser.unsigned()?).ok()?;
        if count > MAXIMUM_OBJECTS {
            return None;
        }
        for nth in 0..count {
            let offset = usize::try_from(parser.unsigned()?).ok()?;
            let generation = parser.unsigned()?;
            let used = parser.keyword(b"n").is_some();
            let location = if used && offset == 0 {
                // Some producers list unused numbers this way; no object is at the header.
                Location::Free
            } else if used {
                Location::At { offset: offset.checked_add(self.chain.shift)?, generation: u16::try_from(generation).ok()? }
            } else {
                parser.keyword(b"f")?;
                Location::Free
            };
            // Some producers number from 1 what begins with the head of the free list, object 0.
            if nth == 0 && number == 1 && location == Location::Free && generation == 65_535 {
                number = 0;
            }
            entries.push((number, location));
            number = number.checked_add(1)?;
        }
        Some(())
    }

    fn stream(&mut self, position: usize) -> Result<Section, PdfError> {
        let broken = PdfError::CrossReferenceBroken { offset: position };
        let mut parser = Parser::new(self.bytes, position);
        let id = parser.object_head().ok_or_else(|| broken.clone())?;
        let trailer = parser.item().ok_or_else(|| broken.clone())?;
        let dictionary = trailer.value.dictionary().ok_or_else(|| broken.clone())?;
        if dictionary.name(b"Type") != Some(b"XRef") {
            return Err(broken);
        }
        let length = dictionary.integer(b"Length").and_then(|length| usize::try_from(length).ok());
        let range = stream_range(self.bytes, &mut parser, length).ok_or_else(|| broken.clone())?;
        let data = filter::decode(dictionary, self.bytes.get(range).unwrap_or_default())?;
        self.budget.spend(data.len())?;
        let entries = stream_entries(dictionary, &data, self.chain.shift).ok_or(broken)?;
        self.note(entries)?;
        self.chain.next_number = self.chain.next_number.max(id.number.saturating_add(1));
        self.chain.stream_positions.insert(position);
        Ok(Section { kind: Kind::Stream, position, trailer })
    }

    /// Newer sections are read first, so what is known stays.
    fn note(&mut self, entries: Vec<(u32, Location)>) -> Result<(), PdfError> {
        for (number, location) in entries {
            let next = number.checked_add(1).ok_or(PdfError::TooComplex)?;
            self.chain.next_number = self.chain.next_number.max(next);
            self.chain.locations.entry(number).or_insert(location);
        }
        if self.chain.locations.len() > MAXIMUM_OBJECTS { Err(PdfError::TooComplex) } else { Ok(()) }
    }
}

/// The data of the stream whose dictionary was just read (section 7.3.8.1).
pub(crate) fn stream_range(bytes: &[u8], parser: &mut Parser<'_>, length: Option<usize>) -> Option<std::ops::Range<usize>> {
    parser.keyword(b"stream")?;
    let start = match bytes.get(parser.at..)? {
        [b'\r', b'\n', ..] => parser.at + 2,
        [b'\n' | b'\r', ..] => parser.at + 1,
        _ => return None,
    };
    let end = start.checked_add(length?)?;
    let mut after = Parser::new(bytes, end);
    after.skip();
    if end <= bytes.len() && bytes.get(after.at..)?.starts_with(b"endstream") { Some(start..end) } else { None }
}

/// The data up to the next `endstream`, for a stream whose length is wrong: how most readers find it.
pub(crate) fn stream_range_by_end(bytes: &[u8], parser: &mut Parser<'_>) -> Option<std::ops::Range<usize>> {
    parser.keyword(b"stream")?;
    let start = parser.at;
    let word = b"endstream";
    let length = bytes.get(start..)?.windows(word.len()).position(|window| window == word)?;
    Some(start..start + length)
}

fn stream_entries(dictionary: &Dictionary, data: &[u8], shift: usize) -> Option<Vec<(u32, Location)>> {
    let numbers = |name: &[u8]| -> Option<Vec<usize>> {
        let items = dictionary.get(name)?.value.array()?;
        items.iter().map(|item| usize::try_from(item.value.integer()?).ok()).collect()
    };
    let widths = numbers(b"W")?;
    let &[kind_width, second_width, third_width] = widths.as_slice() else {
        return None;
    };
    let width = widths.iter().try_fold(0_usize, |sum, width| (*width <= 8).then_some(sum + width))?;
    let size = usize::try_from(dictionary.integer(b"Size")?).ok()?;
    let index = if dictionary.has(b"Index") { numbers(b"Index")? } else { vec![0, size] };
    let (mut rows, mut entries) = (data.chunks_exact(width.max(1)), Vec::new());
    for pair in index.chunks_exact(2) {
        for number in pair[0]..pair[0].checked_add(pair[1])? {
            // A row of one byte becomes an entry of twenty-four.
            if entries.len() > MAXIMUM_OBJECTS {
                return None;
            }
            let row = rows.next()?;
            let (kind, rest) = row.split_at(kind_width);
            let (second, rest) = rest.split_at(second_width);
            let third = field(&rest[..third_width])?;
            let kind = if kind_width == 0 { 1 } else { field(kind)? };
            let second = field(second)?;
            let location = match kind {
                1 => Location::At { offset: second.checked_add(shift)?, generation: u16::try_from(third).ok()? },
                2 => Location::Inside { stream: u32::try_from(second).ok()? },
                // 0 is free; unknown kinds are references to null (section 7.5.8.3).
                _ => Location::Free,
            };
            entries.push((u32::try_from(number).ok()?, location));
        }
    }
    Some(entries)
}

fn field(bytes: &[u8]) -> Option<usize> {
    bytes.iter().try_fold(0_usize, |sum, byte| sum.checked_mul(256)?.checked_add(usize::from(*byte)))
}
