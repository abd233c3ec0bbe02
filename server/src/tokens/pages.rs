//! The HTML edge of the stock: the list, the import, the help desk's button.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::{
    CodeToken, Standing, block,
    model::FILE_BYTES,
    read,
    routes::{Delivery, Search, import_once},
};
use crate::{
    http::{
        body::Form,
        guard::Granted,
        idempotency::Idempotency,
        page::{Page, go, prove_first, render, show},
        permissions::{self, Permission, right},
        problem::{Kind, Problem},
        upload::Upload,
    },
    platform::{
        fault::FieldFault,
        ground::Ground,
        id::{CodeTokenId, CompanyId},
        moment::Moment,
        secret::Secret,
        text,
    },
};

const LIST: &str = "/operations/tokens";
const IMPORT: &str = "/operations/tokens/import";

/// The pages.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(list).service(import_form).service(import_file).service(block_one);
}

#[derive(Template)]
#[template(path = "tokens/list.html")]
struct ListPage {
    page: Page,
    tokens: Vec<CodeToken>,
    serial: String,
    next: Option<String>,
    now: Moment,
    may_import: bool,
    may_block: bool,
}

impl ListPage {
    fn badge(&self, token: &CodeToken) -> (&'static str, String) {
        badge(&self.page, token.standing(self.now))
    }

    fn kind(&self, token: &CodeToken) -> String {
        self.page.say(&format!("tokens.kind_{}", token.kind.word()))
    }

    fn can_block(&self, token: &CodeToken) -> bool {
        self.may_block && matches!(token.standing(self.now), Standing::Active | Standing::Assigned | Standing::Quarantined)
    }
}

/// The colour of a standing's badge, and its words.
pub fn badge(page: &Page, standing: Standing) -> (&'static str, String) {
    let colour = match standing {
        Standing::Active => "success",
        Standing::Assigned | Standing::Quarantined => "warning",
        Standing::Blocked | Standing::Worn => "error",
        Standing::Ended | Standing::Stock => "info",
    };
    (colour, page.say(&format!("tokens.state_{}", standing.word())))
}

/// Which part of the list, and what was done.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Visit {
    serial: String,
    after: String,
    /// How many were imported.
    imported: Option<u32>,
}

#[get("/operations/tokens")]
async fn list(
    granted: Granted<right::SeeTokens>,
    page: Page,
    visit: web::Query<Visit>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let Visit { serial, after, imported } = visit.into_inner();
    let cursor = Search { serial: serial.clone(), after }.cursor()?;
    let listing = read::list(&mut ground.database.read().await?, &serial, &cursor).await?;
    let next = listing.next.map(|cursor| {
        let query = serde_urlencoded::to_string([("serial", serial.as_str()), ("after", &cursor.word())]).unwrap_or_default();
        format!("{LIST}?{query}")
    });
    let page = match imported {
        Some(count) => {
            let sentence = page.with("tokens.imported", "count", count);
            page.told(sentence)
        }
        None => page,
    };
    let allows = |permission| permissions::allows(&granted.actor.roles, permission);
    show(&ListPage {
        page: page.typed("serial", &serial),
        tokens: listing.items,
        serial,
        next,
        now: ground.clock().now(),
        may_import: allows(Permission::ImportTokens),
        may_block: allows(Permission::BlockTokens),
    })
}

#[derive(Template)]
#[template(path = "tokens/import.html")]
struct ImportPage {
    page: Page,
    formats: Vec<(&'static str, String)>,
}

impl ImportPage {
    fn of(page: Page) -> Self {
        let formats = [("pskc", page.say("tokens.format_pskc")), ("csv", page.say("tokens.format_csv"))].to_vec();
        Self { page, formats }
    }
}

/// A file that was chosen is lost on the way to a proof: it is asked for before.
#[get("/operations/tokens/import")]
async fn import_form(granted: Granted<right::ImportTokens>, page: Page, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    if !granted.actor.has_proven(ground.clock().now()) {
        return Ok(prove_first(IMPORT));
    }
    show(&ImportPage::of(page))
}

#[post("/operations/tokens/import")]
async fn import_file(
    granted: Granted<right::ImportTokens>,
    page: Page,
    key: Idempotency,
    upload: Upload,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let format = upload.field("format").unwrap_or_default().to_owned();
    let opens = Secret::new(upload.field("pre_shared_key").unwrap_or_default().to_owned());
    let whose = upload.field("company").unwrap_or_default().trim().to_owned();
    let file = zeroize::Zeroizing::new(upload.bytes);
    if file.len() > FILE_BYTES {
        return Err(Problem::saying(Kind::TooLarge, "problems.body_too_large").with("most", text::size(FILE_BYTES)));
    }
    let page = page.typed("format", &format).typed("company", &whose);
    let company = match whose.parse::<CompanyId>() {
        Ok(company) => Some(company),
        Err(_) if whose.is_empty() => None,
        Err(_) => {
            let problem = Problem::invalid(vec![FieldFault::new("company", "field_form")]);
            return render(problem.kind.status(), &ImportPage::of(page.refused(&problem)));
        }
    };
    let delivery = Delivery { format: &format, file: &file, pre_shared_key: &opens, company };
    match import_once(&ground, &granted.actor, &delivery, &key).await {
        Ok(Ok(count)) => Ok(go(&format!("{LIST}?imported={count}"))),
        Ok(Err(_)) => Ok(go(LIST)),
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(prove_first(IMPORT)),
        Err(problem) if problem.kind == Kind::Invalid => render(problem.kind.status(), &ImportPage::of(page.refused(&problem))),
        Err(problem) => Err(problem),
    }
}

/// The button's form.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// Blocks the token of a person who called.
#[post("/operations/tokens/{id}/block")]
async fn block_one(
    granted: Granted<right::BlockTokens>,
    id: web::Path<CodeTokenId>,
    _form: Form<Nothing>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let author = granted.actor.author();
    ground.database.write(async |unit| block(unit, *id, None, author).await).await?;
    let found = read::token(&mut ground.database.read().await?, *id).await?;
    Ok(go(&format!("{LIST}?serial={}", found.map(|token| token.serial).unwrap_or_default())))
}
