//! The JSON edge of forgotten passwords that administrators replace.

use actix_web::{HttpResponse, delete, get, http::StatusCode, http::header, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Given, Reissue, ReissueError, ReissueState, Standing, read};
use crate::{
    employees::{
        self,
        routes::{RenewalBody, examine},
    },
    http::{
        body::Json,
        guard::Granted,
        idempotency::{Idempotency, Replay},
        listing::After,
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{
        actor::Actor,
        database::Reader,
        ground::Ground,
        id::{CompanyId, EmployeeId, ReissueId},
        moment::Moment,
    },
};

impl From<ReissueError> for Problem {
    fn from(error: ReissueError) -> Self {
        match error {
            ReissueError::AlreadyAsked => Self::saying(Kind::AlreadyDone, "reissues.already_asked"),
            ReissueError::Certificate(cause) => Self::unforeseen(&cause),
            ReissueError::Database(cause) => cause.into(),
            ReissueError::Employee(cause) => cause.into(),
            ReissueError::Ended { state: ReissueState::Asked } => Self::saying(Kind::Conflict, "reissues.not_approved"),
            ReissueError::Ended { state: ReissueState::Approved } => Self::saying(Kind::AlreadyDone, "reissues.approved_already"),
            ReissueError::Ended { state: ReissueState::Given } => Self::saying(Kind::AlreadyDone, "reissues.given_already"),
            ReissueError::Ended { state: ReissueState::Cancelled | ReissueState::Done | ReissueState::Lapsed } => {
                Self::saying(Kind::Gone, "reissues.over")
            }
            ReissueError::LinkGone => Self::saying(Kind::Gone, "reissues.link_gone"),
            ReissueError::NewContact => Self::saying(Kind::Conflict, "employees.new_contact"),
            ReissueError::NotAsker => Self::saying(Kind::Forbidden, "reissues.not_asker"),
            ReissueError::NotFound => Self::of(Kind::NotFound),
            ReissueError::Notice(cause) => Self::unforeseen(&cause),
            ReissueError::NothingWaits => Self::saying(Kind::Conflict, "reissues.nothing_waits"),
            ReissueError::ProveAgain => Self::of(Kind::ProveAgain),
            ReissueError::SamePerson => Self::saying(Kind::Forbidden, "reissues.same_person"),
            ReissueError::TheirOwn => Self::saying(Kind::Forbidden, "reissues.their_own"),
            ReissueError::YoungPhone => Self::saying(Kind::Conflict, "reissues.young_phone"),
        }
    }
}

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(create).service(list).service(one).service(approval).service(invitation).service(end);
}

/// Who has forgotten the password.
#[derive(serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Asking {
    /// The company.
    pub(super) company: CompanyId,
    /// The employee, who activated once.
    pub(super) employee: EmployeeId,
}

/// What came of asking.
pub(super) enum Asked {
    /// It was asked before, under the same Idempotency-Key.
    Earlier(Replay),
    /// It is asked now.
    New(ReissueId),
}

fn location(id: ReissueId) -> String {
    format!("/api/v1/reissues/{id}")
}

/// Asks, or finds what the same key asked before.
pub(super) async fn ask_once(ground: &Ground, actor: &Actor, asking: &Asking, key: &Idempotency) -> Result<Asked, Problem> {
    let prepared = super::prepare(ground, actor, (asking.company, asking.employee)).await?;
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

/// What was asked.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct AskedReissue {
    id: ReissueId,
}

/// Asks for a new password for an employee who has forgotten theirs and has no phone that replaces it. Nothing stops yet; the employee and those
/// who sign for the company are told. Where the company has another administrator, one of them must approve. Needs a fresh proof.
#[utoipa::path(tag = "forgotten password", params(Idempotency), request_body = Asking,
    responses((status = 201, body = AskedReissue), (status = 403), (status = 404), (status = 409)))]
#[post("/api/v1/reissues")]
async fn create(
    granted: Granted<right::ReissuePassword>,
    ground: web::Data<Ground>,
    key: Idempotency,
    body: Json<Asking>,
) -> Result<HttpResponse, Problem> {
    Ok(match ask_once(&ground, &granted.actor, &body.0, &key).await? {
        Asked::Earlier(replay) => replay.answer(),
        Asked::New(id) => HttpResponse::Created().insert_header((header::LOCATION, location(id))).json(AskedReissue { id }),
    })
}

/// A forgotten password that an administrator has replaced.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct ReissueAnswer {
    id: ReissueId,
    /// Whose password.
    employee: EmployeeId,
    /// Who asked, by name.
    asked_by: String,
    /// How it stands.
    state: Standing,
    asked_at: Moment,
    /// When it is over if nobody sends link and temporary password.
    lapses_at: Moment,
    /// Who approved, by name; null where nobody else had to.
    approved_by: Option<String>,
    /// When the old password stopped.
    given_at: Option<Moment>,
    /// From when new certificates may follow.
    certificates_from: Option<Moment>,
    ended_at: Option<Moment>,
}

async fn answer(reader: &mut Reader, reissue: Reissue, now: Moment) -> Result<ReissueAnswer, Problem> {
    let state = read::standing(reader, &reissue, now).await?;
    Ok(ReissueAnswer {
        id: reissue.id,
        employee: reissue.employee,
        asked_by: reissue.asked_by_name,
        state,
        asked_at: reissue.asked_at,
        lapses_at: reissue.lapses_at,
        approved_by: reissue.approved_by_name,
        given_at: reissue.given_at,
        certificates_from: reissue.certificates_from,
        ended_at: reissue.ended_at,
    })
}

/// A page of them.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Reissues {
    /// The newest first.
    items: Vec<ReissueAnswer>,
    /// What `after` shows the next page; null at the end.
    next: Option<String>,
}

/// Lists replaced passwords: your company's for administrators, your own for everybody.
#[utoipa::path(tag = "forgotten password", params(("after" = Option<String>, Query)), responses((status = 200, body = Reissues)))]
#[get("/api/v1/reissues")]
async fn list(
    granted: Granted<right::SeeReissues>,
    ground: web::Data<Ground>,
    query: web::Query<After>,
) -> Result<web::Json<Reissues>, Problem> {
    let (mut reader, now) = (ground.database.read().await?, ground.clock().now());
    let listing = read::list(&mut reader, &granted.actor, query.cursor()?.as_ref()).await?;
    let mut items = Vec::with_capacity(listing.items.len());
    for reissue in listing.items {
        items.push(answer(&mut reader, reissue, now).await?);
    }
    Ok(web::Json(Reissues { items, next: listing.next.map(|cursor| cursor.word()) }))
}

/// Shows a replaced password.
#[utoipa::path(tag = "forgotten password", params(("id" = String, Path)), responses((status = 200, body = ReissueAnswer), (status = 404)))]
#[get("/api/v1/reissues/{id}")]
async fn one(
    granted: Granted<right::SeeReissues>,
    ground: web::Data<Ground>,
    id: web::Path<ReissueId>,
) -> Result<web::Json<ReissueAnswer>, Problem> {
    let (mut reader, now) = (ground.database.read().await?, ground.clock().now());
    let found = read::visible(&mut reader, &granted.actor, *id).await?.ok_or(ReissueError::NotFound)?;
    Ok(web::Json(answer(&mut reader, found, now).await?))
}

/// Approves what another administrator of your company asked for. Needs a fresh proof.
///
/// Takes no Idempotency-Key: it is approved once.
#[utoipa::path(tag = "forgotten password", params(("id" = String, Path)),
    responses((status = 204), (status = 403), (status = 404), (status = 409), (status = 410)))]
#[post("/api/v1/reissues/{id}/approval")]
async fn approval(
    granted: Granted<right::ReissuePassword>,
    ground: web::Data<Ground>,
    id: web::Path<ReissueId>,
) -> Result<HttpResponse, Problem> {
    ground.database.write(async |unit| super::approve(unit, &granted.actor, *id).await).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What was sent.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct GivenAnswer {
    /// The temporary password, once, when you hand it over yourself (`in_person`).
    temporary_password: Option<String>,
}

/// Sends link and temporary password. Operators send by letter alone.
pub(super) async fn give_once(ground: &Ground, actor: &Actor, id: ReissueId, body: &RenewalBody) -> Result<Given, Problem> {
    let mut reader = ground.database.read().await?;
    let found = read::visible(&mut reader, actor, id).await?.ok_or(ReissueError::NotFound)?;
    let employee = employees::read::employee(&mut reader, found.company, found.employee).await?.ok_or(ReissueError::NotFound)?;
    drop(reader);
    if actor.company.is_none() && (body.vouched != employees::Vouching::ByLetter || !body.documents.is_empty()) {
        return Err(Problem::of(Kind::Forbidden));
    }
    let seen = examine(ground, &employee, body).await?;
    Ok(super::give(ground, actor, id, body.vouched, seen).await?)
}

/// Sends link and temporary password: the old password stops, with sessions and known devices, and the signature rests until the new one is chosen.
/// Only who asked does it, once nobody else needs to approve. Needs a fresh proof.
///
/// Takes no Idempotency-Key: they are sent once.
#[utoipa::path(tag = "forgotten password", params(("id" = String, Path)), request_body = RenewalBody,
    responses((status = 200, body = GivenAnswer), (status = 403), (status = 404), (status = 409), (status = 410), (status = 422), (status = 429)))]
#[post("/api/v1/reissues/{id}/invitation")]
async fn invitation(
    granted: Granted<right::ReissuePassword>,
    ground: web::Data<Ground>,
    id: web::Path<ReissueId>,
    body: Json<RenewalBody>,
) -> Result<HttpResponse, Problem> {
    let given = give_once(&ground, &granted.actor, *id, &body.0).await?;
    let temporary_password = given.temporary_password.map(|code| code.reveal().clone());
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(GivenAnswer { temporary_password }))
}

/// Stops it while anything waits: before the new password is chosen the old one works again, later the new one ends.
#[utoipa::path(tag = "forgotten password", params(("id" = String, Path)), responses((status = 204), (status = 404), (status = 410)))]
#[delete("/api/v1/reissues/{id}")]
async fn end(granted: Granted<right::SeeReissues>, ground: web::Data<Ground>, id: web::Path<ReissueId>) -> Result<HttpResponse, Problem> {
    super::cancel(&ground, &granted.actor, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}
