//! The JSON edge of what only concerns standing: renewed invitations. How an administrator's post begins and ends is in `mandates`, which has it ended
//! here when nobody needs to consent.

use actix_web::{HttpResponse, http::header, post, web};

use super::{
    InvitedAnswer, needs_witness, own_company, refuse_beneath, refuse_key_for_administrator, require_proof, require_witness,
    visible_employee,
};
use crate::{
    companies::{self, AdministratorPost, Company},
    employees::{
        Employee, Vouching, appoint, desk,
        invite::{self, Again, Post},
        rank, read,
    },
    http::{
        body::Json,
        guard::Granted,
        permissions::right,
        problem::{Kind, Problem},
    },
    notices::Sealed,
    platform::{
        actor::Actor,
        day::Day,
        ground::Ground,
        id::{CompanyId, EmployeeId},
        secret::Secret,
    },
    proofing::{self, Channel, Examined, Presented},
};

/// How the person is vouched for this time.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenewalBody {
    /// It decides how the temporary password travels.
    pub vouched: Vouching,
    /// What was seen: with `in_person` a valid document with a photo, unless the desk has recorded one.
    #[serde(default)]
    pub documents: Vec<Presented>,
    /// The birth date, where none is on record.
    #[serde(default)]
    pub birth_date: String,
}

/// Sends a new link and temporary password. Operators may do it for an administrator who never activated (nobody else could), by letter
/// only: they see no temporary password. Whoever is shown one, or has it sent to a telephone, proves first who they are.
///
/// # Errors
/// [`Kind::NotFound`], [`Kind::Forbidden`], [`Kind::ProveAgain`], and those of [`invite::renew`].
pub async fn renew(
    ground: &Ground,
    actor: &Actor,
    path: (CompanyId, EmployeeId),
    body: &RenewalBody,
) -> Result<Option<Secret<String>>, Problem> {
    let vouched = body.vouched;
    let (company, employee) = visible_employee(ground, actor, path).await?;
    refuse_key_for_administrator(ground, actor, path).await?;
    refuse_beneath(ground, actor, path).await?;
    let administrators = companies::read::administrators(&mut ground.database.read().await?, company.id).await?;
    let is_administrator = administrators.contains(&employee.id);
    if actor.company.is_none() && !(is_administrator && vouched == Vouching::ByLetter) {
        return Err(Problem::of(Kind::Forbidden));
    }
    // Operators see documents at the desk, and then send no code.
    if actor.company.is_none() && !body.documents.is_empty() {
        return Err(Problem::of(Kind::Forbidden));
    }
    if needs_witness(vouched, !body.documents.is_empty()) {
        require_witness(ground, actor)?;
    }
    let post = if is_administrator { Post::Administrator } else { Post::Employee };
    let seen = examine(ground, &employee, body).await?;
    let again = Again { vouched, seen, author: actor.author() };
    let renewal = invite::prepare_renewal(ground, &company, employee.clone(), post, again).await?;
    let author = actor.author();
    ground
        .database
        .write(async |unit| {
            desk::require_another(unit, &employee, actor).await?;
            invite::renew(unit, &renewal, author).await
        })
        .await?;
    Ok(renewal.temporary_password().cloned())
}

/// Reads what was seen this time, for the birth date that is on record; one that is typed must be the same.
///
/// # Errors
/// [`Kind::Invalid`] with every fault.
pub async fn examine(ground: &Ground, employee: &Employee, body: &RenewalBody) -> Result<Option<Examined>, Problem> {
    if body.documents.is_empty() {
        return Ok(None);
    }
    let typed = body.birth_date.trim();
    let birth = match proofing::read::known_birth(ground, employee.id).await? {
        Some(known) if typed.is_empty() => known.to_string(),
        Some(_) | None => typed.to_owned(),
    };
    let today = Day::of(ground.clock().now());
    let examined = proofing::examine(Channel::Company, &birth, &body.documents, today);
    examined.map(Some).map_err(|refused| Problem::invalid(refused.faults))
}

/// Sends somebody who has not activated a new link and a new temporary password; the old ones are dead. `by_text` and `in_person` need a
/// fresh proof. A company's API key with the scope `employees:write` sends it by letter alone, to nobody who administers the company.
#[utoipa::path(tag = "employees", request_body = RenewalBody,
    responses((status = 200, body = InvitedAnswer), (status = 403), (status = 404), (status = 409), (status = 422), (status = 429)))]
#[post("/api/v1/companies/{company}/employees/{employee}/invitation")]
pub async fn renew_invitation(
    granted: Granted<right::RenewInvitation>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, EmployeeId)>,
    body: Json<RenewalBody>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    let code = renew(&ground, &granted.actor, path, &body.0).await?;
    let answer = InvitedAnswer { id: path.1, temporary_password: code.map(|code| code.reveal().clone()) };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(answer))
}

/// An employee administers the company no more, after a fresh proof: oneself, or an administrator who is no superadministrator (for those
/// `mandates` asks a second one). The others hear of a superadministrator who goes.
///
/// # Errors
/// [`Kind::ProveAgain`], [`rank::require_still`]'s, and those of [`appoint::end`].
pub async fn end_one(ground: &Ground, actor: &Actor, company: CompanyId, employee: EmployeeId) -> Result<(), Problem> {
    let company = own_company(ground, actor, company).await?;
    require_proof(ground, actor)?;
    let told = appoint::told_of_end(ground, &company).await?;
    let went = told_of_going(ground, &company, employee).await?;
    let author = actor.author();
    ground
        .database
        .write(async |unit| {
            rank::require_still(unit, actor, (company.id, employee), AdministratorPost::Superadministrator).await?;
            appoint::end(unit, company.id, employee, &told, author).await?;
            match &went {
                Some(went) => appoint::tell_others(unit, company.id, employee, went).await,
                None => Ok(()),
            }
        })
        .await?;
    Ok(())
}

/// The mail to the others about a superadministrator who goes; none about anybody else.
pub(super) async fn told_of_going(ground: &Ground, company: &Company, employee: EmployeeId) -> Result<Option<Sealed>, Problem> {
    let mut reader = ground.database.read().await?;
    let post = companies::read::post(&mut reader, company.id, employee).await?;
    let found = read::employee(&mut reader, company.id, employee).await?;
    drop(reader);
    match (post, found) {
        (Some(AdministratorPost::Superadministrator), Some(found)) => {
            Ok(Some(appoint::told_others(ground, company, &found, appoint::Turn::Went).await?))
        }
        (Some(AdministratorPost::Administrator | AdministratorPost::Superadministrator) | None, _) => Ok(None),
    }
}
