//! The few DER shapes that CMS and RFC 3161 need, read without copying and written in DER order.
//!
//! Raw bytes are kept because signatures cover them. Refuses indefinite and non-minimal lengths (X.690 section 10.1).

use der::asn1::ObjectIdentifier;
use time::{Date, Month, OffsetDateTime, Time};

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const NULL: u8 = 0x05;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// Why bytes are not the DER that was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DerFault {
    /// An indefinite length: BER, not DER (X.690 section 10.1).
    #[error("the encoding is BER with indefinite lengths, not DER")]
    Indefinite,
    /// A length that is not the shortest form, or does not fit a machine word.
    #[error("a length is not in its shortest form")]
    Length,
    /// Bytes follow where the structure ends.
    #[error("{bytes} bytes follow the structure")]
    Trailing {
        /// How many.
        bytes: usize,
    },
    /// The bytes end inside an element.
    #[error("the encoding ends early")]
    Truncated,
    /// Another element stands where this one was required.
    #[error("expected tag {expected:#04x}, found {found:#04x}")]
    Unexpected {
        /// The required identifier octet.
        expected: u8,
        /// The identifier octet that is there.
        found: u8,
    },
    /// The content octets do not make a value of their type.
    #[error("the content of an element with tag {tag:#04x} is malformed")]
    Value {
        /// The identifier octet.
        tag: u8,
    },
}

/// One element: its identifier octet, all its octets, and its content octets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'a> {
    pub tag: u8,
    pub raw: &'a [u8],
    pub value: &'a [u8],
}

impl<'a> Element<'a> {
    /// The single element that fills `bytes`.
    pub fn only(bytes: &'a [u8]) -> Result<Self, DerFault> {
        let mut elements = Elements::new(bytes);
        let element = elements.any()?;
        elements.finish()?;
        Ok(element)
    }

    pub fn expect(self, expected: u8) -> Result<Self, DerFault> {
        if self.tag == expected { Ok(self) } else { Err(DerFault::Unexpected { expected, found: self.tag }) }
    }

    pub fn children(self) -> Elements<'a> {
        Elements::new(self.value)
    }

    pub fn identifier(self) -> Result<ObjectIdentifier, DerFault> {
        self.expect(OBJECT_IDENTIFIER)?;
        ObjectIdentifier::from_bytes(self.value).map_err(|_| DerFault::Value { tag: self.tag })
    }

    /// A small non-negative INTEGER.
    pub fn unsigned(self) -> Result<u64, DerFault> {
        let fault = DerFault::Value { tag: self.tag };
        match self.value.first() {
            Some(first) if first & 0x80 == 0 && self.value.len() <= 9 => {}
            Some(_) | None => return Err(fault),
        }
        self.value.iter().try_fold(0_u64, |sum, byte| sum.checked_mul(256)?.checked_add(u64::from(*byte))).ok_or(fault)
    }

    /// UTCTime or GeneralizedTime in UTC; fractions of a second are kept (RFC 3161 section 2.4.2).
    pub fn time(self) -> Result<OffsetDateTime, DerFault> {
        let fault = DerFault::Value { tag: self.tag };
        let text = std::str::from_utf8(self.value).map_err(|_| fault)?.strip_suffix('Z').ok_or(fault)?;
        let text = match self.tag {
            UTC_TIME if text.len() == 12 => {
                let century = if text < "50" { "20" } else { "19" };
                format!("{century}{text}")
            }
            GENERALIZED_TIME => text.to_owned(),
            _ => return Err(fault),
        };
        parse_time(&text).ok_or(fault)
    }
}

fn parse_time(text: &str) -> Option<OffsetDateTime> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if whole.len() != 14 || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let two = |at: usize| whole.get(at..at + 2)?.parse::<u8>().ok();
    let year = whole.get(..4)?.parse::<i32>().ok()?;
    let date = Date::from_calendar_date(year, Month::try_from(two(4)?).ok()?, two(6)?).ok()?;
    let nanosecond = format!("{fraction:0<9}").get(..9)?.parse::<u32>().ok()?;
    let time = Time::from_hms_nano(two(8)?, two(10)?, two(12)?, nanosecond).ok()?;
    Some(date.with_time(time).assume_utc())
}

/// The elements inside a constructed one, in order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Elements<'a> {
    rest: &'a [u8],
}

impl<'a> Elements<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub fn any(&mut self) -> Result<Element<'a>, DerFault> {
        let (tag, header, length) = header(self.rest)?;
        let end = header.checked_add(length).ok_or(DerFault::Length)?;
        let raw = self.rest.get(..end).ok_or(DerFault::Truncated)?;
        self.rest = &self.rest[end..];
        Ok(Element { tag, raw, value: &raw[header..] })
    }

    pub fn required(&mut self, tag: u8) -> Result<Element<'a>, DerFault> {
        self.any()?.expect(tag)
    }

    pub fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, DerFault> {
        if self.rest.first() == Some(&tag) { self.any().map(Some) } else { Ok(None) }
    }

    pub fn finish(self) -> Result<(), DerFault> {
        if self.rest.is_empty() { Ok(()) } else { Err(DerFault::Trailing { bytes: self.rest.len() }) }
    }
}

/// Identifier octet, length of the header, length of the content.
fn header(bytes: &[u8]) -> Result<(u8, usize, usize), DerFault> {
    let &[tag, first, ..] = bytes else {
        return Err(DerFault::Truncated);
    };
    if tag & 0x1f == 0x1f {
        return Err(DerFault::Value { tag });
    }
    if first < 0x80 {
        return Ok((tag, 2, usize::from(first)));
    }
    let count = usize::from(first & 0x7f);
    match count {
        0 => return Err(DerFault::Indefinite),
        1..=4 => {}
        _ => return Err(DerFault::Length),
    }
    let octets = bytes.get(2..2 + count).ok_or(DerFault::Truncated)?;
    let length = octets.iter().fold(0_usize, |sum, byte| (sum << 8) | usize::from(*byte));
    let minimal = if count == 1 { length >= 0x80 } else { octets.first() != Some(&0) };
    if minimal { Ok((tag, 2 + count, length)) } else { Err(DerFault::Length) }
}

pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    constructed(tag, &[content])
}

pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    constructed(SEQUENCE, parts)
}

/// An element whose content is these parts, one after another: written once, into memory of the right size.
pub(crate) fn constructed(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length = parts.iter().map(|part| part.len()).sum::<usize>();
    let octets = length.to_be_bytes();
    let mut bytes = Vec::with_capacity(2 + octets.len() + length);
    bytes.push(tag);
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => bytes.push(short),
        Ok(_) | Err(_) => {
            let leading = octets.iter().take_while(|octet| **octet == 0).count();
            let shortest = &octets[leading..];
            bytes.push(0x80 | shortest.len().to_le_bytes()[0]);
            bytes.extend_from_slice(shortest);
        }
    }
    for part in parts {
        bytes.extend_from_slice(part);
    }
    bytes
}

/// The content of a SET OF in DER order (X.690 section 11.6).
pub(crate) fn ordered(mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    parts.concat()
}

pub(crate) fn identifier(oid: ObjectIdentifier) -> Vec<u8> {
    element(OBJECT_IDENTIFIER, oid.as_bytes())
}

pub(crate) fn unsigned(value: u64) -> Vec<u8> {
    integer(&value.to_be_bytes())
}

/// A non-negative INTEGER from its big-endian magnitude.
pub(crate) fn integer(magnitude: &[u8]) -> Vec<u8> {
    let start = magnitude.iter().position(|byte| *byte != 0).unwrap_or(magnitude.len());
    let mut content = magnitude[start..].to_vec();
    if content.first().is_none_or(|byte| byte & 0x80 != 0) {
        content.insert(0, 0);
    }
    element(INTEGER, &content)
}

/// UTCTime until 2049, GeneralizedTime after (RFC 5652 section 11.3), whole seconds.
pub(crate) fn time(at: OffsetDateTime) -> Vec<u8> {
    let at = at.to_offset(time::UtcOffset::UTC);
    let rest = format!("{:02}{:02}{:02}{:02}{:02}Z", u8::from(at.month()), at.day(), at.hour(), at.minute(), at.second());
    if (1950..2050).contains(&at.year()) {
        element(UTC_TIME, format!("{:02}{rest}", at.year() % 100).as_bytes())
    } else {
        element(GENERALIZED_TIME, format!("{:04}{rest}", at.year()).as_bytes())
    }
}

/// GeneralizedTime in UTC, to the millisecond; trailing zeros are left out (RFC 3161 section 2.4.2).
pub(crate) fn generalized_time(at: OffsetDateTime) -> Vec<u8> {
    let mut text = Vec::with_capacity(20);
    seconds_of(at, &mut text);
    let milliseconds = at.millisecond();
    if milliseconds != 0 {
        text.push(b'.');
        digits(&mut text, milliseconds.into(), 3);
        while text.last() == Some(&b'0') {
            text.pop();
        }
    }
    text.push(b'Z');
    element(GENERALIZED_TIME, &text)
}

/// GeneralizedTime in UTC, whole seconds (RFC 5280 section 4.1.2.5.2).
pub(crate) fn generalized_second(at: OffsetDateTime) -> Vec<u8> {
    let mut text = Vec::with_capacity(16);
    seconds_of(at, &mut text);
    text.push(b'Z');
    element(GENERALIZED_TIME, &text)
}

/// `YYYYMMDDhhmmss` in UTC.
fn seconds_of(at: OffsetDateTime, text: &mut Vec<u8>) {
    let at = at.to_offset(time::UtcOffset::UTC);
    digits(text, at.year().unsigned_abs(), 4);
    for two in [u8::from(at.month()), at.day(), at.hour(), at.minute(), at.second()] {
        digits(text, two.into(), 2);
    }
}

/// The last `count` decimal digits of a number.
fn digits(text: &mut Vec<u8>, number: u32, count: u32) {
    for place in (0..count).rev() {
        text.push(b'0' + (number / 10_u32.pow(place) % 10).to_le_bytes()[0]);
    }
}

/// AlgorithmIdentifier with the given parameters, already encoded.
pub(crate) fn algorithm(oid: ObjectIdentifier, parameters: &[u8]) -> Vec<u8> {
    sequence(&[&identifier(oid), parameters])
}
