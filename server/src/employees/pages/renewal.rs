//! The page on which an employee renews their certificates.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use askama::Template;

use super::keys::{hand_over, options};
use crate::{
    certificates::{KeyCarrier, ending},
    employees::{
        Employee, EmployeeError,
        carrier::{self, Choice},
        identify::identify,
        read,
        renew::{self, Order},
        routes::renew_own,
    },
    http::{
        body::Form,
        guard::Granted,
        page::{self, Page},
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{actor::Actor, fault::FieldFault, ground::Ground, moment::Moment, secret::Secret},
};

#[derive(Template)]
#[template(path = "employees/renewal.html")]
struct RenewalPage {
    page: Page,
    employee: Employee,
    /// When the first certificate ends, if that is near or past.
    ends: Option<Moment>,
    due: bool,
    /// Where the keys may rest; nothing to choose when there is only one place.
    carriers: Vec<(&'static str, String)>,
    /// Whether a request may come.
    takes_requests: bool,
    /// Whether certificates for mail come too.
    mail: bool,
    /// Whether nobody has said the person's birth date yet.
    asks_birth_date: bool,
    /// The eighteenth birthday, with which a certificate ends that comes near its end.
    adult_at: Option<Moment>,
}

impl RenewalPage {
    async fn of(ground: &Ground, actor: &Actor, page: Page) -> Result<Self, Problem> {
        let now = ground.clock().now();
        let mut reader = ground.database.read().await?;
        let employee = read::of_account(&mut reader, actor.account).await?.ok_or(EmployeeError::NotFound)?;
        drop(reader);
        let identity = identify(ground, employee.id, None).await?;
        let mut reader = ground.database.read().await?;
        let due = !renew::due(&mut reader, &employee, now, identity.youth_until).await?.is_empty();
        let ends = ending::of_employee(&mut reader, employee.id, now).await?;
        let allowed = carrier::allowed(&mut reader, employee.company).await?;
        let page = if page.value("carrier").is_empty() && allowed.contains(&KeyCarrier::Central) {
            page.typed("carrier", KeyCarrier::Central.word())
        } else {
            page
        };
        let takes_requests = allowed.iter().any(|one| matches!(one, KeyCarrier::OwnSoftware | KeyCarrier::Hardware));
        let carriers = if allowed.len() > 1 { options(&page, &allowed) } else { Vec::new() };
        let mail = employee.email_in_certificate.is_included();
        let (asks_birth_date, adult_at) = (identity.lacks_birth_date, identity.youth_until.filter(|_| ends.is_some()));
        Ok(Self { page, employee, ends, due, carriers, takes_requests, mail, asks_birth_date, adult_at })
    }
}

/// What the form sends.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RenewalForm {
    password: Secret<String>,
    #[serde(default)]
    birth_date: String,
    #[serde(default)]
    carrier: String,
    #[serde(default)]
    request: String,
    #[serde(default)]
    mail_request: String,
    #[serde(default)]
    encryption_request: String,
}

/// The form, after a fresh proof when there is something to renew; without one the way leads there first.
#[get("/renewal")]
pub async fn show_renewal(
    granted: Granted<right::RenewCertificates>,
    ground: web::Data<Ground>,
    page: Page,
) -> Result<HttpResponse, Problem> {
    let shown = RenewalPage::of(&ground, &granted.actor, page).await?;
    if shown.due && !granted.actor.has_proven(ground.clock().now()) {
        return Ok(page::go("/account/prove?next=%2Frenewal"));
    }
    page::show(&shown)
}

#[post("/renewal")]
pub async fn renew_now(
    granted: Granted<right::RenewCertificates>,
    ground: web::Data<Ground>,
    page: Page,
    form: Form<RenewalForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let RenewalForm { password, birth_date, carrier, request: signing, mail_request, encryption_request } = form.0;
    let page = page.typed("birth_date", &birth_date).typed("carrier", &carrier).typed("request", &signing);
    let page = page.typed("mail_request", &mail_request).typed("encryption_request", &encryption_request);
    let choice = Choice { carrier, request: signing, mail_request, encryption_request };
    match renew_own(&ground, &granted.actor, &Order { password, choice, birth_date }, &request).await {
        Ok(renewed) => {
            let sentence = page.say("employees.renewed_certificates_news");
            let page = page.told(sentence);
            hand_over(page, renewed.handed_over.as_ref(), Some(renewed.revocation_code.reveal()), "/certificates")
        }
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(page::go("/account/prove?next=%2Frenewal")),
        Err(problem)
            if matches!(problem.kind, Kind::AlreadyDone | Kind::Conflict | Kind::Invalid | Kind::NotRight | Kind::TooManyTries) =>
        {
            let status = problem.kind.status();
            let problem = match problem.kind == Kind::NotRight {
                true => Problem { faults: vec![FieldFault::new("password", "field_password")], ..problem },
                false => problem,
            };
            page::render(status, &RenewalPage::of(&ground, &granted.actor, page.refused(&problem)).await?)
        }
        Err(problem) => Err(problem),
    }
}
