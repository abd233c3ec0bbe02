//! Only our own pages may change things in a person's name: `Sec-Fetch-Site` (or `Origin`), and a token per session.

use actix_web::{HttpRequest, http::header};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{
    guard::session_cookie,
    problem::{Kind, Problem},
};

/// The form field that carries the token.
pub const FIELD: &str = "csrf";
/// The header that carries it for scripts.
pub const HEADER: &str = "x-csrf-token";

/// The token of a session: derived from the cookie's value, which scripts and other sites cannot read.
pub fn token(session_token: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(b"segl/csrf/v1|");
    hash.update(session_token.as_bytes());
    URL_SAFE_NO_PAD.encode(hash.finalize())
}

/// Refuses a changing request that another site's page caused.
///
/// # Errors
/// [`Kind::CrossSite`].
pub fn check_origin(request: &HttpRequest, own_origin: &str) -> Result<(), Problem> {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    match text("sec-fetch-site") {
        Some("same-origin" | "none") => return Ok(()),
        Some(_) => return Err(Problem::of(Kind::CrossSite)),
        None => {}
    }
    let Some(origin) = text(header::ORIGIN.as_str()) else { return Ok(()) };
    let host = text(header::HOST.as_str()).unwrap_or("");
    let same_host = origin.split_once("://").is_some_and(|(_, rest)| rest == host);
    if origin == own_origin || same_host { Ok(()) } else { Err(Problem::of(Kind::CrossSite)) }
}

/// Refuses a changing request in a browser's session without the session's token.
///
/// # Errors
/// [`Kind::CrossSite`].
pub fn check_token(request: &HttpRequest, given: Option<&str>) -> Result<(), Problem> {
    let Some(session) = session_cookie(request) else { return Ok(()) };
    let given = given.unwrap_or("");
    if bool::from(token(&session).as_bytes().ct_eq(given.as_bytes())) {
        Ok(())
    } else {
        Err(Problem::saying(Kind::CrossSite, "problems.form_token"))
    }
}

/// The token in the request's header, if any.
pub fn header_token(request: &HttpRequest) -> Option<&str> {
    request.headers().get(HEADER)?.to_str().ok()
}
