//! The JSON edge of a person's signatures.

use actix_web::{HttpResponse, delete, get, http::header, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{PersonError, Signature, read};
use crate::{
    http::{
        body::Json,
        guard::Granted,
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{ground::Ground, id::EmployeeId, moment::Moment, secret::Secret},
};

impl From<PersonError> for Problem {
    fn from(error: PersonError) -> Self {
        match error {
            PersonError::Account(cause) => cause.into(),
            PersonError::AlreadyLinked => Self::saying(Kind::AlreadyDone, "persons.already_linked"),
            PersonError::ChangedMeanwhile => Self::of(Kind::Conflict),
            PersonError::Database(cause) => cause.into(),
            PersonError::Gone => Self::saying(Kind::Gone, "persons.gone"),
            PersonError::NeedsSession => Self::saying(Kind::Forbidden, "persons.needs_session"),
            PersonError::NoSignature => Self::of(Kind::Forbidden),
            PersonError::NotFound => Self::of(Kind::NotFound),
            PersonError::Notice(cause) => Self::unforeseen(&cause),
            PersonError::Own => Self::saying(Kind::Conflict, "persons.own"),
            PersonError::ProveAgain => Self::of(Kind::ProveAgain),
            PersonError::SameCompany => Self::saying(Kind::Conflict, "persons.same_company"),
            PersonError::TooMany { most } => Self::saying(Kind::Conflict, "persons.too_many").with("most", most),
        }
    }
}

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(signatures).service(begin_link).service(link).service(unlink);
}

/// A person's signatures.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = OwnSignatures)]
struct Signatures {
    /// Ten at most: the session's own first, then what it is linked with.
    items: Vec<Signature>,
}

/// A link on its way.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct BegunLink {
    /// What the session of the other signature hands in, once.
    token: String,
    /// Until when.
    expires_at: Moment,
}

/// What the session of the first signature was given.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct TakeUpLink {
    #[schema(value_type = String)]
    token: Secret<String>,
}

/// Lists your signatures: this one, and those in other companies that you linked. For sessions, not for API keys.
#[utoipa::path(tag = "log-in", responses((status = 200, body = Signatures), (status = 403)))]
#[get("/api/v1/signatures")]
async fn signatures(granted: Granted<right::LinkSignatures>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let items = read::signatures(&ground, &granted.actor).await?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(Signatures { items }))
}

/// Begins to link this signature with one of yours in another company. Needs a fresh proof by card or phone. Then log in with the other one, and hand
/// in the token with that session within a quarter of an hour. Asking again ends the token of before.
#[utoipa::path(tag = "log-in", responses((status = 200, body = BegunLink), (status = 403)))]
#[post("/api/v1/signature-links")]
async fn begin_link(granted: Granted<right::LinkSignatures>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let super::Begun { token, expires_at } = super::begin(&ground, &granted.actor).await?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(BegunLink { token, expires_at }))
}

/// Links this signature with the one whose session gave the token. Needs a fresh proof by card or phone. Both addresses are told; no company is.
#[utoipa::path(
    tag = "log-in",
    request_body = TakeUpLink,
    responses((status = 200, body = Signatures), (status = 403), (status = 409), (status = 410))
)]
#[post("/api/v1/signatures")]
async fn link(granted: Granted<right::LinkSignatures>, body: Json<TakeUpLink>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    super::link(&ground, &granted.actor, body.0.token.reveal()).await?;
    let items = read::signatures(&ground, &granted.actor).await?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(Signatures { items }))
}

/// Undoes the link of one of your signatures, this one or another. Each stays what it is in its company.
#[utoipa::path(tag = "log-in", responses((status = 204), (status = 403), (status = 404)))]
#[delete("/api/v1/signatures/{employee}")]
async fn unlink(
    granted: Granted<right::LinkSignatures>,
    employee: web::Path<EmployeeId>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    super::unlink(&ground, &granted.actor, *employee).await?;
    Ok(HttpResponse::NoContent().finish())
}
