//! The pages about where keys rest: the administrator's choice for the company, and key files that are handed over.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use askama::Template;

use crate::{
    certificates::KeyCarrier,
    companies::{Company, pages::Typed},
    employees::{
        carrier::{self, HandedOver},
        routes::{HandedOverAnswer, KeyFileAnswer, allow, own_company},
    },
    http::{
        body::Form,
        guard::Granted,
        page::{self, Page},
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{ground::Ground, id::CompanyId},
};

/// A carrier as a page offers it.
pub struct Offered {
    /// Its word.
    pub word: &'static str,
    /// In words.
    pub text: String,
}

/// Carriers as a page offers them.
pub fn offered(page: &Page, carriers: &[KeyCarrier]) -> Vec<Offered> {
    let offer = |carrier: &KeyCarrier| Offered { word: carrier.word(), text: page.say(&format!("employees.carrier_{}", carrier.word())) };
    carriers.iter().map(offer).collect()
}

/// The same as options of a field.
pub fn options(page: &Page, carriers: &[KeyCarrier]) -> Vec<(&'static str, String)> {
    offered(page, carriers).into_iter().map(|offered| (offered.word, offered.text)).collect()
}

/// A key file behind a link.
struct File {
    title: String,
    name: String,
    address: String,
}

#[derive(Template)]
#[template(path = "employees/key_files.html")]
struct FilesPage {
    page: Page,
    passphrase: String,
    files: Vec<File>,
    code: Option<String>,
    next: &'static str,
}

/// The page that hands over what is shown once: key files, and the revocation code where no other page shows it. It is the only time that they are
/// there, so the files stand in the page itself.
///
/// # Errors
/// When the template fails.
pub fn hand_over(page: Page, handed_over: Option<&HandedOver>, code: Option<&str>, next: &'static str) -> Result<HttpResponse, Problem> {
    let file = |file: &KeyFileAnswer| File {
        title: page.say(&format!("certificates.purpose_{}", file.purpose)),
        name: format!("segl-{}.p12", file.purpose),
        address: format!("data:application/x-pkcs12;base64,{}", file.pkcs12),
    };
    let shown = handed_over.map(HandedOverAnswer::of);
    let files = shown.iter().flat_map(|shown| &shown.files).map(file).collect();
    let passphrase = shown.map(|shown| shown.passphrase).unwrap_or_default();
    page::show(&FilesPage { page, passphrase, files, code: code.map(str::to_owned), next })
}

#[derive(Template)]
#[template(path = "employees/key_carriers.html")]
struct CarriersPage {
    page: Page,
    company: Company,
    all: Vec<Offered>,
}

/// The way to the proof that the choice needs, and back.
fn prove(company: CompanyId) -> HttpResponse {
    page::go(&format!("/account/prove?next=%2Fcompanies%2F{company}%2Fkey-carriers"))
}

#[get("/companies/{company}/key-carriers")]
pub async fn show_carriers(
    granted: Granted<right::SetKeyCarriers>,
    ground: web::Data<Ground>,
    page: Page,
    company: web::Path<CompanyId>,
) -> Result<HttpResponse, Problem> {
    let company = own_company(&ground, &granted.actor, *company).await?;
    if !granted.actor.has_proven(ground.clock().now()) {
        return Ok(prove(company.id));
    }
    let allowed = carrier::allowed(&mut ground.database.read().await?, company.id).await?;
    let page = allowed.iter().fold(page, |page, carrier| page.typed(carrier.word(), "yes"));
    let all = offered(&page, &KeyCarrier::ALL);
    page::show(&CarriersPage { page, company, all })
}

#[post("/companies/{company}/key-carriers")]
pub async fn set_carriers(
    granted: Granted<right::SetKeyCarriers>,
    ground: web::Data<Ground>,
    page: Page,
    company: web::Path<CompanyId>,
    form: Form<Typed>,
) -> Result<HttpResponse, Problem> {
    let chosen: Vec<KeyCarrier> = KeyCarrier::ALL.into_iter().filter(|carrier| form.0.contains_key(carrier.word())).collect();
    match allow(&ground, &granted.actor, *company, &chosen).await {
        Ok(()) => Ok(page::go(&format!("/companies/{company}?told=carriers"))),
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(prove(*company)),
        Err(problem) if problem.kind == Kind::Invalid => {
            let company = own_company(&ground, &granted.actor, *company).await?;
            let page = page.refused(&problem);
            let all = offered(&page, &KeyCarrier::ALL);
            page::render(StatusCode::UNPROCESSABLE_ENTITY, &CarriersPage { page, company, all })
        }
        Err(problem) => Err(problem),
    }
}
