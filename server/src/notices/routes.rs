//! The JSON edge of letters.

use actix_web::{
    HttpResponse, get,
    http::{StatusCode, header},
    post, web,
};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    Class, LetterError, Living, SharedLiving,
    letters::{self, Batch, Queued, Waiting},
};
use crate::{
    http::{
        body::Json,
        guard::Granted,
        idempotency::Idempotency,
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{
        actor::Actor,
        ground::Ground,
        id::{LetterBatchId, MessageId},
    },
};

impl From<LetterError> for Problem {
    fn from(error: LetterError) -> Self {
        match error {
            LetterError::Database(cause) => cause.into(),
            LetterError::NotFound => Self::of(Kind::NotFound),
            LetterError::NothingLeft => Self::saying(Kind::Conflict, "letters.nothing_left"),
            LetterError::NothingWaits => Self::saying(Kind::Conflict, "letters.nothing_waits"),
            LetterError::Notice(cause) => Self::unforeseen(&cause),
            LetterError::OrderedByYou => Self::saying(Kind::Forbidden, "letters.ordered_by_you"),
            LetterError::Paper(cause) => Self::unforeseen(&cause),
            LetterError::Posted => Self::saying(Kind::Conflict, "letters.posted_already"),
            LetterError::Printer => Self::unforeseen(&error),
            LetterError::ProveAgain => Self::of(Kind::ProveAgain),
        }
    }
}

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(list_batches).service(make_batch).service(show_batch).service(print_batch).service(post_batch).service(note_returned);
}

/// The print queue.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct PrintQueue {
    /// How many letters wait, by class.
    waiting: Vec<Waiting>,
    /// The batches, the newest first.
    items: Vec<Batch>,
    /// What `after` shows the next page; null at the end.
    next: Option<LetterBatchId>,
}

/// Where the list goes on.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    /// The last batch of the page before.
    pub after: Option<LetterBatchId>,
}

/// Says how many letters wait for the printer, and lists the batches, the newest first.
#[utoipa::path(tag = "letters", params(Page), responses((status = 200, body = PrintQueue)))]
#[get("/api/v1/letter-batches")]
async fn list_batches(
    _granted: Granted<right::PrintLetters>,
    query: web::Query<Page>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let mut reader = ground.database.read().await?;
    let (items, next) = letters::batches(&mut reader, query.after).await?;
    Ok(HttpResponse::Ok().json(PrintQueue { waiting: letters::waiting(&mut reader).await?, items, next }))
}

/// Which letters to print.
#[derive(Debug, serde::Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct MakeBatch {
    /// Letters of this class alone.
    class: Class,
}

/// Makes a batch of the oldest waiting letters of one class that you did not order, at most fifty. Needs a fresh proof.
#[utoipa::path(tag = "letters", params(Idempotency), request_body = MakeBatch,
    responses((status = 201, body = Batch), (status = 403), (status = 409)))]
#[post("/api/v1/letter-batches")]
async fn make_batch(
    granted: Granted<right::PrintLetters>,
    idempotency: Idempotency,
    body: Json<MakeBatch>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (actor, class) = (&granted.actor, body.0.class);
    let content = class.word().as_bytes();
    let made = ground
        .database
        .write(async |unit| {
            if let Some(replay) = idempotency.earlier(unit, actor, content).await? {
                return Ok::<_, Problem>(Err(replay));
            }
            let id = letters::make_batch(unit, class, actor).await?;
            let location = format!("/api/v1/letter-batches/{id}");
            idempotency.record(unit, actor, content, StatusCode::CREATED, &location).await?;
            Ok(Ok((location, letters::batch(unit, id).await?.0)))
        })
        .await?;
    Ok(match made {
        Ok((location, batch)) => HttpResponse::Created().insert_header((header::LOCATION, location)).json(batch),
        Err(replay) => replay.answer(),
    })
}

/// A batch and how far its letters are.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct WholeBatch {
    batch: Batch,
    letters: Vec<Queued>,
}

/// Shows a batch: to whom its letters go and how far they are, never what they say.
#[utoipa::path(tag = "letters", params(("id" = String, Path)), responses((status = 200, body = WholeBatch), (status = 404)))]
#[get("/api/v1/letter-batches/{id}")]
async fn show_batch(
    _granted: Granted<right::PrintLetters>,
    id: web::Path<LetterBatchId>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (batch, letters) = letters::batch(&mut ground.database.read().await?, *id).await?;
    Ok(HttpResponse::Ok().json(WholeBatch { batch, letters }))
}

/// Gives a batch as one PDF, until it is posted, without the letters whose card or password works no more. Who ordered one of them does not print it.
/// Needs a fresh proof.
#[utoipa::path(tag = "letters", params(("id" = String, Path)), responses((status = 200), (status = 403), (status = 404), (status = 409)))]
#[get("/api/v1/letter-batches/{id}/letters.pdf")]
async fn print_batch(
    granted: Granted<right::PrintLetters>,
    id: web::Path<LetterBatchId>,
    living: web::Data<SharedLiving>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    answer_pdf(&ground, living.get_ref().as_ref(), &granted.actor, *id).await
}

/// The PDF as an answer that no cache keeps.
pub(super) async fn answer_pdf(ground: &Ground, living: &dyn Living, actor: &Actor, id: LetterBatchId) -> Result<HttpResponse, Problem> {
    let pdf = letters::print(ground, living, actor, id).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_DISPOSITION, "inline"))
        .body(pdf.to_vec()))
}

/// Notes that a batch is posted: what its letters say is deleted.
///
/// Takes no Idempotency-Key: a batch is posted once.
#[utoipa::path(tag = "letters", params(("id" = String, Path)), responses((status = 204), (status = 404), (status = 409)))]
#[post("/api/v1/letter-batches/{id}/posting")]
async fn post_batch(
    granted: Granted<right::PrintLetters>,
    id: web::Path<LetterBatchId>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    ground.database.write(async |unit| letters::post(unit, &granted.actor, *id).await).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Notes that a posted letter came back.
///
/// Takes no Idempotency-Key: a letter comes back once.
#[utoipa::path(tag = "letters", params(("id" = String, Path), ("letter" = String, Path)), responses((status = 204), (status = 404)))]
#[post("/api/v1/letter-batches/{id}/letters/{letter}/return")]
async fn note_returned(
    granted: Granted<right::PrintLetters>,
    path: web::Path<(LetterBatchId, MessageId)>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (batch, letter) = path.into_inner();
    ground.database.write(async |unit| letters::note_returned(unit, &granted.actor, batch, letter).await).await?;
    Ok(HttpResponse::NoContent().finish())
}
