//! Judges documents by the table, and does nothing else: no rows, no clock.

use super::model::{Channel, Country, Document, DocumentKind, DocumentRule, Lack, OTHERS, Outcome, Reason, Weight, YOUNGEST};
use crate::platform::{day::Day, fault::FieldFault};

/// What somebody shows, and where.
#[derive(Clone, Debug)]
pub struct Case {
    /// Where.
    pub channel: Channel,
    /// When the person was born.
    pub birth: Day,
    /// What is shown.
    pub documents: Vec<Document>,
}

/// Judges: the key card is handed over at once, goes by post, or is refused with everything that lacks. A document that does not count spoils
/// nothing: what else is shown may suffice.
///
/// # Errors
/// What lacks, first what is about single documents.
pub fn judge(case: &Case, today: Day) -> Result<Outcome, Vec<Lack>> {
    let mut lacks: Vec<Lack> = Vec::new();
    let mut counted: Vec<DocumentKind> = Vec::new();
    for (place, document) in case.documents.iter().enumerate() {
        match standing(document, case.channel, today) {
            Some(reason) => lacks.push(Lack { document: Some(place), reason }),
            None if counted.contains(&document.kind) => lacks.push(Lack { document: Some(place), reason: Reason::SameKind }),
            None => counted.push(document.kind),
        }
    }
    if case.birth.years_until(today) < YOUNGEST {
        lacks.push(Lack { document: None, reason: Reason::Young });
        return Err(lacks);
    }
    let of = |weight: Weight| counted.iter().filter(|kind| DocumentRule::of(**kind).weight == weight).count();
    if of(Weight::Photo) > 0 {
        return Ok(Outcome::HandedOver);
    }
    let (required, others) = (of(Weight::Required), of(Weight::Required) + of(Weight::Other));
    let reason = match case.channel {
        Channel::Company | Channel::Online => Reason::Photo(case.channel),
        Channel::Desk if others < OTHERS => Reason::TooFew(OTHERS - others),
        Channel::Desk if required == 0 => Reason::NoRequired,
        Channel::Desk => return Ok(Outcome::ByPost),
    };
    lacks.push(Lack { document: None, reason });
    Err(lacks)
}

/// Why a document does not count; nothing when it does.
fn standing(document: &Document, channel: Channel, today: Day) -> Option<Reason> {
    let rule = DocumentRule::of(document.kind);
    let Some(country) = rule.taken_by(channel) else { return Some(Reason::Channel(channel)) };
    if !country.includes(&document.country) {
        return Some(Reason::Country(country));
    }
    if !rule.permits.is_empty() && !document.permit.as_deref().is_some_and(|permit| rule.permits.contains(&permit)) {
        return Some(Reason::Permit);
    }
    if let Some(expires) = document.expires.filter(|expires| *expires < today) {
        return Some(Reason::Expired(expires));
    }
    match (rule.months, document.issued) {
        (Some(months), Some(issued)) if issued.months_later(months) < today => Some(Reason::Old(months)),
        _ => None,
    }
}

impl Lack {
    /// The field that it is about, and its sentence in both languages.
    pub fn fault(&self) -> FieldFault {
        let about = |field: &str| match self.document {
            Some(place) => format!("documents/{place}/{field}"),
            None => "documents".to_owned(),
        };
        match self.reason {
            Reason::Channel(Channel::Company) => FieldFault::new(about("kind"), "field_proofing_company"),
            Reason::Channel(Channel::Desk) => FieldFault::new(about("kind"), "field_proofing_desk"),
            Reason::Channel(Channel::Online) => FieldFault::new(about("kind"), "field_proofing_online"),
            Reason::Country(Country::Any | Country::Denmark) => FieldFault::new(about("country"), "field_proofing_denmark"),
            Reason::Country(Country::Eea) => FieldFault::new(about("country"), "field_proofing_eea"),
            Reason::Expired(day) => FieldFault::new(about("expires"), "field_proofing_expired").with("day", day),
            Reason::NoRequired => FieldFault::new(about(""), "field_proofing_required"),
            Reason::Old(months) => FieldFault::new(about("issued"), "field_proofing_old").with("months", months),
            Reason::Permit => FieldFault::new(about("permit"), "field_proofing_permit"),
            Reason::Photo(Channel::Online) => FieldFault::new(about(""), "field_proofing_photo_online"),
            Reason::Photo(Channel::Company | Channel::Desk) => FieldFault::new(about(""), "field_proofing_photo"),
            Reason::SameKind => FieldFault::new(about("kind"), "field_proofing_same_kind"),
            Reason::TooFew(missing) => FieldFault::new(about(""), "field_proofing_few").with("missing", missing),
            Reason::Young => FieldFault::new("birth_date", "field_proofing_young").with("years", YOUNGEST),
        }
    }
}
