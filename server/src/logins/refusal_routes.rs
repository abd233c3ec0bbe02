//! The JSON edge of refusals: the reference that whoever was refused is told, and what the help desk sees under it.

use actix_web::{HttpResponse, get, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Blocked, LoginError, Refusal, read::Caller, refusals};
use crate::{
    http::{
        guard::Granted,
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{
        ground::Ground,
        id::{AccountId, CompanyId, EmployeeId},
        moment::Moment,
    },
};

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(refusal).service(block_person);
}

/// The problem of a refusal, with the reference under which the help desk sees why.
pub(super) async fn told(ground: &Ground, error: LoginError, network: &str) -> Problem {
    match refusals::note(ground, &error, network).await {
        Ok(Some(reference)) => Problem::from(error).telling("reference", reference),
        Ok(None) => error.into(),
        Err(failed) => failed.into(),
    }
}

/// Why somebody was refused, in truth, and who it is.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Refused {
    /// What whoever was refused was told.
    reference: String,
    /// Why, as a word: `wrong_password`, `network_closed`, `no_factor`, ...
    reason: String,
    /// The network that it came from.
    network: String,
    /// When; of a closed door, when it was first knocked at.
    at: Moment,
    /// Whose account; absent when nobody has the user id.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<Person>,
}

/// The person of an account.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Person {
    account: AccountId,
    name: String,
    user_id: Option<String>,
    company: Option<CompanyId>,
    employee: Option<EmployeeId>,
}

/// What the help desk sees of a refusal.
pub(super) async fn found(ground: &Ground, reference: &str) -> Result<(Refusal, Option<Caller>), Problem> {
    let mut reader = ground.database.read().await?;
    let why = refusals::refusal(&mut reader, reference).await?.ok_or_else(|| Problem::saying(Kind::NotFound, "logins.refusal_unknown"))?;
    let caller = match why.account {
        Some(account) => super::read::caller(&mut reader, account).await?,
        None => None,
    };
    Ok((why, caller))
}

/// Says why somebody was refused who tells the reference.
#[utoipa::path(tag = "log-in", params(("reference" = String, Path)), responses((status = 200, body = Refused)))]
#[get("/api/v1/refusals/{reference}")]
async fn refusal(
    _granted: Granted<right::SeeRefusals>,
    reference: web::Path<String>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (why, caller) = found(&ground, &reference).await?;
    let person = caller.map(|caller| {
        let Caller { account, company, employee, .. } = caller;
        Person { account: account.id, name: account.name, user_id: account.user_id, company: company.map(|(id, _)| id), employee }
    });
    let Refusal { reference, reason, network, at, .. } = why;
    Ok(HttpResponse::Ok().json(Refused { reference, reason, network, at, person }))
}

/// Blocks everything that the person of a refusal logs in with: cards, phones, sessions. Blocking again is no error; nothing unlocks.
#[utoipa::path(tag = "log-in", params(("reference" = String, Path)), responses((status = 200, body = Blocked)))]
#[post("/api/v1/refusals/{reference}/block")]
async fn block_person(
    granted: Granted<right::BlockPerson>,
    reference: web::Path<String>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (why, _) = found(&ground, &reference).await?;
    let blocked = super::block_person(&ground, &why, granted.actor.author()).await?;
    Ok(HttpResponse::Ok().json(blocked))
}
