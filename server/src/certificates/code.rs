//! Revocation codes: given with the certificates that were issued together, shown once, and enough to revoke them without a login.
//!
//! A code has 80 random bits; a row keeps only its HMAC under the keystore, so that neither the database nor its backup revokes anything.
//! Ten wrong codes within an hour close the network that they came from.

use std::collections::BTreeMap;

use certs::revocation::Reason;
use time::Duration;

use super::{
    By, Certificate, CertificateError, Revoker, Scope, State, Which, certified,
    finish::abandon,
    revoke::{revoke, seal_notices, tell_holders},
    store::{self, codes},
};
use crate::{
    audit,
    notices::Sealed,
    platform::{actor::Author, database::Unit, ground::Ground, id::CertificateId, random, secret::Secret},
    status,
};

const PURPOSE: &str = "certificates/revocation-code/v1";
/// Groups of four signs: 80 bits.
const GROUPS: usize = 4;
/// So many wrong codes from one network ...
const MOST_WRONG: i64 = 10;
/// ... within so long, and it must wait.
const WITHIN: Duration = Duration::hours(1);

/// A code that is shown once, and what the row keeps of it.
pub struct NewCode {
    /// As people read it: `7KQ2-MX4B-9TRA-HC3W`.
    pub code: Secret<String>,
    hash: [u8; 32],
}

/// Draws a code, outside the unit that stores it.
///
/// # Errors
/// When the keystore fails.
pub async fn draw(ground: &Ground) -> Result<NewCode, CertificateError> {
    let code = Secret::new(random::code(ground.random(), GROUPS));
    let hash = hash(ground, code.reveal()).await?;
    Ok(NewCode { code, hash })
}

/// Stores a code for these certificates, in the unit that intends them.
///
/// # Errors
/// When the database fails.
pub async fn give(unit: &mut Unit, code: &NewCode, certificates: &[CertificateId], author: Author) -> Result<(), CertificateError> {
    for certificate in certificates {
        codes::insert(unit, *certificate, &code.hash).await?;
        let event = audit::Event::new("revocation_code.given", author, format!("certificate:{certificate}"));
        audit::record(unit, event).await?;
    }
    Ok(())
}

/// Whether a typed text can be a code at all: what is none costs no try.
pub fn is_code(typed: &str) -> bool {
    random::is_code(&random::bare_code(typed), GROUPS)
}

/// Revokes every certificate that the code stands for and that is still active (or was revoked, when others may have its key); tells their holder. Gives them as they stand afterwards.
///
/// # Errors
/// [`CertificateError::CodeNotRight`], counted before this returns; [`CertificateError::TooManyTries`]; [`CertificateError::ReasonNotAllowed`];
/// [`CertificateError::AlreadyRevoked`] when none was left to revoke.
pub async fn revoke_with(ground: &Ground, typed: &str, reason: Reason, network: &str) -> Result<Vec<Certificate>, CertificateError> {
    if !Revoker::Code.may_give(reason) {
        return Err(CertificateError::ReasonNotAllowed);
    }
    let hash = hash(ground, typed).await?;
    let mut reader = ground.database.read().await?;
    let found = codes::certificates(&mut reader, &hash).await?;
    let all = certified::and_with_their_keys(&mut reader, found.clone(), reason).await?;
    drop(reader);
    let notices = seal_notices(ground, &all, reason).await?;
    ground.database.write(async |unit| decide(unit, &notices, (&found, reason), network).await).await??;
    status::witness_soon(ground).await;
    Ok(codes::certificates(&mut ground.database.read().await?, &hash).await?)
}

/// Inside the unit: a wrong code is counted and the unit kept, so the refusal is a value of its own.
async fn decide(
    unit: &mut Unit,
    notices: &BTreeMap<CertificateId, Sealed>,
    (found, reason): (&[Certificate], Reason),
    network: &str,
) -> Result<Result<(), CertificateError>, CertificateError> {
    let since = unit.now().plus(-WITHIN);
    if codes::count_try(unit, network, since).await? > MOST_WRONG {
        return Err(CertificateError::TooManyTries);
    }
    if found.is_empty() {
        let event = audit::Event::new("revocation_code.refused", Author::Anyone, "revocation_code:unknown").personal("network", network);
        audit::record(unit, event).await?;
        return Ok(Err(CertificateError::CodeNotRight));
    }
    codes::forgive_try(unit, network).await?;
    let mut revoked = 0;
    let by = By { author: Author::Anyone, scope: Scope::Everything, revoker: Some(Revoker::Code) };
    for certificate in found {
        let Some(now) = store::by_id(unit, certificate.id).await? else { continue };
        match now.state {
            // What was revoked for another reason may turn out to be stolen.
            State::Active | State::Revoked if now.may_be_revoked_for(reason) => {
                let ended = revoke(unit, by, Which::Id(certificate.id), reason).await?;
                revoked += ended.len();
                tell_holders(unit, &ended, notices).await?;
            }
            State::Intended => revoked += usize::from(abandon(unit, &now, Author::Anyone, reason).await?),
            State::Abandoned | State::Active | State::Revoked => {}
        }
    }
    Ok(if revoked == 0 { Err(CertificateError::AlreadyRevoked) } else { Ok(()) })
}

/// Counts of wrong codes that no longer matter. Gives how many rows went.
///
/// # Errors
/// When the database fails.
pub(super) async fn forget(unit: &mut Unit) -> Result<u64, CertificateError> {
    let before = unit.now().plus(-WITHIN);
    Ok(codes::forget_tries(unit, before).await?)
}

async fn hash(ground: &Ground, typed: &str) -> Result<[u8; 32], CertificateError> {
    let bare = Secret::new(random::bare_code(typed));
    Ok(ground.with_keystore(move |keystore| keystore.hmac(PURPOSE, bare.reveal().as_bytes())).await?)
}
