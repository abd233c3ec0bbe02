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
        let (life_years, price_ore) = (self.life_years.unwrap_or(3), self.price_ore.unwrap_or(9900));
        if !(3..=10).contains(&life_years) {
            faults.note("tokens.life_years", "must be 3 to 10");
        }
        if !(0..=1_000_000).contains(&price_ore) {
            faults.note("tokens.price_ore", "must be 0 to 1000000");
        }
        Tokens { life_years, price_ore }
    }
}
