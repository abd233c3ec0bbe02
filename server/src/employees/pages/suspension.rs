//! The form on an employee's page that lifts a suspension. The one that suspends is in `mandates`.

use actix_web::{HttpResponse, post, web};

use super::employee::{Nothing, lead_on, place};
use crate::{
    employees::routes::lift_one,
    http::{body::Form, guard::Granted, page::Page, permissions::right, problem::Problem},
    platform::{
        ground::Ground,
        id::{CompanyId, EmployeeId},
    },
};

#[post("/companies/{company}/employees/{employee}/suspension/end")]
pub async fn lift_suspension(
    granted: Granted<right::SuspendEmployee>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, EmployeeId)>,
    _form: Form<Nothing>,
) -> Result<HttpResponse, Problem> {
    let (actor, path) = (&granted.actor, path.into_inner());
    let done = lift_one(&ground, actor, path).await.map(|()| place(path, "lifted"));
    lead_on(&ground, actor, page, path, done).await
}
