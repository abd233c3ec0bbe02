//! The page of whoever has the address with which a takeover was requested: taken back with one button. Opening it changes nothing: mail scanners
//! follow links.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::{read, withdraw};
use crate::{
    http::{
        body::Form,
        page::{self, Page},
        problem::Problem,
    },
    platform::ground::Ground,
};

/// Adds the routes.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(show).service(take_back);
}

#[derive(Template)]
#[template(path = "successions/withdraw.html")]
struct WithdrawPage {
    page: Page,
    link: String,
    company: String,
    /// Whether it is taken back.
    is_done: bool,
}

#[get("/takeover-request/{link}")]
async fn show(ground: web::Data<Ground>, page: Page, link: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (found, company) = read::by_own_link(&mut ground.database.read().await?, &link).await?;
    withdraw::check(&found, ground.clock().now())?;
    page::show(&WithdrawPage { page, link: link.into_inner(), company: company.legal_name, is_done: false })
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[post("/takeover-request/{link}")]
async fn take_back(ground: web::Data<Ground>, page: Page, link: web::Path<String>, _form: Form<Nothing>) -> Result<HttpResponse, Problem> {
    let (_, company) = read::by_own_link(&mut ground.database.read().await?, &link).await?;
    super::withdraw(&ground, &link).await?;
    page::show(&WithdrawPage { page, link: link.into_inner(), company: company.legal_name, is_done: true })
}
