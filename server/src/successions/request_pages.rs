//! The page on which a signatory requests a takeover, without a log-in. It tells nobody whether the number and the address are right.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use askama::Template;

use super::{Request, Successor};
use crate::{
    companies::pages::{Typed, typed},
    http::{
        body::Form,
        network::network_of,
        page::{self, Page},
        problem::{Kind, Problem},
    },
    platform::ground::Ground,
};

/// Adds the routes.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(show).service(send);
}

#[derive(Template)]
#[template(path = "successions/request.html")]
struct RequestPage {
    page: Page,
    sent: bool,
}

#[get("/takeover")]
async fn show(page: Page) -> Result<HttpResponse, Problem> {
    page::show(&RequestPage { page, sent: false })
}

#[post("/takeover")]
async fn send(request: HttpRequest, ground: web::Data<Ground>, page: Page, form: Form<Typed>) -> Result<HttpResponse, Problem> {
    let field = |name: &str| typed(&form.0, name);
    let page = form.0.iter().fold(page, |page, (name, text)| page.typed(name, text));
    let successor =
        Successor { given_name: field("successor/given_name"), surname: field("successor/surname"), email: field("successor/email") };
    let wanted = Request { number: field("number"), email: field("email"), successor, reason: field("reason") };
    match super::request(&ground, &wanted, &network_of(&request, &ground)).await.map_err(Problem::from) {
        Ok(()) => page::show(&RequestPage { page, sent: true }),
        Err(problem) if matches!(problem.kind, Kind::Invalid | Kind::TooManyTries) => {
            page::render(problem.kind.status(), &RequestPage { page: page.refused(&problem), sent: false })
        }
        Err(problem) => Err(problem),
    }
}
