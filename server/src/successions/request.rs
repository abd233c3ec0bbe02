//! A signatory starts a takeover without a log-in: by the company's number and the own address. Whether these are right is told by nothing but the
//! mails that follow. It changes nothing yet: an operator opens it, or refuses; and every signature comes over a link of its own.

use super::{
    SuccessionError, Successor, Wish, jobs,
    model::{LIFE, Succession, SuccessionKind, SuccessionState},
    perform, store,
};
use crate::{
    accounts::{self, AccountState},
    audit,
    companies::{self, CompanyState},
    notices::{self, Kind, Notice},
    platform::{
        actor::{Author, Role},
        ground::Ground,
        id::{AccountId, Id as _, SuccessionId},
        queue,
        rate::{Counted, Counts},
    },
};

/// So many askings an hour of one network, at one node.
const ASKINGS: (u32, std::time::Duration) = (10, std::time::Duration::from_secs(60 * 60));
/// A company's number and an address are no longer.
const TYPED_CHARACTERS: usize = 254;

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
    wish.check(SuccessionKind::Takeover)?;
    if ground.kept.of::<Askings>().0.count(network, ASKINGS) != Counted::Below {
        return Err(SuccessionError::TooOften);
    }
    let payload = Request { number: short(&request.number), email: short(&request.email), ..request.clone() };
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

/// Keeps a request, if it is a signatory's of an active company: the posts of everybody who administers it now shall end. Told are those who may sign,
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
    let operators = accounts::read::operators(&mut reader).await?;
    drop(reader);
    let wish = Wish { successor: Some(request.successor.clone()), ends, agreement: None, reason: request.reason.clone() };
    let succession = Succession {
        id: SuccessionId::fresh(now, ground.random()),
        company: company.id,
        kind: SuccessionKind::Takeover,
        // What stands where a person's account would.
        asked_by: AccountId::from_uuid(signatory.id.uuid()),
        asked_by_name: signatory.name.clone(),
        content: serde_json::to_vec(&wish).map_err(|_| SuccessionError::NotFound)?,
        state: SuccessionState::Requested,
        needed: 0,
        pending: 0,
        asked_at: now,
        lapses_at: now.plus(LIFE),
        minutes_hash: None,
        decided_by_name: None,
        decided_at: None,
    };
    let base = |kind| Notice::mail(kind).with("company", &company.legal_name).with("asker", &signatory.name);
    let told = base(Kind::TakeoverRequested).with("successor", wish.successor_name()).with("reason", wish.reason.trim());
    let told = notices::seal(ground, &told).await?;
    let link = format!("{}/successions/{}", ground.config.server.public_url, succession.id);
    let to_open = notices::seal(ground, &base(Kind::TakeoverToOpen).with("link", link)).await?;
    ground
        .database
        .write(async |unit| {
            store::lapse(unit).await?;
            if !store::insert(unit, &succession).await? {
                return Ok(());
            }
            let event = audit::Event::new("succession.requested", Author::Anyone, format_args!("succession:{}", succession.id))
                .company(company.id)
                .fact("signatory", signatory.id)
                .fact("fingerprint", hex::encode(succession.fingerprint()));
            audit::record(unit, event).await?;
            for recipient in perform::concerned(unit, &company).await? {
                notices::tell(unit, recipient, &told).await?;
            }
            let able = operators.iter().filter(|one| one.state == AccountState::Active && one.roles.contains(&Role::Registration));
            for operator in able {
                notices::tell(unit, operator.id.into(), &to_open).await?;
            }
            Ok(())
        })
        .await
}
