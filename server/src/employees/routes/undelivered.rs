//! The JSON edge of what could not be delivered to an employee.

use actix_web::{HttpResponse, get, http::header, post, web};

use super::{own_company, visible_employee};
use crate::{
    employees::EmployeeError,
    http::{guard::Granted, page, permissions::right, problem::Problem},
    notices::{self, Undelivered},
    platform::{
        actor::Actor,
        ground::Ground,
        id::{CompanyId, EmployeeId, MessageId},
        words::Words,
    },
};

/// What could not be delivered.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct UndeliveredList {
    items: Vec<Undelivered>,
    next: Option<String>,
}

/// Lists what could not be delivered to an employee of yours and can be sent again, newest first.
#[utoipa::path(tag = "employees", params(("company" = String, Path), ("employee" = String, Path)), responses((status = 200, body = UndeliveredList), (status = 404)))]
#[get("/api/v1/companies/{company}/employees/{employee}/undelivered")]
pub async fn list_undelivered(
    granted: Granted<right::InviteEmployee>,
    ground: web::Data<Ground>,
    request: actix_web::HttpRequest,
    path: web::Path<(CompanyId, EmployeeId)>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    own_company(&ground, &granted.actor, path.0).await?;
    let (_, employee) = visible_employee(&ground, &granted.actor, path).await?;
    let mut reader = ground.database.read().await?;
    let items = notices::undelivered(&mut reader, employee.id.into(), Words(page::language(&request))).await?;
    Ok(HttpResponse::Ok().json(UndeliveredList { items, next: None }))
}

/// Sends a message again, to where the employee is told things now; not to a name or address of the last three days.
///
/// # Errors
/// [`EmployeeError::NewContact`]; those of [`notices::send_again`].
pub async fn send_one_again(ground: &Ground, actor: &Actor, path: (CompanyId, EmployeeId), message: MessageId) -> Result<(), Problem> {
    own_company(ground, actor, path.0).await?;
    let (_, employee) = visible_employee(ground, actor, path).await?;
    let mut reader = ground.database.read().await?;
    if notices::is_new_contact(&mut reader, employee.id.into(), employee.activated_at, ground.clock().now()).await? {
        return Err(EmployeeError::NewContact.into());
    }
    drop(reader);
    ground.database.write(async |unit| notices::send_again(unit, employee.id.into(), message, actor.author()).await).await?;
    Ok(())
}

/// Sends a message again that could not be delivered to an employee of yours.
///
/// Takes no Idempotency-Key: what waits already is not sent twice.
#[utoipa::path(tag = "employees", params(("company" = String, Path), ("employee" = String, Path), ("message" = String, Path)),
    responses((status = 202), (status = 404), (status = 409)))]
#[post("/api/v1/companies/{company}/employees/{employee}/undelivered/{message}/resending")]
pub async fn resend(
    granted: Granted<right::InviteEmployee>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, EmployeeId, MessageId)>,
) -> Result<HttpResponse, Problem> {
    let (company, employee, message) = path.into_inner();
    send_one_again(&ground, &granted.actor, (company, employee), message).await?;
    Ok(HttpResponse::Accepted().insert_header((header::CACHE_CONTROL, "no-store")).finish())
}
