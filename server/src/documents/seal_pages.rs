//! The administrator's form that seals a document in the company's name.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use askama::Template;

use super::{
    Plan,
    routes::download,
    seal::{self, Request},
};
use crate::{
    certificates::seals::{self, SealIssuer},
    http::{
        guard::Granted,
        page::{self, Page, prove_first},
        permissions::right,
        problem::{Kind, Problem},
        upload::Upload,
    },
    platform::{
        fault::FieldFault,
        ground::Ground,
        id::{CertificateId, CompanyId},
    },
};

/// Adds the routes.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(show_form).service(seal_document);
}

#[derive(Template)]
#[template(path = "documents/seal.html")]
struct SealPage {
    page: Page,
    company: CompanyId,
    /// The certificates to seal with.
    seals: Vec<(String, String)>,
    most_megabytes: usize,
}

fn form_of(company: CompanyId) -> String {
    format!("/companies/{company}/sealed-documents")
}

#[get("/companies/{company}/sealed-documents")]
async fn show_form(
    granted: Granted<right::SealDocument>,
    ground: web::Data<Ground>,
    page: Page,
    company: web::Path<CompanyId>,
) -> Result<HttpResponse, Problem> {
    match seal::may(&ground, &granted.actor, *company).map_err(Problem::from) {
        Ok(()) => show(&ground, page, *company, StatusCode::OK).await,
        // A file that was chosen is lost on the way to a proof: it is asked for before.
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(prove_first(&form_of(*company))),
        Err(problem) => Err(problem),
    }
}

async fn show(ground: &Ground, page: Page, company: CompanyId, status: StatusCode) -> Result<HttpResponse, Problem> {
    let mut options = Vec::new();
    for found in seals::of_company(ground, company).await? {
        let until = page.time(&found.not_after);
        let words = match (found.issued, &found.issuer) {
            (SealIssuer::Elsewhere, Some(issuer)) => page.with2("documents.seal_elsewhere", "issuer", issuer, "until", until),
            (SealIssuer::Elsewhere | SealIssuer::Here, _) => page.with("documents.seal_here", "until", until),
        };
        options.push((found.id.to_string(), words));
    }
    let most_megabytes = ground.config.policy.document_bytes / (1024 * 1024);
    let page = match options.first() {
        Some((newest, _)) if page.value("certificate").is_empty() => page.typed("certificate", newest),
        Some(_) | None => page,
    };
    page::render(status, &SealPage { page, company, seals: options, most_megabytes })
}

#[post("/companies/{company}/sealed-documents")]
async fn seal_document(
    granted: Granted<right::SealDocument>,
    ground: web::Data<Ground>,
    page: Page,
    company: web::Path<CompanyId>,
    upload: Upload,
) -> Result<HttpResponse, Problem> {
    let field = |name: &str| upload.field(name).unwrap_or_default().trim().to_owned();
    let (certificate, reason, place) = (field("certificate"), field("reason"), field("place"));
    let title = upload.file_name.strip_suffix(".pdf").unwrap_or(&upload.file_name).to_owned();
    let sealed: Result<_, Problem> = async {
        let plan = Plan::parse(Some(&reason), Some(&place))?;
        if upload.bytes.is_empty() {
            return Err(Problem::invalid(vec![FieldFault::new("file", "field_file")]));
        }
        let chosen: Option<CertificateId> = if certificate.is_empty() {
            None
        } else {
            Some(certificate.parse().map_err(|_| Problem::invalid(vec![FieldFault::new("certificate", "field_choice")]))?)
        };
        let wish = Request { company: *company, certificate: chosen, plan, pdf: upload.bytes };
        Ok(seal::seal(&ground, &granted.actor, wish).await?)
    }
    .await;
    match sealed {
        Ok(sealed) => Ok(download(&page.with("documents.sealed_name", "name", title), sealed.pdf)),
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(prove_first(&form_of(*company))),
        Err(problem) if problem.kind == Kind::NotFound => Err(problem),
        Err(problem) => {
            let status = problem.kind.status();
            let page = page.typed("certificate", &certificate).typed("reason", &reason).typed("place", &place).refused(&problem);
            show(&ground, page, *company, status).await
        }
    }
}
