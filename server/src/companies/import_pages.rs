//! The administrator's form that imports a certificate somebody else issued, and the button that removes one.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::{
    import::{self, Import},
    import_routes::import_once,
};
use crate::{
    http::{
        body::Form,
        guard::Granted,
        idempotency::Idempotency,
        page::{self, Page, prove_first},
        permissions::right,
        problem::{Kind, Problem},
        upload::Upload,
    },
    platform::{
        ground::Ground,
        id::{CertificateId, CompanyId},
        secret::Secret,
    },
};

/// Adds the routes.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(show_form).service(import_certificate).service(remove_imported);
}

#[derive(Template)]
#[template(path = "companies/import.html")]
struct ImportPage {
    page: Page,
    company: CompanyId,
    purposes: Vec<(&'static str, String)>,
}

impl ImportPage {
    fn of(page: Page, company: CompanyId) -> Self {
        let purposes = [("seal", "companies.import_seal"), ("mail", "companies.import_mail")];
        let purposes = purposes.map(|(word, key)| (word, page.say(key))).to_vec();
        Self { page, company, purposes }
    }
}

fn form_of(company: CompanyId) -> String {
    format!("/companies/{company}/certificates/import")
}

/// A file that was chosen is lost on the way to a proof: it is asked for before.
#[get("/companies/{company}/certificates/import")]
async fn show_form(
    granted: Granted<right::ImportCertificate>,
    ground: web::Data<Ground>,
    page: Page,
    company: web::Path<CompanyId>,
) -> Result<HttpResponse, Problem> {
    if granted.actor.company != Some(*company) {
        return Err(Problem::of(Kind::NotFound));
    }
    if !granted.actor.has_proven(ground.clock().now()) {
        return Ok(prove_first(&form_of(*company)));
    }
    page::show(&ImportPage::of(page, *company))
}

#[post("/companies/{company}/certificates/import")]
async fn import_certificate(
    granted: Granted<right::ImportCertificate>,
    ground: web::Data<Ground>,
    page: Page,
    company: web::Path<CompanyId>,
    key: Idempotency,
    upload: Upload,
) -> Result<HttpResponse, Problem> {
    let purpose = upload.field("purpose").unwrap_or_default().to_owned();
    let passphrase = Secret::new(upload.field("passphrase").unwrap_or_default().to_owned());
    let wish = Import { purpose: purpose.clone(), file: upload.bytes, passphrase };
    match import_once(&ground, &granted.actor, *company, wish, &key).await {
        Ok(_) => Ok(page::go("/certificates")),
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(prove_first(&form_of(*company))),
        Err(problem)
            if matches!(problem.kind, Kind::AlreadyDone | Kind::Conflict | Kind::Invalid | Kind::NotReady | Kind::TooManyTries) =>
        {
            let status = problem.kind.status();
            page::render(status, &ImportPage::of(page.typed("purpose", &purpose).refused(&problem), *company))
        }
        Err(problem) => Err(problem),
    }
}

/// The button's form.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RemoveForm {}

#[post("/companies/{company}/imported-certificates/{id}/end")]
async fn remove_imported(
    granted: Granted<right::ImportCertificate>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, CertificateId)>,
    Form(RemoveForm {}): Form<RemoveForm>,
) -> Result<HttpResponse, Problem> {
    let (company, id) = path.into_inner();
    match import::remove(&ground, &granted.actor, company, id).await.map_err(Problem::from) {
        Ok(()) => Ok(page::go("/certificates")),
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(prove_first("/certificates")),
        Err(problem) => Err(problem),
    }
}
