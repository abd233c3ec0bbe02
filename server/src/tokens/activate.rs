//! Its holder activates a token, or brings it into step again, by two codes that follow one another (RFC 4226 section 7.4).
//!
//! Activating, also after it was blocked, takes a fresh proof by card or phone: whoever found a token cannot. Bringing one that serves into step again
//! takes a session only, since it opens nothing. Both burn every code before.

use keycard::oath::{self, Span};

use super::{
    Standing, TokenError,
    jobs::{self, Happened},
    judge::{note_quarantine, open},
    model::{RESYNC_AHEAD, RESYNC_STEPS, Reached, TokenKind, WRONG_IN_A_ROW, subject},
    store,
};
use crate::{
    audit,
    platform::{actor::Actor, ground::Ground, id::CodeTokenId},
};

/// What the two codes are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Aim {
    Activate,
    Resync,
}

/// Makes a token active that was given to the person, blocked, or had too many wrong codes.
///
/// # Errors
/// [`TokenError::ProveAgain`]; [`TokenError::NotFound`]; [`TokenError::Worn`]; [`TokenError::Waits`]; [`TokenError::NotRight`].
pub async fn activate(ground: &Ground, actor: &Actor, token: CodeTokenId, codes: [&str; 2]) -> Result<(), TokenError> {
    if !actor.has_proven_by_card(ground.clock().now()) {
        return Err(TokenError::ProveAgain);
    }
    look(ground, actor, token, codes, Aim::Activate).await
}

/// Brings a token that serves into step again.
///
/// # Errors
/// As [`activate`], after any fresh proof: a session alone could put the token out of service by wrong codes. [`TokenError::Quarantined`].
pub async fn resync(ground: &Ground, actor: &Actor, token: CodeTokenId, codes: [&str; 2]) -> Result<(), TokenError> {
    if !actor.has_proven(ground.clock().now()) {
        return Err(TokenError::ProveAgain);
    }
    look(ground, actor, token, codes, Aim::Resync).await
}

async fn look(ground: &Ground, actor: &Actor, token: CodeTokenId, codes: [&str; 2], aim: Aim) -> Result<(), TokenError> {
    let (account, now) = (actor.account, ground.clock().now());
    let mut reader = ground.database.read().await?;
    let found = store::token(&mut reader, token).await?.filter(|found| found.account == Some(account)).ok_or(TokenError::NotFound)?;
    drop(reader);
    match (found.standing(now), aim) {
        (Standing::Worn, _) => return Err(TokenError::Worn),
        (Standing::Ended | Standing::Stock, _) | (Standing::Assigned | Standing::Blocked, Aim::Resync) => return Err(TokenError::NotFound),
        (Standing::Quarantined, Aim::Resync) => return Err(TokenError::Quarantined),
        (Standing::Active, _) | (Standing::Assigned | Standing::Blocked | Standing::Quarantined, Aim::Activate) => {}
    }
    let counted = ground.database.write(async |unit| {
        let counted = store::count_pair(unit, token, account).await?;
        let event = audit::Event::new("code_token.pair_tried", actor.author(), subject(token));
        audit::record(unit, event.fact("counted", counted.is_some())).await?;
        Ok::<_, TokenError>(counted)
    });
    let sealed = counted.await?.ok_or(TokenError::Waits { until: found.closed_until.unwrap_or(now) })?;
    let seed = open(ground, &sealed).await?;
    let span = match sealed.kind {
        TokenKind::Hotp => Span::ahead(sealed.counter, RESYNC_AHEAD),
        TokenKind::Totp => Span::around(sealed.present(now), RESYNC_STEPS),
    };
    let matched = oath::matched_pair(sealed.oath, &seed, codes, span, sealed.counter);
    let Some(reached) = matched.and_then(|matched| Reached::after(&sealed, matched, now)) else {
        if aim == Aim::Resync && sealed.tries == WRONG_IN_A_ROW {
            ground.database.write(async |unit| note_quarantine(unit, account, token).await).await?;
        }
        return Err(TokenError::NotRight);
    };
    let event = match aim {
        Aim::Activate => "code_token.activated",
        Aim::Resync => "code_token.resynchronised",
    };
    ground
        .database
        .write(async |unit| {
            let done = match aim {
                Aim::Activate => store::activate(unit, token, account, reached).await?,
                Aim::Resync => store::burn(unit, token, account, reached).await?,
            };
            if !done {
                return Err(TokenError::NotRight);
            }
            let event = audit::Event::new(event, actor.author(), subject(token)).fact("counter", reached.counter);
            audit::record(unit, event.fact("drift", reached.drift)).await?;
            if aim == Aim::Activate {
                jobs::tell(unit, account, token, Happened::Activated).await?;
            }
            Ok(())
        })
        .await
}
