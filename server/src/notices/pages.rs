//! The HTML edge of letters: the print queue, a batch, posted, returned.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::{
    Class, LetterError, SharedLiving,
    letters::{self, Batch, LetterState, MOST_LETTERS, Queued, Waiting},
    routes::{self, answer_pdf},
};
use crate::{
    http::{
        body::Form,
        guard::Granted,
        page::{Page, go, prove_first, render, show},
        permissions::right,
        problem::Problem,
    },
    platform::{
        ground::Ground,
        id::{LetterBatchId, MessageId},
    },
};

const QUEUE: &str = "/operations/letters";

/// The pages.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(show_queue).service(make_batch).service(show_batch).service(print_batch).service(post_batch).service(note_returned);
}

#[derive(Template)]
#[template(path = "notices/letters.html")]
struct QueuePage {
    page: Page,
    waiting: Vec<Waiting>,
    batches: Vec<Batch>,
    next: Option<String>,
    most: i64,
    kept_days: i64,
}

impl QueuePage {
    async fn of(ground: &Ground, page: Page, before: Option<LetterBatchId>) -> Result<Self, Problem> {
        let mut reader = ground.database.read().await?;
        let waiting = letters::waiting(&mut reader).await?;
        let (batches, next) = letters::batches(&mut reader, before).await?;
        let next = next.map(|last| last.to_string());
        Ok(Self { page, waiting, batches, next, most: MOST_LETTERS, kept_days: ground.config.mail.letters_kept_days })
    }

    fn class(&self, class: &Class) -> String {
        self.page.say(&format!("letters.class_{}", class.word()))
    }
}

#[derive(Template)]
#[template(path = "notices/batch.html")]
struct BatchPage {
    page: Page,
    batch: Batch,
    letters: Vec<Queued>,
}

impl BatchPage {
    fn class(&self) -> String {
        self.page.say(&format!("letters.class_{}", self.batch.class.word()))
    }

    fn state(&self, letter: &Queued) -> String {
        self.page.say(&format!("letters.state_{}", letter.state.word()))
    }

    fn address(&self, below: &str) -> String {
        format!("{QUEUE}/{}/{below}", self.batch.id)
    }

    fn printed(&self) -> String {
        format!("{QUEUE}/{}/letters.pdf", self.batch.id)
    }

    fn back(&self, letter: &Queued) -> String {
        self.address(&format!("letters/{}/return", letter.id))
    }

    fn is_away(&self, letter: &Queued) -> bool {
        letter.state == LetterState::Posted
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct MakeForm {
    class: Class,
}

#[get("/operations/letters")]
async fn show_queue(
    _granted: Granted<right::PrintLetters>,
    page: Page,
    query: web::Query<routes::Page>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    show(&QueuePage::of(&ground, page, query.after).await?)
}

#[post("/operations/letters")]
async fn make_batch(
    granted: Granted<right::PrintLetters>,
    page: Page,
    form: Form<MakeForm>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    match ground.database.write(async |unit| letters::make_batch(unit, form.0.class, &granted.actor).await).await {
        Ok(id) => Ok(go(&format!("{QUEUE}/{id}"))),
        Err(LetterError::ProveAgain) => Ok(prove_first(QUEUE)),
        Err(error @ (LetterError::NothingWaits | LetterError::OrderedByYou)) => {
            let problem = Problem::from(error);
            render(problem.kind.status(), &QueuePage::of(&ground, page.refused(&problem), None).await?)
        }
        Err(error) => Err(error.into()),
    }
}

#[get("/operations/letters/{id}")]
async fn show_batch(
    _granted: Granted<right::PrintLetters>,
    page: Page,
    id: web::Path<LetterBatchId>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (batch, letters) = letters::batch(&mut ground.database.read().await?, *id).await?;
    show(&BatchPage { page, batch, letters })
}

#[get("/operations/letters/{id}/letters.pdf")]
async fn print_batch(
    granted: Granted<right::PrintLetters>,
    id: web::Path<LetterBatchId>,
    living: web::Data<SharedLiving>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    if !granted.actor.has_proven(ground.clock().now()) {
        return Ok(prove_first(&format!("{QUEUE}/{id}")));
    }
    answer_pdf(&ground, living.get_ref().as_ref(), &granted.actor, *id).await
}

#[post("/operations/letters/{id}/posting")]
async fn post_batch(
    granted: Granted<right::PrintLetters>,
    id: web::Path<LetterBatchId>,
    _form: Form<Nothing>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    ground.database.write(async |unit| letters::post(unit, &granted.actor, *id).await).await?;
    Ok(go(&format!("{QUEUE}/{id}")))
}

#[post("/operations/letters/{id}/letters/{letter}/return")]
async fn note_returned(
    granted: Granted<right::PrintLetters>,
    path: web::Path<(LetterBatchId, MessageId)>,
    _form: Form<Nothing>,
    ground: web::Data<Ground>,
) -> Result<HttpResponse, Problem> {
    let (batch, letter) = path.into_inner();
    ground.database.write(async |unit| letters::note_returned(unit, &granted.actor, batch, letter).await).await?;
    Ok(go(&format!("{QUEUE}/{batch}")))
}
