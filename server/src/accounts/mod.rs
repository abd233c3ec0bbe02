//! Accounts: user ids, passwords, first activations. Employees and operators log in with one. And the API keys of companies.
//!
//! Promises: a password is stretched once and kept as a verifier that only this keystore can compute; every refusal looks and costs
//! the same; wrong tries are counted by network, by known device and by day in the unit that decides, so that tries sent at once cannot outrun the
//! count, and strangers' tries close no known device, and no unknown one to an owner whose card works or whose phone shows codes.
//! Refuses: user ids that look like another number, and passwords that break a rule of [`Password::parse`].

mod activation;
mod api_keys;
mod check_password;
mod create;
mod devices;
pub mod epoch;
mod error;
pub mod jobs;
mod meet;
mod model;
mod password;
mod place;
mod protect;
pub mod read;
mod rest;
mod routes;
mod store;
mod user_id;

pub use self::{
    activation::{claim_activation, code_verifier, code_verifiers, invite, invite_all, temporary_password, try_code, withdraw_activations},
    api_keys::{
        NewApiKey, Wanted, api_keys, create_api_key, end_api_key, end_api_keys_of, live_api_key, note_foreign, note_guessing, note_use,
    },
    check_password::{Refused, Who, check_password, count_answer, hold_answer},
    create::{
        block, change_user_id, create, create_all, forgive, hold_active, hold_operators, is_still_under, rename, resume, set_password,
        set_roles, suspend,
    },
    devices::{LoggedIn, devices_of, forget_device, forget_devices, hold_account, know_device},
    error::AccountError,
    jobs::Happened,
    meet::{Met, meet},
    model::{
        Account, AccountKind, AccountState, Activation, ActivationState, ApiKey, Device, KEY_DAYS, MOST_DEVICES, NewAccount, NewActivation,
        Proven, Why,
    },
    password::Password,
    place::ASKED_FIRST,
    protect::{Protected, protect},
    read::activation_by_link,
    rest::{end_password, lacks_password, rest, wake},
    user_id::UserId,
};
