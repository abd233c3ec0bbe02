//! Reads what was typed of documents and birth dates, all faults at once, and judges it. Only what suffices becomes [`Examined`].

use super::{
    judge::{Case, judge},
    model::{Channel, Document, DocumentKind, DocumentRule, Expiry, Lack, MOST_DOCUMENTS, Outcome, Presented, YOUNGEST},
};
use crate::platform::{day::Day, fault::FieldFault, limits, secret::Secret, text};

/// The digits of a CPR number.
const CPR_DIGITS: usize = 10;
/// No document's number is longer.
const NUMBER_CHARACTERS: usize = 40;
/// Nobody is older.
const OLDEST: i16 = 130;

/// Documents that suffice, with what they lead to.
#[derive(Clone)]
pub struct Examined {
    pub(super) channel: Channel,
    pub(super) birth: Day,
    pub(super) outcome: Outcome,
    pub(super) documents: Vec<(Document, Option<Secret<String>>)>,
}

/// Why documents are refused.
#[derive(Clone, Debug)]
pub struct Refused {
    /// Each fault with its field.
    pub faults: Vec<FieldFault>,
    /// Whether all could be read, and did not suffice.
    pub judged: bool,
}

impl Examined {
    /// What they lead to.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }
}

/// Reads and judges.
///
/// # Errors
/// Every field that cannot be read; when all can, what lacks.
pub fn examine(channel: Channel, birth_date: &str, presented: &[Presented], today: Day) -> Result<Examined, Refused> {
    let mut faults = Vec::new();
    let birth = birth(birth_date, today).map_err(|fault| faults.push(fault));
    if presented.len() > MOST_DOCUMENTS {
        faults.push(FieldFault::new("documents", "field_many").with("most", MOST_DOCUMENTS));
    }
    let mut documents = Vec::new();
    for (place, one) in presented.iter().take(MOST_DOCUMENTS).enumerate() {
        match document(one, today) {
            Ok(read) => documents.push(read),
            Err(wrong) => {
                faults.extend(wrong.into_iter().map(|fault| FieldFault { field: format!("documents/{place}/{}", fault.field), ..fault }))
            }
        }
    }
    let (Ok(birth), true) = (birth, faults.is_empty()) else { return Err(Refused { faults, judged: false }) };
    let case = Case { channel, birth, documents: documents.iter().map(|(document, _)| document.clone()).collect() };
    let outcome = judge(&case, today).map_err(|lacks| Refused { faults: lacks.iter().map(Lack::fault).collect(), judged: true })?;
    Ok(Examined { channel, birth, outcome, documents })
}

/// A birth date of somebody who may have a signature, whoever vouches.
///
/// # Errors
/// The fault of the field `birth_date`.
pub fn birth_of_age(typed: &str, today: Day) -> Result<Day, FieldFault> {
    let birth = birth(typed, today)?;
    if birth.years_until(today) < YOUNGEST {
        return Err(FieldFault::new("birth_date", "field_proofing_young").with("years", YOUNGEST));
    }
    Ok(birth)
}

fn birth(typed: &str, today: Day) -> Result<Day, FieldFault> {
    let birth = day("birth_date", typed)?.ok_or_else(|| FieldFault::new("birth_date", "field_empty"))?;
    if birth > today || birth.years_until(today) > OLDEST {
        return Err(FieldFault::new("birth_date", "field_birth_date"));
    }
    Ok(birth)
}

/// A day, or nothing when nothing was typed.
fn day(field: &'static str, typed: &str) -> Result<Option<Day>, FieldFault> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    Day::parse(typed).map(Some).ok_or_else(|| FieldFault::new(field, "field_day"))
}

fn document(one: &Presented, today: Day) -> Result<(Document, Option<Secret<String>>), Vec<FieldFault>> {
    let Some(kind) = DocumentKind::of(one.kind.trim()) else { return Err(vec![FieldFault::new("kind", "field_choice")]) };
    let rule = DocumentRule::of(kind);
    let mut faults = Vec::new();
    let country = country(&one.country).map_err(|fault| faults.push(fault)).unwrap_or_default();
    let issuer = text::line(&one.issuer, limits::LINE_CHARACTERS)
        .map_err(|fault| faults.push(FieldFault::text("issuer", fault)))
        .unwrap_or_default();
    if holds_a_cpr_number(&issuer) {
        faults.push(FieldFault::new("issuer", "field_issuer_cpr"));
    }
    let permit = Some(one.permit.trim().to_uppercase()).filter(|_| !rule.permits.is_empty());
    let mut read = |field, typed: &str| day(field, typed).map_err(|fault| faults.push(fault)).unwrap_or_default();
    let (issued, expires) = (read("issued", &one.issued), read("expires", &one.expires));
    if rule.months.is_some() && one.issued.trim().is_empty() {
        faults.push(FieldFault::new("issued", "field_empty"));
    }
    if issued.is_some_and(|issued| issued > today) {
        faults.push(FieldFault::new("issued", "field_future"));
    }
    if rule.expiry == Expiry::Always && one.expires.trim().is_empty() {
        faults.push(FieldFault::new("expires", "field_empty"));
    }
    let number = number(rule, one.number.as_ref()).map_err(|fault| faults.push(fault)).unwrap_or_default();
    let (issued, expires) = (issued.filter(|_| rule.months.is_some()), expires.filter(|_| rule.expiry != Expiry::Never));
    if faults.is_empty() { Ok((Document { kind, country, issuer, permit, issued, expires }, number)) } else { Err(faults) }
}

fn country(typed: &str) -> Result<String, FieldFault> {
    let code = typed.trim().to_ascii_uppercase();
    match code.len() {
        0 => Ok("DK".to_owned()),
        2 if code.bytes().all(|byte| byte.is_ascii_uppercase()) => Ok(code),
        _ => Err(FieldFault::new("country", "field_country")),
    }
}

/// Letters and digits alone, in capitals, so that the same number is always the same.
fn number(rule: &DocumentRule, typed: Option<&Secret<String>>) -> Result<Option<Secret<String>>, FieldFault> {
    let fault = |rule| Err(FieldFault::new("number", rule));
    let bare = Secret::new(typed.map(|typed| typed.reveal().as_str()).unwrap_or_default().replace([' ', '-', '.'], "").to_uppercase());
    match bare.reveal() {
        empty if empty.is_empty() && rule.numbered => fault("field_empty"),
        empty if empty.is_empty() => Ok(None),
        _ if !rule.numbered => fault("field_document_number_needless"),
        long if long.chars().count() > NUMBER_CHARACTERS => {
            Err(FieldFault::new("number", "field_long").with("length", long.chars().count()).with("most", NUMBER_CHARACTERS))
        }
        cpr if looks_like_a_cpr_number(cpr) => fault("field_document_number_cpr"),
        signs if !signs.bytes().all(|byte| byte.is_ascii_alphanumeric()) => fault("field_document_number"),
        _ => Ok(Some(bare.clone())),
    }
}

/// Ten digits that begin with a day, or with one that 60 was added to: so begin the numbers of those who are not registered.
fn looks_like_a_cpr_number(bare: &str) -> bool {
    let digits = bare.len() == CPR_DIGITS && bare.bytes().all(|byte| byte.is_ascii_digit());
    let (Some(day), Some(month)) = (bare.get(..2).and_then(|day| day.parse::<u8>().ok()), bare.get(2..4)) else { return false };
    let day = if day > 60 { day - 60 } else { day };
    digits && Day::parse(&format!("2000-{month}-{day:02}")).is_some()
}

/// Whether one stands somewhere in a line.
fn holds_a_cpr_number(line: &str) -> bool {
    let bare = line.replace([' ', '-', '.'], "");
    bare.split(|sign: char| !sign.is_ascii_digit()).any(looks_like_a_cpr_number)
}
