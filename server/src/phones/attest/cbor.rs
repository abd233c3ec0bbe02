//! The little of CBOR (RFC 8949) that Apple's object is made of: byte strings, text, lists and maps, of definite length and in the shortest form.
//! Everything else is refused, tags, numbers and indefinite lengths among it.

const BYTES: u8 = 2;
const TEXT: u8 = 3;
const LIST: u8 = 4;
const MAP: u8 = 5;

/// One item after another.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// The head of an item of this kind: its length or count (section 3).
    fn head(&mut self, kind: u8) -> Option<usize> {
        let first = *self.take(1)?.first()?;
        if first >> 5 != kind {
            return None;
        }
        let (length, least) = match first & 0x1f {
            short @ 0..24 => (usize::from(short), 0),
            24 => (usize::from(*self.take(1)?.first()?), 24),
            25 => (usize::from(u16::from_be_bytes(self.take(2)?.try_into().ok()?)), 0x100),
            _ => return None,
        };
        (length >= least).then_some(length)
    }

    /// A byte string.
    pub(super) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.head(BYTES)?;
        self.take(length)
    }

    /// Exactly this text.
    pub(super) fn text(&mut self, wanted: &str) -> Option<()> {
        let length = self.head(TEXT)?;
        (self.take(length)? == wanted.as_bytes()).then_some(())
    }

    /// The head of a list of so many items.
    pub(super) fn list(&mut self, count: usize) -> Option<()> {
        (self.head(LIST)? == count).then_some(())
    }

    /// The head of a map of so many pairs.
    pub(super) fn map(&mut self, count: usize) -> Option<()> {
        (self.head(MAP)? == count).then_some(())
    }

    /// Nothing follows.
    pub(super) fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}
