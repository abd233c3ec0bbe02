//! The JSON edge of signatories, who have no log-in: a takeover requested; and read, signed, declined over the mailed link.

use actix_web::{HttpRequest, HttpResponse, http::header, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Request, SignedBy, Successor, content::Content, read, routes::SignedAnswer, sign};
use crate::{
    http::{body::Json, network::network_of, problem::Problem},
    platform::{fault::FieldFault, ground::Ground, moment::Moment},
};

/// Adds the routes.
pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(request_takeover).service(read_takeover).service(sign_takeover).service(decline_takeover);
    config.service(withdraw_takeover);
}

/// A takeover that a signatory requests.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct TakeoverRequest {
    /// The company's CVR number, or the association's own number.
    number: String,
    /// Your own address, as it stands in the agreement.
    email: String,
    /// Who shall become superadministrator. The posts of those who administer now end.
    successor: Successor,
    /// Why, 1 to 200 characters.
    reason: String,
}

/// Requests a takeover, as one who may sign for the company. The answer is the same whether or not you may; everybody concerned is told by mail, and an
/// operator opens it or refuses.
///
/// Takes no Idempotency-Key: nobody is logged in whose key it would be; of each address one request waits at a time.
#[utoipa::path(tag = "successions", request_body = TakeoverRequest, responses((status = 202), (status = 422), (status = 429)))]
#[post("/api/v1/takeover-requests")]
async fn request_takeover(request: HttpRequest, ground: web::Data<Ground>, body: Json<TakeoverRequest>) -> Result<HttpResponse, Problem> {
    let TakeoverRequest { number, email, successor, reason } = body.0;
    super::request(&ground, &Request { number, email, successor, reason }, &network_of(&request, &ground)).await?;
    Ok(HttpResponse::Accepted().insert_header((header::CACHE_CONTROL, "no-store")).finish())
}

/// The link of a mail.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct TakeoverLink {
    /// The last part of the mailed address.
    link: String,
}

/// A takeover as a signatory reads it.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Takeover {
    /// The company.
    company: String,
    /// The signatory.
    signatory: String,
    /// Who asked for it, by name.
    asked_by: String,
    /// Whether it was asked for without a log-in, with the address of `asked_by`: nobody knows by whom.
    requested: bool,
    /// Who becomes superadministrator.
    successor: String,
    /// The successor's address, which is signed for with the name.
    successor_email: String,
    /// Whether they worked here already when it was asked for: else they are invited to the address.
    works_here: bool,
    /// Whose posts as administrators end.
    ends: Vec<String>,
    /// Why.
    reason: String,
    /// The signing rule: so many signatories must sign.
    needed: i64,
    /// How many must still sign, this one included.
    pending: i64,
    /// Until when.
    lapses_at: Moment,
    /// When it is done unless a signatory refuses it, if it waits for that alone.
    ready_at: Option<Moment>,
    /// The day on the form, when an operator recorded that you signed on paper; if you did not, decline.
    signed_on: Option<String>,
    /// SHA-256 of the whole change, in hexadecimal.
    fingerprint: String,
}

/// Shows the takeover behind a mailed link. Changes nothing.
#[utoipa::path(tag = "successions", request_body = TakeoverLink,
    responses((status = 200, body = Takeover), (status = 404), (status = 409), (status = 410)))]
#[post("/api/v1/takeovers")]
async fn read_takeover(ground: web::Data<Ground>, body: Json<TakeoverLink>) -> Result<web::Json<Takeover>, Problem> {
    let mut reader = ground.database.read().await?;
    let about = read::by_link(&mut reader, &body.0.link).await?;
    sign::check_declinable(&about, ground.clock().now())?;
    let Content { wish, works_here, .. } = Content::of(&about.succession)?;
    Ok(web::Json(Takeover {
        ends: wish.names_of_ends(&mut reader, about.company.id).await?,
        successor: wish.successor_name(),
        successor_email: wish.successor.map(|one| one.email).unwrap_or_default(),
        works_here: works_here.is_some(),
        requested: about.succession.requested_by.is_some(),
        ready_at: about.succession.ready_at,
        signed_on: about.signature.form.map(|(day, _)| day),
        reason: wish.reason,
        company: about.company.legal_name,
        signatory: about.signatory.name,
        fingerprint: hex::encode(about.succession.fingerprint()),
        asked_by: about.succession.asked_by_name,
        needed: about.succession.needed,
        pending: about.succession.pending,
        lapses_at: about.succession.lapses_at,
    }))
}

/// A signatory's yes.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct TakeoverYes {
    /// The last part of the mailed address.
    link: String,
    /// Must be true.
    accept: bool,
}

/// Signs a takeover; the signature that fulfils the rule does it.
#[utoipa::path(tag = "successions", request_body = TakeoverYes,
    responses((status = 200, body = SignedAnswer), (status = 404), (status = 409), (status = 410), (status = 422), (status = 503)))]
#[post("/api/v1/takeovers/acceptance")]
async fn sign_takeover(ground: web::Data<Ground>, body: Json<TakeoverYes>) -> Result<web::Json<SignedAnswer>, Problem> {
    let TakeoverYes { link, accept } = body.0;
    if !accept {
        return Err(Problem::invalid(vec![FieldFault::new("accept", "field_tick")]));
    }
    Ok(web::Json(super::sign(&ground, &SignedBy::Link(link)).await?.into()))
}

/// Takes back what was requested with your address, also when it was not you. Everybody concerned is told.
#[utoipa::path(tag = "successions", request_body = TakeoverLink, responses((status = 204), (status = 404), (status = 409), (status = 410)))]
#[post("/api/v1/takeover-requests/withdrawal")]
async fn withdraw_takeover(ground: web::Data<Ground>, body: Json<TakeoverLink>) -> Result<HttpResponse, Problem> {
    super::withdraw(&ground, &body.0.link).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Declines a takeover: the link is used up. When the rule is out of reach, it is over; also when an operator recorded a form that you did not sign,
/// and while it waits to be done.
#[utoipa::path(tag = "successions", request_body = TakeoverLink, responses((status = 204), (status = 404), (status = 409), (status = 410)))]
#[post("/api/v1/takeovers/declining")]
async fn decline_takeover(ground: web::Data<Ground>, body: Json<TakeoverLink>) -> Result<HttpResponse, Problem> {
    super::decline(&ground, &body.0.link).await?;
    Ok(HttpResponse::NoContent().finish())
}
