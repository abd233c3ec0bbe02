//! The JSON edge of a person's own code token.

use actix_web::{HttpResponse, get, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{activate, block, read, resync, routes::Token};
use crate::{
    http::{body::Json, guard::Granted, permissions::right, problem::Problem},
    platform::{ground::Ground, id::CodeTokenId, secret::Secret},
};

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(own).service(activate_own).service(resync_own).service(block_own);
}

/// Your code tokens.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Own {
    items: Vec<Token>,
    next: Option<String>,
}

/// Shows your code token: one, or none.
#[utoipa::path(tag = "code tokens", responses((status = 200, body = Own)))]
#[get("/api/v1/own-code-tokens")]
async fn own(granted: Granted<right::SeeOneself>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let held = read::held(&mut ground.database.read().await?, granted.actor.account).await?;
    let now = ground.clock().now();
    let items = held.into_iter().map(|token| Token::of(token, now)).collect();
    Ok(HttpResponse::Ok().json(Own { items, next: None }))
}

/// Two codes that the token showed one after the other.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Pair {
    /// The one that it showed first.
    #[schema(value_type = String)]
    first: Secret<String>,
    /// The one that followed.
    #[schema(value_type = String)]
    second: Secret<String>,
}

impl Pair {
    fn codes(&self) -> [&str; 2] {
        [self.first.reveal(), self.second.reveal()]
    }
}

/// Activates your code token, also after it was blocked. Needs a fresh proof by card or phone.
#[utoipa::path(tag = "code tokens", params(("id" = String, Path)), request_body = Pair,
    responses((status = 204), (status = 403), (status = 404), (status = 409), (status = 429)))]
#[post("/api/v1/own-code-tokens/{id}/activation")]
async fn activate_own(
    granted: Granted<right::SeeOneself>,
    id: web::Path<CodeTokenId>,
    body: Json<Pair>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    activate(&ground, &granted.actor, *id, body.0.codes()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Brings your code token into step again.
#[utoipa::path(tag = "code tokens", params(("id" = String, Path)), request_body = Pair,
    responses((status = 204), (status = 404), (status = 409), (status = 429)))]
#[post("/api/v1/own-code-tokens/{id}/resynchronisation")]
async fn resync_own(
    granted: Granted<right::SeeOneself>,
    id: web::Path<CodeTokenId>,
    body: Json<Pair>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    resync(&ground, &granted.actor, *id, body.0.codes()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Blocks your code token, at once.
#[utoipa::path(tag = "code tokens", params(("id" = String, Path)), responses((status = 204), (status = 404)))]
#[post("/api/v1/own-code-tokens/{id}/block")]
async fn block_own(
    granted: Granted<right::SeeOneself>,
    id: web::Path<CodeTokenId>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (account, author) = (granted.actor.account, granted.actor.author());
    ground.database.write(async |unit| block(unit, *id, Some(account), author).await).await?;
    Ok(HttpResponse::NoContent().finish())
}
