//! A signatory starts a takeover without a log-in: by the company's number and the own address. Whether these are right is told by nothing but the
//! mails that follow, and these carry nothing that was typed. It changes nothing yet: an operator opens it, or refuses, or the link takes it back that
//! goes to the address; and every signature comes over a link of its own.

use certs::name::EmailAddress;
use time::Duration;

use super::{
    SuccessionError, Successor, Wish,
    content::Content,
    jobs, lapse,
    model::{LIFE, Succession, SuccessionKind, SuccessionState},
    perform, read, store,
};
use crate::{
    audit,
    companies::{self, Company, CompanyError, CompanyState, Signatory, register::name_fault},
    notices::{self, Kind, Notice, Sealed},
    platform::{
        actor::Author,
        database::Unit,
        fault::FieldFault,
        ground::Ground,
        id::{AccountId, Id as _, RecipientId, SuccessionId},
        queue, random,
        rate::{Counted, Counts},
        secret, text,
    },
};

/// So many askings an hour of one network, at one node.
const ASKINGS: (u32, std::time::Duration) = (10, std::time::Duration::from_secs(60 * 60));
/// An address is no longer.
const TYPED_CHARACTERS: usize = 254;
/// A company's number is no longer, spaces and all.
const NUMBER_CHARACTERS: usize = 30;

/// After one came to nothing one more is kept within so long, and no third.
const AGAIN_WITHIN: Duration = Duration::days(7);

/// What a signatory typed.
#[derive(Clone, Debug, serde::Deserialize, serde::Serialize)]
pub struct Request {
    /// The company's number.
    pub number: String,
    /// The signatory's own address.
    pub email: String,
    /// Who shall become superadministrator.
    pub successor: Successor,
    /// Why.
    pub reason: String,
}

#[derive(Default)]
struct Askings(Counts);

/// Writes a request down for a job, whoever's it is: neither the answer nor its time tells whether anybody may sign under this address.
///
/// # Errors
/// [`SuccessionError::Invalid`] for what breaks a rule by itself, [`SuccessionError::TooOften`] for a network that asked ten times within the hour.
pub async fn request(ground: &Ground, request: &Request, network: &str) -> Result<(), SuccessionError> {
    let short = |text: &str| text.trim().chars().take(TYPED_CHARACTERS).collect::<String>();
    let wish = Wish { successor: Some(request.successor.clone()), ends: Vec::new(), agreement: None, reason: request.reason.clone() };
    let mut faults = Vec::new();
    if let Err(fault) = text::line(&request.number, NUMBER_CHARACTERS) {
        faults.push(FieldFault::text("number", fault));
    }
    if let Err(error) = EmailAddress::parse(request.email.trim()) {
        faults.push(name_fault("email", &error));
    }
    match wish.check(SuccessionKind::Takeover) {
        Err(SuccessionError::Invalid(more)) => faults.extend(more),
        other => drop(other?),
    }
    if !faults.is_empty() {
        return Err(SuccessionError::Invalid(faults));
    }
    if ground.kept.of::<Askings>().0.count(network, ASKINGS) != Counted::Below {
        return Err(SuccessionError::TooOften);
    }
    let payload = Request { number: number(&short(&request.number)), email: short(&request.email), ..request.clone() };
    ground
        .database
        .write(async |unit| {
            let now = unit.now();
            queue::enqueue(unit, jobs::REQUEST, &payload, now).await?;
            let event = audit::Event::new("succession.typed", Author::Anyone, "successions").personal("network", network);
            Ok(audit::record(unit, event).await?)
        })
        .await
}

/// A company's number as it is kept: without spaces, `F-` in capitals.
fn number(typed: &str) -> String {
    typed.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_uppercase()
}

/// What a request tells.
struct Mails {
    /// To the address with which it was typed, with the link that takes it back.
    own: Sealed,
    /// To everybody else whom it concerns.
    others: Sealed,
    /// To those who may open it.
    to_open: Sealed,
}

/// Keeps a request, if it is a signatory's of an active company: the posts of everybody who administers it shall end. Told are those who may sign,
/// those who administer, and the operators who may open it.
///
/// # Errors
/// When database or keystore fail.
pub async fn keep(ground: &Ground, request: &Request) -> Result<(), SuccessionError> {
    let now = ground.clock().now();
    let mut reader = ground.database.read().await?;
    let found = companies::read::by_number(&mut reader, &request.number).await?;
    let Some(company) = found.filter(|company| company.state == CompanyState::Active) else { return Ok(()) };
    let signatories = companies::read::signatories(&mut reader, company.id).await?;
    let Some(signatory) = signatories.into_iter().find(|one| one.email.eq_ignore_ascii_case(&request.email)) else { return Ok(()) };
    let ends = companies::read::administrators(&mut reader, company.id).await?;
    let wish = Wish { successor: Some(request.successor.clone()), ends, agreement: None, reason: request.reason.clone() };
    let checked = wish.check(SuccessionKind::Takeover)?;
    let content = Content::requested(&mut reader, &company, wish, &checked, now).await?;
    drop(reader);
    let succession = Succession {
        id: SuccessionId::fresh(now, ground.random()),
        company: company.id,
        kind: SuccessionKind::Takeover,
        // What stands where a person's account would.
        asked_by: AccountId::from_uuid(signatory.id.uuid()),
        asked_by_name: signatory.name.clone(),
        requested_by: Some(signatory.id),
        opened_by: None,
        content: content.bytes()?,
        state: SuccessionState::Requested,
        needed: 0,
        pending: 0,
        asked_at: now,
        lapses_at: now.plus(LIFE),
        ready_at: None,
        minutes_hash: None,
        decided_by_name: None,
        decided_at: None,
    };
    let token = random::token(ground.random());
    let mails = mails(ground, &company, &signatory, succession.id, &token).await?;
    let hash = secret::token_hash(&token);
    ground
        .database
        .write(async |unit| {
            match companies::hold_open(unit, company.id).await {
                Err(CompanyError::NotFound) => return Ok(()),
                other => other?,
            }
            lapse::lapse(unit).await?;
            let since = unit.now().plus(-AGAIN_WITHIN);
            if store::was_requested_again(unit, company.id, since).await? || !store::insert(unit, &succession, Some(&hash)).await? {
                return Ok(());
            }
            let event = audit::Event::new("succession.requested", Author::Anyone, format_args!("succession:{}", succession.id))
                .company(company.id)
                .fact("signatory", signatory.id)
                .fact("fingerprint", hex::encode(succession.fingerprint()));
            audit::record(unit, event).await?;
            tell(unit, (&company, &signatory), &mails).await
        })
        .await
}

async fn tell(unit: &mut Unit, (company, signatory): (&Company, &Signatory), mails: &Mails) -> Result<(), SuccessionError> {
    let own = RecipientId::from(signatory.id);
    notices::tell(unit, own, &mails.own).await?;
    for recipient in perform::concerned(unit, company.id).await?.into_iter().filter(|one| *one != own) {
        notices::tell(unit, recipient, &mails.others).await?;
    }
    for operator in read::operators(unit).await? {
        notices::tell(unit, operator.into(), &mails.to_open).await?;
    }
    Ok(())
}

async fn mails(ground: &Ground, company: &Company, signatory: &Signatory, id: SuccessionId, token: &str) -> Result<Mails, SuccessionError> {
    let base = |kind| Notice::mail(kind).with("company", &company.legal_name);
    let url = &ground.config.server.public_url;
    let own = base(Kind::TakeoverRequestedByYou).secret("link", &format!("{url}/takeover-request/{token}"));
    let others = base(Kind::TakeoverRequested).with("asker", &signatory.name);
    let to_open = base(Kind::TakeoverToOpen).with("asker", &signatory.name).with("link", format!("{url}/successions/{id}"));
    Ok(Mails {
        own: notices::seal(ground, &own).await?,
        others: notices::seal(ground, &others).await?,
        to_open: notices::seal(ground, &to_open).await?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_however_it_is_spaced_and_written() {
        assert_eq!(number(" 30 80 84 60 "), "30808460");
        assert_eq!(number("f-0000 0007"), "F-00000007");
    }
}
