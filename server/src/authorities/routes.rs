//! The authorities' certificates, for whoever builds a chain (RFC 5280 section 4.2.2.1).

use actix_web::{HttpResponse, get, http::header, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{AuthorityError, by_name};
use crate::{
    http::problem::{Kind, Problem},
    platform::ground::Ground,
};

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(certificate);
}

/// An authority's certificate, DER.
#[utoipa::path(tag = "pki", params(("issuer" = String, Path, description = "The authority's name, as issuing1")),
    responses((status = 200, description = "The certificate, DER", content_type = "application/pkix-cert"), (status = 404)))]
#[get("/pki/{issuer}.cer")]
async fn certificate(ground: web::Data<Ground>, issuer: web::Path<String>) -> Result<HttpResponse, Problem> {
    let authority = by_name(&ground, &issuer).await?.ok_or(Problem::of(Kind::NotFound))?;
    Ok(HttpResponse::Ok()
        .content_type("application/pkix-cert")
        .insert_header((header::CACHE_CONTROL, "public, max-age=86400"))
        .body(authority.issuer.certificate_der().to_vec()))
}

impl From<AuthorityError> for Problem {
    fn from(error: AuthorityError) -> Self {
        match error {
            AuthorityError::NotFounded | AuthorityError::PublicUrlIsLocal => Self::of(Kind::NotReady),
            AuthorityError::Unknown { .. } => Self::of(Kind::NotFound),
            AuthorityError::Database(error) => error.into(),
            AuthorityError::Ceremony(_)
            | AuthorityError::Issuer { .. }
            | AuthorityError::Keystore(_)
            | AuthorityError::Name(_)
            | AuthorityError::Practice(_) => Self::unforeseen(&error),
        }
    }
}
