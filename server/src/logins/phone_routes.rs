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
    platform::{actor::Actor, ground::Ground, id::PhoneId, moment::Moment},
};

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(invite).service(begin_move);
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
    let whom = read::whom(&ground, &granted.actor).await?;
    let new = NewInvitation::draw(&ground, &granted.actor, &whom).await?;
    invited(&ground, &granted.actor, &idempotency, new, b"").await
}

/// Invites a new phone in the place of this one. Needs a fresh proof. This phone must approve the new one, and ends when it has.
#[utoipa::path(tag = "phones", params(Idempotency, ("id" = String, Path)), responses((status = 201, body = Invited)))]
#[post("/api/v1/phones/{id}/move")]
async fn begin_move(
    granted: Granted<right::SeeOneself>,
    id: web::Path<PhoneId>,
    idempotency: Idempotency,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let whom = read::whom(&ground, &granted.actor).await?;
    let new = NewInvitation::draw_move(&ground, &granted.actor, &whom, *id).await?;
    invited(&ground, &granted.actor, &idempotency, new, id.to_string().as_bytes()).await
}

/// Writes an invitation down and shows it, this once.
async fn invited(
    ground: &Ground,
    actor: &Actor,
    idempotency: &Idempotency,
    new: NewInvitation,
    content: &[u8],
) -> Result<HttpResponse, Problem> {
    let location = format!("/api/v1/phones/{}/pairing", new.phone());
    let shown = new.shown(ground).await?;
    let stored = ground
        .database
        .write(async |unit| {
            if let Some(replay) = idempotency.earlier(unit, actor, content).await? {
                return Ok::<_, Problem>(Err(replay));
            }
            phones::invite(unit, &new, actor).await?;
            idempotency.record(unit, actor, content, StatusCode::CREATED, &location).await?;
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
