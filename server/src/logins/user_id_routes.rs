//! The JSON edge of changing one's user id.

use actix_web::{HttpRequest, HttpResponse, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::refusal_routes::told;
use crate::{
    http::{
        body::Json,
        guard::Granted,
        network::network_of,
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{ground::Ground, secret::Secret},
};

/// The route.
pub fn configure(config: &mut ServiceConfig) {
    config.service(change_user_id);
}

/// The user id to come, and the password.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeUserId {
    user_id: String,
    #[schema(value_type = String)]
    password: Secret<String>,
}

/// Changes your user id. Needs a fresh proof.
#[utoipa::path(tag = "log-in", request_body = ChangeUserId, responses((status = 204)))]
#[post("/api/v1/session/user-id")]
async fn change_user_id(
    granted: Granted<right::SeeOneself>,
    body: Json<ChangeUserId>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let network = network_of(&request, &ground);
    match super::change_user_id(&ground, &granted.actor, &body.0.user_id, &body.0.password, &network).await {
        Ok(()) => Ok(HttpResponse::NoContent().finish()),
        Err(error) => Err(told(&ground, error, &network).await.worded(Kind::NotRight, "logins.password_not_right")),
    }
}
