//! The JSON edge of the operator's overview.

use actix_web::{HttpResponse, get, web};

use super::Item;
use crate::{
    authorities::Kind as AuthorityKind,
    certificates::overview::{self, Authority, Unit},
    http::{guard::Granted, permissions::right, problem::Problem},
    platform::{ground::Ground, moment::Moment},
};

/// One authority, with the keeping of its key, its lists, its responder and the last check.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct AuthorityItem {
    /// In addresses.
    name: String,
    /// root or issuing.
    kind: &'static str,
    subject: String,
    /// SHA-256 of the certificate, hexadecimal.
    fingerprint: String,
    not_before: Moment,
    not_after: Moment,
    /// The keystore that keeps its key: `main`, or a configured name.
    keystore: String,
    key_label: String,
    /// So many revocation lists in shards.
    lists: i64,
    /// When the first of its lists must have been renewed.
    next_update: Option<Moment>,
    /// When the certificate of its OCSP responder ends; null for a root.
    responder_not_after: Option<Moment>,
    /// The last look of the checker; null before the first.
    checked: Option<CheckItem>,
}

/// What the checker last found.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct CheckItem {
    checked_at: Moment,
    lists: i64,
    entries: i64,
    /// ocsp_disagrees, ocsp_silent, list_misses, list_says_more, list_unreadable, list_stale or late; null when all agree.
    finding: Option<&'static str>,
    /// The shard or serial number where.
    place: Option<String>,
}

/// A time-stamp unit.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct UnitItem {
    serial: String,
    keystore: String,
    active: bool,
    installed_at: Moment,
    not_after: Moment,
}

/// What the operator sees at one look.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct OverviewAnswer {
    authorities: Vec<AuthorityItem>,
    timestamp_units: Vec<UnitItem>,
    /// Certificates that end within 60 days, the first first; at most 50.
    expiring: Vec<Item>,
    /// Whether there are more of them.
    more_expiring: bool,
}

impl From<Authority> for AuthorityItem {
    fn from(found: Authority) -> Self {
        Self {
            name: found.name,
            kind: match found.kind {
                AuthorityKind::Issuing => "issuing",
                AuthorityKind::Root => "root",
            },
            subject: found.subject,
            fingerprint: found.fingerprint,
            not_before: found.not_before,
            not_after: found.not_after,
            keystore: found.keystore.unwrap_or_else(|| "main".to_owned()),
            key_label: found.key_label,
            lists: found.lists,
            next_update: found.next_update,
            responder_not_after: found.responder_end,
            checked: found.checked.map(|checked| CheckItem {
                checked_at: checked.checked_at,
                lists: checked.lists,
                entries: checked.entries,
                finding: checked.found.as_ref().map(|found| found.finding.word()),
                place: checked.found.map(|found| found.place),
            }),
        }
    }
}

impl From<Unit> for UnitItem {
    fn from(unit: Unit) -> Self {
        Self {
            serial: unit.serial,
            keystore: unit.keystore.unwrap_or_else(|| "main".to_owned()),
            active: unit.is_active,
            installed_at: unit.installed_at,
            not_after: unit.not_after,
        }
    }
}

/// Authorities with keys, lists, responders and the last checks; time-stamp units; what expires soon.
#[utoipa::path(tag = "operations", responses((status = 200, body = OverviewAnswer)))]
#[get("/api/v1/operations/pki")]
pub async fn show_overview(_granted: Granted<right::SeeOperations>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let now = ground.clock().now();
    let found = overview::overview(&ground).await?;
    Ok(HttpResponse::Ok().json(OverviewAnswer {
        authorities: found.authorities.into_iter().map(AuthorityItem::from).collect(),
        timestamp_units: found.units.into_iter().map(UnitItem::from).collect(),
        expiring: found.expiring.iter().map(|certificate| Item::of(certificate, now)).collect(),
        more_expiring: found.more_expiring,
    }))
}
