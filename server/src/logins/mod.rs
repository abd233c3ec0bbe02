//! Logging in: user id and password, then an answer on the phone or a key of the card, then a session. Proving oneself again. API keys of programs.
//!
//! Promises: a session lives in a row, found by the hash of its token, ended by idleness, age, logging out or leaving the company; who
//! acts is looked up on every request. Every refusal looks the same, the true reason stands in the audit. Card and phone are asked only
//! after a right password; each question is answered once. An API key cannot do what needs a fresh proof.

pub mod account_pages;
mod answer;
mod approval;
pub mod approval_pages;
pub mod approval_routes;
mod change_password;
mod end;
pub mod epoch;
mod error;
mod factor;
pub mod jobs;
mod model;
pub mod pages;
pub mod phone_pages;
pub mod phone_routes;
mod prove;
pub mod read;
pub mod routes;
mod start;
mod store;
mod switch_card;
#[cfg(test)]
mod tests;
mod tokens;
mod who_is;

pub use self::{
    answer::{Opened, answer},
    approval::{answer_by_code, answer_by_phone, answer_proof_by_phone, not_asked, standing},
    change_password::change_password,
    end::{end, end_all, end_others},
    error::LoginError,
    model::{ApiToken, MOST_TOKENS, Session},
    prove::{answer_proof, ask_proof, require_recent},
    start::{Origin, Started, start},
    switch_card::{Chosen, switch_card},
    tokens::{NewToken, create_token, end_token},
    who_is::Sessions,
};
