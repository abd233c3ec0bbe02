//! The JSON edge of companies.

use actix_web::{HttpResponse, get, http::StatusCode, http::header, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    Company, CompanyError, CompanyKind, CompanyState, OrderState, SeenForm, Signatory,
    lookup::RegisterError,
    read,
    register::{self, Application, Registration},
};
use crate::{
    http::{
        body::Json,
        guard::Granted,
        idempotency::{Idempotency, Replay},
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{
        actor::{Actor, Role},
        cursor::Cursor,
        fault::FieldFault,
        ground::Ground,
        id::{CompanyId, EmployeeId, SignatoryId},
        moment::Moment,
        text,
    },
};

/// Adds the routes.
pub fn configure(config: &mut ServiceConfig) {
    config.configure(super::order_routes::configure).configure(super::import_routes::configure);
    config.configure(super::lookup_routes::configure);
    config.service(register_company).service(list_companies).service(show_company).service(renew_link);
}

impl From<CompanyError> for Problem {
    fn from(error: CompanyError) -> Self {
        match error {
            CompanyError::AgreementStands => Self::saying(Kind::AlreadyDone, "companies.agreement_stands"),
            CompanyError::AlreadyDeclined => Self::saying(Kind::AlreadyDone, "companies.already_declined"),
            CompanyError::AlreadyAccepted { .. } => Self::saying(Kind::AlreadyDone, "companies.already_accepted"),
            CompanyError::AlreadyClosed => Self::saying(Kind::AlreadyDone, "companies.already_closed"),
            CompanyError::AlreadyAdministrator => Self::saying(Kind::AlreadyDone, "companies.already_administrator"),
            CompanyError::AnotherText => Self::saying(Kind::Conflict, "companies.another_text"),
            CompanyError::AppointedAlready { name } => {
                Self::saying(Kind::Conflict, "companies.appointed_already").with("administrator", name)
            }
            CompanyError::Archive(cause) => Self::unforeseen(&cause),
            CompanyError::Certificate(cause) => cause.into(),
            CompanyError::Database(cause) => cause.into(),
            CompanyError::DuplicateCvr => {
                Self { faults: vec![FieldFault::new("cvr", "field_cvr_taken")], ..Self::saying(Kind::Conflict, "companies.duplicate_cvr") }
            }
            CompanyError::Invalid(faults) => Self::invalid(faults),
            CompanyError::Keystore(cause) => Self::unforeseen(&cause),
            CompanyError::LastAdministrator => Self::saying(Kind::Conflict, "companies.last_administrator"),
            CompanyError::LastSuperadministrator => Self::saying(Kind::Conflict, "companies.last_superadministrator"),
            CompanyError::LinkExpired => Self::saying(Kind::Gone, "companies.link_expired"),
            CompanyError::NoRegister => Self::saying(Kind::NotFound, "companies.no_register"),
            CompanyError::NotFound => Self::of(Kind::NotFound),
            CompanyError::Notice(cause) => Self::unforeseen(&cause),
            CompanyError::OrderWithdrawn => Self::saying(Kind::Gone, "companies.order_withdrawn"),
            CompanyError::Paper(cause) => Self::unforeseen(&cause),
            CompanyError::ProveAgain => Self::of(Kind::ProveAgain),
            CompanyError::Register(RegisterError::Answer | RegisterError::File(_)) => {
                Self::saying(Kind::NotReady, "companies.register_unreadable")
            }
            CompanyError::Register(RegisterError::TooLarge { most }) => {
                Self::saying(Kind::NotReady, "companies.register_too_large").with("most", text::size(most))
            }
            CompanyError::Register(RegisterError::Refused { status }) => {
                Self::saying(Kind::NotReady, "companies.register_refused").with("status", status)
            }
            CompanyError::Register(RegisterError::Away(_) | RegisterError::TooLong) => {
                Self::saying(Kind::NotReady, "companies.register_away")
            }
            CompanyError::SigningBegan => Self::saying(Kind::Conflict, "companies.signing_began"),
            CompanyError::TooManyOrders { most } => Self::saying(Kind::TooManyTries, "companies.too_many_orders").with("most", most),
            CompanyError::NumbersTaken => Self::of(Kind::NotReady),
        }
    }
}

/// Operators see every company, others their own; a stranger's is not there.
///
/// # Errors
/// [`Kind::NotFound`].
pub fn check_visible(actor: &Actor, company: CompanyId) -> Result<(), Problem> {
    let operator = [Role::Registration, Role::Security, Role::HelpDesk, Role::Auditor].into_iter().any(|role| actor.is(role));
    if operator || actor.company == Some(company) { Ok(()) } else { Err(Problem::of(Kind::NotFound)) }
}

/// A company in a list.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct Summary {
    /// Its id.
    id: CompanyId,
    /// Company or association.
    kind: CompanyKind,
    /// CVR number, or the association's own.
    number: String,
    /// The legal name.
    legal_name: String,
    /// How far it is.
    state: CompanyState,
}

impl From<Company> for Summary {
    fn from(company: Company) -> Self {
        Self { id: company.id, kind: company.kind, number: company.number, legal_name: company.legal_name, state: company.state }
    }
}

/// A page of companies.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct Companies {
    /// The companies, by name.
    items: Vec<Summary>,
    /// What `after` shows the next page; null at the end.
    next: Option<String>,
}

/// A company in full.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct Detail {
    /// Its id.
    id: CompanyId,
    /// Company or association.
    kind: CompanyKind,
    /// CVR number, or the association's own.
    number: String,
    /// The CVR number, if any.
    cvr: Option<String>,
    /// The legal name.
    legal_name: String,
    /// The name in certificates.
    certificate_name: String,
    /// Street and number.
    street: String,
    /// Postal code.
    postal_code: String,
    /// City.
    city: String,
    /// How far it is.
    state: CompanyState,
    /// Since when we know it.
    registered_at: Moment,
    /// Since when it is active.
    activated_at: Option<Moment>,
    /// The signing rule: so many of its signatories must sign the agreement.
    needed: i64,
    /// How many must still sign.
    pending: i64,
    /// How far the signing is; null for those who may not see the signatories.
    agreement: Option<OrderState>,
    /// Those who may bind it; empty for those who neither administer it nor operate the service.
    signatories: Vec<SignatoryDetail>,
    /// The employees who administer it.
    administrators: Vec<EmployeeId>,
    /// Those of them who make administrators and change the agreement.
    superadministrators: Vec<EmployeeId>,
}

/// A signatory.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct SignatoryDetail {
    /// The id.
    id: SignatoryId,
    /// The name.
    name: String,
    /// Where the link goes.
    email: String,
    /// What they are to the company.
    role: Option<String>,
    /// How long the link lives.
    link_expires_at: Moment,
    /// When the agreement was accepted.
    accepted_at: Option<Moment>,
    /// When the agreement was declined.
    declined_at: Option<Moment>,
    /// SHA-256 of the text that was accepted, in hexadecimal.
    agreement: Option<String>,
    /// The form, when it was signed on paper.
    form: Option<FormDetail>,
}

/// A form that was signed on paper.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct FormDetail {
    /// The day on it, `YYYY-MM-DD`.
    signed_on: String,
    /// Who saw it, by name at that time.
    seen_by: String,
    /// Whether a scan of it is kept.
    has_scan: bool,
}

impl From<SeenForm> for FormDetail {
    fn from(SeenForm { signed_on, seen_by, has_scan }: SeenForm) -> Self {
        Self { signed_on, seen_by, has_scan }
    }
}

impl From<Signatory> for SignatoryDetail {
    fn from(signatory: Signatory) -> Self {
        Self {
            id: signatory.id,
            name: signatory.name,
            email: signatory.email,
            role: signatory.role,
            link_expires_at: signatory.link_expires_at,
            accepted_at: signatory.accepted_at,
            declined_at: signatory.declined_at,
            agreement: signatory.agreement_hash.map(hex::encode),
            form: signatory.form.map(FormDetail::from),
        }
    }
}

/// What a creating post answers.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
struct Registered {
    /// The new company.
    id: CompanyId,
}

/// Which part of a list.
#[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields, default)]
pub struct Search {
    /// The beginning of the name.
    pub name: String,
    /// Where the list goes on: `next` of the page before.
    pub after: Option<String>,
    /// The language of pages.
    pub language: Option<String>,
}

impl Search {
    /// The cursor.
    ///
    /// # Errors
    /// [`Kind::BadRequest`] when `after` is not one of ours.
    pub fn cursor(&self) -> Result<Cursor, Problem> {
        match self.after.as_deref().filter(|word| !word.is_empty()) {
            None => Ok(Cursor::start()),
            Some(word) => Cursor::of(word).ok_or_else(|| Problem::of(Kind::BadRequest)),
        }
    }
}

/// What came of a registration.
pub enum Outcome {
    /// It was done before, under the same Idempotency-Key.
    Earlier(Replay),
    /// It is done now.
    New(CompanyId),
}

/// Registers, or finds the registration that the same key made before.
///
/// # Errors
/// Those of [`register::register`] and of the key.
pub async fn register_once(ground: &Ground, actor: &Actor, application: &Application, key: &Idempotency) -> Result<Outcome, Problem> {
    let registration = Registration::of(application, ground.config.policy.cvr_checksum).map_err(Problem::invalid)?;
    let content = serde_json::to_vec(application).map_err(|error| Problem::unforeseen(&error))?;
    // What was done before is told again, whatever the register says by now, or when it is away.
    if let Some(earlier) = ground.database.write(async |unit| key.earlier(unit, actor, &content).await).await? {
        return Ok(Outcome::Earlier(earlier));
    }
    let look = register::look(ground, application, &registration).await?;
    let prepared = register::prepare(ground, &registration).await?.looked_up(look);
    ground
        .database
        .write(async |unit| {
            if let Some(earlier) = key.earlier(unit, actor, &content).await? {
                return Ok(Outcome::Earlier(earlier));
            }
            let id = register::register(unit, &prepared, actor.author()).await?;
            key.record(unit, actor, &content, StatusCode::CREATED, &location(id)).await?;
            Ok::<_, Problem>(Outcome::New(id))
        })
        .await
}

fn location(id: CompanyId) -> String {
    format!("/api/v1/companies/{id}")
}

/// Registers a company or association; its signatories get their links by mail.
#[utoipa::path(tag = "companies", params(Idempotency), 
    responses((status = 201, body = Registered), (status = 409), (status = 422), (status = 503)))]
#[post("/api/v1/companies")]
async fn register_company(
    granted: Granted<right::RegisterCompany>,
    ground: web::Data<Ground>,
    key: Idempotency,
    body: Json<Application>,
) -> Result<HttpResponse, Problem> {
    Ok(match register_once(&ground, &granted.actor, &body.0, &key).await? {
        Outcome::Earlier(replay) => replay.answer(),
        Outcome::New(id) => HttpResponse::Created().insert_header((header::LOCATION, location(id))).json(Registered { id }),
    })
}

/// Lists companies by name.
#[utoipa::path(tag = "companies", params(Search), responses((status = 200, body = Companies)))]
#[get("/api/v1/companies")]
async fn list_companies(
    _granted: Granted<right::ListCompanies>,
    ground: web::Data<Ground>,
    search: web::Query<Search>,
) -> Result<web::Json<Companies>, Problem> {
    let listing = read::list(&mut ground.database.read().await?, &search.name, &search.cursor()?).await?;
    let next = listing.next.map(|cursor| cursor.word());
    Ok(web::Json(Companies { items: listing.items.into_iter().map(Summary::from).collect(), next }))
}

/// Shows a company. Also for a company's API key with the scope `employees:read`.
#[utoipa::path(tag = "companies", responses((status = 200, body = Detail), (status = 404)))]
#[get("/api/v1/companies/{company}")]
async fn show_company(
    granted: Granted<right::SeeCompany>,
    ground: web::Data<Ground>,
    company: web::Path<CompanyId>,
) -> Result<web::Json<Detail>, Problem> {
    check_visible(&granted.actor, *company)?;
    let mut reader = ground.database.read().await?;
    let company = read::company(&mut reader, *company).await?.ok_or_else(|| Problem::of(Kind::NotFound))?;
    let signatories = match granted.actor.company.is_none() || granted.actor.is(Role::Administrator) {
        true => read::signatories(&mut reader, company.id).await?,
        false => Vec::new(),
    };
    let agreement = (!signatories.is_empty()).then(|| OrderState::of(&company, &signatories, ground.clock().now()));
    let administrators = read::administrators(&mut reader, company.id).await?;
    let superadministrators = read::superadministrators(&mut reader, company.id).await?;
    Ok(web::Json(Detail {
        id: company.id,
        kind: company.kind,
        number: company.number,
        cvr: company.cvr,
        legal_name: company.legal_name,
        certificate_name: company.certificate_name,
        street: company.street,
        postal_code: company.postal_code,
        city: company.city,
        state: company.state,
        registered_at: company.registered_at,
        activated_at: company.activated_at,
        needed: company.needed,
        pending: company.pending,
        agreement,
        signatories: signatories.into_iter().map(SignatoryDetail::from).collect(),
        administrators,
        superadministrators,
    }))
}

/// Sends a signatory who has not accepted yet a new link.
///
/// # Errors
/// Those of [`register::send_link`].
pub async fn send_link(ground: &Ground, actor: &Actor, company: CompanyId, signatory: SignatoryId) -> Result<(), Problem> {
    let found = read::company(&mut ground.database.read().await?, company).await?;
    let found = found.ok_or_else(|| Problem::of(Kind::NotFound))?;
    let link = register::prepare_link(ground, &found).await?;
    let author = actor.author();
    ground.database.write(async |unit| register::send_link(unit, company, signatory, &link, author).await).await?;
    Ok(())
}

/// Sends a signatory a new link; the old one is dead.
#[utoipa::path(tag = "companies", responses((status = 204), (status = 404), (status = 409)))]
#[post("/api/v1/companies/{company}/signatories/{signatory}/link")]
async fn renew_link(
    granted: Granted<right::RegisterCompany>,
    ground: web::Data<Ground>,
    path: web::Path<(CompanyId, SignatoryId)>,
) -> Result<HttpResponse, Problem> {
    let (company, signatory) = path.into_inner();
    send_link(&ground, &granted.actor, company, signatory).await?;
    Ok(HttpResponse::NoContent().finish())
}
