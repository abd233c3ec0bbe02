//! Segl, the server. Floors from the ground up, then the slices in reverse call order: a slice calls only those above its line here.

pub mod config;
pub mod http;
pub mod platform;

pub mod audit;
pub mod notices;
pub mod webhooks;

pub mod archives;
pub mod authorities;
pub mod status;
pub mod timestamps;

pub mod certificates;

pub mod directory;

pub mod accounts;
pub mod keycards;
pub mod phones;
pub mod tokens;

pub mod cpr_numbers;
pub mod proofing;

pub mod companies;
pub mod employees;
pub mod operators;

pub mod successions;

pub mod mandates;
pub mod recoveries;
pub mod reissues;

pub mod pushes;

pub mod approvals;

pub mod consents;

pub mod logins;

pub mod resets;

pub mod persons;

pub mod documents;

pub mod histories;

pub mod agendas;

pub mod app;
pub mod commands;
pub mod router;
