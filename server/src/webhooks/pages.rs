//! The HTML edge of webhooks: the list with its form, and one address with what was told there.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use askama::Template;

use super::{
    Delivery, DeliveryState, EventKind, Webhook, WebhookState, read,
    routes::{WebhookBody, again_one, create_one, cursor, own_webhook, remove_one, require_own, resume_one, rotate_one, test_one},
};
use crate::{
    http::{
        body::Form,
        guard::Granted,
        page::{Page, go, prove_first, render},
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::{
        actor::Actor,
        ground::Ground,
        id::{CompanyId, WebhookDeliveryId, WebhookId},
        secret::Secret,
    },
};

/// The pages.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(show_all).service(create_webhook).service(show_one).service(rotate_secret);
    config.service(test_webhook).service(resume_webhook).service(remove_webhook).service(deliver_again);
}

fn all_path(company: CompanyId) -> String {
    format!("/companies/{company}/webhooks")
}

fn one_path(company: CompanyId, webhook: WebhookId) -> String {
    format!("/companies/{company}/webhooks/{webhook}")
}

/// The colour of an address's badge, and its words.
fn badge(page: &Page, webhook: &Webhook) -> (&'static str, String) {
    match (webhook.state, webhook.failing_since) {
        (WebhookState::Active, None) => ("success", page.say("webhooks.state_active")),
        (WebhookState::Active, Some(_)) => ("warning", page.say("webhooks.state_failing")),
        (WebhookState::Disabled, _) => ("error", page.say("webhooks.state_disabled")),
    }
}

fn kind_words(page: &Page, kind: &str) -> String {
    page.say(&format!("webhooks.kind_{}", kind.replace('.', "_")))
}

/// A kind in the form.
struct Offered {
    field: String,
    text: String,
}

#[derive(Template)]
#[template(path = "webhooks/list.html")]
struct ListPage {
    page: Page,
    company: CompanyId,
    webhooks: Vec<Webhook>,
    offered: Vec<Offered>,
    shown: Option<Secret<String>>,
    /// Whether the form may be sent without a proof first.
    proven: bool,
}

impl ListPage {
    async fn of(ground: &Ground, page: Page, actor: &Actor, company: CompanyId) -> Result<Self, Problem> {
        require_own(actor, company)?;
        let webhooks = read::webhooks(&mut ground.database.read().await?, company).await?;
        let offer = |kind: &EventKind| Offered { field: field(*kind), text: kind_words(&page, kind.word()) };
        let offered = EventKind::ALL.iter().map(offer).collect();
        Ok(Self { page, company, webhooks, offered, shown: None, proven: actor.has_proven(ground.clock().now()) })
    }

    fn badge(&self, webhook: &Webhook) -> (&'static str, String) {
        badge(&self.page, webhook)
    }

    fn kinds(&self, webhook: &Webhook) -> Vec<String> {
        webhook.kinds.iter().map(|kind| kind_words(&self.page, kind.word())).collect()
    }

    fn prove(&self) -> String {
        let query = serde_urlencoded::to_string([("next", all_path(self.company))]).unwrap_or_default();
        format!("/account/prove?{query}")
    }
}

fn field(kind: EventKind) -> String {
    format!("kind_{}", kind.word().replace('.', "_"))
}

/// Which part of a list, and what was done.
#[derive(serde::Deserialize)]
struct Visit {
    #[serde(default)]
    after: String,
    #[serde(default)]
    told: String,
}

impl Visit {
    fn news(&self) -> Option<&'static str> {
        match self.told.as_str() {
            "again" => Some("webhooks.again_news"),
            "removed" => Some("webhooks.removed_news"),
            "resumed" => Some("webhooks.resumed_news"),
            "tested" => Some("webhooks.tested_news"),
            _ => None,
        }
    }
}

#[get("/companies/{company}/webhooks")]
async fn show_all(
    granted: Granted<right::ManageWebhooks>,
    page: Page,
    company: web::Path<CompanyId>,
    visit: web::Query<Visit>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let page = page.with_news(visit.news());
    render(StatusCode::OK, &ListPage::of(&ground, page, &granted.actor, *company).await?)
}

/// The form: the address, and a tick for each kind.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct WebhookForm {
    #[serde(default)]
    url: String,
    kind_employee_invited: Option<String>,
    kind_employee_activated: Option<String>,
    kind_employee_changed: Option<String>,
    kind_employee_left: Option<String>,
    kind_certificate_issued: Option<String>,
    kind_certificate_revoked: Option<String>,
    kind_keycard_ordered: Option<String>,
}

impl WebhookForm {
    fn has(&self, kind: EventKind) -> bool {
        match kind {
            EventKind::EmployeeInvited => self.kind_employee_invited.is_some(),
            EventKind::EmployeeActivated => self.kind_employee_activated.is_some(),
            EventKind::EmployeeChanged => self.kind_employee_changed.is_some(),
            EventKind::EmployeeLeft => self.kind_employee_left.is_some(),
            EventKind::CertificateIssued => self.kind_certificate_issued.is_some(),
            EventKind::CertificateRevoked => self.kind_certificate_revoked.is_some(),
            EventKind::KeycardOrdered => self.kind_keycard_ordered.is_some(),
        }
    }
}

/// Makes one and shows its secret, this once.
#[post("/companies/{company}/webhooks")]
async fn create_webhook(
    granted: Granted<right::ManageWebhooks>,
    page: Page,
    company: web::Path<CompanyId>,
    form: Form<WebhookForm>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let kinds: Vec<EventKind> = EventKind::ALL.iter().copied().filter(|kind| form.0.has(*kind)).collect();
    let body = WebhookBody { url: form.0.url.clone(), kinds };
    match create_one(&ground, &granted.actor, *company, &body, None).await {
        Ok(Ok((secret, _))) => {
            let shown = ListPage { shown: Some(secret), ..ListPage::of(&ground, page, &granted.actor, *company).await? };
            render(StatusCode::CREATED, &shown)
        }
        Ok(Err(_)) => Ok(go(&all_path(*company))),
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(prove_first(&all_path(*company))),
        Err(problem) if matches!(problem.kind, Kind::Conflict | Kind::Invalid) => {
            let page = page.refused(&problem).typed("url", &body.url);
            let page = body.kinds.iter().fold(page, |page, kind| page.typed(&field(*kind), "yes"));
            render(problem.kind.status(), &ListPage::of(&ground, page, &granted.actor, *company).await?)
        }
        Err(problem) => Err(problem),
    }
}

#[derive(Template)]
#[template(path = "webhooks/one.html")]
struct OnePage {
    page: Page,
    company: CompanyId,
    webhook: Webhook,
    waiting: i64,
    deliveries: Vec<Delivery>,
    next: Option<String>,
    shown: Option<Secret<String>>,
}

impl OnePage {
    async fn of(ground: &Ground, page: Page, actor: &Actor, path: (CompanyId, WebhookId), after: &str) -> Result<Self, Problem> {
        let webhook = own_webhook(ground, actor, path).await?;
        let mut reader = ground.database.read().await?;
        let listing = read::deliveries(&mut reader, webhook.id, &cursor(after)?).await?;
        let waiting = read::waiting(&mut reader, webhook.id).await?;
        let next = listing.next.map(|cursor| cursor.word());
        Ok(Self { page, company: path.0, webhook, waiting, deliveries: listing.items, next, shown: None })
    }

    fn badge(&self) -> (&'static str, String) {
        badge(&self.page, &self.webhook)
    }

    fn is_active(&self) -> bool {
        self.webhook.state == WebhookState::Active
    }

    fn why(&self) -> Option<String> {
        self.webhook.why.map(|why| self.page.say(&format!("webhooks.why_{}", why.word())))
    }

    fn kinds(&self) -> Vec<String> {
        self.webhook.kinds.iter().map(|kind| kind_words(&self.page, kind.word())).collect()
    }

    fn kind(&self, delivery: &Delivery) -> String {
        kind_words(&self.page, &delivery.kind)
    }

    fn state(&self, delivery: &Delivery) -> (&'static str, String) {
        let colour = match delivery.state {
            DeliveryState::Delivered => "success",
            DeliveryState::Dropped => "info",
            DeliveryState::Failed => "error",
            DeliveryState::Waiting => "warning",
        };
        (colour, self.page.say(&format!("webhooks.delivery_{}", delivery.state.word())))
    }

    fn fault(&self, delivery: &Delivery) -> Option<String> {
        delivery.fault.map(|fault| self.page.say(&format!("webhooks.fault_{}", fault.word())))
    }

    fn may_be_told_again(&self, delivery: &Delivery) -> bool {
        self.is_active() && delivery.state != DeliveryState::Waiting
    }
}

#[get("/companies/{company}/webhooks/{webhook}")]
async fn show_one(
    granted: Granted<right::ManageWebhooks>,
    page: Page,
    path: web::Path<(CompanyId, WebhookId)>,
    visit: web::Query<Visit>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let page = page.with_news(visit.news());
    render(StatusCode::OK, &OnePage::of(&ground, page, &granted.actor, path.into_inner(), &visit.after).await?)
}

/// The buttons' form.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Pressed {}

/// Draws another secret and shows it, this once.
#[post("/companies/{company}/webhooks/{webhook}/secret")]
async fn rotate_secret(
    granted: Granted<right::ManageWebhooks>,
    page: Page,
    path: web::Path<(CompanyId, WebhookId)>,
    _form: Form<Pressed>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    match rotate_one(&ground, &granted.actor, path).await {
        Ok(secret) => show_secret(&ground, page, &granted.actor, path, secret).await,
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(prove_first(&one_path(path.0, path.1))),
        Err(problem) => Err(problem),
    }
}

/// The address's page with its new secret, this once.
async fn show_secret(
    ground: &Ground,
    page: Page,
    actor: &Actor,
    path: (CompanyId, WebhookId),
    secret: Secret<String>,
) -> Result<HttpResponse, Problem> {
    // The page's own address shows the list; this one takes forms only.
    let page = Page { path: one_path(path.0, path.1), ..page };
    render(StatusCode::OK, &OnePage { shown: Some(secret), ..OnePage::of(ground, page, actor, path, "").await? })
}

#[post("/companies/{company}/webhooks/{webhook}/test")]
async fn test_webhook(
    granted: Granted<right::ManageWebhooks>,
    path: web::Path<(CompanyId, WebhookId)>,
    _form: Form<Pressed>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    test_one(&ground, &granted.actor, path).await?;
    Ok(go(&format!("{}?told=tested", one_path(path.0, path.1))))
}

#[post("/companies/{company}/webhooks/{webhook}/resumption")]
async fn resume_webhook(
    granted: Granted<right::ManageWebhooks>,
    page: Page,
    path: web::Path<(CompanyId, WebhookId)>,
    _form: Form<Pressed>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    match resume_one(&ground, &granted.actor, path).await {
        Ok(Some(secret)) => show_secret(&ground, page, &granted.actor, path, secret).await,
        Ok(None) => Ok(go(&format!("{}?told=resumed", one_path(path.0, path.1)))),
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(prove_first(&one_path(path.0, path.1))),
        Err(problem) => Err(problem),
    }
}

#[post("/companies/{company}/webhooks/{webhook}/removal")]
async fn remove_webhook(
    granted: Granted<right::ManageWebhooks>,
    path: web::Path<(CompanyId, WebhookId)>,
    _form: Form<Pressed>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    remove_one(&ground, &granted.actor, path).await?;
    Ok(go(&format!("{}?told=removed", all_path(path.0))))
}

#[post("/companies/{company}/webhooks/{webhook}/deliveries/{delivery}/redelivery")]
async fn deliver_again(
    granted: Granted<right::ManageWebhooks>,
    path: web::Path<(CompanyId, WebhookId, WebhookDeliveryId)>,
    _form: Form<Pressed>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    again_one(&ground, &granted.actor, path).await?;
    Ok(go(&format!("{}?told=again", one_path(path.0, path.1))))
}
