//! The HTML edge of logging in and proving oneself.

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite},
    get, post, web,
};
use askama::Template;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{
    Chosen, LoginError, Opened, Origin,
    device_routes::{device_cookie, device_token, know},
    read,
    refusal_routes::told,
    routes::session_cookie,
    switch_card::ready_cards,
};
use crate::{
    approvals::NotAsked,
    http::{
        body::Form,
        guard::{Granted, MaybeActor},
        network::network_of,
        page::{Page, go, render, show},
        permissions::right,
        problem::{Kind, Problem},
    },
    keycards::{self, Keycard},
    platform::{actor::Carrier, ground::Ground, id::KeycardId, secret::Secret},
};

/// Carries a log-in from its password to its key. Strict: nobody comes to that page by a link.
const LOGIN_COOKIE: &str = "__Host-segl-login";
/// Carries the user id of another signature of one's own to the log-in. It stands in no URL, and serves for as long as one takes to type a password.
const USER_COOKIE: &str = "__Host-segl-user";

/// The pages.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(login_form).service(check).service(key_form).service(key_check).service(new_card).service(log_out);
    config.service(prove_form).service(prove_check).service(prove_key_form).service(prove_key_check).service(prove_new_card);
}

#[derive(Template)]
#[template(path = "logins/login.html")]
struct LoginPage {
    page: Page,
    next: String,
}

/// Card or phone first, where strangers have tried too often: the same page for a user id that is nobody's.
#[derive(Template)]
#[template(path = "logins/answer_first.html")]
struct AnswerFirstPage {
    page: Page,
    next: String,
    card_ending: String,
    key_number: String,
}

#[derive(Template)]
#[template(path = "logins/key.html")]
struct KeyPage {
    page: Page,
    action: &'static str,
    again: String,
    submit: &'static str,
    next: String,
    card_number: String,
    key_number: String,
    demo_key: Option<String>,
    /// The page that asks for a code of the code token, for who has one.
    token: Option<String>,
    /// Why the phone is not asked, when the person has one.
    not_asked: Option<String>,
    /// Where one answers from another card.
    switch: &'static str,
    /// The cards that lie ready.
    others: Vec<Keycard>,
}

#[derive(Template)]
#[template(path = "logins/prove.html")]
struct ProvePage {
    page: Page,
    next: String,
    /// Whether a code token was shown, which does not suffice.
    by_card: bool,
}

#[derive(Default, serde::Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    pub next: String,
}

/// Where to go after a proof, why another is needed, and what is done without it.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Prove {
    next: String,
    why: String,
    done: String,
}

impl Prove {
    /// What is done already, and what the proof is for.
    fn news(&self) -> Option<&'static str> {
        match self.done.as_str() {
            "phone" => Some("phones.blocked_prove"),
            "phones" => Some("phones.desk_blocked_prove"),
            _ => None,
        }
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct LoginForm {
    user_id: String,
    password: Secret<String>,
    #[serde(default)]
    answer: Option<Secret<String>>,
    #[serde(default)]
    next: String,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyForm {
    key: Secret<String>,
    #[serde(default)]
    next: String,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCardForm {
    card: KeycardId,
    #[serde(default)]
    next: String,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ProveForm {
    password: Secret<String>,
    #[serde(default)]
    next: String,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// A path on this site; anything else is `otherwise`.
pub(super) fn local_path<'a>(next: &'a str, otherwise: &'a str) -> &'a str {
    let is_local = next.starts_with('/')
        && !next.starts_with("//")
        && next.len() <= 500
        && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_local { next } else { otherwise }
}

/// A page's URL that remembers where to go afterwards.
pub(super) fn with_next(path: &str, next: &str) -> String {
    if next.is_empty() {
        return path.to_owned();
    }
    serde_urlencoded::to_string([("next", next)]).map_or_else(|_| path.to_owned(), |query| format!("{path}?{query}"))
}

pub(super) fn login_cookie(token: &str) -> Cookie<'static> {
    // As long as a phone's request may be extended; the row knows when it is over.
    let lives = actix_web::cookie::time::Duration::hours(2);
    Cookie::build(LOGIN_COOKIE, token.to_owned()).path("/").secure(true).http_only(true).same_site(SameSite::Strict).max_age(lives).finish()
}

pub(super) fn removed(mut cookie: Cookie<'static>) -> Cookie<'static> {
    cookie.make_removal();
    cookie
}

/// The log-in on its way, if there is one.
pub(super) fn login_token(request: &HttpRequest) -> Option<String> {
    request.cookie(LOGIN_COOKIE).map(|cookie| cookie.value().to_owned()).filter(|token| !token.is_empty() && token.len() <= 64)
}

pub(super) fn go_with(to: &str, cookies: impl IntoIterator<Item = Cookie<'static>>) -> Result<HttpResponse, Problem> {
    let mut response = go(to);
    for cookie in cookies {
        response.add_cookie(&cookie).map_err(|error| Problem::unforeseen(&error))?;
    }
    Ok(response)
}

/// Logs out of this browser, and to the log-in with a user id filled in.
///
/// # Errors
/// When the cookies cannot be set.
pub fn to_login(user_id: &str) -> Result<HttpResponse, Problem> {
    let lives = actix_web::cookie::time::Duration::minutes(5);
    let value = URL_SAFE_NO_PAD.encode(user_id);
    let user = Cookie::build(USER_COOKIE, value).path("/").secure(true).http_only(true).same_site(SameSite::Strict).max_age(lives).finish();
    go_with("/login", [removed(session_cookie("")), user])
}

/// The user id that [`to_login`] fills in.
fn filled_in(request: &HttpRequest) -> Option<String> {
    let cookie = request.cookie(USER_COOKIE).filter(|cookie| cookie.value().len() <= 100)?;
    String::from_utf8(URL_SAFE_NO_PAD.decode(cookie.value()).ok()?).ok()
}

#[get("/login")]
async fn login_form(page: Page, query: web::Query<Next>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let page = match filled_in(&request) {
        Some(user_id) => page.typed("user_id", &user_id),
        None => page,
    };
    show(&LoginPage { page, next: query.into_inner().next })
}

#[post("/login")]
async fn check(page: Page, form: Form<LoginForm>, request: HttpRequest, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let LoginForm { user_id, password, answer, next } = form.0;
    let (network, earlier, device) = (network_of(&request, &ground), login_token(&request), device_token(&request));
    let origin = Origin { network: &network, earlier: earlier.as_deref(), device: device.as_deref(), answer: answer.as_ref() };
    match super::start(&ground, &user_id, &password, origin).await {
        Ok(started) => {
            let to = started.way(["/login/phone", "/login/key", "/login/token"]);
            go_with(&with_next(to, &next), [login_cookie(&started.token)])
        }
        Err(error) => {
            let problem = told(&ground, error, &network).await.worded(Kind::NotRight, "logins.not_right");
            let page = page.refused(&problem).typed("user_id", &user_id);
            match (problem.told("card_ending"), problem.told("key_number")) {
                (Some(card_ending), Some(key_number)) => {
                    render(problem.kind.status(), &AnswerFirstPage { page, next, card_ending, key_number })
                }
                _ => render(problem.kind.status(), &LoginPage { page, next }),
            }
        }
    }
}

/// Where a log-in leads that has opened a session: the browser is a known device from now on.
pub(super) async fn enter(ground: &Ground, request: &HttpRequest, opened: &Opened, next: &str) -> Result<HttpResponse, Problem> {
    let (network, kept) = (network_of(request, ground), device_token(request));
    let device = know(ground, opened, Carrier::Browser, &network, kept.as_deref()).await;
    let cookies = [session_cookie(&opened.token), removed(login_cookie(""))];
    go_with(local_path(next, "/"), cookies.into_iter().chain(device.map(device_cookie)))
}

#[get("/login/key")]
async fn key_form(page: Page, query: web::Query<Next>, request: HttpRequest, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let next = query.into_inner().next;
    match login_token(&request) {
        Some(token) => match key_page(&ground, page, (&token, &network_of(&request, &ground)), next.clone(), false).await {
            Ok(shown) => show(&shown),
            Err(LoginError::Gone) => Ok(go(&with_next("/login", &next))),
            Err(error) => Err(error.into()),
        },
        None => Ok(go(&with_next("/login", &next))),
    }
}

fn say_why(page: &Page, why: NotAsked) -> String {
    match why {
        NotAsked::Full => page.say("approvals.full"),
        NotAsked::Paused { until } => page.with("approvals.paused", "until", page.time(&until)),
    }
}

async fn key_page(ground: &Ground, page: Page, (token, network): (&str, &str), next: String, proof: bool) -> Result<KeyPage, LoginError> {
    let question = read::question(ground, token).await?;
    let demo_key = keycards::demo_key(ground, question.challenge).await?;
    let by_token = super::takes_token(ground, token).await?;
    let not_asked = super::not_asked(ground, token, network).await?.map(|why| say_why(&page, why));
    let others = ready_cards(ground, token, question.challenge).await?;
    let (action, again, submit, switch) = match proof {
        true => ("/account/prove/key", "/account/prove", "logins.prove_submit", "/account/prove/card"),
        false => ("/login/key", "/login", "logins.key_submit", "/login/card"),
    };
    let keycards::Question { card_number, key_number, .. } = question;
    let again = with_next(again, &next);
    let token = by_token.then(|| with_next(if proof { "/account/prove/token" } else { "/login/token" }, &next));
    Ok(KeyPage { token, page, action, again, submit, next, card_number, key_number, demo_key, not_asked, switch, others })
}

/// The key's page once more, with what was wrong; the first page when there is nothing left to answer.
async fn key_again(
    ground: &Ground,
    page: Page,
    from: (&str, &str),
    next: String,
    error: LoginError,
    proof: bool,
) -> Result<HttpResponse, Problem> {
    let problem = told(ground, error, from.1).await.worded(Kind::NotRight, "logins.key_not_right");
    if !matches!(problem.kind, Kind::NotRight | Kind::Gone) {
        return Err(problem);
    }
    let shown = key_page(ground, page.clone().refused(&problem), from, next.clone(), proof).await;
    match shown {
        Ok(shown) => render(problem.kind.status(), &shown),
        Err(LoginError::Gone) if proof => render(problem.kind.status(), &ProvePage { page: page.refused(&problem), next, by_card: false }),
        Err(LoginError::Gone) => render(problem.kind.status(), &LoginPage { page: page.refused(&problem), next }),
        Err(error) => Err(error.into()),
    }
}

#[post("/login/key")]
async fn key_check(page: Page, form: Form<KeyForm>, request: HttpRequest, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let KeyForm { key, next } = form.0;
    let Some(token) = login_token(&request) else { return Ok(go(&with_next("/login", &next))) };
    let network = network_of(&request, &ground);
    match super::answer(&ground, &token, key.reveal(), Carrier::Browser, &network).await {
        Ok(opened) => enter(&ground, &request, &opened, &next).await,
        Err(error) => key_again(&ground, page, (&token, &network), next, error, false).await,
    }
}

/// The person has a new card: it is asked instead.
#[post("/login/card")]
async fn new_card(form: Form<NewCardForm>, request: HttpRequest, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    ask_new_card(&ground, &request, &form.0, ("/login/key", "/login")).await
}

async fn ask_new_card(
    ground: &Ground,
    request: &HttpRequest,
    form: &NewCardForm,
    (to, back): (&str, &str),
) -> Result<HttpResponse, Problem> {
    let Some(token) = login_token(request) else { return Ok(go(&with_next(back, &form.next))) };
    match super::switch_card(ground, &token, Chosen::Id(form.card)).await {
        Ok(_) => Ok(go(&with_next(to, &form.next))),
        Err(LoginError::Gone) => Ok(go(&with_next(back, &form.next))),
        Err(error) => Err(error.into()),
    }
}

#[post("/logout")]
async fn log_out(actor: MaybeActor, _form: Form<Nothing>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    if let Some(actor) = actor.0
        && let Some(session) = actor.session
    {
        ground.database.write(async |unit| super::end(unit, &actor, session).await).await?;
    }
    go_with("/", [removed(session_cookie(""))])
}

#[get("/account/prove")]
async fn prove_form(_granted: Granted<right::SeeOneself>, page: Page, query: web::Query<Prove>) -> Result<HttpResponse, Problem> {
    let asked = query.into_inner();
    let page = page.with_news(asked.news());
    show(&ProvePage { page, by_card: asked.why == "card", next: asked.next })
}

#[post("/account/prove")]
async fn prove_check(
    granted: Granted<right::SeeOneself>,
    page: Page,
    form: Form<ProveForm>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let ProveForm { password, next } = form.0;
    let network = network_of(&request, &ground);
    match super::ask_proof(&ground, &granted.actor, &password, &network).await {
        Ok(started) => {
            let to = started.way(["/account/prove/phone", "/account/prove/key", "/account/prove/token"]);
            go_with(&with_next(to, &next), [login_cookie(&started.token)])
        }
        Err(error) => {
            let problem = told(&ground, error, &network).await.worded(Kind::NotRight, "logins.password_not_right");
            render(problem.kind.status(), &ProvePage { page: page.refused(&problem), next, by_card: false })
        }
    }
}

#[get("/account/prove/key")]
async fn prove_key_form(
    _granted: Granted<right::SeeOneself>,
    page: Page,
    query: web::Query<Next>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let next = query.into_inner().next;
    let Some(token) = login_token(&request) else { return Ok(go(&with_next("/account/prove", &next))) };
    match key_page(&ground, page, (&token, &network_of(&request, &ground)), next.clone(), true).await {
        Ok(shown) => show(&shown),
        Err(LoginError::Gone) => Ok(go(&with_next("/account/prove", &next))),
        Err(error) => Err(error.into()),
    }
}

#[post("/account/prove/key")]
async fn prove_key_check(
    granted: Granted<right::SeeOneself>,
    page: Page,
    form: Form<KeyForm>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let KeyForm { key, next } = form.0;
    let Some(token) = login_token(&request) else { return Ok(go(&with_next("/account/prove", &next))) };
    match super::answer_proof(&ground, &granted.actor, &token, key.reveal()).await {
        Ok(()) => go_with(local_path(&next, "/account"), [removed(login_cookie(""))]),
        Err(error) => key_again(&ground, page, (&token, &network_of(&request, &ground)), next, error, true).await,
    }
}

/// As on the way in.
#[post("/account/prove/card")]
async fn prove_new_card(
    _granted: Granted<right::SeeOneself>,
    form: Form<NewCardForm>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    ask_new_card(&ground, &request, &form.0, ("/account/prove/key", "/account/prove")).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_login_only_a_path_of_this_site_is_gone_to() {
        assert_eq!(local_path("/documents?after=1", "/"), "/documents?after=1");
        for foreign in ["", "//evil.example", "https://evil.example", "/\\evil.example", "/a b", "javascript:alert(1)", "/\r\nx: y"] {
            assert_eq!(local_path(foreign, "/"), "/", "{foreign:?}");
        }
    }
}
