//! The administrator's form that orders a certificate of the company itself.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use askama::Template;

use super::{
    order::Wish,
    order_routes::{Outcome, order_once},
    pages::{Typed, typed},
};
use crate::{
    http::{
        body::Form,
        guard::Granted,
        idempotency::Idempotency,
        page::{self, Page},
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{ground::Ground, id::CompanyId},
};

/// Adds the routes.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(show_form).service(order_certificate);
}

#[derive(Template)]
#[template(path = "companies/order.html")]
struct OrderPage {
    page: Page,
    company: CompanyId,
    purposes: Vec<(&'static str, String)>,
}

impl OrderPage {
    fn of(page: Page, company: CompanyId) -> Self {
        let purposes = [("seal", "companies.order_seal"), ("function", "companies.order_function")];
        let purposes = purposes.map(|(word, key)| (word, page.say(key))).to_vec();
        Self { page, company, purposes }
    }
}

#[get("/companies/{company}/certificates/new")]
async fn show_form(granted: Granted<right::OrderCertificate>, page: Page, company: web::Path<CompanyId>) -> Result<HttpResponse, Problem> {
    if granted.actor.company != Some(*company) {
        return Err(Problem::of(Kind::NotFound));
    }
    page::show(&OrderPage::of(page, *company))
}

#[post("/companies/{company}/certificates/new")]
async fn order_certificate(
    granted: Granted<right::OrderCertificate>,
    ground: web::Data<Ground>,
    page: Page,
    company: web::Path<CompanyId>,
    key: Idempotency,
    form: Form<Typed>,
) -> Result<HttpResponse, Problem> {
    let optional = |field: &str| Some(typed(&form.0, field)).filter(|text| !text.trim().is_empty());
    let wish = Wish { purpose: typed(&form.0, "purpose"), name: optional("name"), email: optional("email"), request: optional("request") };
    match order_once(&ground, &granted.actor, *company, &wish, &key).await {
        Ok(Outcome::New(serial)) => Ok(page::go(&format!("/certificates/{serial}"))),
        Ok(Outcome::Earlier(_)) => Ok(page::go("/certificates")),
        Err(problem) if matches!(problem.kind, Kind::Invalid | Kind::TooManyTries) => {
            let page = form.0.iter().fold(page, |page, (field, text)| page.typed(field, text));
            let status = if problem.kind == Kind::Invalid { StatusCode::UNPROCESSABLE_ENTITY } else { problem.kind.status() };
            page::render(status, &OrderPage::of(page.refused(&problem), *company))
        }
        Err(problem) => Err(problem),
    }
}
