//! The encoding of PKCS#12 files, element by element: BER as well as DER, since some programs (NSS, the key chain of macOS) write indefinite
//! lengths. Bounded in depth; what is malformed is none.

const MOST_DEPTH: usize = 40;

pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTETS: u8 = 0x04;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
/// `[0]`, around what is explicit or constructed.
pub(super) const TAGGED: u8 = 0xa0;
/// `[0]` around octets in one piece.
pub(super) const TAGGED_OCTETS: u8 = 0x80;
const CONSTRUCTED: u8 = 0x20;

/// One element.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    /// With its tag and length.
    pub(super) whole: &'a [u8],
    /// What lies between its length and its end.
    pub(super) content: &'a [u8],
}

impl<'a> Element<'a> {
    /// The one element that the octets are.
    pub(super) fn only(octets: &'a [u8]) -> Option<Self> {
        first(octets, 0).filter(|element| element.whole.len() == octets.len())
    }

    /// What lies in an element of this tag.
    pub(super) fn children(&self, tag: u8) -> Option<Vec<Element<'a>>> {
        if self.tag == tag { all(self.content) } else { None }
    }

    /// The one that lies in an element of this tag.
    pub(super) fn child(&self, tag: u8) -> Option<Element<'a>> {
        match self.children(tag)?.as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }

    /// An OCTET STRING in one piece or several (X.690 section 8.7), under this tag (that of one piece).
    pub(super) fn octets(&self, tag: u8) -> Option<Vec<u8>> {
        self.gather(tag, 0)
    }

    fn gather(&self, tag: u8, depth: usize) -> Option<Vec<u8>> {
        if self.tag == tag {
            return Some(self.content.to_vec());
        }
        if self.tag != tag | CONSTRUCTED || depth > MOST_DEPTH {
            return None;
        }
        let pieces: Option<Vec<Vec<u8>>> = all(self.content)?.iter().map(|piece| piece.gather(OCTETS, depth + 1)).collect();
        Some(pieces?.concat())
    }

    /// An OBJECT IDENTIFIER, its content.
    pub(super) fn identifier(&self) -> Option<&'a [u8]> {
        (self.tag == OBJECT_IDENTIFIER).then_some(self.content)
    }

    /// An INTEGER; none when it is negative, or larger than any that is worked off.
    pub(super) fn number(&self) -> Option<u64> {
        let negative = self.content.first().is_none_or(|octet| octet & 0x80 != 0);
        if self.tag != INTEGER || negative {
            return None;
        }
        let significant = self.content.iter().position(|octet| *octet != 0).map_or(&[][..], |first| &self.content[first..]);
        // Too large is said as such, not as malformed.
        Some(if significant.len() > 8 { u64::MAX } else { significant.iter().fold(0, |sum, octet| sum << 8 | u64::from(*octet)) })
    }
}

fn all(mut content: &[u8]) -> Option<Vec<Element<'_>>> {
    let mut children = Vec::new();
    while !content.is_empty() {
        let child = first(content, 0)?;
        children.push(child);
        content = &content[child.whole.len()..];
    }
    Some(children)
}

/// The element at the beginning; none when it is malformed or too deep.
fn first(octets: &[u8], depth: usize) -> Option<Element<'_>> {
    let &tag = octets.first()?;
    if depth > MOST_DEPTH || tag & 0x1f == 0x1f {
        return None;
    }
    let (length, header) = length(octets)?;
    if let Some(length) = length {
        let end = header.checked_add(length)?;
        return Some(Element { tag, whole: octets.get(..end)?, content: octets.get(header..end)? });
    }
    if tag & CONSTRUCTED == 0 {
        return None;
    }
    let mut end = header;
    while octets.get(end..end + 2)? != [0, 0] {
        end += first(&octets[end..], depth + 1)?.whole.len();
    }
    Some(Element { tag, whole: &octets[..end + 2], content: &octets[header..end] })
}

/// The length, none when it is indefinite, and how many octets tag and length take.
fn length(octets: &[u8]) -> Option<(Option<usize>, usize)> {
    match *octets.get(1)? {
        0x80 => Some((None, 2)),
        short @ 0..=0x7f => Some((Some(short.into()), 2)),
        long => {
            let count = usize::from(long & 0x7f);
            let length = octets.get(2..2 + count).filter(|_| count <= 4)?;
            Some((Some(length.iter().fold(0, |sum, octet| sum << 8 | usize::from(*octet))), 2 + count))
        }
    }
}
