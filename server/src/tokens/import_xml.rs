//! Reads XML into a small tree, bounded: no document type, nothing expanded, no processing instructions, 16 elements deep.

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};
use zeroize::Zeroizing;

/// No element lies deeper.
const DEPTH: usize = 16;
/// No file has more elements.
const ELEMENTS: usize = 100_000;
/// No element has more attributes.
const ATTRIBUTES: usize = 16;

/// An element. Names are local: what the file calls its namespaces does not count.
#[derive(Default)]
pub struct Element {
    pub name: String,
    attributes: Vec<(String, String)>,
    pub text: Zeroizing<String>,
    pub children: Vec<Element>,
}

impl Element {
    /// The first child of a name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The first of each name, one below the other.
    pub fn path(&self, names: &[&str]) -> Option<&Self> {
        names.iter().try_fold(self, |element, name| element.child(name))
    }

    /// An attribute's value.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The root with everything below it.
///
/// # Errors
/// The rule that is broken.
pub fn tree(text: &str) -> Result<Element, &'static str> {
    const BROKEN: &str = "field_pskc_xml";
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let (mut open, mut root, mut elements) = (Vec::<Element>::new(), None::<Element>, 0_usize);
    loop {
        let event = reader.read_event().map_err(|_| BROKEN)?;
        match event {
            Event::Start(start) => {
                elements += 1;
                if open.len() == DEPTH || elements > ELEMENTS || root.is_some() {
                    return Err(BROKEN);
                }
                open.push(element(&start).ok_or(BROKEN)?);
            }
            Event::Empty(start) => {
                elements += 1;
                if elements > ELEMENTS {
                    return Err(BROKEN);
                }
                let alone = element(&start).ok_or(BROKEN)?;
                open.last_mut().ok_or(BROKEN)?.children.push(alone);
            }
            Event::End(_) => {
                let done = open.pop().ok_or(BROKEN)?;
                match open.last_mut() {
                    Some(parent) => parent.children.push(done),
                    None => root = Some(done),
                }
            }
            Event::Text(words) => {
                let words = words.decode().map_err(|_| BROKEN)?;
                match open.last_mut() {
                    Some(inside) => inside.text.push_str(&words),
                    None if words.trim().is_empty() => {}
                    None => return Err(BROKEN),
                }
            }
            // A manufacturer's name may hold an ampersand; nothing that counts does.
            Event::GeneralRef(name) => match (open.last_mut(), &*name) {
                (Some(inside), b"amp" | b"lt" | b"gt" | b"quot" | b"apos") => inside.text.push('?'),
                _ => return Err(BROKEN),
            },
            Event::DocType(_) => return Err("field_pskc_doctype"),
            Event::CData(_) | Event::PI(_) => return Err(BROKEN),
            Event::Comment(_) | Event::Decl(_) => {}
            Event::Eof => return root.filter(|_| open.is_empty()).ok_or(BROKEN),
        }
    }
}

fn element(start: &BytesStart<'_>) -> Option<Element> {
    let name = str::from_utf8(start.local_name().into_inner()).ok()?.to_owned();
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.ok()?;
        if attributes.len() == ATTRIBUTES {
            return None;
        }
        let key = str::from_utf8(attribute.key.local_name().into_inner()).ok()?.to_owned();
        attributes.push((key, str::from_utf8(&attribute.value).ok()?.to_owned()));
    }
    Some(Element { name, attributes, ..Element::default() })
}
