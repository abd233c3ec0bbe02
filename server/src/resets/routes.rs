//! The JSON edge of a new password in place of a forgotten one. Nobody is logged in here.

use actix_web::{HttpRequest, HttpResponse, http::header, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Asked, By, Chosen, ResetError, Stands, model::ResetStanding};
use crate::{
    http::{
        body::Json,
        network::network_of,
        problem::{Kind, Problem},
    },
    platform::{ground::Ground, moment::Moment, secret::Secret},
};

impl From<ResetError> for Problem {
    fn from(error: ResetError) -> Self {
        match error {
            ResetError::Account(cause) => cause.into(),
            ResetError::Approval(cause) => cause.into(),
            ResetError::Certificate(cause) => Self::unforeseen(&cause),
            ResetError::Database(cause) => cause.into(),
            ResetError::Gone => Self::saying(Kind::Gone, "resets.gone"),
            ResetError::Invalid(faults) => Self::invalid(faults),
            ResetError::Login(cause) => cause.into(),
            ResetError::NoPhone => Self::saying(Kind::Conflict, "resets.no_phone"),
            ResetError::Notice(cause) => Self::unforeseen(&cause),
            ResetError::Outrun => Self::of(Kind::Conflict),
            ResetError::TooOften { until } => Self::saying(Kind::TooManyTries, "resets.too_often").with("until", until),
        }
    }
}

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(ask_link).service(ask).service(stands);
}

/// Who has forgotten a password.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct AskLink {
    user_id: String,
}

/// Has a link mailed to the person of a user id. The answer is the same whether or not anybody has it.
///
/// Takes no Idempotency-Key: nobody is logged in whose key it would be; sent again it mails a newer link, three in a day at most.
#[utoipa::path(tag = "forgotten password", request_body = AskLink, responses((status = 202), (status = 429)))]
#[post("/api/v1/password-resets")]
async fn ask_link(body: Json<AskLink>, request: HttpRequest, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let network = network_of(&request, &ground);
    ground.database.write(async |unit| super::ask_link(unit, &body.0.user_id, &network).await).await?;
    Ok(HttpResponse::Accepted().insert_header((header::CACHE_CONTROL, "no-store")).finish())
}

/// A new password, and by what it may be set: one of the two.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Ask {
    /// The last part of the mailed address. It is claimed once.
    #[schema(value_type = Option<String>)]
    link: Option<Secret<String>>,
    /// What the claim answered: whoever has it asks again.
    #[schema(value_type = Option<String>)]
    reset: Option<Secret<String>>,
    #[schema(value_type = String)]
    new_password: Secret<String>,
}

/// What the phone was asked.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct AskedBody {
    /// Names the reset, for its state and for asking again.
    reset: String,
    /// The two digits to show: the person types them on the phone.
    number: String,
    /// What a phone may scan instead.
    scan: String,
    /// Until when it waits, unless the person asks for more time.
    expires_at: Moment,
}

/// Claims a mailed link with a new password, and asks the person's phone for a yes to it. The password changes when the phone has said yes.
///
/// Takes no Idempotency-Key: a link is claimed once, and whoever has claimed it asks again in place of the earlier time.
#[utoipa::path(tag = "forgotten password", request_body = Ask,
    responses((status = 201, body = AskedBody), (status = 409), (status = 410), (status = 422), (status = 429)))]
#[post("/api/v1/password-resets/question")]
async fn ask(body: Json<Ask>, request: HttpRequest, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let Ask { link, reset, new_password } = &body.0;
    let by = match (link, reset) {
        (Some(link), None) => By::Link(link.reveal()),
        (None, Some(reset)) => By::Browser(reset.reveal()),
        (Some(_), Some(_)) | (None, None) => return Err(Problem::of(Kind::BadRequest)),
    };
    let network = network_of(&request, &ground);
    let Asked { token, number, scan, expires_at } = super::ask(&ground, by, &Chosen { password: new_password, network: &network }).await?;
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, "/api/v1/password-resets/state"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(AskedBody { reset: token, number, scan, expires_at }))
}

/// A reset on its way.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct OnItsWay {
    /// What the claim answered.
    #[schema(value_type = String)]
    reset: Secret<String>,
}

/// How a reset stands.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct StandsBody {
    state: ResetStanding,
    /// The two digits; empty when nothing waits.
    number: String,
    /// Until when the phone is asked.
    expires_at: Moment,
}

/// Says how a reset stands; ask every second or so. Changes nothing: it is a POST so that the reset's name stands in no URL.
///
/// Takes no Idempotency-Key: it only reads.
#[utoipa::path(tag = "forgotten password", request_body = OnItsWay, responses((status = 200, body = StandsBody), (status = 410)))]
#[post("/api/v1/password-resets/state")]
async fn stands(body: Json<OnItsWay>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let Stands { standing: state, number, expires_at, .. } = super::stands(&ground, body.0.reset.reveal()).await?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(StandsBody { state, number, expires_at }))
}
