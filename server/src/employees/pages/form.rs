//! The operator's page for agreements on paper: the form to print, and what was seen of a signed one. Also takes an order back.

use actix_web::{HttpResponse, get, http::header, post, web};
use askama::Template;

use super::employee::Nothing;
use crate::{
    companies::{Company, Signatory, form, pages::pdf_answer},
    employees::routes::{FormBody, NomineeBody, keep_scan_of, record_form, signatory_of, withdraw_order_of},
    http::{
        body::Form,
        guard::Granted,
        page::{self, Page, prove_first},
        permissions::right,
        problem::{Kind, Problem},
        upload::Upload,
    },
    platform::{
        ground::Ground,
        id::{CompanyId, SignatoryId},
        words::Language,
    },
};

#[derive(Template)]
#[template(path = "employees/form.html")]
struct FormPage {
    page: Page,
    company: Company,
    signatory: Signatory,
    languages: Vec<(&'static str, String)>,
}

impl FormPage {
    fn of(page: Page, (company, signatory): (Company, Signatory)) -> Self {
        let languages = [(Language::Da, "companies.form_danish"), (Language::En, "companies.form_english")];
        let languages = languages.map(|(language, key)| (language.tag(), page.say(key))).to_vec();
        Self { page, company, signatory, languages }
    }
}

fn place((company, signatory): (CompanyId, SignatoryId)) -> String {
    format!("/companies/{company}/signatories/{signatory}/form")
}

/// A file that was chosen is lost on the way to a proof: it is asked for before.
#[get("/companies/{company}/signatories/{signatory}/form")]
pub async fn show_form(
    granted: Granted<right::RegisterCompany>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, SignatoryId)>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    let found = signatory_of(&ground, &granted.actor, path).await?;
    if !granted.actor.has_proven(ground.clock().now()) {
        return Ok(prove_first(&place(path)));
    }
    let language = page.tag();
    page::show(&FormPage::of(page.typed("language", language), found))
}

/// The form to print, in the page's language.
#[get("/companies/{company}/signatories/{signatory}/form.pdf")]
pub async fn print_form(
    granted: Granted<right::RegisterCompany>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, SignatoryId)>,
) -> Result<HttpResponse, Problem> {
    let (company, signatory) = signatory_of(&ground, &granted.actor, path.into_inner()).await?;
    Ok(pdf_answer(&form::print(&company, &signatory, page.words.0)?))
}

/// The scan that is kept.
#[get("/companies/{company}/signatories/{signatory}/scan.pdf")]
pub async fn show_scan(
    granted: Granted<right::RegisterCompany>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, SignatoryId)>,
) -> Result<HttpResponse, Problem> {
    let (_, signatory) = signatory_of(&ground, &granted.actor, path.into_inner()).await?;
    let scan = form::scan(&ground, signatory.id).await?;
    let name = (header::CONTENT_DISPOSITION, "attachment; filename=\"form.pdf\"");
    let cache = (header::CACHE_CONTROL, "no-store");
    Ok(HttpResponse::Ok().content_type("application/pdf").insert_header(name).insert_header(cache).body(scan.to_vec()))
}

/// What the operator saw: the day, the text's language, whom the form appoints, and the scan if one was chosen.
#[post("/companies/{company}/signatories/{signatory}/form")]
pub async fn record_signed_form(
    granted: Granted<right::RegisterCompany>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, SignatoryId)>,
    upload: Upload,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    let page = upload.fields.iter().filter(|(name, _)| name != "csrf").fold(page, |page, (field, text)| page.typed(field, text));
    let field = |name: &str| upload.field(name).unwrap_or_default().to_owned();
    let [given_name, surname, email] = ["given_name", "surname", "email"].map(|name| field(&format!("administrator/{name}")));
    let empty = [&given_name, &surname, &email].iter().all(|text| text.trim().is_empty());
    let body = FormBody {
        signed_on: field("signed_on"),
        language: Language::of(&field("language")),
        administrator: (!empty).then_some(NomineeBody { given_name, surname, email }),
    };
    let language = page.words.0;
    let outcome = async {
        if !upload.bytes.is_empty() {
            form::check_scan(&upload.bytes)?;
        }
        record_form(&ground, &granted.actor, path, body, language).await?;
        if !upload.bytes.is_empty() {
            keep_scan_of(&ground, &granted.actor, path, &upload.bytes).await?;
        }
        Ok::<_, Problem>(())
    };
    match outcome.await {
        Ok(()) => Ok(page::go(&format!("/companies/{}?told=form", path.0))),
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(prove_first(&place(path))),
        Err(problem) if matches!(problem.kind, Kind::AlreadyDone | Kind::Conflict | Kind::Gone | Kind::Invalid) => {
            let found = signatory_of(&ground, &granted.actor, path).await?;
            page::render(problem.kind.status(), &FormPage::of(page.refused(&problem), found))
        }
        Err(problem) => Err(problem),
    }
}

/// Takes an order back.
#[post("/companies/{company}/order-withdrawal")]
pub async fn withdraw_order(
    granted: Granted<right::RegisterCompany>,
    ground: web::Data<Ground>,
    company: web::Path<CompanyId>,
    _form: Form<Nothing>,
) -> Result<HttpResponse, Problem> {
    match withdraw_order_of(&ground, &granted.actor, *company).await {
        Err(problem) if problem.kind == Kind::ProveAgain => return Ok(prove_first(&format!("/companies/{company}?told=proven"))),
        other => other?,
    }
    Ok(page::go(&format!("/companies/{company}?told=withdrawn")))
}
