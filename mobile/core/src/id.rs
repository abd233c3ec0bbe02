//! Ids: 16 bytes, written as a UUID in small letters. A newtype for each, so that a phone is never taken for an approval.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::fault::{Fault, Rule};

/// Reads `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`, small letters only.
fn parse(field: &'static str, text: &str) -> Result<[u8; 16], Fault> {
    let bytes = text.as_bytes();
    if bytes.len() != 36 {
        return Err(Rule::WrongLength { expected: 36 }.at(field));
    }
    let mut id = [0_u8; 16];
    let mut nibbles = 0;
    for (place, sign) in bytes.iter().enumerate() {
        let value = match (place, sign) {
            (8 | 13 | 18 | 23, b'-') => continue,
            (8 | 13 | 18 | 23, _) => return Err(Rule::Unknown.at(field)),
            (_, b'0'..=b'9') => sign - b'0',
            (_, b'a'..=b'f') => sign - b'a' + 10,
            _ => return Err(Rule::Unknown.at(field)),
        };
        id[nibbles / 2] = id[nibbles / 2] << 4 | value;
        nibbles += 1;
    }
    Ok(id)
}

fn write(id: &[u8; 16], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (place, byte) in id.iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            formatter.write_str("-")?;
        }
        write!(formatter, "{byte:02x}")?;
    }
    Ok(())
}

macro_rules! identifier {
    ($name:ident, $field:literal, $says:literal) => {
        #[doc = $says]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 16]);

        impl $name {
            /// The 16 bytes.
            #[must_use]
            pub fn bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write(&self.0, formatter)
            }
        }

        impl FromStr for $name {
            type Err = Fault;

            fn from_str(text: &str) -> Result<Self, Fault> {
                parse($field, text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(D::Error::custom)
            }
        }
    };
}

identifier!(ApprovalId, "approval", "One request to a person. Extending its time makes a new payload under a new id.");
identifier!(PhoneId, "phone", "One pairing of one phone with one account.");
identifier!(ReleaseKeyId, "release key", "One release key of one server process.");
