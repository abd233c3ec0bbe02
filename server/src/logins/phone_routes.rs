//! The JSON edge of inviting a phone: here, since what the phone is told of the company is known here.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    post, web,
};
use utoipa_actix_web::service_config::ServiceConfig;

use super::read;
use crate::{
    http::{guard::Granted, idempotency::Idempotency, permissions::right, problem::Problem},
    phones::{self, NewInvitation},
    platform::{ground::Ground, id::PhoneId, moment::Moment},
};

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(invite);
}

/// An invitation, shown this once.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Invited {
    /// What the phone will be called.
    id: PhoneId,
    /// What the QR holds.
    invitation: String,
    /// Where the service is, to be typed with the code.
    address: String,
    /// The code, to be typed where there is no camera.
    code: String,
    /// Until when.
    expires_at: Moment,
}

/// Invites a phone. Needs a fresh proof. An earlier invitation of yours is worth nothing any more.
#[utoipa::path(tag = "phones", params(Idempotency), responses((status = 201, body = Invited)))]
#[post("/api/v1/phones")]
async fn invite(granted: Granted<right::SeeOneself>, idempotency: Idempotency, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let actor = &granted.actor;
    let whom = read::whom(&ground, actor).await?;
    let new = NewInvitation::draw(&ground, actor, &whom).await?;
    let location = format!("/api/v1/phones/{}/pairing", new.phone());
    let shown = new.shown(&ground).await?;
    let stored = ground
        .database
        .write(async |unit| {
            if let Some(replay) = idempotency.earlier(unit, actor, b"").await? {
                return Ok::<_, Problem>(Err(replay));
            }
            phones::invite(unit, &new, actor).await?;
            idempotency.record(unit, actor, b"", StatusCode::CREATED, &location).await?;
            Ok(Ok(()))
        })
        .await?;
    match stored {
        Err(replay) => Ok(replay.answer()),
        Ok(()) => {
            let phones::Invited { phone, invitation, address, code, expires_at } = shown;
            let body = Invited { id: phone, invitation: invitation.to_string(), address, code: code.to_string(), expires_at };
            Ok(HttpResponse::Created()
                .insert_header((header::LOCATION, location))
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .json(body))
        }
    }
}
