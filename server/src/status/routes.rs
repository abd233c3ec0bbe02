//! The protocols: CRLs and OCSP over plain HTTP (RFC 5280 section 4.2.1.13, RFC 6960 appendix A).

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{self, HttpDate},
    post, web,
};
use base64::{
    Engine as _,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Answered, FULL, StatusError, answer_ocsp, kept::Answer, read};
use crate::{
    authorities,
    http::{
        body::protocol_body,
        problem::{Kind, Problem},
    },
    platform::{ground::Ground, limits, moment::Moment},
};

const ANSWER: &str = "application/ocsp-response";
const REQUEST: &str = "application/ocsp-request";
/// Whoever keeps a list asks again so soon: a revocation must be seen within a minute of its publication.
const CRL_KEPT: &str = "public, max-age=30, must-revalidate";
/// An answer on its way may be kept by others for so long.
const ANSWER_KEPT: &str = "public, max-age=10, no-transform, must-revalidate";
const NOT_KEPT: &str = "no-store";
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&base64::alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(ocsp_post).service(ocsp_get).service(list);
}

/// The revocation list of one shard, DER.
#[utoipa::path(tag = "pki",
    params(("issuer" = String, Path, description = "The authority's name"),
        ("shard" = String, Path, description = "As the certificate says, or `full`")),
    responses((status = 200, description = "The list, DER", content_type = "application/pkix-crl"), (status = 304), (status = 404)))]
#[get("/pki/{issuer}/{shard}.crl")]
async fn list(ground: web::Data<Ground>, request: HttpRequest, path: web::Path<(String, String)>) -> Result<HttpResponse, Problem> {
    let (issuer, word) = path.into_inner();
    let shard = shard(&word).ok_or(Problem::of(Kind::NotFound))?;
    let authority = authorities::by_name(&ground, &issuer).await?.ok_or(Problem::of(Kind::NotFound))?;
    let mut reader = ground.database.read().await?;
    let list = read::crl(&mut reader, authority.id, shard).await?.ok_or(Problem::of(Kind::NotFound))?;
    let tag = format!("\"{}\"", list.number);
    let known = request.headers().get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == tag.as_bytes());
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((header::ETAG, tag))
        .insert_header((header::CACHE_CONTROL, CRL_KEPT))
        .insert_header((header::LAST_MODIFIED, date(list.this_update)));
    Ok(if known { response.finish() } else { response.content_type("application/pkix-crl").body(list.der) })
}

/// The shard of an address: a number as we write it, or `full`.
fn shard(word: &str) -> Option<i64> {
    if word == "full" {
        return Some(FULL);
    }
    word.parse::<i64>().ok().filter(|shard| *shard >= 0 && shard.to_string() == word)
}

/// OCSP, the request in the body.
#[utoipa::path(tag = "pki", request_body(content_type = "application/ocsp-request", content = Vec<u8>),
    responses((status = 200, description = "The answer, DER", content_type = "application/ocsp-response"), (status = 413), (status = 415)))]
#[post("/ocsp")]
async fn ocsp_post(ground: web::Data<Ground>, request: HttpRequest, payload: web::Payload) -> Result<HttpResponse, Problem> {
    let body = protocol_body(&request, payload, REQUEST).await?;
    let mut response = HttpResponse::Ok();
    response.content_type(ANSWER).insert_header((header::CACHE_CONTROL, NOT_KEPT));
    Ok(match answer_ocsp(&ground, &body).await {
        Answered::Kept(answer) => response.body(answer.der.clone()),
        Answered::Once(der) => response.body(der),
    })
}

/// OCSP, the request in the path (RFC 6960 appendix A.1).
#[utoipa::path(tag = "pki", params(("request" = String, Path, description = "The request, base64, percent-encoded")),
    responses((status = 200, description = "The answer, DER", content_type = "application/ocsp-response"), (status = 304), (status = 404)))]
#[get("/ocsp/{request:.*}")]
async fn ocsp_get(ground: web::Data<Ground>, http: HttpRequest, request: web::Path<String>) -> HttpResponse {
    // What is no base64 is no request: it is refused like any other request that cannot be read.
    let der =
        if request.len() <= limits::PROTOCOL_REQUEST_BYTES { BASE64.decode(request.as_bytes()).unwrap_or_default() } else { Vec::new() };
    match answer_ocsp(&ground, &der).await {
        Answered::Kept(answer) => kept_answer(&http, &answer),
        Answered::Once(der) => HttpResponse::Ok().content_type(ANSWER).insert_header((header::CACHE_CONTROL, NOT_KEPT)).body(der),
    }
}

/// With what caches on the way need (RFC 5019 section 6.2). `max-age`, which is what they obey, stays far below nextUpdate: a revocation must not
/// wait for them.
fn kept_answer(http: &HttpRequest, answer: &Answer) -> HttpResponse {
    let tag = format!("\"{:x}-{:x}\"", answer.made_at.millis(), answer.check);
    let known = http.headers().get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == tag.as_bytes());
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((header::ETAG, tag))
        .insert_header((header::CACHE_CONTROL, ANSWER_KEPT))
        .insert_header((header::LAST_MODIFIED, date(answer.made_at)))
        .insert_header((header::EXPIRES, date(answer.next_update)));
    if known { response.finish() } else { response.content_type(ANSWER).body(answer.der.clone()) }
}

fn date(at: Moment) -> HttpDate {
    HttpDate::from(std::time::SystemTime::from(at.to_datetime()))
}

impl From<StatusError> for Problem {
    fn from(error: StatusError) -> Self {
        match error {
            StatusError::Authority(error) => error.into(),
            StatusError::Database(error) => error.into(),
            StatusError::Answer(_)
            | StatusError::Crl(_)
            | StatusError::Keystore(_)
            | StatusError::Name(_)
            | StatusError::NoNumber
            | StatusError::NoResponder { .. }
            | StatusError::NotAsMade { .. }
            | StatusError::NotOffline { .. }
            | StatusError::PreviousUnreadable { .. }
            | StatusError::Responder(_)
            | StatusError::WouldForget { .. } => Self::unforeseen(&error),
        }
    }
}
