//! Where wrong tries are counted, and when there were too many. A known device has a count of its own, and so has whoever is logged in: what others
//! do in the same network counts for neither. Everybody else is counted by network, and over all networks.
//!
//! Five wrong in a row close a place for eight hours. Twenty wrong within a day from unknown devices, over all networks, close nothing: from then on an
//! unknown device must answer with card or phone before a password is looked at.

use time::Duration;

use super::{AccountError, Why, check_password::DAY, create::subject, jobs, store};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{Connection, Unit},
        id::{AccountId, DeviceId},
        moment::Moment,
    },
};

/// So many wrong in a row close a place.
const WRONG_IN_A_ROW: i64 = 5;
/// For so long.
const CLOSED_FOR: Duration = Duration::hours(8);
/// The reason of a refusal that asks for card or phone first.
pub const ASKED_FIRST: &str = "asked_first";
/// After so many wrong in a day, over all networks, unknown devices are asked first.
pub(super) const WRONG_IN_A_DAY: i64 = 20;

/// Whose count it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A known device's.
    Device(DeviceId),
    /// That of the unknown devices of a network.
    Network,
    /// That of whoever is logged in, in a network.
    Session,
}

impl Place {
    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Device(_) => "device",
            Self::Network => "network",
            Self::Session => "session",
        }
    }

    /// What the count stands under.
    pub fn key(self, network: &str) -> String {
        match self {
            Self::Device(id) => format!("device {id}"),
            Self::Network => network.to_owned(),
            Self::Session => format!("session {network}"),
        }
    }

    const fn closed(self) -> &'static str {
        match self {
            Self::Device(_) => "device_closed",
            Self::Network => "network_closed",
            Self::Session => "session_closed",
        }
    }
}

/// One who tries, somewhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tries<'a> {
    pub account: AccountId,
    pub exists: bool,
    pub place: Place,
    pub network: &'a str,
    /// Whether card or phone has answered.
    pub answered: bool,
}

impl Tries<'_> {
    fn why(&self, reason: &'static str) -> Why {
        Why { account: self.account, exists: self.exists, reason }
    }
}

/// Refuses where too many were wrong.
pub(super) async fn refuse_closed(connection: &mut impl Connection, tries: &Tries<'_>, now: Moment) -> Result<(), AccountError> {
    let closed = store::closed_until(connection, tries.account, &tries.place.key(tries.network)).await?.filter(|until| *until > now);
    if let Some(until) = closed {
        return Err(AccountError::TooManyTries { until, why: tries.why(tries.place.closed()) });
    }
    let day_wrong = store::day_wrong(connection, tries.account, tries.place.word(), now.plus(-DAY)).await?;
    match tries.place {
        Place::Network if day_wrong >= WRONG_IN_A_DAY && !tries.answered => Err(AccountError::AnswerFirst(tries.why(ASKED_FIRST))),
        // Whoever has a session only, and not the password, tries from many networks; a fresh log-in is a proof without it.
        Place::Session if day_wrong >= WRONG_IN_A_DAY => {
            Err(AccountError::TooManyTries { until: now.plus(DAY), why: tries.why("session_closed") })
        }
        Place::Device(_) | Place::Network | Place::Session => Ok(()),
    }
}

/// Takes the account for this unit, and refuses where too many were wrong: of many tries at once no more are decided than may be.
pub(super) async fn hold(unit: &mut Unit, tries: &Tries<'_>) -> Result<Result<(), AccountError>, AccountError> {
    store::lock(unit, tries.account).await?;
    let now = unit.now();
    match refuse_closed(unit, tries, now).await {
        Ok(()) => Ok(Ok(())),
        Err(refused @ (AccountError::TooManyTries { .. } | AccountError::AnswerFirst(_))) => Ok(Err(refused)),
        Err(failed) => Err(failed),
    }
}

/// Counts a wrong try and writes down why; tells the person, once a day, of a place that closed and of the twentieth.
pub(super) async fn count(unit: &mut Unit, tries: &Tries<'_>, reason: &'static str) -> Result<(), AccountError> {
    let now = unit.now();
    let (closes_until, day_ago) = (now.plus(CLOSED_FOR), now.plus(-DAY));
    let counted = store::Counted { account: tries.account, place: tries.place.word(), key: tries.place.key(tries.network) };
    let wrong = store::note_wrong(unit, &counted, WRONG_IN_A_ROW, closes_until, day_ago).await?;
    let event = audit::Event::new("password.refused", Author::Anyone, subject(tries.account))
        .fact("reason", reason)
        .fact("place", tries.place.word())
        .fact("wrong_in_a_row", wrong)
        .personal("network", tries.network);
    audit::record(unit, event).await?;
    if !tries.exists {
        return Ok(());
    }
    if wrong == WRONG_IN_A_ROW && store::may_warn(unit, tries.account, "closed", day_ago).await? {
        jobs::tell_closed(unit, tries.account, closes_until).await?;
    }
    let all = store::day_wrong(unit, tries.account, Place::Network.word(), day_ago).await?;
    if tries.place == Place::Network && all >= WRONG_IN_A_DAY && store::may_warn(unit, tries.account, ASKED_FIRST, day_ago).await? {
        jobs::tell_asked_first(unit, tries.account).await?;
    }
    Ok(())
}
