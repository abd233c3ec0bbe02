//! OCSP (RFC 6960): reads the request, finds the authority, looks every serial up, signs as the authority's responder.
//!
//! Each answer is made from what is committed at that moment, so a revocation shows at once. A place that keeps answers would stand between
//! [`answer_ocsp`] and `answer`, keyed by the request's bytes, for requests without nonce.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use certs::{
    keystore::KeyLabel,
    revocation::{
        Revocation,
        ocsp::{self, Limits, Refusal, Request, Responder, Status, Times},
    },
    serial::Serial,
};
use time::Duration;

use super::{Known, StatusError, read, store};
use crate::{
    authorities::{self, Loaded},
    platform::{ground::Ground, id::AuthorityId, limits},
};

/// How long an answer may be relied upon by whoever keeps it.
const CURRENT_FOR: Duration = Duration::hours(1);

/// Loaded responders, each beside the certificate that its row held.
#[derive(Default)]
struct Responders(RwLock<HashMap<AuthorityId, Installed>>);

/// A certificate as its row held it, and the responder that was loaded from it.
type Installed = (Vec<u8>, Arc<Responder>);

/// The answer to a DER request, DER. What cannot be answered is refused in OCSP's own words (RFC 6960 section 2.3); never fails.
pub async fn answer_ocsp(ground: &Ground, request_der: &[u8]) -> Vec<u8> {
    let limits = Limits { size_bytes: limits::PROTOCOL_REQUEST_BYTES, ..Limits::default() };
    let Ok(request) = ocsp::parse(request_der, &limits) else { return Refusal::MalformedRequest.to_der() };
    match answer(ground, request).await {
        Ok(Some(der)) => der,
        Ok(None) => Refusal::Unauthorized.to_der(),
        Err(error) => {
            tracing::error!(%error, "an OCSP request was not answered");
            Refusal::InternalError.to_der()
        }
    }
}

/// None when the request asks for no certificate of ours.
async fn answer(ground: &Ground, request: Request) -> Result<Option<Vec<u8>>, StatusError> {
    let list = authorities::all(ground).await?;
    let Some(authority) = list.iter().find(|one| one.kind == authorities::Kind::Issuing && request.asks(&one.issuer)).cloned() else {
        return Ok(None);
    };
    let responder = responder(ground, &authority).await?;
    let statuses = look_up(ground, &authority, &request).await?;
    let now = ground.clock().now().to_datetime();
    let times = Times { this_update: now, next_update: now + CURRENT_FOR, produced_at: now };
    let der = ground
        .with_keystore(move |keystore| {
            let status = |serial: &Serial| statuses.get(serial).copied().unwrap_or(Status::Unknown);
            ocsp::answer(&request, (&responder, &authority.issuer), &times, status, keystore)
        })
        .await?;
    Ok(Some(der))
}

async fn look_up(ground: &Ground, authority: &Loaded, request: &Request) -> Result<HashMap<Serial, Status>, StatusError> {
    let mut reader = ground.database.read().await?;
    let mut statuses = HashMap::new();
    for serial in request.serials(&authority.issuer) {
        let status = match read::known(&mut reader, authority.id, &serial).await? {
            None => Status::Unknown,
            Some(Known::Good) => Status::Good,
            Some(Known::Revoked { at, reason }) => Status::Revoked(Revocation { at: at.to_datetime(), reason }),
        };
        statuses.insert(serial, status);
    }
    Ok(statuses)
}

/// The installed responder, checked once for each certificate that is installed.
async fn responder(ground: &Ground, authority: &Arc<Loaded>) -> Result<Arc<Responder>, StatusError> {
    let row = store::responder(&mut ground.database.read().await?, authority.id).await?;
    let row = row.ok_or_else(|| StatusError::NoResponder { authority: authority.name.clone() })?;
    let cache = ground.kept.of::<Responders>();
    let known = cache.0.read().unwrap_or_else(PoisonError::into_inner).get(&authority.id).cloned();
    if let Some((certificate, responder)) = known
        && certificate == row.certificate
    {
        return Ok(responder);
    }
    let label = KeyLabel::parse(&row.key_label)?;
    let (certificate, issued_by) = (row.certificate.clone(), authority.clone());
    let loaded =
        ground.with_keystore(move |keystore| Responder::load(&certificate, label, &issued_by.issuer, keystore)).await.map(Arc::new)?;
    cache.0.write().unwrap_or_else(PoisonError::into_inner).insert(authority.id, (row.certificate, loaded.clone()));
    Ok(loaded)
}
