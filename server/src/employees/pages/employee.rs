//! An employee's page: how far, which certificates, and what an administrator can do.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::{
    Visit,
    invitation::{SEEN_ROWS, ways},
};
use crate::{
    certificates::{self, Certificate, State},
    companies::{self, AdministratorPost, Company, pages::Typed},
    employees::{
        Employee, EmployeeState,
        desk::{self, Seen},
        rank,
        routes::{CardOrder, order_one, send_one_again, visible_employee},
    },
    http::{
        body::Form,
        guard::Granted,
        page::{self, Page},
        permissions::{self, Permission, right},
        problem::{Kind, Problem},
    },
    notices::{self, Undelivered},
    platform::{
        actor::{Actor, Role},
        ground::Ground,
        id::{CompanyId, EmployeeId, MessageId},
        moment::Moment,
    },
    proofing::{
        Channel,
        pages::{kinds, permits},
    },
    tokens::{self, CodeToken},
};

#[derive(Template)]
#[template(path = "employees/employee.html")]
struct EmployeePage {
    page: Page,
    company: Company,
    employee: Employee,
    is_administrator: bool,
    is_superadministrator: bool,
    may_appoint: bool,
    posts: Vec<(&'static str, String)>,
    certificates: Vec<Certificate>,
    now: Moment,
    /// Whether the reader administers this company.
    own: bool,
    may_renew: bool,
    may_order: bool,
    /// What could not be delivered, for the company's administrators.
    undelivered: Vec<Undelivered>,
    may_list_certificates: bool,
    /// The code token that the employee has.
    token: Option<CodeToken>,
    may_assign_tokens: bool,
    /// How the person was vouched for; none for those who may not see it.
    history: Option<Vec<Seen>>,
    may_see_documents: bool,
    places: std::ops::Range<usize>,
    kinds: Vec<(&'static str, String)>,
    permits: Vec<(&'static str, String)>,
    ways: Vec<(&'static str, String)>,
    /// The telephone, its last digits alone.
    telephone: Option<String>,
}

impl EmployeePage {
    fn certificate_badge(&self, certificate: &Certificate) -> (&'static str, &'static str) {
        match certificate.state {
            State::Abandoned => ("info", "employees.certificate_abandoned"),
            State::Active if certificate.has_expired(self.now) => ("warning", "employees.certificate_expired"),
            State::Active => ("success", "employees.certificate_active"),
            State::Intended => ("warning", "employees.certificate_intended"),
            State::Revoked => ("error", "employees.certificate_revoked"),
        }
    }

    fn role_words(&self) -> &'static str {
        match (self.is_superadministrator, self.is_administrator) {
            (true, _) => "employees.role_superadministrator",
            (false, true) => "employees.role_administrator",
            (false, false) => "employees.role_employee",
        }
    }

    fn included_words(&self) -> &'static str {
        if self.employee.email_in_certificate.is_included() { "employees.yes" } else { "employees.no" }
    }

    fn token_badge(&self, token: &CodeToken) -> (&'static str, String) {
        tokens::pages::badge(&self.page, token.standing(self.now))
    }

    fn is_active(&self) -> bool {
        self.employee.state == EmployeeState::Active
    }

    fn is_suspended(&self) -> bool {
        self.employee.state == EmployeeState::Suspended
    }

    fn again(&self, message: &Undelivered) -> String {
        format!("/companies/{}/employees/{}/undelivered/{}/resending", self.company.id, self.employee.id, message.id)
    }

    /// Whether a forgotten password can be replaced: of whoever had one.
    /// Whoever had a password before gets another where it was asked for.
    fn may_renew_invitation(&self) -> bool {
        self.may_renew && self.employee.state == EmployeeState::Invited && self.employee.activated_at.is_none()
    }

    fn may_reissue(&self) -> bool {
        self.may_renew && self.employee.activated_at.is_some() && !self.has_left()
    }

    fn reissue(&self) -> String {
        format!("/reissues/new?company={}&employee={}", self.company.id, self.employee.id)
    }

    fn has_left(&self) -> bool {
        self.employee.state == EmployeeState::Left
    }
}

/// The words of a certificate's kind.
fn kind_words(certificate: &Certificate) -> &'static str {
    use certs::profiles::Kind;
    match certificate.kind {
        Kind::Signing => "employees.kind_signing",
        Kind::Mail => "employees.kind_mail",
        Kind::Encryption => "employees.kind_encryption",
        Kind::Root | Kind::Issuing | Kind::Responder | Kind::TimeStamp | Kind::Notice | Kind::Seal | Kind::Function | Kind::Tls => {
            "employees.kind_other"
        }
    }
}

/// What a post may.
fn post_words(post: AdministratorPost) -> &'static str {
    match post {
        AdministratorPost::Administrator => "employees.post_administrator",
        AdministratorPost::Superadministrator => "employees.post_superadministrator",
    }
}

/// The page with everything on it.
async fn page_of(ground: &Ground, actor: &Actor, page: Page, path: (CompanyId, EmployeeId)) -> Result<EmployeePage, Problem> {
    // Of the posts the lesser one is chosen, unless somebody chooses.
    let page = page.typed("post", AdministratorPost::Administrator.word());
    let (company, employee) = visible_employee(ground, actor, path).await?;
    let mut reader = ground.database.read().await?;
    let administrators = companies::read::administrators(&mut reader, company.id).await?;
    let certificates = certificates::read::of_employee(&mut reader, employee.id).await?;
    let token = tokens::read::held(&mut reader, employee.account).await?.into_iter().next();
    let is_administrator = administrators.contains(&employee.id);
    let post = companies::read::post(&mut reader, company.id, employee.id).await?;
    let administers = actor.company == Some(company.id) && actor.is(Role::Administrator);
    // What would be refused is not offered.
    let beneath = rank::require(&mut reader, actor, path).await.is_err();
    let own = administers && !beneath;
    let undelivered = if administers { notices::undelivered(&mut reader, employee.id.into(), page.words).await? } else { Vec::new() };
    let may_renew = own || (is_administrator && actor.is(Role::Registration));
    let history = match permissions::allows(&actor.roles, Permission::SeeProofings) {
        true => Some(desk::history(&mut reader, &employee).await?),
        false => None,
    };
    Ok(EmployeePage {
        token,
        may_assign_tokens: permissions::allows(&actor.roles, Permission::AssignTokens) && !beneath,
        history,
        may_see_documents: permissions::allows(&actor.roles, Permission::RecordProofing) && employee.state != EmployeeState::Left,
        places: 0..SEEN_ROWS,
        kinds: kinds(&page, Channel::Company),
        permits: permits(),
        ways: ways(&page, ground),
        telephone: notices::telephone(&mut reader, employee.id.into()).await?.map(|telephone| telephone.masked()),
        posts: [AdministratorPost::Administrator, AdministratorPost::Superadministrator]
            .map(|post| (post.word(), page.say(post_words(post))))
            .to_vec(),
        page,
        company,
        employee,
        is_administrator,
        is_superadministrator: post == Some(AdministratorPost::Superadministrator),
        may_appoint: own && permissions::allows(&actor.roles, Permission::AppointAdministrator),
        certificates,
        now: ground.clock().now(),
        own,
        may_renew,
        undelivered,
        may_order: own || actor.is(Role::Registration),
        may_list_certificates: permissions::allows(&actor.roles, Permission::ListCertificates),
    })
}

#[get("/companies/{company}/employees/{employee}")]
pub async fn show_employee(
    granted: Granted<right::ListEmployees>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, EmployeeId)>,
    visit: web::Query<Visit>,
) -> Result<HttpResponse, Problem> {
    let page = page.with_news(visit.news());
    page::show(&page_of(&ground, &granted.actor, page, path.into_inner()).await?)
}

#[post("/companies/{company}/employees/{employee}/keycards")]
pub async fn order_card(
    granted: Granted<right::OrderCardFor>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, EmployeeId)>,
    form: Form<Typed>,
) -> Result<HttpResponse, Problem> {
    let (actor, path) = (&granted.actor, path.into_inner());
    let order = CardOrder { lost: form.0.contains_key("lost") };
    match order_one(&ground, actor, path, order, None).await {
        Ok(_) => Ok(page::go(&place(path, "card"))),
        Err(problem) => refused(&ground, actor, page, path, problem).await,
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

#[post("/companies/{company}/employees/{employee}/undelivered/{message}/resending")]
pub async fn send_again(
    granted: Granted<right::InviteEmployee>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(CompanyId, EmployeeId, MessageId)>,
    _form: Form<Nothing>,
) -> Result<HttpResponse, Problem> {
    let (company, employee, message) = path.into_inner();
    let path = (company, employee);
    match send_one_again(&ground, &granted.actor, path, message).await {
        Ok(()) => Ok(page::go(&place(path, "resent"))),
        Err(problem) => refused(&ground, &granted.actor, page, path, problem).await,
    }
}

/// The employee's page, with a word about what was done.
pub fn place((company, employee): (CompanyId, EmployeeId), told: &str) -> String {
    format!("/companies/{company}/employees/{employee}?told={told}")
}

/// After a change: where it leads, home for those who changed their own standing, the page once more when it was refused.
pub async fn lead_on(
    ground: &Ground,
    actor: &Actor,
    page: Page,
    path: (CompanyId, EmployeeId),
    done: Result<String, Problem>,
) -> Result<HttpResponse, Problem> {
    match done {
        Ok(_) if actor.employee == Some(path.1) => Ok(page::go("/")),
        Ok(then) => Ok(page::go(&then)),
        Err(problem) => refused(ground, actor, page, path, problem).await,
    }
}

/// The page once more, with the refusal above it or beside its field; by way of the proof when that is all that lacks.
pub async fn refused(
    ground: &Ground,
    actor: &Actor,
    page: Page,
    path: (CompanyId, EmployeeId),
    problem: Problem,
) -> Result<HttpResponse, Problem> {
    if problem.kind == Kind::ProveAgain && actor.session.is_some() {
        return Ok(page::prove_by_card_first(actor, ground.clock().now(), &place(path, "proven")));
    }
    if !matches!(problem.kind, Kind::AlreadyDone | Kind::Conflict | Kind::Invalid) {
        return Err(problem);
    }
    let page = page_of(ground, actor, page.refused(&problem), path).await?;
    page::render(problem.kind.status(), &page)
}
