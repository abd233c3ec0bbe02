//! The activation pages: the form behind the mailed link (opening it changes nothing), and the key card afterwards.

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite},
    get,
    http::StatusCode,
    post, web,
};
use askama::Template;

use super::keys::{hand_over, options};
use crate::{
    certificates::KeyCarrier,
    employees::{
        activate::{self, Invited, Request},
        carrier::Choice,
        pickup, read, reissue,
        routes::sheet,
    },
    http::{
        body::Form,
        page::{self, Page},
        problem::{Kind, Problem},
    },
    keycards::{self, KeycardError},
    notices, phones,
    platform::{database::Reader, fault::FieldFault, ground::Ground, moment::Moment, secret::Secret},
};

#[derive(Template)]
#[template(path = "employees/activate.html")]
struct ActivatePage {
    page: Page,
    link: String,
    name: String,
    /// The company's name; none for an operator.
    company: Option<String>,
    needs_code: bool,
    /// Whether nobody told the birth date yet.
    asks_birth_date: bool,
    /// Whether a telephone may be said, and what is on record, its last digits alone.
    takes_telephone: bool,
    telephone: Option<String>,
    /// Whether the person had a password before, and from when certificates follow.
    again: bool,
    waits_until: Option<Moment>,
    /// Whether four digits may be chosen.
    four_digits: bool,
    /// Where the keys may rest; nothing to choose when there is only one place.
    carriers: Vec<(&'static str, String)>,
    /// Whether a request may come.
    takes_requests: bool,
    /// Whether certificates for mail come too.
    mail: bool,
}

impl ActivatePage {
    fn of(page: Page, link: &str, (invited, telephone): (Invited, Option<String>)) -> Self {
        let own = |carrier: &KeyCarrier| matches!(carrier, KeyCarrier::OwnSoftware | KeyCarrier::Hardware);
        let page = if page.value("carrier").is_empty() && invited.carriers.contains(&KeyCarrier::Central) {
            page.typed("carrier", KeyCarrier::Central.word())
        } else {
            page
        };
        Self {
            takes_telephone: invited.takes_telephone(),
            telephone,
            carriers: if invited.carriers.len() > 1 { options(&page, &invited.carriers) } else { Vec::new() },
            takes_requests: invited.carriers.iter().any(own),
            mail: invited.employee.as_ref().is_some_and(|(employee, _)| employee.email_in_certificate.is_included()),
            again: invited.employee.as_ref().is_some_and(|(employee, _)| employee.activated_at.is_some()),
            waits_until: invited.waits_until,
            four_digits: invited.four_digits,
            page,
            link: link.to_owned(),
            name: invited.name,
            company: invited.employee.map(|(_, company)| company.legal_name),
            needs_code: invited.activation.code_verifier.is_some(),
            asks_birth_date: invited.lacks_birth_date,
        }
    }
}

#[get("/activate/{link}")]
pub async fn show_form(ground: web::Data<Ground>, page: Page, link: web::Path<String>) -> Result<HttpResponse, Problem> {
    let mut reader = ground.database.read().await?;
    let invited = activate::invited(&mut reader, &link, ground.clock().now()).await?;
    let telephone = known_telephone(&mut reader, &invited).await?;
    page::show(&ActivatePage::of(page, &link, (invited, telephone)))
}

/// The number that the company said, its last digits alone.
async fn known_telephone(reader: &mut Reader, invited: &Invited) -> Result<Option<String>, Problem> {
    let Some((employee, _)) = &invited.employee else { return Ok(None) };
    Ok(notices::telephone(reader, employee.id.into()).await?.map(|found| found.masked()))
}

/// What the form sends.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Choices {
    #[serde(default)]
    temporary_password: Option<Secret<String>>,
    user_id: String,
    password: Secret<String>,
    password_again: Secret<String>,
    #[serde(default)]
    birth_date: String,
    #[serde(default)]
    telephone: String,
    #[serde(default)]
    carrier: String,
    #[serde(default)]
    request: String,
    #[serde(default)]
    mail_request: String,
    #[serde(default)]
    encryption_request: String,
}

#[post("/activate/{link}")]
pub async fn activate_account(
    ground: web::Data<Ground>,
    page: Page,
    link: web::Path<String>,
    form: Form<Choices>,
) -> Result<HttpResponse, Problem> {
    let Choices { temporary_password, user_id, password, password_again, birth_date, telephone, .. } = form.0;
    let choice = Choice {
        carrier: form.0.carrier,
        request: form.0.request,
        mail_request: form.0.mail_request,
        encryption_request: form.0.encryption_request,
    };
    let mut reader = ground.database.read().await?;
    let invited = activate::invited(&mut reader, &link, ground.clock().now()).await?;
    let known = known_telephone(&mut reader, &invited).await?;
    drop(reader);
    let page = page
        .typed("user_id", &user_id)
        .typed("birth_date", &birth_date)
        .typed("telephone", &telephone)
        .typed("carrier", &choice.carrier)
        .typed("request", &choice.request);
    let page = page.typed("mail_request", &choice.mail_request).typed("encryption_request", &choice.encryption_request);
    let alike = password.reveal() == password_again.reveal();
    let request = Request { link: link.clone(), temporary_password, user_id, password, choice, birth_date, telephone };
    let mut faults = activate::faults(&ground, &request, &invited);
    if !alike {
        faults.push(FieldFault::new("password_again", "field_mismatch"));
    }
    let outcome = match faults.is_empty() {
        true => activate::activate(&ground, &request).await.map_err(Problem::from),
        false => Err(Problem::invalid(faults)),
    };
    match outcome {
        Ok(activated) => {
            let mut response = match &activated.handed_over {
                Some(handed_over) => hand_over(page, Some(handed_over), None, "/activate/done")?,
                None => page::go("/activate/done"),
            };
            response.add_cookie(&card_cookie(&activated.ticket)).map_err(|error| Problem::unforeseen(&error))?;
            Ok(response)
        }
        Err(problem) if matches!(problem.kind, Kind::Invalid | Kind::NotRight) => {
            let status = problem.kind.status();
            page::render(status, &ActivatePage::of(page.refused(&beside_its_field(problem)), &link, (invited, known)))
        }
        Err(problem) => Err(problem),
    }
}

/// A wrong temporary password is told beside its field.
fn beside_its_field(problem: Problem) -> Problem {
    if problem.kind != Kind::NotRight {
        return problem;
    }
    Problem::invalid(vec![FieldFault::new("temporary_password", "field_temporary_password")])
}

fn card_cookie(ticket: &str) -> Cookie<'static> {
    let life = actix_web::cookie::time::Duration::minutes(pickup::LIFE.whole_minutes());
    Cookie::build(pickup::COOKIE, ticket.to_owned())
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Strict)
        .max_age(life)
        .finish()
}

#[derive(Template)]
#[template(path = "employees/done.html")]
struct DonePage {
    page: Page,
    /// The card's number while its sheet can be fetched.
    card: Option<String>,
    /// What revokes the certificates without a login, while the sheet can be fetched.
    code: Option<String>,
    operator: bool,
    /// Whether the card goes by post: then there is no sheet to fetch.
    by_post: bool,
    /// From when certificates follow a replaced password, while that is to come.
    waits_until: Option<Moment>,
    /// Phones that serve still, where the person had a password before.
    phones: Vec<String>,
}

#[get("/activate/done")]
pub async fn show_done(request: HttpRequest, ground: web::Data<Ground>, page: Page) -> Result<HttpResponse, Problem> {
    let cookie = request.cookie(pickup::COOKIE);
    let pickup = match &cookie {
        Some(cookie) => pickup::read(&ground, cookie.value()).await.map_err(KeycardError::from)?,
        None => None,
    };
    let Some(pickup) = pickup else {
        return page::render(
            StatusCode::GONE,
            &DonePage { page, card: None, code: None, operator: false, by_post: false, waits_until: None, phones: Vec::new() },
        );
    };
    let mut reader = ground.database.read().await?;
    let card = keycards::read::card(&mut reader, pickup.card).await?;
    let employee = read::of_account(&mut reader, pickup.account).await?;
    let operator = employee.is_none();
    let waits_until = match employee {
        Some(employee) => reissue::waits_until(&mut reader, employee.id, ground.clock().now()).await?,
        None => None,
    };
    let by_post = read::card_goes_by_post(&mut reader, pickup.account).await?;
    let phones = phones::read::usable(&mut reader, pickup.account).await?;
    let phones = phones.iter().map(|phone| format!("{} ({})", phone.name, page.time(&phone.paired_at))).collect();
    let (card, code) = (card.map(|card| card.number), pickup.revocation_code);
    page::show(&DonePage { page, card, code, operator, by_post, waits_until, phones })
}

#[get("/activate/done/{file}")]
pub async fn fetch_sheet(
    request: HttpRequest,
    ground: web::Data<Ground>,
    page: Page,
    file: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let cookie = request.cookie(pickup::COOKIE).ok_or_else(|| Problem::saying(Kind::Gone, "employees.card_gone"))?;
    sheet(&ground, cookie.value(), &file, page.words).await
}
