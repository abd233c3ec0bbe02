//! The JSON edge of the audit: entries for auditors, checkpoints for anybody who wants to keep one.

use actix_web::{HttpResponse, get, web};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    AuditError, checkpoint,
    checkpoint::Published,
    model::Entry,
    read::{self, Search},
};
use crate::{
    http::{guard::Granted, permissions::right, problem::Problem},
    platform::{ground::Ground, id::AuditEntryId},
};

impl From<AuditError> for Problem {
    fn from(error: AuditError) -> Self {
        match error {
            AuditError::Database(cause) => cause.into(),
            AuditError::CheckpointForeign | AuditError::CheckpointUnreadable | AuditError::Key(_) | AuditError::Keystore(_) => {
                Self::unforeseen(&error)
            }
        }
    }
}

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(list).service(checkpoints);
}

/// What to look for.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Query {
    /// Exactly this action, as `certificate.revoked`.
    action: Option<String>,
    /// Exactly this subject, as `certificate:<id>`.
    subject: Option<String>,
    /// The `next` of the page before.
    after: Option<AuditEntryId>,
}

/// Entries, newest first.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Entries {
    items: Vec<Entry>,
    next: Option<AuditEntryId>,
}

/// Lists what happened, newest first.
#[utoipa::path(tag = "audit", params(Query), responses((status = 200, body = Entries)))]
#[get("/api/v1/audit")]
async fn list(_granted: Granted<right::ReadAudit>, query: web::Query<Query>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let Query { action, subject, after } = query.into_inner();
    let mut reader = ground.database.read().await?;
    let (items, next) = read::entries(&mut reader, &Search { action, subject, after }).await?;
    Ok(HttpResponse::Ok().json(Entries { items, next }))
}

/// Where the list of checkpoints goes on.
#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct After {
    /// The `next` of the page before.
    after: Option<i64>,
}

/// Checkpoints, newest first, with the key that signed them.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Checkpoints {
    /// The DER SubjectPublicKeyInfo of the checkpoint key, in base64.
    public_key: String,
    items: Vec<Published>,
    next: Option<i64>,
}

/// Publishes the signed checkpoints of the audit. Keep one elsewhere: `segl audit verify --checkpoint FILE` proves that the audit still
/// extends it.
#[utoipa::path(tag = "audit", params(After), responses((status = 200, body = Checkpoints)))]
#[get("/audit/checkpoints")]
async fn checkpoints(after: web::Query<After>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let key = checkpoint::public_key(&ground).await?;
    let (items, next) = read::checkpoints(&mut ground.database.read().await?, after.after).await?;
    Ok(HttpResponse::Ok().json(Checkpoints { public_key: STANDARD.encode(key.spki()), items, next }))
}
