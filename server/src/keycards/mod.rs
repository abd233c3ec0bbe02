//! Printed key cards: a person answers a key number that the service chose with the key beside it, once.
//!
//! Promises: the same number is asked until it is answered (nobody can fish for a number that he knows); a key is redeemed by one
//! guarded change, so of many at once one wins; the former card dies with the first key of the new one; wrong keys are counted where they are decided; a question only shown is no failure.
//! A card's keys follow from one secret, sealed by the keystore; sheets are rendered when fetched and never stored.

mod ask;
mod ask_first;
mod block;
pub mod epoch;
mod error;
mod fetch;
mod issue;
pub mod jobs;
mod judge;
mod lost;
mod model;
mod order;
pub mod pages;
mod prefer;
pub mod read;
mod redeem;
pub mod render;
pub mod routes;
mod store;
mod switch;
#[cfg(test)]
mod tests;

pub use self::{
    ask::{ask, ask_of},
    ask_first::{FirstKey, FirstQuestion, ask_first, judge_first, redeem_first},
    block::{block, block_all},
    error::KeycardError,
    fetch::{Edition, Sheet, fetch},
    issue::{NewCard, issue, store},
    judge::{Judged, demo_key, demo_key_beside, judge},
    lost::{block_lost, card_number},
    model::{Keycard, KeycardState, Question},
    order::{hold, may_order, order, order_binding, order_by, order_for},
    prefer::{Preferences, prefer},
    redeem::redeem,
};
