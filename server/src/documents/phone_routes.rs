//! The JSON edge of signing by phone.

use actix_web::{
    HttpRequest, HttpResponse, delete, get,
    http::{StatusCode, header},
    post, web,
};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    AskedPhone, Plan, SigningState, Stands,
    routes::{AskBody, parse, signature_location},
};
use crate::{
    approvals,
    http::{body::Json, guard::Granted, idempotency::Idempotency, network::network_of, permissions::right, problem::Problem},
    platform::{
        ground::Ground,
        id::{DocumentId, SignatureId},
        moment::Moment,
    },
};

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(ask).service(stands).service(extend).service(withdraw);
}

/// What the phone was asked.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct AskedPhoneBody {
    /// The signature that the phone's yes will make.
    signature: SignatureId,
    /// The two digits to show: the person types them on the phone.
    number: String,
    /// What a phone may scan instead.
    scan: String,
    /// Until when it waits, unless the person asks for more time.
    expires_at: Moment,
}

impl From<AskedPhone> for AskedPhoneBody {
    fn from(AskedPhone { signature, phone }: AskedPhone) -> Self {
        Self { signature, number: phone.number, scan: phone.scan, expires_at: phone.expires_at }
    }
}

/// Asks the phone to sign: it shows the document's title, pages and digest, and the answer here is the number to type there. An earlier request
/// to sign from the same session is replaced.
#[utoipa::path(tag = "documents", params(Idempotency), request_body = AskBody,
    responses((status = 201, body = AskedPhoneBody), (status = 404), (status = 409), (status = 422)))]
#[post("/api/v1/documents/{id}/phone-signatures")]
async fn ask(
    granted: Granted<right::UseDocuments>,
    ground: web::Data<Ground>,
    id: web::Path<String>,
    key: Idempotency,
    body: Json<AskBody>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let plan = Plan::parse(body.0.reason.as_deref(), body.0.place.as_deref())?;
    let (actor, id): (_, DocumentId) = (&granted.actor, parse(&id)?);
    let wanted = serde_json::to_vec(&body.0).map_err(|error| Problem::unforeseen(&error))?;
    let asking = super::prepare_phone(&ground, actor, id, &plan, &network_of(&request, &ground)).await?;
    let outcome = ground
        .database
        .write(async |unit| {
            if let Some(replay) = key.earlier(unit, actor, &wanted).await? {
                return Ok::<_, Problem>(Err(replay));
            }
            let asked = super::ask_phone(unit, actor, &asking).await?;
            key.record(unit, actor, &wanted, StatusCode::CREATED, &phone_location(id, asked.signature)).await?;
            Ok(Ok(asked))
        })
        .await?;
    approvals::wake(&ground, actor.account);
    Ok(match outcome {
        Ok(asked) => {
            let location = (header::LOCATION, phone_location(id, asked.signature));
            HttpResponse::Created().insert_header(location).json(AskedPhoneBody::from(asked))
        }
        Err(replay) => replay.answer(),
    })
}

fn phone_location(document: DocumentId, signature: SignatureId) -> String {
    format!("{}/phone", signature_location(document, signature))
}

/// How a signature by phone stands.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct StandsBody {
    state: SigningState,
    /// The two digits.
    number: String,
    /// What a phone may scan instead.
    scan: String,
    /// Until when the phone is asked.
    expires_at: Moment,
}

/// How a signature by phone stands; ask every second or so.
#[utoipa::path(tag = "documents", responses((status = 200, body = StandsBody), (status = 404)))]
#[get("/api/v1/documents/{id}/signatures/{signature}/phone")]
async fn stands(
    granted: Granted<right::UseDocuments>,
    ground: web::Data<Ground>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let Stands { state, number, scan, expires_at, .. } =
        super::phone_stands(&ground, &granted.actor, parse(&path.0)?, parse(&path.1)?).await?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(StandsBody { state, number, scan, expires_at }))
}

/// Gives the person more time to answer on the phone, up to ten times, with the same number.
///
/// Takes no Idempotency-Key: each call gives more time, and how it stands is read afterwards.
#[utoipa::path(tag = "documents", responses((status = 204), (status = 404), (status = 409), (status = 410)))]
#[post("/api/v1/documents/{id}/signatures/{signature}/phone/extension")]
async fn extend(
    granted: Granted<right::UseDocuments>,
    ground: web::Data<Ground>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    super::extend_phone(&ground, &granted.actor, parse(&path.0)?, parse(&path.1)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes the request to the phone back. A signature that is made already stays.
#[utoipa::path(tag = "documents", responses((status = 204), (status = 404)))]
#[delete("/api/v1/documents/{id}/signatures/{signature}/phone")]
async fn withdraw(
    granted: Granted<right::UseDocuments>,
    ground: web::Data<Ground>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    super::withdraw_phone(&ground, &granted.actor, parse(&path.0)?, parse(&path.1)?).await?;
    Ok(HttpResponse::NoContent().finish())
}
