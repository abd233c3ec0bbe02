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
