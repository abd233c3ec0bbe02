//! Tokens and values (section 7.3), with bounded nesting. `None` is malformed input.

use super::object::{Dictionary, Entry, Id, Item, Value};

const MAXIMUM_DEPTH: usize = 64;
/// How many values one object may have: each takes many times the two bytes that spell the smallest.
const MAXIMUM_ITEMS: usize = 1_000_000;

pub(crate) struct Parser<'a> {
    bytes: &'a [u8],
    pub at: usize,
    depth: usize,
    items: usize,
}

pub(crate) fn is_whitespace(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

fn is_regular(byte: u8) -> bool {
    !is_whitespace(byte) && !is_delimiter(byte)
}

impl<'a> Parser<'a> {
    pub fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, depth: 0, items: 0 }
    }

    pub fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Skips white space and comments.
    pub fn skip(&mut self) {
        while let Some(byte) = self.peek() {
            if byte == b'%' {
                while self.peek().is_some_and(|byte| byte != b'\n' && byte != b'\r') {
                    self.at += 1;
                }
            } else if is_whitespace(byte) {
                self.at += 1;
            } else {
                return;
            }
        }
    }

    /// Takes this keyword if it comes next, as a whole word.
    pub fn keyword(&mut self, word: &[u8]) -> Option<()> {
        self.skip();
        let next = self.rest().strip_prefix(word)?.first();
        if next.is_some_and(|byte| is_regular(*byte)) {
            return None;
        }
        self.at += word.len();
        Some(())
    }

    /// An unsigned integer of at most 19 digits.
    pub fn unsigned(&mut self) -> Option<u64> {
        self.skip();
        let digits = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        let text = std::str::from_utf8(self.rest().get(..digits)?).ok()?;
        let number = text.parse::<u64>().ok()?;
        self.at += digits;
        Some(number)
    }

    /// The head of an indirect object, `12 0 obj`.
    pub fn object_head(&mut self) -> Option<Id> {
        let number = u32::try_from(self.unsigned()?).ok()?;
        let generation = u16::try_from(self.unsigned()?).ok()?;
        self.skip();
        // `12 0 obj<<` is common, and so is `12 0 obj5`, so the word need not end here.
        self.rest().strip_prefix(b"obj")?;
        self.at += 3;
        Some(Id { number, generation })
    }

    pub fn item(&mut self) -> Option<Item> {
        self.skip();
        if self.depth >= MAXIMUM_DEPTH || self.items >= MAXIMUM_ITEMS {
            return None;
        }
        self.items += 1;
        self.depth += 1;
        let start = self.at;
        let value = self.value();
        self.depth -= 1;
        Some(Item { value: value?, span: start..self.at })
    }

    fn value(&mut self) -> Option<Value> {
        let rest = self.rest();
        match *rest.first()? {
            b'/' => self.name().map(Value::Name),
            b'(' => self.literal_text().map(Value::Text),
            b'<' if rest.get(1) == Some(&b'<') => self.dictionary().map(Value::Dictionary),
            b'<' => self.hexadecimal_text().map(Value::Text),
            b'[' => self.array().map(Value::Array),
            b'0'..=b'9' => self.reference().or_else(|| self.number()),
            b'+' | b'-' | b'.' => self.number(),
            b't' => self.keyword(b"true").map(|()| Value::Boolean(true)),
            b'f' => self.keyword(b"false").map(|()| Value::Boolean(false)),
            b'n' => self.keyword(b"null").map(|()| Value::Null),
            _ => None,
        }
    }

    fn reference(&mut self) -> Option<Value> {
        let start = self.at;
        let found = self.try_reference();
        if found.is_none() {
            self.at = start;
        }
        found.map(Value::Reference)
    }

    fn try_reference(&mut self) -> Option<Id> {
        let number = u32::try_from(self.unsigned()?).ok()?;
        if !self.peek().is_some_and(is_whitespace) {
            return None;
        }
        let generation = u16::try_from(self.unsigned()?).ok()?;
        self.keyword(b"R")?;
        Some(Id { number, generation })
    }

    fn number(&mut self) -> Option<Value> {
        let length = self.rest().iter().take_while(|byte| is_regular(**byte)).count();
        let text = std::str::from_utf8(self.rest().get(..length)?).ok()?;
        let value = match text.parse::<i64>() {
            Ok(number) => Value::Integer(number),
            Err(_) if text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.')) => {
                // Producers write `--5` and `5.-3`: not numbers, but each a value of its own.
                let spelled = || text.bytes().fold(0.0, |sum: f64, byte| sum.mul_add(257.0, f64::from(byte)));
                Value::Real(text.parse::<f64>().unwrap_or_else(|_| -spelled()))
            }
            Err(_) => return None,
        };
        self.at += length;
        Some(value)
    }

    fn name(&mut self) -> Option<Vec<u8>> {
        self.at += 1;
        let length = self.rest().iter().take_while(|byte| is_regular(**byte)).count();
        let raw = self.rest().get(..length)?;
        self.at += length;
        let (mut name, mut at) = (Vec::with_capacity(length), 0);
        while let Some(&byte) = raw.get(at) {
            let escaped = raw.get(at + 1..at + 3).filter(|_| byte == b'#').and_then(hexadecimal_pair);
            name.push(escaped.unwrap_or(byte));
            at += if escaped.is_some() { 3 } else { 1 };
        }
        Some(name)
    }

    fn array(&mut self) -> Option<Vec<Item>> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip();
            if self.peek()? == b']' {
                self.at += 1;
                return Some(items);
            }
            items.push(self.item()?);
        }
    }

    fn dictionary(&mut self) -> Option<Dictionary> {
        self.at += 2;
        let mut entries = Vec::new();
        loop {
            self.skip();
            if self.rest().starts_with(b">>") {
                self.at += 2;
                return Some(Dictionary { entries });
            }
            if self.peek()? != b'/' {
                return None;
            }
            let name_start = self.at;
            let name = self.name()?;
            entries.push(Entry { name, name_start, item: self.item()? });
        }
    }

    fn hexadecimal_text(&mut self) -> Option<Vec<u8>> {
        self.at += 1;
        let length = self.rest().iter().position(|byte| *byte == b'>')?;
        let mut digits: Vec<u8> = self.rest().get(..length)?.iter().copied().filter(|byte| !is_whitespace(*byte)).collect();
        self.at += length + 1;
        if digits.len() % 2 == 1 {
            digits.push(b'0');
        }
        digits.chunks_exact(2).map(hexadecimal_pair).collect()
    }

    fn literal_text(&mut self) -> Option<Vec<u8>> {
        self.at += 1;
        let (mut text, mut open) = (Vec::new(), 1_usize);
        loop {
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b'(' => open += 1,
                b')' => open -= 1,
                b'\\' => {
                    text.extend(self.escape()?);
                    continue;
                }
                _ => {}
            }
            if open == 0 {
                return Some(text);
            }
            text.push(byte);
        }
    }

    /// What follows a backslash (section 7.3.4.2, table 3).
    fn escape(&mut self) -> Option<Option<u8>> {
        let byte = self.peek()?;
        self.at += 1;
        Some(match byte {
            b'n' => Some(b'\n'),
            b'r' => Some(b'\r'),
            b't' => Some(b'\t'),
            b'b' => Some(8),
            b'f' => Some(12),
            b'\n' => None,
            b'\r' => {
                if self.peek() == Some(b'\n') {
                    self.at += 1;
                }
                None
            }
            b'0'..=b'7' => {
                let mut code = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else {
                        break;
                    };
                    code = code * 8 + u32::from(digit - b'0');
                    self.at += 1;
                }
                Some(code.to_le_bytes()[0])
            }
            other => Some(other),
        })
    }
}

fn hexadecimal_pair(pair: &[u8]) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()
}
