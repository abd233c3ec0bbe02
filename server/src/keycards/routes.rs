//! The JSON edge of key cards.

use actix_web::{
    HttpRequest, HttpResponse, delete, get,
    http::{StatusCode, header},
    post, put, web,
};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Edition, Keycard, KeycardError, Preferences, block, block_lost, card_number, fetch, issue, may_order, order, prefer, read};
use crate::{
    http::{
        body::Json,
        guard::Granted,
        idempotency::Idempotency,
        network::network_of,
        page,
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{ground::Ground, id::KeycardId, words::Words},
};

impl From<KeycardError> for Problem {
    fn from(error: KeycardError) -> Self {
        match error {
            KeycardError::Database(cause) => cause.into(),
            KeycardError::Gone => Self::saying(Kind::Gone, "keycards.gone"),
            KeycardError::Invalid(faults) => Self::invalid(faults),
            KeycardError::Keystore(cause) => Self::unforeseen(&cause),
            KeycardError::NoCard => Self::saying(Kind::Conflict, "keycards.no_card"),
            KeycardError::NotFound => Self::of(Kind::NotFound),
            KeycardError::NotRight => Self::of(Kind::NotRight),
            KeycardError::OrderedLately => Self::saying(Kind::Conflict, "keycards.ordered_lately"),
            KeycardError::Paper(cause) => Self::unforeseen(&cause),
            KeycardError::ProveAgain => Self::of(Kind::ProveAgain),
            KeycardError::Secret => Self::unforeseen(&error),
            KeycardError::TooManyCards { most } => Self::saying(Kind::Conflict, "keycards.too_many").with("most", most),
            KeycardError::TooManyInPerson { most } => Self::saying(Kind::Conflict, "keycards.too_many_in_person").with("most", most),
            KeycardError::TooManyToday { most } => Self::saying(Kind::TooManyTries, "keycards.too_many_today").with("most", most),
            KeycardError::TooOften { until } => Self::saying(Kind::TooManyTries, "keycards.too_often").with("until", until),
        }
    }
}

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(list).service(create).service(sheet).service(end).service(lost).service(preferences).service(change_preferences);
}

/// A person's cards.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Keycards {
    items: Vec<Keycard>,
    next: Option<String>,
}

/// Lists your key cards, newest first.
#[utoipa::path(tag = "key cards", responses((status = 200, body = Keycards)))]
#[get("/api/v1/keycards")]
async fn list(granted: Granted<right::SeeOneself>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let mut reader = ground.database.read().await?;
    let items = read::of_account(&mut reader, granted.actor.account).await?;
    Ok(HttpResponse::Ok().json(Keycards { items, next: None }))
}

/// Orders a further key card. Needs a fresh proof. Its sheet can be fetched at once.
#[utoipa::path(tag = "key cards", params(Idempotency),
    responses((status = 201, body = Keycard), (status = 403), (status = 409), (status = 429)))]
#[post("/api/v1/keycards")]
async fn create(granted: Granted<right::SeeOneself>, idempotency: Idempotency, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let actor = &granted.actor;
    may_order(actor, ground.clock().now())?;
    let card = issue(&ground, actor.account).await?;
    let location = format!("/api/v1/keycards/{}", card.id);
    let stored = ground
        .database
        .write(async |unit| {
            if let Some(replay) = idempotency.earlier(unit, actor, b"").await? {
                return Ok::<_, Problem>(Err(replay));
            }
            let id = order(unit, &card, actor, ground.config.policy.cards_per_day).await?;
            idempotency.record(unit, actor, b"", StatusCode::CREATED, &location).await?;
            Ok(Ok(read::card(unit, id).await?))
        })
        .await?;
    Ok(match stored {
        Ok(stored) => HttpResponse::Created().insert_header((header::LOCATION, location)).json(stored),
        Err(replay) => replay.answer(),
    })
}

/// Gives a card's sheet: `card.pdf`, `card-large.pdf` or `card.txt`. Within fifteen minutes of issue, or right after a fresh proof.
#[utoipa::path(tag = "key cards", params(("id" = String, Path), ("edition" = String, Path)), responses((status = 200)))]
#[get("/api/v1/keycards/{id}/{edition}")]
async fn sheet(
    granted: Granted<right::SeeOneself>,
    path: web::Path<(KeycardId, String)>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (id, edition) = path.into_inner();
    answer_sheet(&granted, &request, &ground, id, &edition).await
}

/// The sheet as an answer that no cache keeps.
pub(super) async fn answer_sheet(
    granted: &Granted<right::SeeOneself>,
    request: &HttpRequest,
    ground: &Ground,
    id: KeycardId,
    edition: &str,
) -> Result<HttpResponse, Problem> {
    let edition = Edition::of(edition).ok_or_else(|| Problem::of(Kind::NotFound))?;
    // A program's API key lives for months and proves no second factor: it never gets at one, not even while a card is new.
    if granted.actor.session.is_none() {
        return Err(KeycardError::ProveAgain.into());
    }
    let rendered = fetch(ground, &granted.actor, id, edition, Words(page::language(request))).await?;
    Ok(HttpResponse::Ok()
        .content_type(rendered.content_type)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_DISPOSITION, "inline"))
        .body(rendered.bytes.to_vec()))
}

/// Blocks one of your cards, at once and for good.
#[utoipa::path(tag = "key cards", params(("id" = String, Path)), responses((status = 204)))]
#[delete("/api/v1/keycards/{id}")]
async fn end(granted: Granted<right::SeeOneself>, id: web::Path<KeycardId>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let (account, author) = (granted.actor.account, granted.actor.author());
    ground.database.write(async |unit| block(unit, account, *id, author).await).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Says what you want of key cards: at how many keys left the next one is ordered, and how cards are printed.
#[utoipa::path(tag = "key cards", responses((status = 200, body = Preferences)))]
#[get("/api/v1/keycard-preferences")]
async fn preferences(granted: Granted<right::SeeOneself>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let mut reader = ground.database.read().await?;
    Ok(HttpResponse::Ok().json(read::preferences(&mut reader, granted.actor.account).await?))
}

/// Changes what you want of key cards. Large print is for anybody; another number of keys needs a fresh proof.
#[utoipa::path(tag = "key cards", request_body = Preferences, responses((status = 200, body = Preferences), (status = 403), (status = 422)))]
#[put("/api/v1/keycard-preferences")]
async fn change_preferences(
    granted: Granted<right::SeeOneself>,
    body: Json<Preferences>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    ground.database.write(async |unit| prefer(unit, &granted.actor, body.0).await).await?;
    Ok(HttpResponse::Ok().json(body.0))
}

/// A card that is lost.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Lost {
    /// Its owner's user id.
    user_id: String,
    /// The number at its top: a letter and nine digits.
    number: String,
}

/// Blocks a lost card without logging in. The answer is the same whether or not there is such a card; its owner is told by mail.
///
/// Takes no Idempotency-Key: a card is blocked once, and asking again changes nothing.
#[utoipa::path(tag = "key cards", request_body = Lost, responses((status = 202), (status = 422), (status = 429)))]
#[post("/api/v1/lost-keycards")]
async fn lost(body: Json<Lost>, request: HttpRequest, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let (number, network) = (card_number("number", &body.0.number)?, network_of(&request, &ground));
    let refused = ground.database.write(async |unit| block_lost(unit, &body.0.user_id, &number, &network).await).await?;
    if let Some(until) = refused {
        return Err(KeycardError::TooOften { until }.into());
    }
    Ok(HttpResponse::Accepted().insert_header((header::CACHE_CONTROL, "no-store")).finish())
}
