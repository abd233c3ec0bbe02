//! `[tokens]`: how long code tokens serve, and what one costs.

use super::Faults;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Raw {
    life_years: Option<i64>,
    price_ore: Option<i64>,
}

/// The checked section.
#[derive(Clone, Copy, Debug)]
pub struct Tokens {
    /// A token serves for so long from the day it is first given to somebody.
    pub life_years: i64,
    /// What one costs, in øre: noted, not collected.
    pub price_ore: i64,
}

impl Raw {
    pub(super) fn check(self, faults: &mut Faults) -> Tokens {
        let mut bounded = |key: &str, given: Option<i64>, default: i64, least: i64, most: i64| {
            let value = given.unwrap_or(default);
            if !(least..=most).contains(&value) {
                faults.note(key, format!("must be {least} to {most}"));
            }
            value
        };
        Tokens {
            life_years: bounded("tokens.life_years", self.life_years, 3, 3, 10),
            price_ore: bounded("tokens.price_ore", self.price_ore, 9900, 0, 1_000_000),
        }
    }
}
