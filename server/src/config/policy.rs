//! `[policy]`: rules that an operator may choose, each with its default.

use certs::{keystore::KeyKind, profiles::Family};

use super::{Faults, Mode};
use crate::platform::{limits, password::Hashing, words::Language};

/// Whether a CVR number must pass modulus 11. Test numbers fail it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CvrChecksum {
    /// It may fail.
    NotChecked,
    /// It must pass.
    #[default]
    Required,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Raw {
    cvr_checksum: CvrChecksum,
    activation_days: Option<i64>,
    session_idle_minutes: Option<i64>,
    session_hours: Option<i64>,
    document_bytes: Option<usize>,
    seals_per_hour: Option<i64>,
    imports_per_hour: Option<i64>,
    imported_people_per_day: Option<i64>,
    cards_per_day: Option<i64>,
    reissue_hours: Option<i64>,
    operator_wait_hours: Option<i64>,
    language: Language,
    hashing: Hashing,
    policy_arc: Option<String>,
    family: Option<String>,
    issuing_key: Option<String>,
}

/// The checked section.
#[derive(Clone, Debug)]
pub struct Policy {
    /// CVR numbers.
    pub cvr_checksum: CvrChecksum,
    /// How long an activation link and its temporary password live.
    pub activation_days: i64,
    /// A session ends after so long without a request.
    pub session_idle_minutes: i64,
    /// A session ends after so long in any case.
    pub session_hours: i64,
    /// The largest document, bytes.
    pub document_bytes: usize,
    /// So many documents a company may seal within an hour.
    pub seals_per_hour: i64,
    /// So many files with a certificate of somebody else a company may try to import within an hour.
    pub imports_per_hour: i64,
    /// So many people a company may import from files within a day.
    pub imported_people_per_day: i64,
    /// So many key cards a person may order within a day, those that were blocked again too.
    pub cards_per_day: i64,
    /// So long after an administrator had a forgotten password replaced the new certificates wait, unless the person's old phone lets them go.
    pub reissue_hours: i64,
    /// So long the invitation of a second operator with the role security waits, while there is one alone.
    pub operator_wait_hours: i64,
    /// The language when a browser names none.
    pub language: Language,
    /// Argon2id's costs.
    pub hashing: Hashing,
    /// The arc of our certificate policies, when not the default.
    pub policy_arc: Option<String>,
    /// How a new issuing authority names those whom it certifies.
    pub family: Family,
    /// The key of a new issuing authority.
    pub issuing_key: KeyKind,
}

impl Raw {
    pub(super) fn check(self, _mode: Mode, faults: &mut Faults) -> Policy {
        let mut bounded = |key: &str, given: Option<i64>, default: i64, least: i64, most: i64| {
            let value = given.unwrap_or(default);
            if !(least..=most).contains(&value) {
                faults.note(key, format!("must be {least} to {most}"));
            }
            value
        };
        let activation_days = bounded("policy.activation_days", self.activation_days, 7, 1, 60);
        let session_idle_minutes = bounded("policy.session_idle_minutes", self.session_idle_minutes, 20, 1, 720);
        let session_hours = bounded("policy.session_hours", self.session_hours, 8, 1, 24);
        let seals_per_hour = bounded("policy.seals_per_hour", self.seals_per_hour, 100, 1, 100_000);
        let imports_per_hour = bounded("policy.imports_per_hour", self.imports_per_hour, 20, 1, 1000);
        let imported_people_per_day = bounded("policy.imported_people_per_day", self.imported_people_per_day, 40_000, 1, 1_000_000);
        let cards_per_day = bounded("policy.cards_per_day", self.cards_per_day, 10, 1, 100);
        // A certificate begins at most 48 hours before it is signed (S/MIME Baseline Requirements 6.3.2).
        let reissue_hours = bounded("policy.reissue_hours", self.reissue_hours, 24, 0, 47);
        let operator_wait_hours = bounded("policy.operator_wait_hours", self.operator_wait_hours, 24, 1, 144);
        let document_bytes = self.document_bytes.unwrap_or(limits::DOCUMENT_BYTES);
        if !(1024..=500 * 1024 * 1024).contains(&document_bytes) {
            faults.note("policy.document_bytes", "must be 1024 to 524288000");
        }
        if self.hashing.memory_kib < 8 * 1024 || self.hashing.passes == 0 || self.hashing.lanes == 0 || self.hashing.lanes > 16 {
            faults.note("policy.hashing", "memory_kib must be at least 8192, passes at least 1, lanes 1 to 16");
        }
        let family = self.family.as_deref().map_or(Some(Family::Default), Family::parse).unwrap_or_else(|| {
            faults.note("policy.family", "must be default or oces2");
            Family::Default
        });
        let issuing_key = self.issuing_key.as_deref().map_or(Some(KeyKind::EcP256), KeyKind::parse).unwrap_or_else(|| {
            faults.note("policy.issuing_key", "must be p256, p384, rsa3072 or rsa4096");
            KeyKind::EcP256
        });
        Policy {
            cvr_checksum: self.cvr_checksum,
            activation_days,
            session_idle_minutes,
            session_hours,
            document_bytes,
            seals_per_hour,
            imports_per_hour,
            imported_people_per_day,
            cards_per_day,
            reissue_hours,
            operator_wait_hours,
            language: self.language,
            hashing: self.hashing,
            policy_arc: self.policy_arc,
            family,
            issuing_key,
        }
    }
}
