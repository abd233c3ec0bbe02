//! The pages of a forgotten password: the user id, the mailed link, the new password, and the page that waits for the phone. They work by
//! refreshing, without script. Opening the link changes nothing.

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite},
    get,
    http::{StatusCode, header},
    post, web,
};
use askama::Template;

use super::{By, Chosen, ResetError, Stands, model::ResetStanding, read};
use crate::{
    approvals,
    http::{
        body::Form,
        network::network_of,
        page::{Page, go, render, show},
        problem::{Kind, Problem},
    },
    phones::{self, Qr},
    platform::{fault::FieldFault, ground::Ground, moment::Moment, secret::Secret},
};

/// Carries a reset from its link to its end. Strict: nobody comes to that page by a link.
const COOKIE: &str = "__Host-segl-reset";
const WAIT: &str = "/password/phone";

/// The pages.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(forgotten).service(ask_link).service(chosen_form).service(claim).service(wait).service(again).service(how_it_stands);
}

#[derive(Template)]
#[template(path = "resets/forgotten.html")]
struct ForgottenPage {
    page: Page,
    sent: bool,
}

#[derive(Template)]
#[template(path = "resets/new.html")]
struct NewPage {
    page: Page,
    action: String,
}

#[derive(Template)]
#[template(path = "resets/phone.html")]
struct PhonePage {
    page: Page,
    standing: ResetStanding,
    number: String,
    /// The digits apart, for those who listen.
    spoken: String,
    scan: Qr,
    until: Moment,
}

impl PhonePage {
    /// What became of it, when the link is of no more use.
    const fn over(&self) -> Option<&'static str> {
        match self.standing {
            ResetStanding::Closed => Some("resets.closed"),
            ResetStanding::NotMe => Some("logins.phone_not_me"),
            ResetStanding::Rejected => Some("logins.phone_rejected"),
            ResetStanding::Done | ResetStanding::Lapsed | ResetStanding::Making | ResetStanding::Waiting => None,
        }
    }

    /// Whether the page changes by itself.
    const fn moves(&self) -> bool {
        matches!(self.standing, ResetStanding::Making | ResetStanding::Waiting)
    }

    /// The word of how it stands, as the script compares it.
    const fn word(&self) -> &'static str {
        match self.standing {
            ResetStanding::Closed => "closed",
            ResetStanding::Done => "done",
            ResetStanding::Lapsed => "lapsed",
            ResetStanding::Making => "making",
            ResetStanding::NotMe => "not-me",
            ResetStanding::Rejected => "rejected",
            ResetStanding::Waiting => "waiting",
        }
    }
}

fn cookie(token: &str) -> Cookie<'static> {
    let lives = actix_web::cookie::time::Duration::hours(2);
    Cookie::build(COOKIE, token.to_owned()).path("/").secure(true).http_only(true).same_site(SameSite::Strict).max_age(lives).finish()
}

fn token(request: &HttpRequest) -> Option<String> {
    request.cookie(COOKIE).map(|cookie| cookie.value().to_owned()).filter(|token| !token.is_empty() && token.len() <= 64)
}

#[get("/password/forgotten")]
async fn forgotten(page: Page) -> Result<HttpResponse, Problem> {
    show(&ForgottenPage { page, sent: false })
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct UserIdForm {
    user_id: String,
}

/// The same page whoever has the user id.
#[post("/password/forgotten")]
async fn ask_link(page: Page, form: Form<UserIdForm>, request: HttpRequest, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let user_id = form.0.user_id;
    if user_id.trim().is_empty() {
        let problem = Problem::invalid(vec![FieldFault::new("user_id", "field_empty")]);
        return render(problem.kind.status(), &ForgottenPage { page: page.refused(&problem), sent: false });
    }
    let network = network_of(&request, &ground);
    match ground.database.write(async |unit| super::ask_link(unit, &user_id, &network).await).await {
        Ok(()) => show(&ForgottenPage { page, sent: true }),
        Err(error @ ResetError::TooOften { .. }) => {
            let problem = Problem::from(error);
            let page = page.refused(&problem).typed("user_id", &user_id);
            render(problem.kind.status(), &ForgottenPage { page, sent: false })
        }
        Err(error) => Err(error.into()),
    }
}

/// The form behind the mailed link. Opening it changes nothing: mail scanners follow links.
#[get("/password/new/{link}")]
async fn chosen_form(page: Page, link: web::Path<String>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    read::open_link(&mut ground.database.read().await?, &link, ground.clock().now()).await?;
    show(&NewPage { page, action: format!("/password/new/{link}") })
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct PasswordForm {
    new_password: Secret<String>,
    repeated: Secret<String>,
}

#[post("/password/new/{link}")]
async fn claim(
    page: Page,
    link: web::Path<String>,
    form: Form<PasswordForm>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let action = format!("/password/new/{link}");
    ask_phone(&ground, page, By::Link(&link), &form.0, &request, action).await
}

/// The browser that claimed the link chooses once more.
#[post("/password/phone")]
async fn again(page: Page, form: Form<PasswordForm>, request: HttpRequest, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let token = token(&request).ok_or(ResetError::Gone)?;
    ask_phone(&ground, page, By::Browser(&token), &form.0, &request, WAIT.to_owned()).await
}

async fn ask_phone(
    ground: &Ground,
    page: Page,
    by: By<'_>,
    form: &PasswordForm,
    request: &HttpRequest,
    action: String,
) -> Result<HttpResponse, Problem> {
    let network = network_of(request, ground);
    let alike = form.new_password.reveal() == form.repeated.reveal();
    let asked = match alike {
        true => super::ask(ground, by, &Chosen { password: &form.new_password, network: &network }).await,
        false => Err(ResetError::Invalid(vec![FieldFault::new("repeated", "field_mismatch")])),
    };
    match asked {
        Ok(asked) => {
            let mut response = go(WAIT);
            response.add_cookie(&cookie(&asked.token)).map_err(|error| Problem::unforeseen(&error))?;
            Ok(response)
        }
        Err(error) => {
            let problem = Problem::from(error);
            if !matches!(problem.kind, Kind::Conflict | Kind::Invalid | Kind::TooManyTries) {
                return Err(problem);
            }
            render(problem.kind.status(), &NewPage { page: page.refused(&problem), action })
        }
    }
}

#[get("/password/phone")]
async fn wait(page: Page, request: HttpRequest, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let Some(token) = token(&request) else { return Ok(go("/password/forgotten")) };
    let Stands { standing, number, scan, expires_at: until } = super::stands(&ground, &token).await?;
    let spoken = approvals::spoken(&number);
    let shown = PhonePage { page, standing, number, spoken, scan: phones::qr(&scan)?, until };
    let mut response = render(StatusCode::OK, &shown)?;
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    Ok(response)
}

/// How it stands, for the page's script.
#[derive(serde::Serialize)]
struct StandsNow {
    state: ResetStanding,
    until: String,
}

#[get("/password/phone/state")]
async fn how_it_stands(page: Page, request: HttpRequest, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let token = token(&request).ok_or(ResetError::Gone)?;
    let stands = super::stands(&ground, &token).await?;
    let until = page.time(&stands.expires_at);
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(StandsNow { state: stands.standing, until }))
}
