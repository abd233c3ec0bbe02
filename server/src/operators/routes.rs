//! The JSON edge of the operators.

use actix_web::{HttpResponse, delete, get, http::header, post, put, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Asked, Change, ChangeKind, ChangeState, Decision, OperatorError, Prepared, Wanted, read};
use crate::{
    accounts::AccountState,
    http::{
        body::Json,
        guard::Granted,
        listing::After,
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{
        actor::{Actor, Role},
        ground::Ground,
        id::{AccountId, OperatorChangeId},
        moment::Moment,
        words::Language,
    },
};

impl From<OperatorError> for Problem {
    fn from(error: OperatorError) -> Self {
        match error {
            OperatorError::Account(cause) => cause.into(),
            OperatorError::Alone => Self::saying(Kind::Conflict, "operators.alone"),
            OperatorError::AlreadyAsked => Self::saying(Kind::AlreadyDone, "operators.already_asked"),
            OperatorError::AlreadyOperator => Self::saying(Kind::Conflict, "operators.already_operator"),
            OperatorError::Database(cause) => cause.into(),
            OperatorError::Ended { state: ChangeState::Done } => Self::saying(Kind::AlreadyDone, "operators.over_done"),
            OperatorError::Ended { state: ChangeState::Refused } => Self::saying(Kind::Gone, "operators.over_refused"),
            OperatorError::Ended { state: ChangeState::Withdrawn } => Self::saying(Kind::Gone, "operators.over_withdrawn"),
            OperatorError::Ended { state: ChangeState::Asked | ChangeState::Lapsed } => Self::saying(Kind::Gone, "operators.over_lapsed"),
            OperatorError::Invalid(faults) => Self::invalid(faults),
            OperatorError::Keycard(cause) => cause.into(),
            OperatorError::LastSecurity => Self::saying(Kind::Conflict, "operators.last_security"),
            OperatorError::NoOperator | OperatorError::NoRole => Self::of(Kind::Forbidden),
            OperatorError::NotAsker => Self::saying(Kind::Forbidden, "operators.not_asker"),
            OperatorError::NotFound => Self::of(Kind::NotFound),
            OperatorError::Notice(cause) => Self::unforeseen(&cause),
            OperatorError::OwnRequest => Self::saying(Kind::Forbidden, "operators.own_request"),
            OperatorError::OwnRoles => Self::saying(Kind::Forbidden, "operators.own_roles"),
            OperatorError::ProveAgain => Self::of(Kind::ProveAgain),
            OperatorError::Token(cause) => cause.into(),
            OperatorError::TooMany { most } => Self::saying(Kind::Conflict, "operators.too_many").with("most", most),
            OperatorError::Unchanged => Self::saying(Kind::Conflict, "operators.unchanged"),
        }
    }
}

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(list_operators).service(ask_invitation).service(ask_roles).service(ask_ending);
    config.service(list_changes).service(show_change).service(consent_to).service(refuse_it).service(withdraw_it);
}

/// An operator.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct OperatorAnswer {
    id: AccountId,
    name: String,
    /// Where mail goes.
    email: String,
    roles: Vec<Role>,
    /// active, invited, or suspended: rests since a restore until the host confirms it.
    state: &'static str,
}

/// The operators.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct OperatorAnswers {
    /// Everybody who has not ended, oldest first; a hundred at most.
    items: Vec<OperatorAnswer>,
}

/// Lists the operators who are active, invited, or rest since a restore. There are a hundred at most, so the list has one page.
#[utoipa::path(tag = "operator", responses((status = 200, body = OperatorAnswers), (status = 403)))]
#[get("/api/v1/operators")]
async fn list_operators(_granted: Granted<right::SeeOperators>, ground: web::Data<Ground>) -> Result<web::Json<OperatorAnswers>, Problem> {
    let found = read::operators(&mut ground.database.read().await?).await?;
    let items = found.into_iter().map(|one| OperatorAnswer {
        id: one.account.id,
        name: one.account.name,
        email: one.email,
        roles: one.account.roles,
        state: match one.account.state {
            AccountState::Active => AccountState::Active.word(),
            AccountState::Blocked | AccountState::Invited => AccountState::Invited.word(),
            AccountState::Suspended => AccountState::Suspended.word(),
        },
    });
    Ok(web::Json(OperatorAnswers { items: items.collect() }))
}

/// Whom to invite.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct InvitationBody {
    /// The full name.
    name: String,
    /// Where the link goes.
    email: String,
    /// The language of mails; the service's when not given.
    language: Option<Language>,
    /// registration, security, help_desk, auditor: one at least.
    roles: Vec<String>,
}

/// What was asked.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct AskedAnswer {
    /// The change.
    change: OperatorChangeId,
    /// Without consent it takes effect then; null where another operator must consent.
    effective_at: Option<Moment>,
    /// When it is over if nobody consents.
    lapses_at: Moment,
    /// To be given to the invited person in another way than by mail. Shown only this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    temporary_password: Option<String>,
}

/// Stores what was prepared.
pub(super) async fn ask(ground: &Ground, actor: &Actor, prepared: Prepared) -> Result<Asked, Problem> {
    let change = ground.database.write(async |unit| super::ask(unit, actor, &prepared).await).await?;
    Ok(prepared.asked(change))
}

fn accepted(asked: &Asked) -> HttpResponse {
    let location = format!("/api/v1/operator-changes/{}", asked.change.id);
    let answer = AskedAnswer {
        change: asked.change.id,
        effective_at: asked.change.effective_at,
        lapses_at: asked.change.lapses_at,
        temporary_password: asked.code.as_ref().map(|code| code.reveal().clone()),
    };
    HttpResponse::Accepted().insert_header((header::LOCATION, location)).insert_header((header::CACHE_CONTROL, "no-store")).json(answer)
}

/// Asks that somebody become an operator. Needs a fresh proof. Takes effect when another operator with the role security consents; while there
/// is none, and the invitation is for one, after `policy.operator_wait_hours`. The link is mailed then. Asked again while it waits: 409.
#[utoipa::path(tag = "operator", request_body = InvitationBody,
    responses((status = 202, body = AskedAnswer), (status = 403), (status = 409), (status = 422)))]
#[post("/api/v1/operators")]
async fn ask_invitation(
    granted: Granted<right::ChangeOperators>,
    ground: web::Data<Ground>,
    body: Json<InvitationBody>,
) -> Result<HttpResponse, Problem> {
    let InvitationBody { name, email, language, roles } = body.0;
    let language = language.unwrap_or(ground.config.policy.language);
    let wanted = super::invitation(&name, &email, language, &roles).map_err(OperatorError::Invalid)?;
    let prepared = super::prepare_invitation(&ground, &granted.actor, wanted).await?;
    Ok(accepted(&ask(&ground, &granted.actor, prepared).await?))
}

/// Which roles an operator shall have.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct RolesBody {
    /// registration, security, help_desk, auditor: one at least, and no others from then on.
    roles: Vec<String>,
}

/// Asks that another operator have exactly these roles. Needs a fresh proof, and another operator's consent.
#[utoipa::path(tag = "operator", request_body = RolesBody,
    responses((status = 202, body = AskedAnswer), (status = 403), (status = 404), (status = 409), (status = 422)))]
#[put("/api/v1/operators/{id}/roles")]
async fn ask_roles(
    granted: Granted<right::ChangeOperators>,
    ground: web::Data<Ground>,
    id: web::Path<AccountId>,
    body: Json<RolesBody>,
) -> Result<HttpResponse, Problem> {
    let roles = super::roles_of(&body.0.roles).map_err(|fault| OperatorError::Invalid(vec![fault]))?;
    let prepared = super::prepare(&ground, &granted.actor, *id, Wanted::Roles(roles)).await?;
    Ok(accepted(&ask(&ground, &granted.actor, prepared).await?))
}

/// Asks that an operator end: no session, card or phone works then. Needs a fresh proof, and another operator's consent.
#[utoipa::path(tag = "operator", responses((status = 202, body = AskedAnswer), (status = 403), (status = 404), (status = 409)))]
#[post("/api/v1/operators/{id}/ending")]
async fn ask_ending(
    granted: Granted<right::ChangeOperators>,
    ground: web::Data<Ground>,
    id: web::Path<AccountId>,
) -> Result<HttpResponse, Problem> {
    let prepared = super::prepare(&ground, &granted.actor, *id, Wanted::End).await?;
    Ok(accepted(&ask(&ground, &granted.actor, prepared).await?))
}

/// A change of the operators.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct ChangeAnswer {
    id: OperatorChangeId,
    kind: ChangeKind,
    /// Whose account; for an invitation the one that it makes.
    operator: AccountId,
    name: String,
    /// Where an invited person's link goes: look whether it is theirs. Null for whoever is an operator already.
    email: Option<String>,
    /// The roles that the person will have; none at an end.
    roles: Vec<Role>,
    /// Who asked, by name.
    asked_by: String,
    asked_at: Moment,
    state: ChangeState,
    /// Without consent it takes effect then.
    effective_at: Option<Moment>,
    lapses_at: Moment,
    /// Who consented, refused or withdrew, by name.
    decided_by: Option<String>,
    ended_at: Option<Moment>,
}

impl From<Change> for ChangeAnswer {
    fn from(change: Change) -> Self {
        Self {
            id: change.id,
            kind: change.kind,
            operator: change.account,
            name: change.name,
            email: Some(change.email).filter(|email| !email.is_empty()),
            roles: change.roles,
            asked_by: change.asked_by_name,
            asked_at: change.asked_at,
            state: change.state,
            effective_at: change.effective_at,
            lapses_at: change.lapses_at,
            decided_by: change.decided_by_name,
            ended_at: change.ended_at,
        }
    }
}

/// A page of changes.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct ChangeAnswers {
    /// The changes, the newest first.
    items: Vec<ChangeAnswer>,
    /// What `after` shows the next page; null at the end.
    next: Option<String>,
}

/// Lists what was asked about operators, and what became of it.
#[utoipa::path(tag = "operator", params(("after" = Option<String>, Query)), responses((status = 200, body = ChangeAnswers), (status = 403)))]
#[get("/api/v1/operator-changes")]
async fn list_changes(
    _granted: Granted<right::SeeOperators>,
    ground: web::Data<Ground>,
    query: web::Query<After>,
) -> Result<web::Json<ChangeAnswers>, Problem> {
    let listing = read::changes(&mut ground.database.read().await?, query.cursor()?.as_ref()).await?;
    let items = listing.items.into_iter().map(ChangeAnswer::from).collect();
    Ok(web::Json(ChangeAnswers { items, next: listing.next.map(|cursor| cursor.word()) }))
}

/// Shows a change.
#[utoipa::path(tag = "operator", responses((status = 200, body = ChangeAnswer), (status = 403), (status = 404)))]
#[get("/api/v1/operator-changes/{id}")]
async fn show_change(
    _granted: Granted<right::SeeOperators>,
    ground: web::Data<Ground>,
    id: web::Path<OperatorChangeId>,
) -> Result<web::Json<ChangeAnswer>, Problem> {
    let found = read::change(&mut ground.database.read().await?, *id).await?;
    Ok(web::Json(found.ok_or(OperatorError::NotFound)?.into()))
}

/// Decides, and tells everybody who has the role.
pub(super) async fn decide(ground: &Ground, actor: &Actor, id: OperatorChangeId, decision: Decision) -> Result<(), OperatorError> {
    let told = super::prepare_decision(ground, actor, id, decision).await?;
    ground
        .database
        .write(async |unit| match decision {
            Decision::Consent => super::consent(unit, actor, &told).await,
            Decision::Refusal => super::refuse(unit, actor, &told).await,
            Decision::Withdrawal => super::withdraw(unit, actor, &told).await,
        })
        .await
}

/// Consents to what another operator asked: it takes effect. Needs a fresh proof.
#[utoipa::path(tag = "operator", responses((status = 204), (status = 403), (status = 404), (status = 409), (status = 410)))]
#[post("/api/v1/operator-changes/{id}/consent")]
async fn consent_to(
    granted: Granted<right::ChangeOperators>,
    ground: web::Data<Ground>,
    id: web::Path<OperatorChangeId>,
) -> Result<HttpResponse, Problem> {
    decide(&ground, &granted.actor, *id, Decision::Consent).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Refuses what another operator asked.
#[utoipa::path(tag = "operator", responses((status = 204), (status = 403), (status = 404), (status = 409), (status = 410)))]
#[post("/api/v1/operator-changes/{id}/refusal")]
async fn refuse_it(
    granted: Granted<right::ChangeOperators>,
    ground: web::Data<Ground>,
    id: web::Path<OperatorChangeId>,
) -> Result<HttpResponse, Problem> {
    decide(&ground, &granted.actor, *id, Decision::Refusal).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes back what you asked.
#[utoipa::path(tag = "operator", responses((status = 204), (status = 403), (status = 404), (status = 409), (status = 410)))]
#[delete("/api/v1/operator-changes/{id}")]
async fn withdraw_it(
    granted: Granted<right::ChangeOperators>,
    ground: web::Data<Ground>,
    id: web::Path<OperatorChangeId>,
) -> Result<HttpResponse, Problem> {
    decide(&ground, &granted.actor, *id, Decision::Withdrawal).await?;
    Ok(HttpResponse::NoContent().finish())
}
