//! What companies' own programs are told: signed posts to addresses that an administrator chose, whenever something happens to their people.
//!
//! Promises: what happens and its telling are rows of one unit, so nothing is told that did not happen, and nothing that happened is forgotten;
//! each telling is tried eight times within a day and told at least once, under one id; it names ids and never a person. Posts are signed as
//! Standard Webhooks has it: HMAC-SHA256 over id, time and body. Refused: addresses inside, redirects, long answers. An address that takes nothing
//! for three days is told nothing more, and the administrators know. What is told is bounded: ten addresses, five thousand waiting at each.
//! In which order things arrive is not promised.
//!
//! The walk: [`tell`] (in the unit of the change) -> job [`jobs::deliver`] -> `sign` -> the company's server.

mod choose;
pub mod epoch;
mod error;
pub mod jobs;
mod model;
pub mod pages;
pub mod read;
pub mod routes;
mod secrets;
mod store;
mod tell;

pub use self::{
    choose::{NewWebhook, disable_all},
    error::WebhookError,
    model::{Delivery, DeliveryState, Event, EventKind, Fault, Webhook, WebhookState, Why},
    tell::{listening_among, tell, tell_all},
};
