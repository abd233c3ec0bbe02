//! Who asks, and may they? [`Granted`] in a handler's signature is the permission: without it the handler has no actor.

use std::{marker::PhantomData, net::IpAddr, sync::Arc};

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload, http::header, web};
use futures_util::future::LocalBoxFuture;

use super::{
    csrf, network,
    permissions::{self, Right},
    problem::{Kind, Problem},
    scopes,
};
use crate::platform::{
    actor::{Actor, Carrier},
    database::DatabaseError,
    ground::Ground,
    secret::Secret,
};

/// The session cookie. `__Host-` binds it to this host, to `/` and to secure contexts (RFC 6265bis section 4.1.3.2).
pub const COOKIE: &str = "__Host-segl";

/// What a request shows to say who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The token, as it came.
    pub token: String,
    /// Cookie or bearer.
    pub carrier: Carrier,
}

/// How the API keys of companies begin. Scanners for secrets find them by `segl_org_[0-9a-f]{48}`.
pub const KEY_PREFIX: &str = "segl_org_";

/// A company's API key, as it was shown.
#[derive(Clone)]
pub struct KeyShown {
    /// The key.
    pub key: Secret<String>,
    /// From where.
    pub address: Option<IpAddr>,
}

/// Finds who a credential stands for, and whether they still stand. Implemented by `logins`.
pub trait WhoIs: Send + Sync {
    /// The actor, or nobody.
    fn who_is<'a>(&'a self, ground: &'a Ground, credential: &'a Credential) -> LocalBoxFuture<'a, Result<Option<Actor>, DatabaseError>>;

    /// The company's API key that was shown, as an actor; nobody for a wrong one.
    fn by_key<'a>(&'a self, _ground: &'a Ground, _shown: &'a KeyShown) -> LocalBoxFuture<'a, Result<Option<Actor>, Problem>> {
        Box::pin(async { Ok(None) })
    }
}

/// The shared [`WhoIs`].
pub type SharedWhoIs = Arc<dyn WhoIs>;

/// The token in the session cookie.
pub fn session_cookie(request: &HttpRequest) -> Option<String> {
    request.cookie(COOKIE).map(|cookie| cookie.value().to_owned()).filter(|value| !value.is_empty() && value.len() <= 64)
}

fn credential(request: &HttpRequest) -> Option<Credential> {
    let bearer = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
        .map(|token| Credential { token: token.trim().to_owned(), carrier: Carrier::Program });
    bearer.or_else(|| session_cookie(request).map(|token| Credential { token, carrier: Carrier::Browser }))
}

/// Who asks, if anybody; found once per request.
pub async fn actor(request: &HttpRequest) -> Result<Option<Actor>, Problem> {
    if let Some(known) = request.extensions().get::<Option<Actor>>() {
        return Ok(known.clone());
    }
    let found = match (credential(request), request.app_data::<web::Data<Ground>>(), request.app_data::<web::Data<SharedWhoIs>>()) {
        (Some(credential), Some(ground), Some(who_is)) if is_key(&credential) => {
            let address = network::address(request, &ground.config.server);
            let found = who_is.by_key(ground, &KeyShown { key: Secret::new(credential.token), address }).await?;
            // Before anything else learns of it: a page takes whoever it finds.
            if let Some(key) = found.as_ref().and_then(|actor| actor.key.as_ref()) {
                scopes::check(request, key)?;
            }
            found
        }
        (Some(credential), Some(ground), Some(who_is)) => who_is.who_is(ground, &credential).await?,
        _ => None,
    };
    request.extensions_mut().insert(found.clone());
    Ok(found)
}

/// A company's key, by its form: a person's has the same beginning, and is shorter.
fn is_key(credential: &Credential) -> bool {
    credential.carrier == Carrier::Program && credential.token.len() > 40 && credential.token.starts_with(KEY_PREFIX)
}

/// An actor who has the right `R`.
#[derive(Debug)]
pub struct Granted<R> {
    /// Who.
    pub actor: Actor,
    right: PhantomData<R>,
}

impl<R: Right> FromRequest for Granted<R> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let Some(actor) = actor(&request).await? else { return Err(Problem::of(Kind::NotLoggedIn)) };
            let is_allowed = match &actor.key {
                Some(key) => scopes::allows(key, R::PERMISSION),
                None => permissions::allows(&actor.roles, R::PERMISSION),
            };
            if !is_allowed {
                return Err(Problem::of(Kind::Forbidden));
            }
            refuse_forged(&request, &actor)?;
            Ok(Self { actor, right: PhantomData })
        })
    }
}

/// A browser's changing request shows the session's token: in the header, or (checked there) in the form.
fn refuse_forged(request: &HttpRequest, actor: &Actor) -> Result<(), Problem> {
    // Programs' routes take no forms, so nothing behind them would look for the token in one.
    let is_own_form = super::body::is_form(request) && !request.path().starts_with("/api/");
    if actor.carrier == Carrier::Program || request.method().is_safe() || is_own_form {
        return Ok(());
    }
    csrf::check_token(request, csrf::header_token(request))
}

/// Who asks, if anybody: for pages that look different to those who are logged in.
#[derive(Debug)]
pub struct MaybeActor(pub Option<Actor>);

impl FromRequest for MaybeActor {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Ok(Self(actor(&request).await?)) })
    }
}
