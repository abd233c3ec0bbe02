//! Canonical bytes: fields in a fixed order, each after its length as four bytes, big endian, the domain first.
//!
//! An absent field is empty, a list is one field that holds its items as fields. One message has one form: whoever reads refuses what
//! writing would not have made.

use crate::fault::{Fault, Rule};

/// Something with one canonical form in bytes, which begins with a domain of its own: what is signed as one kind is never another.
pub trait Canonical: Sized {
    /// No longer message is read.
    const MAX_BYTES: usize;

    /// The canonical bytes.
    fn encode(&self) -> Vec<u8>;

    /// Reads canonical bytes. `decode(encode(x)) == x`, and `encode(decode(b)) == b` for all that is read.
    ///
    /// # Errors
    /// [`Fault`] for the first field that breaks a rule.
    fn decode(bytes: &[u8]) -> Result<Self, Fault>;
}

/// Writes fields, one after the other.
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    /// Begins a message with its domain.
    pub(crate) fn new(domain: &str) -> Self {
        Self(Vec::new()).field(domain.as_bytes())
    }

    #[expect(clippy::expect_used, reason = "every field is bounded far below four gigabytes where it is made")]
    pub(crate) fn field(mut self, bytes: &[u8]) -> Self {
        let length = u32::try_from(bytes.len()).expect("a field is shorter than four gigabytes");
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn number(self, value: u64) -> Self {
        self.field(&value.to_be_bytes())
    }

    pub(crate) fn optional(self, bytes: Option<&[u8]>) -> Self {
        self.field(bytes.unwrap_or_default())
    }

    /// A list: what `write` writes, as one field.
    pub(crate) fn list(self, write: impl FnOnce(Writer) -> Writer) -> Self {
        let items = write(Self(Vec::new())).0;
        self.field(&items)
    }

    pub(crate) fn bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Reads fields, one after the other, and never beyond the end.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Begins a message of at most `bound` bytes, which must begin with `domain`.
    pub(crate) fn new(domain: &'static str, bytes: &'a [u8], bound: usize) -> Result<Self, Fault> {
        if bytes.len() > bound {
            return Err(Rule::TooLong { bound }.at("message"));
        }
        let mut reader = Self(bytes);
        if reader.field("domain", domain.len())? != domain.as_bytes() {
            return Err(Rule::Unknown.at("domain"));
        }
        Ok(reader)
    }

    /// The next field, of at most `bound` bytes.
    pub(crate) fn field(&mut self, name: &'static str, bound: usize) -> Result<&'a [u8], Fault> {
        let (length, rest) = self.0.split_first_chunk::<4>().ok_or(Rule::Truncated.at(name))?;
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        if length > bound {
            return Err(Rule::TooLong { bound }.at(name));
        }
        let (field, rest) = rest.split_at_checked(length).ok_or(Rule::Truncated.at(name))?;
        self.0 = rest;
        Ok(field)
    }

    /// The next field, of exactly `N` bytes.
    pub(crate) fn array<const N: usize>(&mut self, name: &'static str) -> Result<[u8; N], Fault> {
        let field = self.field(name, N)?;
        field.try_into().map_err(|_| Rule::WrongLength { expected: N }.at(name))
    }

    /// The next field, empty or of exactly `N` bytes.
    pub(crate) fn optional<const N: usize>(&mut self, name: &'static str) -> Result<Option<[u8; N]>, Fault> {
        match self.field(name, N)? {
            [] => Ok(None),
            field => field.try_into().map(Some).map_err(|_| Rule::WrongLength { expected: N }.at(name)),
        }
    }

    pub(crate) fn number(&mut self, name: &'static str) -> Result<u64, Fault> {
        self.array(name).map(u64::from_be_bytes)
    }

    /// The next field as UTF-8 of at most `bound` bytes.
    pub(crate) fn text(&mut self, name: &'static str, bound: usize) -> Result<&'a str, Fault> {
        str::from_utf8(self.field(name, bound)?).map_err(|_| Rule::NotUtf8.at(name))
    }

    /// The next field as a list of at most `most` items, each read by `item`.
    pub(crate) fn list<T>(
        &mut self,
        name: &'static str,
        most: usize,
        item: impl Fn(&mut Reader<'a>) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        let mut inner = Reader(self.field(name, usize::MAX)?);
        let mut items = Vec::new();
        while !inner.0.is_empty() {
            if items.len() == most {
                return Err(Rule::TooMany { bound: most }.at(name));
            }
            items.push(item(&mut inner)?);
        }
        Ok(items)
    }

    /// Nothing may follow.
    pub(crate) fn end(self) -> Result<(), Fault> {
        if self.0.is_empty() { Ok(()) } else { Err(Rule::Trailing.at("message")) }
    }
}
