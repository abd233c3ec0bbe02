//! What a paired phone asks for itself, by its token.

use actix_web::{HttpResponse, get, patch, post, put, web};
use keycard::wire::{AskOffline, AskShare, BlockPhone, ChangePin, RemoveItself, Rename, TimeQuestion, TimeTold, Wake};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    OfPhone,
    wire::{Wire, answer},
};
use crate::{
    http::problem::Problem,
    phones::{self, identity, offline, read},
    platform::{actor::Author, ground::Ground, id::PhoneId},
};

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(time).service(nonce).service(share).service(pin).service(offline_secret).service(rename).service(wake).service(remove);
    config.service(phones_told).service(block_other).service(identity_steps);
}

/// Tells the time, signed, for this very question (`keycard::wire::TimeQuestion`).
#[utoipa::path(tag = "phones", request_body = Object, responses((status = 200, body = Object)))]
#[post("/api/v1/phone/time")]
async fn time(_of: OfPhone, asked: Wire<TimeQuestion>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let time_ms = u64::try_from(ground.clock().now().millis()).unwrap_or(0);
    let told = keycard::TimeAnswer { nonce: asked.0.nonce.0, time_ms };
    Ok(answer(&TimeTold { time: identity::of(&ground).await?.sign(&ground, told).await? }))
}

/// Makes the nonce of the next proof of the PIN (`keycard::wire::ShareNonce`).
#[utoipa::path(tag = "phones", responses((status = 200, body = Object)))]
#[post("/api/v1/phone/share/nonce")]
async fn nonce(of: OfPhone, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    Ok(answer(&phones::ask_nonce(&ground, &of.phone).await?))
}

/// Gives the share of the vault key for a proof of the PIN; five wrong destroy it (`keycard::wire::AskShare`).
#[utoipa::path(tag = "phones", request_body = Object, responses((status = 200, body = Object)))]
#[post("/api/v1/phone/share")]
async fn share(of: OfPhone, asked: Wire<AskShare>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    Ok(answer(&phones::ask_share(&ground, &of.phone, &asked.0).await?))
}

/// Takes a new PIN, which counts once it has proven itself (`keycard::wire::ChangePin`).
#[utoipa::path(tag = "phones", request_body = Object, responses((status = 200, body = Object)))]
#[post("/api/v1/phone/pin")]
async fn pin(of: OfPhone, asked: Wire<ChangePin>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    Ok(answer(&phones::change_pin(&ground, &of.phone, &asked.0).await?))
}

/// Gives a new secret for offline codes, by a signature of the phone's key (`keycard::wire::AskOffline`).
#[utoipa::path(tag = "phones", request_body = Object, responses((status = 200, body = Object)))]
#[post("/api/v1/phone/offline")]
async fn offline_secret(of: OfPhone, asked: Wire<AskOffline>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    Ok(answer(&offline::ask(&ground, &of.phone, &asked.0).await?))
}

/// Gives the phone another name (`keycard::wire::Rename`).
#[utoipa::path(tag = "phones", request_body = Object, responses((status = 204)))]
#[patch("/api/v1/phone/self")]
async fn rename(of: OfPhone, asked: Wire<Rename>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let (account, id) = (of.phone.account, of.phone.id);
    let name = asked.0.name.as_str();
    ground.database.write(async |unit| phones::rename(unit, account, id, name, Author::Account(account)).await).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Keeps how the phone is woken (`keycard::wire::Wake`).
#[utoipa::path(tag = "phones", request_body = Object, responses((status = 204)))]
#[put("/api/v1/phone/wake")]
async fn wake(of: OfPhone, asked: Wire<Wake>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    phones::keep_wake(&ground, &of.phone, &asked.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Removes the phone, by a signature of its key: the person ends the pairing on the phone itself (`keycard::wire::RemoveItself`).
///
/// Takes no Idempotency-Key: a phone is removed once.
#[utoipa::path(tag = "phones", request_body = Object, responses((status = 204)))]
#[post("/api/v1/phone/self/removal")]
async fn remove(of: OfPhone, asked: Wire<RemoveItself>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    ground.database.write(async |unit| phones::remove_itself(unit, &of.phone, &asked.0).await).await?;
    phones::wake(&ground, of.phone.account);
    Ok(HttpResponse::NoContent().finish())
}

/// All phones of the person, so that this one can show which were paired and which ended (`keycard::wire::Phones`).
#[utoipa::path(tag = "phones", responses((status = 200, body = Object)))]
#[get("/api/v1/phone/phones")]
async fn phones_told(of: OfPhone, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    Ok(answer(&read::told(&mut ground.database.read().await?, of.phone.account).await?))
}

/// Blocks another phone of the same person, by a signature of this one's key (`keycard::wire::BlockPhone`).
///
/// Takes no Idempotency-Key: a phone is blocked once, and again is no error.
#[utoipa::path(tag = "phones", params(("id" = String, Path)), request_body = Object, responses((status = 204)))]
#[post("/api/v1/phone/phones/{id}/block")]
async fn block_other(
    of: OfPhone,
    id: web::Path<PhoneId>,
    asked: Wire<BlockPhone>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    ground.database.write(async |unit| phones::block_other(unit, &of.phone, *id, &asked.0).await).await?;
    phones::wake(&ground, of.phone.account);
    Ok(HttpResponse::NoContent().finish())
}

/// How the service's identity key came to be the one in use: a phone that was away follows (`keycard::wire::Identities`).
#[utoipa::path(tag = "phones", responses((status = 200, body = Object)))]
#[get("/api/v1/phone/identity")]
async fn identity_steps(_of: OfPhone, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    Ok(answer(&identity::steps(&ground).await?))
}
