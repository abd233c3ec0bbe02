//! What was changed after a signature: objects of the signed revision against objects of the whole file.
//!
//! Only what is known to be harmless is passed: further signatures, and evidence for them. Everything else is named.

use super::PdfError;
use super::form::{self, Field};
use super::mentions::Mentions;
use super::pdf::document::Document;
use super::pdf::object::{Dictionary, Id, Object, Source, Value};
use super::pdf::xref::Location;
use std::collections::{BTreeMap, BTreeSet};

/// The most changed objects that are looked at.
const MAXIMUM_CHANGED: usize = 200_000;

/// What happened to a document after a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangesAfter {
    /// Nothing.
    None,
    /// Further signatures, perhaps with evidence for them.
    OnlySignatures,
    /// Certificates, revocation answers and document time stamps (DSS, EN 319 142-1 section 5.4).
    OnlyValidationData,
    /// Something else, each named.
    Other(Vec<Change>),
    /// The signature does not say what it covers, so nothing can be compared.
    Unknown,
}

/// A change that a later signature does not explain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// An annotation that is not of a signature.
    Annotation {
        /// Its object, or the page's.
        number: u32,
    },
    /// The document catalog: this key.
    Catalog {
        /// The key.
        key: String,
    },
    /// A number that the signed revision referred to without an object now has one.
    DanglingReferenceFilled {
        /// The object.
        number: u32,
    },
    /// The title, author and the like.
    DocumentInformation,
    /// A field of the form that is not a signature, or the form itself.
    FormField {
        /// The object.
        number: u32,
    },
    /// The metadata.
    Metadata {
        /// The object.
        number: u32,
    },
    /// Another object: content, fonts, images, structure.
    Object {
        /// The object.
        number: u32,
    },
    /// A page or the tree of pages.
    Page {
        /// The object.
        number: u32,
    },
    /// An object was taken away.
    Removed {
        /// The object.
        number: u32,
    },
    /// Another catalog takes the place of the signed one.
    Root,
    /// A signed field got another value.
    SignatureReplaced {
        /// The field's object.
        number: u32,
    },
    /// More changes than are compared.
    TooMany,
    /// Bytes follow that belong to no revision.
    TrailingBytes,
    /// The later revisions or an object in them cannot be read.
    Unreadable,
    /// A signature field that nobody signed, yet shows something.
    VisibleUnsignedField {
        /// The field's object.
        number: u32,
    },
}

impl Change {
    /// Whether it can alter what a reader shows; data about the document does not.
    #[must_use]
    pub fn is_visible(&self) -> bool {
        !matches!(self, Self::DocumentInformation | Self::Metadata { .. })
    }
}

impl ChangesAfter {
    /// Whether the pages are surely shown as they were signed, but for the widgets of later signatures.
    #[must_use]
    pub fn leaves_pages_alone(&self) -> bool {
        match self {
            Self::None | Self::OnlySignatures | Self::OnlyValidationData => true,
            Self::Other(changes) => !changes.iter().any(Change::is_visible),
            Self::Unknown => false,
        }
    }
}

/// The changes after the revision that ends at `end`; `None` when that revision does not contain this signature.
pub(super) fn after<'a>(document: &Document<'a>, end: usize, field: &Field<'a>, mentions: &Mentions) -> Option<ChangesAfter> {
    let revision = document.revision(end).ok()?;
    let signed_fields = form::fields(&revision).ok()?;
    let contained = signed_fields.iter().any(|signed| is_same_signature(signed, field));
    if !contained {
        return None;
    }
    let rest = document.bytes.get(end..)?;
    if rest.iter().all(|byte| super::pdf::parser::is_whitespace(*byte)) {
        return Some(ChangesAfter::None);
    }
    Some(Comparison::run(&revision, document, &signed_fields, mentions).unwrap_or_else(|_| ChangesAfter::Other(vec![Change::Unreadable])))
}

fn is_same_signature(signed: &Field<'_>, field: &Field<'_>) -> bool {
    let (Some(one), Some(two)) = (&signed.value, &field.value) else {
        return false;
    };
    signed.name == field.name && one.in_file() && two.in_file() && one.item.span == two.item.span
}

struct Comparison<'a, 'd> {
    old: &'d Document<'a>,
    new: &'d Document<'a>,
    mentions: &'d Mentions,
    /// Objects whose changes are explained.
    explained: BTreeSet<u32>,
    /// Fields and widgets of new signatures.
    new_widgets: BTreeSet<Id>,
    found: BTreeSet<Change>,
    has_signatures: bool,
    has_evidence: bool,
}

impl<'a, 'd> Comparison<'a, 'd> {
    fn run(
        old: &'d Document<'a>,
        new: &'d Document<'a>,
        old_fields: &[Field<'a>],
        mentions: &'d Mentions,
    ) -> Result<ChangesAfter, PdfError> {
        let mut comparison = Self {
            old,
            new,
            mentions,
            explained: BTreeSet::new(),
            new_widgets: BTreeSet::new(),
            found: BTreeSet::new(),
            has_signatures: false,
            has_evidence: false,
        };
        let end = old.bytes.len();
        if new.newest()?.position < end {
            return Ok(ChangesAfter::Other(vec![Change::TrailingBytes]));
        }
        let changed = comparison.changed()?;
        if changed.len() > MAXIMUM_CHANGED {
            return Ok(ChangesAfter::Other(vec![Change::TooMany]));
        }
        comparison.fields(old_fields)?;
        comparison.catalog()?;
        comparison.information()?;
        for number in &changed {
            comparison.object(*number)?;
        }
        comparison.dangling(&changed)?;
        Ok(comparison.verdict())
    }

    fn verdict(self) -> ChangesAfter {
        if !self.found.is_empty() {
            ChangesAfter::Other(self.found.into_iter().collect())
        } else if self.has_signatures {
            ChangesAfter::OnlySignatures
        } else if self.has_evidence {
            ChangesAfter::OnlyValidationData
        } else {
            ChangesAfter::None
        }
    }

    /// The objects of the signed revision that mean something else now.
    fn changed(&self) -> Result<Vec<u32>, PdfError> {
        let mut changed = Vec::new();
        for (number, old) in &self.old.chain.locations {
            if *old == Location::Free || self.is_in_place(*number, *old) {
                continue;
            }
            let (before, after) = (self.old.load_number(*number)?, self.new.load_number(*number)?);
            if !is_same(before.as_ref(), after.as_ref()) {
                changed.push(*number);
            }
        }
        Ok(changed)
    }

    fn is_in_place(&self, number: u32, old: Location) -> bool {
        let now = self.new.chain.locations.get(&number);
        let container_stays = match old {
            Location::Inside { stream, .. } => self.new.chain.locations.get(&stream) == self.old.chain.locations.get(&stream),
            Location::At { .. } | Location::Free => true,
        };
        now == Some(&old) && container_stays
    }

    /// New signature fields, and empty ones that were signed.
    fn fields(&mut self, old_fields: &[Field<'a>]) -> Result<(), PdfError> {
        let known: BTreeMap<Option<Id>, &Field<'a>> = old_fields.iter().map(|field| (field.object.id, field)).collect();
        for field in form::fields(self.new)? {
            let Some(id) = field.object.id else { continue };
            match known.get(&Some(id)) {
                Some(old) => self.known_field(id, old, &field),
                None => self.new_field(id, &field)?,
            }
        }
        Ok(())
    }

    fn known_field(&mut self, id: Id, old: &Field<'a>, new: &Field<'a>) {
        if !old.is_signature {
            return;
        }
        match (&old.value, &new.value) {
            (None, Some(value)) => {
                let allowed: [&[u8]; 5] = [b"V", b"AP", b"AS", b"M", b"MK"];
                if differ_only_in(old.object.dictionary(), new.object.dictionary(), &allowed) {
                    self.explained.insert(id.number);
                    self.note_signature(value);
                }
            }
            (Some(before), after) => {
                if !is_same(Some(before), after.as_ref()) {
                    self.found.insert(Change::SignatureReplaced { number: id.number });
                }
            }
            (None, None) => {}
        }
    }

    fn new_field(&mut self, id: Id, field: &Field<'a>) -> Result<(), PdfError> {
        if !field.is_signature || !self.is_new(id.number) {
            self.found.insert(Change::FormField { number: id.number });
            return Ok(());
        }
        let shows = field.object.dictionary().is_some_and(|dictionary| dictionary.has(b"AP"));
        match &field.value {
            Some(value) => self.note_signature(value),
            None if shows => {
                self.found.insert(Change::VisibleUnsignedField { number: id.number });
            }
            None => self.has_signatures = true,
        }
        self.new_widgets.insert(id);
        if let Some(kids) = self.new.get(&field.object, b"Kids")? {
            let widgets = kids.item.value.array().unwrap_or_default().iter().filter_map(|item| item.value.reference());
            let new: Vec<Id> = widgets.filter(|id| self.is_new(id.number)).collect();
            self.new_widgets.extend(new);
        }
        Ok(())
    }

    fn note_signature(&mut self, value: &Object<'a>) {
        let is_stamp = value.dictionary().is_some_and(|value| value.name(b"Type") == Some(b"DocTimeStamp"));
        if is_stamp {
            self.has_evidence = true;
        } else {
            self.has_signatures = true;
        }
    }

    fn is_new(&self, number: u32) -> bool {
        !matches!(self.old.chain.locations.get(&number), Some(Location::At { .. } | Location::Inside { .. }))
    }

    /// The catalog may get a form, a DSS and the extension that says so.
    fn catalog(&mut self) -> Result<(), PdfError> {
        let root = self.old.root()?;
        if self.new.root()? != root {
            self.found.insert(Change::Root);
            return Ok(());
        }
        let (old, new) = (self.old.catalog()?, self.new.catalog()?);
        self.explained.insert(root.number);
        let differences = match (old.dictionary(), new.dictionary()) {
            (Some(one), Some(two)) => one.differences(two),
            (None, _) | (_, None) => {
                return Err(PdfError::Malformed { number: root.number });
            }
        };
        for key in differences {
            match key.as_slice() {
                b"AcroForm" | b"Extensions" => {}
                b"DSS" => self.has_evidence = true,
                // Other tools write down here who changed the file last; what a reader shows does not come from it.
                b"Metadata" => {
                    self.found.insert(Change::Metadata { number: root.number });
                }
                b"Version" if new.dictionary().and_then(|catalog| catalog.name(b"Version")).is_some() => {}
                other => {
                    self.found.insert(Change::Catalog { key: String::from_utf8_lossy(other).into_owned() });
                }
            }
        }
        self.form(&old, &new)?;
        self.evidence(&old, &new)
    }

    /// The form may get more fields at its end, and say that there are signatures.
    fn form(&mut self, old: &Object<'a>, new: &Object<'a>) -> Result<(), PdfError> {
        let number = self.old.root()?.number;
        let (before, after) = (self.old.get(old, b"AcroForm")?, self.new.get(new, b"AcroForm")?);
        let (before, after) = match (before, after) {
            (None, None | Some(_)) => return Ok(()),
            (Some(_), None) => {
                self.found.insert(Change::FormField { number });
                return Ok(());
            }
            (Some(before), Some(after)) => (before, after),
        };
        // pyHanko takes /NeedAppearances away; set to true it would change what fields show.
        let regenerates = self.new.get(&after, b"NeedAppearances")?.is_some_and(|flag| flag.item.value.same(&Value::Boolean(true)));
        let was_regenerated = self.old.get(&before, b"NeedAppearances")?.is_some_and(|flag| flag.item.value.same(&Value::Boolean(true)));
        let allowed: [&[u8]; 3] = [b"Fields", b"SigFlags", b"NeedAppearances"];
        if differ_only_in(before.dictionary(), after.dictionary(), &allowed) && (was_regenerated || !regenerates) {
            self.explained.extend(before.id.map(|id| id.number));
        } else {
            self.found.insert(Change::FormField { number: before.id.map_or(number, |id| id.number) });
        }
        let (before, after) = (self.old.get(&before, b"Fields")?, self.new.get(&after, b"Fields")?);
        let listed = references(after.as_ref());
        match references(before.as_ref()).zip(listed) {
            Some((before_list, after_list)) if after_list.starts_with(&before_list) => {
                self.explain_unshared(before.and_then(|array| array.id), 1)?;
            }
            Some(_) | None => {
                self.found.insert(Change::FormField { number });
            }
        }
        Ok(())
    }

    /// The containers of the DSS may grow; what they contain is new objects.
    fn evidence(&mut self, old: &Object<'a>, new: &Object<'a>) -> Result<(), PdfError> {
        let before = containers(self.old, old)?;
        let after = containers(self.new, new)?;
        for id in before.intersection(&after) {
            self.explain_unshared(Some(*id), 1)?;
        }
        let grown = before.iter().any(|id| {
            !self.new.chain.locations.get(&id.number).is_some_and(|location| self.old.chain.locations.get(&id.number) == Some(location))
        });
        self.has_evidence |= grown;
        Ok(())
    }

    /// Explains an object's changes, if it is used just so often: what is used in a second way might show there.
    fn explain_unshared(&mut self, id: Option<Id>, uses: usize) -> Result<(), PdfError> {
        if let Some(id) = id
            && self.mentions.of(self.new, id.number)?.len() == uses
        {
            self.explained.insert(id.number);
        }
        Ok(())
    }

    /// Date and producer of the last change may be noted, title and author may not change.
    fn information(&mut self) -> Result<(), PdfError> {
        let id = |document: &Document<'a>| document.trailer(b"Info").and_then(|item| item.value.reference());
        let (before, after) = (id(self.old), id(self.new));
        let load = |document: &Document<'a>, id: Option<Id>| id.map_or(Ok(None), |id| document.load(id));
        let (old, new) = (load(self.old, before)?, load(self.new, after)?);
        if !is_same_information(old.as_ref(), new.as_ref()) {
            self.found.insert(Change::DocumentInformation);
        }
        self.explain_unshared(before.filter(|id| Some(*id) == after), 0)?;
        Ok(())
    }

    /// A changed object that is not explained yet: a page with a new signature's widget, or a change to be named.
    fn object(&mut self, number: u32) -> Result<(), PdfError> {
        if self.explained.contains(&number) {
            return Ok(());
        }
        let (Some(before), after) = (self.old.load_number(number)?, self.new.load_number(number)?) else {
            return Ok(());
        };
        let Some(after) = after else {
            self.found.insert(Change::Removed { number });
            return Ok(());
        };
        if self.has_only_new_widgets(&before, &after)? {
            return Ok(());
        }
        let is_metadata = self.is_metadata(number)?;
        let kind = |dictionary: &Dictionary| match (dictionary.name(b"Type"), dictionary.name(b"Subtype")) {
            (Some(b"Page" | b"Pages"), _) => Change::Page { number },
            (Some(b"Metadata"), _) if is_metadata => Change::Metadata { number },
            (_, Some(b"Widget")) => Change::FormField { number },
            (Some(b"Annot"), _) => Change::Annotation { number },
            _ if dictionary.has(b"FT") => Change::FormField { number },
            _ => Change::Object { number },
        };
        self.found.insert(before.dictionary().map_or(Change::Object { number }, kind));
        Ok(())
    }

    /// Whether this is the metadata of the document and nothing else.
    fn is_metadata(&self, number: u32) -> Result<bool, PdfError> {
        let catalog = self.old.catalog()?;
        let named = catalog.dictionary().and_then(|catalog| catalog.get(b"Metadata")).and_then(|item| item.value.reference());
        Ok(named.is_some_and(|id| id.number == number) && self.mentions.of(self.new, number)?.len() == 1)
    }

    /// A page, or its array of annotations, to which only widgets of new signatures were added.
    fn has_only_new_widgets(&self, before: &Object<'a>, after: &Object<'a>) -> Result<bool, PdfError> {
        if before.item.value.array().is_some() {
            return Ok(self.is_extended(Some(before), Some(after)) && self.is_annotations(before.id)?);
        }
        let (Some(old), Some(new)) = (before.dictionary(), after.dictionary()) else {
            return Ok(false);
        };
        let is_page = old.name(b"Type") == Some(b"Page") && before.stream.is_none() && after.stream.is_none();
        let tabs_kept = !old.has(b"Tabs") || !old.differences(new).contains(&b"Tabs".to_vec());
        if !is_page || !tabs_kept || !differ_only_in(Some(old), Some(new), &[b"Annots", b"Tabs"]) {
            return Ok(false);
        }
        let (old, new) = (self.old.get(before, b"Annots")?, self.new.get(after, b"Annots")?);
        Ok(self.is_extended(old.as_ref(), new.as_ref()))
    }

    fn is_extended(&self, before: Option<&Object<'a>>, after: Option<&Object<'a>>) -> bool {
        let (Some(before), Some(after)) = (references(before), references(after)) else {
            return false;
        };
        after.strip_prefix(before.as_slice()).is_some_and(|more| more.iter().all(|id| self.new_widgets.contains(id)))
    }

    /// Whether this array is the annotations of a page, in the signed revision and now.
    fn is_annotations(&self, id: Option<Id>) -> Result<bool, PdfError> {
        let Some(id) = id else { return Ok(false) };
        let [holder] = self.mentions.of(self.new, id.number)? else { return Ok(false) };
        let object = self.old.load_number(*holder)?;
        let page = object.as_ref().and_then(Object::dictionary).filter(|page| page.name(b"Type") == Some(b"Page"));
        Ok(page.and_then(|page| page.get(b"Annots")).and_then(|item| item.value.reference()) == Some(id))
    }

    /// Numbers that the signed revision knew only as references must not come to life.
    fn dangling(&mut self, changed: &[u32]) -> Result<(), PdfError> {
        let mut mentioned = BTreeSet::new();
        for holder in changed {
            if let Some(object) = self.old.load_number(*holder)? {
                mention(&object.item.value, &mut mentioned);
            }
        }
        let is_unchanged = |holder: &u32| !self.is_new(*holder) && changed.binary_search(holder).is_err();
        let mut filled = Vec::new();
        for (number, location) in &self.new.chain.locations {
            if *location == Location::Free || *number == 0 || !self.is_new(*number) {
                continue;
            }
            if mentioned.contains(number) || self.mentions.of(self.new, *number)?.iter().any(is_unchanged) {
                filled.push(Change::DanglingReferenceFilled { number: *number });
            }
        }
        self.found.extend(filled);
        Ok(())
    }
}

fn mention(value: &Value, mentioned: &mut BTreeSet<u32>) {
    match value {
        Value::Reference(id) => {
            mentioned.insert(id.number);
        }
        Value::Array(items) => items.iter().for_each(|item| mention(&item.value, mentioned)),
        Value::Dictionary(dictionary) => dictionary.entries.iter().for_each(|entry| mention(&entry.item.value, mentioned)),
        Value::Null | Value::Boolean(_) | Value::Integer(_) | Value::Real(_) | Value::Text(_) | Value::Name(_) => {}
    }
}

/// Texts may be encoded anew, date and producer be renewed.
fn is_same_information(old: Option<&Object<'_>>, new: Option<&Object<'_>>) -> bool {
    let empty = Dictionary::default();
    let (old, new) = (old.and_then(Object::dictionary).unwrap_or(&empty), new.and_then(Object::dictionary).unwrap_or(&empty));
    let text = |dictionary: &Dictionary, name: &[u8]| dictionary.get(name).and_then(|item| item.value.text()).map(form::words);
    old.differences(new).iter().all(|name| {
        let words = text(old, name);
        name == b"ModDate" || name == b"Producer" || (words.is_some() && words == text(new, name))
    })
}

/// The same meaning and the same stream data.
fn is_same(before: Option<&Object<'_>>, after: Option<&Object<'_>>) -> bool {
    match (before, after) {
        (None, None) => true,
        (Some(before), Some(after)) => data(before) == data(after) && before.item.value.same(&after.item.value),
        (Some(_), None) | (None, Some(_)) => false,
    }
}

fn data<'o>(object: &'o Object<'_>) -> Option<&'o [u8]> {
    object.stream.clone().and_then(|range| match &object.source {
        Source::File(bytes) => bytes.get(range),
        Source::Decoded(_) => None,
    })
}

fn differ_only_in(old: Option<&Dictionary>, new: Option<&Dictionary>, allowed: &[&[u8]]) -> bool {
    let (Some(old), Some(new)) = (old, new) else {
        return false;
    };
    old.differences(new).iter().all(|key| allowed.contains(&key.as_slice()))
}

/// The elements of an array of references; nothing is an empty array, anything else is `None`.
fn references(array: Option<&Object<'_>>) -> Option<Vec<Id>> {
    let Some(array) = array else {
        return Some(Vec::new());
    };
    array.item.value.array()?.iter().map(|item| item.value.reference()).collect()
}

/// The indirect dictionaries and arrays of the DSS (ISO 32000-2 section 12.8.4.3), never pages.
fn containers<'a>(document: &Document<'a>, catalog: &Object<'a>) -> Result<BTreeSet<Id>, PdfError> {
    let mut found = BTreeSet::new();
    let Some(store) = document.get(catalog, b"DSS")? else {
        return Ok(found);
    };
    let mut holders = vec![store.clone()];
    if let Some(index) = document.get(&store, b"VRI")? {
        let entries = index.dictionary().map(|index| index.entries.clone()).unwrap_or_default();
        for entry in entries {
            holders.extend(document.resolve(&index, &entry.item)?);
        }
        found.extend(index.id);
    }
    for holder in &holders {
        found.extend(holder.id);
        for key in [&b"Certs"[..], b"OCSPs", b"CRLs", b"Cert", b"OCSP", b"CRL"] {
            found.extend(document.get(holder, key)?.filter(|list| list.item.value.array().is_some()).and_then(|list| list.id));
        }
    }
    Ok(found)
}
