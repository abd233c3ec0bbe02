//! The pages of recoveries and of one's own key history.

use actix_web::{HttpRequest, HttpResponse, get, http::StatusCode, post, web};
use askama::Template;
use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    Bundle, KeyFile, Possibility, Recovery, RecoveryError, RecoveryState, Standing, read,
    routes::{Asked, Asking, ask_once, object_to, take_back},
};
use crate::{
    archives,
    employees::{self, EmployeeState},
    http::{
        body::Form,
        guard::Granted,
        idempotency::Idempotency,
        listing::AfterTold,
        network::network_of,
        page::{self, Page},
        permissions::right,
        problem::{Kind, Problem},
    },
    phones,
    platform::{
        actor::{Actor, Role},
        ground::Ground,
        id::{EmployeeId, RecoveryId},
        moment::Moment,
        secret::Secret,
    },
};

/// Adds the routes.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(show_list).service(ask_form).service(ask_post).service(show_one).service(approval).service(objection);
    config
        .service(withdrawal)
        .service(collection)
        .service(history_form)
        .service(history_post)
        .service(share_again_form)
        .service(share_again_post);
}

/// The colour and the words of a state.
pub fn state_badge(state: RecoveryState) -> (&'static str, &'static str) {
    match state {
        RecoveryState::Approved => ("success", "recoveries.state_approved"),
        RecoveryState::Asked => ("warning", "recoveries.state_asked"),
        RecoveryState::Collected => ("info", "recoveries.state_collected"),
        RecoveryState::Lapsed => ("info", "recoveries.state_lapsed"),
        RecoveryState::Objected => ("error", "recoveries.state_objected"),
        RecoveryState::Withdrawn => ("info", "recoveries.state_withdrawn"),
    }
}

/// The colour and the words of what is possible.
pub fn possibility_words(possibility: Possibility) -> (&'static str, &'static str) {
    match possibility {
        Possibility::Possible => ("success", "recoveries.possible"),
        Possibility::Soon => ("info", "recoveries.possible_soon"),
        Possibility::TooFewPeople => ("warning", "recoveries.too_few_people"),
    }
}

#[derive(Template)]
#[template(path = "recoveries/list.html")]
struct ListPage {
    page: Page,
    lead: &'static str,
    items: Vec<Line>,
    next: Option<String>,
    standing: Option<Standing>,
}

struct Line {
    recovery: Recovery,
    name: String,
}

#[get("/recoveries")]
async fn show_list(
    granted: Granted<right::SeeRecoveries>,
    ground: web::Data<Ground>,
    page: Page,
    query: web::Query<AfterTold>,
) -> Result<HttpResponse, Problem> {
    let mut reader = ground.database.read().await?;
    let listing = read::list(&mut reader, &granted.actor, query.cursor()?.as_ref()).await?;
    let mut items = Vec::with_capacity(listing.items.len());
    for recovery in listing.items {
        items.push(Line { name: read::name_of(&mut reader, &recovery).await?, recovery });
    }
    let company = granted.actor.company.filter(|_| granted.actor.is(Role::Administrator));
    let standing = match company {
        Some(company) => Some(super::standing(&mut reader, company).await?),
        None => None,
    };
    let page = match query.told.as_deref() {
        Some("offered") => page.clone().told(page.say("recoveries.offered")),
        Some(_) | None => page,
    };
    let lead = if standing.is_some() { "recoveries.lead" } else { "recoveries.own_lead" };
    page::show(&ListPage { page, lead, items, next: listing.next.map(|cursor| cursor.word()), standing })
}

#[derive(Template)]
#[template(path = "recoveries/new.html")]
struct NewPage {
    page: Page,
    employee: EmployeeId,
    name: String,
    /// What asking does.
    lead: &'static str,
    possibility: Possibility,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    employee: EmployeeId,
    /// The language link.
    #[serde(rename = "language")]
    _language: Option<String>,
}

async fn new_page(ground: &Ground, actor: &Actor, page: Page, employee: EmployeeId) -> Result<NewPage, Problem> {
    let company = actor.company.ok_or(RecoveryError::NotFound)?;
    let mut reader = ground.database.read().await?;
    let found = employees::read::employee(&mut reader, company, employee).await?.ok_or(RecoveryError::NotFound)?;
    let standing = super::standing(&mut reader, company).await?;
    let lead = match found.state {
        EmployeeState::Left => "recoveries.ask_lead_left",
        EmployeeState::Active | EmployeeState::Invited | EmployeeState::Suspended => "recoveries.ask_lead",
    };
    Ok(NewPage { page, employee, name: found.name().to_owned(), lead, possibility: standing.possibility })
}

/// Leads through password and key, and back here.
fn prove_first(back: &str) -> HttpResponse {
    let query = serde_urlencoded::to_string([("next", back)]).unwrap_or_default();
    page::go(&format!("/account/prove?{query}"))
}

#[get("/recoveries/new")]
async fn ask_form(
    granted: Granted<right::RecoverKeys>,
    ground: web::Data<Ground>,
    page: Page,
    about: web::Query<About>,
) -> Result<HttpResponse, Problem> {
    let shown = new_page(&ground, &granted.actor, page, about.employee).await?;
    if !granted.actor.has_proven(ground.clock().now()) {
        return Ok(prove_first(&format!("/recoveries/new?employee={}", about.employee)));
    }
    page::show(&shown)
}

#[post("/recoveries")]
async fn ask_post(
    granted: Granted<right::RecoverKeys>,
    ground: web::Data<Ground>,
    page: Page,
    key: Idempotency,
    form: Form<Asking>,
) -> Result<HttpResponse, Problem> {
    match ask_once(&ground, &granted.actor, &form.0, &key).await {
        Ok(Asked::New(id)) => Ok(page::go(&format!("/recoveries/{id}"))),
        Ok(Asked::Earlier(_)) => Ok(page::go("/recoveries")),
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(prove_first(&format!("/recoveries/new?employee={}", form.0.employee))),
        Err(problem) if matches!(problem.kind, Kind::AlreadyDone | Kind::Conflict | Kind::Invalid) => {
            let page = page.refused(&problem).typed("reason", &form.0.reason);
            page::render(problem.kind.status(), &new_page(&ground, &granted.actor, page, form.0.employee).await?)
        }
        Err(problem) => Err(problem),
    }
}

/// What the reader can do about a recovery.
#[derive(Default)]
struct May {
    object: bool,
    approve: bool,
    collect: bool,
    wait: bool,
    wait_for_approval: bool,
    withdraw: bool,
}

impl May {
    fn of(actor: &Actor, recovery: &Recovery, now: Moment) -> Self {
        if !recovery.is_open(now) {
            return Self::default();
        }
        let administers = actor.is(Role::Administrator);
        let asked = recovery.asked_by == actor.account;
        let approved = recovery.state == RecoveryState::Approved;
        let early = now < recovery.collectable_from();
        Self {
            object: Some(recovery.employee) == actor.employee && recovery.is_objectable(now),
            approve: administers && !asked && !approved,
            collect: administers && asked && approved && !early,
            wait: asked && approved && early,
            wait_for_approval: asked && !approved,
            withdraw: administers,
        }
    }
}

#[derive(Template)]
#[template(path = "recoveries/one.html")]
struct OnePage {
    page: Page,
    recovery: Recovery,
    name: String,
    may: May,
    /// Whether a phone may say yes for the reader.
    has_phone: bool,
}

async fn one_page(ground: &Ground, actor: &Actor, page: Page, id: RecoveryId) -> Result<OnePage, Problem> {
    let mut reader = ground.database.read().await?;
    let recovery = read::visible(&mut reader, actor, id).await?.ok_or(RecoveryError::NotFound)?;
    let found = employees::read::employee(&mut reader, recovery.company, recovery.employee).await?;
    let employee = found.ok_or(RecoveryError::NotFound)?;
    let may = May::of(actor, &recovery, ground.clock().now());
    let now = ground.clock().now();
    let has_phone = phones::read::usable(&mut reader, actor.account).await?.iter().any(|phone| phone.signs(now));
    Ok(OnePage { page, name: employee.name().to_owned(), recovery, may, has_phone })
}

#[get("/recoveries/{id}")]
async fn show_one(
    granted: Granted<right::SeeRecoveries>,
    ground: web::Data<Ground>,
    page: Page,
    id: web::Path<RecoveryId>,
) -> Result<HttpResponse, Problem> {
    page::show(&one_page(&ground, &granted.actor, page, *id).await?)
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct PasswordForm {
    password: Secret<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// The page once more with what was refused; without a fresh proof the way leads there first.
async fn refused(ground: &Ground, actor: &Actor, page: Page, id: RecoveryId, error: RecoveryError) -> Result<HttpResponse, Problem> {
    let problem = Problem::from(error);
    if problem.kind == Kind::ProveAgain {
        return Ok(prove_first(&format!("/recoveries/{id}")));
    }
    if matches!(problem.kind, Kind::NotFound | Kind::Unforeseen) {
        return Err(problem);
    }
    let page = one_page(ground, actor, page.refused(&problem), id).await?;
    page::render(problem.kind.status(), &page)
}

#[post("/recoveries/{id}/approval")]
async fn approval(
    granted: Granted<right::RecoverKeys>,
    ground: web::Data<Ground>,
    request: HttpRequest,
    page: Page,
    id: web::Path<RecoveryId>,
    form: Form<PasswordForm>,
) -> Result<HttpResponse, Problem> {
    let network = network_of(&request, &ground);
    match super::approve(&ground, &granted.actor, *id, &form.0.password, &network).await {
        Ok(()) => Ok(page::go(&format!("/recoveries/{id}"))),
        Err(error) => refused(&ground, &granted.actor, page, *id, error).await,
    }
}

#[post("/recoveries/{id}/objection")]
async fn objection(
    granted: Granted<right::ObjectToRecovery>,
    ground: web::Data<Ground>,
    page: Page,
    id: web::Path<RecoveryId>,
    _form: Form<Nothing>,
) -> Result<HttpResponse, Problem> {
    match object_to(&ground, &granted.actor, *id).await {
        Ok(()) => Ok(page::go(&format!("/recoveries/{id}"))),
        Err(error) => refused(&ground, &granted.actor, page, *id, error).await,
    }
}

#[post("/recoveries/{id}/withdrawal")]
async fn withdrawal(
    granted: Granted<right::RecoverKeys>,
    ground: web::Data<Ground>,
    page: Page,
    id: web::Path<RecoveryId>,
    _form: Form<Nothing>,
) -> Result<HttpResponse, Problem> {
    match take_back(&ground, &granted.actor, *id).await {
        Ok(()) => Ok(page::go(&format!("/recoveries/{id}"))),
        Err(error) => refused(&ground, &granted.actor, page, *id, error).await,
    }
}

/// The files and their password, this once.
#[derive(Template)]
#[template(path = "recoveries/handed_out.html")]
struct HandedOutPage {
    page: Page,
    name: String,
    bundle: Bundle,
}

impl HandedOutPage {
    fn encoded(&self, file: &KeyFile) -> String {
        STANDARD.encode(&file.content)
    }
}

#[post("/recoveries/{id}/collection")]
async fn collection(
    granted: Granted<right::RecoverKeys>,
    ground: web::Data<Ground>,
    request: HttpRequest,
    page: Page,
    id: web::Path<RecoveryId>,
    form: Form<PasswordForm>,
) -> Result<HttpResponse, Problem> {
    let network = network_of(&request, &ground);
    match super::collect(&ground, &granted.actor, *id, &form.0.password, &network).await {
        Ok(bundle) => {
            let name = one_page(&ground, &granted.actor, page.clone(), *id).await?.name;
            page::render(StatusCode::OK, &HandedOutPage { page, name, bundle })
        }
        Err(error) => refused(&ground, &granted.actor, page, *id, error).await,
    }
}

#[derive(Template)]
#[template(path = "recoveries/history.html")]
struct HistoryPage {
    page: Page,
    keys: usize,
}

async fn history_page(ground: &Ground, actor: &Actor, page: Page) -> Result<HistoryPage, Problem> {
    let employee = actor.employee.ok_or(RecoveryError::NotFound)?;
    let keys = archives::read::keys_of(&mut ground.database.read().await?, employee).await?.len();
    Ok(HistoryPage { page, keys })
}

#[derive(Template)]
#[template(path = "recoveries/reshare.html")]
struct ResharePage {
    page: Page,
    behind: usize,
}

async fn reshare_page(ground: &Ground, actor: &Actor, page: Page) -> Result<ResharePage, Problem> {
    let company = actor.company.ok_or(RecoveryError::NotFound)?;
    let behind = archives::behind(ground, company).await.map_err(RecoveryError::from)?.len();
    Ok(ResharePage { page, behind })
}

#[get("/recovery-holders")]
async fn share_again_form(granted: Granted<right::RecoverKeys>, ground: web::Data<Ground>, page: Page) -> Result<HttpResponse, Problem> {
    if !granted.actor.has_proven(ground.clock().now()) {
        return Ok(prove_first("/recovery-holders"));
    }
    page::show(&reshare_page(&ground, &granted.actor, page).await?)
}

#[post("/recovery-holders")]
async fn share_again_post(
    granted: Granted<right::RecoverKeys>,
    ground: web::Data<Ground>,
    request: HttpRequest,
    page: Page,
    form: Form<PasswordForm>,
) -> Result<HttpResponse, Problem> {
    let network = network_of(&request, &ground);
    match super::reshare(&ground, &granted.actor, &form.0.password, &network).await {
        Ok(_) => {
            let page = page.clone().told(page.say("recoveries.reshared"));
            page::show(&reshare_page(&ground, &granted.actor, page).await?)
        }
        Err(RecoveryError::ProveAgain) => Ok(prove_first("/recovery-holders")),
        Err(error) => {
            let problem = Problem::from(error);
            let shown = reshare_page(&ground, &granted.actor, page.refused(&problem)).await?;
            page::render(problem.kind.status(), &shown)
        }
    }
}

#[get("/key-history")]
async fn history_form(granted: Granted<right::FetchOwnKeys>, ground: web::Data<Ground>, page: Page) -> Result<HttpResponse, Problem> {
    if !granted.actor.has_proven(ground.clock().now()) {
        return Ok(prove_first("/key-history"));
    }
    page::show(&history_page(&ground, &granted.actor, page).await?)
}

#[post("/key-history")]
async fn history_post(
    granted: Granted<right::FetchOwnKeys>,
    ground: web::Data<Ground>,
    request: HttpRequest,
    page: Page,
    form: Form<PasswordForm>,
) -> Result<HttpResponse, Problem> {
    let network = network_of(&request, &ground);
    match super::fetch_own(&ground, &granted.actor, &form.0.password, &network).await {
        Ok(bundle) => page::render(StatusCode::OK, &HandedOutPage { page, name: granted.actor.name.clone(), bundle }),
        Err(RecoveryError::ProveAgain) => Ok(prove_first("/key-history")),
        Err(error) => {
            let problem = Problem::from(error);
            let page = page.refused(&problem);
            page::render(problem.kind.status(), &history_page(&ground, &granted.actor, page).await?)
        }
    }
}
