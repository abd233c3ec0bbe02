//! The page on which an administrator changes an employee's telephone.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use askama::Template;

use super::employee::place;
use crate::{
    companies::Company,
    employees::{
        Employee,
        routes::{TelephoneBody, change_telephone_of, own_company, refuse_beneath, visible_employee},
    },
    http::{
        body::Form,
        guard::Granted,
        page::{self, Page},
        permissions::right,
        problem::{Kind, Problem},
    },
    notices,
    platform::{
        actor::Actor,
        ground::Ground,
        id::{CompanyId, EmployeeId},
        telephone::Telephone,
    },
};

#[derive(Template)]
#[template(path = "employees/telephone.html")]
struct TelephonePage {
    page: Page,
    company: Company,
    employee: Employee,
    /// The number, its last digits alone.
    present: Option<String>,
}

async fn shown(
    ground: &Ground,
    actor: &Actor,
    path: (CompanyId, EmployeeId),
    (status, page): (StatusCode, Page),
) -> Result<HttpResponse, Problem> {
    own_company(ground, actor, path.0).await?;
    let (company, employee) = visible_employee(ground, actor, path).await?;
    refuse_beneath(ground, actor, path).await?;
    let found = notices::telephone(&mut ground.database.read().await?, employee.id.into()).await?;
    page::render(status, &TelephonePage { page, company, present: found.as_ref().map(Telephone::masked), employee })
}

#[get("/companies/{company}/employees/{employee}/telephone")]
pub async fn show_telephone(
    granted: Granted<right::ChangeEmployee>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, EmployeeId)>,
) -> Result<HttpResponse, Problem> {
    shown(&ground, &granted.actor, path.into_inner(), (StatusCode::OK, page)).await
}

#[post("/companies/{company}/employees/{employee}/telephone")]
pub async fn change_telephone(
    granted: Granted<right::ChangeEmployee>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, EmployeeId)>,
    form: Form<TelephoneBody>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    match change_telephone_of(&ground, &granted.actor, path, &form.0.telephone).await {
        Ok(()) => Ok(page::go(&place(path, "telephone"))),
        Err(problem) if problem.kind == Kind::ProveAgain => {
            Ok(page::prove_first(&format!("/companies/{}/employees/{}/telephone", path.0, path.1)))
        }
        Err(problem) if matches!(problem.kind, Kind::AlreadyDone | Kind::Invalid) => {
            let page = page.refused(&problem).typed("telephone", &form.0.telephone);
            shown(&ground, &granted.actor, path, (problem.kind.status(), page)).await
        }
        Err(problem) => Err(problem),
    }
}
