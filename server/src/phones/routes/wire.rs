//! Messages from phones, read in the form and within the bounds of `keycard::wire`.

use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, http::header};
use futures_util::future::LocalBoxFuture;
use keycard::wire;
use serde::{Serialize, de::DeserializeOwned};

use crate::http::{
    body,
    problem::{Kind, Problem},
};

/// A message from a phone.
pub(super) struct Wire<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Wire<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let given = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
            if given.split(';').next().unwrap_or("").trim() != "application/json" {
                return Err(Problem::saying(Kind::UnsupportedMediaType, "problems.want_json"));
            }
            let bytes = body::bounded(&request, &mut payload, wire::FROM_PHONE_BYTES).await?;
            body::parse_json(&bytes).map(Self)
        })
    }
}

/// An answer that no cache keeps.
pub(super) fn answer(message: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(message)
}
