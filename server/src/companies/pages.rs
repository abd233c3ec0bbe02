//! The operator's pages: the list of companies, and the form that registers one. A company's own page is in `employees::pages`.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, get, http::StatusCode, http::header, post, web};
use askama::Template;

use super::{
    Company, CompanyError, CompanyKind, CompanyState,
    lookup::{self, RegisterStatus},
    lookup_routes::refresh_one,
    read,
    register::{Applicant, Application},
    routes::{Outcome, Search, register_once, send_link},
};
use crate::{
    http::{
        body::Form,
        guard::Granted,
        idempotency::Idempotency,
        page::{self, Page, prove_first},
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{
        ground::Ground,
        id::{CompanyId, SignatoryId},
        limits,
    },
};

/// How many signatories an empty form has room for.
const FIRST_ROWS: usize = 2;

/// Adds the routes.
pub fn configure(config: &mut web::ServiceConfig) {
    config.configure(super::order_pages::configure).configure(super::import_pages::configure);
    config.service(show_list).service(show_form).service(register_company).service(renew_link).service(refresh_company);
}

#[derive(Template)]
#[template(path = "companies/list.html")]
struct ListPage {
    page: Page,
    companies: Vec<Company>,
    name: String,
    next: Option<String>,
}

/// The words of a state, and the colour of its badge.
pub fn state_badge(state: CompanyState) -> (&'static str, &'static str) {
    match state {
        CompanyState::Registered => ("warning", "companies.state_registered"),
        CompanyState::Active => ("success", "companies.state_active"),
        CompanyState::Closed => ("info", "companies.state_closed"),
    }
}

/// The words of a kind.
pub fn kind_words(kind: CompanyKind) -> &'static str {
    match kind {
        CompanyKind::Company => "companies.kind_company",
        CompanyKind::Association => "companies.kind_association",
    }
}

#[get("/companies")]
async fn show_list(
    _granted: Granted<right::ListCompanies>,
    ground: web::Data<Ground>,
    page: Page,
    search: web::Query<Search>,
) -> Result<HttpResponse, Problem> {
    let listing = read::list(&mut ground.database.read().await?, &search.name, &search.cursor()?).await?;
    let next = listing.next.map(|cursor| next_href(&page.path, &search.name, &cursor.word()));
    let name = search.name.clone();
    page::show(&ListPage { page: page.typed("name", &name), companies: listing.items, name, next })
}

/// The address of a list's next part, with the search kept.
pub fn next_href(path: &str, name: &str, after: &str) -> String {
    let query = serde_urlencoded::to_string([("name", name), ("after", after)]).unwrap_or_default();
    format!("{path}?{query}")
}

#[derive(Template)]
#[template(path = "companies/new.html")]
struct NewPage {
    page: Page,
    kinds: Vec<(&'static str, String)>,
    rows: usize,
    most: usize,
    /// Whether companies can be looked up.
    register: bool,
    /// What the register said of the status.
    status: Option<(&'static str, &'static str)>,
}

impl NewPage {
    fn of(ground: &Ground, page: Page, rows: usize) -> Self {
        let kinds = [CompanyKind::Company, CompanyKind::Association].map(|kind| (kind.word(), page.say(kind_words(kind)))).to_vec();
        Self {
            page,
            kinds,
            rows: rows.clamp(1, limits::SIGNATORIES),
            most: limits::SIGNATORIES,
            register: lookup::is_offered(ground),
            status: None,
        }
    }
}

#[get("/companies/new")]
async fn show_form(_granted: Granted<right::RegisterCompany>, ground: web::Data<Ground>, page: Page) -> Result<HttpResponse, Problem> {
    page::show(&NewPage::of(&ground, page, FIRST_ROWS))
}

/// The words of a status in the register, and the kind of its alert.
pub fn status_words(status: RegisterStatus) -> (&'static str, &'static str) {
    match status {
        RegisterStatus::Active => ("success", "companies.status_active"),
        RegisterStatus::Bankruptcy => ("warning", "companies.status_bankruptcy"),
        RegisterStatus::Dissolved => ("error", "companies.status_dissolved"),
    }
}

/// The form with what the register knows in the place of what was typed.
async fn show_looked_up(ground: &Ground, page: Page, form: &Typed) -> Result<HttpResponse, Problem> {
    let entry = match lookup::look_up(ground, &typed(form, "cvr")).await.map_err(Problem::from) {
        Ok(entry) => entry,
        Err(problem) if matches!(problem.kind, Kind::Invalid | Kind::NotReady) => {
            return page::render(problem.kind.status(), &NewPage::of(ground, page.refused(&problem), rows_of(form)));
        }
        Err(problem) => return Err(problem),
    };
    let mut page = page;
    let says = [("legal_name", &entry.legal_name), ("street", &entry.street), ("postal_code", &entry.postal_code), ("city", &entry.city)];
    let mut fill = |field: &str, text: &str| {
        page.values.retain(|(name, _)| name != field);
        page.values.push((field.to_owned(), text.to_owned()));
    };
    for (field, text) in says {
        fill(field, text);
    }
    for (row, signatory) in entry.signatories.iter().enumerate() {
        fill(&format!("signatories/{row}/name"), &signatory.name);
        fill(&format!("signatories/{row}/role"), signatory.role.as_deref().unwrap_or_default());
    }
    if let Some(needed) = entry.needed {
        fill("needed", &needed.to_string());
    }
    let rows = rows_of(form).max(entry.signatories.len());
    page::show(&NewPage { status: Some(status_words(entry.status)), ..NewPage::of(ground, page, rows) })
}

/// Fetches name and address anew from the register.
#[post("/companies/{company}/register-check")]
async fn refresh_company(
    granted: Granted<right::RegisterCompany>,
    ground: web::Data<Ground>,
    company: web::Path<CompanyId>,
    _form: Form<Typed>,
) -> Result<HttpResponse, Problem> {
    let refreshed = match refresh_one(&ground, &granted.actor, *company).await {
        Err(CompanyError::ProveAgain) => return Ok(prove_first(&format!("/companies/{company}?told=proven"))),
        other => other?,
    };
    let told = match refreshed.status {
        RegisterStatus::Active => "refreshed",
        RegisterStatus::Bankruptcy => "bankruptcy",
        RegisterStatus::Dissolved => "dissolved",
    };
    Ok(page::go(&format!("/companies/{company}?told={told}")))
}

/// Typed fields, by name.
pub type Typed = BTreeMap<String, String>;

/// What was typed into a field.
pub fn typed(form: &Typed, field: &str) -> String {
    form.get(field).cloned().unwrap_or_default()
}

/// How many rows the form had.
pub fn rows_of(form: &Typed) -> usize {
    let rows = (0..limits::SIGNATORIES).rev().find(|row| form.contains_key(&format!("signatories/{row}/name")));
    rows.map_or(FIRST_ROWS, |row| row + 1)
}

/// A PDF that a browser shows or keeps.
pub fn pdf_answer(pdf: &[u8]) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"agreement.pdf\""))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(pdf.to_vec())
}

/// The signatories of a form. Rows left wholly empty do not count.
pub fn applicants(form: &Typed) -> Vec<Applicant> {
    let rows = (0..rows_of(form)).map(|row| Applicant {
        name: typed(form, &format!("signatories/{row}/name")),
        email: typed(form, &format!("signatories/{row}/email")),
        role: Some(typed(form, &format!("signatories/{row}/role"))).filter(|text| !text.trim().is_empty()),
    });
    rows.filter(|row| !(row.name.trim().is_empty() && row.email.trim().is_empty())).collect()
}

fn application(form: &Typed) -> Application {
    let optional = |field: &str| Some(typed(form, field)).filter(|text| !text.trim().is_empty());
    Application {
        kind: CompanyKind::of(&typed(form, "kind")),
        legal_name: typed(form, "legal_name"),
        certificate_name: optional("certificate_name"),
        cvr: optional("cvr"),
        street: typed(form, "street"),
        postal_code: typed(form, "postal_code"),
        city: typed(form, "city"),
        signatories: applicants(form),
        // What is no number is none that the rule can need.
        needed: optional("needed").map(|text| text.trim().parse().unwrap_or(0)),
        language: None,
        without_register: form.contains_key("without_register"),
    }
}

#[post("/companies/new")]
async fn register_company(
    granted: Granted<right::RegisterCompany>,
    ground: web::Data<Ground>,
    page: Page,
    key: Idempotency,
    form: Form<Typed>,
) -> Result<HttpResponse, Problem> {
    let page = form.0.iter().fold(page, |page, (field, text)| page.typed(field, text));
    if form.0.contains_key("more") {
        return page::show(&NewPage::of(&ground, page, rows_of(&form.0) + 1));
    }
    if form.0.contains_key("look_up") {
        return show_looked_up(&ground, page, &form.0).await;
    }
    match register_once(&ground, &granted.actor, &application(&form.0), &key).await {
        Ok(Outcome::New(id)) => Ok(page::go(&format!("/companies/{id}"))),
        Ok(Outcome::Earlier(_)) => Ok(page::go("/companies")),
        Err(problem) if matches!(problem.kind, Kind::Invalid | Kind::Conflict | Kind::NotReady) => {
            let again = NewPage::of(&ground, page.refused(&problem), rows_of(&form.0));
            page::render(StatusCode::UNPROCESSABLE_ENTITY, &again)
        }
        Err(problem) => Err(problem),
    }
}

#[post("/companies/{company}/signatories/{signatory}/link")]
async fn renew_link(
    granted: Granted<right::RegisterCompany>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, SignatoryId)>,
    _form: Form<Typed>,
) -> Result<HttpResponse, Problem> {
    let (company, signatory) = path.into_inner();
    send_link(&ground, &granted.actor, company, signatory).await?;
    Ok(page::go(&format!("/companies/{company}?told=link")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> Typed {
        pairs.iter().map(|(field, text)| ((*field).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn rows_of_signatories_left_empty_do_not_count() {
        let form = form(&[
            ("signatories/0/name", "Åse"),
            ("signatories/0/email", "aase@bageri.example"),
            ("signatories/1/name", " "),
            ("signatories/1/email", ""),
        ]);
        assert_eq!(application(&form).signatories.len(), 1);
        assert_eq!(rows_of(&form), 2);
    }

    #[test]
    fn a_lists_next_part_keeps_the_search() {
        assert_eq!(next_href("/companies", "Å & B", "x"), "/companies?name=%C3%85+%26+B&after=x");
    }
}
