//! The JSON edge: asking the phone about a thing, how that stands, and doing the thing.

use actix_web::{HttpRequest, HttpResponse, get, http::header, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{ConsentError, Question, Thing, read};
use crate::{
    approvals::{Asked, Standing, State},
    http::{
        body::Json,
        guard::Granted,
        network::network_of,
        page,
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{
        ground::Ground,
        id::{ApprovalId, KeycardId, MandateId, PhoneId, RecoveryId, ReissueId},
        moment::Moment,
        secret::Secret,
    },
};

impl From<ConsentError> for Problem {
    fn from(error: ConsentError) -> Self {
        match error {
            ConsentError::Account(cause) => cause.into(),
            ConsentError::Answer(State::Approved | State::Extended | State::Waiting) => {
                Self::saying(Kind::Conflict, "logins.phone_waiting")
            }
            ConsentError::Answer(State::Closed) => Self::saying(Kind::Gone, "logins.phone_closed"),
            ConsentError::Answer(State::Lapsed) => Self::saying(Kind::Gone, "logins.phone_lapsed"),
            ConsentError::Answer(State::NotMe) => Self::saying(Kind::Gone, "logins.phone_not_me"),
            ConsentError::Answer(State::Rejected) => Self::saying(Kind::Gone, "logins.phone_rejected"),
            ConsentError::Answer(State::Replaced) => Self::saying(Kind::Gone, "logins.phone_replaced"),
            ConsentError::Answer(State::Withdrawn) => Self::saying(Kind::Gone, "logins.phone_withdrawn"),
            ConsentError::Approval(cause) => cause.into(),
            ConsentError::Database(cause) => cause.into(),
            ConsentError::Keycard(cause) => cause.into(),
            ConsentError::Mandate(cause) => cause.into(),
            ConsentError::NoPhone => Self::saying(Kind::Conflict, "consents.no_phone"),
            ConsentError::NotFound => Self::of(Kind::NotFound),
            ConsentError::Phone(cause) => cause.into(),
            ConsentError::Recovery(cause) => cause.into(),
            ConsentError::Reissue(cause) => cause.into(),
        }
    }
}

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(standing).service(ask_recovery).service(approve_recovery).service(ask_card).service(order_card);
    config.service(ask_phone).service(confirm_phone).service(ask_mandate).service(approve_mandate);
    config.service(ask_reissue).service(approve_reissue);
}

/// What the phone was asked.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct AskedPhone {
    /// Names the request: for its standing, and for doing the thing.
    approval: ApprovalId,
    /// The two digits to show: the person types them on the phone.
    number: String,
    /// What a phone may scan instead.
    scan: String,
    /// Until when it waits, unless the person asks for more time.
    expires_at: Moment,
}

impl From<Asked> for AskedPhone {
    fn from(asked: Asked) -> Self {
        Self { approval: asked.id, number: asked.number, scan: asked.scan, expires_at: asked.expires_at }
    }
}

fn told(asked: Asked) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(AskedPhone::from(asked))
}

/// How a request to the phone stands.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Stands {
    state: State,
    /// The two digits.
    number: String,
    /// Until when it waits.
    expires_at: Moment,
}

/// Says how a request to the phone stands that this session asked; ask every second or so.
#[utoipa::path(tag = "approvals", params(("id" = String, Path)), responses((status = 200, body = Stands)))]
#[get("/api/v1/phone-questions/{id}")]
async fn standing(
    granted: Granted<right::SeeOneself>,
    id: web::Path<ApprovalId>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let Standing { state, number, expires_at, .. } = read::standing(&ground, &granted.actor, *id).await?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(Stands { state, number, expires_at }))
}

/// Asks your phone whether you approve somebody else's recovery: it shows whose keys, who asked and why.
///
/// Takes no Idempotency-Key: asked again, the newer request takes the older one's place.
#[utoipa::path(tag = "recovery", params(("id" = String, Path)), responses((status = 200, body = AskedPhone)))]
#[post("/api/v1/recoveries/{id}/phone-question")]
async fn ask_recovery(
    granted: Granted<right::RecoverKeys>,
    id: web::Path<RecoveryId>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let question = Question::about(&ground, &granted.actor, Thing::Recovery(*id)).await?;
    Ok(told(super::ask(&ground, &granted.actor, question, &network_of(&request, &ground)).await?))
}

/// The phone's yes, and the person's own password, which opens their share.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ApproveRecovery {
    #[schema(value_type = String)]
    approval: ApprovalId,
    #[schema(value_type = String)]
    password: Secret<String>,
}

/// Approves somebody else's recovery with your phone's yes, your password and your share.
///
/// Takes no Idempotency-Key: a yes serves once.
#[utoipa::path(tag = "recovery", params(("id" = String, Path)), request_body = ApproveRecovery, responses((status = 204)))]
#[post("/api/v1/recoveries/{id}/phone-approval")]
async fn approve_recovery(
    granted: Granted<right::RecoverKeys>,
    id: web::Path<RecoveryId>,
    body: Json<ApproveRecovery>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let network = network_of(&request, &ground);
    super::approve_recovery(&ground, &granted.actor, *id, body.0.approval, &body.0.password, &network).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Asks your phone whether you order one more key card.
///
/// Takes no Idempotency-Key: asked again, the newer request takes the older one's place.
#[utoipa::path(tag = "key cards", responses((status = 200, body = AskedPhone)))]
#[post("/api/v1/phone-questions/keycard")]
async fn ask_card(granted: Granted<right::SeeOneself>, request: HttpRequest, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let question = Question::about(&ground, &granted.actor, Thing::Card).await?;
    Ok(told(super::ask(&ground, &granted.actor, question, &network_of(&request, &ground)).await?))
}

/// The phone's yes.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct SaidYes {
    #[schema(value_type = String)]
    approval: ApprovalId,
}

/// Asks your phone whether you consent to a change that somebody else asked for: it shows what changes and who asked.
///
/// Takes no Idempotency-Key: asked again, the newer request takes the older one's place.
#[utoipa::path(tag = "mandates", params(("id" = String, Path)), responses((status = 200, body = AskedPhone)))]
#[post("/api/v1/mandates/{id}/phone-question")]
async fn ask_mandate(
    granted: Granted<right::DecideMandate>,
    id: web::Path<MandateId>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let question = Question::about(&ground, &granted.actor, Thing::Mandate(*id)).await?;
    Ok(told(super::ask(&ground, &granted.actor, question, &network_of(&request, &ground)).await?))
}

/// Consents with your phone's yes to a change that somebody else asked for: it is done.
///
/// Takes no Idempotency-Key: a yes serves once.
#[utoipa::path(tag = "mandates", params(("id" = String, Path)), request_body = SaidYes, responses((status = 204)))]
#[post("/api/v1/mandates/{id}/phone-approval")]
async fn approve_mandate(
    granted: Granted<right::DecideMandate>,
    id: web::Path<MandateId>,
    body: Json<SaidYes>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    super::approve_mandate(&ground, &granted.actor, *id, body.0.approval).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A card that was ordered.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Ordered {
    id: KeycardId,
}

/// Orders one more key card with your phone's yes.
///
/// Takes no Idempotency-Key: a yes serves once.
#[utoipa::path(tag = "key cards", request_body = SaidYes, responses((status = 201, body = Ordered)))]
#[post("/api/v1/phone-questions/keycard/order")]
async fn order_card(granted: Granted<right::SeeOneself>, body: Json<SaidYes>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let id = super::order_card(&ground, &granted.actor, body.0.approval).await?;
    let location = (header::LOCATION, format!("/api/v1/keycards/{id}"));
    Ok(HttpResponse::Created().insert_header(location).json(Ordered { id }))
}

/// The password, once more.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct AskPhone {
    #[schema(value_type = String)]
    password: Secret<String>,
}

/// Checks your password and asks your present phone whether the new one is yours. The digits on both screens must be the same.
///
/// Takes no Idempotency-Key: asked again, the newer request takes the older one's place.
#[utoipa::path(tag = "phones", params(("id" = String, Path)), request_body = AskPhone, responses((status = 200, body = AskedPhone)))]
#[post("/api/v1/phones/{id}/pairing/phone-question")]
async fn ask_phone(
    granted: Granted<right::SeeOneself>,
    id: web::Path<PhoneId>,
    body: Json<AskPhone>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    Ok(told(super::ask_for_phone(&ground, &granted.actor, *id, &body.0.password, &network_of(&request, &ground)).await?))
}

/// A phone that serves now.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Confirmed {
    id: PhoneId,
    /// From when it may sign; it may log in at once.
    signs_from: Moment,
}

/// Confirms a new phone with the yes of your present one; when it takes that one's place, that one ends with it.
///
/// Takes no Idempotency-Key: a yes serves once.
#[utoipa::path(tag = "phones", params(("id" = String, Path)), request_body = SaidYes, responses((status = 200, body = Confirmed)))]
#[post("/api/v1/phones/{id}/pairing/phone-confirmation")]
async fn confirm_phone(
    granted: Granted<right::SeeOneself>,
    id: web::Path<PhoneId>,
    body: Json<SaidYes>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let confirmed = super::confirm_phone(&ground, &granted.actor, *id, body.0.approval, page::language(&request)).await?;
    Ok(HttpResponse::Ok().json(Confirmed { id: confirmed.id, signs_from: confirmed.signs_from }))
}

/// Asks your phone about a replaced password: whether you approve somebody else's as the second administrator, or, on a phone that you had before,
/// whether your own new certificates may follow at once.
///
/// Takes no Idempotency-Key: asked again, the newer request takes the older one's place.
#[utoipa::path(tag = "forgotten password", params(("id" = String, Path)), responses((status = 200, body = AskedPhone)))]
#[post("/api/v1/reissues/{id}/phone-question")]
async fn ask_reissue(
    granted: Granted<right::SeeReissues>,
    id: web::Path<ReissueId>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let question = Question::about(&ground, &granted.actor, Thing::Reissue(*id)).await?;
    Ok(told(super::ask(&ground, &granted.actor, question, &network_of(&request, &ground)).await?))
}

/// Does it with your phone's yes.
///
/// Takes no Idempotency-Key: a yes serves once.
#[utoipa::path(tag = "forgotten password", params(("id" = String, Path)), request_body = SaidYes, responses((status = 204)))]
#[post("/api/v1/reissues/{id}/phone-approval")]
async fn approve_reissue(
    granted: Granted<right::SeeReissues>,
    id: web::Path<ReissueId>,
    body: Json<SaidYes>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    super::approve_reissue(&ground, &granted.actor, *id, body.0.approval).await?;
    Ok(HttpResponse::NoContent().finish())
}
