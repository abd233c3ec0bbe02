//! The pages of signatories' shares. Opening a link changes nothing.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use askama::Template;

use super::{
    RecoveryError, read,
    share_routes::offer_to,
    signatories::{self, About},
};
use crate::{
    http::{
        body::Form,
        guard::Granted,
        page::{self, Page},
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{ground::Ground, id::SignatoryId, secret::Secret},
};

/// Adds the routes.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(offer).service(show).service(take).service(approve);
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[post("/recoveries/signatories/{id}")]
async fn offer(
    granted: Granted<right::RecoverKeys>,
    ground: web::Data<Ground>,
    id: web::Path<SignatoryId>,
    _form: Form<Nothing>,
) -> Result<HttpResponse, Problem> {
    match offer_to(&ground, &granted.actor, *id).await {
        Ok(()) => Ok(page::go("/recoveries?told=offered")),
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(page::go("/account/prove?next=%2Frecoveries")),
        Err(problem) => Err(problem),
    }
}

#[derive(Template)]
#[template(path = "recoveries/key_share.html")]
struct SharePage {
    page: Page,
    link: String,
    about: About,
    /// Whose keys, when it is about a recovery.
    name: String,
}

async fn page_of(ground: &Ground, page: Page, link: &str) -> Result<SharePage, Problem> {
    let about = signatories::about(ground, link).await?;
    let name = match &about.recovery {
        Some(recovery) => read::name_of(&mut ground.database.read().await.map_err(RecoveryError::from)?, recovery).await?,
        None => String::new(),
    };
    Ok(SharePage { page, link: link.to_owned(), about, name })
}

#[get("/key-share/{link}")]
async fn show(ground: web::Data<Ground>, page: Page, link: web::Path<String>) -> Result<HttpResponse, Problem> {
    page::show(&page_of(&ground, page, &link).await?)
}

#[derive(Template)]
#[template(path = "recoveries/key_share_done.html")]
struct DonePage {
    page: Page,
    title: &'static str,
    code: Option<Secret<String>>,
}

#[post("/key-share/{link}")]
async fn take(ground: web::Data<Ground>, page: Page, link: web::Path<String>, _form: Form<Nothing>) -> Result<HttpResponse, Problem> {
    let code = signatories::take(&ground, &link).await?;
    page::render(StatusCode::CREATED, &DonePage { page, title: "recoveries.taken_title", code: Some(code) })
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeForm {
    code: Secret<String>,
}

#[post("/key-share/{link}/approval")]
async fn approve(ground: web::Data<Ground>, page: Page, link: web::Path<String>, form: Form<CodeForm>) -> Result<HttpResponse, Problem> {
    match signatories::approve_by_code(&ground, &link, &form.0.code).await {
        Ok(()) => page::render(StatusCode::OK, &DonePage { page, title: "recoveries.approved_by_code_title", code: None }),
        Err(error @ RecoveryError::NotRight) => {
            let problem = Problem::from(error);
            page::render(problem.kind.status(), &page_of(&ground, page.refused(&problem), &link).await?)
        }
        Err(error) => Err(error.into()),
    }
}
