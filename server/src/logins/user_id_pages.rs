//! The HTML edge of changing one's user id.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use askama::Template;

use super::{refusal_routes::told, require_recent};
use crate::{
    http::{
        body::Form,
        guard::Granted,
        network::network_of,
        page::{Page, prove_by_card_first, render, show},
        permissions::right,
        problem::Kind,
        problem::Problem,
    },
    platform::{ground::Ground, secret::Secret},
};

const HERE: &str = "/account/user-id";

/// The page.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(user_id_form).service(user_id_change);
}

#[derive(Template)]
#[template(path = "logins/user_id.html")]
struct UserIdPage {
    page: Page,
    done: bool,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct UserIdForm {
    user_id: String,
    password: Secret<String>,
}

/// The form, after a fresh proof; without one the way leads there first.
#[get("/account/user-id")]
async fn user_id_form(granted: Granted<right::SeeOneself>, page: Page, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let now = ground.clock().now();
    match require_recent(&granted.actor, now) {
        Ok(()) => show(&UserIdPage { page, done: false }),
        Err(_) => Ok(prove_by_card_first(&granted.actor, now, HERE)),
    }
}

#[post("/account/user-id")]
async fn user_id_change(
    granted: Granted<right::SeeOneself>,
    page: Page,
    form: Form<UserIdForm>,
    request: HttpRequest,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let UserIdForm { user_id, password } = form.0;
    let network = network_of(&request, &ground);
    match super::change_user_id(&ground, &granted.actor, &user_id, &password, &network).await {
        Ok(()) => show(&UserIdPage { page, done: true }),
        Err(error) => {
            let problem = told(&ground, error, &network).await.worded(Kind::NotRight, "logins.password_not_right");
            render(problem.kind.status(), &UserIdPage { page: page.refused(&problem).typed("user_id", &user_id), done: false })
        }
    }
}
