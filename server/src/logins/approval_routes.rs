//! The JSON edge of a log-in or proof that waits for the phone.

use actix_web::{HttpResponse, http::header, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    approvals::{self, State},
    http::{body::Json, problem::Problem},
    platform::{ground::Ground, moment::Moment},
};

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(standing);
}

/// What the phone was asked.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(super) struct AskedPhone {
    /// The two digits to show: the person types them on the phone.
    number: String,
    /// What a phone may scan instead.
    scan: String,
    /// Until when it waits, unless the person asks for more time.
    expires_at: Moment,
}

impl From<approvals::Asked> for AskedPhone {
    fn from(asked: approvals::Asked) -> Self {
        Self { number: asked.number, scan: asked.scan, expires_at: asked.expires_at }
    }
}

/// A log-in or proof on its way.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct OnItsWay {
    /// What the log-in or proof was named.
    login: String,
}

/// How the request to the phone stands.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Stands {
    state: State,
    /// The two digits.
    number: String,
    /// Until when it waits.
    expires_at: Moment,
}

/// Says how the request to the phone stands; ask every second or so. Changes nothing: it is a POST so that the log-in's name stands in no URL.
///
/// Takes no Idempotency-Key: it only reads.
#[utoipa::path(tag = "log-in", request_body = OnItsWay, responses((status = 200, body = Stands)))]
#[post("/api/v1/logins/phone")]
async fn standing(body: Json<OnItsWay>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let approvals::Standing { state, number, expires_at, .. } = super::standing(&ground, &body.0.login).await?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(Stands { state, number, expires_at }))
}
