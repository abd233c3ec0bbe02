//! The JSON edge: what a phone may register (it does so by `PUT wake`, which `phones` keeps).

use actix_web::{HttpResponse, get, http::header, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{PushError, offered};
use crate::{http::problem::Problem, phones::OfPhone, platform::ground::Ground};

impl From<PushError> for Problem {
    fn from(error: PushError) -> Self {
        Self::unforeseen(&error)
    }
}

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(ways);
}

/// Says by whom this service wakes phones, and whether it knows how to wake this one (`keycard::wire::WakeOffered`).
#[utoipa::path(tag = "phones", responses((status = 200, body = Object)))]
#[get("/api/v1/phone/wake")]
async fn ways(of: OfPhone, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(offered(&ground, &of.phone).await?))
}
