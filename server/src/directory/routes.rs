//! The JSON edge, and the certificate store over HTTP (RFC 4387).

use actix_web::{HttpRequest, HttpResponse, delete, get, http::header, put, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{DirectoryError, Found, Listing, agree, find, listing, own_address, take_back};
use crate::{
    http::{
        guard::Granted,
        network::network_of,
        page,
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{fault::FieldFault, ground::Ground},
};

const CERTIFICATE: &str = "application/pkix-cert";
/// Between the parts of an answer with several certificates; base64 and headers never hold it.
const BOUNDARY: &str = "=_segl_certificates_=";

impl From<DirectoryError> for Problem {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Database(error) => error.into(),
            DirectoryError::NoAddress => Self::invalid(vec![FieldFault::new("email", "field_email")]),
            DirectoryError::NoCertificate => Self::saying(Kind::Conflict, "directory.no_certificate"),
            DirectoryError::NotAnEmployee => Self::of(Kind::Forbidden),
            DirectoryError::TooManyQuestions => Self::of(Kind::TooManyTries),
        }
    }
}

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(search).service(own).service(enter).service(leave).service(store_access);
}

/// A question: all of an address, and the company if there are several.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    /// The whole mail address. Capitals do not matter.
    pub(super) email: String,
    /// The organisation's name or number.
    pub(super) company: Option<String>,
}

/// What was found.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Answer {
    items: Vec<Found>,
}

fn asked(question: Result<web::Query<Question>, actix_web::Error>) -> Result<Question, Problem> {
    question.map(web::Query::into_inner).map_err(|_| Problem::invalid(vec![FieldFault::new("email", "field_required")]))
}

/// The certificates with a mail address, of those who agreed to be found by it. For anybody; 30 questions a minute from one network.
#[utoipa::path(tag = "directory", params(Question), responses((status = 200, body = Answer), (status = 422), (status = 429)))]
#[get("/api/v1/directory")]
async fn search(
    question: Result<web::Query<Question>, actix_web::Error>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let question = asked(question)?;
    let items = find(&ground, &network_of(&request, &ground), &question.email, question.company.as_deref()).await?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(Answer { items }))
}

/// A certificate store over HTTP (RFC 4387 section 2): the certificate with this address, DER; several as multipart/mixed; 404 for none.
#[utoipa::path(tag = "pki", params(Question), responses((status = 200, description = "The certificate, DER", content_type = "application/pkix-cert"),
    (status = 404), (status = 422), (status = 429)))]
#[get("/directory")]
async fn store_access(
    question: Result<web::Query<Question>, actix_web::Error>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    if request.query_string().split('&').all(|pair| pair.is_empty() || pair.starts_with("language=")) {
        return Ok(page::go("/directory/search"));
    }
    let question = asked(question)?;
    let mut found = find(&ground, &network_of(&request, &ground), &question.email, question.company.as_deref()).await?;
    // Whoever asks here wants to write to somebody: certificates that only sign are of no use where one to encrypt to is there.
    if found.iter().any(|one| one.purpose == "encryption") {
        found.retain(|one| one.purpose == "encryption");
    }
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::CACHE_CONTROL, "no-store"));
    match found.as_slice() {
        [] => Err(Problem::of(Kind::NotFound)),
        [one] => Ok(answer.content_type(CERTIFICATE).body(one.der.clone())),
        several => Ok(answer.content_type(format!("multipart/mixed; boundary=\"{BOUNDARY}\"")).body(parts(several))),
    }
}

/// RFC 2046 section 5.1.
fn parts(several: &[Found]) -> Vec<u8> {
    let mut body = Vec::new();
    for one in several {
        body.extend_from_slice(format!("--{BOUNDARY}\r\nContent-Type: {CERTIFICATE}\r\n\r\n").as_bytes());
        body.extend_from_slice(&one.der);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

/// By which address you agreed to be found.
#[utoipa::path(tag = "directory", responses((status = 200, body = Listing), (status = 404)))]
#[get("/api/v1/directory/listing")]
async fn own(granted: Granted<right::EnterDirectory>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let employee = granted.actor.employee.ok_or(Problem::of(Kind::Forbidden))?;
    let mut reader = ground.database.read().await?;
    let listing = listing(&mut reader, employee).await?.ok_or(Problem::of(Kind::NotFound))?;
    Ok(HttpResponse::Ok().json(listing))
}

/// Agrees to be found by the address in your own certificate. Nobody else can do it for you.
#[utoipa::path(tag = "directory", responses((status = 200, body = Listing), (status = 409)))]
#[put("/api/v1/directory/listing")]
async fn enter(granted: Granted<right::EnterDirectory>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(entered(&granted, &ground).await?))
}

/// The yes, stored.
pub(super) async fn entered(granted: &Granted<right::EnterDirectory>, ground: &Ground) -> Result<Listing, Problem> {
    let actor = &granted.actor;
    let employee = actor.employee.ok_or(Problem::of(Kind::Forbidden))?;
    let address = own_address(&mut ground.database.read().await?, actor, ground.clock().now()).await?;
    ground.database.write::<_, DirectoryError, _>(async |unit| agree(unit, actor, &address).await).await?;
    let mut reader = ground.database.read().await?;
    listing(&mut reader, employee).await?.ok_or(Problem::of(Kind::NotFound))
}

/// Is not found any more.
#[utoipa::path(tag = "directory", responses((status = 204)))]
#[delete("/api/v1/directory/listing")]
async fn leave(granted: Granted<right::EnterDirectory>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    ground.database.write::<_, DirectoryError, _>(async |unit| take_back(unit, &granted.actor).await).await?;
    Ok(HttpResponse::NoContent().finish())
}
