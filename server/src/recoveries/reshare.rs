//! Two administrators share again: each shows the password; the second one's moves every key from the company's old generations to the present.

use super::{RecoveryError, standing::entitled, store};
use crate::{
    accounts::{self, Who},
    archives::{self, Lock, Released},
    audit,
    platform::{actor::Actor, ground::Ground, secret::Secret},
};

/// What sharing again led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reshared {
    /// So many keys moved to the present generation.
    pub moved: usize,
    /// So many old generations still wait for another administrator who held a share of them.
    pub waiting: usize,
}

/// Takes what others passed on, and passes one's own shares on to the other administrators, right after a fresh proof.
///
/// # Errors
/// [`RecoveryError::ProveAgain`], [`RecoveryError::Account`] for a wrong password.
pub async fn reshare(ground: &Ground, actor: &Actor, password: &Secret<String>, network: &str) -> Result<Reshared, RecoveryError> {
    if !actor.has_proven(ground.clock().now()) {
        return Err(RecoveryError::ProveAgain);
    }
    let company = actor.company.ok_or(RecoveryError::NotFound)?;
    let proven = accounts::check_password(ground, Who::LoggedIn(actor), password, network).await?;
    let lock = Lock::of_person(actor.account, &proven.salt, &proven.prk, proven.strength);
    let mut reader = ground.database.read().await?;
    let passed = store::passed_to(&mut reader, lock.holder(), ground.clock().now()).await?;
    let holders = entitled(&mut reader, company).await?;
    drop(reader);
    let passed: Vec<Released> = passed.into_iter().map(|(company_key, sealed)| Released { company_key, sealed }).collect();
    let moved = archives::move_on(ground, company, &lock, &passed, actor.author()).await?;
    let behind = archives::behind(ground, company).await?;
    let mut onward = Vec::new();
    for other in holders.iter().filter(|other| other.holder != lock.holder() && !other.is_signatory()) {
        let shares = archives::pass_on(ground, &lock, &behind, other.holder).await?;
        onward.extend(shares.into_iter().map(|share| (other.holder, share)));
    }
    ground
        .database
        .write(async |unit| {
            store::forget_passed(unit, lock.holder()).await?;
            for (to, share) in &onward {
                store::pass_on(unit, share.company_key, (lock.holder(), *to), &share.sealed).await?;
            }
            let event = audit::Event::new("share.passed_on", actor.author(), format_args!("company:{company}")).company(company);
            let event = event.fact("moved", moved).fact("generations", behind.len()).fact("shares", onward.len());
            audit::record(unit, event).await.map_err(RecoveryError::from)
        })
        .await?;
    Ok(Reshared { moved, waiting: behind.len() })
}
