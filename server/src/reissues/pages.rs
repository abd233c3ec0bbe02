//! The pages of forgotten passwords that administrators replace: each says before what will happen, and after where it stands.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::{
    Reissue, ReissueError, Standing, hastenable,
    model::ALONE_HOURS,
    read,
    routes::{Asked, Asking, ask_once, give_once},
    stop_pages,
};
use crate::{
    companies::pages::{Typed, typed},
    employees::{
        self, Vouching,
        pages::{SEEN_ROWS, show_code, ways},
        routes::RenewalBody,
    },
    http::{
        body::Form,
        guard::Granted,
        idempotency::Idempotency,
        listing::After,
        page::{self, Page},
        permissions::right,
        problem::{Kind, Problem},
    },
    phones,
    platform::{
        actor::{Actor, Role},
        fault::FieldFault,
        ground::Ground,
        id::{CompanyId, EmployeeId, ReissueId},
    },
    proofing::{
        Channel,
        pages::{kinds, permits, presented},
    },
};

/// Adds the routes.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(show_list).service(ask_form).service(ask_post);
    config.configure(stop_pages::configure);
    config.service(show_one).service(approval).service(invitation).service(withdrawal);
}

/// The colour of a standing, and its words.
pub fn badge(standing: Standing) -> (&'static str, &'static str) {
    match standing {
        Standing::Approved => ("info", "reissues.state_approved"),
        Standing::Asked => ("warning", "reissues.state_asked"),
        Standing::Cancelled => ("error", "reissues.state_cancelled"),
        Standing::Done => ("success", "reissues.state_done"),
        Standing::Lapsed => ("info", "reissues.state_lapsed"),
        Standing::Sent => ("warning", "reissues.state_sent"),
        Standing::Waiting => ("warning", "reissues.state_waiting"),
    }
}

struct Line {
    reissue: Reissue,
    name: String,
    standing: Standing,
}

#[derive(Template)]
#[template(path = "reissues/list.html")]
struct ListPage {
    page: Page,
    items: Vec<Line>,
    next: Option<String>,
}

#[get("/reissues")]
async fn show_list(
    granted: Granted<right::SeeReissues>,
    ground: web::Data<Ground>,
    page: Page,
    query: web::Query<After>,
) -> Result<HttpResponse, Problem> {
    let (mut reader, now) = (ground.database.read().await?, ground.clock().now());
    let listing = read::list(&mut reader, &granted.actor, query.cursor()?.as_ref()).await?;
    let mut items = Vec::with_capacity(listing.items.len());
    for reissue in listing.items {
        let (name, standing) = (read::name_of(&mut reader, &reissue).await?, read::standing(&mut reader, &reissue, now).await?);
        items.push(Line { reissue, name, standing });
    }
    page::show(&ListPage { page, items, next: listing.next.map(|cursor| cursor.word()) })
}

#[derive(Template)]
#[template(path = "reissues/new.html")]
struct NewPage {
    page: Page,
    company: CompanyId,
    employee: EmployeeId,
    name: String,
    hours: i64,
    /// The same where nobody who administers beside the reader can agree.
    alone_hours: i64,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    company: CompanyId,
    employee: EmployeeId,
    /// The language link.
    #[serde(rename = "language")]
    _language: Option<String>,
}

fn new_address(company: CompanyId, employee: EmployeeId) -> String {
    format!("/reissues/new?company={company}&employee={employee}")
}

async fn new_page(ground: &Ground, actor: &Actor, page: Page, path: (CompanyId, EmployeeId)) -> Result<NewPage, Problem> {
    let (company, employee) = employees::routes::visible_employee(ground, actor, path).await?;
    let hours = ground.config.policy.reissue_hours;
    Ok(NewPage {
        page,
        company: company.id,
        employee: employee.id,
        name: employee.name().to_owned(),
        hours,
        alone_hours: hours.max(ALONE_HOURS),
    })
}

#[get("/reissues/new")]
async fn ask_form(
    granted: Granted<right::ReissuePassword>,
    ground: web::Data<Ground>,
    page: Page,
    about: web::Query<About>,
) -> Result<HttpResponse, Problem> {
    let shown = new_page(&ground, &granted.actor, page, (about.company, about.employee)).await?;
    let open = read::open(&mut ground.database.read().await?, about.employee).await?;
    if let Some(open) = open.filter(|open| open.is_open(ground.clock().now())) {
        return Ok(page::go(&format!("/reissues/{}", open.id)));
    }
    page::show(&shown)
}

#[post("/reissues")]
async fn ask_post(
    granted: Granted<right::ReissuePassword>,
    ground: web::Data<Ground>,
    page: Page,
    key: Idempotency,
    form: Form<Asking>,
) -> Result<HttpResponse, Problem> {
    match ask_once(&ground, &granted.actor, &form.0, &key).await {
        Ok(Asked::New(id)) => Ok(page::go(&format!("/reissues/{id}"))),
        Ok(Asked::Earlier(_)) => Ok(page::go("/reissues")),
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(page::prove_first(&new_address(form.0.company, form.0.employee))),
        Err(problem) if matches!(problem.kind, Kind::AlreadyDone | Kind::Conflict | Kind::Forbidden) => {
            let shown = new_page(&ground, &granted.actor, page.refused(&problem), (form.0.company, form.0.employee)).await?;
            page::render(problem.kind.status(), &shown)
        }
        Err(problem) => Err(problem),
    }
}

/// What the reader can do.
#[derive(Default)]
struct May {
    approve: bool,
    cancel: bool,
    give: bool,
    /// Whether a phone of before may let the certificates go.
    hasten: bool,
}

#[derive(Template)]
#[template(path = "reissues/one.html")]
struct OnePage {
    page: Page,
    reissue: Reissue,
    name: String,
    standing: Standing,
    may: May,
    /// Whether it is the reader's own.
    own: bool,
    /// Whether the reader may hand the temporary password over.
    hands_over: bool,
    /// Whether a phone may say yes for the reader.
    has_phone: bool,
    hours: i64,
    places: std::ops::Range<usize>,
    kinds: Vec<(&'static str, String)>,
    permits: Vec<(&'static str, String)>,
    ways: Vec<(&'static str, String)>,
}

impl OnePage {
    /// Whether link and temporary password were sent before.
    fn again(&self) -> bool {
        self.standing == Standing::Sent
    }

    /// Where it stands, in a sentence.
    fn told(&self) -> String {
        self.page.say(&format!("reissues.told_{}", self.standing.word()))
    }
}

async fn one_page(ground: &Ground, actor: &Actor, page: Page, id: ReissueId) -> Result<OnePage, Problem> {
    let (mut reader, now) = (ground.database.read().await?, ground.clock().now());
    let reissue = read::visible(&mut reader, actor, id).await?.ok_or(ReissueError::NotFound)?;
    let standing = read::standing(&mut reader, &reissue, now).await?;
    let (own, asked) = (actor.employee == Some(reissue.employee), reissue.asked_by == actor.account);
    let administers = actor.company == Some(reissue.company) && actor.is(Role::Administrator);
    let hasten = match own && standing == Standing::Waiting {
        true => hastenable(&mut reader, actor, id, now).await.is_ok_and(|(_, phones)| !phones.is_empty()),
        false => false,
    };
    let may = May {
        approve: administers && !asked && !own && standing == Standing::Asked,
        cancel: reissue.is_open(now),
        give: asked && matches!(standing, Standing::Approved | Standing::Sent),
        hasten,
    };
    let has_phone = phones::read::usable(&mut reader, actor.account).await?.iter().any(|phone| phone.signs(now));
    Ok(OnePage {
        name: read::name_of(&mut reader, &reissue).await?,
        hands_over: administers,
        hours: reissue.wait_hours,
        places: 0..SEEN_ROWS,
        kinds: kinds(&page, Channel::Company),
        permits: permits(),
        ways: ways(&page, ground),
        page,
        reissue,
        standing,
        may,
        own,
        has_phone,
    })
}

#[get("/reissues/{id}")]
async fn show_one(
    granted: Granted<right::SeeReissues>,
    ground: web::Data<Ground>,
    page: Page,
    id: web::Path<ReissueId>,
) -> Result<HttpResponse, Problem> {
    page::show(&one_page(&ground, &granted.actor, page, *id).await?)
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// The page once more with what was refused; without a fresh proof the way leads there first.
async fn refused(ground: &Ground, actor: &Actor, page: Page, id: ReissueId, problem: Problem) -> Result<HttpResponse, Problem> {
    if problem.kind == Kind::ProveAgain {
        return Ok(page::prove_first(&format!("/reissues/{id}")));
    }
    if matches!(problem.kind, Kind::NotFound | Kind::Unforeseen) {
        return Err(problem);
    }
    let shown = one_page(ground, actor, page.refused(&problem), id).await?;
    page::render(problem.kind.status(), &shown)
}

#[post("/reissues/{id}/approval")]
async fn approval(
    granted: Granted<right::ReissuePassword>,
    ground: web::Data<Ground>,
    page: Page,
    id: web::Path<ReissueId>,
    _form: Form<Nothing>,
) -> Result<HttpResponse, Problem> {
    match ground.database.write(async |unit| super::approve(unit, &granted.actor, *id).await).await {
        Ok(()) => Ok(page::go(&format!("/reissues/{id}"))),
        Err(error) => refused(&ground, &granted.actor, page, *id, error.into()).await,
    }
}

#[post("/reissues/{id}/invitation")]
async fn invitation(
    granted: Granted<right::ReissuePassword>,
    ground: web::Data<Ground>,
    page: Page,
    id: web::Path<ReissueId>,
    form: Form<Typed>,
) -> Result<HttpResponse, Problem> {
    let given = match Vouching::of(&typed(&form.0, "vouched")) {
        Some(vouched) => {
            let documents = presented(SEEN_ROWS, |field| typed(&form.0, field));
            let body = RenewalBody { vouched, documents, birth_date: typed(&form.0, "birth_date") };
            give_once(&ground, &granted.actor, *id, &body).await
        }
        None => Err(Problem::invalid(vec![FieldFault::new("vouched", "field_choice")])),
    };
    match given {
        Ok(given) => match &given.temporary_password {
            Some(code) => show_code(&ground, &granted.actor, page, (&format!("/reissues/{id}"), &given.name), code).await,
            None => Ok(page::go(&format!("/reissues/{id}"))),
        },
        Err(problem) => refused(&ground, &granted.actor, page, *id, problem).await,
    }
}

#[post("/reissues/{id}/withdrawal")]
async fn withdrawal(
    granted: Granted<right::SeeReissues>,
    ground: web::Data<Ground>,
    page: Page,
    id: web::Path<ReissueId>,
    _form: Form<Nothing>,
) -> Result<HttpResponse, Problem> {
    match super::cancel(&ground, &granted.actor, *id).await {
        Ok(()) => Ok(page::go(&format!("/reissues/{id}"))),
        Err(error) => refused(&ground, &granted.actor, page, *id, error.into()).await,
    }
}
