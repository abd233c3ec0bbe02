//! The administrator's page of the factors that the company allows beside the key card.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use crate::{
    companies::{Company, pages::Typed},
    employees::{
        factors::{self, Factors},
        routes::{own_company, set_factors_of},
    },
    http::{
        body::Form,
        guard::Granted,
        page::{self, Page, prove_first},
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{ground::Ground, id::CompanyId},
};

#[derive(Template)]
#[template(path = "employees/factors.html")]
struct FactorsPage {
    page: Page,
    company: Company,
}

#[get("/companies/{company}/factors")]
pub async fn show_factors(
    granted: Granted<right::SetFactors>,
    ground: web::Data<Ground>,
    page: Page,
    company: web::Path<CompanyId>,
) -> Result<HttpResponse, Problem> {
    let company = own_company(&ground, &granted.actor, *company).await?;
    if !granted.actor.has_proven(ground.clock().now()) {
        return Ok(prove_first(&format!("/companies/{}/factors", company.id)));
    }
    let Factors { phone, token, four_digits } = factors::allowed(&mut ground.database.read().await?, company.id).await?;
    let set = [(phone, "phone"), (token, "token"), (four_digits, "four_digits")].into_iter().filter(|(is, _)| *is);
    let page = set.fold(page, |page, (_, word)| page.typed(word, "yes"));
    page::show(&FactorsPage { page, company })
}

#[post("/companies/{company}/factors")]
pub async fn set_factors(
    granted: Granted<right::SetFactors>,
    ground: web::Data<Ground>,
    company: web::Path<CompanyId>,
    form: Form<Typed>,
) -> Result<HttpResponse, Problem> {
    let has = |name: &str| form.0.contains_key(name);
    let wanted = Factors { phone: has("phone"), token: has("token"), four_digits: has("four_digits") };
    match set_factors_of(&ground, &granted.actor, *company, wanted).await {
        Ok(()) => Ok(page::go(&format!("/companies/{company}?told=factors"))),
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(prove_first(&format!("/companies/{company}/factors"))),
        Err(problem) => Err(problem),
    }
}
