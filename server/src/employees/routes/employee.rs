//! The JSON edge of a company's employees: invited and shown. Dismissing is asked for in `mandates`, which has it done here when nobody needs to
//! consent.

use actix_web::{HttpResponse, get, http::StatusCode, http::header, post, web};

use super::{
    DetailsBody, administrator::told_of_going, needs_witness, own_company, refuse_beneath, refuse_key_for_administrator,
    require_proof_or_scope, require_witness, visible_employee,
};
use crate::{
    companies::{self, AdministratorPost},
    employees::{
        Details, EmailInCertificate, Employee, EmployeeState, Suspension, Vouching, appoint,
        details::{self, Said},
        invite::{self, Invitation, Known, Post},
        leave, rank,
    },
    http::{
        body::Json,
        guard::Granted,
        idempotency::{Idempotency, Replay},
        permissions::right,
        problem::Problem,
    },
    notices,
    platform::{
        actor::Actor,
        day::Day,
        fault::FieldFault,
        ground::Ground,
        id::{CompanyId, EmployeeId},
        moment::Moment,
        secret::Secret,
        words::Language,
    },
    proofing::{self, Channel, Presented},
};

/// Whom an administrator invites.
#[derive(Clone, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationBody {
    /// Given names, at most 64 characters.
    pub given_name: String,
    /// Surname, at most 64 characters; with the given names at most 64.
    pub surname: String,
    /// Where the link goes.
    pub email: String,
    /// Whether the address stands in the certificate; with it come certificates for mail.
    #[serde(default)]
    pub email_in_certificate: bool,
    /// The birth date, YYYY-MM-DD: nobody under 15 gets a signature, and who is not 18 gets the youth notice.
    #[serde(default, skip_serializing)]
    #[schema(value_type = String)]
    pub birth_date: String,
    /// How the administrator vouches; it decides how the temporary password travels.
    pub vouched: Vouching,
    /// What the administrator saw: with `in_person` a valid document with a photo.
    #[serde(default)]
    pub documents: Vec<Presented>,
    /// The language of mails and letters.
    #[serde(default)]
    pub language: Option<Language>,
    /// Where the person is called (Denmark, the Faroe Islands, Greenland) or gets text messages, as `+45 12 34 56 78`; needed with `by_text`.
    #[serde(default)]
    pub telephone: String,
    /// What the company says of the employee for itself; a `rid` in it needs a fresh proof.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<DetailsBody>,
}

/// What an invitation answers.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub struct InvitedAnswer {
    /// The employee.
    pub id: EmployeeId,
    /// The temporary password, to be handed over: only with `vouched: in_person`, only this once.
    pub temporary_password: Option<String>,
}

/// What came of an invitation.
pub enum Invited {
    /// It was done before, under the same Idempotency-Key.
    Earlier(Replay),
    /// It is done now.
    New(EmployeeId, Option<Secret<String>>),
}

/// Invites, or finds the invitation that the same key made before. Whoever is shown the temporary password, or says to which telephone it goes, proves
/// first who they are.
///
/// # Errors
/// [`require_witness`]'s; those of [`invite::invite`] and of the key.
pub async fn invite_once(
    ground: &Ground,
    actor: &Actor,
    company: CompanyId,
    body: &InvitationBody,
    key: &Idempotency,
) -> Result<Invited, Problem> {
    let company = own_company(ground, actor, company).await?;
    let said = body.details.as_ref().map(DetailsBody::read).transpose()?;
    if said.as_ref().is_some_and(Said::gives_number) {
        require_proof_or_scope(ground, actor)?;
    }
    if needs_witness(body.vouched, !body.documents.is_empty()) {
        require_witness(ground, actor)?;
    }
    let invitation = read_invitation(ground, body).map_err(Problem::invalid)?;
    let prepared = invite::prepare(ground, &company, &invitation, Post::Employee, actor.author()).await?;
    let mut content = serde_json::to_vec(body).map_err(|error| Problem::unforeseen(&error))?;
    content.extend(proofing::fingerprint(ground, &body.birth_date, &body.documents).await?);
    ground
        .database
        .write(async |unit| {
            if let Some(earlier) = key.earlier(unit, actor, &content).await? {
                return Ok(Invited::Earlier(earlier));
            }
            let id = invite::invite(unit, &prepared, actor.author()).await?;
            if let Some(said) = &said {
                details::keep(unit, (company.id, id), said, actor.author()).await?;
            }
            key.record(unit, actor, &content, StatusCode::CREATED, &location(company.id, id)).await?;
            Ok::<_, Problem>(Invited::New(id, prepared.temporary_password().cloned()))
        })
        .await
}

/// All faults at once.
fn read_invitation(ground: &Ground, body: &InvitationBody) -> Result<Invitation, Vec<FieldFault>> {
    let today = Day::of(ground.clock().now());
    let person = invite::person("", &body.given_name, &body.surname, &body.email);
    let known = match body.documents.is_empty() {
        true => proofing::birth_of_age(&body.birth_date, today).map(|birth| Known::Birth(Some(birth))).map_err(|fault| vec![fault]),
        false => {
            let examined = proofing::examine(Channel::Company, &body.birth_date, &body.documents, today);
            examined.map(Known::Documents).map_err(|refused| refused.faults)
        }
    };
    let telephone = notices::typed_telephone(&ground.config, &body.telephone).map_err(|fault| vec![fault]);
    let (person, known, telephone) = match (person, known, telephone) {
        (Ok(person), Ok(known), Ok(telephone)) => (person, known, telephone),
        (person, known, telephone) => {
            return Err([person.err(), known.err(), telephone.err()].into_iter().flatten().flatten().collect());
        }
    };
    Ok(Invitation {
        person,
        email_in_certificate: EmailInCertificate::when(body.email_in_certificate),
        vouched: body.vouched,
        known,
        language: body.language.unwrap_or(ground.config.policy.language),
        telephone,
    })
}

fn location(company: CompanyId, employee: EmployeeId) -> String {
    format!("/api/v1/companies/{company}/employees/{employee}")
}

/// Invites an employee: link by mail, temporary password by letter, by text message or handed over (`by_text` and `in_person` need a fresh proof). A
/// company's API key with the scope `employees:write` invites by letter alone; sent again with the same Idempotency-Key it is told where the employee is.
#[utoipa::path(tag = "employees", params(Idempotency), request_body = InvitationBody,
    responses((status = 201, body = InvitedAnswer), (status = 403), (status = 404), (status = 422), (status = 429)))]
#[post("/api/v1/companies/{company}/employees")]
pub async fn invite_employee(
    granted: Granted<right::InviteEmployee>,
    ground: web::Data<Ground>,
    company: web::Path<CompanyId>,
    key: Idempotency,
    body: Json<InvitationBody>,
) -> Result<HttpResponse, Problem> {
    Ok(match invite_once(&ground, &granted.actor, *company, &body.0, &key).await? {
        Invited::Earlier(replay) => replay.answer(),
        Invited::New(id, code) => HttpResponse::Created()
            .insert_header((header::LOCATION, location(*company, id)))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .json(InvitedAnswer { id, temporary_password: code.map(|code| code.reveal().clone()) }),
    })
}

/// An employee.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub struct EmployeeAnswer {
    /// The id; also in certificates, as `UI:DK-E:G:<id>`.
    id: EmployeeId,
    /// Given names.
    given_name: String,
    /// Surname.
    surname: String,
    /// Where mail goes.
    email: String,
    /// Whether the address stands in the certificate.
    email_in_certificate: bool,
    /// How the person was vouched for.
    vouched: Vouching,
    /// How far.
    state: EmployeeState,
    /// Whether the employee administers the company.
    administrator: bool,
    /// Whether the employee makes administrators too.
    superadministrator: bool,
    /// When invited.
    invited_at: Moment,
    /// When activated.
    activated_at: Option<Moment>,
    /// When left.
    left_at: Option<Moment>,
    /// When the person last logged in or signed, to the hour.
    used_at: Option<Moment>,
    /// What the company says of the employee for itself.
    details: Details,
    /// While suspended: since when, how long, why.
    suspension: Option<SuspensionAnswer>,
}

/// A suspension that stands.
#[derive(serde::Serialize, utoipa::ToSchema)]
struct SuspensionAnswer {
    /// Since when.
    since: Moment,
    /// When it ends by itself; null: only when somebody lifts it.
    until: Option<Moment>,
    /// Why, in the administrator's words: illness, say. Not for API keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl SuspensionAnswer {
    fn of(suspension: Suspension, asker: &Actor) -> Self {
        let Suspension { since, until, reason } = suspension;
        Self { since, until, reason: Some(reason).filter(|_| asker.key.is_none()) }
    }
}

/// `administrators` are those of the company, and which of them are superadministrators.
pub fn answer(employee: Employee, (administrators, supers): (&[EmployeeId], &[EmployeeId]), asker: &Actor) -> EmployeeAnswer {
    EmployeeAnswer {
        administrator: administrators.contains(&employee.id),
        superadministrator: supers.contains(&employee.id),
        id: employee.id,
        given_name: employee.person.given_name.to_string(),
        surname: employee.person.surname.to_string(),
        email: employee.person.email.to_string(),
        email_in_certificate: employee.email_in_certificate.is_included(),
        vouched: employee.vouched,
        state: employee.state,
        invited_at: employee.invited_at,
        activated_at: employee.activated_at,
        left_at: employee.left_at,
        used_at: employee.used_at,
        details: employee.details,
        suspension: employee.suspension.map(|suspension| SuspensionAnswer::of(suspension, asker)),
    }
}

/// Shows an employee. Also for a company's API key with the scope `employees:read`.
#[utoipa::path(tag = "employees", responses((status = 200, body = EmployeeAnswer), (status = 404)))]
#[get("/api/v1/companies/{company}/employees/{employee}")]
pub async fn show_employee(
    granted: Granted<right::ListEmployees>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, EmployeeId)>,
) -> Result<web::Json<EmployeeAnswer>, Problem> {
    let (company, employee) = visible_employee(&ground, &granted.actor, path.into_inner()).await?;
    let mut reader = ground.database.read().await?;
    let administrators = companies::read::administrators(&mut reader, company.id).await?;
    let supers = companies::read::superadministrators(&mut reader, company.id).await?;
    Ok(web::Json(answer(employee, (&administrators, &supers), &granted.actor)))
}

/// Ends an employment, after a fresh proof or by a key.
///
/// # Errors
/// [`require_proof_or_scope`]'s, [`refuse_key_for_administrator`]'s, [`refuse_beneath`]'s, [`rank::require_still`]'s, and those of
/// [`leave::leave`].
pub async fn dismiss(ground: &Ground, actor: &Actor, company: CompanyId, employee: EmployeeId) -> Result<(), Problem> {
    let company = own_company(ground, actor, company).await?;
    require_proof_or_scope(ground, actor)?;
    refuse_key_for_administrator(ground, actor, (company.id, employee)).await?;
    refuse_beneath(ground, actor, (company.id, employee)).await?;
    let told = leave::told(ground).await?;
    let author = actor.author();
    let went = told_of_going(ground, &company, employee).await?;
    ground
        .database
        .write(async |unit| {
            rank::require_still(unit, actor, (company.id, employee), AdministratorPost::Administrator).await?;
            leave::leave(unit, company.id, employee, &told, author).await?;
            match &went {
                Some(went) => appoint::tell_others(unit, company.id, employee, went).await,
                None => Ok(()),
            }
        })
        .await?;
    Ok(())
}
