//! The stream of events of one phone: "look" when something new waits, "ended" when it waits no more, "phones" when the person's phones are others
//! than before, a sign of life in between.
//!
//! Nothing of a request is in it. Each event's id is the newest request that the phone was told of, so a phone that comes back with
//! `Last-Event-ID` is told of what came meanwhile, and of nothing twice.

use std::{collections::VecDeque, time::Duration};

use futures_util::{Stream, future::LocalBoxFuture, stream};
use keycard::wire::Event;

use super::{
    hub::{self, Listening},
    read,
};
use crate::{
    phones::{self, Phone},
    platform::{
        database::DatabaseError,
        ground::Ground,
        id::{AccountId, ApprovalId, PhoneId},
    },
};

/// A sign of life, so that a proxy does not close the connection and a phone notices a dead one.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Every so many signs of life it is asked whether the phone may still listen.
const ASK_EVERY: u32 = 4;

struct Telling {
    ground: Ground,
    account: AccountId,
    phone: PhoneId,
    listening: Listening,
    known: Vec<ApprovalId>,
    phones: Vec<PhoneId>,
    last: Option<ApprovalId>,
    ready: VecDeque<String>,
    beats: u32,
    begun: bool,
    looked: bool,
    over: bool,
}

/// The events of a phone from now on, each as its lines.
pub(super) fn stream(ground: &Ground, phone: &Phone, last: Option<ApprovalId>) -> impl Stream<Item = String> + use<> {
    let telling = Telling {
        ground: ground.clone(),
        account: phone.account,
        phone: phone.id,
        listening: hub::listen(ground, phone.account, phone.id),
        known: Vec::new(),
        phones: Vec::new(),
        last,
        ready: VecDeque::new(),
        beats: 0,
        begun: false,
        looked: false,
        over: false,
    };
    stream::unfold(telling, |mut telling| async move {
        let next = telling.next().await?;
        Some((next, telling))
    })
}

impl Telling {
    async fn next(&mut self) -> Option<String> {
        loop {
            if let Some(ready) = self.ready.pop_front() {
                return Some(ready);
            }
            if self.over || self.listening.is_displaced() {
                return None;
            }
            if let Err(error) = self.step().await {
                tracing::error!(%error, "a phone's events ended");
                return None;
            }
        }
    }

    async fn step(&mut self) -> Result<(), DatabaseError> {
        if !self.begun {
            self.begun = true;
            self.ready.push_back(": here\n\n".to_owned());
            return self.look().await;
        }
        if self.listening.hint(HEARTBEAT).await {
            return self.look().await;
        }
        self.beats += 1;
        self.ready.push_back(":\n\n".to_owned());
        if self.beats.is_multiple_of(ASK_EVERY) || !self.known.is_empty() {
            return self.look().await;
        }
        Ok(())
    }

    /// On the heap: a stream that waits, as thousands do, has no room for what a look needs.
    fn look(&mut self) -> LocalBoxFuture<'_, Result<(), DatabaseError>> {
        Box::pin(self.looked_up())
    }

    async fn looked_up(&mut self) -> Result<(), DatabaseError> {
        let mut reader = self.ground.database.read().await?;
        let usable = phones::read::usable(&mut reader, self.account).await?;
        if !usable.iter().any(|phone| phone.id == self.phone) {
            self.tell(&Event::Blocked);
            self.over = true;
            return Ok(());
        }
        let phones: Vec<_> = usable.iter().map(|phone| phone.id).collect();
        let is_other = !self.phones.is_empty() && self.phones != phones;
        self.phones = phones;
        let waiting = read::waiting_ids(&mut reader, self.account, self.ground.clock().now()).await?;
        let gone: Vec<_> = self.known.iter().filter(|id| !waiting.contains(id)).copied().collect();
        // A stream that goes on tells of every id that it has not seen: one that another node drew by a slower clock is not the greatest.
        let resumed = if self.looked { None } else { self.last };
        let is_new = waiting.iter().any(|id| !self.known.contains(id) && resumed.is_none_or(|last| *id > last));
        self.looked = true;
        self.last = self.last.max(waiting.iter().max().copied());
        for id in gone {
            self.tell(&Event::Ended { id: read::outer(id) });
        }
        if is_new {
            self.tell(&Event::Look);
        }
        if is_other {
            self.tell(&Event::Phones);
        }
        self.known = waiting;
        Ok(())
    }

    fn tell(&mut self, event: &Event) {
        let Ok(data) = serde_json::to_string(event) else { return };
        let id = self.last.map(|last| format!("id: {last}\n")).unwrap_or_default();
        self.ready.push_back(format!("{id}data: {data}\n\n"));
    }
}
