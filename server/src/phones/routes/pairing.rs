//! What a phone asks that is not paired yet: it knows the token, and nothing else speaks for it.
//!
//! None of these takes an Idempotency-Key: the same message again gets the same answer, and each step is claimed once.

use actix_web::{HttpRequest, HttpResponse, post, web};
use keycard::wire::{AgreePairing, AskPairing, BeginPairing, ClaimPairing, IdentityQuestion};
use utoipa_actix_web::service_config::ServiceConfig;

use super::wire::{Wire, answer};
use crate::{
    http::{network::network_of, problem::Problem},
    phones,
    platform::ground::Ground,
};

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(identity).service(begin).service(claim).service(agreement).service(status);
}

/// Gives the service's identity key to whoever typed a code, with what proves it (`keycard::wire::IdentityQuestion`).
#[utoipa::path(tag = "phones", request_body = Object, responses((status = 200, body = Object)))]
#[post("/api/v1/phone/pairing/identity")]
async fn identity(asked: Wire<IdentityQuestion>, request: HttpRequest, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    Ok(answer(&phones::introduce(&ground, &asked.0, &network_of(&request, &ground)).await?))
}

/// Offers a pairing to whoever knows its token (`keycard::wire::BeginPairing`).
#[utoipa::path(tag = "phones", request_body = Object, responses((status = 200, body = Object)))]
#[post("/api/v1/phone/pairing/begin")]
async fn begin(asked: Wire<BeginPairing>, request: HttpRequest, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    Ok(answer(&phones::offer(&ground, &asked.0, &network_of(&request, &ground)).await?))
}

/// Takes a phone's keys, once (`keycard::wire::ClaimPairing`).
#[utoipa::path(tag = "phones", request_body = Object, responses((status = 200, body = Object)))]
#[post("/api/v1/phone/pairing/claim")]
async fn claim(asked: Wire<ClaimPairing>, request: HttpRequest, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    Ok(answer(&phones::claim(&ground, &asked.0, &network_of(&request, &ground)).await?))
}

/// Takes the answer to the agreement key's challenge (`keycard::wire::AgreePairing`).
#[utoipa::path(tag = "phones", request_body = Object, responses((status = 204)))]
#[post("/api/v1/phone/pairing/agreement")]
async fn agreement(asked: Wire<AgreePairing>, request: HttpRequest, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    phones::agree(&ground, &asked.0, &network_of(&request, &ground)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Says how a pairing stands, and gives the phone its token once the person has confirmed (`keycard::wire::AskPairing`).
#[utoipa::path(tag = "phones", request_body = Object, responses((status = 200, body = Object)))]
#[post("/api/v1/phone/pairing/status")]
async fn status(asked: Wire<AskPairing>, request: HttpRequest, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    Ok(answer(&phones::status(&ground, &asked.0, &network_of(&request, &ground)).await?))
}
