//! The JSON edge of requests to phones: the phone's own routes, and what the person reads of them afterwards.

use std::convert::Infallible;

use actix_web::{HttpRequest, HttpResponse, get, http::header, post, put, web};
use futures_util::StreamExt as _;
use keycard::wire::Decide;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{ApprovalError, events, read};
use crate::{
    http::{
        body::Json,
        guard::Granted,
        permissions::right,
        problem::{Kind, Problem},
    },
    phones::{self, OfPhone},
    platform::{fault::FieldFault, ground::Ground, id::ApprovalId},
};

impl From<ApprovalError> for Problem {
    fn from(error: ApprovalError) -> Self {
        match error {
            ApprovalError::Certificate(cause) => cause.into(),
            ApprovalError::Database(cause) => cause.into(),
            ApprovalError::ExtendedEnough => Self::saying(Kind::Conflict, "approvals.extended_enough"),
            ApprovalError::Fault(fault) => Self::invalid(vec![FieldFault::new("decision", "field_json").with("reason", fault)]),
            ApprovalError::Full => Self::saying(Kind::Conflict, "approvals.full"),
            ApprovalError::Gone => Self::saying(Kind::Gone, "approvals.gone"),
            ApprovalError::Limit => Self::invalid(vec![FieldFault::new("seconds", "field_seconds")]),
            ApprovalError::NotFound => Self::of(Kind::NotFound),
            ApprovalError::NotYet { from } => Self::saying(Kind::Conflict, "approvals.not_yet").with("from", from),
            ApprovalError::OtherPhone => Self::saying(Kind::NotRight, "approvals.other_phone"),
            ApprovalError::OtherRequest => Self::saying(Kind::NotRight, "approvals.other_request"),
            ApprovalError::Paused { until } => Self::saying(Kind::TooManyTries, "approvals.paused").with("until", until),
            ApprovalError::Phone(cause) => cause.into(),
            ApprovalError::Release => Self::saying(Kind::NotRight, "approvals.release"),
            ApprovalError::Signature => Self::saying(Kind::NotRight, "approvals.signature"),
            ApprovalError::Stopped => Self::saying(Kind::Conflict, "approvals.stopped"),
        }
    }
}

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(waiting).service(one).service(decide).service(extend).service(past).service(event_stream);
    config.service(own).service(identity_key).service(evidence).service(set_limit);
}

/// What waits for this phone's person, oldest first, at most three.
#[utoipa::path(tag = "phone", responses((status = 200)))]
#[get("/api/v1/phone/requests")]
async fn waiting(of: OfPhone, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let mut reader = ground.database.read().await?;
    let waiting = read::waiting(&mut reader, of.phone.account, ground.clock().now()).await?;
    Ok(fresh().json(waiting))
}

/// One request that waits, signed by the service's identity key.
#[utoipa::path(tag = "phone", params(("id" = String, Path)), responses((status = 200)))]
#[get("/api/v1/phone/requests/{id}")]
async fn one(of: OfPhone, id: web::Path<ApprovalId>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let mut reader = ground.database.read().await?;
    let request = read::request(&mut reader, &of.phone, *id, ground.clock().now()).await?;
    Ok(fresh().json(request))
}

/// Answers a request: yes with the number, no, or "this was not me", signed by the phone's key.
///
/// Takes no Idempotency-Key: the same decision sent again gets the stored answer.
#[utoipa::path(tag = "phone", params(("id" = String, Path)), request_body = Object, responses((status = 200)))]
#[post("/api/v1/phone/requests/{id}/decision")]
async fn decide(of: OfPhone, id: web::Path<ApprovalId>, body: Json<Decide>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let decided = super::decide(&ground, &of.phone, *id, &body.0).await?;
    Ok(fresh().json(decided))
}

/// Gives the person more time, up to ten times: the answer is the request that takes the place of this one, with the same number.
///
/// Takes no Idempotency-Key: a request is extended once, and whoever asks again is told that it is gone and looks.
#[utoipa::path(tag = "phone", params(("id" = String, Path)), responses((status = 200)))]
#[post("/api/v1/phone/requests/{id}/extension")]
async fn extend(of: OfPhone, id: web::Path<ApprovalId>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let later = super::extend(&ground, &of.phone, *id).await?;
    let mut reader = ground.database.read().await?;
    Ok(fresh().json(read::request(&mut reader, &of.phone, later, ground.clock().now()).await?))
}

#[derive(serde::Deserialize)]
struct After {
    after: Option<ApprovalId>,
}

/// What was asked and how it ended, newest first.
#[utoipa::path(tag = "phone", params(("after" = Option<String>, Query)), responses((status = 200)))]
#[get("/api/v1/phone/history")]
async fn past(of: OfPhone, query: web::Query<After>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let mut reader = ground.database.read().await?;
    let history = read::history(&mut reader, of.phone.account, query.after, ground.clock().now()).await?;
    Ok(fresh().json(history))
}

/// Server-sent events: "look" when something new waits, "ended" when it waits no more. `Last-Event-ID` resumes. At most two streams of a phone:
/// a third ends the oldest.
#[utoipa::path(tag = "phone", responses((status = 200, content_type = "text/event-stream")))]
#[get("/api/v1/phone/events")]
async fn event_stream(of: OfPhone, request: HttpRequest, ground: web::Data<Ground>) -> HttpResponse {
    let last = request.headers().get("last-event-id").and_then(|value| value.to_str().ok()?.parse::<ApprovalId>().ok());
    let lines = events::stream(&ground, &of.phone, last).map(|lines| Ok::<_, Infallible>(web::Bytes::from(lines)));
    // Without the second header a proxy may keep what is written until there is more of it.
    fresh().content_type("text/event-stream").insert_header(("X-Accel-Buffering", "no")).streaming(Box::pin(lines))
}

/// What your phones were asked and how it ended, newest first.
#[utoipa::path(tag = "approvals", params(("after" = Option<String>, Query)), responses((status = 200)))]
#[get("/api/v1/approvals")]
async fn own(granted: Granted<right::SeeOneself>, query: web::Query<After>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let mut reader = ground.database.read().await?;
    let history = read::history(&mut reader, granted.actor.account, query.after, ground.clock().now()).await?;
    Ok(fresh().json(history))
}

/// The evidence of an answer, for `segl verify-approval`: your own, or anybody's for an auditor.
#[utoipa::path(tag = "approvals", params(("id" = String, Path)), responses((status = 200)))]
#[get("/api/v1/approvals/{id}/evidence")]
async fn evidence(
    granted: Granted<right::SeeOneself>,
    id: web::Path<ApprovalId>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let mut reader = ground.database.read().await?;
    let evidence = super::evidence(&mut reader, &granted.actor, *id).await?;
    let name = format!("attachment; filename=\"approval-{id}.json\"");
    Ok(fresh().content_type("application/json").insert_header((header::CONTENT_DISPOSITION, name)).body(evidence))
}

/// The service's identity key: what signs each request to a phone.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct IdentityKey {
    /// The point, in hexadecimal, as `segl verify-approval --identity` takes it.
    public_key: String,
    /// Those before it, oldest first: what they signed is checked with them.
    former: Vec<String>,
}

/// The identity key that requests to phones are signed with.
#[utoipa::path(tag = "approvals", responses((status = 200, body = IdentityKey)))]
#[get("/api/v1/approvals/identity")]
async fn identity_key(_granted: Granted<right::SeeOneself>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let mut keys: Vec<_> = phones::identity::all(&ground).await?.iter().map(|key| hex::encode(key.sec1())).collect();
    let public_key = keys.pop().unwrap_or_default();
    Ok(HttpResponse::Ok().json(IdentityKey { public_key, former: keys }))
}

/// How long your requests wait.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Limit {
    /// 120 to 600.
    seconds: i64,
}

/// Sets how long requests to your phones wait for you: two to ten minutes.
#[utoipa::path(tag = "approvals", request_body = Limit, responses((status = 204)))]
#[put("/api/v1/approval-limit")]
async fn set_limit(granted: Granted<right::SeeOneself>, body: Json<Limit>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    ground.database.write(async |unit| super::set_limit(unit, &granted.actor, body.0.seconds).await).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn fresh() -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    response
}
