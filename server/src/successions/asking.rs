//! Links and mails of one that is asked for now: each signatory of a takeover gets a link of their own, and reads whom they would sign for; whoever
//! administers reads names alone.

use super::{
    SuccessionError,
    content::Content,
    model::{Succession, SuccessionKind},
    perform, store,
    told::or_none,
};
use crate::{
    companies::{self, Company},
    notices::{self, Kind, Notice, Sealed},
    platform::{
        database::Unit,
        ground::Ground,
        id::{RecipientId, SignatoryId},
        random, secret,
        words::Words,
    },
};

/// One that can be asked for.
pub(super) struct Asking {
    pub(super) succession: Succession,
    pub(super) content: Content,
    links: Vec<Link>,
    told: Sealed,
}

/// A signatory's link, and the mail that carries it.
pub(super) struct Link {
    pub(super) signatory: SignatoryId,
    pub(super) hash: Vec<u8>,
    pub(super) mail: Sealed,
}

/// What the mails say to whoever decides nothing. What a stranger typed as a reason goes into no mail.
fn notice(company: &Company, (succession, content): (&Succession, &Content), ends: &str, kind: Kind) -> Notice {
    Notice::mail(kind)
        .with("company", &company.legal_name)
        .with("asker", &succession.asked_by_name)
        .with("successor", or_none(content.wish.successor_name()))
        .with("ends", ends)
        .with("reason", if succession.requested_by.is_some() { "-" } else { content.wish.reason.trim() })
}

async fn ends(ground: &Ground, company: &Company, content: &Content) -> Result<String, SuccessionError> {
    Ok(or_none(content.wish.names_of_ends(&mut ground.database.read().await?, company.id).await?.join(", ")))
}

/// Draws a link for one signatory, and writes the mail that carries it.
pub(super) async fn link(
    ground: &Ground,
    company: &Company,
    (succession, content): (&Succession, &Content),
    signatory: SignatoryId,
) -> Result<Link, SuccessionError> {
    let token = random::token(ground.random());
    let address = format!("{}/takeover/{token}", ground.config.server.public_url);
    let language = notices::language_of(&mut ground.database.read().await?, signatory.into()).await?;
    let words = Words(language.unwrap_or(ground.config.policy.language));
    let how = words.say(if content.works_here.is_some() { "successions.works_here" } else { "successions.will_be_invited" });
    let kind = if succession.requested_by.is_some() { Kind::TakeoverOpenedToSign } else { Kind::TakeoverToSign };
    let ends = ends(ground, company, content).await?;
    let notice = notice(company, (succession, content), &ends, kind);
    let notice = notice.with("successor", content.wish.successor_with_address()).with("how", how).secret("link", &address);
    Ok(Link { signatory, hash: secret::token_hash(&token), mail: notices::seal(ground, &notice).await? })
}

/// Draws links for those who may sign now, and writes the mails.
pub(super) async fn prepare(
    ground: &Ground,
    company: Company,
    succession: Succession,
    content: Content,
) -> Result<Asking, SuccessionError> {
    let kind = match (succession.kind, succession.requested_by) {
        (SuccessionKind::Board, _) => Kind::BoardChangeAsked,
        (SuccessionKind::Takeover, None) => Kind::TakeoverAsked,
        (SuccessionKind::Takeover, Some(_)) => Kind::TakeoverOpened,
    };
    let ends = ends(ground, &company, &content).await?;
    let told = notices::seal(ground, &notice(&company, (&succession, &content), &ends, kind)).await?;
    let mut links = Vec::new();
    if succession.kind == SuccessionKind::Takeover {
        let signatories = companies::read::signatories(&mut ground.database.read().await?, company.id).await?;
        for signatory in signatories {
            links.push(link(ground, &company, (&succession, &content), signatory.id).await?);
        }
    }
    Ok(Asking { succession, content, links, told })
}

/// Keeps the links and tells everybody; the caller has stored the change, and recorded it.
pub(super) async fn tell(unit: &mut Unit, asking: &Asking) -> Result<(), SuccessionError> {
    let succession = &asking.succession;
    for link in &asking.links {
        store::insert_signature(unit, succession.id, link.signatory, &link.hash).await?;
        notices::tell(unit, link.signatory.into(), &link.mail).await?;
    }
    let by_link: Vec<RecipientId> = asking.links.iter().map(|link| link.signatory.into()).collect();
    for recipient in perform::concerned(unit, succession.company).await?.into_iter().filter(|one| !by_link.contains(one)) {
        notices::tell(unit, recipient, &asking.told).await?;
    }
    Ok(())
}
