//! OCSP (RFC 6960): reads the request, finds the authority, looks every serial up, signs as the authority's responder.
//!
//! An answer to a request without nonce is kept under the request's bytes, which are its CertIDs, until something is revoked
//! ([`super::kept`]) or it is ten minutes old. A request that asks for no certificate of ours is *unauthorized* (RFC 5019 section 2.2.3); beside
//! ours, another authority's certificate is *unknown* (RFC 6960 section 2.2).

use std::{collections::HashMap, sync::Arc};

use certs::{
    keystore::KeyLabel,
    revocation::{
        Revocation,
        ocsp::{self, Limits, Refusal, Request, Responder, Status, Times},
    },
    serial::Serial,
};
use time::Duration;

use super::{
    Known, StatusError,
    kept::{self, Answer, Contents},
    read, store,
};
use crate::{
    authorities::{self, Loaded},
    platform::{ground::Ground, id::AuthorityId, limits},
};

/// How long an answer may be relied upon by whoever keeps it.
const CURRENT_FOR: Duration = Duration::hours(1);
/// How long we give the same answer.
const KEPT_FOR: Duration = Duration::minutes(10);
/// A longer request is not kept: that of one certificate has about 80 bytes.
const KEPT_REQUEST_BYTES: usize = 512;

/// What is answered.
#[derive(Clone, Debug)]
pub enum Answered {
    /// To whoever asks the same.
    Kept(Arc<Answer>),
    /// To this one request: it had a nonce, asked for something unknown, or is refused.
    Once(Vec<u8>),
}

impl Answered {
    /// The answer, DER.
    pub fn der(&self) -> &[u8] {
        match self {
            Self::Kept(answer) => &answer.der,
            Self::Once(der) => der,
        }
    }
}

/// The answer to a DER request. What cannot be answered is refused in OCSP's own words (RFC 6960 section 2.3); never fails.
pub async fn answer_ocsp(ground: &Ground, request_der: &[u8]) -> Answered {
    match answer(ground, request_der).await {
        Ok(answered) => answered,
        Err(error) => {
            tracing::error!(%error, "an OCSP request was not answered");
            Answered::Once(Refusal::InternalError.to_der())
        }
    }
}

async fn answer(ground: &Ground, request_der: &[u8]) -> Result<Answered, StatusError> {
    let contents = kept::current(ground).await?;
    if let Some(answer) = contents.answer(request_der, ground.clock().now()) {
        return Ok(Answered::Kept(answer));
    }
    let limits = Limits { size_bytes: limits::PROTOCOL_REQUEST_BYTES, ..Limits::default() };
    let Ok(request) = ocsp::parse(request_der, &limits) else { return Ok(Answered::Once(Refusal::MalformedRequest.to_der())) };
    let list = authorities::all(ground).await?;
    let Some(authority) = list.iter().find(|one| one.kind == authorities::Kind::Issuing && request.asks(&one.issuer)).cloned() else {
        return Ok(Answered::Once(Refusal::Unauthorized.to_der()));
    };
    let statuses = look_up(ground, &contents, &authority, &request).await?;
    let responder = responder(ground, &contents, &authority).await?;
    let may_keep = request.is_bare() && request_der.len() <= KEPT_REQUEST_BYTES && statuses.len() == request.len();
    let now = ground.clock().now();
    let times = Times { this_update: now.to_datetime(), next_update: now.plus(CURRENT_FOR).to_datetime(), produced_at: now.to_datetime() };
    let key = responder.label().clone();
    let der = ground
        .with_key(&key, move |keystore| {
            let status = |serial: &Serial| statuses.get(serial).copied().map_or(Status::Unknown, told);
            ocsp::answer(&request, (&responder, &authority.issuer), &times, status, keystore)
        })
        .await?;
    if !may_keep {
        return Ok(Answered::Once(der));
    }
    let answer = Arc::new(Answer::new(der, now, now.plus(CURRENT_FOR), now.plus(KEPT_FOR)));
    contents.keep_answer(request_der, answer.clone());
    Ok(Answered::Kept(answer))
}

fn told(known: Known) -> Status {
    match known {
        Known::Good => Status::Good,
        Known::Revoked { at, reason } => Status::Revoked(Revocation { at: at.to_datetime(), reason }),
    }
}

/// What is known of the serials that the request asks for; what is not there was not issued here.
async fn look_up(
    ground: &Ground,
    contents: &Contents,
    authority: &Loaded,
    request: &Request,
) -> Result<HashMap<Serial, Known>, StatusError> {
    let mut statuses = HashMap::new();
    for serial in request.serials(&authority.issuer) {
        if let Some(known) = standing(ground, contents, authority.id, &serial).await? {
            statuses.insert(serial, known);
        }
    }
    Ok(statuses)
}

/// What OCSP says of a serial at this moment: kept, or from its row.
pub(super) async fn standing(
    ground: &Ground,
    contents: &Contents,
    authority: AuthorityId,
    serial: &Serial,
) -> Result<Option<Known>, StatusError> {
    if let Some(known) = contents.status(authority, serial) {
        return Ok(Some(known));
    }
    let known = read::known(&mut ground.database.read().await?, authority, serial).await?;
    if let Some(known) = known {
        contents.keep_status(authority, *serial, known);
    }
    Ok(known)
}

/// The installed responder, checked once for each generation.
async fn responder(ground: &Ground, contents: &Contents, authority: &Arc<Loaded>) -> Result<Arc<Responder>, StatusError> {
    if let Some(responder) = contents.responder(authority.id) {
        return Ok(responder);
    }
    let row = store::responder(&mut ground.database.read().await?, authority.id).await?;
    let row = row.ok_or_else(|| StatusError::NoResponder { authority: authority.name.clone() })?;
    let label = KeyLabel::parse(&row.key_label)?;
    let issued_by = authority.clone();
    let loaded =
        ground.with_keystore(move |keystore| Responder::load(&row.certificate, label, &issued_by.issuer, keystore)).await.map(Arc::new)?;
    contents.keep_responder(authority.id, loaded.clone());
    Ok(loaded)
}
