//! The page of the audit, for auditors: newest first, filtered by action and subject.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::{
    model::Entry,
    read::{self, Search},
};
use crate::{
    http::{
        guard::Granted,
        page::{self, Page},
        permissions::right,
        problem::Problem,
    },
    platform::{ground::Ground, id::AuditEntryId},
};

/// Adds the routes.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(list);
}

/// What to look for; empty looks for all.
#[derive(serde::Deserialize)]
struct Query {
    #[serde(default)]
    action: String,
    #[serde(default)]
    subject: String,
    after: Option<AuditEntryId>,
}

#[derive(Template)]
#[template(path = "audit/list.html")]
struct List {
    page: Page,
    entries: Vec<Entry>,
    /// The address of the next page.
    next: Option<String>,
    /// Whether anything is looked for.
    filtered: bool,
}

#[get("/audit")]
async fn list(
    _granted: Granted<right::ReadAudit>,
    page: Page,
    query: web::Query<Query>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let Query { action, subject, after } = query.into_inner();
    let wanted = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let search = Search { action: wanted(&action), subject: wanted(&subject), after };
    let (entries, next) = read::entries(&mut ground.database.read().await?, &search).await?;
    let next = next.map(|next| address(&search, next)).transpose()?;
    let filtered = search.action.is_some() || search.subject.is_some();
    page::show(&List { page: page.typed("action", &action).typed("subject", &subject), entries, next, filtered })
}

fn address(search: &Search, next: AuditEntryId) -> Result<String, Problem> {
    let pairs = [
        ("action", search.action.clone().unwrap_or_default()),
        ("subject", search.subject.clone().unwrap_or_default()),
        ("after", next.to_string()),
    ];
    let query = serde_urlencoded::to_string(pairs).map_err(|error| Problem::unforeseen(&error))?;
    Ok(format!("/audit?{query}"))
}
