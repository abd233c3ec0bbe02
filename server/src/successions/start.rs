//! An operator asks for a takeover or a change of board, or a superadministrator for the latter. Signatories and administrators are told at once, the
//! absent ones too: whoever is not absent can speak up before anything changes.

use super::{
    SuccessionError, Wish,
    model::{LIFE, Succession, SuccessionKind, SuccessionState},
    perform, store,
};
use crate::{
    audit,
    companies::{self, Company, CompanyKind, CompanyState},
    notices::{self, Kind, Notice, Sealed},
    platform::{
        actor::{Actor, Role},
        database::Unit,
        fault::FieldFault,
        ground::Ground,
        id::{CompanyId, Id as _, RecipientId, SignatoryId, SuccessionId},
        random, secret,
    },
};

/// What can be asked for, with its links and mails.
pub struct Prepared {
    succession: Succession,
    company: Company,
    links: Vec<Link>,
    told: Sealed,
}

impl Prepared {
    /// What is asked for.
    pub(super) fn succession(&self) -> &Succession {
        &self.succession
    }
}

struct Link {
    signatory: SignatoryId,
    hash: Vec<u8>,
    mail: Sealed,
}

/// Looks whether it can be done, and writes the mails. Right after a fresh proof.
///
/// # Errors
/// [`SuccessionError::ProveAgain`], [`SuccessionError::NotFound`] for another company, [`SuccessionError::NotActive`],
/// [`SuccessionError::NoAssociation`] for a board, [`SuccessionError::Invalid`], and those of the change itself.
pub async fn prepare(
    ground: &Ground,
    actor: &Actor,
    company: CompanyId,
    kind: SuccessionKind,
    wish: &Wish,
) -> Result<Prepared, SuccessionError> {
    let now = ground.clock().now();
    let takes_over = actor.is(Role::Registration);
    let changes_board = kind == SuccessionKind::Board && actor.company == Some(company) && actor.is(Role::Superadministrator);
    if !takes_over && !changes_board {
        return Err(SuccessionError::NotFound);
    }
    if !actor.has_proven(now) {
        return Err(SuccessionError::ProveAgain);
    }
    let mut reader = ground.database.read().await?;
    let company = companies::read::company(&mut reader, company).await?.ok_or(SuccessionError::NotFound)?;
    if company.state != CompanyState::Active {
        return Err(SuccessionError::NotActive);
    }
    if kind == SuccessionKind::Board && company.kind != CompanyKind::Association {
        return Err(SuccessionError::NoAssociation);
    }
    let checked = wish.check(kind)?;
    let administrators = companies::read::administrators(&mut reader, company.id).await?;
    if checked.ends.iter().any(|one| !administrators.contains(one)) {
        return Err(SuccessionError::Invalid(vec![FieldFault::new("ends", "field_no_administrator")]));
    }
    drop(reader);
    let needed = if kind == SuccessionKind::Takeover { company.needed } else { 0 };
    let succession = Succession {
        id: SuccessionId::fresh(now, ground.random()),
        company: company.id,
        kind,
        asked_by: actor.account,
        asked_by_name: actor.name.clone(),
        content: serde_json::to_vec(wish).map_err(|_| SuccessionError::NotFound)?,
        state: SuccessionState::Asked,
        needed,
        pending: needed,
        asked_at: now,
        lapses_at: now.plus(LIFE),
        minutes_hash: None,
        decided_by_name: None,
        decided_at: None,
    };
    // What could not be done now is not asked for.
    drop(perform::prepare(ground, &company, &succession, checked, actor.author()).await?);
    asking(ground, company, succession, wish).await
}

/// Draws links for those who may sign now, and writes the mails.
pub(super) async fn asking(ground: &Ground, company: Company, succession: Succession, wish: &Wish) -> Result<Prepared, SuccessionError> {
    let signatories = companies::read::signatories(&mut ground.database.read().await?, company.id).await?;
    let (told, links) = mails(ground, &company, &succession, wish, signatories.iter().map(|one| one.id)).await?;
    Ok(Prepared { succession, company, links, told })
}

async fn mails(
    ground: &Ground,
    company: &Company,
    succession: &Succession,
    wish: &Wish,
    signatories: impl Iterator<Item = SignatoryId>,
) -> Result<(Sealed, Vec<Link>), SuccessionError> {
    let ends = wish.names_of_ends(&mut ground.database.read().await?, company.id).await?;
    let or_none = |text: String| if text.is_empty() { "-".to_owned() } else { text };
    let (successor, ends) = (or_none(wish.successor_name()), or_none(ends.join(", ")));
    let notice = |kind| {
        Notice::mail(kind)
            .with("company", &company.legal_name)
            .with("asker", &succession.asked_by_name)
            .with("successor", &successor)
            .with("ends", &ends)
            .with("reason", wish.reason.trim())
    };
    let told = match succession.kind {
        SuccessionKind::Board => Kind::BoardChangeAsked,
        SuccessionKind::Takeover => Kind::TakeoverAsked,
    };
    let told = notices::seal(ground, &notice(told)).await?;
    let mut links = Vec::new();
    if succession.kind == SuccessionKind::Takeover {
        for signatory in signatories {
            let token = random::token(ground.random());
            let address = format!("{}/takeover/{token}", ground.config.server.public_url);
            let mail = notices::seal(ground, &notice(Kind::TakeoverToSign).secret("link", &address)).await?;
            links.push(Link { signatory, hash: secret::token_hash(&token), mail });
        }
    }
    Ok((told, links))
}

/// Stores it and tells everybody.
///
/// # Errors
/// [`SuccessionError::AlreadyAsked`].
pub async fn start(unit: &mut Unit, actor: &Actor, prepared: &Prepared) -> Result<SuccessionId, SuccessionError> {
    let succession = &prepared.succession;
    store::lapse(unit).await?;
    companies::hold_open(unit, succession.company).await?;
    if !store::insert(unit, succession).await? {
        return Err(SuccessionError::AlreadyAsked);
    }
    let event = audit::Event::new("succession.asked", actor.author(), format_args!("succession:{}", succession.id))
        .company(succession.company)
        .fact("kind", succession.kind.word())
        .fact("needed", succession.needed)
        .fact("fingerprint", hex::encode(succession.fingerprint()));
    audit::record(unit, event).await?;
    tell(unit, prepared).await?;
    Ok(succession.id)
}

/// Keeps the links and tells everybody.
pub(super) async fn tell(unit: &mut Unit, prepared: &Prepared) -> Result<(), SuccessionError> {
    let succession = &prepared.succession;
    for link in &prepared.links {
        store::insert_signature(unit, succession.id, link.signatory, &link.hash).await?;
        notices::tell(unit, link.signatory.into(), &link.mail).await?;
    }
    let by_link: Vec<RecipientId> = prepared.links.iter().map(|link| link.signatory.into()).collect();
    for recipient in perform::concerned(unit, &prepared.company).await?.into_iter().filter(|one| !by_link.contains(one)) {
        notices::tell(unit, recipient, &prepared.told).await?;
    }
    Ok(())
}
