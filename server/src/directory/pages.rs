//! The HTML edge: the search for anybody, and one's own yes.

use actix_web::{HttpRequest, HttpResponse, get, http::StatusCode, post, web};
use askama::Template;

use super::{DirectoryError, Found, Listing, find, listing, own_address, routes::entered, take_back};
use crate::{
    http::{
        body::Form,
        guard::Granted,
        network::network_of,
        page::{self, Page},
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::ground::Ground,
};

/// The pages.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(search_page).service(own_page).service(enter).service(leave);
}

#[derive(serde::Deserialize)]
struct Asked {
    #[serde(default)]
    email: String,
    #[serde(default)]
    company: String,
}

#[derive(Template)]
#[template(path = "directory/search.html")]
struct SearchPage {
    page: Page,
    asked: bool,
    found: Vec<Found>,
}

impl SearchPage {
    fn purpose(&self, found: &Found) -> String {
        self.page.say(&format!("directory.purpose_{}", found.purpose))
    }
}

#[get("/directory/search")]
async fn search_page(
    page: Page,
    asked: web::Query<Asked>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let page = page.typed("email", &asked.email).typed("company", &asked.company);
    if asked.email.is_empty() && asked.company.is_empty() {
        return page::show(&SearchPage { page, asked: false, found: Vec::new() });
    }
    match find(&ground, &network_of(&request, &ground), &asked.email, Some(&asked.company)).await.map_err(Problem::from) {
        Ok(found) => page::show(&SearchPage { page, asked: true, found }),
        Err(problem) => page::render(problem.kind.status(), &SearchPage { page: page.refused(&problem), asked: false, found: Vec::new() }),
    }
}

#[derive(Template)]
#[template(path = "directory/own.html")]
struct OwnPage {
    page: Page,
    address: Option<String>,
    listing: Option<Listing>,
}

#[get("/account/directory")]
async fn own_page(granted: Granted<right::EnterDirectory>, page: Page, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    show_own(page, &granted, &ground, StatusCode::OK).await
}

async fn show_own(
    page: Page,
    granted: &Granted<right::EnterDirectory>,
    ground: &Ground,
    status: StatusCode,
) -> Result<HttpResponse, Problem> {
    let employee = granted.actor.employee.ok_or(Problem::of(Kind::Forbidden))?;
    let mut reader = ground.database.read().await?;
    let listing = listing(&mut reader, employee).await?;
    let address = match own_address(&mut reader, &granted.actor, ground.clock().now()).await {
        Ok(address) => Some(address.as_str().to_owned()),
        Err(DirectoryError::NoCertificate) => None,
        Err(error) => return Err(error.into()),
    };
    drop(reader);
    page::render(status, &OwnPage { page, address, listing })
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[post("/account/directory/enter")]
async fn enter(
    granted: Granted<right::EnterDirectory>,
    page: Page,
    _form: Form<Nothing>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    match entered(&granted, &ground).await {
        Ok(_) => Ok(page::go("/account/directory")),
        Err(problem) => show_own(page.refused(&problem), &granted, &ground, problem.kind.status()).await,
    }
}

#[post("/account/directory/leave")]
async fn leave(granted: Granted<right::EnterDirectory>, _form: Form<Nothing>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    ground.database.write::<_, DirectoryError, _>(async |unit| take_back(unit, &granted.actor).await).await?;
    Ok(page::go("/account/directory"))
}
