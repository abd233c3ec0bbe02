//! The JSON edge of renewing one's own certificates.

use actix_web::{HttpRequest, HttpResponse, http::header, post, web};

use crate::{
    employees::renew,
    http::{body::Json, guard::Granted, network, permissions::right, problem::Problem},
    platform::{actor::Actor, ground::Ground, id::CertificateId, secret::Secret},
};

/// What renewing needs.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct RenewalOrder {
    /// The password, which locks the new keys.
    #[schema(value_type = String)]
    password: Secret<String>,
}

/// What renewing gave.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Renewed {
    /// The new certificates, signed or about to be.
    certificates: Vec<CertificateId>,
}

/// Renews one's own certificates.
///
/// # Errors
/// Those of [`renew::renew`].
pub async fn renew_own(
    ground: &Ground,
    actor: &Actor,
    password: &Secret<String>,
    request: &HttpRequest,
) -> Result<Vec<CertificateId>, Problem> {
    let network = network::network(network::address(request, &ground.config.server));
    Ok(renew::renew(ground, actor, password, &network).await?)
}

/// Renews your certificates: same identity, new keys. Needs a fresh proof, and certificates that end within sixty days or name you as you were.
#[utoipa::path(tag = "certificates", request_body = RenewalOrder,
    responses((status = 201, body = Renewed), (status = 403), (status = 409), (status = 429)))]
#[post("/api/v1/renewals")]
pub async fn renew_certificates(
    granted: Granted<right::RenewCertificates>,
    ground: web::Data<Ground>,
    body: Json<RenewalOrder>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let certificates = renew_own(&ground, &granted.actor, &body.0.password, &request).await?;
    Ok(HttpResponse::Created().insert_header((header::LOCATION, "/api/v1/certificates")).json(Renewed { certificates }))
}
