//! The JSON edge of giving an employee a code token, taking it back, blocking it.

use actix_web::{HttpResponse, delete, get, http::header, post, web};

use super::{refuse_beneath, require_proof, visible_employee};
use crate::{
    employees::code_token,
    http::{
        body::Json,
        guard::Granted,
        idempotency::{Idempotency, Replay, create_once},
        permissions::right,
        problem::Problem,
    },
    platform::{
        actor::Actor,
        database::Unit,
        ground::Ground,
        id::{CodeTokenId, CompanyId, EmployeeId},
    },
    tokens::{self, Reach, routes::Token},
};

/// Which token is given.
#[derive(Clone, Debug, serde::Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignToken {
    /// The number on its back.
    pub serial: String,
}

/// A token that was given.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Assigned {
    id: CodeTokenId,
}

/// Gives a token, once for each key. Needs a fresh proof.
///
/// # Errors
/// [`require_proof`]'s, and those of [`code_token::assign`].
pub async fn assign_one(
    ground: &Ground,
    actor: &Actor,
    path: (CompanyId, EmployeeId),
    body: &AssignToken,
    key: Option<&Idempotency>,
) -> Result<Result<CodeTokenId, Replay>, Problem> {
    let (_, employee) = visible_employee(ground, actor, path).await?;
    require_proof(ground, actor)?;
    refuse_beneath(ground, actor, path).await?;
    let location = location(path);
    // Operators have no company.
    let reach = if actor.company.is_none() { Reach::Everything } else { Reach::Company };
    let create = async |unit: &mut Unit| {
        Ok::<_, Problem>(code_token::assign(unit, &employee, (&body.serial, reach), ground.config.tokens, actor.author()).await?)
    };
    create_once(&ground.database, (key, actor), body.serial.as_bytes(), create, |_| location.clone()).await
}

/// Takes it back. Needs a fresh proof.
///
/// # Errors
/// [`require_proof`]'s, and those of [`code_token::take_back`].
pub async fn take_back_one(ground: &Ground, actor: &Actor, path: (CompanyId, EmployeeId)) -> Result<(), Problem> {
    let (_, employee) = visible_employee(ground, actor, path).await?;
    require_proof(ground, actor)?;
    refuse_beneath(ground, actor, path).await?;
    let author = actor.author();
    Ok(ground.database.write(async |unit| code_token::take_back(unit, &employee, author).await).await?)
}

/// Blocks it, at once.
///
/// # Errors
/// Those of [`code_token::block`].
pub async fn block_one(ground: &Ground, actor: &Actor, path: (CompanyId, EmployeeId)) -> Result<(), Problem> {
    let (_, employee) = visible_employee(ground, actor, path).await?;
    let author = actor.author();
    Ok(ground.database.write(async |unit| code_token::block(unit, &employee, author).await).await?)
}

fn location((company, employee): (CompanyId, EmployeeId)) -> String {
    format!("/api/v1/companies/{company}/employees/{employee}/code-token")
}

/// The code tokens that an employee has: one, or none.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Held {
    items: Vec<Token>,
    next: Option<String>,
}

/// Shows an employee's code token.
#[utoipa::path(tag = "employees", responses((status = 200, body = Held), (status = 404)))]
#[get("/api/v1/companies/{company}/employees/{employee}/code-token")]
pub async fn show_token(
    granted: Granted<right::ListEmployees>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, EmployeeId)>,
) -> Result<HttpResponse, Problem> {
    let (_, employee) = visible_employee(&ground, &granted.actor, path.into_inner()).await?;
    let held = tokens::read::held(&mut ground.database.read().await?, employee.account).await?;
    let now = ground.clock().now();
    let items = held.into_iter().map(|token| Token::of(token, now)).collect();
    Ok(HttpResponse::Ok().json(Held { items, next: None }))
}

/// Gives an employee a code token of the stock that is no other company's, where the company allows code tokens. The employee is told, and activates it. Needs a fresh proof.
#[utoipa::path(tag = "employees", params(Idempotency), request_body = AssignToken,
    responses((status = 201, body = Assigned), (status = 403), (status = 404), (status = 409), (status = 422)))]
#[post("/api/v1/companies/{company}/employees/{employee}/code-token")]
pub async fn assign_token(
    granted: Granted<right::AssignTokens>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, EmployeeId)>,
    key: Idempotency,
    body: Json<AssignToken>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    Ok(match assign_one(&ground, &granted.actor, path, &body.0, Some(&key)).await? {
        Ok(id) => HttpResponse::Created().insert_header((header::LOCATION, location(path))).json(Assigned { id }),
        Err(replay) => replay.answer(),
    })
}

/// Takes an employee's code token back into the stock; one that is blocked or worn is given up. Needs a fresh proof.
#[utoipa::path(tag = "employees", responses((status = 204), (status = 403), (status = 404), (status = 409)))]
#[delete("/api/v1/companies/{company}/employees/{employee}/code-token")]
pub async fn take_token_back(
    granted: Granted<right::AssignTokens>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, EmployeeId)>,
) -> Result<HttpResponse, Problem> {
    take_back_one(&ground, &granted.actor, path.into_inner()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Blocks an employee's code token, at once. The employee is told.
#[utoipa::path(tag = "employees", responses((status = 204), (status = 403), (status = 404), (status = 409)))]
#[post("/api/v1/companies/{company}/employees/{employee}/code-token/block")]
pub async fn block_token(
    granted: Granted<right::BlockTokenFor>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, EmployeeId)>,
) -> Result<HttpResponse, Problem> {
    block_one(&ground, &granted.actor, path.into_inner()).await?;
    Ok(HttpResponse::NoContent().finish())
}
