//! The page behind the mailed link by which those who were told refuse what will be done by itself, logged in or not. Opening it changes nothing:
//! mail scanners open it too.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::{Mandate, MandateError, Wish, describe, end_by_link, read};
use crate::{
    http::{
        body::Form,
        page::{self, Page},
        problem::{Kind, Problem},
    },
    platform::{ground::Ground, limits},
};

/// Adds the routes.
pub(super) fn configure(config: &mut web::ServiceConfig) {
    config.service(show).service(stop);
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Template)]
#[template(path = "mandates/stop.html")]
struct StopPage {
    page: Page,
    link: String,
    lines: Vec<String>,
    /// None when it was just refused.
    mandate: Option<(Mandate, &'static str)>,
}

#[get("/mandates/stop/{link}")]
async fn show(ground: web::Data<Ground>, page: Page, link: web::Path<String>) -> Result<HttpResponse, Problem> {
    let link = bounded(link.into_inner())?;
    let mut reader = ground.database.read().await?;
    let mandate = read::stoppable(&mut reader, &link, ground.clock().now()).await?.ok_or(MandateError::LinkGone)?;
    let wish = Wish::of(&mandate)?;
    let lines = describe(&mut reader, &mandate, &wish).await?;
    // The reason of a suspension is the administrators'.
    let lines = lines.into_iter().filter(|(key, _)| *key != "mandates.line_reason");
    let lines = lines.map(|(key, value)| page.with(key, "value", value)).collect();
    page::show(&StopPage { page, link, lines, mandate: Some((mandate, wish.words())) })
}

#[post("/mandates/stop/{link}")]
async fn stop(ground: web::Data<Ground>, page: Page, link: web::Path<String>, _form: Form<Nothing>) -> Result<HttpResponse, Problem> {
    let link = bounded(link.into_inner())?;
    end_by_link(&ground, &link).await?;
    page::show(&StopPage { page, link, lines: Vec::new(), mandate: None })
}

fn bounded(link: String) -> Result<String, Problem> {
    if link.len() <= limits::LINE_CHARACTERS { Ok(link) } else { Err(Problem::saying(Kind::Gone, "mandates.link_gone")) }
}
