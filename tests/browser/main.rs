//! The pages as persons use them, in headless Chromium: the main job, accessibility, the keyboard, narrow screens, no scripts.
//! Each page that is looked at leaves its picture in `artifacts/browser/`.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod administration;
mod bulk;
mod carriers;
mod code_tokens;
mod consent;
mod danish;
mod desk;
mod driver;
mod english;
mod imported;
mod keyboard;
mod looks;
mod own_management;
mod phones;
mod posts;
mod service;
mod story;
