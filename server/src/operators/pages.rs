//! The pages of the operators: who there is, what waits for a second person, and the forms that ask. Without script.

use actix_web::{HttpResponse, get, http::StatusCode, post, web};
use askama::Template;

use super::{
    Change, ChangeKind, ChangeState, Decision, OPERATOR_ROLES, OperatorError, Wanted,
    read::{self, Operator},
    routes::{ask, decide},
};
use crate::{
    accounts::{Account, AccountState},
    http::{
        body::Form,
        guard::Granted,
        listing::After,
        page::{self, Page},
        permissions::{self, Permission, right},
        problem::{Kind, Problem},
    },
    platform::{
        actor::{Actor, Role},
        ground::Ground,
        id::{AccountId, OperatorChangeId},
        moment::Moment,
        secret::Secret,
        words::Language,
    },
};

const LIST: &str = "/operators";
const NEW: &str = "/operators/new";

/// Adds the routes.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(show_list).service(invite_form).service(invite_post).service(consent_to).service(refuse_it).service(withdraw_it);
    config.service(show_one).service(roles_post).service(ending_post);
}

/// Role words, for people.
fn say_roles(page: &Page, roles: &[Role]) -> String {
    roles.iter().map(|role| page.say(&format!("operators.role_{}", role.word()))).collect::<Vec<_>>().join(", ")
}

#[derive(Template)]
#[template(path = "operators/list.html")]
struct ListPage {
    page: Page,
    operators: Vec<Operator>,
    changes: Vec<Change>,
    next: Option<String>,
    now: Moment,
    may_change: bool,
    own: AccountId,
}

impl ListPage {
    fn roles(&self, roles: &[Role]) -> String {
        say_roles(&self.page, roles)
    }

    fn standing(&self, account: &Account) -> (&'static str, String) {
        match account.state {
            AccountState::Active => ("success", self.page.say("operators.state_active")),
            AccountState::Blocked => ("error", self.page.say("operators.state_ended")),
            AccountState::Suspended => ("warning", self.page.say("operators.state_rests")),
            AccountState::Invited => ("warning", self.page.say("operators.state_invited")),
        }
    }

    fn kind(&self, change: &Change) -> String {
        match change.kind {
            ChangeKind::End => self.page.say("operators.change_end"),
            ChangeKind::Invite => self.page.with("operators.change_invite", "roles", self.roles(&change.roles)),
            ChangeKind::Roles => self.page.with("operators.change_roles", "roles", self.roles(&change.roles)),
        }
    }

    fn outcome(&self, change: &Change) -> (&'static str, String) {
        let (colour, key) = match change.state {
            ChangeState::Asked if change.is_open(self.now) => ("warning", "operators.outcome_asked"),
            ChangeState::Asked | ChangeState::Lapsed => ("info", "operators.outcome_lapsed"),
            ChangeState::Done => ("success", "operators.outcome_done"),
            ChangeState::Refused => ("error", "operators.outcome_refused"),
            ChangeState::Withdrawn => ("info", "operators.outcome_withdrawn"),
        };
        (colour, self.page.say(key))
    }

    fn waits(&self, change: &Change) -> String {
        match change.effective_at {
            Some(at) => self.page.with("operators.takes_effect", "at", self.page.time(&at)),
            None => self.page.with("operators.lapses", "at", self.page.time(&change.lapses_at)),
        }
    }

    fn is_open(&self, change: &Change) -> bool {
        change.is_open(self.now)
    }

    fn can_decide(&self, change: &Change) -> bool {
        self.may_change && change.is_open(self.now) && change.asked_by != self.own
    }

    fn can_withdraw(&self, change: &Change) -> bool {
        self.may_change && change.is_open(self.now) && change.asked_by == self.own
    }
}

async fn list_page(ground: &Ground, actor: &Actor, page: Page, query: Option<&After>) -> Result<ListPage, Problem> {
    let cursor = match query {
        Some(query) => query.cursor()?,
        None => None,
    };
    let mut reader = ground.database.read().await?;
    let operators = read::operators(&mut reader).await?;
    let listing = read::changes(&mut reader, cursor.as_ref()).await?;
    Ok(ListPage {
        page,
        operators,
        changes: listing.items,
        next: listing.next.map(|cursor| cursor.word()),
        now: ground.clock().now(),
        may_change: permissions::allows(&actor.roles, Permission::ChangeOperators),
        own: actor.account,
    })
}

#[get("/operators")]
async fn show_list(
    granted: Granted<right::SeeOperators>,
    ground: web::Data<Ground>,
    page: Page,
    query: web::Query<After>,
) -> Result<HttpResponse, Problem> {
    page::show(&list_page(&ground, &granted.actor, page, Some(&query)).await?)
}

/// The boxes of the roles.
fn boxes(page: &Page) -> Vec<(&'static str, String)> {
    OPERATOR_ROLES.into_iter().map(|role| (role.word(), page.say(&format!("operators.role_{}_does", role.word())))).collect()
}

/// Which boxes were ticked.
#[derive(Clone, Copy)]
struct Ticked<'a> {
    registration: Option<&'a str>,
    security: Option<&'a str>,
    help_desk: Option<&'a str>,
    auditor: Option<&'a str>,
}

impl Ticked<'_> {
    fn words(self) -> Vec<&'static str> {
        let given = [self.registration, self.security, self.help_desk, self.auditor];
        OPERATOR_ROLES.into_iter().zip(given).filter(|(_, given)| given.is_some()).map(|(role, _)| role.word()).collect()
    }
}

/// The page with the boxes as they were.
fn with_boxes(page: Page, words: &[&'static str]) -> Page {
    words.iter().fold(page, |page, word| page.typed(word, "yes"))
}

#[derive(Template)]
#[template(path = "operators/new.html")]
struct NewPage {
    page: Page,
    boxes: Vec<(&'static str, String)>,
    languages: Vec<(&'static str, String)>,
}

fn new_page(page: Page) -> NewPage {
    let languages = vec![("da", page.say("operators.language_da")), ("en", page.say("operators.language_en"))];
    NewPage { boxes: boxes(&page), languages, page }
}

#[get("/operators/new")]
async fn invite_form(granted: Granted<right::ChangeOperators>, ground: web::Data<Ground>, page: Page) -> Result<HttpResponse, Problem> {
    if !granted.actor.has_proven(ground.clock().now()) {
        return Ok(page::prove_first(NEW));
    }
    let tag = ground.config.policy.language.tag();
    page::show(&new_page(page.typed("language", tag)))
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct InvitationForm {
    name: String,
    email: String,
    language: String,
    registration: Option<String>,
    security: Option<String>,
    help_desk: Option<String>,
    auditor: Option<String>,
}

/// What whoever asked is shown, this once.
#[derive(Template)]
#[template(path = "operators/asked.html")]
struct AskedPage {
    page: Page,
    change: Change,
    code: Secret<String>,
}

#[post("/operators/new")]
async fn invite_post(
    granted: Granted<right::ChangeOperators>,
    ground: web::Data<Ground>,
    page: Page,
    form: Form<InvitationForm>,
) -> Result<HttpResponse, Problem> {
    let form = form.0;
    let ticked = Ticked {
        registration: form.registration.as_deref(),
        security: form.security.as_deref(),
        help_desk: form.help_desk.as_deref(),
        auditor: form.auditor.as_deref(),
    };
    let words = ticked.words();
    let asked = match Language::of(&form.language) {
        None => Err(Problem::of(Kind::BadRequest)),
        Some(language) => match super::invitation(&form.name, &form.email, language, &words) {
            Err(faults) => Err(Problem::invalid(faults)),
            Ok(wanted) => match super::prepare_invitation(&ground, &granted.actor, wanted).await {
                Ok(prepared) => ask(&ground, &granted.actor, prepared).await,
                Err(error) => Err(error.into()),
            },
        },
    };
    match asked {
        Ok(asked) => {
            let code = asked.code.ok_or(Problem::of(Kind::Unforeseen))?;
            page::render(StatusCode::OK, &AskedPage { page, change: asked.change, code })
        }
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(page::prove_first(NEW)),
        Err(problem) if matches!(problem.kind, Kind::AlreadyDone | Kind::Conflict | Kind::Invalid) => {
            let page = page.refused(&problem).typed("name", &form.name).typed("email", &form.email).typed("language", &form.language);
            page::render(problem.kind.status(), &new_page(with_boxes(page, &words)))
        }
        Err(problem) => Err(problem),
    }
}

#[derive(Template)]
#[template(path = "operators/one.html")]
struct OnePage {
    page: Page,
    account: Account,
    roles: String,
    boxes: Vec<(&'static str, String)>,
    own: bool,
}

async fn one_page(ground: &Ground, actor: &Actor, page: Page, id: AccountId) -> Result<OnePage, Problem> {
    let account = read::operator(&mut ground.database.read().await?, id).await?.ok_or(OperatorError::NotFound)?;
    let roles = say_roles(&page, &account.roles);
    Ok(OnePage { boxes: boxes(&page), own: account.id == actor.account, page, account, roles })
}

fn address(id: AccountId) -> String {
    format!("/operators/{id}")
}

#[get("/operators/{id}")]
async fn show_one(
    granted: Granted<right::ChangeOperators>,
    ground: web::Data<Ground>,
    page: Page,
    id: web::Path<AccountId>,
) -> Result<HttpResponse, Problem> {
    let mut shown = one_page(&ground, &granted.actor, page, *id).await?;
    if !granted.actor.has_proven(ground.clock().now()) {
        return Ok(page::prove_first(&address(*id)));
    }
    let words: Vec<_> = shown.account.roles.iter().map(|role| role.word()).collect();
    shown.page = with_boxes(shown.page, &words);
    page::show(&shown)
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RolesForm {
    registration: Option<String>,
    security: Option<String>,
    help_desk: Option<String>,
    auditor: Option<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// Asks it of an operator who is there, and goes back to the list.
async fn ask_of(
    ground: &Ground,
    actor: &Actor,
    page: Page,
    id: AccountId,
    (wanted, words): (Result<Wanted, Problem>, Option<&[&'static str]>),
) -> Result<HttpResponse, Problem> {
    let asked = match wanted {
        Ok(wanted) => match super::prepare(ground, actor, id, wanted).await {
            Ok(prepared) => ask(ground, actor, prepared).await,
            Err(error) => Err(error.into()),
        },
        Err(problem) => Err(problem),
    };
    match asked {
        Ok(_) => Ok(page::go(LIST)),
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(page::prove_first(&address(id))),
        Err(problem) if matches!(problem.kind, Kind::AlreadyDone | Kind::Conflict | Kind::Forbidden | Kind::Invalid) => {
            let mut shown = one_page(ground, actor, page.refused(&problem), id).await?;
            let standing: Vec<_> = shown.account.roles.iter().map(|role| role.word()).collect();
            shown.page = with_boxes(shown.page, words.unwrap_or(&standing));
            page::render(problem.kind.status(), &shown)
        }
        Err(problem) => Err(problem),
    }
}

#[post("/operators/{id}/roles")]
async fn roles_post(
    granted: Granted<right::ChangeOperators>,
    ground: web::Data<Ground>,
    page: Page,
    id: web::Path<AccountId>,
    form: Form<RolesForm>,
) -> Result<HttpResponse, Problem> {
    let form = form.0;
    let ticked = Ticked {
        registration: form.registration.as_deref(),
        security: form.security.as_deref(),
        help_desk: form.help_desk.as_deref(),
        auditor: form.auditor.as_deref(),
    };
    let words = ticked.words();
    let wanted = super::roles_of(&words).map(Wanted::Roles).map_err(|fault| Problem::invalid(vec![fault]));
    ask_of(&ground, &granted.actor, page, *id, (wanted, Some(&words))).await
}

#[post("/operators/{id}/ending")]
async fn ending_post(
    granted: Granted<right::ChangeOperators>,
    ground: web::Data<Ground>,
    page: Page,
    id: web::Path<AccountId>,
    _form: Form<Nothing>,
) -> Result<HttpResponse, Problem> {
    ask_of(&ground, &granted.actor, page, *id, (Ok(Wanted::End), None)).await
}

/// Decides, and shows the list once more, with what was refused.
async fn decided(
    ground: &Ground,
    actor: &Actor,
    page: Page,
    (id, decision): (OperatorChangeId, Decision),
) -> Result<HttpResponse, Problem> {
    let Err(error) = decide(ground, actor, id, decision).await else { return Ok(page::go(LIST)) };
    let problem = Problem::from(error);
    if problem.kind == Kind::ProveAgain {
        return Ok(page::prove_first(LIST));
    }
    if !matches!(problem.kind, Kind::AlreadyDone | Kind::Conflict | Kind::Forbidden | Kind::Gone) {
        return Err(problem);
    }
    page::render(problem.kind.status(), &list_page(ground, actor, page.refused(&problem), None).await?)
}

#[post("/operators/changes/{id}/consent")]
async fn consent_to(
    granted: Granted<right::ChangeOperators>,
    ground: web::Data<Ground>,
    page: Page,
    id: web::Path<OperatorChangeId>,
    _form: Form<Nothing>,
) -> Result<HttpResponse, Problem> {
    decided(&ground, &granted.actor, page, (*id, Decision::Consent)).await
}

#[post("/operators/changes/{id}/refusal")]
async fn refuse_it(
    granted: Granted<right::ChangeOperators>,
    ground: web::Data<Ground>,
    page: Page,
    id: web::Path<OperatorChangeId>,
    _form: Form<Nothing>,
) -> Result<HttpResponse, Problem> {
    decided(&ground, &granted.actor, page, (*id, Decision::Refusal)).await
}

#[post("/operators/changes/{id}/withdrawal")]
async fn withdraw_it(
    granted: Granted<right::ChangeOperators>,
    ground: web::Data<Ground>,
    page: Page,
    id: web::Path<OperatorChangeId>,
    _form: Form<Nothing>,
) -> Result<HttpResponse, Problem> {
    decided(&ground, &granted.actor, page, (*id, Decision::Withdrawal)).await
}
