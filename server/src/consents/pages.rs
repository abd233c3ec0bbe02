//! The pages that wait for the phone about a thing: the number, how it stands, and then the thing. They work by refreshing, without script.

use actix_web::{HttpRequest, HttpResponse, get, http::header, post, web};
use askama::Template;

use super::{ConsentError, Question, Thing, read};
use crate::{
    approvals::{self, Standing, State},
    http::{
        body::Form,
        guard::Granted,
        network::network_of,
        page::{Page, go, render, show},
        permissions::right,
        problem::{Kind, Problem},
    },
    phones::{self, Qr},
    platform::{
        ground::Ground,
        id::{ApprovalId, MandateId, PhoneId, RecoveryId, ReissueId},
        moment::Moment,
        secret::Secret,
    },
};

/// The pages.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(how_it_stands).service(ask_recovery).service(wait_recovery).service(approve_recovery);
    config.service(ask_reissue).service(wait_reissue).service(approve_reissue);
    config.service(ask_card).service(wait_card).service(order_card).service(ask_phone).service(wait_phone).service(confirm_phone);
    config.service(ask_mandate).service(wait_mandate).service(approve_mandate);
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct PasswordForm {
    password: Secret<String>,
}

/// What the page is about.
struct About {
    /// Where the thing is done once the phone said yes.
    action: String,
    /// Where the person came from, and does it with the key card.
    back: String,
    /// What is done, as the button says.
    button: &'static str,
    /// Whether the password is asked for then.
    password: bool,
}

impl About {
    fn recovery(id: RecoveryId, approval: ApprovalId) -> Self {
        let action = format!("/recoveries/{id}/phone/{approval}");
        Self { action, back: format!("/recoveries/{id}"), button: "recoveries.approve_button", password: true }
    }

    fn mandate(id: MandateId, approval: ApprovalId) -> Self {
        let action = format!("/mandates/{id}/phone/{approval}");
        Self { action, back: format!("/mandates/{id}"), button: "mandates.approve_button", password: false }
    }

    fn reissue(id: ReissueId, approval: ApprovalId) -> Self {
        let action = format!("/reissues/{id}/phone/{approval}");
        Self { action, back: format!("/reissues/{id}"), button: "reissues.approve_button", password: false }
    }

    fn card(approval: ApprovalId) -> Self {
        let action = format!("/account/card-order/{approval}");
        Self { action, back: "/account".to_owned(), button: "keycards.order", password: false }
    }

    fn phone(id: PhoneId, approval: ApprovalId) -> Self {
        let action = format!("/account/phones/{id}/phone/{approval}");
        Self { action, back: format!("/account/phones/{id}"), button: "phones.confirm", password: false }
    }
}

#[derive(Template)]
#[template(path = "consents/phone.html")]
struct PhonePage {
    page: Page,
    about: About,
    approval: ApprovalId,
    state: State,
    number: String,
    /// The digits apart, for those who listen.
    spoken: String,
    scan: Qr,
    until: Moment,
    /// What became of it, when it is over.
    over: Option<&'static str>,
}

fn page_of(page: Page, about: About, approval: ApprovalId, standing: Standing) -> Result<PhonePage, Problem> {
    let (spoken, scan) = (approvals::spoken(&standing.number), phones::qr(&standing.scan)?);
    let Standing { state, number, expires_at, .. } = standing;
    Ok(PhonePage { page, about, approval, state, number, spoken, scan, until: expires_at, over: state.over() })
}

async fn wait(
    ground: &Ground,
    granted: &Granted<impl Sized>,
    page: Page,
    about: About,
    approval: ApprovalId,
) -> Result<HttpResponse, Problem> {
    let standing = read::standing(ground, &granted.actor, approval).await?;
    show(&page_of(page, about, approval, standing)?)
}

/// The page once more with what was refused; while the phone has not said yes it says so by itself.
async fn refused(
    ground: &Ground,
    granted: &Granted<impl Sized>,
    page: Page,
    about: About,
    approval: ApprovalId,
    error: ConsentError,
) -> Result<HttpResponse, Problem> {
    if matches!(error, ConsentError::Answer(_)) {
        return Ok(go(&about.action));
    }
    let problem = Problem::from(error).worded(Kind::NotRight, "logins.password_not_right");
    if matches!(problem.kind, Kind::NotFound | Kind::Unforeseen) {
        return Err(problem);
    }
    let standing = read::standing(ground, &granted.actor, approval).await?;
    render(problem.kind.status(), &page_of(page.refused(&problem), about, approval, standing)?)
}

/// How it stands, for the page's script.
#[derive(serde::Serialize)]
struct Stands {
    state: State,
    until: String,
}

#[get("/account/phone-questions/{id}")]
async fn how_it_stands(
    granted: Granted<right::SeeOneself>,
    page: Page,
    id: web::Path<ApprovalId>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let standing = read::standing(&ground, &granted.actor, *id).await?;
    let until = page.time(&standing.expires_at);
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(Stands { state: standing.state, until }))
}

#[post("/recoveries/{id}/phone")]
async fn ask_recovery(
    granted: Granted<right::RecoverKeys>,
    id: web::Path<RecoveryId>,
    _form: Form<Nothing>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let question = Question::about(&ground, &granted.actor, Thing::Recovery(*id)).await?;
    let asked = super::ask(&ground, &granted.actor, question, &network_of(&request, &ground)).await?;
    Ok(go(&About::recovery(*id, asked.id).action))
}

#[get("/recoveries/{id}/phone/{approval}")]
async fn wait_recovery(
    granted: Granted<right::RecoverKeys>,
    page: Page,
    path: web::Path<(RecoveryId, ApprovalId)>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (id, approval) = path.into_inner();
    wait(&ground, &granted, page, About::recovery(id, approval), approval).await
}

#[post("/recoveries/{id}/phone/{approval}")]
async fn approve_recovery(
    granted: Granted<right::RecoverKeys>,
    page: Page,
    path: web::Path<(RecoveryId, ApprovalId)>,
    form: Form<PasswordForm>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (id, approval) = path.into_inner();
    let network = network_of(&request, &ground);
    match super::approve_recovery(&ground, &granted.actor, id, approval, &form.0.password, &network).await {
        Ok(()) => Ok(go(&format!("/recoveries/{id}"))),
        Err(error) => refused(&ground, &granted, page, About::recovery(id, approval), approval, error).await,
    }
}

#[post("/mandates/{id}/phone")]
async fn ask_mandate(
    granted: Granted<right::DecideMandate>,
    id: web::Path<MandateId>,
    _form: Form<Nothing>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let question = Question::about(&ground, &granted.actor, Thing::Mandate(*id)).await?;
    let asked = super::ask(&ground, &granted.actor, question, &network_of(&request, &ground)).await?;
    Ok(go(&About::mandate(*id, asked.id).action))
}

#[get("/mandates/{id}/phone/{approval}")]
async fn wait_mandate(
    granted: Granted<right::DecideMandate>,
    page: Page,
    path: web::Path<(MandateId, ApprovalId)>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (id, approval) = path.into_inner();
    wait(&ground, &granted, page, About::mandate(id, approval), approval).await
}

#[post("/mandates/{id}/phone/{approval}")]
async fn approve_mandate(
    granted: Granted<right::DecideMandate>,
    page: Page,
    path: web::Path<(MandateId, ApprovalId)>,
    _form: Form<Nothing>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (id, approval) = path.into_inner();
    match super::approve_mandate(&ground, &granted.actor, id, approval).await {
        Ok(()) => Ok(go(&format!("/mandates/{id}?told=approved"))),
        Err(error) => refused(&ground, &granted, page, About::mandate(id, approval), approval, error).await,
    }
}

#[post("/account/card-order")]
async fn ask_card(
    granted: Granted<right::SeeOneself>,
    _form: Form<Nothing>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let question = Question::about(&ground, &granted.actor, Thing::Card).await?;
    let asked = super::ask(&ground, &granted.actor, question, &network_of(&request, &ground)).await?;
    Ok(go(&About::card(asked.id).action))
}

#[get("/account/card-order/{approval}")]
async fn wait_card(
    granted: Granted<right::SeeOneself>,
    page: Page,
    approval: web::Path<ApprovalId>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    wait(&ground, &granted, page, About::card(*approval), *approval).await
}

#[post("/account/card-order/{approval}")]
async fn order_card(
    granted: Granted<right::SeeOneself>,
    page: Page,
    approval: web::Path<ApprovalId>,
    _form: Form<Nothing>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    match super::order_card(&ground, &granted.actor, *approval).await {
        Ok(_) => Ok(go("/account")),
        Err(error) => refused(&ground, &granted, page, About::card(*approval), *approval, error).await,
    }
}

#[post("/account/phones/{id}/phone")]
async fn ask_phone(
    granted: Granted<right::SeeOneself>,
    id: web::Path<PhoneId>,
    form: Form<PasswordForm>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let asked = super::ask_for_phone(&ground, &granted.actor, *id, &form.0.password, &network_of(&request, &ground)).await;
    match asked {
        Ok(asked) => Ok(go(&About::phone(*id, asked.id).action)),
        Err(error) => Err(Problem::from(error).worded(Kind::NotRight, "logins.password_not_right")),
    }
}

#[get("/account/phones/{id}/phone/{approval}")]
async fn wait_phone(
    granted: Granted<right::SeeOneself>,
    page: Page,
    path: web::Path<(PhoneId, ApprovalId)>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (id, approval) = path.into_inner();
    wait(&ground, &granted, page, About::phone(id, approval), approval).await
}

#[post("/account/phones/{id}/phone/{approval}")]
async fn confirm_phone(
    granted: Granted<right::SeeOneself>,
    page: Page,
    path: web::Path<(PhoneId, ApprovalId)>,
    _form: Form<Nothing>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (id, approval) = path.into_inner();
    match super::confirm_phone(&ground, &granted.actor, id, approval, page.words.0).await {
        Ok(_) => Ok(go(&format!("/account/phones/{id}"))),
        Err(error) => refused(&ground, &granted, page, About::phone(id, approval), approval, error).await,
    }
}

#[post("/reissues/{id}/phone")]
async fn ask_reissue(
    granted: Granted<right::SeeReissues>,
    id: web::Path<ReissueId>,
    _form: Form<Nothing>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let question = Question::about(&ground, &granted.actor, Thing::Reissue(*id)).await?;
    let asked = super::ask(&ground, &granted.actor, question, &network_of(&request, &ground)).await?;
    Ok(go(&About::reissue(*id, asked.id).action))
}

#[get("/reissues/{id}/phone/{approval}")]
async fn wait_reissue(
    granted: Granted<right::SeeReissues>,
    page: Page,
    path: web::Path<(ReissueId, ApprovalId)>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (id, approval) = path.into_inner();
    wait(&ground, &granted, page, About::reissue(id, approval), approval).await
}

#[post("/reissues/{id}/phone/{approval}")]
async fn approve_reissue(
    granted: Granted<right::SeeReissues>,
    page: Page,
    path: web::Path<(ReissueId, ApprovalId)>,
    _form: Form<Nothing>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (id, approval) = path.into_inner();
    match super::approve_reissue(&ground, &granted.actor, id, approval).await {
        Ok(()) => Ok(go(&format!("/reissues/{id}"))),
        Err(error) => refused(&ground, &granted, page, About::reissue(id, approval), approval, error).await,
    }
}
