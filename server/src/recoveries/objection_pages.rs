//! The page behind the mailed link by which an employee objects, logged in or not. Opening it changes nothing: mail scanners open it too.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::{RecoveryError, model::Recovery, object_by_link, read};
use crate::{
    http::{
        body::Form,
        page::{self, Page},
        problem::{Kind, Problem},
    },
    platform::{ground::Ground, limits},
};

/// Adds the routes.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(show).service(object);
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Template)]
#[template(path = "recoveries/objection.html")]
struct ObjectionPage {
    page: Page,
    link: String,
    /// None when the objection was just made.
    recovery: Option<Recovery>,
}

#[get("/recoveries/objection/{link}")]
async fn show(ground: web::Data<Ground>, page: Page, link: web::Path<String>) -> Result<HttpResponse, Problem> {
    let link = bounded(link.into_inner())?;
    let mut reader = ground.database.read().await.map_err(RecoveryError::from)?;
    let found = read::objectable(&mut reader, &link, ground.clock().now()).await.map_err(RecoveryError::from)?;
    let recovery = found.ok_or_else(gone)?;
    page::show(&ObjectionPage { page, link, recovery: Some(recovery) })
}

#[post("/recoveries/objection/{link}")]
async fn object(ground: web::Data<Ground>, page: Page, link: web::Path<String>, _form: Form<Nothing>) -> Result<HttpResponse, Problem> {
    let link = bounded(link.into_inner())?;
    match object_by_link(&ground, &link).await {
        Ok(()) => page::show(&ObjectionPage { page, link, recovery: None }),
        Err(RecoveryError::Ended { .. } | RecoveryError::LinkGone) => Err(gone()),
        Err(error) => Err(error.into()),
    }
}

fn bounded(link: String) -> Result<String, Problem> {
    if link.len() <= limits::LINE_CHARACTERS { Ok(link) } else { Err(gone()) }
}

fn gone() -> Problem {
    Problem::saying(Kind::Gone, "recoveries.objection_gone")
}
