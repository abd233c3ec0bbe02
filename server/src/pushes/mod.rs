//! Wakes a phone that does not listen, through whoever can reach it: a UnifiedPush or Web Push server, Apple's service, Google's.
//!
//! **Promises.** What is sent says "look" and nothing else: no name, no title, no number. It is of use as long as the request that it is about, and
//! asks the server to forget it then. The address that a phone named is spoken to over HTTPS, and never one inside (`platform::outgoing`). An
//! address that its server calls gone is forgotten.
//!
//! **Refusals.** A way that this service does not offer: [`offered`] says which it does.
//!
//! **The walk.** `approvals` enqueues a job in the unit that asks -> [`send`] -> [`Push::push`] of [`web_push`], [`apns`] or [`fcm`] -> [`Outcome`].

mod apns;
mod error;
mod fcm;
mod jwt;
mod model;
mod offer;
mod routes;
mod send;
mod vapid;
mod web_push;

pub use self::{
    error::PushError,
    model::{Look, Outcome, Push},
    offer::offered,
    routes::configure,
    send::send,
};
