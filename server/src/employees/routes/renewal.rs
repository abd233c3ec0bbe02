//! The JSON edge of renewing one's own certificates.

use actix_web::{HttpRequest, HttpResponse, http::header, post, web};

use super::keys::HandedOverAnswer;
use crate::{
    employees::{carrier::Choice, renew},
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
    /// Where the keys shall rest: central, key_file, own_software or hardware, as the company allows. Without it: central where allowed.
    #[serde(default)]
    carrier: String,
    /// The birth date, YYYY-MM-DD, where none is on record: of whom earlier releases invited.
    #[serde(default)]
    birth_date: String,
    /// own_software and hardware: the PKCS#10 request for the signing certificate, PEM.
    #[serde(default)]
    request: String,
    /// The same for the mail certificate, where the address stands in the certificate and one is wanted.
    #[serde(default)]
    mail_request: String,
    /// The same for the encryption certificate.
    #[serde(default)]
    encryption_request: String,
}

/// What renewing gave.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Renewed {
    /// The new certificates, signed or about to be.
    certificates: Vec<CertificateId>,
    /// Revokes them without a login, at `/revoke` or `/api/v1/revocations`. It is shown this once.
    revocation_code: String,
    /// Key files with their passphrase, if chosen: shown this once, kept nowhere.
    key_files: Option<HandedOverAnswer>,
}

/// Renews one's own certificates.
///
/// # Errors
/// Those of [`renew::renew`].
pub async fn renew_own(ground: &Ground, actor: &Actor, order: &renew::Order, request: &HttpRequest) -> Result<renew::Renewed, Problem> {
    let network = network::network(network::address(request, &ground.config.server));
    Ok(renew::renew(ground, actor, order, &network).await?)
}

/// Renews your certificates: same identity, new keys. Needs a fresh proof, and certificates that end within sixty days or name you as you were.
///
/// Takes no Idempotency-Key: a renewal is claimed once, and whoever sends it again is told that there is nothing to renew.
#[utoipa::path(tag = "certificates", request_body = RenewalOrder,
    responses((status = 201, body = Renewed), (status = 403), (status = 409), (status = 422), (status = 429)))]
#[post("/api/v1/renewals")]
pub async fn renew_certificates(
    granted: Granted<right::RenewCertificates>,
    ground: web::Data<Ground>,
    body: Json<RenewalOrder>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let RenewalOrder { password, carrier, birth_date, request: signing, mail_request, encryption_request } = body.0;
    let choice = Choice { carrier, request: signing, mail_request, encryption_request };
    let renewed = renew_own(&ground, &granted.actor, &renew::Order { password, choice, birth_date }, &request).await?;
    let key_files = renewed.handed_over.as_ref().map(HandedOverAnswer::of);
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, "/api/v1/certificates"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(Renewed { certificates: renewed.certificates, revocation_code: renewed.revocation_code.reveal().clone(), key_files }))
}
