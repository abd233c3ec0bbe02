//! The JSON edge of one's telephone.

use actix_web::{HttpResponse, get, put, web};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    http::{body::Json, guard::Granted, permissions::right, problem::Problem},
    platform::ground::Ground,
};

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(show_telephone).service(change_telephone);
}

/// One's telephone.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct MaskedTelephone {
    /// Its last digits alone; null without one.
    telephone: Option<String>,
}

/// Shows the last digits of your telephone number.
#[utoipa::path(tag = "log-in", responses((status = 200, body = MaskedTelephone)))]
#[get("/api/v1/session/telephone")]
async fn show_telephone(granted: Granted<right::SeeOneself>, ground: web::Data<Ground>) -> Result<web::Json<MaskedTelephone>, Problem> {
    Ok(web::Json(MaskedTelephone { telephone: super::masked_telephone(&ground, &granted.actor).await? }))
}

/// The number to come.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeTelephone {
    /// As `+45 12 34 56 78`; empty: none any more.
    telephone: String,
}

/// Changes your telephone number: your mail address and both numbers are told. Needs a fresh proof.
#[utoipa::path(tag = "log-in", request_body = ChangeTelephone, responses((status = 204), (status = 403), (status = 422)))]
#[put("/api/v1/session/telephone")]
async fn change_telephone(
    granted: Granted<right::SeeOneself>,
    body: Json<ChangeTelephone>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    super::change_telephone(&ground, &granted.actor, &body.0.telephone).await?;
    Ok(HttpResponse::NoContent().finish())
}
