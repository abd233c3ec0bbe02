//! The desk: what many want certified at once is stored together and signed together, so that they share statements and commits. What is
//! promised to each stays as it is: an intention is committed before its signature, and one who is refused harms no other.

use super::{
    CertificateError, Intention,
    finish::{self, Set},
    intend::store_intentions,
};
use crate::platform::{actor::Author, batch::Batch, ground::Ground, id::CertificateId};

type Stored = Result<Intention, CertificateError>;
type Finished = Vec<Result<(), CertificateError>>;

/// Those who wait.
#[derive(Default)]
struct Desk {
    to_store: Batch<(Intention, Author), Stored>,
    to_finish: Batch<Set, Finished>,
}

/// Takes a prepared certificate all the way: stored, then signed and active. For callers who have nothing else to store in its unit.
///
/// # Errors
/// As [`super::store_intention`] and [`super::finish`]. What was stored and not finished, the recovering job finishes or gives up.
pub async fn certify(ground: &Ground, intention: Intention, author: Author) -> Result<CertificateId, CertificateError> {
    let desk = ground.kept.of::<Desk>();
    let own = ground.clone();
    let store = async move |items: Vec<(Intention, Author)>| store_all(&own, items).await;
    let intention = desk.to_store.run((intention, author), store).await??;
    let id = intention.id;
    match finish_together(ground, Set::whole(vec![intention])).await?.pop() {
        Some(answer) => answer.map(|()| id),
        None => Err(CertificateError::NotFound),
    }
}

/// Finishes what one unit intended, together with what others ask for meanwhile. What fails here is finished by the recovering job.
pub async fn finish_all(ground: &Ground, intentions: Vec<Intention>) {
    let ids: Vec<CertificateId> = intentions.iter().map(|intention| intention.id).collect();
    match finish_together(ground, Set::whole(intentions)).await {
        Ok(answers) => {
            for (certificate, error) in ids.iter().zip(answers).filter_map(|(id, answer)| Some((id, answer.err()?))) {
                tracing::error!(%certificate, %error, "a certificate waits to be finished");
            }
        }
        Err(error) => tracing::error!(%error, "certificates wait to be finished"),
    }
}

async fn finish_together(ground: &Ground, set: Set) -> Result<Finished, CertificateError> {
    if set.tasks.is_empty() {
        return Ok(Vec::new());
    }
    let desk = ground.kept.of::<Desk>();
    let own = ground.clone();
    Ok(desk.to_finish.run(set, async move |sets: Vec<Set>| finish::finish_sets(&own, sets).await).await?)
}

/// In one unit; where that fails, each in one of its own.
async fn store_all(ground: &Ground, items: Vec<(Intention, Author)>) -> Vec<Stored> {
    let answers = match stored(ground, &items).await {
        Ok(answers) => answers,
        Err(error) if items.len() == 1 => vec![Err(error)],
        Err(error) => {
            tracing::warn!(%error, intentions = items.len(), "intentions are stored one at a time");
            let mut answers = Vec::with_capacity(items.len());
            for item in &items {
                answers.push(stored(ground, std::slice::from_ref(item)).await.and_then(|mut one| one.pop().unwrap_or(Ok(()))));
            }
            answers
        }
    };
    items.into_iter().zip(answers).map(|((intention, _), answer)| answer.map(|()| intention)).collect()
}

async fn stored(ground: &Ground, items: &[(Intention, Author)]) -> Result<Vec<Result<(), CertificateError>>, CertificateError> {
    let intended: Vec<(&Intention, Author)> = items.iter().map(|(intention, author)| (intention, *author)).collect();
    ground.database.write(async |unit| store_intentions(unit, &intended).await).await
}
