//! The authorities' certificates, for whoever builds a chain (RFC 5280 section 4.2.2.1).

use actix_web::{HttpResponse, get, http::header, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    AuthorityError, certificate_named,
    trust::{self, Facts},
};
use crate::{
    http::problem::{Kind, Problem},
    platform::ground::Ground,
};

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(certificate).service(certificate_pem).service(facts);
}

/// An authority's certificate, or a further one for it by another root, DER.
#[utoipa::path(tag = "pki", params(("issuer" = String, Path, description = "The authority's name, as issuing1")),
    responses((status = 200, description = "The certificate, DER", content_type = "application/pkix-cert"), (status = 404)))]
#[get("/pki/{issuer}.cer")]
async fn certificate(ground: web::Data<Ground>, issuer: web::Path<String>) -> Result<HttpResponse, Problem> {
    let der = certificate_named(&ground, &issuer).await?.ok_or(Problem::of(Kind::NotFound))?;
    Ok(HttpResponse::Ok().content_type("application/pkix-cert").insert_header((header::CACHE_CONTROL, "public, max-age=86400")).body(der))
}

/// An authority's certificate, or a further one for it by another root, PEM.
#[utoipa::path(tag = "pki", params(("issuer" = String, Path, description = "The authority's name, as issuing1")),
    responses((status = 200, description = "The certificate, PEM", content_type = "application/x-pem-file"), (status = 404)))]
#[get("/pki/{issuer}.pem")]
async fn certificate_pem(ground: web::Data<Ground>, issuer: web::Path<String>) -> Result<HttpResponse, Problem> {
    let der = certificate_named(&ground, &issuer).await?.ok_or(Problem::of(Kind::NotFound))?;
    let read = openssl::x509::X509::from_der(&der);
    let pem = read.and_then(|read| read.to_pem()).map_err(|error| Problem::unforeseen(&error))?;
    Ok(HttpResponse::Ok().content_type("application/x-pem-file").insert_header((header::CACHE_CONTROL, "public, max-age=86400")).body(pem))
}

/// Who runs this service, its certificates with fingerprints, its policies, and its clock. For anybody.
#[utoipa::path(tag = "pki", responses((status = 200, body = Facts)))]
#[get("/api/v1/trust")]
async fn facts(ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(trust::facts(&ground).await?))
}

impl From<AuthorityError> for Problem {
    fn from(error: AuthorityError) -> Self {
        match error {
            AuthorityError::NotFounded | AuthorityError::PublicUrlIsLocal | AuthorityError::Revoked { .. } => Self::of(Kind::NotReady),
            AuthorityError::Unknown { .. } => Self::of(Kind::NotFound),
            AuthorityError::Database(error) => error.into(),
            AuthorityError::Ceremony(_)
            | AuthorityError::Issuer { .. }
            | AuthorityError::Key { .. }
            | AuthorityError::Keystore(_)
            | AuthorityError::Name(_)
            | AuthorityError::NameTaken { .. }
            | AuthorityError::NothingToCross { .. }
            | AuthorityError::Practice(_) => Self::unforeseen(&error),
        }
    }
}
