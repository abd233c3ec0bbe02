//! The JSON edge of recoveries and of one's own key history.

use actix_web::{HttpRequest, HttpResponse, delete, get, http::StatusCode, http::header, post, web};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Bundle, Holder, Possibility, Recovery, RecoveryError, RecoveryState, Reshared, read};
use crate::{
    http::{
        body::Json,
        guard::Granted,
        idempotency::{Idempotency, Replay},
        listing::AfterTold,
        network::network_of,
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{
        actor::Actor,
        ground::Ground,
        id::{EmployeeId, RecoveryId},
        moment::Moment,
        secret::Secret,
    },
};

impl From<RecoveryError> for Problem {
    fn from(error: RecoveryError) -> Self {
        match error {
            RecoveryError::Account(cause) => cause.into(),
            RecoveryError::AlreadyAsked => Self::saying(Kind::AlreadyDone, "recoveries.already_asked"),
            RecoveryError::Archive(cause) => Self::unforeseen(&cause),
            RecoveryError::Authority(cause) => cause.into(),
            RecoveryError::Database(cause) => cause.into(),
            RecoveryError::Employee(cause) => cause.into(),
            RecoveryError::Ended { state: RecoveryState::Asked } => Self::saying(Kind::Conflict, "recoveries.not_approved"),
            RecoveryError::Ended { state: RecoveryState::Approved } => Self::saying(Kind::AlreadyDone, "recoveries.approved_already"),
            RecoveryError::Ended { state: RecoveryState::Objected } => Self::saying(Kind::Conflict, "recoveries.objected"),
            RecoveryError::Ended { state: RecoveryState::Collected | RecoveryState::Lapsed | RecoveryState::Withdrawn } => {
                Self::saying(Kind::Gone, "recoveries.over")
            }
            RecoveryError::Invalid(faults) => Self::invalid(faults),
            RecoveryError::LinkGone => Self::saying(Kind::Gone, "recoveries.link_gone"),
            RecoveryError::NoShare => Self::saying(Kind::Conflict, "recoveries.no_share"),
            RecoveryError::NotAsker => Self::saying(Kind::Forbidden, "recoveries.not_asker"),
            RecoveryError::NotFound => Self::of(Kind::NotFound),
            RecoveryError::NotPossible => Self::saying(Kind::Conflict, "recoveries.not_possible"),
            RecoveryError::NotRight => Self::saying(Kind::NotRight, "recoveries.not_right"),
            RecoveryError::NothingArchived => Self::saying(Kind::Conflict, "recoveries.nothing_archived"),
            RecoveryError::Notice(cause) => Self::unforeseen(&cause),
            RecoveryError::ProveAgain => Self::of(Kind::ProveAgain),
            RecoveryError::SamePerson => Self::saying(Kind::Forbidden, "recoveries.same_person"),
            RecoveryError::TooEarly { until } => Self::saying(Kind::Conflict, "recoveries.too_early").with("until", until),
        }
    }
}

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(create).service(list).service(one).service(approval).service(objection).service(end).service(collection);
    config.service(holders).service(share_again).service(key_history);
}

/// Whose keys, and why.
#[derive(serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Asking {
    /// An employee of your company, also one who has left.
    pub(super) employee: EmployeeId,
    /// At most 200 characters; the employee reads it.
    pub(super) reason: String,
}

/// What came of asking.
pub(super) enum Asked {
    /// It was asked before, under the same Idempotency-Key.
    Earlier(Replay),
    /// It is asked now.
    New(RecoveryId),
}

/// Asks, or finds what the same key asked before.
pub(super) async fn ask_once(ground: &Ground, actor: &Actor, asking: &Asking, key: &Idempotency) -> Result<Asked, Problem> {
    let prepared = super::prepare(ground, actor, asking.employee, &asking.reason).await?;
    let content = serde_json::to_vec(asking).map_err(|error| Problem::unforeseen(&error))?;
    ground
        .database
        .write(async |unit| {
            if let Some(earlier) = key.earlier(unit, actor, &content).await? {
                return Ok(Asked::Earlier(earlier));
            }
            let id = super::ask(unit, actor, &prepared).await?;
            key.record(unit, actor, &content, StatusCode::CREATED, &location(id)).await?;
            Ok::<_, Problem>(Asked::New(id))
        })
        .await
}

fn location(id: RecoveryId) -> String {
    format!("/api/v1/recoveries/{id}")
}

/// A recovery that was asked for.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct AskedAnswer {
    /// Its id.
    id: RecoveryId,
}

/// Asks for an employee's decryption keys. Needs a fresh proof; somebody else must approve. An employee in service may object for 48 hours,
/// which a later dismissal does not shorten.
#[utoipa::path(tag = "recovery", params(Idempotency), request_body = Asking,
    responses((status = 201, body = AskedAnswer), (status = 404), (status = 409)))]
#[post("/api/v1/recoveries")]
async fn create(
    granted: Granted<right::RecoverKeys>,
    ground: web::Data<Ground>,
    key: Idempotency,
    body: Json<Asking>,
) -> Result<HttpResponse, Problem> {
    Ok(match ask_once(&ground, &granted.actor, &body.0, &key).await? {
        Asked::Earlier(replay) => replay.answer(),
        Asked::New(id) => HttpResponse::Created().insert_header((header::LOCATION, location(id))).json(AskedAnswer { id }),
    })
}

/// A recovery.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Answer {
    id: RecoveryId,
    /// Whose keys.
    employee: EmployeeId,
    /// Who asked, by name.
    asked_by: String,
    /// Why.
    reason: String,
    state: RecoveryState,
    asked_at: Moment,
    /// Until when the employee may object, and nobody collects; when asked, for an employee who had left by then.
    objectable_until: Moment,
    /// When it is over if nobody does anything.
    lapses_at: Moment,
    /// Who approved, by name.
    approved_by: Option<String>,
    approved_at: Option<Moment>,
    ended_at: Option<Moment>,
}

impl From<Recovery> for Answer {
    fn from(recovery: Recovery) -> Self {
        Self {
            id: recovery.id,
            employee: recovery.employee,
            asked_by: recovery.asked_by_name,
            reason: recovery.reason,
            state: recovery.state,
            asked_at: recovery.asked_at,
            objectable_until: recovery.objectable_until,
            lapses_at: recovery.lapses_at,
            approved_by: recovery.approved_by_name,
            approved_at: recovery.approved_at,
            ended_at: recovery.ended_at,
        }
    }
}

/// A page of recoveries.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Answers {
    /// The recoveries, the newest first.
    items: Vec<Answer>,
    /// What `after` shows the next page; null at the end.
    next: Option<String>,
}

/// Lists recoveries: your company's for administrators, those of your own keys for everybody.
#[utoipa::path(tag = "recovery", params(("after" = Option<String>, Query)), responses((status = 200, body = Answers)))]
#[get("/api/v1/recoveries")]
async fn list(
    granted: Granted<right::SeeRecoveries>,
    ground: web::Data<Ground>,
    query: web::Query<AfterTold>,
) -> Result<web::Json<Answers>, Problem> {
    let listing = read::list(&mut ground.database.read().await?, &granted.actor, query.cursor()?.as_ref()).await?;
    let items = listing.items.into_iter().map(Answer::from).collect();
    Ok(web::Json(Answers { items, next: listing.next.map(|cursor| cursor.word()) }))
}

/// Shows a recovery.
#[utoipa::path(tag = "recovery", responses((status = 200, body = Answer), (status = 404)))]
#[get("/api/v1/recoveries/{id}")]
async fn one(
    granted: Granted<right::SeeRecoveries>,
    ground: web::Data<Ground>,
    id: web::Path<RecoveryId>,
) -> Result<web::Json<Answer>, Problem> {
    let found = read::visible(&mut ground.database.read().await?, &granted.actor, *id).await?;
    Ok(web::Json(found.ok_or(RecoveryError::NotFound)?.into()))
}

/// The person's own password, which opens their share.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordBody {
    #[schema(value_type = String)]
    password: Secret<String>,
}

/// Approves somebody else's recovery with your password and share. Needs a fresh proof.
#[utoipa::path(tag = "recovery", request_body = PasswordBody, responses((status = 204), (status = 403), (status = 404), (status = 409)))]
#[post("/api/v1/recoveries/{id}/approval")]
async fn approval(
    granted: Granted<right::RecoverKeys>,
    ground: web::Data<Ground>,
    request: HttpRequest,
    id: web::Path<RecoveryId>,
    body: Json<PasswordBody>,
) -> Result<HttpResponse, Problem> {
    super::approve(&ground, &granted.actor, *id, &body.0.password, &network_of(&request, &ground)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Objects to the recovery of your own keys, within 48 hours.
#[utoipa::path(tag = "recovery", responses((status = 204), (status = 404), (status = 409)))]
#[post("/api/v1/recoveries/{id}/objection")]
async fn objection(
    granted: Granted<right::ObjectToRecovery>,
    ground: web::Data<Ground>,
    id: web::Path<RecoveryId>,
) -> Result<HttpResponse, Problem> {
    object_to(&ground, &granted.actor, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Objects, and tells everybody.
pub(super) async fn object_to(ground: &Ground, actor: &Actor, id: RecoveryId) -> Result<(), RecoveryError> {
    let told = super::told_of_end(ground, actor, id).await?;
    ground.database.write(async |unit| super::object(unit, actor, id, &told).await).await
}

/// Takes a recovery back.
#[utoipa::path(tag = "recovery", responses((status = 204), (status = 404), (status = 410)))]
#[delete("/api/v1/recoveries/{id}")]
async fn end(granted: Granted<right::RecoverKeys>, ground: web::Data<Ground>, id: web::Path<RecoveryId>) -> Result<HttpResponse, Problem> {
    take_back(&ground, &granted.actor, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes it back, and tells everybody.
pub(super) async fn take_back(ground: &Ground, actor: &Actor, id: RecoveryId) -> Result<(), RecoveryError> {
    let told = super::told_of_end(ground, actor, id).await?;
    ground.database.write(async |unit| super::withdraw(unit, actor, id, &told).await).await
}

/// A key with its certificate and chain.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct KeyAnswer {
    /// The serial number of its certificate, hexadecimal.
    serial: String,
    /// A name for the file.
    file_name: String,
    /// From when mail was encrypted to it.
    not_before: Moment,
    /// Until when.
    not_after: Moment,
    /// PKCS#12 (RFC 7292), base64.
    pkcs12: String,
}

/// Decryption keys, handed out once.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct BundleAnswer {
    /// Opens each file. Shown only this once.
    password: String,
    /// One for each key, the oldest first.
    files: Vec<KeyAnswer>,
}

fn hand_out(bundle: &Bundle) -> HttpResponse {
    let files = bundle.files.iter().map(|file| KeyAnswer {
        serial: file.serial.clone(),
        file_name: file.file_name(),
        not_before: file.not_before,
        not_after: file.not_after,
        pkcs12: STANDARD.encode(&file.content),
    });
    let answer = BundleAnswer { password: bundle.password.reveal().clone(), files: files.collect() };
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(answer)
}

/// Collects the keys of a recovery that you asked for, once, when somebody approved and the employee can object no more. Needs a fresh proof.
#[utoipa::path(tag = "recovery", request_body = PasswordBody, responses((status = 200, body = BundleAnswer), (status = 404), (status = 409), (status = 410)))]
#[post("/api/v1/recoveries/{id}/collection")]
async fn collection(
    granted: Granted<right::RecoverKeys>,
    ground: web::Data<Ground>,
    request: HttpRequest,
    id: web::Path<RecoveryId>,
    body: Json<PasswordBody>,
) -> Result<HttpResponse, Problem> {
    let network = network_of(&request, &ground);
    Ok(hand_out(&super::collect(&ground, &granted.actor, *id, &body.0.password, &network).await?))
}

/// Somebody who holds a share of the company's key, or may.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct HolderAnswer {
    /// Their name.
    name: String,
    /// Whether they are a signatory; otherwise an administrator.
    signatory: bool,
    /// Whether they have a share of the present key.
    has_share: bool,
}

impl From<Holder> for HolderAnswer {
    fn from(holder: Holder) -> Self {
        Self { signatory: holder.is_signatory(), name: holder.name, has_share: holder.has_share }
    }
}

/// Who could recover keys.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct StandingAnswer {
    possibility: Possibility,
    holders: Vec<HolderAnswer>,
}

/// Tells whether two persons of your company could recover keys, and who they are.
#[utoipa::path(tag = "recovery", responses((status = 200, body = StandingAnswer)))]
#[get("/api/v1/recovery-holders")]
async fn holders(granted: Granted<right::RecoverKeys>, ground: web::Data<Ground>) -> Result<web::Json<StandingAnswer>, Problem> {
    let company = granted.actor.company.ok_or(RecoveryError::NotFound)?;
    let standing = super::standing(&mut ground.database.read().await?, company).await?;
    let holders = standing.holders.into_iter().map(HolderAnswer::from).collect();
    Ok(web::Json(StandingAnswer { possibility: standing.possibility, holders }))
}

/// What sharing again led to.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct ResharedAnswer {
    /// So many keys moved to the company's present key.
    moved: usize,
    /// So many old generations wait for another administrator who held a share of them.
    waiting: usize,
}

/// Shares the company's old keys again: a second administrator's call moves what depends on them to the present key. Needs a fresh proof.
#[utoipa::path(tag = "recovery", request_body = PasswordBody, responses((status = 200, body = ResharedAnswer), (status = 403)))]
#[post("/api/v1/recovery-holders/renewal")]
async fn share_again(
    granted: Granted<right::RecoverKeys>,
    ground: web::Data<Ground>,
    request: HttpRequest,
    body: Json<PasswordBody>,
) -> Result<web::Json<ResharedAnswer>, Problem> {
    let network = network_of(&request, &ground);
    let Reshared { moved, waiting } = super::reshare(&ground, &granted.actor, &body.0.password, &network).await?;
    Ok(web::Json(ResharedAnswer { moved, waiting }))
}

/// Fetches all your own decryption keys, the old ones too. Needs a fresh proof.
#[utoipa::path(tag = "recovery", request_body = PasswordBody, responses((status = 200, body = BundleAnswer), (status = 409)))]
#[post("/api/v1/key-history")]
async fn key_history(
    granted: Granted<right::FetchOwnKeys>,
    ground: web::Data<Ground>,
    request: HttpRequest,
    body: Json<PasswordBody>,
) -> Result<HttpResponse, Problem> {
    let network = network_of(&request, &ground);
    Ok(hand_out(&super::fetch_own(&ground, &granted.actor, &body.0.password, &network).await?))
}
