//! The page on which an administrator says an employee's unit, title, groups and number.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use askama::Template;

use super::employee::place;
use crate::{
    companies::{
        Company,
        pages::{Typed, typed},
    },
    employees::{
        Employee,
        routes::{DetailsBody, describe_one, own_company, visible_employee},
    },
    http::{
        body::Form,
        guard::Granted,
        page::{self, Page},
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{
        actor::Actor,
        ground::Ground,
        id::{CompanyId, EmployeeId},
    },
};

#[derive(Template)]
#[template(path = "employees/details.html")]
struct DetailsPage {
    page: Page,
    company: Company,
    employee: Employee,
}

async fn shown(
    ground: &Ground,
    actor: &Actor,
    path: (CompanyId, EmployeeId),
    (status, page): (StatusCode, Page),
) -> Result<HttpResponse, Problem> {
    own_company(ground, actor, path.0).await?;
    let (company, employee) = visible_employee(ground, actor, path).await?;
    page::render(status, &DetailsPage { page, company, employee })
}

#[get("/companies/{company}/employees/{employee}/details")]
pub async fn show_details(
    granted: Granted<right::ChangeEmployee>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, EmployeeId)>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    let (_, employee) = visible_employee(&ground, &granted.actor, path).await?;
    let details = &employee.details;
    let page = page.typed("unit", &details.unit).typed("title", &details.title).typed("groups", &details.groups.join(", "));
    shown(&ground, &granted.actor, path, (StatusCode::OK, page)).await
}

#[post("/companies/{company}/employees/{employee}/details")]
pub async fn describe_employee(
    granted: Granted<right::ChangeEmployee>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, EmployeeId)>,
    form: Form<Typed>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    let [unit, title, groups, rid] = ["unit", "title", "groups", "rid"].map(|field| typed(&form.0, field));
    let page = page.typed("unit", &unit).typed("title", &title).typed("groups", &groups).typed("rid", &rid);
    let body = DetailsBody { unit, title, groups: groups.split(',').map(str::to_owned).collect(), rid };
    match describe_one(&ground, &granted.actor, path, &body).await {
        Ok(()) => Ok(page::go(&place(path, "described"))),
        Err(problem) if problem.kind == Kind::ProveAgain && granted.actor.session.is_some() => {
            let back = format!("/companies/{}/employees/{}/details", path.0, path.1);
            Ok(page::prove_by_card_first(&granted.actor, ground.clock().now(), &back))
        }
        Err(problem) if matches!(problem.kind, Kind::AlreadyDone | Kind::Conflict | Kind::Invalid) => {
            shown(&ground, &granted.actor, path, (problem.kind.status(), page.refused(&problem))).await
        }
        Err(problem) => Err(problem),
    }
}
