//! Values as they stand in the file, each with its span.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

/// The name of an indirect object (section 7.3.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Id {
    pub number: u32,
    pub generation: u16,
}

impl Id {
    pub fn reference(self) -> Vec<u8> {
        format!("{} {} R", self.number, self.generation).into_bytes()
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    Boolean(bool),
    Integer(i64),
    Real(f64),
    Text(Vec<u8>),
    Name(Vec<u8>),
    Array(Vec<Item>),
    Dictionary(Dictionary),
    Reference(Id),
}

/// A value and the bytes of its source that spell it.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub value: Value,
    pub span: Range<usize>,
}

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub name: Vec<u8>,
    pub name_start: usize,
    pub item: Item,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Dictionary {
    pub entries: Vec<Entry>,
}

impl Dictionary {
    /// The value of a key; of a key given twice the last one, as most readers take it.
    pub fn get(&self, name: &[u8]) -> Option<&Item> {
        self.entries.iter().rev().find(|entry| entry.name == name).map(|entry| &entry.item)
    }

    pub fn has(&self, name: &[u8]) -> bool {
        self.get(name).is_some()
    }

    pub fn integer(&self, name: &[u8]) -> Option<i64> {
        self.get(name).and_then(|item| item.value.integer())
    }

    pub fn name(&self, name: &[u8]) -> Option<&[u8]> {
        self.get(name).and_then(|item| item.value.name())
    }
}

impl Value {
    pub fn integer(&self) -> Option<i64> {
        if let Self::Integer(number) = self { Some(*number) } else { None }
    }

    fn number(&self) -> Option<f64> {
        match self {
            // Beyond 2^53 no PDF number means anything.
            Self::Integer(number) => Some(*number as f64),
            Self::Real(number) => Some(*number),
            Self::Null | Self::Boolean(_) | Self::Text(_) | Self::Name(_) | Self::Array(_) | Self::Dictionary(_) | Self::Reference(_) => {
                None
            }
        }
    }

    pub fn name(&self) -> Option<&[u8]> {
        if let Self::Name(name) = self { Some(name) } else { None }
    }

    pub fn text(&self) -> Option<&[u8]> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub fn array(&self) -> Option<&[Item]> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }

    pub fn dictionary(&self) -> Option<&Dictionary> {
        if let Self::Dictionary(dictionary) = self { Some(dictionary) } else { None }
    }

    pub fn reference(&self) -> Option<Id> {
        if let Self::Reference(id) = self { Some(*id) } else { None }
    }

    /// Whether two values mean the same, however they are spelled; references are compared by name.
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Boolean(one), Self::Boolean(two)) => one == two,
            (Self::Integer(one), Self::Integer(two)) => one == two,
            (Self::Integer(_) | Self::Real(_), Self::Integer(_) | Self::Real(_)) => self.number() == other.number(),
            (Self::Text(one), Self::Text(two)) | (Self::Name(one), Self::Name(two)) => one == two,
            (Self::Reference(one), Self::Reference(two)) => one == two,
            (Self::Array(one), Self::Array(two)) => {
                one.len() == two.len() && one.iter().zip(two).all(|(one, two)| one.value.same(&two.value))
            }
            (Self::Dictionary(one), Self::Dictionary(two)) => one.differences(two).is_empty(),
            (
                Self::Null
                | Self::Boolean(_)
                | Self::Integer(_)
                | Self::Real(_)
                | Self::Text(_)
                | Self::Name(_)
                | Self::Array(_)
                | Self::Dictionary(_)
                | Self::Reference(_),
                _,
            ) => false,
        }
    }
}

impl Dictionary {
    fn by_name(&self) -> BTreeMap<&Vec<u8>, &Value> {
        self.entries.iter().map(|entry| (&entry.name, &entry.item.value)).collect()
    }

    /// The keys that one dictionary has and the other has not, or with another meaning.
    pub fn differences(&self, other: &Self) -> Vec<Vec<u8>> {
        let (one, two) = (self.by_name(), other.by_name());
        let changed = one.iter().filter(|(name, before)| !two.get(*name).is_some_and(|after| before.same(after))).map(|(name, _)| name);
        let added = two.keys().filter(|name| !one.contains_key(*name));
        changed.chain(added).map(|name| (*name).clone()).collect()
    }
}

/// The bytes that spans refer to: the file, or a decoded object stream.
#[derive(Clone, Debug)]
pub(crate) enum Source<'a> {
    File(&'a [u8]),
    Decoded(Rc<Vec<u8>>),
}

impl Source<'_> {
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::File(bytes) => bytes,
            Self::Decoded(bytes) => bytes,
        }
    }
}

/// A value that was found, with where it was found.
#[derive(Clone, Debug)]
pub(crate) struct Object<'a> {
    /// Its own name, when it is an indirect object rather than part of one.
    pub id: Option<Id>,
    pub source: Source<'a>,
    pub item: Item,
    /// The undecoded data, when it is a stream.
    pub stream: Option<Range<usize>>,
}

impl Object<'_> {
    /// The bytes that spell it.
    pub fn raw(&self) -> &[u8] {
        self.source.bytes().get(self.item.span.clone()).unwrap_or_default()
    }

    pub fn dictionary(&self) -> Option<&Dictionary> {
        self.item.value.dictionary()
    }

    pub fn in_file(&self) -> bool {
        matches!(self.source, Source::File(_))
    }
}
