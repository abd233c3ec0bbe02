//! Bodies: JSON and forms, bounded, unknown fields refused, faults named by their place.

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;

use super::{
    csrf,
    problem::{Kind, Problem},
};
use crate::platform::{fault::FieldFault, ground::Ground, limits, text};

/// A JSON body.
#[derive(Debug)]
pub struct Json<T>(pub T);

/// An urlencoded form of our own page: the session's token is checked, and kept from `T`.
#[derive(Debug)]
pub struct Form<T>(pub T);

fn content_type(request: &HttpRequest) -> &str {
    let value = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    value.split(';').next().unwrap_or("").trim()
}

/// Whether the body is of a kind whose own extractor checks the session's token.
pub fn is_form(request: &HttpRequest) -> bool {
    matches!(content_type(request), "application/x-www-form-urlencoded" | "multipart/form-data")
}

/// So many large bodies are read at once, each into memory.
const LARGE_AT_ONCE: usize = 24;
/// So long a large body may take on its way.
const LARGE_WITHIN: std::time::Duration = std::time::Duration::from_secs(120);
static LARGE: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(LARGE_AT_ONCE);

/// Reads a body that may be large: few at once, and not for ever.
///
/// # Errors
/// [`Kind::NotReady`] when too many are on their way, or it takes too long; and what `reading` refuses with.
pub async fn one_of_few<T>(reading: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
    let Ok(_place) = LARGE.try_acquire() else { return Err(Problem::of(Kind::NotReady)) };
    tokio::time::timeout(LARGE_WITHIN, reading).await.unwrap_or_else(|_| Err(Problem::of(Kind::NotReady)))
}

/// Reads at most `most` bytes.
///
/// # Errors
/// [`Kind::TooLarge`] beyond that.
pub async fn bounded(request: &HttpRequest, payload: &mut Payload, most: usize) -> Result<web::Bytes, Problem> {
    let collected = web::Payload::from_request(request, payload).await.map_err(|_| Problem::of(Kind::BadRequest))?;
    match collected.to_bytes_limited(most).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(Problem::of(Kind::BadRequest)),
        Err(_) => Err(Problem::saying(Kind::TooLarge, "problems.body_too_large").with("most", text::size(most))),
    }
}

/// The body of a PKI protocol's request: of its content type, at most [`limits::PROTOCOL_REQUEST_BYTES`].
///
/// # Errors
/// [`Kind::UnsupportedMediaType`], [`Kind::TooLarge`], [`Kind::BadRequest`].
pub async fn protocol_body(request: &HttpRequest, payload: web::Payload, wanted: &'static str) -> Result<web::Bytes, Problem> {
    if content_type(request) != wanted {
        return Err(Problem::saying(Kind::UnsupportedMediaType, "problems.want_type").with("type", wanted));
    }
    bounded(request, &mut payload.into_inner(), limits::PROTOCOL_REQUEST_BYTES).await
}

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            if content_type(&request) != "application/json" {
                return Err(Problem::saying(Kind::UnsupportedMediaType, "problems.want_json"));
            }
            let bytes = bounded(&request, &mut payload, limits::BODY_BYTES).await?;
            parse_json(&bytes).map(Self)
        })
    }
}

/// Parses JSON; a fault names its field, or line and column.
///
/// # Errors
/// [`Kind::Invalid`] or [`Kind::BadRequest`].
pub fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let parsed = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string().replace(['.', '['], "/").replace(']', "");
        let inner = error.into_inner();
        if inner.is_data() {
            let field = if path == "/" || path.is_empty() { String::new() } else { path };
            Problem::invalid(vec![FieldFault::new(field, "field_json").with("reason", plain(&inner))])
        } else {
            Problem::saying(Kind::BadRequest, "problems.not_json").with("line", inner.line()).with("column", inner.column())
        }
    })?;
    reader.end().map_err(|_| Problem::saying(Kind::BadRequest, "problems.not_json").with("line", 0).with("column", 0))?;
    Ok(parsed)
}

/// serde_json's words without the place, and without the offending value (it may be a secret).
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or("").to_owned();
    match text.split_once(", expected ") {
        Some((_, expected)) if text.starts_with("invalid ") => format!("expected {expected}"),
        _ => text,
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            if content_type(&request) != "application/x-www-form-urlencoded" {
                return Err(Problem::saying(Kind::UnsupportedMediaType, "problems.want_form"));
            }
            if let Some(ground) = request.app_data::<web::Data<Ground>>() {
                csrf::check_origin(&request, ground.config.server.origin())?;
            }
            let bytes = bounded(&request, &mut payload, limits::BODY_BYTES).await?;
            let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(&bytes).map_err(|_| Problem::of(Kind::BadRequest))?;
            let given = pairs.iter().find(|(name, _)| name == csrf::FIELD).map(|(_, value)| value.clone());
            csrf::check_token(&request, given.as_deref())?;
            let rest: Vec<_> = pairs.into_iter().filter(|(name, _)| name != csrf::FIELD).collect();
            let text = serde_urlencoded::to_string(&rest).map_err(|_| Problem::of(Kind::BadRequest))?;
            serde_urlencoded::from_str(&text)
                .map(Self)
                .map_err(|error| Problem::saying(Kind::BadRequest, "problems.bad_form").with("reason", error))
        })
    }
}
