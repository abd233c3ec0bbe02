//! Signatories as holders: where one administrator is alone, a signatory takes a share over a mailed link, under a code that is shown once,
//! and approves with both. Opening a link changes nothing: mail scanners follow links.

use time::Duration;

use super::{
    RecoveryError,
    approve::{self, Approval},
    bundle::GROUPS,
    model::{Recovery, RecoveryState},
    standing::{Post, entitled, is_administrator},
    store::{self, SignatoryLink},
};
use crate::{
    archives::{self, ArchiveError, Lock, NewHolder},
    audit,
    companies::{self, Company, Signatory},
    notices::{self, Kind, Notice, Sealed},
    platform::{
        actor::{Actor, Author},
        database::{Connection, Unit},
        ground::Ground,
        id::SignatoryId,
        moment::Moment,
        random,
        secret::{Secret, token_hash},
    },
};

/// How long the offer of a share lives; a link to approve lives as long as its recovery.
const OFFER: Duration = Duration::days(7);
/// A code may be typed wrongly so often over one link.
const MOST_TRIES: i64 = 5;

/// A link on its way to a signatory.
pub struct Mailed {
    signatory: SignatoryId,
    hash: Vec<u8>,
    mail: Sealed,
}

/// What a link is about.
pub struct About {
    /// Whom it was mailed to.
    pub signatory: Signatory,
    /// For which company.
    pub company: Company,
    /// The recovery to approve; none when a share is offered.
    pub recovery: Option<Recovery>,
}

/// Writes the offer of a share to a signatory of the actor's company, right after a fresh proof.
///
/// # Errors
/// [`RecoveryError::NotFound`], [`RecoveryError::SamePerson`] for somebody who administers under another hat, [`RecoveryError::ProveAgain`].
pub async fn prepare_offer(ground: &Ground, actor: &Actor, signatory: SignatoryId) -> Result<Mailed, RecoveryError> {
    if !actor.has_proven(ground.clock().now()) {
        return Err(RecoveryError::ProveAgain);
    }
    let id = actor.company.ok_or(RecoveryError::NotFound)?;
    let mut reader = ground.database.read().await?;
    let company = companies::read::company(&mut reader, id).await?.ok_or(RecoveryError::NotFound)?;
    let signatories = companies::read::signatories(&mut reader, id).await?;
    let found = signatories.into_iter().find(|known| known.id == signatory).ok_or(RecoveryError::NotFound)?;
    if is_administrator(&entitled(&mut reader, id).await?, &found) {
        return Err(RecoveryError::SamePerson);
    }
    drop(reader);
    let notice = Notice::mail(Kind::ShareOffered).with("company", &company.legal_name).with("asker", &actor.name);
    mailed(ground, found.id, notice).await
}

/// Stores the offer; the signatory's other offers are dead.
///
/// # Errors
/// When the database fails.
pub async fn offer(unit: &mut Unit, actor: &Actor, mailed: &Mailed) -> Result<(), RecoveryError> {
    let company = actor.company.ok_or(RecoveryError::NotFound)?;
    store::withdraw_offers(unit, mailed.signatory).await?;
    let expires_at = unit.now().plus(OFFER);
    store::insert_link(unit, &mailed.hash, (mailed.signatory, company), None, expires_at).await?;
    let event = audit::Event::new("share.offered", actor.author(), format_args!("signatory:{}", mailed.signatory)).company(company);
    audit::record(unit, event).await?;
    notices::tell(unit, mailed.signatory.into(), &mailed.mail).await?;
    Ok(())
}

/// The links by which signatories can approve a recovery.
pub(super) async fn prepare_questions(
    ground: &Ground,
    signatories: &[SignatoryId],
    notice: impl Fn() -> Notice,
) -> Result<Vec<Mailed>, RecoveryError> {
    let mut all = Vec::with_capacity(signatories.len());
    for signatory in signatories {
        all.push(mailed(ground, *signatory, notice()).await?);
    }
    Ok(all)
}

/// Stores and mails them, in the unit that asks.
pub(super) async fn question(unit: &mut Unit, recovery: &Recovery, mailed: &[Mailed]) -> Result<(), RecoveryError> {
    for one in mailed {
        store::insert_link(unit, &one.hash, (one.signatory, recovery.company), Some(recovery.id), recovery.lapses_at).await?;
        notices::tell(unit, one.signatory.into(), &one.mail).await?;
    }
    Ok(())
}

async fn mailed(ground: &Ground, signatory: SignatoryId, notice: Notice) -> Result<Mailed, RecoveryError> {
    let token = random::token(ground.random());
    let address = format!("{}/key-share/{token}", ground.config.server.public_url);
    let mail = notices::seal(ground, &notice.secret("link", &address)).await?;
    Ok(Mailed { signatory, hash: token_hash(&token), mail })
}

/// What a link is about.
///
/// # Errors
/// [`RecoveryError::NotFound`] for an unknown link, [`RecoveryError::LinkGone`] for one that is used, tried too often or too old.
pub async fn about(ground: &Ground, link: &str) -> Result<About, RecoveryError> {
    let mut reader = ground.database.read().await?;
    let (_, about) = usable(&mut reader, link, ground.clock().now()).await?;
    Ok(about)
}

async fn usable(connection: &mut impl Connection, link: &str, now: Moment) -> Result<(SignatoryLink, About), RecoveryError> {
    let found = store::link(connection, &token_hash(link)).await?.ok_or(RecoveryError::NotFound)?;
    if found.used_at.is_some() || found.expires_at <= now || found.tries >= MOST_TRIES {
        return Err(RecoveryError::LinkGone);
    }
    let signatories = companies::read::signatories(connection, found.company_id).await?;
    let signatory = signatories.into_iter().find(|known| known.id == found.signatory_id).ok_or(RecoveryError::NotFound)?;
    let company = companies::read::company(connection, found.company_id).await?.ok_or(RecoveryError::NotFound)?;
    let recovery = match found.recovery_id {
        Some(id) => Some(store::by_id(connection, id).await?.ok_or(RecoveryError::NotFound)?),
        None => None,
    };
    Ok((found, About { signatory, company, recovery }))
}

/// Takes the offered share: gives the code that opens it, this once. A signatory who lost an earlier code gets a new one; what the old
/// one opened is deleted.
///
/// # Errors
/// [`RecoveryError::LinkGone`], [`RecoveryError::NotFound`].
pub async fn take(ground: &Ground, link: &str) -> Result<Secret<String>, RecoveryError> {
    let mut reader = ground.database.read().await?;
    let (row, about) = usable(&mut reader, link, ground.clock().now()).await?;
    drop(reader);
    if row.recovery_id.is_some() {
        return Err(RecoveryError::NotFound);
    }
    let code = Secret::new(random::code(ground.random(), GROUPS));
    let holder = archives::new_holder(ground, &lock(about.signatory.id, &code)).await?;
    ground.database.write(async |unit| store_taken(unit, &row, &holder).await).await?;
    Ok(code)
}

async fn store_taken(unit: &mut Unit, row: &SignatoryLink, holder: &NewHolder) -> Result<(), RecoveryError> {
    if !store::use_link(unit, &row.link_hash).await? {
        return Err(RecoveryError::LinkGone);
    }
    let author = Author::Signatory(row.signatory_id);
    archives::remove_holder(unit, row.signatory_id.into(), row.company_id, author).await?;
    archives::store_holder(unit, holder, row.company_id, author).await?;
    let event = audit::Event::new("share.taken", author, format_args!("signatory:{}", row.signatory_id)).company(row.company_id);
    Ok(audit::record(unit, event).await?)
}

/// Approves the recovery of a link with the signatory's code. A wrong code is counted.
///
/// # Errors
/// [`RecoveryError::NotRight`], [`RecoveryError::LinkGone`], [`RecoveryError::Ended`], [`RecoveryError::NoShare`], and
/// [`RecoveryError::SamePerson`] for a signatory who administers meanwhile.
pub async fn approve_by_code(ground: &Ground, link: &str, code: &Secret<String>) -> Result<(), RecoveryError> {
    let mut reader = ground.database.read().await?;
    let (row, about) = usable(&mut reader, link, ground.clock().now()).await?;
    let recovery = about.recovery.ok_or(RecoveryError::NotFound)?;
    let holders = entitled(&mut reader, recovery.company).await?;
    drop(reader);
    if recovery.state != RecoveryState::Asked || !recovery.is_open(ground.clock().now()) {
        return Err(RecoveryError::Ended { state: recovery.state });
    }
    if !holders.iter().any(|holder| holder.post == Post::Signatory(row.signatory_id)) {
        return Err(RecoveryError::SamePerson);
    }
    let bare = Secret::new(random::bare_code(code.reveal()));
    if !random::is_code(bare.reveal(), GROUPS) {
        return wrong(ground, &row).await;
    }
    match approve::prepare(ground, &recovery, &lock(row.signatory_id, &bare), &about.signatory.name).await {
        Ok(approval) => ground.database.write(async |unit| store_approved(unit, &row, &approval).await).await,
        Err(RecoveryError::Archive(ArchiveError::Craft(certs::archive::ArchiveError::Opener(_)))) => wrong(ground, &row).await,
        Err(other) => Err(other),
    }
}

async fn store_approved(unit: &mut Unit, row: &SignatoryLink, approval: &Approval) -> Result<(), RecoveryError> {
    if !store::use_link(unit, &row.link_hash).await? {
        return Err(RecoveryError::LinkGone);
    }
    approve::store_approval(unit, approval, Author::Signatory(row.signatory_id)).await
}

async fn wrong(ground: &Ground, row: &SignatoryLink) -> Result<(), RecoveryError> {
    ground
        .database
        .write(async |unit| {
            store::count_try(unit, &row.link_hash).await?;
            let event = audit::Event::new("share.code_refused", Author::Anyone, format_args!("signatory:{}", row.signatory_id));
            audit::record(unit, event.company(row.company_id)).await.map_err(RecoveryError::from)
        })
        .await?;
    Err(RecoveryError::NotRight)
}

/// A code opens however it is typed: by its bare signs.
fn lock(signatory: SignatoryId, code: &Secret<String>) -> Lock {
    Lock::of_code(signatory, &Secret::new(random::bare_code(code.reveal())))
}
