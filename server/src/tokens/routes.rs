//! The JSON edge of the stock: import, list, block.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::{StatusCode, header},
    post, web,
};
use sha2::{Digest as _, Sha256};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    CodeToken, Standing, TokenError, block, import,
    model::{FILE_BYTES, TokenKind},
    read,
};
use crate::{
    http::{
        body::{bounded, one_of_few, parse_json},
        guard::Granted,
        idempotency::{Idempotency, Replay},
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{
        actor::Actor,
        cursor::Cursor,
        ground::Ground,
        id::{AccountId, CodeTokenId, CompanyId},
        moment::Moment,
        secret::Secret,
    },
};

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::AlreadyHasOne => Self::saying(Kind::Conflict, "tokens.already_has_one"),
            TokenError::Database(cause) => cause.into(),
            TokenError::Invalid(faults) => Self::invalid(faults),
            TokenError::Keycard(cause) => cause.into(),
            TokenError::Keystore(cause) => Self::unforeseen(&cause),
            TokenError::NoToken => Self::saying(Kind::Conflict, "tokens.no_token"),
            TokenError::NotFound => Self::of(Kind::NotFound),
            TokenError::NotInStock => Self::saying(Kind::Conflict, "tokens.not_in_stock"),
            TokenError::NotRight => Self::saying(Kind::NotRight, "tokens.pair_not_right"),
            TokenError::ProveAgain => Self::saying(Kind::ProveAgain, "tokens.prove_by_card"),
            TokenError::Quarantined => Self::saying(Kind::Conflict, "tokens.quarantined"),
            TokenError::Waits { until } => Self::saying(Kind::TooManyTries, "tokens.waits").with("until", until),
            TokenError::Worn => Self::saying(Kind::Conflict, "tokens.worn"),
        }
    }
}

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(list).service(import_tokens).service(block_token);
}

/// A code token, without its seed.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub struct Token {
    /// Its id.
    id: CodeTokenId,
    /// The number on its back.
    serial: String,
    /// What moves its code on.
    kind: TokenKind,
    /// How many digits it shows.
    digits: i64,
    /// Where it stands.
    state: Standing,
    /// Whose it is.
    account: Option<AccountId>,
    /// The company whose administrators alone may give it out; absent while any may.
    company: Option<CompanyId>,
    /// When it was given to somebody.
    assigned_at: Option<Moment>,
    /// Until when it serves.
    life_until: Option<Moment>,
    /// When a code of it was taken last.
    used_at: Option<Moment>,
    /// What it cost, in øre: noted, not collected.
    price_ore: Option<i64>,
}

impl Token {
    /// As it stands at a moment.
    pub fn of(token: CodeToken, now: Moment) -> Self {
        let state = token.standing(now);
        let CodeToken { id, serial, kind, digits, account, company, assigned_at, life_until, used_at, price_ore, .. } = token;
        Self { id, serial, kind, digits, state, account, company, assigned_at, life_until, used_at, price_ore }
    }
}

/// Which part of the list.
#[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Search {
    /// How the serial number begins.
    #[serde(default)]
    pub serial: String,
    /// The `next` of the part before.
    #[serde(default)]
    pub after: String,
}

impl Search {
    /// Where the part begins.
    ///
    /// # Errors
    /// [`Kind::BadRequest`] for what is no cursor of ours.
    pub(super) fn cursor(&self) -> Result<Cursor, Problem> {
        if self.after.is_empty() {
            return Ok(Cursor::start());
        }
        Cursor::of(&self.after).ok_or_else(|| Problem::of(Kind::BadRequest))
    }
}

/// Code tokens.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Tokens {
    items: Vec<Token>,
    next: Option<String>,
}

/// Lists code tokens by serial number, those in stock and those that people have.
#[utoipa::path(tag = "code tokens", params(Search), responses((status = 200, body = Tokens), (status = 400)))]
#[get("/api/v1/code-tokens")]
async fn list(_granted: Granted<right::SeeTokens>, ground: web::Data<Ground>, search: web::Query<Search>) -> Result<HttpResponse, Problem> {
    let listing = read::list(&mut ground.database.read().await?, &search.serial, &search.cursor()?).await?;
    let now = ground.clock().now();
    let items = listing.items.into_iter().map(|token| Token::of(token, now)).collect();
    Ok(HttpResponse::Ok().json(Tokens { items, next: listing.next.map(|cursor| cursor.word()) }))
}

/// Tokens to be taken into the stock.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Import {
    /// `csv` or `pskc` (RFC 6030).
    format: String,
    /// The file's text.
    #[schema(value_type = String)]
    file: Secret<String>,
    /// What opens an encrypted PSKC file: 32 or 64 hexadecimal digits.
    #[serde(default = "no_key")]
    #[schema(value_type = Option<String>)]
    pre_shared_key: Secret<String>,
    /// The company that they were delivered to: its administrators alone give them out. Without it, whichever company gives one out first keeps it.
    #[serde(default)]
    company: Option<CompanyId>,
}

fn no_key() -> Secret<String> {
    Secret::new(String::new())
}

/// How many were taken.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Imported {
    tokens: usize,
}

/// What is to be imported.
pub(super) struct Delivery<'a> {
    /// `csv` or `pskc`.
    pub format: &'a str,
    /// The file.
    pub file: &'a [u8],
    /// What opens an encrypted one.
    pub pre_shared_key: &'a Secret<String>,
    /// Whose administrators alone may give the tokens out; nobody's yet without one.
    pub company: Option<CompanyId>,
}

/// Takes a file into the stock, once for each key. Needs a fresh proof.
///
/// # Errors
/// [`TokenError::ProveAgain`], and those of [`import::prepare`] and [`import::import`].
pub(super) async fn import_once(
    ground: &Ground,
    actor: &Actor,
    delivery: &Delivery<'_>,
    key: &Idempotency,
) -> Result<Result<usize, Replay>, Problem> {
    if !actor.has_proven(ground.clock().now()) {
        return Err(Problem::of(Kind::ProveAgain));
    }
    let Delivery { format, file, pre_shared_key, company } = *delivery;
    let whose = company.map(|company| company.to_string()).unwrap_or_default();
    let content = Sha256::digest([format.as_bytes(), &[0], whose.as_bytes(), &[0], file].concat());
    let prepared = import::prepare(ground, format, file, pre_shared_key).await?;
    let imported = ground.database.write(async |unit| {
        if let Some(replay) = key.earlier(unit, actor, &content).await? {
            return Ok::<_, Problem>(Err(replay));
        }
        let imported = import::import(unit, &prepared, company, actor.author()).await?;
        key.record(unit, actor, &content, StatusCode::CREATED, LIST).await?;
        Ok(Ok(imported))
    });
    imported.await
}

const LIST: &str = "/api/v1/code-tokens";

/// Takes tokens from a file into the stock: all of it or nothing, at most 2,000. Needs a fresh proof.
#[utoipa::path(tag = "code tokens", params(Idempotency), request_body = Import,
    responses((status = 201, body = Imported), (status = 403), (status = 413), (status = 422)))]
#[post("/api/v1/code-tokens")]
async fn import_tokens(
    granted: Granted<right::ImportTokens>,
    key: Idempotency,
    request: HttpRequest,
    payload: web::Payload,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let bytes = one_of_few(bounded(&request, &mut payload.into_inner(), FILE_BYTES)).await?;
    let Import { format, file, pre_shared_key, company } = parse_json(&bytes)?;
    let delivery = Delivery { format: &format, file: file.reveal().as_bytes(), pre_shared_key: &pre_shared_key, company };
    let imported = import_once(&ground, &granted.actor, &delivery, &key).await?;
    Ok(match imported {
        Ok(tokens) => HttpResponse::Created().insert_header((header::LOCATION, LIST)).json(Imported { tokens }),
        Err(replay) => replay.answer(),
    })
}

/// Blocks a code token, at once. Its holder is told.
#[utoipa::path(tag = "code tokens", params(("id" = String, Path)), responses((status = 204), (status = 404)))]
#[post("/api/v1/code-tokens/{id}/block")]
async fn block_token(
    granted: Granted<right::BlockTokens>,
    id: web::Path<CodeTokenId>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let author = granted.actor.author();
    ground.database.write(async |unit| block(unit, *id, None, author).await).await?;
    Ok(HttpResponse::NoContent().finish())
}
