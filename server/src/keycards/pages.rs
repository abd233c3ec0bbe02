//! The HTML edge of key cards: sheets, a further card, blocking. The list itself stands on the account's page.

use actix_web::{HttpRequest, HttpResponse, get, post, web};

use super::{block, issue, may_order, order, routes::answer_sheet};
use crate::{
    http::{body::Form, guard::Granted, page::go, permissions::right, problem::Problem},
    platform::{ground::Ground, id::KeycardId},
};

/// The pages.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(further).service(end).service(sheet);
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[get("/account/keycards/{id}/{edition}")]
async fn sheet(
    granted: Granted<right::SeeOneself>,
    path: web::Path<(KeycardId, String)>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (id, edition) = path.into_inner();
    answer_sheet(&granted, &request, &ground, id, &edition).await
}

#[post("/account/keycards")]
async fn further(granted: Granted<right::SeeOneself>, _form: Form<Nothing>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    may_order(&granted.actor, ground.clock().now())?;
    let card = issue(&ground, granted.actor.account).await?;
    ground.database.write(async |unit| order(unit, &card, &granted.actor).await).await?;
    Ok(go("/account"))
}

#[post("/account/keycards/{id}/block")]
async fn end(
    granted: Granted<right::SeeOneself>,
    id: web::Path<KeycardId>,
    _form: Form<Nothing>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (account, author) = (granted.actor.account, granted.actor.author());
    ground.database.write(async |unit| block(unit, account, *id, author).await).await?;
    Ok(go("/account"))
}
