//! What a person does with his phones, and what the help desk may.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    accounts,
    http::{body::Json, guard::Granted, network::network_of, page, permissions::right, problem::Problem},
    phones::{self, Certificates, Phone, PhoneError, PhoneState, Which, read},
    platform::{ground::Ground, id::PhoneId, moment::Moment, secret::Secret},
};

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(list).service(pairing).service(ask).service(confirm).service(refuse);
    config.service(rename).service(block).service(remove).service(block_of);
}

/// A phone, as its owner sees it.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(super) struct Shown {
    id: PhoneId,
    name: String,
    state: PhoneState,
    /// Where its keys rest, as far as it was proven: `software-pin`, `tee`, `strongbox` or `secure-enclave`.
    protection: &'static str,
    /// Where they rest, as the phone says.
    claimed_protection: &'static str,
    paired_at: Moment,
    /// From when it may sign; it may log in at once.
    signs_from: Moment,
    seen_at: Option<Moment>,
    ended_at: Option<Moment>,
}

impl From<Phone> for Shown {
    fn from(phone: Phone) -> Self {
        let (protection, claimed_protection) = (phone.protection.word(), phone.claimed.word());
        let Phone { id, name, state, paired_at, signs_from, seen_at, ended_at, .. } = phone;
        Self { id, name, state, protection, claimed_protection, paired_at, signs_from, seen_at, ended_at }
    }
}

/// A person's phones.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Phones {
    items: Vec<Shown>,
    next: Option<String>,
}

/// Lists your phones, newest first, those that ended too.
#[utoipa::path(tag = "phones", responses((status = 200, body = Phones)))]
#[get("/api/v1/phones")]
async fn list(granted: Granted<right::SeeOneself>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let mut reader = ground.database.read().await?;
    let found = read::of_account(&mut reader, granted.actor.account).await?;
    Ok(HttpResponse::Ok().json(Phones { items: found.into_iter().map(Shown::from).collect(), next: None }))
}

/// How a pairing stands.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct PairingShown {
    /// `open`, `claimed`, `agreed`, `confirmed` or `over`.
    state: &'static str,
    /// What both screens show, once a phone has proven its keys.
    digits: Option<String>,
    expires_at: Moment,
}

/// Says how a pairing that you began in this session stands.
#[utoipa::path(tag = "phones", params(("id" = String, Path)), responses((status = 200, body = PairingShown)))]
#[get("/api/v1/phones/{id}/pairing")]
async fn pairing(granted: Granted<right::SeeOneself>, id: web::Path<PhoneId>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let pairing = read::own_pairing(&ground, &granted.actor, *id).await?;
    let (state, digits) = match read::shown(&ground, &pairing).await? {
        read::Shown::Claimed => ("claimed", None),
        read::Shown::Confirmed => ("confirmed", None),
        read::Shown::Digits(digits) => ("agreed", Some(digits)),
        read::Shown::Invitation(_) => ("open", None),
        read::Shown::Over => ("over", None),
    };
    Ok(HttpResponse::Ok().json(PairingShown { state, digits, expires_at: pairing.expires_at }))
}

/// The password, once more.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Ask {
    #[schema(value_type = String)]
    password: Secret<String>,
}

/// Which key confirms.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Asked {
    card_number: String,
    key_number: String,
    expires_at: Moment,
}

/// Checks your password and asks for a key of your card, which confirms the pairing. The digits on both screens must be the same.
///
/// Takes no Idempotency-Key: sent again, it asks for the same key number.
#[utoipa::path(tag = "phones", params(("id" = String, Path)), request_body = Ask, responses((status = 200, body = Asked)))]
#[post("/api/v1/phones/{id}/pairing/question")]
async fn ask(
    granted: Granted<right::SeeOneself>,
    id: web::Path<PhoneId>,
    body: Json<Ask>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let asked = phones::ask(&ground, &granted.actor, *id, &body.0.password, &network_of(&request, &ground)).await?;
    Ok(HttpResponse::Ok().json(Asked { card_number: asked.card_number, key_number: asked.key_number, expires_at: asked.expires_at }))
}

/// The key beside the number.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Confirm {
    #[schema(value_type = String)]
    key: Secret<String>,
}

/// Confirms a pairing with the key that was asked for: the phone serves from now.
///
/// Takes no Idempotency-Key: a key is used once, and a pairing confirmed once.
#[utoipa::path(tag = "phones", params(("id" = String, Path)), request_body = Confirm, responses((status = 200, body = Shown)))]
#[post("/api/v1/phones/{id}/pairing/confirmation")]
async fn confirm(
    granted: Granted<right::SeeOneself>,
    id: web::Path<PhoneId>,
    body: Json<Confirm>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let confirmed = phones::confirm(&ground, &granted.actor, *id, body.0.key.reveal(), page::language(&request)).await?;
    phones::wake(&ground, granted.actor.account);
    Ok(HttpResponse::Ok().json(Shown::from(confirmed)))
}

/// Refuses a pairing: the digits are others, or you did not ask for it.
#[utoipa::path(tag = "phones", params(("id" = String, Path)), responses((status = 204)))]
#[delete("/api/v1/phones/{id}/pairing")]
async fn refuse(granted: Granted<right::SeeOneself>, id: web::Path<PhoneId>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    ground.database.write(async |unit| phones::refuse(unit, &granted.actor, *id).await).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Another name.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Rename {
    name: String,
}

/// Gives one of your phones another name.
#[utoipa::path(tag = "phones", params(("id" = String, Path)), request_body = Rename, responses((status = 204)))]
#[patch("/api/v1/phones/{id}")]
async fn rename(
    granted: Granted<right::SeeOneself>,
    id: web::Path<PhoneId>,
    body: Json<Rename>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (account, author) = (granted.actor.account, granted.actor.author());
    ground.database.write(async |unit| phones::rename(unit, account, *id, &body.0.name, author).await).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What ends beside the phone.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
struct Beside {
    /// `true` when the phone was stolen unlocked, or its keys rest in software: the certificates whose keys it could open are revoked with it.
    #[serde(default)]
    revoke_certificates: bool,
}

impl Beside {
    fn certificates(&self) -> Certificates {
        if self.revoke_certificates { Certificates::Revoke } else { Certificates::GoOn }
    }
}

/// Blocks one of your phones, at once and for good: it is lost. Your signing keys' secrets are renewed when you type your password next; if whoever
/// has the phone could use it meanwhile, have the certificates revoked too: that needs a fresh proof, blocking needs none.
#[utoipa::path(tag = "phones", params(("id" = String, Path), Beside), responses((status = 204)))]
#[post("/api/v1/phones/{id}/block")]
async fn block(
    granted: Granted<right::SeeOneself>,
    id: web::Path<PhoneId>,
    beside: web::Query<Beside>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    beside.certificates().require_proof(&granted.actor, ground.clock().now())?;
    let (account, author) = (granted.actor.account, granted.actor.author());
    phones::block_at_request(&ground, account, Which::One(*id), beside.certificates(), author).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Removes one of your phones, at once and for good: you use it no more.
#[utoipa::path(tag = "phones", params(("id" = String, Path)), responses((status = 204)))]
#[delete("/api/v1/phones/{id}")]
async fn remove(granted: Granted<right::SeeOneself>, id: web::Path<PhoneId>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let (account, author) = (granted.actor.account, granted.actor.author());
    ground.database.write(async |unit| phones::remove(unit, account, *id, author).await).await?;
    phones::wake(&ground, account);
    Ok(HttpResponse::NoContent().finish())
}

/// Whose phones.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct BlockOf {
    user_id: String,
    /// Whether the certificates whose keys the phones could open are revoked too: a phone was stolen unlocked, or its keys rest in software.
    #[serde(default)]
    revoke_certificates: bool,
}

/// How many were blocked.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Blocked {
    blocked: usize,
}

/// Blocks every phone of a person who called: the help desk blocks, and never unlocks. Revoking the certificates with them needs a fresh proof.
#[utoipa::path(tag = "phones", request_body = BlockOf, responses((status = 200, body = Blocked)))]
#[post("/api/v1/operations/phones/block")]
async fn block_of(granted: Granted<right::BlockPhones>, body: Json<BlockOf>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let author = granted.actor.author();
    let beside = Beside { revoke_certificates: body.0.revoke_certificates };
    beside.certificates().require_proof(&granted.actor, ground.clock().now())?;
    let mut reader = ground.database.read().await?;
    let account = accounts::read::by_user_id(&mut reader, &body.0.user_id).await?.ok_or(PhoneError::NotFound)?;
    drop(reader);
    let blocked = phones::block_at_request(&ground, account, Which::All, beside.certificates(), author).await?;
    Ok(HttpResponse::Ok().json(Blocked { blocked }))
}
