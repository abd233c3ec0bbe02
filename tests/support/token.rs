//! A code token in somebody's hand: its seed, its button, its clock.

use keycard::oath::{Code, Digits, Hash, Kind};

use crate::world::World;

/// A token whose codes a button moves on, or the time.
#[derive(Clone, Debug)]
pub struct HandToken {
    /// The number on its back.
    pub serial: String,
    seed: Vec<u8>,
    kind: Kind,
    /// Presses so far.
    pub presses: u64,
    /// Steps that its clock is ahead.
    pub ahead: i64,
}

impl HandToken {
    /// One with six digits, its seed following from its serial number.
    pub fn new(serial: &str) -> Self {
        let seed = serial.bytes().cycle().take(20).collect();
        Self { serial: serial.to_owned(), seed, kind: Kind { hash: Hash::Sha1, digits: Digits::Six }, presses: 0, ahead: 0 }
    }

    /// Its line in a file of tokens: `serial,seed_hex,kind`.
    pub fn line(&self, kind: &str) -> String {
        format!("{},{},{kind}\n", self.serial, hex::encode(&self.seed))
    }

    /// Presses the button, and reads the code.
    ///
    /// # Panics
    /// Never: the seed is one.
    pub fn press(&mut self) -> String {
        self.presses += 1;
        Code::at_step(self.kind, &self.seed, self.presses - 1).unwrap().expose().to_owned()
    }

    /// The code that its clock shows, so many steps from now.
    ///
    /// # Panics
    /// Never: the seed is one.
    pub fn shows(&self, world: &World, from_now: i64) -> String {
        let now = u64::try_from(segl::platform::clock::Clock::now(&world.clock).millis()).unwrap_or(0) / 30_000;
        Code::at_step(self.kind, &self.seed, now.saturating_add_signed(self.ahead + from_now)).unwrap().expose().to_owned()
    }
}
