//! The page behind the mailed link by which the person stops it, logged in or not. Opening it changes nothing: mail scanners open it too.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::{ReissueError, cancel_by_link, model::Reissue, read};
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
    config.service(show).service(stop);
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Template)]
#[template(path = "reissues/stop.html")]
struct StopPage {
    page: Page,
    link: String,
    /// None when it was just stopped.
    reissue: Option<Reissue>,
}

#[get("/reissues/stop/{link}")]
async fn show(ground: web::Data<Ground>, page: Page, link: web::Path<String>) -> Result<HttpResponse, Problem> {
    let link = bounded(link.into_inner())?;
    let mut reader = ground.database.read().await?;
    let reissue = read::stoppable(&mut reader, &link, ground.clock().now()).await?.ok_or_else(gone)?;
    page::show(&StopPage { page, link, reissue: Some(reissue) })
}

#[post("/reissues/stop/{link}")]
async fn stop(ground: web::Data<Ground>, page: Page, link: web::Path<String>, _form: Form<Nothing>) -> Result<HttpResponse, Problem> {
    let link = bounded(link.into_inner())?;
    match cancel_by_link(&ground, &link).await {
        Ok(()) => page::show(&StopPage { page, link, reissue: None }),
        Err(ReissueError::Ended { .. } | ReissueError::LinkGone) => Err(gone()),
        Err(error) => Err(error.into()),
    }
}

fn bounded(link: String) -> Result<String, Problem> {
    if link.len() <= limits::LINE_CHARACTERS { Ok(link) } else { Err(gone()) }
}

fn gone() -> Problem {
    Problem::saying(Kind::Gone, "reissues.link_gone")
}
