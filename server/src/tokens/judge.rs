//! Looks at a typed code. The try is counted first, in a unit of its own, so that tries sent at once cannot outrun the count; a right code, redeemed,
//! sets it back.

use keycard::oath::{self, Span};

use super::{
    Standing, TokenError,
    jobs::{self, Happened},
    model::{LOOK_AHEAD, NEIGHBOURS, Reached, Sealed, TokenKind, WRONG_IN_A_ROW, context, subject},
    store,
};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{Connection, Unit},
        ground::Ground,
        id::{AccountId, CodeTokenId},
        moment::Moment,
    },
};

/// What became of a typed code; [`super::redeem`] burns it.
#[derive(Debug)]
pub struct Judged {
    pub(super) account: AccountId,
    pub(super) right: Option<(CodeTokenId, Reached)>,
}

impl Judged {
    /// Whose code it would be.
    pub const fn account(&self) -> AccountId {
        self.account
    }
}

/// Looks at a code, outside any unit.
///
/// # Errors
/// [`TokenError::NoToken`], [`TokenError::Quarantined`], [`TokenError::Waits`], [`TokenError::Worn`] when no code is looked at. A wrong code is no
/// error here, so that callers go on to [`super::redeem`] and refuse there.
pub async fn judge(ground: &Ground, account: AccountId, typed: &str) -> Result<Judged, TokenError> {
    let counted = ground.database.write(async |unit| {
        let counted = store::count_try(unit, account).await?;
        let event = audit::Event::new("code_token.code_tried", Author::Anyone, format!("account:{account}"));
        audit::record(unit, event.fact("counted", counted.is_some())).await?;
        Ok::<_, TokenError>(counted)
    });
    let Some(token) = counted.await? else {
        let now = ground.clock().now();
        return Err(why_not(&mut ground.database.read().await?, account, now).await?);
    };
    let now = ground.clock().now();
    let seed = open(ground, &token).await?;
    let span = match token.kind {
        TokenKind::Hotp => Span::ahead(token.counter, LOOK_AHEAD),
        TokenKind::Totp => Span::around(token.present(now), NEIGHBOURS),
    };
    let matched = oath::matched(token.oath, &seed, typed, span, token.counter);
    let right = matched.and_then(|matched| Reached::after(&token, matched, now)).map(|reached| (token.id, reached));
    if right.is_none() && token.tries == WRONG_IN_A_ROW {
        let id = token.id;
        ground.database.write(async |unit| note_quarantine(unit, account, id).await).await?;
    }
    Ok(Judged { account, right })
}

/// The last try that the token had was wrong: its holder is told.
pub(super) async fn note_quarantine(unit: &mut Unit, account: AccountId, token: CodeTokenId) -> Result<(), TokenError> {
    let event = audit::Event::new("code_token.quarantined", Author::System("tokens"), subject(token)).fact("account", account);
    audit::record(unit, event).await?;
    Ok(jobs::tell(unit, account, token, Happened::Quarantined).await?)
}

/// Opens a token's seed.
pub(super) async fn open(ground: &Ground, token: &Sealed) -> Result<zeroize::Zeroizing<Vec<u8>>, TokenError> {
    let (id, sealed) = (token.id, token.sealed.clone());
    Ok(ground.with_keystore(move |keystore| keystore.unwrap(&sealed, &context(id))).await?)
}

/// Why no code of a person is looked at.
async fn why_not(connection: &mut impl Connection, account: AccountId, now: Moment) -> Result<TokenError, TokenError> {
    let held = store::held(connection, account).await?;
    let Some(token) = held.first() else { return Ok(TokenError::NoToken) };
    Ok(match token.standing(now) {
        Standing::Active => TokenError::Waits { until: token.closed_until.unwrap_or(now) },
        Standing::Quarantined => TokenError::Quarantined,
        Standing::Worn => TokenError::Worn,
        Standing::Assigned | Standing::Blocked | Standing::Ended | Standing::Stock => TokenError::NoToken,
    })
}
