//! The pages of takeovers and changes of board: asked for, shown with what lacks, approved, ended.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::{
    Signature, Succession, SuccessionError, SuccessionKind, SuccessionState, Successor,
    content::Content,
    form,
    read::{self, About},
    routes::{Asked, SignedForm, SuccessionBody, about_of, ask_once, minutes_file, record, scan_file, sees_address},
};
use crate::{
    companies::{
        self, Company, CompanyKind, Signatory,
        amend::AmendmentBody,
        pages::{Typed, applicants, pdf_answer, rows_of, typed},
    },
    employees::{self, Employee, EmployeeState},
    http::{
        body::Form,
        guard::Granted,
        idempotency::Idempotency,
        listing::AfterTold,
        page::{self, Page, prove_first},
        permissions::{self, Permission, right},
        problem::{Kind, Problem},
        upload::Upload,
    },
    platform::{
        actor::{Actor, Role},
        database::{Connection, DatabaseError},
        fault::FieldFault,
        ground::Ground,
        id::{CompanyId, SignatoryId, SuccessionId},
        limits,
    },
};

/// Adds the routes.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(show_list).service(new_form).service(ask).service(show_one).service(approve_one).service(open_one).service(end_one);
    config.service(keep_minutes).service(fetch_minutes).service(show_form).service(print_form).service(record_form);
    config.service(fetch_scan).service(send_link);
}

/// The words of a state, and the colour of its badge.
pub fn state_badge(state: SuccessionState) -> (&'static str, &'static str) {
    match state {
        SuccessionState::Asked => ("warning", "successions.state_asked"),
        SuccessionState::Declined => ("error", "successions.state_declined"),
        SuccessionState::Done => ("success", "successions.state_done"),
        SuccessionState::Lapsed => ("info", "successions.state_lapsed"),
        SuccessionState::Refused => ("error", "successions.state_refused"),
        SuccessionState::Requested => ("warning", "successions.state_requested"),
        SuccessionState::Withdrawn => ("info", "successions.state_withdrawn"),
    }
}

/// The words of a kind.
pub fn kind_words(kind: SuccessionKind) -> &'static str {
    match kind {
        SuccessionKind::Board => "successions.board",
        SuccessionKind::Takeover => "successions.takeover",
    }
}

fn place(id: SuccessionId, told: &str) -> String {
    format!("/successions/{id}?told={told}")
}

fn company_name(found: Option<Company>) -> String {
    found.map(|company| company.legal_name).unwrap_or_default()
}

#[derive(Template)]
#[template(path = "successions/list.html")]
struct ListPage {
    page: Page,
    items: Vec<(Succession, String)>,
    next: Option<String>,
}

#[get("/successions")]
async fn show_list(
    granted: Granted<right::SeeSuccessions>,
    ground: web::Data<Ground>,
    page: Page,
    query: web::Query<AfterTold>,
) -> Result<HttpResponse, Problem> {
    let mut reader = ground.database.read().await?;
    let listing = read::list(&mut reader, &granted.actor, query.cursor()?.as_ref()).await?;
    let mut items = Vec::with_capacity(listing.items.len());
    for one in listing.items {
        let name = company_name(companies::read::company(&mut reader, one.company).await?);
        items.push((one, name));
    }
    page::show(&ListPage { page, items, next: listing.next.map(|cursor| cursor.word()) })
}

#[derive(Template)]
#[template(path = "successions/new.html")]
struct NewPage {
    page: Page,
    company: Company,
    kind: SuccessionKind,
    administrators: Vec<Employee>,
    rows: usize,
    most: usize,
}

impl NewPage {
    fn is_board(&self) -> bool {
        self.kind == SuccessionKind::Board
    }

    /// Who it is, and when they were last here: so that nobody is taken for absent who is not.
    fn line(&self, one: &Employee) -> String {
        match &one.used_at {
            Some(at) => self.page.with2("successions.ends_used", "name", one.name(), "time", self.page.time(at)),
            None => self.page.with("successions.ends_unused", "name", one.name()),
        }
    }
}

fn new_place(company: CompanyId, kind: SuccessionKind) -> String {
    format!("/companies/{company}/successions/new?kind={}", kind.word())
}

async fn administrators(connection: &mut impl Connection, company: CompanyId) -> Result<Vec<Employee>, DatabaseError> {
    let mut found = Vec::new();
    for id in companies::read::administrators(connection, company).await? {
        let one = employees::read::employee(connection, company, id).await?;
        found.extend(one.filter(|one| one.state != EmployeeState::Left));
    }
    Ok(found)
}

async fn new_page(
    ground: &Ground,
    actor: &Actor,
    page: Page,
    (company, kind): (CompanyId, SuccessionKind),
    rows: usize,
) -> Result<NewPage, Problem> {
    let own = actor.company == Some(company) && kind == SuccessionKind::Board;
    if !own && !actor.is(Role::Registration) {
        return Err(Problem::of(Kind::NotFound));
    }
    let mut reader = ground.database.read().await?;
    let company = companies::read::company(&mut reader, company).await?.ok_or(SuccessionError::NotFound)?;
    if kind == SuccessionKind::Board && company.kind != CompanyKind::Association {
        return Err(SuccessionError::NoAssociation.into());
    }
    let administrators = administrators(&mut reader, company.id).await?;
    Ok(NewPage { page, company, kind, administrators, rows: rows.clamp(1, limits::SIGNATORIES), most: limits::SIGNATORIES })
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    kind: SuccessionKind,
    /// The language link of the pages.
    #[serde(rename = "language")]
    _language: Option<String>,
}

/// With a board, what the agreement says now is filled in.
#[get("/companies/{company}/successions/new")]
async fn new_form(
    granted: Granted<right::AskSuccession>,
    ground: web::Data<Ground>,
    page: Page,
    company: web::Path<CompanyId>,
    which: web::Query<Which>,
) -> Result<HttpResponse, Problem> {
    let wanted = (*company, which.kind);
    let mut shown = new_page(&ground, &granted.actor, page, wanted, 1).await?;
    if !granted.actor.has_proven(ground.clock().now()) {
        return Ok(prove_first(&new_place(wanted.0, wanted.1)));
    }
    if shown.is_board() {
        let signatories = companies::read::signatories(&mut ground.database.read().await?, *company).await?;
        shown.rows = signatories.len().clamp(1, limits::SIGNATORIES);
        let found = &shown.company;
        let facts = [("street", &found.street), ("postal_code", &found.postal_code), ("city", &found.city)];
        let page = facts.into_iter().fold(shown.page, |page, (field, text)| page.typed(field, text));
        let page = page.typed("needed", &found.needed.to_string());
        shown.page = signatories.iter().enumerate().fold(page, |page, (row, signatory)| {
            page.typed(&format!("signatories/{row}/name"), &signatory.name)
                .typed(&format!("signatories/{row}/email"), &signatory.email)
                .typed(&format!("signatories/{row}/role"), signatory.role.as_deref().unwrap_or_default())
        });
    }
    page::show(&shown)
}

/// What was typed.
fn body_of(form: &Typed, kind: SuccessionKind) -> SuccessionBody {
    let [given_name, surname, email] = ["given_name", "surname", "email"].map(|field| typed(form, &format!("successor/{field}")));
    let nobody = [&given_name, &surname, &email].iter().all(|text| text.trim().is_empty());
    let needed = Some(typed(form, "needed")).filter(|text| !text.trim().is_empty());
    let agreement = (kind == SuccessionKind::Board).then(|| AmendmentBody {
        street: typed(form, "street"),
        postal_code: typed(form, "postal_code"),
        city: typed(form, "city"),
        signatories: applicants(form),
        needed: needed.map(|text| text.trim().parse().unwrap_or(0)),
    });
    SuccessionBody {
        kind,
        successor: (!nobody).then_some(Successor { given_name, surname, email }),
        ends: form.keys().filter_map(|field| field.strip_prefix("ends/")?.parse().ok()).collect(),
        agreement,
        reason: typed(form, "reason"),
    }
}

#[post("/companies/{company}/successions")]
async fn ask(
    granted: Granted<right::AskSuccession>,
    ground: web::Data<Ground>,
    page: Page,
    company: web::Path<CompanyId>,
    key: Idempotency,
    form: Form<Typed>,
) -> Result<HttpResponse, Problem> {
    let kind = SuccessionKind::of(&typed(&form.0, "kind")).ok_or_else(|| Problem::of(Kind::BadRequest))?;
    let page = form.0.iter().fold(page, |page, (field, text)| page.typed(field, text));
    if form.0.contains_key("more") {
        let rows = rows_of(&form.0) + 1;
        return page::show(&new_page(&ground, &granted.actor, page, (*company, kind), rows).await?);
    }
    match ask_once(&ground, &granted.actor, *company, &body_of(&form.0, kind), &key).await {
        Ok(Asked::New(id)) => Ok(page::go(&place(id, "asked"))),
        Ok(Asked::Earlier(_)) => Ok(page::go("/successions")),
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(prove_first(&new_place(*company, kind))),
        Err(problem)
            if matches!(problem.kind, Kind::AlreadyDone | Kind::Conflict | Kind::Invalid | Kind::NotReady | Kind::TooManyTries) =>
        {
            let shown = new_page(&ground, &granted.actor, page.refused(&problem), (*company, kind), rows_of(&form.0)).await?;
            page::render(problem.kind.status(), &shown)
        }
        Err(problem) => Err(problem),
    }
}

#[derive(Template)]
#[template(path = "successions/one.html")]
struct OnePage {
    page: Page,
    succession: Succession,
    company: String,
    lines: Vec<String>,
    said: Vec<(Signatory, Signature)>,
    /// Whether it waits.
    is_open: bool,
    may_add: bool,
    may_approve: bool,
    may_open: bool,
    may_end: bool,
    may_record: bool,
    may_fetch: bool,
}

impl OnePage {
    fn is_board(&self) -> bool {
        self.succession.kind == SuccessionKind::Board
    }

    /// What a signatory said.
    fn word_of(&self, signature: &Signature) -> String {
        match (&signature.form, &signature.signed_at, &signature.declined_at) {
            (Some((day, by)), ..) => self.page.with2("companies.signatory_form", "day", day, "by", by),
            (None, Some(at), _) => self.page.with("successions.signed_at", "time", self.page.time(at)),
            (None, None, Some(at)) => self.page.with("companies.signatory_declined", "time", self.page.time(at)),
            (None, None, None) => self.page.say("successions.not_signed"),
        }
    }

    /// When it is done.
    fn waits(&self) -> Option<String> {
        let at = self.succession.ready_at.as_ref().filter(|_| self.is_open)?;
        Some(self.page.with("successions.waits_until", "time", self.page.time(at)))
    }

    /// How many signatures lack.
    fn rule(&self) -> String {
        self.page.with2("successions.rule", "needed", self.succession.needed, "pending", self.succession.pending)
    }
}

/// How much of the successor is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// The name.
    NameAlone,
    /// Name and address, and whether they worked here already: to whoever decides.
    WithAddress,
}

/// What changes, in sentences.
pub(super) async fn lines(
    connection: &mut impl Connection,
    page: &Page,
    succession: &Succession,
    shown: Shown,
) -> Result<Vec<String>, DatabaseError> {
    let Content { wish, works_here, .. } = Content::of(succession)?;
    let mut lines = Vec::new();
    if wish.successor.is_some() {
        lines.push(match shown {
            Shown::NameAlone => page.with("successions.line_successor", "value", wish.successor_name()),
            Shown::WithAddress => page.with("successions.line_successor", "value", wish.successor_with_address()),
        });
        if shown == Shown::WithAddress {
            lines.push(page.say(if works_here.is_some() { "successions.works_here" } else { "successions.will_be_invited" }));
        }
    }
    let ends = wish.names_of_ends(connection, succession.company).await?;
    if !ends.is_empty() {
        lines.push(page.with("successions.line_ends", "value", ends.join(", ")));
    }
    if let Some(agreement) = &wish.agreement {
        let names: Vec<_> = agreement.signatories.iter().map(|one| format!("{} <{}>", one.name, one.email)).collect();
        let needed = agreement.needed.map_or_else(|| names.len().to_string(), |needed| needed.to_string());
        let address = format!("{}, {} {}", agreement.street, agreement.postal_code, agreement.city);
        lines.push(page.with("mandates.line_signatories", "value", names.join(", ")));
        lines.push(page.with("mandates.line_needed", "value", needed));
        lines.push(page.with("mandates.line_address", "value", address));
    }
    lines.push(page.with("successions.line_reason", "value", wish.reason.trim()));
    Ok(lines)
}

async fn one_page(ground: &Ground, actor: &Actor, page: Page, id: SuccessionId) -> Result<OnePage, Problem> {
    let mut reader = ground.database.read().await?;
    let succession = read::visible(&mut reader, actor, id).await?.ok_or(SuccessionError::NotFound)?;
    let company = company_name(companies::read::company(&mut reader, succession.company).await?);
    let shown = if sees_address(actor, &succession) { Shown::WithAddress } else { Shown::NameAlone };
    let lines = lines(&mut reader, &page, &succession, shown).await?;
    let said = read::signatures(&mut reader, &succession).await?;
    let now = ground.clock().now();
    let (is_open, is_requested) = (succession.is_open(now), succession.is_requested(now));
    let decides = permissions::allows(&actor.roles, Permission::DecideSuccession);
    let concerns = succession.asked_by == actor.account || decides;
    let is_board = succession.kind == SuccessionKind::Board;
    let has_minutes = succession.minutes_hash.is_some();
    Ok(OnePage {
        page,
        company,
        lines,
        said,
        may_add: is_open && is_board && concerns && !has_minutes,
        may_approve: is_open && is_board && decides && has_minutes,
        may_open: is_requested && decides,
        may_end: (is_open || is_requested) && concerns,
        may_record: is_open && !is_board && decides,
        may_fetch: actor.company.is_none(),
        is_open,
        succession,
    })
}

#[get("/successions/{id}")]
async fn show_one(
    granted: Granted<right::SeeSuccessions>,
    ground: web::Data<Ground>,
    page: Page,
    id: web::Path<SuccessionId>,
    query: web::Query<AfterTold>,
) -> Result<HttpResponse, Problem> {
    let news = match query.told.as_deref() {
        Some("asked") => Some("successions.asked_news"),
        Some("done") => Some("successions.done_news"),
        Some("ended") => Some("successions.ended_news"),
        Some("form") => Some("successions.form_news"),
        Some("link") => Some("successions.link_news"),
        Some("opened") => Some("successions.opened_news"),
        Some("minutes") => Some("successions.minutes_news"),
        Some(_) | None => None,
    };
    page::show(&one_page(&ground, &granted.actor, page.with_news(news), *id).await?)
}

/// The page once more with the refusal, by way of the proof when that is all that lacks.
async fn refused(ground: &Ground, actor: &Actor, page: Page, id: SuccessionId, problem: Problem) -> Result<HttpResponse, Problem> {
    if problem.kind == Kind::ProveAgain {
        return Ok(prove_first(&format!("/successions/{id}")));
    }
    let shown = [Kind::AlreadyDone, Kind::Conflict, Kind::Forbidden, Kind::Gone, Kind::Invalid, Kind::NotReady, Kind::TooManyTries];
    if !shown.contains(&problem.kind) {
        return Err(problem);
    }
    page::render(problem.kind.status(), &one_page(ground, actor, page.refused(&problem), id).await?)
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[post("/successions/{id}/approval")]
async fn approve_one(
    granted: Granted<right::DecideSuccession>,
    ground: web::Data<Ground>,
    page: Page,
    id: web::Path<SuccessionId>,
    form: Form<Typed>,
) -> Result<HttpResponse, Problem> {
    let outcome = match form.0.contains_key("confirm_approval") {
        true => super::approve(&ground, &granted.actor, *id).await.map_err(Problem::from),
        false => Err(Problem::invalid(vec![FieldFault::new("confirm_approval", "field_tick")])),
    };
    match outcome {
        Ok(()) => Ok(page::go(&place(*id, "done"))),
        Err(problem) => refused(&ground, &granted.actor, page, *id, problem).await,
    }
}

#[post("/successions/{id}/opening")]
async fn open_one(
    granted: Granted<right::DecideSuccession>,
    ground: web::Data<Ground>,
    page: Page,
    id: web::Path<SuccessionId>,
    _form: Form<Nothing>,
) -> Result<HttpResponse, Problem> {
    match super::open(&ground, &granted.actor, *id).await.map_err(Problem::from) {
        Ok(()) => Ok(page::go(&place(*id, "opened"))),
        Err(problem) => refused(&ground, &granted.actor, page, *id, problem).await,
    }
}

#[post("/successions/{id}/end")]
async fn end_one(
    granted: Granted<right::AskSuccession>,
    ground: web::Data<Ground>,
    page: Page,
    id: web::Path<SuccessionId>,
    _form: Form<Nothing>,
) -> Result<HttpResponse, Problem> {
    match super::end(&ground, &granted.actor, *id).await.map_err(Problem::from) {
        Ok(()) => Ok(page::go(&place(*id, "ended"))),
        Err(problem) => refused(&ground, &granted.actor, page, *id, problem).await,
    }
}

#[post("/successions/{id}/minutes")]
async fn keep_minutes(
    granted: Granted<right::AskSuccession>,
    ground: web::Data<Ground>,
    page: Page,
    id: web::Path<SuccessionId>,
    upload: Upload,
) -> Result<HttpResponse, Problem> {
    match super::keep_minutes(&ground, &granted.actor, *id, &upload.bytes).await.map_err(Problem::from) {
        Ok(()) => Ok(page::go(&place(*id, "minutes"))),
        Err(problem) => refused(&ground, &granted.actor, page, *id, problem).await,
    }
}

#[get("/successions/{id}/minutes.pdf")]
async fn fetch_minutes(
    granted: Granted<right::SeeSuccessions>,
    ground: web::Data<Ground>,
    id: web::Path<SuccessionId>,
) -> Result<HttpResponse, Problem> {
    minutes_file(&ground, &granted.actor, *id).await
}

#[derive(Template)]
#[template(path = "successions/form.html")]
struct FormPage {
    page: Page,
    about: About,
}

fn form_place((id, signatory): (SuccessionId, SignatoryId)) -> String {
    format!("/successions/{id}/signatories/{signatory}/form")
}

#[get("/successions/{id}/signatories/{signatory}/form")]
async fn show_form(
    granted: Granted<right::DecideSuccession>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(SuccessionId, SignatoryId)>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    let about = about_of(&ground, path).await?;
    if !granted.actor.has_proven(ground.clock().now()) {
        return Ok(prove_first(&form_place(path)));
    }
    page::show(&FormPage { page, about })
}

/// The form to print, in the page's language.
#[get("/successions/{id}/signatories/{signatory}/form.pdf")]
async fn print_form(
    _granted: Granted<right::DecideSuccession>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(SuccessionId, SignatoryId)>,
) -> Result<HttpResponse, Problem> {
    let about = about_of(&ground, path.into_inner()).await?;
    Ok(pdf_answer(&form::print(&ground, &about, page.words.0).await?))
}

/// What the operator saw: the day, and the scan.
#[post("/successions/{id}/signatories/{signatory}/form")]
async fn record_form(
    granted: Granted<right::DecideSuccession>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(SuccessionId, SignatoryId)>,
    upload: Upload,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    let body = SignedForm { signed_on: upload.field("signed_on").unwrap_or_default().to_owned() };
    let page = page.typed("signed_on", &body.signed_on);
    match record(&ground, &granted.actor, path, &body, upload.bytes).await {
        Ok(super::Outcome::Done) => Ok(page::go(&place(path.0, "done"))),
        Ok(super::Outcome::Ready { .. } | super::Outcome::Waiting { .. }) => Ok(page::go(&place(path.0, "form"))),
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(prove_first(&form_place(path))),
        Err(problem)
            if matches!(
                problem.kind,
                Kind::AlreadyDone | Kind::Conflict | Kind::Forbidden | Kind::Gone | Kind::Invalid | Kind::NotReady
            ) =>
        {
            let about = about_of(&ground, path).await?;
            page::render(problem.kind.status(), &FormPage { page: page.refused(&problem), about })
        }
        Err(problem) => Err(problem),
    }
}

/// The scan that is kept.
#[get("/successions/{id}/signatories/{signatory}/scan.pdf")]
async fn fetch_scan(
    granted: Granted<right::SeeSuccessions>,
    ground: web::Data<Ground>,
    path: web::Path<(SuccessionId, SignatoryId)>,
) -> Result<HttpResponse, Problem> {
    scan_file(&ground, &granted.actor, path.into_inner()).await
}

/// Another link for a signatory, in place of the one before.
#[post("/successions/{id}/signatories/{signatory}/link")]
async fn send_link(
    granted: Granted<right::DecideSuccession>,
    ground: web::Data<Ground>,
    page: Page,
    path: web::Path<(SuccessionId, SignatoryId)>,
    _form: Form<Nothing>,
) -> Result<HttpResponse, Problem> {
    let (id, signatory) = path.into_inner();
    match super::send_again(&ground, &granted.actor, id, signatory).await.map_err(Problem::from) {
        Ok(()) => Ok(page::go(&place(id, "link"))),
        Err(problem) => refused(&ground, &granted.actor, page, id, problem).await,
    }
}
