//! The JSON edge of ordering certificates for the company itself.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    post, web,
};
use utoipa_actix_web::service_config::ServiceConfig;

use super::order::{self, Ordered, Wish};
use crate::{
    certificates,
    http::{
        body::Json,
        guard::Granted,
        idempotency::{Idempotency, Replay},
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{actor::Actor, ground::Ground, id::CompanyId},
};

/// Adds the routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(order_certificate);
}

/// What came of an order.
pub(super) enum Outcome {
    /// It was done before, under the same Idempotency-Key.
    Earlier(Replay),
    /// It is done now: the serial number.
    New(String),
}

/// What an order answers.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct Issued {
    /// The certificate's serial number, hexadecimal.
    serial: String,
}

/// Orders for the actor's own company, once for each key; somebody else's is not there.
///
/// # Errors
/// The faults of the wish; those of [`order::prepare`] and [`order::order`].
pub(super) async fn order_once(
    ground: &Ground,
    actor: &Actor,
    company: CompanyId,
    wish: &Wish,
    key: &Idempotency,
) -> Result<Outcome, Problem> {
    if actor.company != Some(company) {
        return Err(Problem::of(Kind::NotFound));
    }
    let ordered = Ordered::of(wish).map_err(Problem::invalid)?;
    let content = serde_json::to_vec(wish).map_err(|error| Problem::unforeseen(&error))?;
    let prepared = order::prepare(ground, company, &ordered).await?;
    let serial = prepared.serial().to_string();
    let earlier = ground
        .database
        .write(async |unit| {
            if let Some(earlier) = key.earlier(unit, actor, &content).await? {
                return Ok(Some(earlier));
            }
            order::order(unit, &prepared, actor.author()).await?;
            key.record(unit, actor, &content, StatusCode::CREATED, &location(&serial)).await?;
            Ok::<_, Problem>(None)
        })
        .await?;
    if let Some(earlier) = earlier {
        return Ok(Outcome::Earlier(earlier));
    }
    // What fails from here on is finished by the recovering job.
    certificates::finish(ground, prepared.certificate()).await?;
    Ok(Outcome::New(serial))
}

fn location(serial: &str) -> String {
    format!("/api/v1/certificates/{serial}")
}

/// Orders a certificate of the company itself: its seal (VOCES), or one for a shared mailbox or system (FOCES). The key is made in the
/// keystore and stays there, unless a function brings a request of its own. At most 20 in a day.
#[utoipa::path(tag = "companies", params(Idempotency), request_body = Wish,
    responses((status = 201, body = Issued), (status = 404), (status = 422), (status = 429)))]
#[post("/api/v1/companies/{company}/certificates")]
async fn order_certificate(
    granted: Granted<right::OrderCertificate>,
    company: web::Path<CompanyId>,
    key: Idempotency,
    Json(wish): Json<Wish>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    Ok(match order_once(&ground, &granted.actor, *company, &wish, &key).await? {
        Outcome::Earlier(replay) => replay.answer(),
        Outcome::New(serial) => HttpResponse::Created().insert_header((header::LOCATION, location(&serial))).json(Issued { serial }),
    })
}
