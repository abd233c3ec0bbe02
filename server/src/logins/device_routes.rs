//! The JSON edge of known devices, and the cookie by which a browser is one.

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
    delete, get, web,
};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{LoginError, Opened, end::hold};
use crate::{
    accounts::{self, Device, LoggedIn},
    http::{guard::Granted, permissions::right, problem::Problem},
    platform::{actor::Carrier, ground::Ground, id::DeviceId, random},
};

/// Remembers the device. It opens nothing; strict, since only our own forms need it.
const DEVICE_COOKIE: &str = "__Host-segl-device";
/// The longest that browsers keep a cookie.
const KEPT_FOR: Duration = Duration::days(400);
/// No token of ours is longer.
const TOKEN_BYTES: usize = 64;

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(devices).service(forget_device);
}

/// The token that the browser kept.
pub(super) fn device_token(request: &HttpRequest) -> Option<String> {
    request.cookie(DEVICE_COOKIE).map(|cookie| cookie.value().to_owned()).filter(|token| (1..=TOKEN_BYTES).contains(&token.len()))
}

/// The cookie that keeps a token.
pub(super) fn device_cookie(token: String) -> Cookie<'static> {
    Cookie::build(DEVICE_COOKIE, token).path("/").secure(true).http_only(true).same_site(SameSite::Strict).max_age(KEPT_FOR).finish()
}

/// Knows the device that has just logged in, and gives its token, as long as its session lives: a new password or a block meanwhile wins. A log-in does
/// not fail for that.
pub(super) async fn know(ground: &Ground, opened: &Opened, carrier: Carrier, network: &str, kept: Option<&str>) -> Option<String> {
    let fresh = random::token(ground.random());
    let one = LoggedIn { account: opened.account, carrier, network, kept, fresh: &fresh };
    let known = ground.database.write(async |unit| {
        accounts::hold_account(unit, opened.account).await?;
        hold(unit, opened.session).await?;
        Ok::<_, LoginError>(accounts::know_device(unit, &one).await?)
    });
    match known.await {
        Ok(token) => Some(token),
        Err(LoginError::Gone) => None,
        Err(error) => {
            tracing::error!(account = %opened.account, %error, "the device could not be remembered");
            None
        }
    }
}

/// Known devices.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Devices {
    items: Vec<Device>,
    next: Option<String>,
}

/// Lists the browsers and programs in which you have logged in, last used first. At most ten are known.
#[utoipa::path(tag = "log-in", responses((status = 200, body = Devices)))]
#[get("/api/v1/devices")]
async fn devices(granted: Granted<right::SeeOneself>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let items = accounts::devices_of(&mut ground.database.read().await?, granted.actor.account).await?;
    Ok(HttpResponse::Ok().json(Devices { items, next: None }))
}

/// Forgets one of your devices: it is an unknown one from now on.
#[utoipa::path(tag = "log-in", params(("id" = String, Path)), responses((status = 204)))]
#[delete("/api/v1/devices/{id}")]
async fn forget_device(
    granted: Granted<right::SeeOneself>,
    id: web::Path<DeviceId>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (account, author) = (granted.actor.account, granted.actor.author());
    ground.database.write(async |unit| accounts::forget_device(unit, account, *id, author).await.map_err(LoginError::from)).await?;
    Ok(HttpResponse::NoContent().finish())
}
