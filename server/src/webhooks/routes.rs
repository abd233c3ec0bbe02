//! The JSON edge of webhooks.

use actix_web::{HttpResponse, delete, get, http::header, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Delivery, DeliveryState, EventKind, Fault, NewWebhook, Webhook, WebhookError, WebhookState, Why, choose, read, tell};
use crate::{
    http::{
        body::Json,
        guard::Granted,
        idempotency::{Idempotency, Replay, create_once},
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{
        actor::Actor,
        cursor::Cursor,
        database::Unit,
        ground::Ground,
        id::{CompanyId, WebhookDeliveryId, WebhookId},
        moment::Moment,
        secret::Secret,
    },
};

impl From<WebhookError> for Problem {
    fn from(error: WebhookError) -> Self {
        match error {
            WebhookError::Database(cause) => cause.into(),
            WebhookError::Disabled => Self::saying(Kind::Conflict, "webhooks.is_disabled"),
            WebhookError::Full => Self::saying(Kind::Conflict, "webhooks.is_full"),
            WebhookError::Invalid(faults) => Self::invalid(faults),
            WebhookError::Keystore(cause) => Self::unforeseen(&cause),
            WebhookError::NotFound => Self::of(Kind::NotFound),
            WebhookError::ProveAgain => Self::of(Kind::ProveAgain),
            WebhookError::Serves => Self::saying(Kind::AlreadyDone, "webhooks.serves"),
            WebhookError::TooFast { most } => Self::saying(Kind::TooManyTries, "webhooks.too_fast").with("most", most),
            WebhookError::TooMany { most } => Self::saying(Kind::Conflict, "webhooks.too_many").with("most", most),
            WebhookError::Waits => Self::saying(Kind::AlreadyDone, "webhooks.waits"),
        }
    }
}

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(list_webhooks).service(create_webhook).service(show_webhook).service(remove_webhook);
    config.service(rotate_secret).service(resume_webhook).service(test_webhook);
    config.service(list_deliveries).service(deliver_again);
}

/// The actor's own company, which must be this one: an administrator acts for no other.
///
/// # Errors
/// [`Kind::NotFound`].
pub fn require_own(actor: &Actor, company: CompanyId) -> Result<(), Problem> {
    if actor.company == Some(company) { Ok(()) } else { Err(Problem::of(Kind::NotFound)) }
}

/// Where your company is told what happens, without the secret.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct WebhookAnswer {
    /// Its id.
    id: WebhookId,
    /// The address.
    url: String,
    /// What is told there.
    kinds: Vec<EventKind>,
    /// Whether anything is told there.
    state: WebhookState,
    /// Why not.
    why: Option<Why>,
    /// Since when nothing was taken there.
    failing_since: Option<Moment>,
    /// So much was not kept, since five thousand waited.
    dropped: i64,
    /// Until when the former secret signs too.
    former_until: Option<Moment>,
    /// When it was made.
    created_at: Moment,
}

impl From<Webhook> for WebhookAnswer {
    fn from(webhook: Webhook) -> Self {
        let Webhook { id, company: _, url, kinds, state, why, failing_since, dropped, former_until, created_at } = webhook;
        Self { id, url, kinds, state, why, failing_since, dropped, former_until, created_at }
    }
}

/// The company's addresses.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Webhooks {
    /// At most ten, the oldest first.
    items: Vec<WebhookAnswer>,
}

/// Lists where your company is told what happens.
#[utoipa::path(tag = "webhooks", responses((status = 200, body = Webhooks), (status = 403), (status = 404)))]
#[get("/api/v1/companies/{company}/webhooks")]
async fn list_webhooks(
    granted: Granted<right::ManageWebhooks>,
    company: web::Path<CompanyId>,
    ground: web::Data<Ground>,
) -> Result<web::Json<Webhooks>, Problem> {
    require_own(&granted.actor, *company)?;
    let found = read::webhooks(&mut ground.database.read().await?, *company).await?;
    Ok(web::Json(Webhooks { items: found.into_iter().map(Into::into).collect() }))
}

/// Where to tell what.
#[derive(Debug, serde::Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookBody {
    /// An `https://` address, at most 500 characters, that is not inside.
    pub url: String,
    /// What is told there: one kind at least.
    pub kinds: Vec<EventKind>,
}

/// The new address: the only time that its secret is shown.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct CreatedWebhook {
    /// What posts are signed with: `whsec_` and the base64 of the key.
    secret: String,
    /// The rest.
    #[serde(flatten)]
    about: WebhookAnswer,
}

/// Makes one, or finds the one that the same Idempotency-Key made before.
///
/// # Errors
/// Those of [`NewWebhook::draw`] and [`choose::create`].
pub async fn create_one(
    ground: &Ground,
    actor: &Actor,
    company: CompanyId,
    body: &WebhookBody,
    once: Option<&Idempotency>,
) -> Result<Result<(Secret<String>, Webhook), Replay>, Problem> {
    require_own(actor, company)?;
    let content = serde_json::to_vec(body).map_err(|error| Problem::unforeseen(&error))?;
    let new = NewWebhook::draw(ground, &body.url, &body.kinds).await?;
    let create = async |unit: &mut Unit| Ok::<_, Problem>(choose::create(unit, actor, company, &new).await?);
    let made = create_once(&ground.database, (once, actor), &content, create, |about| location(company, about.id)).await?;
    Ok(made.map(|about| (new.secret, about)))
}

fn location(company: CompanyId, webhook: WebhookId) -> String {
    format!("/api/v1/companies/{company}/webhooks/{webhook}")
}

/// Has your company told what happens at an address. Posts are signed as Standard Webhooks has it; the secret is shown this once. Needs a fresh proof.
#[utoipa::path(tag = "webhooks", params(Idempotency), request_body = WebhookBody,
    responses((status = 201, body = CreatedWebhook), (status = 403), (status = 404), (status = 409), (status = 422)))]
#[post("/api/v1/companies/{company}/webhooks")]
async fn create_webhook(
    granted: Granted<right::ManageWebhooks>,
    company: web::Path<CompanyId>,
    body: Json<WebhookBody>,
    once: Idempotency,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    Ok(match create_one(&ground, &granted.actor, *company, &body.0, Some(&once)).await? {
        Ok((secret, about)) => HttpResponse::Created()
            .insert_header((header::LOCATION, location(*company, about.id)))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .json(CreatedWebhook { secret: secret.reveal().clone(), about: about.into() }),
        Err(replay) => replay.answer(),
    })
}

/// One of the company's addresses.
///
/// # Errors
/// [`Kind::NotFound`].
pub async fn own_webhook(ground: &Ground, actor: &Actor, (company, webhook): (CompanyId, WebhookId)) -> Result<Webhook, Problem> {
    require_own(actor, company)?;
    let found = read::webhook(&mut ground.database.read().await?, company, webhook).await?;
    found.ok_or_else(|| Problem::of(Kind::NotFound))
}

/// Shows one of them.
#[utoipa::path(tag = "webhooks", responses((status = 200, body = WebhookAnswer), (status = 403), (status = 404)))]
#[get("/api/v1/companies/{company}/webhooks/{webhook}")]
async fn show_webhook(
    granted: Granted<right::ManageWebhooks>,
    path: web::Path<(CompanyId, WebhookId)>,
    ground: web::Data<Ground>,
) -> Result<web::Json<WebhookAnswer>, Problem> {
    Ok(web::Json(own_webhook(&ground, &granted.actor, path.into_inner()).await?.into()))
}

/// Ends an address.
///
/// # Errors
/// Those of [`choose::remove`].
pub async fn remove_one(ground: &Ground, actor: &Actor, (company, webhook): (CompanyId, WebhookId)) -> Result<(), Problem> {
    require_own(actor, company)?;
    Ok(ground.database.write(async |unit| choose::remove(unit, actor, company, webhook).await).await?)
}

/// Tells nothing more at an address; what waits there is not told.
#[utoipa::path(tag = "webhooks", responses((status = 204), (status = 403), (status = 404)))]
#[delete("/api/v1/companies/{company}/webhooks/{webhook}")]
async fn remove_webhook(
    granted: Granted<right::ManageWebhooks>,
    path: web::Path<(CompanyId, WebhookId)>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    remove_one(&ground, &granted.actor, path.into_inner()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A new secret: the only time that it is shown.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct RotatedSecret {
    /// What posts are signed with; for a day the former secret signs beside it, unless the address was restored.
    secret: String,
}

/// Draws another secret.
///
/// # Errors
/// Those of [`choose::rotate`].
pub async fn rotate_one(ground: &Ground, actor: &Actor, (company, webhook): (CompanyId, WebhookId)) -> Result<Secret<String>, Problem> {
    require_own(actor, company)?;
    Ok(choose::rotate(ground, actor, company, webhook).await?)
}

/// Draws another secret for an address. For a day posts are signed with both, then with the new one alone. Needs a fresh proof.
#[utoipa::path(tag = "webhooks", responses((status = 200, body = RotatedSecret), (status = 403), (status = 404)))]
#[post("/api/v1/companies/{company}/webhooks/{webhook}/secret")]
async fn rotate_secret(
    granted: Granted<right::ManageWebhooks>,
    path: web::Path<(CompanyId, WebhookId)>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let secret = rotate_one(&ground, &granted.actor, path.into_inner()).await?;
    let answer = RotatedSecret { secret: secret.reveal().clone() };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(answer))
}

/// Tells things at an address again.
///
/// # Errors
/// Those of [`choose::resume`].
pub async fn resume_one(
    ground: &Ground,
    actor: &Actor,
    (company, webhook): (CompanyId, WebhookId),
) -> Result<Option<Secret<String>>, Problem> {
    require_own(actor, company)?;
    Ok(choose::resume(ground, actor, company, webhook).await?)
}

/// Tells things at a disabled address again, from now on. Needs a fresh proof. After a restore or a takeover (`why` is `restored` or `succeeded`)
/// under another secret, shown this once; otherwise the answer is 204.
#[utoipa::path(tag = "webhooks",
    responses((status = 200, body = RotatedSecret), (status = 204), (status = 403), (status = 404), (status = 409)))]
#[post("/api/v1/companies/{company}/webhooks/{webhook}/resumption")]
async fn resume_webhook(
    granted: Granted<right::ManageWebhooks>,
    path: web::Path<(CompanyId, WebhookId)>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    Ok(match resume_one(&ground, &granted.actor, path.into_inner()).await? {
        Some(secret) => {
            HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(RotatedSecret { secret: secret.reveal().clone() })
        }
        None => HttpResponse::NoContent().finish(),
    })
}

/// Which telling.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Accepted {
    /// Its id.
    delivery: WebhookDeliveryId,
}

/// Sends a test.
///
/// # Errors
/// Those of [`tell::test`].
pub async fn test_one(ground: &Ground, actor: &Actor, (company, webhook): (CompanyId, WebhookId)) -> Result<WebhookDeliveryId, Problem> {
    require_own(actor, company)?;
    Ok(ground.database.write(async |unit| tell::test(unit, actor, company, webhook).await).await?)
}

/// Tells an address that this is a test: `webhook.test`. Tests, and what is told once more, are twenty within a minute at most.
#[utoipa::path(tag = "webhooks", responses((status = 202, body = Accepted), (status = 403), (status = 404), (status = 409), (status = 429)))]
#[post("/api/v1/companies/{company}/webhooks/{webhook}/test")]
async fn test_webhook(
    granted: Granted<right::ManageWebhooks>,
    path: web::Path<(CompanyId, WebhookId)>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let delivery = test_one(&ground, &granted.actor, path.into_inner()).await?;
    Ok(HttpResponse::Accepted().json(Accepted { delivery }))
}

/// Which part of the list.
#[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Part {
    /// The `next` of the part before.
    #[serde(default)]
    after: String,
}

/// Where a part of a list begins.
///
/// # Errors
/// [`Kind::BadRequest`] for what is no cursor of ours.
pub fn cursor(after: &str) -> Result<Cursor, Problem> {
    if after.is_empty() {
        return Ok(Cursor::start());
    }
    Cursor::of(after).ok_or_else(|| Problem::of(Kind::BadRequest))
}

/// One telling.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct DeliveryAnswer {
    /// Its id; `webhook-id` is `msg_` and its hexadecimal digits.
    id: WebhookDeliveryId,
    /// What is told: a kind, or `webhook.test`.
    kind: String,
    /// How it stands.
    state: DeliveryState,
    /// How often it was tried.
    attempts: i64,
    /// What was answered last.
    status: Option<i64>,
    /// Why the last try failed.
    fault: Option<Fault>,
    /// When it happened.
    created_at: Moment,
    /// When it was tried last.
    tried_at: Option<Moment>,
    /// When it is tried again.
    next_at: Option<Moment>,
}

impl From<Delivery> for DeliveryAnswer {
    fn from(delivery: Delivery) -> Self {
        let Delivery { id, kind, state, attempts, status, fault, created_at, tried_at, next_at } = delivery;
        Self { id, kind, state, attempts, status, fault, created_at, tried_at, next_at }
    }
}

/// What was told.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Deliveries {
    /// The newest first.
    items: Vec<DeliveryAnswer>,
    /// What `after` shows the next page; null at the end.
    next: Option<String>,
}

/// Lists what was told at an address within the last month, the newest first.
#[utoipa::path(tag = "webhooks", params(Part), responses((status = 200, body = Deliveries), (status = 400), (status = 403), (status = 404)))]
#[get("/api/v1/companies/{company}/webhooks/{webhook}/deliveries")]
async fn list_deliveries(
    granted: Granted<right::ManageWebhooks>,
    path: web::Path<(CompanyId, WebhookId)>,
    part: web::Query<Part>,
    ground: web::Data<Ground>,
) -> Result<web::Json<Deliveries>, Problem> {
    let webhook = own_webhook(&ground, &granted.actor, path.into_inner()).await?;
    let listing = read::deliveries(&mut ground.database.read().await?, webhook.id, &cursor(&part.after)?).await?;
    let items = listing.items.into_iter().map(Into::into).collect();
    Ok(web::Json(Deliveries { items, next: listing.next.map(|cursor| cursor.word()) }))
}

/// Tells once more.
///
/// # Errors
/// Those of [`tell::again`].
pub async fn again_one(
    ground: &Ground,
    actor: &Actor,
    (company, webhook, delivery): (CompanyId, WebhookId, WebhookDeliveryId),
) -> Result<(), Problem> {
    require_own(actor, company)?;
    Ok(ground.database.write(async |unit| tell::again(unit, actor, (company, webhook), delivery).await).await?)
}

/// Tells once more what was told or could not be told, under the same `webhook-id`. Twenty within a minute at most, tests
/// included.
#[utoipa::path(tag = "webhooks", responses((status = 202, body = Accepted), (status = 403), (status = 404), (status = 409), (status = 429)))]
#[post("/api/v1/companies/{company}/webhooks/{webhook}/deliveries/{delivery}/redelivery")]
async fn deliver_again(
    granted: Granted<right::ManageWebhooks>,
    path: web::Path<(CompanyId, WebhookId, WebhookDeliveryId)>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    again_one(&ground, &granted.actor, path).await?;
    Ok(HttpResponse::Accepted().json(Accepted { delivery: path.2 }))
}
