//! The page on which an administrator changes an employee's names or address.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use askama::Template;

use crate::{
    companies::Company,
    employees::{
        Employee,
        routes::{PersonBody, change_once, own_company, visible_employee},
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
#[template(path = "employees/person.html")]
struct PersonPage {
    page: Page,
    company: Company,
    employee: Employee,
}

/// What the form sends.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonForm {
    given_name: String,
    surname: String,
    email: String,
}

async fn shown(
    ground: &Ground,
    actor: &Actor,
    path: (CompanyId, EmployeeId),
    (status, page): (StatusCode, Page),
) -> Result<HttpResponse, Problem> {
    own_company(ground, actor, path.0).await?;
    let (company, employee) = visible_employee(ground, actor, path).await?;
    page::render(status, &PersonPage { page, company, employee })
}

/// The way to the proof that the change needs, and back.
fn prove((company, employee): (CompanyId, EmployeeId)) -> HttpResponse {
    page::go(&format!("/account/prove?next=%2Fcompanies%2F{company}%2Femployees%2F{employee}%2Fperson"))
}

#[get("/companies/{company}/employees/{employee}/person")]
pub async fn show_person(
    granted: Granted<right::ChangeEmployee>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, EmployeeId)>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    own_company(&ground, &granted.actor, path.0).await?;
    if !granted.actor.has_proven(ground.clock().now()) {
        return Ok(prove(path));
    }
    let (_, employee) = visible_employee(&ground, &granted.actor, path).await?;
    let person = &employee.person;
    let page = page
        .typed("given_name", person.given_name.as_str())
        .typed("surname", person.surname.as_str())
        .typed("email", person.email.as_str());
    shown(&ground, &granted.actor, path, (StatusCode::OK, page)).await
}

#[post("/companies/{company}/employees/{employee}/person")]
pub async fn change_person(
    granted: Granted<right::ChangeEmployee>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, EmployeeId)>,
    form: Form<PersonForm>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    let PersonForm { given_name, surname, email } = form.0;
    let page = page.typed("given_name", &given_name).typed("surname", &surname).typed("email", &email);
    match change_once(&ground, &granted.actor, path, &PersonBody { given_name, surname, email }).await {
        Ok(()) => Ok(page::go(&format!("/companies/{}/employees/{}?told=changed", path.0, path.1))),
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(prove(path)),
        Err(problem) if matches!(problem.kind, Kind::AlreadyDone | Kind::Conflict | Kind::Invalid) => {
            shown(&ground, &granted.actor, path, (problem.kind.status(), page.refused(&problem))).await
        }
        Err(problem) => Err(problem),
    }
}
