//! The JSON edge of a company's seal.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    Plan,
    routes::{download, want_pdf},
    seal::{self, Request},
};
use crate::{
    certificates::seals::{self, SealIssuer},
    http::{
        body::{bounded, one_of_few},
        guard::Granted,
        permissions::right,
        problem::Problem,
    },
    platform::{
        fault::FieldFault,
        ground::Ground,
        id::{CertificateId, CompanyId},
        moment::Moment,
    },
};

/// Adds the routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(seal_document).service(list_seals);
}

/// How to seal.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
struct How {
    /// The certificate to seal with; the company's newest when none is named.
    certificate: Option<CertificateId>,
    /// Why, at most 200 characters.
    reason: Option<String>,
    /// Where, at most 200 characters.
    place: Option<String>,
}

/// Seals a PDF (content type application/pdf) in the company's name and gives the sealed PDF back, with a time stamp. Nothing but digests is
/// kept, so there is no Idempotency-Key: asking again gives another sealed copy. Needs a fresh proof, or an API key. `Segl-Certificate` names
/// the certificate.
#[utoipa::path(tag = "documents", params(How), request_body(content_type = "application/pdf", content = Vec<u8>),
    responses((status = 200, content_type = "application/pdf", body = Vec<u8>), (status = 403), (status = 404), (status = 409), (status = 413),
        (status = 422), (status = 429)))]
#[post("/api/v1/companies/{company}/sealed-documents")]
async fn seal_document(
    granted: Granted<right::SealDocument>,
    company: web::Path<CompanyId>,
    how: Result<web::Query<How>, actix_web::Error>,
    request: HttpRequest,
    payload: web::Payload,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    // Before the whole file is read.
    seal::may(&ground, &granted.actor, *company)?;
    want_pdf(&request)?;
    let how = how.map_err(|_| Problem::invalid(vec![FieldFault::new("certificate", "field_choice")]))?.into_inner();
    let plan = Plan::parse(how.reason.as_deref(), how.place.as_deref())?;
    let bytes = one_of_few(bounded(&request, &mut payload.into_inner(), ground.config.policy.document_bytes)).await?;
    let wish = Request { company: *company, certificate: how.certificate, plan, pdf: bytes.to_vec() };
    let sealed = seal::seal(&ground, &granted.actor, wish).await?;
    let mut answer = download("sealed", sealed.pdf);
    if let Ok(id) = sealed.certificate.to_string().parse() {
        answer.headers_mut().insert(actix_web::http::header::HeaderName::from_static("segl-certificate"), id);
    }
    Ok(answer)
}

/// A certificate to seal with.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct SealItem {
    /// Its id.
    id: CertificateId,
    /// Who issued it: here or elsewhere.
    issued: SealIssuer,
    /// Its subject.
    subject: String,
    /// Who issued it, of one that was issued elsewhere.
    issuer: Option<String>,
    not_after: Moment,
}

/// All of them.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct SealItems {
    /// The newest first.
    items: Vec<SealItem>,
}

/// With which certificates the company may seal now.
#[utoipa::path(tag = "documents", responses((status = 200, body = SealItems), (status = 404)))]
#[get("/api/v1/companies/{company}/seals")]
async fn list_seals(
    granted: Granted<right::SealDocument>,
    company: web::Path<CompanyId>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    if granted.actor.company != Some(*company) {
        return Err(Problem::of(crate::http::problem::Kind::NotFound));
    }
    let item = |seal: seals::Seal| SealItem {
        id: seal.id,
        issued: seal.issued,
        subject: seal.subject,
        issuer: seal.issuer,
        not_after: seal.not_after,
    };
    let items = seals::of_company(&ground, *company).await?.into_iter().map(item).collect();
    Ok(HttpResponse::Ok().json(SealItems { items }))
}
