//! Signs with what the phone released: in the process that can open it, as soon as the answer has come, whatever page waits for it.
//!
//! The approval binds the uploaded bytes and the plan; the revision that is signed is the newest when the document is this signature's turn.
//! Where others' turns take longer than a release lives, the person is asked again.

use std::time::Duration;

use super::{
    complete::{self, Yes},
    error::DocumentError,
    model::{Document, Signature, SignatureState},
    store,
};
use crate::{
    audit::{self, Event},
    certificates::Opening,
    platform::{actor::Author, ground::Ground, release::Released},
};

/// Turns that are waited for.
const TURNS: u32 = 100;
/// Between two looks whether it is one's turn: 25 seconds in all.
const PAUSE: Duration = Duration::from_millis(250);

/// Makes the signature that the person said yes to on the phone. What becomes of it stands in its row.
pub async fn take_release(ground: &Ground, released: Released) {
    let signature = match store_find(ground, &released).await {
        Ok(Some(signature)) => signature,
        Ok(None) => return tracing::error!(approval = %released.approval, "a release came for no signature"),
        Err(error) => return tracing::error!(approval = %released.approval, %error, "a release could not be used"),
    };
    let Err(error) = sign(ground, &signature, &released).await else { return };
    tracing::warn!(signature = %signature.id, %error, "a signature that the phone approved was not made");
    if let Err(error) = note_not_made(ground, &signature).await {
        tracing::error!(signature = %signature.id, %error, "a signature could not be ended");
    }
}

async fn store_find(ground: &Ground, released: &Released) -> Result<Option<Signature>, DocumentError> {
    Ok(store::of_approval(&mut ground.database.read().await?, released.approval).await?)
}

async fn sign(ground: &Ground, signature: &Signature, released: &Released) -> Result<(), DocumentError> {
    let opening = Opening::Released(&released.secret);
    for turn in 0.. {
        let mut reader = ground.database.read().await?;
        let document = store::find(&mut reader, signature.document, signature.employee).await?.ok_or(DocumentError::NotFound)?;
        let taken = store::is_taken(&mut reader, document.id, ground.clock().now()).await?;
        let standing = store::of_approval(&mut reader, released.approval).await?.ok_or(DocumentError::NotFound)?;
        drop(reader);
        if standing.state != SignatureState::Asked {
            return Err(DocumentError::Outrun);
        }
        if taken && turn < TURNS {
            tokio::time::sleep(PAUSE).await;
            continue;
        }
        require_approved(&document, &standing, released)?;
        let waiting = complete::waiting(ground, document, standing).await?;
        if waiting.account != released.account {
            return Err(DocumentError::NotFound);
        }
        match complete::claim(ground, &waiting, &Yes::Phone(released.approval)).await {
            Ok(claimed) => return complete::make(ground, &waiting, &claimed, &opening).await,
            // Another signature's turn, most likely: nothing was claimed.
            Err(DocumentError::Outrun) if turn < TURNS => tokio::time::sleep(PAUSE).await,
            Err(error) => return Err(error),
        }
    }
    Err(DocumentError::Outrun)
}

/// What will be signed is what the phone has shown: these uploaded bytes, under this plan.
fn require_approved(document: &Document, signature: &Signature, released: &Released) -> Result<(), DocumentError> {
    let asked = released.payload.parts();
    let same_content = asked.content.is_some_and(|content| hex::encode(content) == document.content_sha256);
    let same_plan = asked.plan == Some(signature.plan.hash());
    if same_content && same_plan { Ok(()) } else { Err(DocumentError::Outrun) }
}

async fn note_not_made(ground: &Ground, signature: &Signature) -> Result<(), DocumentError> {
    ground
        .database
        .write(async |unit| {
            if !store::end_asked(unit, signature.id).await? {
                return Ok(());
            }
            let event = Event::new("signature.lapsed", Author::System("documents"), format!("signature:{}", signature.id));
            Ok(audit::record(unit, event.fact("document", signature.document)).await?)
        })
        .await
}
