//! The protocol over HTTP (RFC 3161 section 3.4).

use actix_web::{HttpRequest, HttpResponse, http::header, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{TimestampError, answer};
use crate::{
    http::{
        body::protocol_body,
        problem::{Kind, Problem},
    },
    platform::ground::Ground,
};

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(timestamp);
}

/// A time stamp over a digest.
#[utoipa::path(tag = "pki", request_body(content_type = "application/timestamp-query", content = Vec<u8>),
    responses((status = 200, description = "The answer, DER", content_type = "application/timestamp-reply"), (status = 413), (status = 415)))]
#[post("/timestamp")]
async fn timestamp(ground: web::Data<Ground>, request: HttpRequest, payload: web::Payload) -> Result<HttpResponse, Problem> {
    let body = protocol_body(&request, payload, "application/timestamp-query").await?;
    let reply = answer(&ground, &body).await;
    Ok(HttpResponse::Ok().content_type("application/timestamp-reply").insert_header((header::CACHE_CONTROL, "no-store")).body(reply))
}

impl From<TimestampError> for Problem {
    fn from(error: TimestampError) -> Self {
        match error {
            TimestampError::Database(error) => error.into(),
            TimestampError::Outside(_) | TimestampError::Refused(_) => Self::of(Kind::NotReady),
            TimestampError::SerialsExhausted | TimestampError::Token(_) => Self::unforeseen(&error),
        }
    }
}
