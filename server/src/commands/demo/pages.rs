//! `/demo`, `/demo/mail`: whom one can be, and what was sent. Mounted in the demonstration only.

use actix_web::{HttpResponse, get, http::header, web};
use askama::Template;

use super::{
    links::{self, Piece},
    story::{Exhibit, Person, Story},
};
use crate::{
    http::{
        page::{self, Page},
        problem::{Kind, Problem},
    },
    notices::{
        Channel,
        spool::{self, Spooled},
    },
    platform::{actor::Role, ground::Ground},
};

/// The most mails and letters that are listed.
const MOST: usize = 500;

/// Adds the routes.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(people).service(mails).service(one_mail).service(file);
}

#[derive(Template)]
#[template(path = "demo/people.html")]
struct People {
    page: Page,
    groups: Vec<Group>,
    documents: Vec<Exhibit>,
}

/// The people of one company, or the operators.
struct Group {
    company: String,
    people: Vec<Person>,
}

impl People {
    fn role(&self, person: &Person) -> String {
        match Role::of(&person.role) {
            Some(role) => self.page.say(&format!("demo.role_{}", role.word())),
            None => person.role.clone(),
        }
    }
}

/// People in the order of the story, by company.
fn groups(cast: Vec<Person>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for person in cast {
        match groups.iter_mut().find(|group| group.company == person.company) {
            Some(group) => group.people.push(person),
            None => groups.push(Group { company: person.company.clone(), people: vec![person] }),
        }
    }
    groups
}

#[derive(Template)]
#[template(path = "demo/mails.html")]
struct Mails {
    page: Page,
    items: Vec<Spooled>,
}

#[derive(Template)]
#[template(path = "demo/mail.html")]
struct OneMail {
    page: Page,
    item: Spooled,
    pieces: Vec<Piece>,
}

/// Reads files away from the threads that answer.
async fn read<T: Send + 'static>(work: impl FnOnce() -> std::io::Result<T> + Send + 'static) -> Result<T, Problem> {
    match web::block(work).await {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(error)) => Err(Problem::unforeseen(&error)),
        Err(error) => Err(Problem::unforeseen(&error)),
    }
}

#[get("/demo")]
async fn people(page: Page, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let data = ground.config.data.clone();
    let story = read(move || Story::read(&data)).await?;
    page::show(&People { page, groups: groups(story.people), documents: story.documents })
}

#[get("/demo/mail")]
async fn mails(page: Page, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let items = spooled(&ground).await?;
    page::show(&Mails { page, items })
}

#[get("/demo/mail/{name}")]
async fn one_mail(page: Page, name: web::Path<String>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let item = named(&ground, &name).await?;
    let pieces = links::pieces(&item.text);
    page::show(&OneMail { page, item, pieces })
}

/// The mail with its signature, or the letter as it is printed.
#[get("/demo/mail/{name}/file")]
async fn file(name: web::Path<String>, ground: web::Data<Ground>) -> Result<HttpResponse, Problem> {
    let item = named(&ground, &name).await?;
    let path = item.path(&ground.config.mail.spool);
    let bytes = read(move || std::fs::read(path)).await?;
    let content_type = match item.channel {
        Channel::Letter => "application/pdf",
        Channel::Mail => "message/rfc822",
        Channel::Text => "text/plain; charset=utf-8",
    };
    Ok(HttpResponse::Ok().content_type(content_type).insert_header((header::CACHE_CONTROL, "no-store")).body(bytes))
}

async fn spooled(ground: &Ground) -> Result<Vec<Spooled>, Problem> {
    let directory = ground.config.mail.spool.clone();
    read(move || spool::list(&directory, MOST)).await
}

async fn named(ground: &Ground, name: &str) -> Result<Spooled, Problem> {
    spooled(ground).await?.into_iter().find(|item| item.name == name).ok_or_else(|| Problem::of(Kind::NotFound))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use std::sync::Arc;

    use actix_web::{http::StatusCode, test};

    use super::*;
    use crate::{app, config::Mode, platform::testing, router};

    async fn ask(ground: Ground, path: &str) -> (StatusCode, String) {
        let app = test::init_service(router::application(web::Data::new(ground), app::who_is())).await;
        let request = test::TestRequest::get().uri(path).insert_header((header::ACCEPT, "text/html")).to_request();
        let response = test::call_service(&app, request).await;
        (response.status(), String::from_utf8_lossy(&test::read_body(response).await).into_owned())
    }

    fn somebody() -> Person {
        let text = str::to_owned;
        Person { name: text("Åse"), company: text("Nordlys"), role: text("employee"), user_id: text("aase"), password: text("lys<2026") }
    }

    #[actix_web::test]
    async fn real_use_has_no_demonstration_pages() {
        let world = testing::ground().await.unwrap();
        Story { people: vec![somebody()], documents: Vec::new() }.write(world.directory()).unwrap();
        let mut ground = world.ground.clone();
        let mut config = ground.config.as_ref().clone();
        config.server.mode = Mode::Real;
        ground.config = Arc::new(config);
        for path in ["/demo", "/demo/mail"] {
            assert_eq!(ask(ground.clone(), path).await.0, StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[actix_web::test]
    async fn people_are_shown_with_a_form_that_logs_in_as_them() {
        let world = testing::ground().await.unwrap();
        Story { people: vec![somebody()], documents: Vec::new() }.write(world.directory()).unwrap();
        let (status, html) = ask(world.ground.clone(), "/demo").await;
        assert_eq!(status, StatusCode::OK);
        assert!(html.contains("<form method=\"post\" action=\"/login\">") && html.contains("name=\"password\" value=\"lys&#60;2026\""));
    }

    #[actix_web::test]
    async fn a_mail_is_listed_shown_with_its_link_and_fetched_whole() {
        let world = testing::ground().await.unwrap();
        let (spool, name) = (world.directory().join("spool"), "20261122T120000123Z-x");
        std::fs::create_dir_all(&spool).unwrap();
        let mail = "To: aase@example.dk\r\nSubject: Hej\r\n\r\nhttps://segl.dk/activate/1\r\n";
        std::fs::write(spool.join(format!("{name}.eml")), mail).unwrap();
        let (_, listed) = ask(world.ground.clone(), "/demo/mail").await;
        assert!(listed.contains(&format!("href=\"/demo/mail/{name}\">Hej</a>")), "{listed}");
        let (_, shown) = ask(world.ground.clone(), &format!("/demo/mail/{name}")).await;
        assert!(shown.contains("<a href=\"https://segl.dk/activate/1\">"));
        assert_eq!(ask(world.ground.clone(), &format!("/demo/mail/{name}/file")).await.1, mail);
        assert_eq!(ask(world.ground.clone(), "/demo/mail/..%2Fsegl.db").await.0, StatusCode::NOT_FOUND);
    }
}
