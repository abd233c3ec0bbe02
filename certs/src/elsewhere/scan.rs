//! A look into a PKCS#12 file before it is opened: how it is encrypted, and what opening it would cost.
//!
//! Reads BER as well as DER, since some programs (NSS, the key chain of macOS) write indefinite lengths. Bounded in nodes and depth; what
//! cannot be read so is not opened at all. What lies encrypted inside encrypted content is not seen.

use super::ImportFault;

/// Rounds of a passphrase's stretching that are worked off for a file, all its parts together: a few seconds, not hours. NSS asks for 600,000 in each of several.
const MOST_ROUNDS: u64 = 6_000_000;
const MOST_NODES: usize = 20_000;
const MOST_DEPTH: usize = 40;

const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const CONSTRUCTED: u8 = 0x20;
const SEQUENCE: u8 = 0x30;

/// 1.2.840.113549.1.5.12 (RFC 8018 appendix A.2).
const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c];
/// 1.2.840.113549.1.12.1 (RFC 7292 appendix C).
const PKCS12_PBE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01];
/// What OpenSSL opens no more, or should not, by the whole identifier.
const OLD: &[(&[u8], &str)] = &[
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01, 0x01], "RC4"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01, 0x02], "RC4"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01, 0x05], "RC2"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01, 0x06], "RC2"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03, 0x02], "RC2"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03, 0x04], "RC4"),
    (&[0x2b, 0x0e, 0x03, 0x02, 0x07], "DES"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x01], "DES"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x03], "DES"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0a], "DES"),
];

/// Refuses what is not to be opened.
pub(super) fn scan(file: &[u8]) -> Result<(), ImportFault> {
    let mut reader = Reader { nodes: 0 };
    let (root, used) = reader.node(file, 0).ok_or(ImportFault::Unreadable)?;
    if used != file.len() || root.tag != SEQUENCE {
        return Err(ImportFault::Unreadable);
    }
    let mut left = MOST_ROUNDS;
    judge(&root, &mut left)
}

/// One element: what lies inside, or its content octets.
struct Node {
    tag: u8,
    children: Vec<Node>,
    content: Vec<u8>,
}

struct Reader {
    nodes: usize,
}

impl Reader {
    /// The element at the beginning, and how many octets it takes; none when it is malformed or beyond the budget.
    fn node(&mut self, bytes: &[u8], depth: usize) -> Option<(Node, usize)> {
        self.nodes += 1;
        let &tag = bytes.first()?;
        if self.nodes > MOST_NODES || depth > MOST_DEPTH || tag & 0x1f == 0x1f {
            return None;
        }
        let (length, header) = length(bytes)?;
        let is_constructed = tag & CONSTRUCTED != 0;
        let (children, content, used) = match length {
            Some(length) => {
                let content = bytes.get(header..header.checked_add(length)?)?;
                let children = if is_constructed { self.all(content, depth)? } else { Vec::new() };
                (children, content.to_vec(), header + length)
            }
            None if is_constructed => {
                let (children, used) = self.until_end(&bytes[header..], depth)?;
                (children, Vec::new(), header + used)
            }
            None => return None,
        };
        let mut node = Node { tag, children, content };
        self.look_inside(&mut node, depth);
        Some((node, used))
    }

    fn all(&mut self, mut content: &[u8], depth: usize) -> Option<Vec<Node>> {
        let mut children = Vec::new();
        while !content.is_empty() {
            let (child, used) = self.node(content, depth + 1)?;
            children.push(child);
            content = &content[used..];
        }
        Some(children)
    }

    fn until_end(&mut self, content: &[u8], depth: usize) -> Option<(Vec<Node>, usize)> {
        let (mut children, mut at) = (Vec::new(), 0);
        while content.get(at..at + 2)? != [0, 0] {
            let (child, used) = self.node(&content[at..], depth + 1)?;
            children.push(child);
            at += used;
        }
        Some((children, at + 2))
    }

    /// Octets that hold an encoding themselves, in one piece or several (X.690 section 8.7).
    fn look_inside(&mut self, node: &mut Node, depth: usize) {
        if node.tag & !CONSTRUCTED != OCTETS {
            return;
        }
        if node.tag & CONSTRUCTED != 0 {
            node.content = node.children.iter().flat_map(|piece| piece.content.iter().copied()).collect();
        }
        let inner = std::mem::take(&mut node.content);
        if inner.first() == Some(&SEQUENCE)
            && let Some((child, _)) = self.node(&inner, depth + 1)
        {
            node.children.push(child);
        }
        node.content = inner;
    }
}

/// The length, none when it is indefinite, and how many octets tag and length take.
fn length(bytes: &[u8]) -> Option<(Option<usize>, usize)> {
    match *bytes.get(1)? {
        0x80 => Some((None, 2)),
        short @ 0..=0x7f => Some((Some(short.into()), 2)),
        long => {
            let count = usize::from(long & 0x7f);
            let octets = bytes.get(2..2 + count).filter(|_| count <= 4)?;
            Some((Some(octets.iter().fold(0, |sum, octet| sum << 8 | usize::from(*octet))), 2 + count))
        }
    }
}

/// `left` is what remains of the rounds that the whole file may ask for.
fn judge(node: &Node, left: &mut u64) -> Result<(), ImportFault> {
    if node.tag == OBJECT_IDENTIFIER
        && let Some((_, method)) = OLD.iter().find(|(identifier, _)| *identifier == node.content)
    {
        return Err(ImportFault::OldEncryption { method });
    }
    for rounds in rounds(node) {
        let after = rounds.and_then(|rounds| left.checked_sub(rounds));
        *left = after.ok_or(ImportFault::TooManyRounds { limit: MOST_ROUNDS })?;
    }
    node.children.iter().try_for_each(|child| judge(child, left))
}

/// The rounds that an element asks for: an algorithm that stretches a passphrase, or the integrity check's (RFC 7292 section 4).
fn rounds(node: &Node) -> Vec<Option<u64>> {
    let numbers = |node: &Node| node.children.iter().filter(|one| one.tag == INTEGER).map(|one| number(&one.content)).collect();
    match node.children.as_slice() {
        [algorithm, parameters, ..] if algorithm.tag == OBJECT_IDENTIFIER && stretches(&algorithm.content) => numbers(parameters),
        [digest, salt, rounds] if digest.tag == SEQUENCE && salt.tag & !CONSTRUCTED == OCTETS && rounds.tag == INTEGER => {
            vec![number(&rounds.content)]
        }
        _ => Vec::new(),
    }
}

fn stretches(identifier: &[u8]) -> bool {
    identifier == PBKDF2 || identifier.starts_with(PKCS12_PBE)
}

/// An unsigned number; none when it is negative or does not fit.
fn number(octets: &[u8]) -> Option<u64> {
    let significant = octets.iter().position(|octet| *octet != 0).map_or(&[][..], |first| &octets[first..]);
    let negative = octets.first().is_some_and(|octet| octet & 0x80 != 0);
    (!negative && significant.len() <= 8).then(|| significant.iter().fold(0, |sum, octet| sum << 8 | u64::from(*octet)))
}
