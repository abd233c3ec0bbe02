//! Logging in: user id and password, then an answer on the phone or a key of the card, then a session. Proving oneself again. API keys of programs,
//! and those of companies.
//!
//! Promises: a session lives in a row, found by the hash of its token, ended by idleness, age, logging out or leaving the company; who
//! acts is looked up on every request. Every refusal looks the same; the true reason stands in the audit, and for the help desk under the reference of
//! the refusal. No phone is woken before a right password; a card or the code of a phone answers before it, where strangers have tried too often at
//! devices that are not known. Each question is answered once. An API key cannot do what needs a fresh proof.

pub mod account_pages;
mod answer;
mod approval;
pub mod approval_pages;
pub mod approval_routes;
mod block_person;
mod change_password;
mod change_telephone;
mod change_user_id;
pub mod device_routes;
mod end;
pub mod epoch;
mod error;
mod factor;
mod first_answer;
pub mod help_desk_pages;
pub mod jobs;
pub mod key_pages;
pub mod key_routes;
mod model;
pub mod pages;
pub mod phone_pages;
pub mod phone_routes;
mod prove;
pub mod read;
pub mod refusal_routes;
mod refusals;
pub mod routes;
mod start;
mod store;
mod switch_card;
pub mod telephone_pages;
pub mod telephone_routes;
#[cfg(test)]
mod tests;
mod token;
pub mod token_pages;
mod tokens;
pub mod user_id_pages;
pub mod user_id_routes;
mod who_is;

pub use self::{
    answer::{Opened, answer},
    approval::{answer_by_code, answer_by_phone, answer_proof_by_phone, not_asked, standing},
    block_person::{Blocked, block_person},
    change_password::change_password,
    change_telephone::{change_telephone, masked_telephone},
    change_user_id::change_user_id,
    end::{end, end_all, end_others},
    error::LoginError,
    model::{ApiToken, MOST_TOKENS, Refusal, Session},
    prove::{answer_proof, ask_proof, require_recent},
    start::{Origin, Started, start},
    switch_card::{Chosen, switch_card},
    token::{answer_by_token, answer_proof_by_token, takes_token},
    tokens::{NewToken, create_token, end_token},
    who_is::Sessions,
};
