//! Who asks, when a phone asks: [`OfPhone`] in a handler's signature. It is to phones what `http::guard::Granted` is to sessions.
//!
//! A phone's token opens only the paths under `/api/v1/phone`; it is no session, and no route of a person takes it.

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web};
use futures_util::future::LocalBoxFuture;
use keycard::wire::Bearer;
use time::Duration;

use crate::{
    accounts::{self, AccountState},
    http::problem::{Kind, Problem},
    phones::{Phone, name, read},
    platform::{
        ground::Ground,
        id::{Id as _, PhoneId},
        words::Language,
    },
};

/// A phone is noted as seen so often at most.
const SEEN_EVERY: Duration = Duration::minutes(1);
/// The same, when its screens are in another language than before.
const LANGUAGE_EVERY: Duration = Duration::seconds(5);

/// A phone that serves, of a person who may act.
#[derive(Debug)]
pub struct OfPhone {
    /// Which.
    pub phone: Phone,
}

impl FromRequest for OfPhone {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let ground = request.app_data::<web::Data<Ground>>().ok_or_else(|| Problem::of(Kind::NotLoggedIn))?;
            let phone = found(&request, ground).await?.ok_or_else(|| Problem::of(Kind::NotLoggedIn))?;
            let (now, language) = (ground.clock().now(), said(&request).unwrap_or(phone.language));
            let every = if language == phone.language { SEEN_EVERY } else { LANGUAGE_EVERY };
            if phone.seen_at.is_none_or(|seen| now.since(seen) >= every) {
                ground.database.write(async |unit| name::seen(unit, phone.id, language).await).await?;
            }
            Ok(Self { phone: Phone { language, ..phone } })
        })
    }
}

/// The language of the phone's screens, if it says one.
fn said(request: &HttpRequest) -> Option<Language> {
    Language::asked_for(request.headers().get(header::ACCEPT_LANGUAGE)?.to_str().ok()?)
}

async fn found(request: &HttpRequest, ground: &Ground) -> Result<Option<Phone>, Problem> {
    let text = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let Some(bearer) = text.and_then(|text| text.parse::<Bearer>().ok()) else { return Ok(None) };
    let id = PhoneId::from_uuid(uuid::Uuid::from_bytes(*bearer.phone.bytes()));
    let mut reader = ground.database.read().await?;
    let Some(phone) = read::by_id(&mut reader, id).await? else { return Ok(None) };
    if !phone.is_active() || !phone.is_named_by(&bearer) {
        return Ok(None);
    }
    let account = accounts::read::account(&mut reader, phone.account).await?;
    Ok(account.is_some_and(|account| account.state == AccountState::Active).then_some(phone))
}
