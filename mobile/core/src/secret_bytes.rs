//! Thirty-two secret bytes: wiped when dropped, compared in constant time, never printed by accident.

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Thirty-two secret bytes that the caller drew from a cryptographic random source or opened from where they lay sealed: what opens a
/// signing key, the server's share of a vault key, a device token.
///
/// It cannot be printed:
///
/// ```compile_fail,E0277
/// println!("{:?}", keycard::Secret::new([7; 32]));
/// ```
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret([u8; 32]);

impl Secret {
    /// Takes the bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Draws the bytes.
    pub fn draw(random: &mut dyn rand_core::CryptoRngCore) -> Self {
        let mut secret = Self([0; 32]);
        random.fill_bytes(&mut secret.0);
        secret
    }

    /// The bytes, for using or sealing them.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether both are the same, in constant time.
    #[must_use]
    pub fn is(&self, other: &Secret) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}
