//! The JSON edge of CPR numbers: the company's subscription, an employee's number, and the question whether a number is an employee's.

use actix_web::{HttpResponse, delete, get, http::header, post, put, web};

use super::{own_company, require_proof, visible_employee};
use crate::{
    companies::Company,
    cpr_numbers::{self, Subscription},
    employees::{Employee, cpr_number},
    http::{body::Json, guard::Granted, permissions::right, problem::Problem},
    platform::{
        actor::Actor,
        ground::Ground,
        id::{CompanyId, EmployeeId},
        secret::Secret,
    },
};

/// Why the company may take CPR numbers.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubscribeCpr {
    /// The law or agreement, one line of at most 300 characters.
    ground: String,
}

/// Whether the company takes CPR numbers.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub struct CprSubscriptionAnswer {
    /// The subscription; null without one.
    subscription: Option<Subscription>,
}

/// A CPR number on its way in. It never comes out.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TypedCpr {
    /// `DDMMYYSSSS`, or with a hyphen.
    #[schema(value_type = String)]
    cpr: Secret<String>,
}

/// What is known of an employee's number.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub struct NotedCpr {
    /// By the day of birth alone: `130276-xxxx`; null while no number is known.
    cpr: Option<String>,
}

/// The answer to the one question.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub struct CprMatch {
    /// Whether it is this employee's number.
    matches: bool,
}

/// An employee of the actor's own company.
///
/// # Errors
/// Not there.
pub async fn own_employee(ground: &Ground, actor: &Actor, path: (CompanyId, EmployeeId)) -> Result<(Company, Employee), Problem> {
    own_company(ground, actor, path.0).await?;
    visible_employee(ground, actor, path).await
}

/// Begins to take numbers. Needs a fresh proof.
///
/// # Errors
/// Those of [`own_company`], [`require_proof`] and [`cpr_numbers::subscribe`].
pub async fn subscribe_one(ground: &Ground, actor: &Actor, company: CompanyId, legal_ground: &str) -> Result<(), Problem> {
    let company = own_company(ground, actor, company).await?;
    require_proof(ground, actor)?;
    let author = actor.author();
    Ok(ground.database.write(async |unit| cpr_numbers::subscribe(unit, company.id, legal_ground, author).await).await?)
}

/// Ends it, and forgets the numbers. Needs a fresh proof.
///
/// # Errors
/// Those of [`own_company`], [`require_proof`] and [`cpr_numbers::unsubscribe`].
pub async fn unsubscribe_one(ground: &Ground, actor: &Actor, company: CompanyId) -> Result<(), Problem> {
    let company = own_company(ground, actor, company).await?;
    require_proof(ground, actor)?;
    let author = actor.author();
    ground.database.write(async |unit| cpr_numbers::unsubscribe(unit, company.id, author).await).await?;
    Ok(())
}

/// Notes an employee's number. Needs a fresh proof.
///
/// # Errors
/// Those of [`own_employee`], [`require_proof`] and [`cpr_number::note`].
pub async fn note_one(ground: &Ground, actor: &Actor, path: (CompanyId, EmployeeId), typed: &Secret<String>) -> Result<(), Problem> {
    let (company, employee) = own_employee(ground, actor, path).await?;
    require_proof(ground, actor)?;
    Ok(cpr_number::note(ground, &company, &employee, typed, actor.author()).await?)
}

/// Forgets an employee's number. Needs a fresh proof.
///
/// # Errors
/// Those of [`own_employee`] and [`require_proof`].
pub async fn forget_one(ground: &Ground, actor: &Actor, path: (CompanyId, EmployeeId)) -> Result<(), Problem> {
    let (company, employee) = own_employee(ground, actor, path).await?;
    require_proof(ground, actor)?;
    let author = actor.author();
    ground.database.write(async |unit| cpr_numbers::forget(unit, company.id, employee.id, author).await).await?;
    Ok(())
}

/// Says whether your company takes CPR numbers, and on what ground.
#[utoipa::path(tag = "employees", responses((status = 200, body = CprSubscriptionAnswer), (status = 403), (status = 404)))]
#[get("/api/v1/companies/{company}/cpr-subscription")]
pub async fn show_cpr_subscription(
    granted: Granted<right::SubscribeCpr>,
    ground: web::Data<Ground>,
    company: web::Path<CompanyId>,
) -> Result<web::Json<CprSubscriptionAnswer>, Problem> {
    let company = own_company(&ground, &granted.actor, *company).await?;
    let subscription = cpr_numbers::read::subscription(&mut ground.database.read().await?, company.id).await?;
    Ok(web::Json(CprSubscriptionAnswer { subscription }))
}

/// Lets your company take CPR numbers, on a ground that stands in the audit. Needs a fresh proof.
#[utoipa::path(tag = "employees", request_body = SubscribeCpr,
    responses((status = 204), (status = 403), (status = 404), (status = 409), (status = 422)))]
#[put("/api/v1/companies/{company}/cpr-subscription")]
pub async fn subscribe_cpr(
    granted: Granted<right::SubscribeCpr>,
    ground: web::Data<Ground>,
    company: web::Path<CompanyId>,
    body: Json<SubscribeCpr>,
) -> Result<HttpResponse, Problem> {
    subscribe_one(&ground, &granted.actor, *company, &body.0.ground).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes no CPR numbers any more: those that are known are forgotten at once. Needs a fresh proof.
#[utoipa::path(tag = "employees", responses((status = 204), (status = 403), (status = 404), (status = 409)))]
#[delete("/api/v1/companies/{company}/cpr-subscription")]
pub async fn unsubscribe_cpr(
    granted: Granted<right::SubscribeCpr>,
    ground: web::Data<Ground>,
    company: web::Path<CompanyId>,
) -> Result<HttpResponse, Problem> {
    unsubscribe_one(&ground, &granted.actor, *company).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Says whether an employee's CPR number is known: by the day of birth alone, never the number.
#[utoipa::path(tag = "employees", responses((status = 200, body = NotedCpr), (status = 403), (status = 404)))]
#[get("/api/v1/companies/{company}/employees/{employee}/cpr-number")]
pub async fn show_cpr_number(
    granted: Granted<right::NoteCpr>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, EmployeeId)>,
) -> Result<HttpResponse, Problem> {
    let (_, employee) = own_employee(&ground, &granted.actor, path.into_inner()).await?;
    let cpr = cpr_number::shown(&ground, &employee).await?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(NotedCpr { cpr }))
}

/// Notes an employee's CPR number, where the company takes any. Kept is only what the keystore makes of it. Its day of birth must be the birth date on
/// record, if there is one, and no other employee of the company may have it. The employee is told. Needs a fresh proof.
#[utoipa::path(tag = "employees", request_body = TypedCpr,
    responses((status = 204), (status = 403), (status = 404), (status = 409), (status = 422)))]
#[put("/api/v1/companies/{company}/employees/{employee}/cpr-number")]
pub async fn note_cpr_number(
    granted: Granted<right::NoteCpr>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, EmployeeId)>,
    body: Json<TypedCpr>,
) -> Result<HttpResponse, Problem> {
    note_one(&ground, &granted.actor, path.into_inner(), &body.0.cpr).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Forgets an employee's CPR number. Needs a fresh proof.
#[utoipa::path(tag = "employees", responses((status = 204), (status = 403), (status = 404)))]
#[delete("/api/v1/companies/{company}/employees/{employee}/cpr-number")]
pub async fn forget_cpr_number(
    granted: Granted<right::NoteCpr>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, EmployeeId)>,
) -> Result<HttpResponse, Problem> {
    forget_one(&ground, &granted.actor, path.into_inner()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Answers whether a CPR number is this employee's, yes or no. Five that are not within a day, then none is answered. Each question stands in the audit,
/// without the number. An administrator asks, or a company's API key with the scope `cpr:match`.
#[utoipa::path(tag = "employees", request_body = TypedCpr,
    responses((status = 200, body = CprMatch), (status = 403), (status = 404), (status = 409), (status = 422), (status = 429)))]
#[post("/api/v1/companies/{company}/employees/{employee}/cpr-match")]
pub async fn match_cpr_number(
    granted: Granted<right::MatchCpr>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, EmployeeId)>,
    body: Json<TypedCpr>,
) -> Result<HttpResponse, Problem> {
    let (company, employee) = own_employee(&ground, &granted.actor, path.into_inner()).await?;
    let matches = cpr_number::is_it(&ground, &company, &employee, &body.0.cpr, granted.actor.author()).await?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(CprMatch { matches }))
}
