//! The HTML edge of a person's phones: list, pairing, confirming, ending; the mailed link that cancels; the help desk's form.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, get, http::StatusCode, post, web};
use askama::Template;

use super::read;
use crate::{
    accounts, consents,
    http::{
        body::Form,
        guard::Granted,
        network::network_of,
        page::{Page, go, prove_by_card_first, prove_for_the_rest, render, show},
        permissions::right,
        problem::{Kind, Problem},
    },
    keycards,
    phones::{self, Certificates, Invited, NewInvitation, Phone, PhoneError, Qr, Which, read::Shown},
    platform::{
        ground::Ground,
        id::{AccountId, PhoneId},
        moment::Moment,
        secret::Secret,
    },
};

const LIST: &str = "/account/phones";
const DESK: &str = "/operations/phones";

/// The pages.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(list).service(begin).service(standing).service(ask).service(key_form).service(confirm).service(refuse);
    config.service(begin_move).service(rename).service(block).service(remove).service(cancel_form).service(cancel);
    config.service(desk).service(desk_block);
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Template)]
#[template(path = "phones/list.html")]
struct ListPage {
    page: Page,
    phones: Vec<Phone>,
    /// Those whose level is proven of the signing key alone.
    signing_alone: BTreeSet<PhoneId>,
    now: Moment,
    /// The blocked phone whose owner goes on to revoke the certificates.
    stolen: Option<Phone>,
}

impl ListPage {
    fn state(&self, phone: &Phone) -> String {
        self.page.say(&format!("phones.state_{}", phone.state.word()))
    }

    fn level(&self, phone: &Phone) -> String {
        self.page.say(if self.signing_alone.contains(&phone.id) { "phones.level_signing" } else { "phones.level" })
    }

    fn protection(&self, phone: &Phone) -> String {
        self.page.say(&format!("phones.level_{}", phone.protection.word().replace('-', "_")))
    }
}

async fn list_page(ground: &Ground, granted: &Granted<right::SeeOneself>, page: Page) -> Result<ListPage, Problem> {
    let mut reader = ground.database.read().await?;
    let phones = phones::read::of_account(&mut reader, granted.actor.account).await?;
    let signing_alone = phones::read::signing_key_alone(&mut reader, granted.actor.account, &phones).await?;
    Ok(ListPage { page, phones, signing_alone, now: ground.clock().now(), stolen: None })
}

/// What the list tells of what was just done.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Visit {
    done: String,
    /// The blocked phone whose owner has proven it since, to revoke the certificates.
    stolen: Option<PhoneId>,
}

impl Visit {
    fn news(&self) -> Option<&'static str> {
        match self.done.as_str() {
            "blocked" => Some("phones.blocked_done"),
            "revoked" => Some("phones.revoked_done"),
            _ => None,
        }
    }
}

/// Your phones.
#[get("/account/phones")]
async fn list(
    granted: Granted<right::SeeOneself>,
    page: Page,
    visit: web::Query<Visit>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let page = page.with_news(visit.news());
    let shown = list_page(&ground, &granted, page).await?;
    let stolen = shown.phones.iter().find(|phone| Some(phone.id) == visit.stolen && phone.is_blocked()).cloned();
    show(&ListPage { stolen, ..shown })
}

/// The list once more, with why no phone is added now.
async fn refused(ground: &Ground, granted: &Granted<right::SeeOneself>, page: Page, problem: Problem) -> Result<HttpResponse, Problem> {
    if problem.kind != Kind::Conflict {
        return Err(problem);
    }
    render(problem.kind.status(), &list_page(ground, granted, page.refused(&problem)).await?)
}

/// Invites a phone, after a fresh proof.
#[post("/account/phones")]
async fn begin(
    granted: Granted<right::SeeOneself>,
    page: Page,
    _form: Form<Nothing>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let actor = &granted.actor;
    let now = ground.clock().now();
    if !actor.has_proven_by_card(now) {
        return Ok(prove_by_card_first(actor, now, LIST));
    }
    let whom = match read::whom(&ground, actor).await {
        Ok(whom) => whom,
        Err(error) => return refused(&ground, &granted, page, error.into()).await,
    };
    let new = NewInvitation::draw(&ground, actor, &whom).await?;
    match ground.database.write(async |unit| phones::invite(unit, &new, actor).await).await {
        Ok(()) => Ok(go(&format!("{LIST}/{}", new.phone()))),
        Err(error @ PhoneError::TooManyPhones { .. }) => {
            let problem = Problem::from(error);
            render(problem.kind.status(), &list_page(&ground, &granted, page.refused(&problem)).await?)
        }
        Err(error) => Err(error.into()),
    }
}

/// Invites a new phone in the place of this one, after a fresh proof.
#[post("/account/phones/{id}/move")]
async fn begin_move(
    granted: Granted<right::SeeOneself>,
    page: Page,
    id: web::Path<PhoneId>,
    _form: Form<Nothing>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let actor = &granted.actor;
    let now = ground.clock().now();
    if !actor.has_proven_by_card(now) {
        return Ok(prove_by_card_first(actor, now, LIST));
    }
    let whom = match read::whom(&ground, actor).await {
        Ok(whom) => whom,
        Err(error) => return refused(&ground, &granted, page, error.into()).await,
    };
    let new = match NewInvitation::draw_move(&ground, actor, &whom, *id).await {
        Ok(new) => new,
        Err(error @ PhoneError::NotYet { .. }) => {
            let problem = Problem::from(error);
            return render(problem.kind.status(), &list_page(&ground, &granted, page.refused(&problem)).await?);
        }
        Err(error) => return Err(error.into()),
    };
    ground.database.write(async |unit| phones::invite(unit, &new, actor).await).await?;
    Ok(go(&format!("{LIST}/{}", new.phone())))
}

#[derive(Template)]
#[template(path = "phones/pairing.html")]
struct PairingPage {
    page: Page,
    phone: PhoneId,
    /// Whether it takes the place of another phone.
    moves: bool,
    /// Whether a phone that serves may approve it.
    has_phone: bool,
    invited: Option<(Invited, Qr)>,
    digits: Option<String>,
    claimed: bool,
    confirmed: bool,
    expires_at: Moment,
}

impl PairingPage {
    fn password_hint(&self) -> &'static str {
        if self.moves || self.has_phone { "phones.password_hint_phone" } else { "phones.password_hint" }
    }

    /// The digits one by one, for those who hear them.
    fn spoken(digits: &str) -> String {
        digits.chars().map(String::from).collect::<Vec<_>>().join(" ")
    }
}

async fn pairing_page(ground: &Ground, granted: &Granted<right::SeeOneself>, page: Page, id: PhoneId) -> Result<PairingPage, Problem> {
    let pairing = phones::read::own_pairing(ground, &granted.actor, id).await?;
    let now = ground.clock().now();
    let mut shown = PairingPage {
        page,
        phone: id,
        moves: pairing.replaces.is_some(),
        has_phone: consents::read::has_phone(&mut ground.database.read().await?, granted.actor.account, now).await?,
        invited: None,
        digits: None,
        claimed: false,
        confirmed: false,
        expires_at: pairing.expires_at,
    };
    match phones::read::shown(ground, &pairing).await? {
        Shown::Claimed => shown.claimed = true,
        Shown::Confirmed => shown.confirmed = true,
        Shown::Digits(digits) => shown.digits = Some(digits),
        Shown::Invitation(invited) => {
            let drawn = phones::qr(&invited.invitation)?;
            shown.invited = Some((invited, drawn));
        }
        Shown::Over => {}
    }
    Ok(shown)
}

/// A pairing on its way: the QR and the code, then the digits and the password.
#[get("/account/phones/{id}")]
async fn standing(
    granted: Granted<right::SeeOneself>,
    page: Page,
    id: web::Path<PhoneId>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    show(&pairing_page(&ground, &granted, page, *id).await?)
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct PasswordForm {
    password: Secret<String>,
}

/// The digits are the same: checks the password and asks for a key.
#[post("/account/phones/{id}/question")]
async fn ask(
    granted: Granted<right::SeeOneself>,
    page: Page,
    id: web::Path<PhoneId>,
    form: Form<PasswordForm>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    match phones::ask(&ground, &granted.actor, *id, &form.0.password, &network_of(&request, &ground)).await {
        Ok(_) => Ok(go(&format!("{LIST}/{id}/key"))),
        Err(error @ (PhoneError::Account(_) | PhoneError::Gone)) => {
            let problem = Problem::from(error).worded(Kind::NotRight, "logins.password_not_right");
            render(problem.kind.status(), &pairing_page(&ground, &granted, page.refused(&problem), *id).await?)
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "phones/key.html")]
struct KeyPage {
    page: Page,
    phone: PhoneId,
    question: keycards::Question,
    demo_key: Option<String>,
}

async fn key_page(ground: &Ground, granted: &Granted<right::SeeOneself>, page: Page, id: PhoneId) -> Result<Option<KeyPage>, Problem> {
    let pairing = phones::read::own_pairing(ground, &granted.actor, id).await?;
    let Some(challenge) = pairing.challenge else { return Ok(None) };
    let question = keycards::read::question(&mut ground.database.read().await?, challenge, ground.clock().now()).await?;
    let Some(question) = question else { return Ok(None) };
    let demo_key = keycards::demo_key(ground, challenge).await?;
    Ok(Some(KeyPage { page, phone: id, question, demo_key }))
}

/// Which key confirms.
#[get("/account/phones/{id}/key")]
async fn key_form(
    granted: Granted<right::SeeOneself>,
    page: Page,
    id: web::Path<PhoneId>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    match key_page(&ground, &granted, page, *id).await? {
        Some(shown) => show(&shown),
        None => Ok(go(&format!("{LIST}/{id}"))),
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyForm {
    key: Secret<String>,
}

/// Confirms with the key.
#[post("/account/phones/{id}/confirm")]
async fn confirm(
    granted: Granted<right::SeeOneself>,
    page: Page,
    id: web::Path<PhoneId>,
    form: Form<KeyForm>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let problem = match phones::confirm(&ground, &granted.actor, *id, form.0.key.reveal(), page.words.0).await {
        Ok(_) => {
            phones::wake(&ground, granted.actor.account);
            return Ok(go(&format!("{LIST}/{id}")));
        }
        Err(error @ (PhoneError::Gone | PhoneError::Keycard(_) | PhoneError::TooManyPhones { .. })) => Problem::from(error),
        Err(error) => return Err(error.into()),
    };
    let problem = problem.worded(Kind::NotRight, "logins.key_not_right");
    let page = page.refused(&problem);
    match key_page(&ground, &granted, page.clone(), *id).await? {
        Some(shown) => render(problem.kind.status(), &shown),
        None => render(problem.kind.status(), &pairing_page(&ground, &granted, page, *id).await?),
    }
}

/// The digits are others, or nobody should have asked.
#[post("/account/phones/{id}/refuse")]
async fn refuse(
    granted: Granted<right::SeeOneself>,
    id: web::Path<PhoneId>,
    _form: Form<Nothing>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    ground.database.write(async |unit| phones::refuse(unit, &granted.actor, *id).await).await?;
    Ok(go(LIST))
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct NameForm {
    name: String,
}

#[post("/account/phones/{id}/name")]
async fn rename(
    granted: Granted<right::SeeOneself>,
    page: Page,
    id: web::Path<PhoneId>,
    form: Form<NameForm>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (account, author) = (granted.actor.account, granted.actor.author());
    match ground.database.write(async |unit| phones::rename(unit, account, *id, &form.0.name, author).await).await {
        Ok(()) => Ok(go(LIST)),
        Err(error @ PhoneError::Invalid(_)) => {
            let problem = Problem::from(error);
            let mut page = page.refused(&problem);
            page.alert = problem.faults.first().map(|fault| page.sentence(fault));
            render(problem.kind.status(), &list_page(&ground, &granted, page).await?)
        }
        Err(error) => Err(error.into()),
    }
}

/// What ends beside the phone.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct BlockForm {
    /// `revoke`, or empty.
    #[serde(default)]
    certificates: String,
}

fn beside(word: &str) -> Certificates {
    if word == "revoke" { Certificates::Revoke } else { Certificates::GoOn }
}

/// It is lost, and blocked at once. Revoking the certificates with it needs a fresh proof: without one the person is told so, led there, and from
/// there back to what is left.
#[post("/account/phones/{id}/block")]
async fn block(
    granted: Granted<right::SeeOneself>,
    id: web::Path<PhoneId>,
    form: Form<BlockForm>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (account, author, now) = (granted.actor.account, granted.actor.author(), ground.clock().now());
    let beside = beside(&form.0.certificates);
    if beside.require_proof(&granted.actor, now).is_err() {
        phones::block_at_request(&ground, account, Which::One(*id), Certificates::GoOn, author).await?;
        return Ok(prove_for_the_rest(&granted.actor, now, &format!("{LIST}?stolen={id}"), "phone"));
    }
    phones::block_at_request(&ground, account, Which::One(*id), beside, author).await?;
    let done = match beside {
        Certificates::GoOn => "blocked",
        Certificates::Revoke => "revoked",
    };
    Ok(go(&format!("{LIST}?done={done}")))
}

/// It is used no more.
#[post("/account/phones/{id}/remove")]
async fn remove(
    granted: Granted<right::SeeOneself>,
    id: web::Path<PhoneId>,
    _form: Form<Nothing>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (account, author) = (granted.actor.account, granted.actor.author());
    ground.database.write(async |unit| phones::remove(unit, account, *id, author).await).await?;
    phones::wake(&ground, account);
    Ok(go(LIST))
}

#[derive(Template)]
#[template(path = "phones/cancel.html")]
struct CancelPage {
    page: Page,
    link: String,
    phone: Phone,
    done: bool,
}

/// What the mailed link shows. Looking changes nothing: mail scanners look too.
#[get("/phones/cancel/{link}")]
async fn cancel_form(page: Page, link: web::Path<String>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let found = phones::read::cancellable(&mut ground.database.read().await?, &link).await?;
    let phone = found.ok_or_else(|| Problem::saying(Kind::Gone, "phones.cancel_gone"))?;
    show(&CancelPage { page, link: link.into_inner(), phone, done: false })
}

/// Cancels a pairing by the mailed link.
#[post("/phones/cancel/{link}")]
async fn cancel(page: Page, link: web::Path<String>, _form: Form<Nothing>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let cancelled = ground.database.write(async |unit| phones::cancel(unit, &link).await).await;
    let phone = match cancelled {
        Ok(phone) => phone,
        Err(PhoneError::Gone) => return Err(Problem::saying(Kind::Gone, "phones.cancel_gone")),
        Err(error) => return Err(error.into()),
    };
    phones::wake(&ground, phone.account);
    show(&CancelPage { page, link: link.into_inner(), phone, done: true })
}

#[derive(Template)]
#[template(path = "phones/desk.html")]
struct DeskPage {
    page: Page,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct DeskForm {
    user_id: String,
    /// `revoke`, or empty.
    #[serde(default)]
    certificates: String,
}

/// Whose phones were blocked before the proof: an id, since addresses stay in histories.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct DeskVisit {
    account: Option<AccountId>,
}

/// The help desk's form; after a proof with the person in it whose certificates are left.
#[get("/operations/phones")]
async fn desk(
    _granted: Granted<right::BlockPhones>,
    page: Page,
    visit: web::Query<DeskVisit>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let Some(account) = visit.account else { return show(&DeskPage { page }) };
    let mut reader = ground.database.read().await?;
    let user_id = accounts::read::account(&mut reader, account).await?.and_then(|found| found.user_id);
    let Some(user_id) = user_id else { return show(&DeskPage { page }) };
    let all_ended = phones::read::usable(&mut reader, account).await?.is_empty();
    drop(reader);
    let left = page.with("phones.desk_left", "user_id", &user_id);
    let page = page.typed("user_id", &user_id);
    show(&DeskPage { page: if all_ended { page.told(left) } else { page } })
}

/// Blocks every phone of a person who called, at once. Revoking the certificates with them needs a fresh proof: without one the help desk is told
/// so, led there, and back to the form with the person in it.
#[post("/operations/phones")]
async fn desk_block(
    granted: Granted<right::BlockPhones>,
    page: Page,
    form: Form<DeskForm>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (author, beside) = (granted.actor.author(), beside(&form.0.certificates));
    let is_proven = beside.require_proof(&granted.actor, ground.clock().now()).is_ok();
    let found = accounts::read::by_user_id(&mut ground.database.read().await?, &form.0.user_id).await?;
    let Some(account) = found else {
        let problem = Problem::saying(Kind::NotFound, "phones.desk_nobody");
        let page = page.refused(&problem).typed("user_id", &form.0.user_id);
        return render(StatusCode::NOT_FOUND, &DeskPage { page });
    };
    let beside = if is_proven { beside } else { Certificates::GoOn };
    let blocked = phones::block_at_request(&ground, account, Which::All, beside, author).await?;
    if !is_proven {
        return Ok(prove_for_the_rest(&granted.actor, ground.clock().now(), &format!("{DESK}?account={account}"), "phones"));
    }
    let told = page.with2("phones.desk_done", "blocked", blocked, "user_id", &form.0.user_id);
    show(&DeskPage { page: page.told(told) })
}
