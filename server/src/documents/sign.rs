//! Signs with the key card: password and key are checked, then the signature is made as every other ([`super::complete`]).

use super::{
    complete::{self, Yes},
    error::DocumentError,
    model::Document,
    read,
};
use crate::{
    accounts::{self, Who},
    certificates::{Opening, PasswordProtection},
    keycards, phones,
    platform::{
        actor::Actor,
        ground::Ground,
        id::{DocumentId, SignatureId},
        secret::Secret,
    },
};

/// What the person shows to approve.
pub struct Approval {
    /// The password, which opens the signing key.
    pub password: Secret<String>,
    /// The key beside the number that was asked for.
    pub key: Secret<String>,
    /// Where the request comes from, as counted for wrong tries.
    pub network: String,
}

/// Signs the document, and gives it as it stands then.
///
/// # Errors
/// [`DocumentError::NotFound`], [`DocumentError::AlreadySigned`], [`DocumentError::Refused`], [`DocumentError::Keycard`],
/// [`DocumentError::Outrun`]; nothing is signed then.
pub async fn sign(
    ground: &Ground,
    actor: &Actor,
    id: DocumentId,
    signature: SignatureId,
    approval: &Approval,
) -> Result<Document, DocumentError> {
    let mut reader = ground.database.read().await?;
    let (document, signature) = read::asked(&mut reader, actor, id, signature).await?;
    drop(reader);
    let waiting = complete::waiting(ground, document, signature).await?;
    let proven = accounts::check_password(ground, Who::LoggedIn(actor), &approval.password, &approval.network).await?;
    phones::tend(ground, &proven).await;
    let challenge = waiting.signature.challenge.ok_or(DocumentError::Outrun)?;
    let judged = keycards::judge(ground, challenge, approval.key.reveal()).await?;
    let protection = PasswordProtection { account: proven.account, salt: proven.salt.clone(), prk: &proven.prk, strength: proven.strength };
    let claimed = complete::claim(ground, &waiting, &Yes::Key(&judged)).await?;
    if let Err(error) = complete::make(ground, &waiting, &claimed, &Opening::Password(protection)).await {
        // The person is told so, and asks again: what was made meanwhile is never used.
        complete::give_up(ground, &waiting).await?;
        return Err(error);
    }
    let mut reader = ground.database.read().await?;
    read::one(&mut reader, actor, id).await
}
