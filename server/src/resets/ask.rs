//! The browser that has the link chooses the new password, and the phone is asked. A password that breaks a rule claims nothing.

use keycard::payload;

use super::{
    Asked, ResetError,
    finish::watch,
    model::{Reset, ResetStanding},
    pending::{self, Pending},
    read::{self, Person},
    store,
};
use crate::{
    accounts::{self, Password, UserId},
    approvals::{self, Ask, Initiator, Prepared, Standpoint},
    audit, companies,
    platform::{
        actor::Author,
        consent::Purpose,
        database::{Reader, Unit},
        fault::FieldFault,
        ground::Ground,
        random, secret,
        secret::Secret,
    },
};

/// By what the browser shows that it may.
pub enum By<'a> {
    /// The token that it got when it claimed the link: it asks again.
    Browser(&'a str),
    /// The mailed link, which it claims.
    Link(&'a str),
}

/// What the person chose, and where.
pub struct Chosen<'a> {
    /// The new password.
    pub password: &'a Secret<String>,
    /// The network.
    pub network: &'a str,
}

/// What must be written.
struct Asking<'a> {
    reset: &'a Reset,
    token: &'a str,
    claims: bool,
    prepared: &'a Prepared,
}

/// Asks the person's phone for a yes to the new password.
///
/// # Errors
/// [`ResetError::Gone`], [`ResetError::Invalid`], [`ResetError::NoPhone`]; as [`approvals::ask`].
pub async fn ask(ground: &Ground, by: By<'_>, chosen: &Chosen<'_>) -> Result<Asked, ResetError> {
    let now = ground.clock().now();
    let mut reader = ground.database.read().await?;
    let (reset, token, claims) = match by {
        By::Link(link) => (read::open_link(&mut reader, link, now).await?, random::token(ground.random()), true),
        By::Browser(token) => (again(&mut reader, token, ground).await?, token.to_owned(), false),
    };
    let person = read::person(&mut reader, reset.account).await?.ok_or(ResetError::Gone)?;
    let user_id = UserId::parse(&person.user_id).map_err(ResetError::Invalid)?;
    let password = Password::parse(chosen.password.reveal(), &user_id).map_err(renamed)?;
    let keys = read::way(&mut reader, reset.account, now).await?.ok_or(ResetError::NoPhone)?;
    approvals::require_unstopped(&mut reader, reset.account).await?;
    let old_salt = accounts::read::salt(&mut reader, reset.account).await?.ok_or(ResetError::Gone)?;
    drop(reader);
    let protected = accounts::protect(ground, reset.account, &password).await?;
    let binding = reset.binding(&old_salt, &protected.salt);
    let prepared = prepare(ground, (&reset, &person), &keys, binding, chosen.network).await?;
    let (approval, opens) = (prepared.id(), !keys.is_empty());
    let waiting = Pending {
        reset: reset.clone(),
        user_id,
        protected,
        old_salt,
        keys,
        network: chosen.network.to_owned(),
        until: prepared.longest().plus(super::model::MAKING),
    };
    // Before the phone can answer.
    pending::keep(ground, approval, waiting);
    let asking = Asking { reset: &reset, token: &token, claims, prepared: &prepared };
    let asked = ground.database.write(async |unit| write(unit, &asking).await).await;
    if asked.is_err() {
        drop(pending::take(ground, approval));
    } else if !opens {
        tokio::task::spawn_local(watch(ground.clone(), reset.account, approval));
    }
    approvals::wake(ground, reset.account);
    let approvals::Asked { number, scan, expires_at, .. } = asked?;
    Ok(Asked { token, number, scan, expires_at })
}

/// The reset of this browser, if its phone may be asked once more: not after a no.
async fn again(reader: &mut Reader, token: &str, ground: &Ground) -> Result<Reset, ResetError> {
    let now = ground.clock().now();
    let (reset, stands) = read::of_browser(reader, token, now).await?;
    let may = matches!(stands.standing, ResetStanding::Lapsed | ResetStanding::Waiting) && reset.expires_at > now;
    if may { Ok(reset) } else { Err(ResetError::Gone) }
}

/// The rules speak of `password`; here that is the new one.
fn renamed(faults: Vec<FieldFault>) -> ResetError {
    ResetError::Invalid(faults.into_iter().map(|fault| FieldFault { field: "new_password".to_owned(), ..fault }).collect())
}

async fn prepare(
    ground: &Ground,
    (reset, person): (&Reset, &Person),
    keys: &[Vec<u8>],
    binding: [u8; 32],
    network: &str,
) -> Result<Prepared, ResetError> {
    let mut reader = ground.database.read().await?;
    let words = approvals::words(&mut reader, reset.account, person.recipient).await?;
    let company = match person.employee {
        Some((_, company)) => companies::read::company(&mut reader, company).await?.map(|found| found.legal_name),
        None => None,
    };
    drop(reader);
    let ask = Ask {
        purpose: payload::Purpose::NewPassword,
        consent: Purpose::NewPassword,
        binding,
        account: reset.account,
        user: person.user_id.clone(),
        company: company.unwrap_or_else(|| words.say("shared.service")),
        title: words.say("resets.phone_title"),
        lines: vec![words.with("resets.phone_asks", &[("user", &person.user_id)]), words.say("resets.phone_consequence")],
        certificate: keys.first().cloned(),
        content: None,
        plan: None,
        digests: Vec::new(),
        language: words.0,
        further: keys.iter().skip(1).cloned().collect(),
        initiator: Initiator { standpoint: Standpoint::Known, network: network.to_owned() },
    };
    Ok(approvals::prepare(ground, ask).await?)
}

/// Claims the link or asks once more, and asks the phone.
async fn write(unit: &mut Unit, asking: &Asking<'_>) -> Result<approvals::Asked, ResetError> {
    let Asking { reset, token, claims, prepared } = asking;
    approvals::require_unstopped(unit, reset.account).await?;
    if let Some(earlier) = reset.approval {
        approvals::supersede(unit, earlier).await?;
    }
    let asked = approvals::ask(unit, prepared).await?;
    let taken = match (claims, reset.approval) {
        (true, _) => store::claim(unit, reset.id, &secret::token_hash(token), asked.id).await?,
        (false, Some(earlier)) => store::ask_again(unit, reset.id, earlier, asked.id).await?,
        (false, None) => false,
    };
    if !taken {
        return Err(ResetError::Gone);
    }
    let event = audit::Event::new("reset.phone_asked", Author::Anyone, format!("reset:{}", reset.id)).fact("account", reset.account);
    audit::record(unit, event.fact("approval", asked.id)).await?;
    Ok(asked)
}
