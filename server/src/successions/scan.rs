//! What an operator records of a form on paper: its scan, kept sealed, and a mail at once to whoever is said to have signed it.

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{
    SuccessionError,
    read::{self, About},
    sign::Form,
    store,
};
use crate::{
    companies,
    notices::{self, Kind, Notice, Sealed},
    platform::{
        actor::Actor,
        database::Unit,
        ground::Ground,
        id::{Id as _, SignatoryId, SuccessionId},
        random, secret,
    },
};

/// What is kept with a recorded form.
pub(super) struct Recorded {
    pub(super) digest: [u8; 32],
    sealed: Vec<u8>,
    link_hash: Vec<u8>,
    told: Sealed,
}

fn context(id: SuccessionId, signatory: SignatoryId) -> Vec<u8> {
    [b"successions/form/v1".as_slice(), id.uuid().as_bytes(), signatory.uuid().as_bytes()].concat()
}

/// Seals the scan, and writes the mail with another link, by which whoever did not sign says so.
///
/// # Errors
/// [`SuccessionError::Company`] for what is no PDF, or too large; when the keystore fails.
pub(super) async fn prepare(ground: &Ground, about: &About, form: &Form) -> Result<Recorded, SuccessionError> {
    companies::form::check_scan(&form.scan)?;
    let digest: [u8; 32] = Sha256::digest(&form.scan).into();
    let (plain, context) = (Zeroizing::new(form.scan.clone()), context(form.succession, form.signatory));
    let sealed = ground.with_keystore(move |keystore| keystore.wrap(&plain, &context)).await?;
    let token = random::token(ground.random());
    let address = format!("{}/takeover/{token}", ground.config.server.public_url);
    let notice = Notice::mail(Kind::TakeoverFormRecorded)
        .with("company", &about.company.legal_name)
        .with("operator", &form.seen_by_name)
        .with("day", form.signed_on)
        .secret("link", &address);
    Ok(Recorded { digest, sealed, link_hash: secret::token_hash(&token), told: notices::seal(ground, &notice).await? })
}

/// Keeps it, in the unit that records the signature.
pub(super) async fn keep(unit: &mut Unit, form: &Form, recorded: &Recorded) -> Result<(), SuccessionError> {
    let place = (form.succession, form.signatory);
    store::note_form(unit, place, &form.signed_on.to_string(), (form.seen_by, &form.seen_by_name)).await?;
    if !store::keep_scan(unit, place, &recorded.digest, &recorded.sealed).await? {
        return Err(SuccessionError::AlreadySigned);
    }
    store::set_link(unit, place, &recorded.link_hash).await?;
    notices::tell(unit, form.signatory.into(), &recorded.told).await?;
    Ok(())
}

/// The scan of a form, for operators.
///
/// # Errors
/// [`SuccessionError::NotFound`]; when the keystore fails.
pub async fn scan(
    ground: &Ground,
    actor: &Actor,
    (id, signatory): (SuccessionId, SignatoryId),
) -> Result<Zeroizing<Vec<u8>>, SuccessionError> {
    let mut reader = ground.database.read().await?;
    read::visible(&mut reader, actor, id).await?.filter(|_| actor.company.is_none()).ok_or(SuccessionError::NotFound)?;
    let sealed = store::scan(&mut reader, (id, signatory)).await?.ok_or(SuccessionError::NotFound)?;
    drop(reader);
    Ok(ground.with_keystore(move |keystore| keystore.unwrap(&sealed, &context(id, signatory))).await?)
}
