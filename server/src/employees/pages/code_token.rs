//! The forms on an employee's page that give a code token, take it back, block it.

use actix_web::{HttpResponse, post, web};

use super::employee::{place, refused};
use crate::{
    companies::pages::{Typed, typed},
    employees::routes::{AssignToken, assign_one, block_one, take_back_one},
    http::{
        body::Form,
        guard::Granted,
        page::{self, Page},
        permissions::right,
        problem::Problem,
    },
    platform::{
        ground::Ground,
        id::{CompanyId, EmployeeId},
    },
};

#[post("/companies/{company}/employees/{employee}/code-token")]
pub async fn assign_token(
    granted: Granted<right::AssignTokens>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, EmployeeId)>,
    form: Form<Typed>,
) -> Result<HttpResponse, Problem> {
    let (actor, path, serial) = (&granted.actor, path.into_inner(), typed(&form.0, "serial"));
    match assign_one(&ground, actor, path, &AssignToken { serial: serial.clone() }, None).await {
        Ok(_) => Ok(page::go(&place(path, "token"))),
        Err(problem) => refused(&ground, actor, page.typed("serial", &serial), path, problem).await,
    }
}

#[post("/companies/{company}/employees/{employee}/code-token/end")]
pub async fn take_token_back(
    granted: Granted<right::AssignTokens>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, EmployeeId)>,
    _form: Form<Typed>,
) -> Result<HttpResponse, Problem> {
    let (actor, path) = (&granted.actor, path.into_inner());
    match take_back_one(&ground, actor, path).await {
        Ok(()) => Ok(page::go(&place(path, "token_back"))),
        Err(problem) => refused(&ground, actor, page, path, problem).await,
    }
}

#[post("/companies/{company}/employees/{employee}/code-token/block")]
pub async fn block_token(
    granted: Granted<right::BlockTokenFor>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, EmployeeId)>,
    _form: Form<Typed>,
) -> Result<HttpResponse, Problem> {
    let (actor, path) = (&granted.actor, path.into_inner());
    match block_one(&ground, actor, path).await {
        Ok(()) => Ok(page::go(&place(path, "token_blocked"))),
        Err(problem) => refused(&ground, actor, page, path, problem).await,
    }
}
