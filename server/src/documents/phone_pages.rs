//! The pages that wait for the phone to sign: the number, the QR, how it stands. They update by themselves, and by refreshing without script.

use actix_web::{HttpRequest, HttpResponse, get, http::header, post, web};
use askama::Template;

use super::{DocumentError, Plan, SigningState, Stands, Way, routes::parse};
use crate::{
    approvals,
    http::{
        body::Form,
        guard::Granted,
        network::network_of,
        page::{self, Page},
        permissions::right,
        problem::Problem,
    },
    phones::{self, Qr},
    platform::{
        actor::Actor,
        ground::Ground,
        id::{DocumentId, SignatureId},
    },
};

/// A form that says nothing but that it was sent.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// The pages.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(how_it_stands).service(more).service(withdraw).service(card);
}

#[derive(Template)]
#[template(path = "documents/phone.html")]
struct PhonePage {
    page: Page,
    stands: Stands,
    signature: SignatureId,
    qr: Qr,
    /// The digits apart, for those who listen.
    spoken: String,
}

impl Stands {
    /// What the page says when nothing will be signed any more.
    pub(super) const fn over(&self) -> Option<&'static str> {
        match self.state {
            SigningState::Making | SigningState::Signed | SigningState::Waiting => None,
            SigningState::Closed => Some("documents.phone_closed"),
            SigningState::Lapsed => Some("documents.phone_lapsed"),
            SigningState::NotMe => Some("documents.phone_not_me"),
            SigningState::Rejected => Some("documents.phone_rejected"),
            SigningState::Replaced => Some("documents.phone_replaced"),
            SigningState::Withdrawn => Some("documents.phone_withdrawn"),
        }
    }
}

/// Asks the phone and gives where its page is; none when no phone may be asked now, so that the card is.
pub(super) async fn ask(
    ground: &Ground,
    actor: &Actor,
    id: DocumentId,
    plan: &Plan,
    request: &HttpRequest,
) -> Result<Option<String>, Problem> {
    let asked = async {
        let asking = super::prepare_phone(ground, actor, id, plan, &network_of(request, ground)).await?;
        ground.database.write(async |unit| super::ask_phone(unit, actor, &asking).await).await
    };
    let asked = match asked.await {
        Ok(asked) => asked,
        Err(error) if error.leaves_the_card() => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    approvals::wake(ground, actor.account);
    Ok(Some(place(id, asked.signature)))
}

fn place(id: DocumentId, signature: SignatureId) -> String {
    format!("/documents/{id}/signatures/{signature}")
}

/// The page of a signature that a phone is asked for; none for one that the card is asked for.
pub(super) async fn show(
    page: &Page,
    granted: &Granted<right::UseDocuments>,
    ground: &Ground,
    (id, signature): &(String, String),
) -> Result<Option<HttpResponse>, Problem> {
    let (id, signature) = (parse(id)?, parse(signature)?);
    let stands = match super::phone_stands(ground, &granted.actor, id, signature).await {
        Ok(stands) => stands,
        Err(DocumentError::NotFound) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if stands.state == SigningState::Signed {
        return Ok(Some(page::go(&format!("/documents/{id}?signed=yes"))));
    }
    let spoken = approvals::spoken(&stands.number);
    let qr = phones::qr(&stands.scan)?;
    Ok(Some(page::show(&PhonePage { page: page.clone(), stands, signature, qr, spoken })?))
}

/// How it stands, for the page's script.
#[derive(serde::Serialize)]
struct State {
    state: SigningState,
    until: String,
}

#[get("/documents/{id}/signatures/{signature}/state")]
async fn how_it_stands(
    page: Page,
    granted: Granted<right::UseDocuments>,
    ground: web::Data<Ground>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let stands = super::phone_stands(&ground, &granted.actor, parse(&path.0)?, parse(&path.1)?).await?;
    let until = page.time(&stands.expires_at);
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(State { state: stands.state, until }))
}

#[post("/documents/{id}/signatures/{signature}/more")]
async fn more(
    granted: Granted<right::UseDocuments>,
    ground: web::Data<Ground>,
    path: web::Path<(String, String)>,
    _form: Form<Nothing>,
) -> Result<HttpResponse, Problem> {
    let (id, signature) = (parse(&path.0)?, parse(&path.1)?);
    super::extend_phone(&ground, &granted.actor, id, signature).await?;
    Ok(page::go(&place(id, signature)))
}

#[post("/documents/{id}/signatures/{signature}/withdraw")]
async fn withdraw(
    granted: Granted<right::UseDocuments>,
    ground: web::Data<Ground>,
    path: web::Path<(String, String)>,
    _form: Form<Nothing>,
) -> Result<HttpResponse, Problem> {
    let (id, signature): (DocumentId, _) = (parse(&path.0)?, parse(&path.1)?);
    super::withdraw_phone(&ground, &granted.actor, id, signature).await?;
    Ok(page::go(&format!("/documents/{id}")))
}

/// The card instead: the request to the phone is taken back, and the same is asked of the card.
#[post("/documents/{id}/signatures/{signature}/card")]
async fn card(
    granted: Granted<right::UseDocuments>,
    ground: web::Data<Ground>,
    path: web::Path<(String, String)>,
    _form: Form<Nothing>,
) -> Result<HttpResponse, Problem> {
    let (id, signature) = (parse(&path.0)?, parse(&path.1)?);
    // Looked at after it was taken back: a yes that came before is seen then, and none comes later. Else one person signs twice.
    super::withdraw_phone(&ground, &granted.actor, id, signature).await?;
    let stands = super::phone_stands(&ground, &granted.actor, id, signature).await?;
    if matches!(stands.state, SigningState::Making | SigningState::Signed) {
        return Ok(page::go(&place(id, signature)));
    }
    let asked = super::ask(&ground, &granted.actor, id, &stands.plan).await?;
    Ok(page::go(&place(id, asked.signature)))
}

impl Way {
    /// From when the phone may sign, if only later.
    pub(super) fn from(&self, page: &Page) -> Option<String> {
        match self {
            Self::Card | Self::Phone | Self::PhoneAfterPassword => None,
            Self::PhoneLater { from } => Some(page.time(from)),
        }
    }
}
