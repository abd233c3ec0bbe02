//! The HTML edge of one's telephone.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::require_recent;
use crate::{
    http::{
        body::Form,
        guard::Granted,
        page::{Page, prove_by_card_first, render, show},
        permissions::right,
        problem::{Kind, Problem},
    },
    platform::ground::Ground,
};

const HERE: &str = "/account/telephone";

/// The page.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(telephone_form).service(telephone_change);
}

#[derive(Template)]
#[template(path = "logins/telephone.html")]
struct TelephonePage {
    page: Page,
    done: bool,
    /// The present one, its last digits alone.
    present: Option<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct TelephoneForm {
    telephone: String,
}

/// The form, after a fresh proof; without one the way leads there first.
#[get("/account/telephone")]
async fn telephone_form(granted: Granted<right::SeeOneself>, page: Page, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let now = ground.clock().now();
    if require_recent(&granted.actor, now).is_err() {
        return Ok(prove_by_card_first(&granted.actor, now, HERE));
    }
    show(&TelephonePage { page, done: false, present: super::masked_telephone(&ground, &granted.actor).await? })
}

#[post("/account/telephone")]
async fn telephone_change(
    granted: Granted<right::SeeOneself>,
    page: Page,
    form: Form<TelephoneForm>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let outcome = super::change_telephone(&ground, &granted.actor, &form.0.telephone).await.map_err(Problem::from);
    let present = super::masked_telephone(&ground, &granted.actor).await?;
    match outcome {
        Ok(()) => show(&TelephonePage { page, done: true, present }),
        Err(problem) if problem.kind == Kind::ProveAgain => Ok(prove_by_card_first(&granted.actor, ground.clock().now(), HERE)),
        Err(problem) => {
            let page = page.refused(&problem).typed("telephone", &form.0.telephone);
            render(problem.kind.status(), &TelephonePage { page, done: false, present })
        }
    }
}
