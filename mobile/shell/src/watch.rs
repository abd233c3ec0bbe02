//! Hears of what happens at the services, and tells the screens to look. The event stream is the quick way; where it does not open or
//! breaks, the screens are told to look every few seconds all the same: that is the polling. An event says nothing but "look".

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use keycard::PhoneId;
use keycard::wire::Event;

use crate::app::{App, held};
use crate::clock::counted_ms;
use crate::error::AppError;
use crate::link::{Link, Stream};
use crate::signature::Signature;

const AGAIN: Duration = Duration::from_secs(5);
const ROUND: Duration = Duration::from_secs(2);

/// What the screens are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Everything is locked.
    Locked,
    /// Something may have changed.
    Look,
    /// The person's phones are others than before.
    Phones,
    /// The system woke the app: something may wait.
    Woken,
}

/// Watches over all pairings for as long as the program runs.
pub fn watch(app: Arc<App>, tell: impl Fn(Told) + Clone + Send + 'static) {
    thread::spawn(move || {
        let mut streams: BTreeMap<PhoneId, thread::JoinHandle<()>> = BTreeMap::new();
        loop {
            for (id, signature) in app.signatures() {
                if streams.get(&id).is_none_or(thread::JoinHandle::is_finished) {
                    let tell = tell.clone();
                    let weak = Arc::downgrade(&signature);
                    streams.insert(id, thread::spawn(move || follow(&weak, &tell)));
                }
            }
            if app.lock_if_idle(counted_ms()) {
                tell(Told::Locked);
            }
            thread::sleep(ROUND);
        }
    });
}

/// Follows one service's events until the pairing is forgotten.
fn follow(signature: &std::sync::Weak<Mutex<Signature>>, tell: &impl Fn(Told)) {
    let mut last = None;
    while let Some(signature) = signature.upgrade() {
        let (link, bearer) = {
            let signature = held(&signature);
            (signature.link.clone(), signature.bearer())
        };
        drop(signature);
        let Ok(bearer) = bearer else { return };
        listen(&link, &bearer, &mut last, tell);
        tell(Told::Look);
        thread::sleep(AGAIN);
    }
}

/// Reads one stream to its end, remembering the last event's id for the next. Of phones that were paired or ended before it began no event tells: it begins
/// with a look at them.
pub fn listen(link: &Link, bearer: &keycard::wire::Bearer, last: &mut Option<String>, tell: &impl Fn(Told)) -> Option<AppError> {
    let since = last.clone();
    let begun = || tell(Told::Phones);
    let read = link.events(bearer, since.as_deref(), begun, |id, data| {
        if let Some(id) = id {
            *last = Some(id.to_owned());
        }
        match serde_json::from_str::<Event>(data) {
            Ok(Event::Phones) => tell(Told::Phones),
            Ok(_) => tell(Told::Look),
            Err(_) => {}
        }
        Stream::Goes
    });
    read.err()
}
