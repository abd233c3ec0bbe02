//! What every page knows: language, who is logged in, the session's form token, the faults of the last try.

use actix_web::{FromRequest, HttpRequest, HttpResponse, cookie::Cookie, dev::Payload, http::StatusCode, http::header, web};
use askama::Template;
use futures_util::future::LocalBoxFuture;

use super::{
    assets, csrf, guard,
    menu::{self, Entry},
    problem::{Kind, Problem},
};
use crate::{
    config::Mode,
    platform::{
        actor::{Actor, Role},
        fault::FieldFault,
        ground::Ground,
        moment::Moment,
        words::{Language, Words},
    },
};

/// The cookie that remembers the chosen language.
pub const LANGUAGE_COOKIE: &str = "segl_language";

/// What the layout and the form parts need.
#[derive(Clone, Debug)]
pub struct Page {
    /// The words.
    pub words: Words,
    /// The path, for the menu and the language links.
    pub path: String,
    /// Who is logged in.
    pub actor: Option<Actor>,
    /// The session's form token; empty without a session.
    pub csrf: String,
    /// Whether this is the demonstration.
    pub demo: bool,
    /// Faults of the last try.
    pub faults: Vec<FieldFault>,
    /// What was typed in the last try (never secrets).
    pub values: Vec<(String, String)>,
    /// The refusal above the content.
    pub alert: Option<String>,
    /// The good news above the content.
    pub news: Option<String>,
}

/// The language of a request: the link's, the cookie's, the browser's.
pub fn language(request: &HttpRequest) -> Language {
    let from_cookie = request.cookie(LANGUAGE_COOKIE).and_then(|cookie| Language::of(cookie.value()));
    let header = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    chosen(request).or(from_cookie).or_else(|| header.map(Language::accepted)).unwrap_or_default()
}

/// The language that `?language=` asks for.
pub fn chosen(request: &HttpRequest) -> Option<Language> {
    request.query_string().split('&').find_map(|pair| Language::of(pair.strip_prefix("language=")?))
}

/// The cookie for a chosen language.
pub fn language_cookie(language: Language) -> Cookie<'static> {
    let mut cookie = Cookie::new(LANGUAGE_COOKIE, language.tag());
    cookie.set_path("/");
    cookie.set_http_only(true);
    cookie.set_same_site(actix_web::cookie::SameSite::Lax);
    cookie.set_max_age(time::Duration::days(365));
    cookie
}

impl Page {
    /// The context of a request.
    ///
    /// # Errors
    /// When the session cannot be looked up.
    pub async fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let actor = guard::actor(request).await?;
        Ok(Self::for_actor(request, actor))
    }

    /// The context of a request whose actor is known (or whose look-up failed).
    pub fn for_actor(request: &HttpRequest, actor: Option<Actor>) -> Self {
        let demo = request.app_data::<web::Data<Ground>>().is_some_and(|ground| ground.config.server.mode == Mode::Demonstration);
        let csrf = guard::session_cookie(request).map(|session| csrf::token(&session)).unwrap_or_default();
        Self {
            words: Words(language(request)),
            path: request.path().to_owned(),
            actor,
            csrf,
            demo,
            faults: Vec::new(),
            values: Vec::new(),
            alert: None,
            news: None,
        }
    }

    /// The text of a key.
    pub fn say(&self, key: &str) -> String {
        self.words.say(key)
    }

    /// The text of a key with one value.
    pub fn with(&self, key: &str, name: &str, value: impl ToString) -> String {
        self.words.with(key, &[(name, &value.to_string())])
    }

    /// The text of a key with two values.
    pub fn with2(&self, key: &str, first: &str, value: impl ToString, second: &str, other: impl ToString) -> String {
        self.words.with(key, &[(first, &value.to_string()), (second, &other.to_string())])
    }

    /// `da` or `en`.
    pub fn tag(&self) -> &'static str {
        self.words.0.tag()
    }

    /// The sentence beside a faulty field.
    pub fn fault(&self, field: &str) -> Option<String> {
        self.faults.iter().find(|fault| fault.field == field).map(|fault| fault.sentence(self.words.0))
    }

    /// The sentence of a fault.
    pub fn sentence(&self, fault: &FieldFault) -> String {
        fault.sentence(self.words.0)
    }

    /// What was typed into a field.
    pub fn value(&self, field: &str) -> String {
        self.values.iter().find(|(name, _)| name == field).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// Whether an option of a field was chosen.
    pub fn chose(&self, field: &str, option: &str) -> bool {
        self.values.iter().any(|(name, value)| name == field && value == option)
    }

    /// Whether the one who is logged in has a role, by its word.
    pub fn is(&self, role: &str) -> bool {
        Role::of(role).is_some_and(|role| self.actor.as_ref().is_some_and(|actor| actor.is(role)))
    }

    /// A moment for people: Danish time, as `22. november 2026 kl. 21.05 (CET)` or `22 November 2026, 21:05 (CET)`.
    pub fn time(&self, moment: &Moment) -> String {
        crate::platform::text::people_time(*moment, self.words.0)
    }

    /// Hex digits in groups of four, as people compare them; together they are what they were.
    pub fn groups(&self, hex: impl AsRef<str>) -> Vec<String> {
        let digits: Vec<char> = hex.as_ref().chars().collect();
        digits.chunks(4).map(|group| group.iter().collect()).collect()
    }

    /// The page's path with the other language chosen.
    pub fn in_other_language(&self) -> String {
        let other = match self.words.0 {
            Language::Da => Language::En,
            Language::En => Language::Da,
        };
        format!("{}?language={}", self.path, other.tag())
    }

    /// The URL of an embedded file, as `own/segl.css`: it changes with the content, so that browsers may keep it.
    pub fn asset(&self, path: &str) -> String {
        assets::url(path)
    }

    /// The menu for the one who is logged in.
    pub fn menu(&self) -> Vec<Entry> {
        menu::of(self.actor.as_ref(), &self.path)
    }

    /// Tells that something went well, above the content.
    #[must_use]
    pub fn told(mut self, sentence: impl Into<String>) -> Self {
        self.news = Some(sentence.into());
        self
    }

    /// The same by the key of its words, if there is any news.
    #[must_use]
    pub fn with_news(self, key: Option<&str>) -> Self {
        match key.map(|key| self.say(key)) {
            Some(sentence) => self.told(sentence),
            None => self,
        }
    }

    /// Takes a refusal into the page, to show the form again.
    #[must_use]
    pub fn refused(mut self, problem: &Problem) -> Self {
        self.faults.clone_from(&problem.faults);
        self.alert = Some(problem.sentence_with_reference(self.words.0));
        self
    }

    /// Keeps what was typed.
    #[must_use]
    pub fn typed(mut self, field: &str, value: &str) -> Self {
        self.values.push((field.to_owned(), value.to_owned()));
        self
    }
}

impl FromRequest for Page {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::of(&request).await })
    }
}

/// The page as an answer with a status.
///
/// # Errors
/// When the template fails, which is unforeseen.
pub fn render(status: StatusCode, template: &impl Template) -> Result<HttpResponse, Problem> {
    let text = template.render().map_err(|error| Problem::unforeseen(&error))?;
    Ok(HttpResponse::build(status).content_type("text/html; charset=utf-8").insert_header((header::CACHE_CONTROL, "no-store")).body(text))
}

/// The page as a plain 200.
///
/// # Errors
/// When the template fails, which is unforeseen.
pub fn show(template: &impl Template) -> Result<HttpResponse, Problem> {
    render(StatusCode::OK, template)
}

/// After a form: 303 to where the person goes next (RFC 9110 section 15.4.4).
pub fn go(to: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, to)).insert_header((header::CACHE_CONTROL, "no-store")).finish()
}

/// To the proof that a weighty change needs, and then on to `then`.
pub fn prove_first(then: &str) -> HttpResponse {
    go(&prove_path(then))
}

/// As [`prove_first`], for what a code token does not prove: whoever has just shown one is told so there, and is not sent round and round.
pub fn prove_by_card_first(actor: &Actor, now: Moment, then: &str) -> HttpResponse {
    let told = if actor.has_proven(now) { "&why=card" } else { "" };
    go(&format!("{}{told}", prove_path(then)))
}

/// As [`prove_by_card_first`], when the part of a change that needs no proof is done: that page tells so, by the word `done`.
pub fn prove_for_the_rest(actor: &Actor, now: Moment, then: &str, done: &str) -> HttpResponse {
    let told = if actor.has_proven(now) { "&why=card" } else { "" };
    go(&format!("{}{told}&done={done}", prove_path(then)))
}

fn prove_path(then: &str) -> String {
    let query = serde_urlencoded::to_string([("next", then)]).unwrap_or_default();
    format!("/account/prove?{query}")
}

/// The page of a refusal.
#[derive(Template)]
#[template(path = "shared/problem.html")]
pub struct ProblemPage {
    /// The context.
    pub page: Page,
    /// Its title.
    pub title: String,
    /// What happened and what to do.
    pub sentence: String,
    /// What is wrong with the fields.
    pub faults: Vec<String>,
    /// The status code.
    pub status: u16,
    /// What to tell the help desk.
    pub request_id: String,
    /// Whether to offer the way to log in.
    pub offer_login: bool,
    /// Where to prove it again, and go back to the form after that; empty when that does not help.
    pub prove: String,
}

impl ProblemPage {
    /// The page of a problem.
    pub fn of(problem: &Problem, page: Page, request: &HttpRequest, request_id: String) -> Self {
        let prove = if problem.kind == Kind::ProveAgain { prove_path(&form_of(request)) } else { String::new() };
        let language = page.words.0;
        Self {
            title: problem.kind.title(language),
            sentence: problem.sentence_with_reference(language),
            faults: problem.faults.iter().map(|fault| fault.sentence(language)).collect(),
            status: problem.kind.status().as_u16(),
            request_id,
            offer_login: problem.kind == Kind::NotLoggedIn,
            prove,
            page,
        }
    }
}

/// The page whose form was sent, if its browser tells; else the account's.
fn form_of(request: &HttpRequest) -> String {
    let told = request.headers().get(header::REFERER).and_then(|value| value.to_str().ok());
    let path = told.and_then(|url| url.parse::<actix_web::http::Uri>().ok()).map(|url| url.path().to_owned());
    path.unwrap_or_else(|| "/account".to_owned())
}
