//! The JSON edge: posts and the agreement changed, and what waits for a second administrator.

use actix_web::{HttpResponse, delete, get, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Mandate, MandateError, MandateState, Outcome, Wish, read};
use crate::{
    companies::{AdministratorPost, amend::AmendmentBody, register::Applicant},
    http::{
        body::Json,
        guard::Granted,
        listing::AfterTold,
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{
        actor::Actor,
        ground::Ground,
        id::{CompanyId, EmployeeId, MandateId},
        moment::Moment,
    },
};

impl From<MandateError> for Problem {
    fn from(error: MandateError) -> Self {
        match error {
            MandateError::AlreadyAsked => Self::saying(Kind::AlreadyDone, "mandates.already_asked"),
            MandateError::AskerGone => Self::saying(Kind::Conflict, "mandates.asker_gone"),
            MandateError::Changed => Self::saying(Kind::Conflict, "mandates.changed"),
            MandateError::Concerned => Self::saying(Kind::Forbidden, "mandates.concerned"),
            MandateError::Company(cause) => cause.into(),
            MandateError::Database(cause) => cause.into(),
            MandateError::Employee(cause) => cause.into(),
            MandateError::Ended { state: MandateState::Approved | MandateState::Performed } => {
                Self::saying(Kind::AlreadyDone, "mandates.approved_already")
            }
            MandateError::Ended { state: MandateState::Asked | MandateState::Lapsed | MandateState::Refused | MandateState::Withdrawn } => {
                Self::saying(Kind::Gone, "mandates.over")
            }
            MandateError::LinkGone => Self::saying(Kind::Gone, "mandates.link_gone"),
            MandateError::NoPost => Self::saying(Kind::Forbidden, "mandates.no_post"),
            MandateError::NotFound => Self::of(Kind::NotFound),
            MandateError::Notice(cause) => Self::unforeseen(&cause),
            MandateError::ProveAgain => Self::of(Kind::ProveAgain),
            MandateError::SuccessionWaits => Self::saying(Kind::Conflict, "mandates.succession_waits"),
            MandateError::SamePerson => Self::saying(Kind::Forbidden, "mandates.same_person"),
        }
    }
}

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(appoint_administrator).service(change_agreement).service(list).service(one).service(approval).service(end_one);
    config.configure(super::removal_routes::configure);
}

/// Which employee, and which post.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct AppointmentBody {
    /// An active employee of the company.
    employee: EmployeeId,
    /// The post; superadministrator when left out.
    #[serde(default)]
    post: Option<AdministratorPost>,
    /// True when you hand over your own post: the employee becomes superadministrator, and you are an administrator no more.
    #[serde(default)]
    transfer: bool,
}

/// A change that waits.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(super) struct Waiting {
    /// Names it.
    id: MandateId,
    /// Whether nobody can consent, so that it is done after a week unless somebody refuses.
    alone: bool,
}

/// Asks for a change of the actor's own company; somebody else's is not there.
///
/// # Errors
/// Those of [`super::ask`].
pub(super) async fn ask_in(ground: &Ground, actor: &Actor, company: CompanyId, wish: &Wish) -> Result<Outcome, Problem> {
    if actor.company != Some(company) {
        return Err(Problem::of(Kind::NotFound));
    }
    Ok(super::ask(ground, actor, wish).await?)
}

/// What came of it: done, or waits.
pub(super) fn told(outcome: Outcome) -> HttpResponse {
    match outcome {
        Outcome::Done => HttpResponse::NoContent().finish(),
        Outcome::Waits(id) => HttpResponse::Accepted().json(Waiting { id, alone: false }),
        Outcome::WaitsAlone(id) => HttpResponse::Accepted().json(Waiting { id, alone: true }),
    }
}

/// Gives an active employee an administrator's post, or your own. Needs a fresh proof. Where a second administrator is active, it waits for
/// their consent; where one was within a week, it waits a week.
#[utoipa::path(tag = "mandates", request_body = AppointmentBody,
    responses((status = 202, body = Waiting), (status = 204), (status = 403), (status = 404), (status = 409)))]
#[post("/api/v1/companies/{company}/administrators")]
async fn appoint_administrator(
    granted: Granted<right::AppointAdministrator>,
    ground: web::Data<Ground>,
    company: web::Path<CompanyId>,
    body: Json<AppointmentBody>,
) -> Result<HttpResponse, Problem> {
    let AppointmentBody { employee, post, transfer } = body.0;
    let wish = match transfer {
        true => Wish::Transfer { employee },
        false => Wish::Appoint { employee, post: post.unwrap_or(AdministratorPost::Superadministrator) },
    };
    Ok(told(ask_in(&ground, &granted.actor, *company, &wish).await?))
}

/// The agreement's new facts.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct AgreementBody {
    /// Street and number.
    street: String,
    /// Postal code.
    postal_code: String,
    /// City.
    city: String,
    /// Those who may bind the company, 1 to 10. Whoever keeps an address stays the same person.
    signatories: Vec<Applicant>,
    /// The signing rule: so many of them must sign; all of them when left out.
    #[serde(default)]
    needed: Option<i64>,
}

/// Changes who may sign for the company, by which rule, and its address. Needs a fresh proof. Where a second administrator is active, it waits
/// for their consent. Old and new signatories are told.
#[utoipa::path(tag = "mandates", request_body = AgreementBody,
    responses((status = 202, body = Waiting), (status = 204), (status = 403), (status = 404), (status = 409), (status = 422), (status = 503)))]
#[post("/api/v1/companies/{company}/agreement-change")]
async fn change_agreement(
    granted: Granted<right::ChangeAgreement>,
    ground: web::Data<Ground>,
    company: web::Path<CompanyId>,
    body: Json<AgreementBody>,
) -> Result<HttpResponse, Problem> {
    let AgreementBody { street, postal_code, city, signatories, needed } = body.0;
    let agreement = AmendmentBody { street, postal_code, city, signatories, needed };
    Ok(told(ask_in(&ground, &granted.actor, *company, &Wish::Agreement { agreement }).await?))
}

/// A change that waits, or waited.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Answer {
    id: MandateId,
    /// What is to be changed.
    wish: Wish,
    /// Who asked, by name.
    asked_by: String,
    state: MandateState,
    asked_at: Moment,
    /// When it is over if nobody does anything.
    lapses_at: Moment,
    /// When it is done without consent, unless somebody refuses; null where it needs consent.
    performs_at: Option<Moment>,
    /// Who decided, by name.
    decided_by: Option<String>,
    decided_at: Option<Moment>,
}

impl TryFrom<Mandate> for Answer {
    type Error = Problem;

    fn try_from(mandate: Mandate) -> Result<Self, Problem> {
        Ok(Self {
            wish: Wish::of(&mandate)?,
            id: mandate.id,
            asked_by: mandate.asked_by_name,
            state: mandate.state,
            asked_at: mandate.asked_at,
            lapses_at: mandate.lapses_at,
            performs_at: mandate.performs_at,
            decided_by: mandate.decided_by_name,
            decided_at: mandate.decided_at,
        })
    }
}

/// A page of changes.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct Answers {
    /// The changes, the newest first.
    items: Vec<Answer>,
    /// What `after` shows the next page; null at the end.
    next: Option<String>,
}

/// Lists your company's changes of posts and agreement that wait or waited; for operators those of all companies that are done by themselves unless
/// somebody refuses.
#[utoipa::path(tag = "mandates", params(("after" = Option<String>, Query)), responses((status = 200, body = Answers)))]
#[get("/api/v1/mandates")]
async fn list(
    granted: Granted<right::SeeMandates>,
    ground: web::Data<Ground>,
    query: web::Query<AfterTold>,
) -> Result<web::Json<Answers>, Problem> {
    let listing = read::list(&mut ground.database.read().await?, &granted.actor, query.cursor()?.as_ref()).await?;
    let items = listing.items.into_iter().map(Answer::try_from).collect::<Result<_, _>>()?;
    Ok(web::Json(Answers { items, next: listing.next.map(|cursor| cursor.word()) }))
}

/// Shows a change.
#[utoipa::path(tag = "mandates", responses((status = 200, body = Answer), (status = 404)))]
#[get("/api/v1/mandates/{id}")]
async fn one(
    granted: Granted<right::SeeMandates>,
    ground: web::Data<Ground>,
    id: web::Path<MandateId>,
) -> Result<web::Json<Answer>, Problem> {
    let found = read::visible(&mut ground.database.read().await?, &granted.actor, *id).await?;
    Ok(web::Json(found.ok_or(MandateError::NotFound)?.try_into()?))
}

/// Consents to a change that somebody else asked for: it is done. Needs a fresh proof.
#[utoipa::path(tag = "mandates", responses((status = 204), (status = 403), (status = 404), (status = 409), (status = 410)))]
#[post("/api/v1/mandates/{id}/approval")]
async fn approval(
    granted: Granted<right::DecideMandate>,
    ground: web::Data<Ground>,
    id: web::Path<MandateId>,
) -> Result<HttpResponse, Problem> {
    super::approve(&ground, &granted.actor, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Refuses a change that somebody else asked for, or takes your own back; operators refuse what is done by itself. Needs a fresh proof.
#[utoipa::path(tag = "mandates", responses((status = 204), (status = 403), (status = 404), (status = 409), (status = 410)))]
#[delete("/api/v1/mandates/{id}")]
async fn end_one(
    granted: Granted<right::SeeMandates>,
    ground: web::Data<Ground>,
    id: web::Path<MandateId>,
) -> Result<HttpResponse, Problem> {
    super::end(&ground, &granted.actor, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}
