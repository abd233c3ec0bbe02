//! The public page that says which documents to bring, out of the table itself.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::{Channel, Country, Document, DocumentRule, Method, Outcome, Presented, Proofing, RULES, Weight, YOUNGEST};
use crate::{
    http::{
        page::{self, Page},
        problem::Problem,
    },
    platform::secret::Secret,
};

/// The pages.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(which_documents);
}

/// The name of a document, and what must be so of it.
pub fn described(page: &Page, rule: &DocumentRule, channel: Channel) -> String {
    let mut text = page.say(&format!("proofing.kind_{}", rule.kind.word()));
    let country = match rule.taken_by(channel) {
        Some(Country::Denmark) => Some("proofing.of_denmark"),
        Some(Country::Eea) => Some("proofing.of_eea"),
        Some(Country::Any) | None => None,
    };
    if let Some(key) = country {
        text = format!("{text} {}", page.say(key));
    }
    match rule.months {
        Some(months) => format!("{text} {}", page.with("proofing.months_old", "months", months)),
        None => text,
    }
}

/// The words for how somebody was vouched for.
pub fn how(proofing: &Proofing) -> &'static str {
    match (proofing.channel, proofing.method) {
        (Channel::Company, Method::ByLetter) => "proofing.how_company_by_letter",
        (Channel::Company, Method::InPerson) => "proofing.how_company_in_person",
        (Channel::Company, Method::Documents) => "proofing.how_company_documents",
        (Channel::Desk, _) => "proofing.how_desk_documents",
        (Channel::Online, _) => "proofing.how_online_documents",
    }
}

/// The words for how the key card travels.
pub fn outcome_words(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::ByPost => "proofing.outcome_by_post",
        Outcome::HandedOver => "proofing.outcome_handed_over",
        Outcome::Vouched => "proofing.outcome_vouched",
    }
}

/// A document in a line: what it is, who issued it, until when it holds.
pub fn shown(page: &Page, document: &Document) -> String {
    let name = page.say(&format!("proofing.kind_{}", document.kind.word()));
    let line = format!("{name}, {} ({})", document.issuer, document.country);
    match document.expires {
        Some(day) => format!("{line}, {}", page.with("proofing.expires_short", "day", day)),
        None => line,
    }
}

/// The name of a document's field.
pub fn field(place: usize, name: &str) -> String {
    format!("documents/{place}/{name}")
}

/// The documents that a form offers, none first.
pub fn kinds(page: &Page, channel: Channel) -> Vec<(&'static str, String)> {
    let taken = RULES.iter().filter(|rule| rule.taken_by(channel).is_some());
    let offered = taken.map(|rule| (rule.kind.word(), described(page, rule, channel)));
    std::iter::once(("", page.say("proofing.kind_none"))).chain(offered).collect()
}

/// The types of residence permits that a form offers, none first.
pub fn permits() -> Vec<(&'static str, String)> {
    let known = RULES.iter().flat_map(|rule| rule.permits).map(|permit| (*permit, (*permit).to_owned()));
    std::iter::once(("", String::new())).chain(known).collect()
}

/// The documents of a form with so many rows. A row left wholly empty does not count.
pub fn presented(rows: usize, typed: impl Fn(&str) -> String) -> Vec<Presented> {
    let row = |place: usize| {
        let typed = |name: &str| typed(&field(place, name));
        let number = Some(typed("number")).filter(|number| !number.trim().is_empty()).map(Secret::new);
        let [kind, country, issuer, permit, issued, expires] = ["kind", "country", "issuer", "permit", "issued", "expires"].map(typed);
        Presented { kind, country, issuer, permit, issued, expires, number }
    };
    let empty = |one: &Presented| {
        let texts = [&one.kind, &one.issuer, &one.issued, &one.expires, &one.permit];
        texts.iter().all(|text| text.trim().is_empty()) && one.number.is_none()
    };
    (0..rows).map(row).filter(|one| !empty(one)).collect()
}

#[derive(Template)]
#[template(path = "proofing/documents.html")]
struct DocumentsPage {
    page: Page,
    photo: Vec<String>,
    required: Vec<String>,
    other: Vec<String>,
    online: Vec<String>,
    youngest: i16,
}

#[get("/help/documents")]
async fn which_documents(page: Page) -> Result<HttpResponse, Problem> {
    let at = |channel: Channel, weight: Weight| -> Vec<String> {
        let taken = RULES.iter().filter(|rule| rule.weight == weight && rule.taken_by(channel).is_some());
        taken.map(|rule| described(&page, rule, channel)).collect()
    };
    let [photo, required, other] = [Weight::Photo, Weight::Required, Weight::Other].map(|weight| at(Channel::Desk, weight));
    let online = at(Channel::Online, Weight::Photo);
    page::show(&DocumentsPage { photo, required, other, online, youngest: YOUNGEST, page })
}
