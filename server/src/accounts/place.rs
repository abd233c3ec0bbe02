//! Where wrong tries are counted, and when there were too many. A known device has a count of its own, and so has each session, in whatever network:
//! what others do elsewhere counts for neither, and whoever has stolen one session closes no other. Everybody else is counted by network, and over all
//! networks.
//!
//! Five wrong in a row close a place for eight hours; twenty within a day close a session, however often its owner is right meanwhile. Twenty wrong
//! within a day from unknown devices, over all networks, close nothing: from then on an unknown device must answer with card or phone before a password is
//! looked at.

use time::Duration;

use super::{AccountError, Why, check_password::DAY, create::subject, jobs, store};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{Connection, Unit},
        id::{AccountId, DeviceId, SessionId},
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
    /// A session's; all API keys of a person, which have none, count as one.
    Session(Option<SessionId>),
}

impl Place {
    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Device(_) => "device",
            Self::Network => "network",
            Self::Session(_) => "session",
        }
    }

    /// What the count stands under.
    pub fn key(self, network: &str) -> String {
        match self {
            Self::Device(id) => format!("device {id}"),
            Self::Network => network.to_owned(),
            Self::Session(Some(id)) => format!("session {id}"),
            Self::Session(None) => "session of an API key".to_owned(),
        }
    }

    const fn closed(self) -> &'static str {
        match self {
            Self::Device(_) => "device_closed",
            Self::Network => "network_closed",
            Self::Session(_) => "session_closed",
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
    let (key, day_ago) = (tries.place.key(tries.network), now.plus(-DAY));
    let closed = store::closed_until(connection, tries.account, &key).await?.filter(|until| *until > now);
    if let Some(until) = closed {
        return Err(AccountError::TooManyTries { until, why: tries.why(tries.place.closed()) });
    }
    match tries.place {
        Place::Device(_) => Ok(()),
        Place::Network => {
            let day_wrong = store::day_wrong(connection, tries.account, tries.place.word(), day_ago).await?;
            let asked = day_wrong >= WRONG_IN_A_DAY && !tries.answered;
            if asked { Err(AccountError::AnswerFirst(tries.why(ASKED_FIRST))) } else { Ok(()) }
        }
        // Whoever has stolen this session tries between its owner's right ones; a fresh log-in has a count of its own.
        Place::Session(_) => {
            let closed = store::day_wrong_at(connection, tries.account, &key, day_ago).await? >= WRONG_IN_A_DAY;
            let why = tries.why(tries.place.closed());
            if closed { Err(AccountError::TooManyTries { until: now.plus(DAY), why }) } else { Ok(()) }
        }
    }
}

/// Takes the account for this unit, and refuses where too many were wrong: of many tries at once no more are decided than may be.
pub(super) async fn hold(unit: &mut Unit, tries: &Tries<'_>) -> Result<Result<(), AccountError>, AccountError> {
    if tries.exists {
        store::lock(unit, tries.account).await?;
    } else {
        store::lock_stranger(unit, tries.account).await?;
    }
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
    // Asked of strangers too: a wrong try costs the same for everybody.
    let all = store::day_wrong(unit, tries.account, Place::Network.word(), day_ago).await?;
    if !tries.exists {
        return Ok(());
    }
    if wrong == WRONG_IN_A_ROW && store::may_warn(unit, tries.account, "closed", day_ago).await? {
        jobs::tell_closed(unit, tries.account, closes_until).await?;
    }
    if tries.place == Place::Network && all >= WRONG_IN_A_DAY && store::may_warn(unit, tries.account, ASKED_FIRST, day_ago).await? {
        jobs::tell_asked_first(unit, tries.account).await?;
    }
    Ok(())
}
