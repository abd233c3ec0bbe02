//! The JSON edge of a person's history.

use actix_web::{HttpRequest, HttpResponse, get, http::header, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Kind, Line, Wanted, read};
use crate::{
    http::{
        guard::Granted,
        page,
        permissions::right,
        problem::{self, Problem},
    },
    platform::{actor::Actor, ground::Ground, id::AuditEntryId, words::Language},
};

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(history).service(history_file);
}

/// What to look for.
#[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Query {
    /// `logins`, `approvals`, `signatures`, `factors` (cards, phones, code tokens) or `account`; empty: all.
    pub kind: String,
    /// The `next` of the page before.
    pub after: Option<AuditEntryId>,
    /// The language of pages.
    pub language: Option<String>,
}

impl Query {
    /// What is wanted.
    ///
    /// # Errors
    /// [`problem::Kind::BadRequest`] for a kind that is none of ours.
    pub fn read(&self) -> Result<Wanted, Problem> {
        let kind = match self.kind.as_str() {
            "" => None,
            word => Some(Kind::of(word).ok_or_else(|| Problem::of(problem::Kind::BadRequest))?),
        };
        Ok(Wanted { kind, after: self.after })
    }
}

/// A page of lines, newest first.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(as = HistoryLines)]
struct Lines {
    /// The lines. A page may be short.
    items: Vec<Line>,
    /// What `after` shows the next page; null at the end.
    next: Option<AuditEntryId>,
}

/// Lists what was done in your name, and to what is yours: newest first.
#[utoipa::path(tag = "log-in", params(Query), responses((status = 200, body = Lines), (status = 400)))]
#[get("/api/v1/history")]
async fn history(
    granted: Granted<right::SeeOneself>,
    ground: web::Data<Ground>,
    query: web::Query<Query>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (items, next) = read::page(&ground, &granted.actor, query.read()?, page::language(&request)).await?;
    Ok(HttpResponse::Ok().json(Lines { items, next }))
}

/// The same as CSV, the newest 10,000 lines at most.
///
/// # Errors
/// When the database fails.
pub async fn file_of(ground: &Ground, actor: &Actor, query: &Query, language: Language) -> Result<HttpResponse, Problem> {
    let bytes = read::file(ground, actor, query.read()?, language).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"history.csv\""))
        .body(bytes))
}

/// Fetches what was done in your name as CSV for a spreadsheet: the newest 10,000 lines, or those before `after`.
#[utoipa::path(tag = "log-in", params(Query), responses((status = 200, content_type = "text/csv", body = Vec<u8>), (status = 400)))]
#[get("/api/v1/history.csv")]
async fn history_file(
    granted: Granted<right::SeeOneself>,
    ground: web::Data<Ground>,
    query: web::Query<Query>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    file_of(&ground, &granted.actor, &query, page::language(&request)).await
}
