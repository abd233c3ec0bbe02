//! Serial numbers of certificates: positive, at most 20 octets; our own carry at least 80 random bits.
//!
//! RFC 5280 section 4.1.2.2; S/MIME BR section 7.1 asks at least 64 bits from a CSPRNG. The caller brings the randomness. Those that are made in
//! numbers begin with the time: an index of them grows at its end, and what a restored backup does not know is never drawn again.

use std::fmt;

/// A positive serial number of 1 to 20 octets, without leading zeros.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Serial {
    length: u8,
    bytes: [u8; 20],
}

/// Why a serial number is refused (RFC 5280 section 4.1.2.2).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SerialError {
    /// Zero, or no octets at all.
    #[error("a serial number is positive")]
    NotPositive,
    /// Not hexadecimal, or an odd number of digits.
    #[error("a serial number is written in pairs of hexadecimal digits")]
    NotHexadecimal,
    /// Longer than 20 octets.
    #[error("a serial number has at most 20 octets; this has {octets}")]
    TooLong {
        /// Octets found.
        octets: usize,
    },
}

impl Serial {
    /// Makes one of our serials from 16 random octets: always 16 octets, never negative, 126 bits of them random.
    #[must_use]
    pub fn from_random(random: [u8; 16]) -> Self {
        let mut bytes = [0u8; 20];
        bytes[..16].copy_from_slice(&random);
        bytes[0] = (bytes[0] & 0x3f) | 0x40;
        Self { length: 16, bytes }
    }

    /// Makes one of our serials from the time (milliseconds since 1970, of which 46 bits are used) and 10 random octets: later ones are greater.
    #[must_use]
    pub fn from_time(milliseconds: u64, random: [u8; 10]) -> Self {
        let mut bytes = [0u8; 20];
        bytes[..6].copy_from_slice(&milliseconds.to_be_bytes()[2..]);
        bytes[6..16].copy_from_slice(&random);
        bytes[0] = (bytes[0] & 0x3f) | 0x40;
        Self { length: 16, bytes }
    }

    /// Reads big-endian octets; leading zeros are dropped.
    ///
    /// # Errors
    /// [`SerialError::NotPositive`] for zero, [`SerialError::TooLong`] above 20 octets.
    pub fn from_bytes(octets: &[u8]) -> Result<Self, SerialError> {
        let start = octets.iter().position(|byte| *byte != 0).ok_or(SerialError::NotPositive)?;
        let value = &octets[start..];
        let length = u8::try_from(value.len()).ok().filter(|length| *length <= 20).ok_or(SerialError::TooLong { octets: value.len() })?;
        let mut bytes = [0u8; 20];
        bytes[..value.len()].copy_from_slice(value);
        Ok(Self { length, bytes })
    }

    /// Reads hexadecimal, as [`fmt::Display`] writes it; upper or lower case.
    ///
    /// # Errors
    /// [`SerialError`] says why.
    pub fn parse(text: &str) -> Result<Self, SerialError> {
        let octets = hex::decode(text).map_err(|_| SerialError::NotHexadecimal)?;
        Self::from_bytes(&octets)
    }

    /// Big-endian octets without a sign octet.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// Whether it has the shape that [`Serial::from_random`] and [`Serial::from_time`] make.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.length == 16 && self.bytes[0] & 0xc0 == 0x40
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(self.as_bytes()))
    }
}

impl fmt::Debug for Serial {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Serial({self})")
    }
}
