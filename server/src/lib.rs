//! Segl, the server: the floors from the ground up, then the slices in call order (a slice calls only those below it).

pub mod config;
pub mod http;
pub mod platform;

pub mod app;
pub mod commands;
pub mod router;
