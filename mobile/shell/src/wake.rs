//! Has each paired service know how this phone is woken, and keeps it true: after pairing, whenever the system reports another address, and when the
//! person turns wake-ups off.
//!
//! **Promises.** An address is sent once to the service of each pairing, and again only when it is another, or when the service says at a start that
//! it has forgotten it; a service that is away is told later. Turned off, each service that was told is told so. Everything here works while the app is locked: it needs no key. A wake-up makes the
//! screens look, and tells them nothing.
//!
//! **What is kept.** An address is a capability: whoever has it, with the phone's key for it, can wake this phone. So it is not kept here at all, only
//! its hash, in a file of the pairing's own folder: enough to know whether another came, and of no use to a thief. The system is asked for
//! the address at each start of the program, as UnifiedPush, Google and Apple want it; what those keep they keep themselves.
//!
//! **Refusals.** A service that does not offer the phone's way, or will not have the address, is asked again at the next start and not before.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use keycard::PhoneId;
use keycard::wire::{Bearer, Exact, Wake, WakeOffered};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tauri_plugin_wake::{Others, Platform, Report, Way};

use crate::app::{App, Wakes, held};
use crate::clock::counted_ms;
use crate::error::AppError;
use crate::files;
use crate::link::Link;
use crate::watch::Told;

/// The file beside the keys.
pub const WAKE_FILE: &str = "wake.json";
/// The route of a phone that says how it is woken.
pub const WAKE_PATH: &str = "wake";
/// So long after a failure the service, or the system, is asked again; then twice as long, and so on.
pub const FIRST_AGAIN_MS: u64 = 30_000;
const LAST_AGAIN_MS: u64 = 30 * 60 * 1000;
const ROUND: Duration = Duration::from_secs(2);
/// Reports that nobody has looked at yet; more are dropped.
const REPORTS: usize = 64;

/// How waking stands for one pairing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// The system has been asked for an address.
    Asked,
    /// The system gives none: there is no distributor, or the person does not want it.
    Nowhere,
    /// The service does not offer this way.
    NotOffered,
    /// The person turned it off.
    Off,
    /// The service will not have the address.
    Refused,
    /// The service knows how to wake this phone.
    Registered,
    /// The service is away: it is told later.
    Unreached,
}

/// What the screen with the settings shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WakesView {
    /// Through whom this device is woken.
    pub way: Way,
    /// How it stands, by pairing.
    pub standings: BTreeMap<String, Standing>,
}

/// What a service was told last.
#[derive(Serialize, Deserialize)]
struct Sent {
    digest: Exact<32>,
}

fn digest(wake: &Wake) -> Result<Exact<32>, AppError> {
    let bytes = serde_json::to_vec(wake).map_err(|_| AppError::Storage)?;
    Ok(Exact(Sha256::digest(bytes).into()))
}

/// Where one pairing is reached, as far as the system has said.
#[derive(Clone)]
enum Address {
    Asked,
    At(Wake),
    Nowhere,
    Unasked,
}

/// What is known of one pairing since the program began.
struct Place {
    address: Address,
    offered: Option<WakeOffered>,
    /// From when there is something to do; nothing: there is not.
    due_ms: Option<u64>,
    busy: bool,
    failures: u32,
    standing: Standing,
}

impl Place {
    fn new() -> Self {
        Self { address: Address::Unasked, offered: None, due_ms: Some(0), busy: false, failures: 0, standing: Standing::Asked }
    }

    /// Not before a while is over, and ever longer.
    fn later(&mut self, now_ms: u64) {
        let wait = (FIRST_AGAIN_MS << self.failures.min(10)).min(LAST_AGAIN_MS);
        self.failures += 1;
        // A report that came meanwhile is looked at as soon as it was to be.
        self.due_ms.get_or_insert(now_ms.saturating_add(wait));
    }
}

struct Places {
    wakes: Wakes,
    all: BTreeMap<PhoneId, Place>,
}

impl Places {
    fn found_everywhere(&mut self, address: &Address) {
        self.all.values_mut().for_each(|place| found(Some(place), address));
    }
}

/// All pairings and the system that wakes this phone.
pub struct Waking {
    app: Arc<App>,
    platform: Box<dyn Platform>,
    places: Mutex<Places>,
}

/// What has to be told to one service.
struct Reached {
    link: Link,
    bearer: Bearer,
    file: PathBuf,
}

impl Reached {
    fn sent(&self) -> Option<Sent> {
        // A file that does not read is one that is not there: the address is sent once more.
        files::read(&self.file).ok().flatten()
    }

    fn tell(&self, wake: &Wake) -> Result<(), AppError> {
        self.link.tell("PUT", WAKE_PATH, Some(&self.bearer), wake)
    }
}

impl Waking {
    /// Nothing is asked yet.
    #[must_use]
    pub fn new(app: Arc<App>, platform: Box<dyn Platform>) -> Self {
        let wakes = app.wakes();
        Self { app, platform, places: Mutex::new(Places { wakes, all: BTreeMap::new() }) }
    }

    /// What the settings show.
    #[must_use]
    pub fn view(&self) -> WakesView {
        let places = held(&self.places);
        WakesView { way: self.platform.way(), standings: places.all.iter().map(|(id, place)| (id.to_string(), place.standing)).collect() }
    }

    /// Takes a report of the system. Says whether the screens are to look.
    pub fn hear(&self, report: Report, now_ms: u64) -> Option<Told> {
        let mut places = held(&self.places);
        match report {
            Report::Endpoint { pairing, endpoint, public_key, secret } => {
                let address = Address::At(Wake::WebPush { endpoint, public_key, secret });
                found(places.all.get_mut(&pairing), &address);
            }
            Report::Failed { pairing: Some(pairing), again } => failed(places.all.get_mut(&pairing), again, now_ms),
            Report::Failed { pairing: None, again } => {
                places.all.values_mut().for_each(|place| failed(Some(place), again, now_ms));
            }
            Report::Gone { pairing } => found(places.all.get_mut(&pairing), &Address::Nowhere),
            Report::Registration { token } if self.platform.way() == Way::Fcm => places.found_everywhere(&Address::At(Wake::Fcm { token })),
            // Kotlin was built with Google's SDK, and this half without: no service can be told of the token.
            Report::Registration { .. } => places.all.values_mut().for_each(|place| failed(Some(place), false, now_ms)),
            Report::Token { token } => places.found_everywhere(&Address::At(Wake::Apns { token })),
            Report::Woken => return Some(Told::Woken),
        }
        None
    }

    /// Pairings for which there is something to do. Each is to be settled: it is nobody else's until it is.
    pub fn due(&self, now_ms: u64) -> Vec<PhoneId> {
        let paired: BTreeSet<PhoneId> = self.app.signatures().into_iter().map(|(id, _)| id).collect();
        let wakes = self.app.wakes();
        let mut places = held(&self.places);
        let turned = std::mem::replace(&mut places.wakes, wakes) != wakes;
        let gone: Vec<PhoneId> = places.all.keys().filter(|id| !paired.contains(*id)).copied().collect();
        places.all.retain(|id, _| paired.contains(id));
        for id in paired {
            let place = places.all.entry(id).or_insert_with(Place::new);
            if turned {
                *place = Place { busy: place.busy, ..Place::new() };
            }
        }
        let is_due = |place: &Place| !place.busy && place.due_ms.is_some_and(|due_ms| due_ms <= now_ms);
        let mut due = Vec::new();
        for (id, place) in places.all.iter_mut().filter(|(_, place)| is_due(place)) {
            (place.busy, place.due_ms) = (true, None);
            due.push(*id);
        }
        drop(places);
        // What was paired once and is no more leaves nothing with the system either.
        gone.into_iter().for_each(|id| self.give_up(id));
        due
    }

    fn give_up(&self, id: PhoneId) {
        let remains = held(&self.places).all.iter().any(|(other, place)| *other != id && matches!(place.address, Address::At(_)));
        self.platform.forget(id, if remains { Others::Remain } else { Others::None });
    }

    /// Does what is to be done for one pairing, and waits for its service.
    pub fn settle(&self, id: PhoneId, now_ms: u64) {
        let settled = self.bring_about(id);
        let mut places = held(&self.places);
        let Some(place) = places.all.get_mut(&id) else { return };
        place.busy = false;
        match settled {
            // The system has not answered yet: what failed before still counts.
            Ok(Standing::Asked) => place.standing = Standing::Asked,
            Ok(standing) => (place.standing, place.failures) = (standing, 0),
            // It offers this way no more.
            Err(AppError::Refused { status: 409, .. }) => place.standing = Standing::NotOffered,
            // Nothing of it was told yet; it is, once it can be.
            Err(AppError::Busy | AppError::NoConnection | AppError::Untrusted | AppError::Storage) => {
                place.standing = Standing::Unreached;
                place.later(now_ms);
            }
            Err(_) => place.standing = Standing::Refused,
        }
    }

    fn bring_about(&self, id: PhoneId) -> Result<Standing, AppError> {
        let reached = self.reached(id)?;
        if held(&self.places).wakes == Wakes::Off {
            // The telephone's system first: whatever the service answers, nothing rings any more.
            self.give_up(id);
            self.tell_nowhere(&reached)?;
            return Ok(Standing::Off);
        }
        let Some(offered) = self.offered(id, &reached)? else { return Ok(Standing::NotOffered) };
        let address = held(&self.places).all.get(&id).map(|place| place.address.clone());
        match address {
            Some(Address::At(wake)) => tell_address(&reached, &wake),
            Some(Address::Nowhere) => self.tell_nowhere(&reached).map(|()| Standing::Nowhere),
            Some(Address::Unasked) => {
                // Before it is asked: it may answer at once.
                self.set_address(id, Address::Asked);
                let asked = self.platform.register(id, offered.web_push.filter(|_| self.platform.way() == Way::WebPush));
                asked.map(|()| Standing::Asked).or_else(|_| {
                    self.set_address(id, Address::Nowhere);
                    Ok(Standing::Nowhere)
                })
            }
            Some(Address::Asked) | None => Ok(Standing::Asked),
        }
    }

    fn set_address(&self, id: PhoneId, address: Address) {
        if let Some(place) = held(&self.places).all.get_mut(&id) {
            place.address = address;
        }
    }

    fn reached(&self, id: PhoneId) -> Result<Reached, AppError> {
        let signature = self.app.signature(&id.to_string())?;
        let signature = held(&signature);
        Ok(Reached { link: signature.link.clone(), bearer: signature.bearer()?, file: signature.folder.join(WAKE_FILE) })
    }

    /// What the service offers, if it is the phone's way; asked for once.
    fn offered(&self, id: PhoneId, reached: &Reached) -> Result<Option<WakeOffered>, AppError> {
        let known = held(&self.places).all.get(&id).and_then(|place| place.offered.clone());
        let offered = match known {
            Some(offered) => offered,
            // An older service knows no such question, and wakes nobody.
            None => match reached.link.get::<WakeOffered>(WAKE_PATH, &reached.bearer) {
                Err(AppError::NotFound) => return Ok(None),
                told => told?,
            },
        };
        if offered.kept == Some(false) && held(&self.places).all.get(&id).is_some_and(|place| place.offered.is_none()) {
            // Its push server called the address gone. The system may give the same one again: it is told like a new one.
            files::remove(&reached.file)?;
        }
        if let Some(place) = held(&self.places).all.get_mut(&id) {
            place.offered = Some(offered.clone());
        }
        let fits = match self.platform.way() {
            Way::Apns => offered.apns,
            Way::Fcm => offered.fcm,
            Way::None => false,
            Way::WebPush => offered.web_push.is_some(),
        };
        Ok(Some(offered).filter(|_| fits))
    }

    fn tell_nowhere(&self, reached: &Reached) -> Result<(), AppError> {
        if reached.sent().is_none() {
            return Ok(());
        }
        reached.tell(&Wake::None)?;
        files::remove(&reached.file)
    }
}

fn tell_address(reached: &Reached, wake: &Wake) -> Result<Standing, AppError> {
    let digest = digest(wake)?;
    if reached.sent().is_some_and(|sent| sent.digest == digest) {
        return Ok(Standing::Registered);
    }
    // Whether it was told is unsure from here on, also for whoever is killed in between: turned off it is told so in any case.
    files::write(&reached.file, &Sent { digest: Exact([0; 32]) })?;
    reached.tell(wake)?;
    files::write(&reached.file, &Sent { digest })?;
    Ok(Standing::Registered)
}

fn found(place: Option<&mut Place>, address: &Address) {
    if let Some(place) = place {
        place.address = address.clone();
        (place.due_ms, place.failures) = (Some(0), 0);
    }
}

fn failed(place: Option<&mut Place>, again: bool, now_ms: u64) {
    let Some(place) = place else { return };
    // An address that is known is good until the system says that it is gone.
    if matches!(place.address, Address::At(_)) {
        return;
    }
    if again {
        place.address = Address::Unasked;
        place.later(now_ms);
    } else {
        place.address = Address::Nowhere;
        place.due_ms = Some(0);
    }
}

/// Watches over waking for as long as the program runs. On a device that nothing wakes there is nothing to watch over.
pub fn watch(waking: &Arc<Waking>, tell: impl Fn(Told) + Send + 'static) {
    if waking.platform.way() == Way::None {
        return;
    }
    let waking = Arc::clone(waking);
    thread::spawn(move || {
        let (send, reports) = mpsc::sync_channel(REPORTS);
        let hears = waking.platform.watch(Box::new(move |report| {
            let _ = send.try_send(report);
        }));
        if hears.is_err() {
            return;
        }
        loop {
            match reports.recv_timeout(ROUND) {
                Ok(report) => waking.hear(report, counted_ms()).into_iter().for_each(&tell),
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                // Nothing reports any more; what is to be told is told all the same.
                Err(mpsc::RecvTimeoutError::Disconnected) => thread::sleep(ROUND),
            }
            for id in waking.due(counted_ms()) {
                let waking = Arc::clone(&waking);
                // A service that hangs holds up no other.
                thread::spawn(move || waking.settle(id, counted_ms()));
            }
        }
    });
}
