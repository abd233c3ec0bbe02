//! The JSON edge of signatories' shares: offered by an administrator, taken and used over a mailed link.

use actix_web::{HttpResponse, http::header, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::signatories;
use crate::{
    http::{body::Json, guard::Granted, permissions::right, problem::Problem},
    platform::{actor::Actor, ground::Ground, id::SignatoryId, secret::Secret},
};

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(offer).service(read).service(take).service(approve);
}

/// To whom a share is offered.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Offer {
    /// A signatory of your company who does not administer it.
    signatory: SignatoryId,
}

/// Offers, and mails the link.
pub(super) async fn offer_to(ground: &Ground, actor: &Actor, signatory: SignatoryId) -> Result<(), Problem> {
    let mailed = signatories::prepare_offer(ground, actor, signatory).await?;
    ground.database.write(async |unit| signatories::offer(unit, actor, &mailed).await).await?;
    Ok(())
}

/// Offers a signatory a share of the company's key by mail, so that one administrator and the signatory can recover keys. Needs a fresh
/// proof.
#[utoipa::path(tag = "recovery", request_body = Offer, responses((status = 204), (status = 403), (status = 404)))]
#[post("/api/v1/recovery-holders")]
async fn offer(granted: Granted<right::RecoverKeys>, ground: web::Data<Ground>, body: Json<Offer>) -> Result<HttpResponse, Problem> {
    offer_to(&ground, &granted.actor, body.0.signatory).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A mailed link's token.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Link {
    #[schema(value_type = String)]
    link: Secret<String>,
}

/// What a link is about.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct AboutAnswer {
    /// The signatory's name.
    signatory: String,
    /// The company's.
    company: String,
    /// Who asks for keys, and why; null when a share is offered.
    asked_by: Option<String>,
    reason: Option<String>,
}

/// Tells what a mailed link is about. Changes nothing.
#[utoipa::path(tag = "recovery", request_body = Link, responses((status = 200, body = AboutAnswer), (status = 404), (status = 410)))]
#[post("/api/v1/key-shares/reading")]
async fn read(ground: web::Data<Ground>, body: Json<Link>) -> Result<web::Json<AboutAnswer>, Problem> {
    let about = signatories::about(&ground, body.0.link.reveal()).await?;
    let (asked_by, reason) = about.recovery.map(|recovery| (recovery.asked_by_name, recovery.reason)).unzip();
    Ok(web::Json(AboutAnswer { signatory: about.signatory.name, company: about.company.legal_name, asked_by, reason }))
}

/// A code, shown only this once.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Taken {
    /// Opens the share: to be written down and kept safe.
    code: String,
}

/// Takes the offered share, by its link.
///
/// Takes no Idempotency-Key: the link is claimed once.
#[utoipa::path(tag = "recovery", request_body = Link, responses((status = 201, body = Taken), (status = 404), (status = 410)))]
#[post("/api/v1/key-shares")]
async fn take(ground: web::Data<Ground>, body: Json<Link>) -> Result<HttpResponse, Problem> {
    let code = signatories::take(&ground, body.0.link.reveal()).await?;
    Ok(HttpResponse::Created().insert_header((header::CACHE_CONTROL, "no-store")).json(Taken { code: code.reveal().clone() }))
}

/// A link and the signatory's code.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Approval {
    #[schema(value_type = String)]
    link: Secret<String>,
    #[schema(value_type = String)]
    code: Secret<String>,
}

/// Approves the recovery of a mailed link with the signatory's code.
#[utoipa::path(tag = "recovery", request_body = Approval, responses((status = 204), (status = 403), (status = 404), (status = 410)))]
#[post("/api/v1/key-shares/approval")]
async fn approve(ground: web::Data<Ground>, body: Json<Approval>) -> Result<HttpResponse, Problem> {
    signatories::approve_by_code(&ground, body.0.link.reveal(), &body.0.code).await?;
    Ok(HttpResponse::NoContent().finish())
}
